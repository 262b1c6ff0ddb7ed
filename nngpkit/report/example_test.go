package report_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/report"
)

// A notebook records the numbers that it states; the file of results has one line
// of JSON each.
func Example() {
	dir, err := os.MkdirTemp("", "results")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "results.jsonl")
	os.Setenv(report.ResultsEnv, file)
	defer os.Unsetenv(report.ResultsEnv)
	if err := report.Record("02.official.tau", 0.41, 0.35, 0.47, 268); err != nil {
		fmt.Println(err)
		return
	}
	line, err := os.ReadFile(file)
	fmt.Print(string(line))
	fmt.Println(err)
	// Output:
	// {"kind":"result","name":"02.official.tau","value":0.41,"lo":0.35,"hi":0.47,"n":268}
	// <nil>
}

func ExampleBracket() {
	fmt.Println(report.Bracket(&corr.Interval{Estimate: 0.412, Lower: 0.351, Upper: 0.468}, 2))
	// Output: 0.41 [0.35, 0.47]
}

func ExamplePlural() {
	fmt.Println(report.Plural(1, "cell"), "of", report.Plural(2, "cell"))
	// Output: 1 cell of 2 cells
}
