package search

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestGuided: of as many candidates as there are, the best by the signal comes first;
// of one, the order is that of random search in distribution: the mean of the best of
// k ranks is k(n+1)/(k+1).
func TestGuided(t *testing.T) {
	p := line(30)
	signal := slices.Clone(p.Truth)
	order, err := Guided{Signal: signal, Of: 30}.Order(p, 5, rand.New(rand.NewPCG(1, 1)))
	if err != nil || !slices.Equal(order, []int{29, 28, 27, 26, 25}) {
		t.Errorf("order %v, %v", order, err)
	}
	const repeats = 4000
	found, err := Replay(t.Context(), repeats, 5, 1, func(int, *rand.Rand) (*Repeat, error) {
		return &Repeat{p, []Strategy{Guided{Label: "one", Signal: signal, Of: 1}, Guided{Label: "five", Signal: signal, Of: 5}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[int]float64{1: 31./2 - 1, 5: 5*31./6 - 1} {
		if got := found[0].Mean[k-1]; math.Abs(got-want) > 4*8.7/math.Sqrt(repeats) {
			t.Errorf("%d trainings without a choice find %.2f, want %.2f", k, got, want)
		}
	}
	if got, want := found[1].Mean[0], 5*31./6-1; math.Abs(got-want) > 4*8.7/math.Sqrt(repeats) {
		t.Errorf("the best of five has %.2f, want %.2f", got, want)
	}
	all, err := Guided{Signal: signal, Of: 3}.Order(p, 30, rand.New(rand.NewPCG(2, 2)))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 30 {
		t.Errorf("not every candidate once: %v", all)
	}
	for _, g := range []Guided{{Signal: signal}, {Signal: signal[1:], Of: 2}, {Signal: append(slices.Clone(signal[1:]), math.NaN()), Of: 2}} {
		if _, err := g.Order(p, 3, rand.New(rand.NewPCG(1, 1))); err == nil {
			t.Errorf("no error of %+v", g)
		}
	}
}

// TestGuidedEvolution: guided by the truth itself evolution finds the best sooner, and
// a list that is made when it is asked for serves as well as one that is there.
func TestGuidedEvolution(t *testing.T) {
	p := line(200)
	lazy := &Problem{Truth: p.Truth, NearOf: func(i int) []int { return p.Near[i] }}
	plain := Evolution{Population: 5, Sample: 3}
	guided := plain
	guided.Guide, guided.Of, guided.Label = p.Truth, 4, "guided"
	for _, q := range []*Problem{p, lazy} {
		found, err := Replay(t.Context(), 200, 20, 1, func(int, *rand.Rand) (*Repeat, error) {
			return &Repeat{q, []Strategy{plain, guided}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if !(found[1].Mean[4] > found[0].Mean[4]+10) || !(found[1].Mean[19] > found[0].Mean[19]) {
			t.Errorf("guided %v, not guided %v", found[1].Mean, found[0].Mean)
		}
	}
	a, err := guided.Order(p, 20, rand.New(rand.NewPCG(3, 3)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := guided.Order(lazy, 20, rand.New(rand.NewPCG(3, 3)))
	if err != nil || !slices.Equal(a, b) {
		t.Errorf("orders %v and %v, %v", a, b, err)
	}
	both := guided
	both.Start = p.Truth
	if _, err := both.Order(p, 20, rand.New(rand.NewPCG(3, 3))); err == nil {
		t.Error("no error of a start and a guide")
	}
	if _, err := guided.Order(&Problem{Truth: p.Truth}, 20, rand.New(rand.NewPCG(3, 3))); err == nil {
		t.Error("no error without neighbors")
	}
}
