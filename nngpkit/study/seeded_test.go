package study

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// seeded returns n cells of the space whose truth is made up: a rank, plus noise; with
// two seeds of three signals: "good" is the rank and more noise, "poor" is noise,
// "dead" is good but for every tenth cell, where it is not defined. The free column
// partly is good where it is known, of every second cell.
func seeded(t *testing.T, n int) *Seeded {
	t.Helper()
	c := sampled(t, n)
	r := rand.New(rand.NewPCG(5, 6))
	quality, truths, partly := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range quality {
		quality[i] = r.NormFloat64()
		truths[i] = 0.9 + 0.01*quality[i] + 0.003*r.NormFloat64()
		partly[i] = math.NaN()
		if i%2 == 0 {
			partly[i] = quality[i] + 0.3*r.NormFloat64()
		}
	}
	var hash []string
	var seed []int
	var good, poor, dead []float64
	for s := range 2 {
		for i, h := range c.Frame.Col(frame.KeyColumn).Records() {
			hash, seed = append(hash, h), append(seed, s)
			good, poor = append(good, quality[i]+0.5*r.NormFloat64()), append(poor, r.NormFloat64())
			dead = append(dead, good[len(good)-1])
			if i%10 == 0 {
				dead[len(dead)-1] = math.NaN()
			}
		}
	}
	c.Name, c.Truth = "made", "made-up accuracy"
	c.Frame = c.Frame.Mutate(series.New(truths, series.Float, truth.TruthColumn)).Mutate(series.New(partly, series.Float, "proxy_partly"))
	out, err := NewSeeded(c, scoresOf(hash, seed, good, poor, dead))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func scoresOf(hash []string, seed []int, good, poor, dead []float64) dataframe.DataFrame {
	return dataframe.New(series.New(hash, series.String, frame.KeyColumn), series.New(seed, series.Int, "seed"),
		series.New(good, series.Float, "good"), series.New(poor, series.Float, "poor"), series.New(dead, series.Float, "dead"))
}

var (
	goodSignal = truth.Signal{Column: "good", Label: "good"}
	poorSignal = truth.Signal{Column: "poor", Label: "poor"}
	deadSignal = truth.Signal{Column: "dead", Label: "dead"}
)

// TestSeeded checks which cells are kept, what stands for what is not defined, and a
// mixture and its mean over seeds by hand.
func TestSeeded(t *testing.T) {
	c := sampled(t, 5)
	keys := c.Frame.Col(frame.KeyColumn).Records()
	nan := math.NaN()
	// The last cell lacks the second seed; rows of the two seeds come in other orders.
	scores := scoresOf(
		[]string{keys[0], keys[1], keys[2], keys[3], keys[4], keys[3], keys[2], keys[1], keys[0]}, []int{7, 7, 7, 7, 7, 9, 9, 9, 9},
		[]float64{1, 2, 3, 4, 9, 40, 10, 20, 30}, []float64{4, 3, 2, 1, 0, 1, 2, 3, 4}, []float64{1, nan, 3, 4, 5, math.Inf(-1), 3, 2, 1})
	s, err := NewSeeded(c, scores)
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 4 || !slices.Equal(s.Seeds, []string{"7", "9"}) || !slices.Equal(s.Cells.Frame.Col(frame.KeyColumn).Records(), keys[:4]) {
		t.Fatalf("%d cells, seeds %v", s.Len(), s.Seeds)
	}
	all := []int{0, 1, 2, 3}
	if got := s.part(Part{Signal: goodSignal, Weight: 1}, 1, all); !slices.Equal(got, []float64{30, 20, 10, 40}) {
		t.Errorf("the second seed is %v", got)
	}
	if got := s.part(Part{Signal: deadSignal, Weight: 1}, 0, all); !slices.Equal(got, []float64{1, 0, 3, 4}) {
		t.Errorf("what is not defined is not the worst: %v", got)
	}
	if got := s.part(Part{Signal: truth.Signal{Column: "dead", Lower: true}, Weight: 1}, 1, all); !slices.Equal(got, []float64{-1, -2, -3, -4}) {
		t.Errorf("what is not defined is not the worst of a signal of which less is better: %v", got)
	}
	r := Recipe{Name: "both", Label: "both", Parts: []Part{{Signal: goodSignal, Weight: 2}, {Signal: poorSignal, Weight: 1}}}
	got, err := s.values(r, 0, all) // ranks 1 2 3 4 and 4 3 2 1
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{6, 7, 8, 9} {
		if math.Abs(got[i]-want/12) > 1e-15 {
			t.Errorf("cell %d is %v, want %v", i, got[i], want/12)
		}
	}
	got, err = s.averaged(One(goodSignal, ""), all) // ranks 1 2 3 4 and 3 2 1 4
	if err != nil || !slices.Equal(got, []float64{4, 4, 4, 8}) {
		t.Errorf("ranks of both seeds add to %v, %v", got, err)
	}
	x, err := s.Add(r)
	if err != nil || x.Column != "both" {
		t.Fatal(x, err)
	}
	if _, err := x.Values(s.Cells.Frame); err != nil {
		t.Error(err)
	}
	// Two times the values of good and the logarithm of minus poor, of which the second
	// seed has 30 20 10 40 and 4 3 2 1 the other way round.
	sum := Recipe{Name: "sum", Label: "sum", Values: true, Parts: []Part{{Signal: goodSignal, Weight: 2}, {Signal: poorSignal, Weight: -1, Log: true}}}
	if got, err := s.values(sum, 1, all); err != nil || math.Abs(got[1]-(40-math.Log(3))) > 1e-12 {
		t.Errorf("values add to %v, %v", got, err)
	}
	if got, err := s.averaged(sum, all); err != nil || math.Abs(got[1]-(22-math.Log(3))) > 1e-12 { // (2 + 20) / 2 twice, and 3 of both
		t.Errorf("mean values add to %v, %v", got, err)
	}
	if _, err := s.values(Recipe{Label: "log", Values: true, Parts: []Part{{Signal: truth.Signal{Column: "good", Lower: true}, Weight: 1, Log: true}}}, 0, all); err == nil {
		t.Error("the logarithm of a negative number")
	}
	before := s.Cells.Frame.Col("parameters").Float()
	if x, err := s.Add(One(truth.Parameters, "")); err != nil || x != truth.Parameters || !slices.Equal(s.Cells.Frame.Col("parameters").Float(), before) {
		t.Errorf("a count was added as %v, %v", x, err)
	}
	// 2.5 has places 3 of 1 2 3 4 and 5 of 30 20 10 40.
	if place, err := s.Place("good", 2.5); err != nil || place != 5 {
		t.Errorf("place %d, %v", place, err)
	}
	if _, err := s.Place("parameters", 1); err == nil {
		t.Error("a place by what was not measured")
	}
	if _, err := s.Add(One(truth.Signal{Column: "nothing"}, "")); err == nil {
		t.Error("a column that is nowhere was added")
	}
	if _, err := NewSeeded(c, scoresOf([]string{"x"}, []int{1}, []float64{1}, []float64{1}, []float64{1})); !errors.Is(err, truth.ErrNoCells) {
		t.Errorf("no cell in common: %v", err)
	}
	if _, err := NewSeeded(c, scoresOf([]string{keys[0], keys[0]}, []int{1, 1}, []float64{1, 2}, []float64{1, 2}, []float64{1, 2})); err == nil {
		t.Error("a cell twice with one seed")
	}
	if _, err := NewSeeded(c, scores.Drop("seed")); err == nil {
		t.Error("a frame without seeds")
	}
}

// TestJoined joins a second frame, of fewer cells: what it lacks is not known, and
// what it has without a number is the worst.
func TestJoined(t *testing.T) {
	c := sampled(t, 4)
	keys := c.Frame.Col(frame.KeyColumn).Records()
	x := []float64{1, 2, 3, 4}
	scores := scoresOf(append(keys[:4:4], keys...), []int{0, 0, 0, 0, 1, 1, 1, 1}, append(x, x...), append(x, x...), append(x, x...))
	more := dataframe.New(series.New([]string{keys[2], keys[0], keys[1], keys[0], keys[1]}, series.String, frame.KeyColumn),
		series.New([]int{0, 0, 0, 1, 1}, series.Int, "seed"), series.New([]float64{7, 5, math.NaN(), 6, 8}, series.Float, "peer"))
	s, err := NewSeeded(c, scores, more)
	if err != nil {
		t.Fatal(err)
	}
	peer := One(truth.Signal{Column: "peer"}, "")
	rows, ok := s.known(peer)
	if !ok || !slices.Equal(rows, []int{0, 1}) || s.Knows(peer) || !s.Knows(One(goodSignal, "")) {
		t.Fatalf("known of rows %v", rows)
	}
	if got := s.part(peer.Parts[0], 0, rows); !slices.Equal(got, []float64{5, 4}) {
		t.Errorf("the first seed is %v", got)
	}
	half, err := s.rows([]int{0, 3})
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := half.known(peer); !slices.Equal(rows, []int{0}) {
		t.Errorf("of some cells, known of rows %v", rows)
	}
	if _, err := NewSeeded(c, scores, scores); err == nil {
		t.Error("two frames with one column")
	}
}

// TestHalvesOfSeeded checks that each row keeps its signals.
func TestHalvesOfSeeded(t *testing.T) {
	s := seeded(t, 80)
	choose, reporting, err := s.Halves()
	if err != nil {
		t.Fatal(err)
	}
	if choose.Len()+reporting.Len() != 80 {
		t.Fatalf("halves of %d and %d", choose.Len(), reporting.Len())
	}
	at := map[string]int{}
	for i, k := range s.Cells.Frame.Col(frame.KeyColumn).Records() {
		at[k] = i
	}
	for _, half := range []*Seeded{choose, reporting} {
		for i, k := range half.Cells.Frame.Col(frame.KeyColumn).Records() {
			if truth.Choosing(k) != (half == choose) || half.bySeed[1]["good"][i] != s.bySeed[1]["good"][at[k]] || half.Cells.Architectures[i].Key() != k {
				t.Fatalf("row %d of a half is not that of %s", i, k)
			}
		}
	}
	other, err := s.WithTruth("proxy_partly", "another", "other")
	if err != nil {
		t.Fatal(err)
	}
	if other.Len() != 40 || other.Cells.Name != "other" || s.Cells.Name != "made" || other.Cells.Frame.Col(truth.TruthColumn).Float()[3] != s.Cells.Frame.Col("proxy_partly").Float()[6] {
		t.Errorf("%d cells of %q with another truth", other.Len(), other.Cells.Name)
	}
	if _, err := s.WithTruth("nothing", "", ""); err == nil {
		t.Error("a truth that is no column")
	}
}

// TestMeasureSignals compares estimates with tau computed one by one, and intervals
// with what they must hold.
func TestMeasureSignals(t *testing.T) {
	s := seeded(t, 120)
	good, poor, dead, partly := One(goodSignal, "cheap"), One(poorSignal, ""), One(deadSignal, ""), One(truth.Signal{Column: "proxy_partly"}, "")
	m, err := MeasureSignals(t.Context(), []*Seeded{s, nil}, []Recipe{good, poor, dead, partly, One(truth.Parameters, "none"), One(truth.Signal{Column: "nothing"}, "")},
		CompareConfig{Resamples: 200})
	if err != nil {
		t.Fatal(err)
	}
	truths := s.Cells.Frame.Col(truth.TruthColumn).Float()
	tau := func(seed int, column string) float64 { return corr.Tau(truths, s.bySeed[seed][column]) }
	g := m.Find("made", "good")
	a, b := tau(0, "good"), tau(1, "good")
	if math.Abs(g.Tau.Estimate-(a+b)/2) > 1e-12 || math.Abs(g.SD-math.Abs(a-b)/math.Sqrt2) > 1e-12 || g.LeadMinus != nil || g.Seeds != 2 {
		t.Errorf("good is %+v, want %v and %v", g, a, b)
	}
	// Two draws of noise cancel in part: the mean of ranks is better than the mean.
	if !(g.Averaged.Estimate > g.Tau.Estimate) || !(g.Tau.Lower < g.Tau.Estimate && g.Tau.Estimate < g.Tau.Upper) || !(g.Rho.Estimate > g.Tau.Estimate) {
		t.Errorf("good is %+v", g)
	}
	p := m.Find("made", "poor")
	if want := g.Tau.Estimate - (tau(0, "poor")+tau(1, "poor"))/2; math.Abs(p.LeadMinus.Estimate-want) > 1e-12 || p.LeadMinus.Excludes(want) || !p.LeadMinus.Excludes(0) {
		t.Errorf("the lead minus poor is %v, want %v", p.LeadMinus, want)
	}
	if d := m.Find("made", "dead"); d.N != 120 || !(d.Tau.Estimate < g.Tau.Estimate) {
		t.Errorf("a signal that is not defined for a tenth is %+v", d)
	}
	x := m.Find("made", "proxy_partly")
	var rows []int
	for i := 0; i < 120; i += 2 {
		rows = append(rows, i)
	}
	half := truth.PickRows(truths, rows)
	want := (corr.Tau(half, truth.PickRows(s.bySeed[0]["good"], rows)) + corr.Tau(half, truth.PickRows(s.bySeed[1]["good"], rows))) / 2
	if got := x.Tau.Estimate + x.LeadMinus.Estimate; x.N != 60 || x.Seeds != 1 || math.Abs(got-want) > 1e-12 || !math.IsNaN(x.SD) {
		t.Errorf("on the cells that know it the lead has %v, want %v: %+v", got, want, x)
	}
	if m.Find("made", "nothing") != nil || !strings.Contains(m.String(), "Not known here: nothing") {
		t.Errorf("what is not there was measured:\n%v", m)
	}
	gaps := m.Minus("poor", "dead", "proxy_partly", "parameters")
	if len(gaps.Of) != 2 || gaps.Of[0].Name != "poor_minus.dead" || math.Abs(gaps.Of[0].Interval.Estimate-(p.Tau.Estimate-m.Find("made", "dead").Tau.Estimate)) > 1e-12 {
		t.Errorf("gaps %+v", gaps.Of)
	}
	if gaps := m.Minus("good", "proxy_partly"); len(gaps.Of) != 1 || gaps.Of[0].N != 60 || math.Abs(gaps.Of[0].Interval.Estimate-x.LeadMinus.Estimate) > 1e-12 {
		t.Errorf("the lead minus what half of the cells know: %+v", gaps.Of)
	}
	if _, err := m.Figure("a title"); err != nil {
		t.Error(err)
	}
	if _, err := m.CostFigure("made", "costs", "parameters"); err != nil {
		t.Error(err)
	}
	lines := recorded(t, func() error { return m.Record("x") })
	for _, name := range []string{"x.made.tau.good", "x.made.tau_averaged.good", "x.made.lead_minus.poor", "x.made.sd.good"} {
		if !strings.Contains(lines, `"`+name+`"`) {
			t.Errorf("%s is not recorded", name)
		}
	}
	if strings.Contains(lines, "tau_averaged.parameters") {
		t.Error("a count has a mean over seeds")
	}
	if _, err := MeasureSignals(t.Context(), []*Seeded{s}, []Recipe{partly}, CompareConfig{}); err == nil {
		t.Error("a lead that some cells lack")
	}
	if _, err := MeasureSignals(t.Context(), []*Seeded{s}, nil, CompareConfig{}); err == nil {
		t.Error("no signal")
	}
	empty, err := MeasureSignals(t.Context(), nil, []Recipe{good}, CompareConfig{})
	if err != nil || !strings.Contains(empty.String(), "No table of trained accuracies") {
		t.Errorf("without a table: %v, %v", empty, err)
	}
	if _, err := empty.Figure("nothing"); err != nil {
		t.Error(err)
	}
}

// TestKnowing keeps the cells that know a signal.
func TestKnowing(t *testing.T) {
	s := seeded(t, 90)
	some, err := s.Knowing(One(truth.Signal{Column: "proxy_partly"}, ""))
	if err != nil || some.Len() != 45 || !some.Knows(One(truth.Signal{Column: "proxy_partly"}, "")) {
		t.Fatalf("%v, %v", some, err)
	}
	if all, err := s.Knowing(One(goodSignal, "")); err != nil || all.Len() != 90 {
		t.Errorf("%v, %v", all, err)
	}
	if none, err := s.Knowing(One(truth.Signal{Column: "nothing"}, "")); none != nil || err != nil {
		t.Errorf("%v, %v", none, err)
	}
}
