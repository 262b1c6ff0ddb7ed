// Command scores50 shows that the scores do not move with the engine. It
// scores 50 cells of NAS-Bench-101 on CIFAR-10 at every instruction set that
// this processor runs, and prints them beside before.csv, which holds the
// scores of commit 92c1b74:
//
//	go run ./bench/scores50
//
// The cells are nasbench.Sample(50, 1), of stem 16; 500 training and 250
// validation images, 4 members, everything else as nngpkit.Config has it. The
// images are CIFAR-10's, found as `nngplab data` finds them. With -wide it is the
// first 8 of these cells at stem 128, 100 + 200 images, 2 members, as the public
// notebook has them, and before128.csv.
//
// Both tables were made, beside this command's own files, in a checkout of
// 92c1b74, whose only vectorized level was avx2:
//
//	NNGPLAB_SIMD=avx2 go run ./bench/scores50 -make > before.csv
//	NNGPLAB_SIMD=avx2 go run ./bench/scores50 -wide -make > before128.csv
//
// With -markdown FILE the table of all cells goes to FILE, and the summary that
// belongs into docs/PERFORMANCE.md to standard output: bench/scores50.py puts
// both in their places.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// folder is where the tables are, relative to the repository.
const folder = "bench/scores50"

func main() {
	make := flag.Bool("make", false, "write the scores of the engine in use as CSV")
	levels := flag.String("levels", "portable,avx2,avx512", "instruction sets to compare, where the processor runs them")
	cells := flag.Int("cells", 50, "how many of the cells at most")
	broad := flag.Bool("wide", false, "stem 128")
	markdown := flag.String("markdown", "", "write the table of all cells there")
	flag.Parse()
	s := small
	if *broad {
		s = wide
	}
	s.cells = min(s.cells, *cells)
	if err := run(s, *make, strings.Split(*levels, ","), *markdown); err != nil {
		fmt.Fprintln(os.Stderr, "scores50:", err)
		os.Exit(1)
	}
}

func run(s setting, create bool, levels []string, markdown string) error {
	ctx := context.Background()
	set, err := imageset.Load("cifar10")
	if err != nil {
		return err
	}
	if create {
		rows, err := sample(s.cells)
		if err != nil {
			return err
		}
		for i := range rows {
			if _, err := rows[i].score(ctx, set, s); err != nil {
				return err
			}
		}
		return writeRows(os.Stdout, rows)
	}
	before := filepath.Join(folder, s.before)
	f, err := os.Open(before)
	if err != nil {
		return fmt.Errorf("run it from the root of the repository: %w", err)
	}
	defer f.Close()
	rows, err := readRows(f)
	if err != nil {
		return fmt.Errorf("%s: %w", before, err)
	}
	c, err := compare(ctx, set, rows[:min(s.cells, len(rows))], levels, s)
	if err != nil {
		return err
	}
	if markdown == "" {
		c.cells(os.Stdout)
		c.summary(os.Stdout)
		return nil
	}
	var out bytes.Buffer
	c.cells(&out)
	c.summary(os.Stdout)
	return wholefile.Write(markdown, out.Bytes())
}

// comparison is the scores of the same cells by several engines.
type comparison struct {
	before []row
	names  []string // levels
	after  [][]row
	// allowed is what rounding explains, for each cell and score.
	allowed [][scores]float64
}

// compare scores the cells at every level that runs here.
func compare(ctx context.Context, set *imageset.Set, rows []row, levels []string, s setting) (*comparison, error) {
	c := &comparison{before: rows}
	for _, l := range levels {
		if err := use(l); err != nil {
			fmt.Fprintf(os.Stderr, "%s: left out: %v\n", l, err)
			continue
		}
		after := append([]row(nil), rows...)
		for i := range after {
			r, err := after[i].score(ctx, set, s)
			if err != nil {
				return nil, err
			}
			if len(c.names) == 0 {
				allowed, err := rounding(ctx, r, len(set.Classes), s)
				if err != nil {
					return nil, err
				}
				c.allowed = append(c.allowed, allowed)
			}
			fmt.Fprintf(os.Stderr, "\r%s: %d of %d", l, i+1, len(after))
		}
		fmt.Fprintln(os.Stderr)
		c.names = append(c.names, l)
		c.after = append(c.after, after)
	}
	if len(c.names) == 0 {
		return nil, fmt.Errorf("none of the levels %v runs here", levels)
	}
	return c, nil
}

// cells prints a table with a row for each cell.
func (c *comparison) cells(w io.Writer) {
	fmt.Fprint(w, "| cell |")
	for _, name := range scoreNames {
		fmt.Fprintf(w, " %s before |", name)
		for _, l := range c.names {
			fmt.Fprintf(w, " %s |", l)
		}
	}
	fmt.Fprint(w, "\n|---|", strings.Repeat("---:|", scores*(1+len(c.names))), "\n")
	for i, b := range c.before {
		fmt.Fprintf(w, "| `%.8s` |", b.hash)
		for k, v := range b.score3 {
			fmt.Fprintf(w, " %s |", format(k, v))
			for l := range c.names {
				fmt.Fprintf(w, " %s |", format(k, c.after[l][i].score3[k]))
			}
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
}

// summary prints, for each level and score, the largest difference from
// before and how much of what rounding explains that is.
func (c *comparison) summary(w io.Writer) {
	fmt.Fprint(w, "| score | spread over the cells |")
	for _, l := range c.names {
		fmt.Fprintf(w, " largest difference, %s |", l)
	}
	fmt.Fprint(w, " explained by rounding |\n|---|---:|", strings.Repeat("---:|", 1+len(c.names)), "\n")
	for k, name := range scoreNames {
		fmt.Fprintf(w, "| %s | %s |", name, format(k, spread(c.before, k)))
		for l := range c.names {
			worst := 0.0
			for i, b := range c.before {
				worst = math.Max(worst, math.Abs(c.after[l][i].score3[k]-b.score3[k]))
			}
			fmt.Fprintf(w, " %.2g |", worst)
		}
		allowed := 0.0
		for _, a := range c.allowed {
			allowed = math.Max(allowed, a[k])
		}
		fmt.Fprintf(w, " %.2g |\n", allowed)
	}
}

// spread returns the standard deviation of a score over the cells.
func spread(rows []row, k int) float64 {
	var sum, sq float64
	for _, r := range rows {
		sum += r.score3[k]
	}
	mean := sum / float64(len(rows))
	for _, r := range rows {
		sq += (r.score3[k] - mean) * (r.score3[k] - mean)
	}
	return math.Sqrt(sq / float64(len(rows)))
}

func format(score int, v float64) string {
	if score == 0 {
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("%.6f", v)
}
