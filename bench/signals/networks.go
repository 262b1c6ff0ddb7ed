package main

import (
	"context"
	"fmt"
	"io"

	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// mobileGaps are the differences that networks prints: what is added to what.
var mobileGaps = [][2]string{
	{"roots_last", "stage_roots"}, {"roots_late", "stage_roots"}, {"mobile", "roots_late"}, {"mobile", "stage_roots"},
	{"counts_c", "parameters_macs"}, {"log_expansion_c", "parameters_log_expansion"},
}

// networks prints how well signals, kernels and counts rank networks of the MnasNet
// space: the half of Accel-NASBench's table that reports, and the networks with long
// training; and how well trainings foretell each other.
func (o options) networks(ctx context.Context, w io.Writer) error {
	signals, err := study.OpenSignals(ctx, "accel", "accel-long")
	if err != nil {
		return err
	}
	tables, err := signals.Reporting("accel")
	if err != nil {
		return err
	}
	cfg := study.CompareConfig{Resamples: o.resamp}
	for _, t := range tables {
		if t.Cells.Name == "accel-long" {
			if err := t.Cells.AddTraining(ctx, 16); err != nil {
				return err
			}
			runs, err := study.RunsAgree(ctx, t.Cells, study.Runs{Name: "16 epochs", Columns: []string{"short1", "short2", "short3"}},
				study.Runs{Name: "long training", Columns: []string{"run1", "run2", "run3"}}, cfg)
			if err != nil {
				return err
			}
			fmt.Fprintln(w, runs)
		}
	}
	m, err := study.MeasureSignals(ctx, tables, append(study.MobileRecipes(), study.One(truth.Training(16), "")), cfg)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, m)
	for _, g := range mobileGaps {
		fmt.Fprintln(w, m.Minus(g[0], g[1]))
	}
	return nil
}
