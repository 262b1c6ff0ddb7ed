package study

import (
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/campaign"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// KernelSample is a uniform sample of the whole space of which the paper's kernel was
// computed: see campaign.OpenKernels.
type KernelSample struct {
	Table   *campaign.Whole
	Cells   *truth.Cells   // those that have all signals
	Signals []truth.Signal // of the kernel, of noise, and free counts
}

// Kernels returns the sample, with the signals of noise of the table of the space.
func (w *WholeSpace) Kernels() (*KernelSample, error) {
	table, err := campaign.OpenKernels()
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	return w.kernels(table)
}

func (w *WholeSpace) kernels(table *campaign.Whole) (*KernelSample, error) {
	own := []truth.Signal{
		{Column: "kernel_accuracy", Label: "NNGP accuracy"},
		{Column: "kernel_whole_loo_squared_error", Label: "leave-one-out error", Lower: true},
	}
	k := &KernelSample{Table: table, Signals: append(append(own, w.Signals...), truth.Conv3x3)}
	cells, err := sampledCells(table, own)
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	k.Cells = cells
	if err := w.AddTo(k.Cells); err != nil {
		return nil, err
	}
	if k.Cells.Len() == 0 {
		return nil, fmt.Errorf("study: no cell of the sample has all signals")
	}
	return k, nil
}

// sampledCells returns the cells of a table that have all of some signals.
func sampledCells(table *campaign.Whole, signals []truth.Signal) (*truth.Cells, error) {
	all, err := table.Plan.Architectures()
	if err != nil {
		return nil, err
	}
	at := make(map[string]space.Architecture, len(all))
	for _, a := range all {
		at[a.Key()] = a
	}
	keys := table.Frame.Col(frame.KeyColumn).Records()
	known := make([]bool, len(keys))
	for i := range known {
		known[i] = true
	}
	for _, s := range signals {
		x, err := frame.FloatsOrNaN(table.Frame, s.Column)
		if err != nil {
			return nil, err
		}
		for i, v := range x {
			known[i] = known[i] && !math.IsNaN(v)
		}
	}
	out := &truth.Cells{Name: "the sample", About: table.String()}
	var rows []int
	for i, key := range keys {
		if a, ok := at[key]; !ok {
			return nil, fmt.Errorf("%s is none of the plan's cells", key)
		} else if known[i] {
			out.Architectures = append(out.Architectures, a)
			rows = append(rows, i)
		}
	}
	df, err := frame.Checked(table.Frame.Subset(rows))
	out.Frame = df
	return out, err
}

// Lines says how large the sample is, and in which setting the kernels are.
func (k *KernelSample) Lines() report.Lines {
	m := k.Table.Plan.Measurements[0].Kernel
	return report.Lines{
		k.Table.String(),
		fmt.Sprintf("%d + %d images of %s, stem %d, %s, normalization %s", m.Train, m.Val, m.Images, m.Width, report.Plural(m.Members, "member"), m.Norm),
		fmt.Sprintf("%s are left out: one of the signals is not defined", report.Plural(k.Table.Frame.Nrow()-k.Cells.Len(), "cell")),
	}
}

// Among returns the cells of tables of published accuracies that are in the sample, with
// the signals of its kernels.
func (k *KernelSample) Among(tables []*truth.Cells) ([]*truth.Cells, error) {
	columns := []string{frame.KeyColumn, k.Signals[0].Column, k.Signals[1].Column}
	var out []*truth.Cells
	for _, t := range tables {
		c := *t
		if err := c.Add(k.Cells.Frame.Select(columns)); err != nil {
			return nil, fmt.Errorf("study: %w", err)
		}
		if c.Len() > 0 {
			out = append(out, &c)
		}
	}
	return out, nil
}
