// Command gen writes a file in the layout of NAS-Bench-101's official ones,
// with real cells and made-up results, for tests and measurements at full
// scale:
//
//	go run ./nngpkit/nasbench/gen -o only108.tfrecord
//	go run ./nngpkit/nasbench/gen -o full.tfrecord -budgets 4,12,36,108
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

func main() {
	out := flag.String("o", "", "file to write")
	cells := flag.Int("cells", 0, "number of cells; 0 for all")
	repeats := flag.Int("repeats", 3, "runs of each cell and budget")
	budgets := flag.String("budgets", "108", "budgets in epochs, separated by commas")
	seed := flag.Uint64("seed", 0, "seed of the values")
	shuffle := flag.Bool("shuffle", false, "write the records in random order")
	flag.Parse()
	opts := nasbench.SyntheticOptions{Cells: *cells, Repeats: *repeats, Seed: *seed, Shuffle: *shuffle}
	if err := generate(*out, *budgets, opts); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(path, budgets string, opts nasbench.SyntheticOptions) error {
	if path == "" || flag.NArg() > 0 {
		return fmt.Errorf("usage: gen -o FILE [-cells N] [-repeats N] [-budgets 4,12,36,108] [-seed N] [-shuffle]")
	}
	for _, text := range strings.Split(budgets, ",") {
		b, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("budget %q is no number", text)
		}
		opts.Budgets = append(opts.Budgets, b)
	}
	return wholefile.Place(path, func(w io.Writer) error { return nasbench.WriteSynthetic(w, opts) })
}
