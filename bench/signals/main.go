// Command signals measures label-free signals of random networks on cells whose
// accuracies are published, and reports how well they rank them.
//
//	signals -space nasbench101 -seeds 5 -out DIR      measure, resuming what is there
//	signals -space nasbench101 -report -out DIR       report
//	signals -space nasbench101 -agree 100             compare NASWOT and Zen-score with published values
//
// The tables of accuracies are looked for in the folders of NNGPLAB_DATA. Cells
// are split in two: a half on which everything was chosen, and one that reports.
// Of NAS-Bench-101 the last digit of the hash decides (even chooses), of
// NAS-Bench-201 a checksum of the cell's text.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// options are the flags.
type options struct {
	space   string
	seeds   int
	width   int
	stage   int // cells in a stage of NAS-Bench-201
	half    string
	every   int
	threads int
	out     string
	groups  string
	need    string
}

func main() {
	var o options
	flag.StringVar(&o.space, "space", "nasbench101", "nasbench101 (uniform_subset.csv) or nasbench201 (cells.csv)")
	flag.IntVar(&o.seeds, "seeds", 5, "seeds of weights and images")
	flag.IntVar(&o.width, "width", 8, "channels of the stem")
	flag.IntVar(&o.stage, "stage", 1, "cells in a stage of NAS-Bench-201")
	flag.StringVar(&o.half, "half", "all", "cells to measure: choose, report or all")
	flag.IntVar(&o.every, "every", 1, "of these, every so-manyth")
	flag.IntVar(&o.threads, "threads", runtime.GOMAXPROCS(0), "cells measured at a time, one thread each")
	flag.StringVar(&o.out, "out", "build/signals", "folder of what was measured, a file a group and seed")
	flag.StringVar(&o.groups, "groups", "recommended,noise,jacobian,peers", "what to measure: recommended (what MeasureNoise does), noise (entropies and sensitivities of more images), jacobian (how Jacobians of images differ), peers (codes, NASWOT, Zen-score, and the pair of maxima kernels where CIFAR-10 is at hand)")
	flag.StringVar(&o.need, "need", "noise_entropy", "of the report: the column that a cell must have for all seeds; entropy where only the group noise was measured")
	report := flag.Bool("report", false, "report what was measured")
	agree := flag.Int("agree", 0, "compare peers with published values on so many cells instead")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := func() error {
		if *agree > 0 {
			return o.agree(ctx, *agree, os.Stdout)
		}
		cells, err := readCells(o)
		if err != nil {
			return err
		}
		if *report {
			return o.report(ctx, cells, os.Stdout)
		}
		// Block by block, so that what is there can be reported at any time.
		for block := range slices.Chunk(cells, 40) {
			for _, g := range strings.Split(o.groups, ",") {
				for seed := range o.seeds {
					if err := o.measure(ctx, block, g, uint64(seed)); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "signals:", err)
		os.Exit(1)
	}
}

// file returns the file of one group and seed.
func (o options) file(group string, seed uint64) string {
	name := fmt.Sprintf("%s-width%d", o.space, o.width)
	if o.space == "nasbench201" {
		name += fmt.Sprintf("-stage%d", o.stage)
	}
	return filepath.Join(o.out, fmt.Sprintf("%s-%s-seed%d.csv", name, group, seed))
}
