package published_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/nngplab/nngplab/nngpkit/published"
)

func Example() {
	for _, s := range published.Sources() {
		fmt.Println(s.Name, "of", s.Space)
	}
	// Output:
	// benchmark of nasbench101
	// official of nasbench101
	// retrained of nasbench101
	// uniform of nasbench101
	// nasbench201 of nasbench201
	// accel of mnasnet
	// accel-short of mnasnet
	// accel-long of mnasnet
}

// A table that is not on this machine is an error that says where it was looked
// for.
func ExampleSource_Open() {
	os.Setenv("NNGPLAB_DATA", "/nowhere")
	os.Setenv("XDG_CACHE_HOME", "/nowhere")
	defer os.Unsetenv("NNGPLAB_DATA")
	defer os.Unsetenv("XDG_CACHE_HOME")
	s, err := published.Find("official")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = s.Open(context.Background())
	var missing *published.NotFoundError
	fmt.Println(errors.As(err, &missing))
	// Output: true
}
