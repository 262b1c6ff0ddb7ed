package study

import (
	"math"
	"strings"
	"testing"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestTauWithin makes a count that decides the truth but for what a signal knows
// within its strata, and checks the means by hand.
func TestTauWithin(t *testing.T) {
	s := seeded(t, 110)
	n := s.Len()
	count, truths := make([]float64, n), make([]float64, n)
	good := s.bySeed[0]["good"]
	var strata [3][]int // of 45, 45 and 20 cells
	for i := range count {
		k := min(i/45, 2)
		count[i] = float64(k + 1)
		strata[k] = append(strata[k], i)
		truths[i] = 100*count[i] + good[i]
	}
	s.bySeed = s.bySeed[:1]
	s.Seeds = s.Seeds[:1]
	s.Cells.Frame = s.Cells.Frame.Mutate(series.New(count, series.Float, "steps")).Mutate(series.New(truths, series.Float, truth.TruthColumn))
	by := truth.Signal{Column: "steps", Label: "steps", Lower: true}
	got, err := TauWithin(t.Context(), s, by, []Recipe{One(goodSignal, ""), One(poorSignal, ""), One(by, "")}, CompareConfig{Resamples: 100})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Of) != 2 || got.LeftOut != 20 || got.Of[0].N != 45 || got.Of[1].Value != 2 {
		t.Fatalf("strata %+v, %d left out", got.Of, got.LeftOut)
	}
	// Within its strata the signal is the truth; across them it knows nothing.
	if w := got.Within[0]; math.Abs(w.Estimate-1) > 1e-12 || math.Abs(w.Lower-1) > 1e-12 {
		t.Errorf("within, a signal that is the truth has %v", w)
	}
	if a := got.Across[0].Estimate; a > 0.7 {
		t.Errorf("across, it has %v", a)
	}
	poor := 0.0
	for _, rows := range strata[:2] {
		poor += corr.Tau(truth.PickRows(truths, rows), truth.PickRows(s.bySeed[0]["poor"], rows)) / 2 // as many pairs in both
	}
	if math.Abs(got.Within[1].Estimate-poor) > 1e-12 {
		t.Errorf("within, noise has %v, want %v", got.Within[1].Estimate, poor)
	}
	if !math.IsNaN(got.Within[2].Estimate) || !(got.Across[2].Estimate < -0.5) {
		t.Errorf("the count itself has %v within and %v across", got.Within[2].Estimate, got.Across[2].Estimate)
	}
	if _, err := got.Figure("strata"); err != nil {
		t.Error(err)
	}
	if !strings.Contains(got.String(), "Left out: 20 cells") {
		t.Error(got.String())
	}
	if lines := recorded(t, func() error { return got.Record("x") }); !strings.Contains(lines, `"x.by_steps.2.good"`) || !strings.Contains(lines, `"x.by_steps.within.poor"`) {
		t.Error(lines)
	}
	if _, err := TauWithin(t.Context(), s, truth.Signal{Column: "good"}, []Recipe{One(poorSignal, "")}, CompareConfig{}); err == nil {
		t.Error("strata of one cell each, by a column that is none of the cells'")
	}
}

// TestSettingCurves measures curves of a table made up here.
func TestSettingCurves(t *testing.T) {
	s := seeded(t, 60)
	for _, columns := range s.bySeed {
		columns["entropy/members/4"], columns["entropy/members/1"] = columns["good"], columns["poor"]
		columns["sensitivity/members/2"] = columns["poor"]
		columns["entropy/kind/gray"] = columns["good"] // no number: no curve
	}
	got, err := MeasureSettings(t.Context(), s, CompareConfig{Resamples: 50})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Of) != 2 || got.Of[0].Setting != "members" || got.Of[0].At[0] != 1 || got.Of[0].At[1] != 4 {
		t.Fatalf("curves %+v", got.Of)
	}
	truths := s.Cells.Frame.Col(truth.TruthColumn).Float()
	want, mixed := 0.0, 0.0
	for seed := range 2 {
		want += corr.Tau(truths, s.bySeed[seed]["good"]) / 2
		x, err := corr.WeightedRankMix([][]float64{s.bySeed[seed]["good"], s.bySeed[seed]["poor"], s.Cells.Frame.Col("parameters").Float()}, []float64{2, 1, 1})
		if err != nil {
			t.Fatal(err)
		}
		mixed += corr.Tau(truths, x) / 2
	}
	if c := got.Of[0]; math.Abs(c.Alone[1].Estimate-want) > 1e-12 || math.Abs(c.Mixed[1].Estimate-mixed) > 1e-12 {
		t.Errorf("with four members %v and %v, want %v and %v", c.Alone[1].Estimate, c.Mixed[1].Estimate, want, mixed)
	}
	if _, err := got.Figure(); err != nil {
		t.Error(err)
	}
	if lines := recorded(t, func() error { return got.Record("x") }); !strings.Contains(lines, `"x.entropy.members.4.alone"`) {
		t.Error(lines)
	}
	if _, err := MeasureSettings(t.Context(), seeded(t, 40), CompareConfig{}); err == nil {
		t.Error("a table without curves")
	}
	if empty, err := MeasureSettings(t.Context(), nil, CompareConfig{}); err != nil || !strings.Contains(empty.String(), "No table") {
		t.Errorf("without a table: %v", err)
	}
}
