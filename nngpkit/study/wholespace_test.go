package study

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/publishedtest"
	"github.com/nngplab/nngplab/nngpkit/campaign"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// sweptSpace sweeps a list of cells as if it were a space.
func sweptSpace(t *testing.T, all []space.Architecture) *WholeSpace {
	t.Helper()
	ctx := context.Background()
	list, err := campaign.ListOf(ctx, "a test", all)
	if err != nil {
		t.Fatal(err)
	}
	small := campaign.Measurement{Name: "noise", Noise: &campaign.Noise{Draws: 2, Images: 5, Members: 1, SensitivityImages: 2, NormBatch: 2}}
	p, err := campaign.NewPlan(all[0].SpaceName(), list, []campaign.Measurement{small}, []uint64{0, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	table := sweptTable(t, p, nil)
	w, err := newWholeSpace(table)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// sweptTable runs a plan and returns its table.
func sweptTable(t *testing.T, p *campaign.Plan, load campaign.Loader) *campaign.Whole {
	t.Helper()
	dir := t.TempDir()
	if _, err := campaign.Run(t.Context(), p, campaign.RunConfig{Dir: dir, Load: load}); err != nil {
		t.Fatal(err)
	}
	df, err := campaign.Table(t.Context(), p, dir, campaign.TableConfig{})
	if err != nil {
		t.Fatal(err)
	}
	table, err := campaign.JoinTables([]*campaign.Exported{{Plan: p, Frame: df}})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestWholeSpace joins a swept space with a file in the layout of the whole benchmark,
// of known content, and compares the mixture with ranks taken by hand.
func TestWholeSpace(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	b, err := publishedtest.File("nasbench101", 60)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "nasbench101"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "nasbench101", "nasbench_only108.tfrecord"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := truth.OpenCells(t.Context(), "benchmark", 0)
	if err != nil {
		t.Fatal(err)
	}
	w := sweptSpace(t, all.Architectures[:50])
	if w.N() < 40 || !w.Table.Complete() {
		t.Fatalf("%d of 50 cells are known", w.N())
	}
	with, err := w.Benchmark(t.Context())
	if err != nil || len(with) != 1 || with[0].Len() != w.N() {
		t.Fatalf("%v cells, %v", with, err)
	}
	c := with[0]
	e, j, p := c.Frame.Col("noise_entropy").Float(), c.Frame.Col("noise_sensitivity").Float(), c.Frame.Col("parameters").Float()
	places := c.Frame.Col(SpacePlaceColumn).Float()
	n := float64(c.Len())
	er, jr, pr := corr.Ranks(e), corr.Ranks(j), corr.Ranks(p)
	for i := range places {
		want := (2*(er[i]-0.5) + jr[i] - 0.5 + pr[i] - 0.5) / 4 / n
		if math.Abs(places[i]-want) > 1e-12 {
			t.Errorf("cell %d: place %v, want %v", i, places[i], want)
		}
	}
	mix, err := corr.WeightedRankMix([][]float64{e, j, p}, []float64{2, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if tau := corr.Tau(mix, places); tau < 0.99 { // sums of ranks tie where rounding tells them apart
		t.Errorf("the place and the mixture of ranks have tau %v", tau)
	}
	testWithin(t, w)
}

// testWithin places the space's own cells in it.
func testWithin(t *testing.T, w *WholeSpace) {
	t.Helper()
	tables, err := OpenSignals(t.Context(), "uniform")
	if err != nil {
		t.Fatal(err)
	}
	x, err := w.Within(tables.Of)
	if err != nil {
		t.Fatal(err)
	}
	if x.Table("uniform") == nil || len(x.Samples) != 1 {
		t.Fatalf("samples %v", x.Samples)
	}
	text := x.String()
	if !strings.Contains(text, "uniform") || !strings.Contains(text, "parameters") {
		t.Error(text)
	}
	best := x.Best(3)
	if len(best) != len(w.Signals) || len(best[0].Rows) != 3 || best[0].Rows[0][1] < best[0].Rows[2][1] {
		t.Errorf("best by e: %v", best[0].Rows)
	}
	f, err := x.Figure("the space")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(f.SVG(), "uniform") {
		t.Error("the figure does not name the sample")
	}
	a := w.Agreement()
	if len(a.Taus) != 3 || !(a.Taus[0] > 0.2 && a.Taus[0] < 1) {
		t.Errorf("seeds agree by %v", a.Taus)
	}
}

// TestShareOf: ties count by half, what is not in the space lies between.
func TestShareOf(t *testing.T) {
	w := &WholeSpace{sorted: map[string][]float64{"x": {1, 2, 2, 4}}}
	for v, want := range map[float64]float64{0: 0, 1: 0.125, 2: 0.5, 3: 0.75, 4: 0.875, 5: 1} {
		if got := w.Share("x", v); got != want {
			t.Errorf("share below %v is %v, want %v", v, got, want)
		}
	}
	if !math.IsNaN(w.Share("x", math.NaN())) {
		t.Error("NaN has a place")
	}
}
