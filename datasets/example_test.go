package datasets_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/nngplab/nngplab/datasets"
)

// A set is known by its manifest, whether or not it is on this machine.
func Example() {
	m, err := datasets.Get("cifar10")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Title, len(m.Sources[0].SHA256) == 64)
	// Output: CIFAR-10 true
}

// A set that is nowhere is an error that says where it was looked for and how to
// get it.
func ExampleFind() {
	os.Setenv(datasets.EnvData, "/nowhere")
	os.Setenv("XDG_CACHE_HOME", "/nowhere")
	defer os.Unsetenv(datasets.EnvData)
	defer os.Unsetenv("XDG_CACHE_HOME")
	_, err := datasets.Find("cifar10")
	var missing *datasets.MissingError
	fmt.Println(errors.As(err, &missing))
	// Output: true
}
