// Command curves measures the signals of noise along one setting at a time, on
// cells of the uniform sample of NAS-Bench-101 that settings are chosen on: the
// half whose hashes end in an even digit.
//
//	curves -every 2 -seeds 2 -out datasets/signals/curves.csv
//
// The file has a row a cell and seed; its columns are named SIGNAL/SETTING/VALUE,
// such as entropy/members/4. All other settings are the recommended ones (see
// nngpkit.NoiseConfig). It is written when all cells are done.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"runtime"
	"sort"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"golang.org/x/sync/errgroup"

	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/space"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
)

func main() {
	every := flag.Int("every", 2, "take every so-manyth of the cells")
	seeds := flag.Int("seeds", 2, "seeds of weights and images")
	threads := flag.Int("threads", runtime.GOMAXPROCS(0), "cells measured at a time, one thread each")
	out := flag.String("out", "datasets/signals/curves.csv", "file to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *every, *seeds, *threads, *out); err != nil {
		fmt.Fprintln(os.Stderr, "curves:", err)
		os.Exit(1)
	}
}

// row is what was measured of one cell with one seed.
type row struct {
	hash   string
	seed   int
	values map[string]float64
}

func run(ctx context.Context, every, seeds, threads int, out string) error {
	if every < 1 || seeds < 1 || threads < 1 {
		return fmt.Errorf("every %d cells, %d seeds, %d threads: want positive numbers", every, seeds, threads)
	}
	cells, err := choosingCells(ctx, every)
	if err != nil {
		return err
	}
	rows := make([]row, seeds*len(cells))
	for seed := range seeds {
		im, err := drawImages(uint64(seed))
		if err != nil {
			return err
		}
		if err := measureAll(ctx, cells, im, threads, rows[seed*len(cells):][:len(cells)]); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "seed %d: %d cells\n", seed, len(cells))
	}
	return wholefile.Place(out, func(w io.Writer) error { return frame.WriteCSV(w, table(rows)) })
}

// measureAll measures the cells with one seed, side by side.
func measureAll(ctx context.Context, cells []space.Architecture, im *images, threads int, rows []row) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(threads)
	for i, c := range cells {
		g.Go(func() error {
			m := &measurer{images: im, pool: pools.Get().(*forward.Pool), values: map[string]float64{}}
			defer pools.Put(m.pool)
			if err := m.cell(ctx, c); err != nil {
				return fmt.Errorf("%s: %w", c.Key(), err)
			}
			rows[i] = row{c.Key(), int(im.seed), m.values}
			return nil
		})
	}
	return g.Wait()
}

// table returns the rows as a frame, its columns in order of name. A value that is
// not defined, such as the entropy of a dead network, is missing. Values have six
// digits: more would be noise.
func table(rows []row) dataframe.DataFrame {
	found := map[string]bool{}
	for _, r := range rows {
		for name := range r.values {
			found[name] = true
		}
	}
	var names []string
	for name := range found {
		names = append(names, name)
	}
	sort.Strings(names)
	hashes, seeds := make([]string, len(rows)), make([]int, len(rows))
	cols := make([][]float64, len(names))
	for i, r := range rows {
		hashes[i], seeds[i] = r.hash, r.seed
		for k, name := range names {
			v, ok := r.values[name]
			if !ok || math.IsInf(v, 0) {
				v = math.NaN()
			}
			cols[k] = append(cols[k], sixDigits(v))
		}
	}
	out := []series.Series{series.New(hashes, series.String, frame.KeyColumn), series.New(seeds, series.Int, "seed")}
	for k, name := range names {
		out = append(out, series.New(cols[k], series.Float, name))
	}
	return dataframe.New(out...)
}

func sixDigits(v float64) float64 {
	if v == 0 || math.IsNaN(v) {
		return v
	}
	scale := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}
