package study

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/campaign"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// TestKernels joins kernels of some cells with a swept space of some of them: cells
// that one of the two lacks are left out, each keeps its own values.
func TestKernels(t *testing.T) {
	ctx := context.Background()
	nb101, err := space.Find("nasbench101")
	if err != nil {
		t.Fatal(err)
	}
	all, err := nb101.Sample(40, 3)
	if err != nil {
		t.Fatal(err)
	}
	w := sweptSpace(t, all[:30])
	list, err := campaign.ListOf(ctx, "a test", all[10:])
	if err != nil {
		t.Fatal(err)
	}
	drawn := func(string) (*imageset.Set, error) { return imageset.Drawn(40, 1), nil }
	m := campaign.Measurement{Name: "kernel", Kernel: campaign.KernelOf("mine",
		sweep.Setting{Width: 8, Train: 12, Val: 6, Members: 1, Norm: forward.EMA}, "raw", []string{"accuracy", "whole_loo_squared_error"})}
	p, err := campaign.NewPlan("nasbench101", list, []campaign.Measurement{m}, []uint64{0}, drawn)
	if err != nil {
		t.Fatal(err)
	}
	table := sweptTable(t, p, drawn)
	k, err := w.kernels(table)
	if err != nil {
		t.Fatal(err)
	}
	if n := k.Cells.Len(); n < 10 || n > 20 || n != k.Cells.Frame.Nrow() {
		t.Fatalf("%d of 20 common cells, %d rows", n, k.Cells.Frame.Nrow())
	}
	accuracies := map[string]float64{}
	for i, v := range table.Frame.Col("kernel_accuracy").Float() {
		accuracies[table.Frame.Col("hash").Elem(i).String()] = v
	}
	places := k.Cells.Frame.Col(SpacePlaceColumn).Float()
	for i, v := range k.Cells.Frame.Col("kernel_accuracy").Float() {
		key := k.Cells.Architectures[i].Key()
		if key != k.Cells.Frame.Col("hash").Elem(i).String() || v != accuracies[key] || math.IsNaN(places[i]) {
			t.Errorf("row %d, cell %s: accuracy %v, want %v; place %v", i, key, v, accuracies[key], places[i])
		}
	}
	between, err := TauBetween(ctx, k.Cells, k.Signals, CompareConfig{Resamples: 20})
	if err != nil {
		t.Fatal(err)
	}
	if text := between.String() + k.Lines().String(); !strings.Contains(text, "leave-one-out error") || !strings.Contains(text, "1 member") {
		t.Error(text)
	}
}

// TestCommittedKernels: the committed table is of a uniform sample, and joins with the
// space.
func TestCommittedKernels(t *testing.T) {
	w, err := OpenWholeSpace()
	if err != nil {
		t.Fatal(err)
	}
	k, err := w.Kernels()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(k.Lines().String())
	if n := k.Table.Frame.Nrow(); n < 20000 || k.Table.Plan.Cells.Choice != campaign.Sample {
		t.Errorf("%d cells, chosen by %s", n, k.Table.Plan.Cells.Choice)
	}
	if w.Table.Complete() && k.Cells.Len() < k.Table.Frame.Nrow()*95/100 {
		t.Errorf("%d of %d cells have all signals", k.Cells.Len(), k.Table.Frame.Nrow())
	}
	s, err := space.Find(k.Table.Plan.Space)
	if err != nil {
		t.Fatal(err)
	}
	counts := space.AllCounts(s)
	for i := 0; i < k.Cells.Len(); i += 100 {
		for c, v := range space.CountsOf(k.Cells.Architectures[i]) {
			if col := k.Cells.Frame.Col(counts[c].Name); col.Err == nil && col.Elem(i).Float() != v {
				t.Errorf("%s: %s is %v in the table, want %v", k.Cells.Architectures[i].Key(), counts[c].Name, col.Elem(i), v)
			}
		}
	}
	for _, v := range k.Cells.Frame.Col("kernel_accuracy").Float() {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("accuracy %v", v)
		}
	}
}
