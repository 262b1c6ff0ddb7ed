package study

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestOpenSignals opens the committed tables with the published cells. The general
// score must be that of package sweep.
func TestOpenSignals(t *testing.T) {
	fixture.WithData(t)
	tables, err := OpenSignals(t.Context(), "uniform", "nothing")
	if err != nil {
		t.Fatal(err)
	}
	s := tables.Table("uniform")
	if s == nil || len(s.Seeds) != 5 || !s.Cells.HasTruth() || len(tables.Of) != 1 || !strings.Contains(tables.Lines().String(), "signals_nothing") {
		t.Fatalf("%v", tables.Lines())
	}
	all := make([]int, s.Len())
	for i := range all {
		all[i] = i
	}
	got, err := s.values(GeneralRecipe(), 2, all)
	if err != nil {
		t.Fatal(err)
	}
	seeds, err := sweep.OpenNoiseAlone(t.Context(), "signals_uniform")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := frame.KeyRows(seeds[2].Frame, "seed 2", frame.KeyColumn)
	if err != nil {
		t.Fatal(err)
	}
	want := seeds[2].Frame.Col(sweep.ScoreColumn).Float()
	for i, key := range s.Cells.Frame.Col(frame.KeyColumn).Records() {
		if w := want[rows[key]]; !math.IsNaN(w) && math.Abs(got[i]-w) > 1e-9 {
			t.Fatalf("cell %s scores %v, want %v", key, got[i], w)
		}
	}
	// Half of the cells, in a table that lacks another score.
	cells, err := tables.Cells("uniform", true, sweep.PaperScore())
	if err != nil || len(cells) != 1 {
		t.Fatal(err)
	}
	noise, err := tables.AddTo(cells, NoiseRecipe())
	if err != nil {
		t.Fatal(err)
	}
	x, err := noise.Values(cells[0].Frame)
	if err != nil {
		t.Fatal(err)
	}
	truths, err := frame.Floats(cells[0].Frame, truth.TruthColumn)
	if err != nil {
		t.Fatal(err)
	}
	// Stated on the table for other seeds: .63 to .66 of tau; n of a few hundred.
	if tau := corr.Tau(truths, x); tau < 0.55 || tau > 0.75 {
		t.Errorf("the recommended mixture has a tau of %.3f on %d cells", tau, len(x))
	}
	if !cells[0].Frame.Col(sweep.PaperScore().Column).HasNaN() || slices.ContainsFunc(cells[0].Frame.Col(frame.KeyColumn).Records(), truth.Choosing) {
		t.Error("a cell for choosing, or a score from nowhere")
	}
	curve, err := tables.NoiseCurve(t.Context(), "noise")
	if err != nil {
		t.Fatal(err)
	}
	p := curve.Points[0]
	if len(p.runs) != s.Len() || len(p.runs[s.Cells.Architectures[0].Key()]) != 5 || len(p.gflops) != s.Len() {
		t.Errorf("a curve of %d cells", len(p.runs))
	}
	none, err := tables.AddTo([]*truth.Cells{sampled(t, 3)}, NoiseRecipe())
	if err != nil || none.Column != noise.Column {
		t.Errorf("a table without signals: %v", err)
	}
}

// TestWithoutPublished opens the tables where no published one is found.
func TestWithoutPublished(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	tables, err := OpenSignals(t.Context(), "uniform")
	if err != nil {
		t.Fatal(err)
	}
	if s := tables.Table("uniform"); s == nil || s.Cells.HasTruth() || s.Len() < 100 {
		t.Fatalf("%v", tables.Lines())
	}
	reporting, err := tables.Reporting("uniform")
	if err != nil {
		t.Fatal(err)
	}
	m, err := MeasureSignals(t.Context(), reporting, NoiseRecipes(), CompareConfig{})
	if err != nil || len(m.Tables) != 0 {
		t.Errorf("measured without a truth: %v", err)
	}
	if cells, err := tables.Cells("uniform", true); err != nil || cells != nil {
		t.Errorf("cells without a truth: %v", err)
	}
	if curves, err := OpenSignalCurves(t.Context()); err != nil || curves != nil {
		t.Errorf("curves without cells: %v", err)
	}
}
