// Command experiment times the scoring of cells as the public notebook of
// arXiv:2011.06006 does it: 250 random cells, here drawn uniformly from the
// space, at stem 128 by 2 members on 100 training and 200 validation images,
// with normalization batches of 100.
//
//	experiment               all 250 cells
//	experiment -cells 12     the first 12 of the same 250
//	experiment -cell "MATRIX OPS"    one cell, for the memory it takes
//
// It prints one JSON object; progress goes to standard error.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/nngplab/nngplab/bench/peak"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// published is the number of cells of the experiment.
const published = 250

type result struct {
	Go       string    `json:"go"`
	Images   string    `json:"images"`
	Cells    int       `json:"cells"`
	Scored   []float64 `json:"scores"`
	Seconds  float64   `json:"seconds"`
	FLOPs    float64   `json:"flops"`     // of the cells that were scored
	AllFLOPs float64   `json:"all_flops"` // of all cells asked for
	PeakMiB  float64   `json:"peak_mib"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "experiment:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cells := flag.Int("cells", published, "how many of the 250 cells to score")
	seed := flag.Uint64("seed", 1, "of the sample of cells")
	cell := flag.String("cell", "", "score this cell instead: rows of the matrix and inner operations")
	stem := flag.Int("stem", nasbench.StemWidth, "channels of the stem")
	train := flag.Int("train", 100, "training images")
	val := flag.Int("val", 200, "validation images")
	members := flag.Int("members", 2, "random copies of the network")
	flag.Parse()
	specs, err := choose(*cell, *seed)
	if err != nil {
		return err
	}
	set, _, err := imageset.LoadOrDrawn("cifar10") // its name says which
	if err != nil {
		return err
	}
	cfg := nngpkit.Config{Train: *train, Val: *val, Members: *members, Pool: new(forward.Pool), GP: gp.Config{SkipDensity: true}}
	r := result{Go: runtime.Version(), Images: set.Name, Cells: min(*cells, len(specs))}
	if err := r.score(ctx, specs, set, *stem, cfg); err != nil {
		return err
	}
	if r.PeakMiB, err = peak.MiB(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func choose(cell string, seed uint64) ([]nasbench.Spec, error) {
	if cell == "" {
		return nasbench.Sample(published, seed)
	}
	matrix, ops, _ := strings.Cut(cell, " ")
	s, err := nasbench.Parse(matrix, "input,"+ops+",output")
	return []nasbench.Spec{s}, err
}

// score times the first r.Cells of the specs, building each network included.
func (r *result) score(ctx context.Context, specs []nasbench.Spec, set *imageset.Set, stem int, cfg nngpkit.Config) error {
	shape := arch.Shape{H: set.H, W: set.W, C: set.C}
	for _, s := range specs {
		net, err := s.Network(stem, shape)
		if err != nil {
			return err
		}
		r.AllFLOPs += float64(net.FLOPs())
	}
	start := time.Now()
	for i, s := range specs[:r.Cells] {
		net, err := s.Network(stem, shape)
		if err != nil {
			return err
		}
		e, err := nngpkit.Evaluate(ctx, net, set, cfg)
		if err != nil {
			return err
		}
		r.FLOPs += float64(net.FLOPs())
		r.Scored = append(r.Scored, e.BestAccuracy)
		fmt.Fprintf(os.Stderr, "\r  %d of %d cells, %.0f s", i+1, r.Cells, time.Since(start).Seconds())
	}
	fmt.Fprintln(os.Stderr)
	r.Seconds = time.Since(start).Seconds()
	return nil
}
