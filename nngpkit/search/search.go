// Package search replays searches on a table of trained networks: how good is the
// best network after so many trainings? It knows no networks: candidates are the
// rows of a column of truths, and what is near a candidate is a list of rows.
package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/nngplab/nngplab/nngpkit/corr"
)

// Problem is what is searched.
type Problem struct {
	Truth []float64 // that training reveals, of each candidate
	// Near lists, for each candidate, others that a mutation may lead to. It may be
	// nil where no strategy mutates.
	Near [][]int
	// NearOf, if not nil, returns what Near would list for one candidate, for
	// problems that are too large to list all. It is asked by one goroutine.
	NearOf func(candidate int) []int
}

// near lists what is near a candidate.
func (p *Problem) near(i int) []int {
	if p.NearOf != nil {
		return p.NearOf(i)
	}
	return p.Near[i]
}

// Strategy chooses which candidates are trained, in which order.
type Strategy interface {
	// Name says the strategy in words, for tables and figures.
	Name() string
	// Order returns the first budget candidates that it trains, each once. A
	// strategy may look at a candidate's truth after it has chosen it, never before.
	Order(p *Problem, budget int, rng *rand.Rand) ([]int, error)
}

// Check returns why the problem cannot be searched, or nil.
func (p *Problem) Check() error {
	if len(p.Truth) < 2 {
		return fmt.Errorf("search: %d candidates: at least two are needed", len(p.Truth))
	}
	if err := corr.CheckColumn("truth", p.Truth); err != nil {
		return err
	}
	if p.Near != nil && len(p.Near) != len(p.Truth) {
		return fmt.Errorf("search: neighbors of %d candidates, there are %d", len(p.Near), len(p.Truth))
	}
	for i, near := range p.Near {
		for _, j := range near {
			if j < 0 || j >= len(p.Truth) || j == i {
				return fmt.Errorf("search: candidate %d of %d is near candidate %d", j, len(p.Truth), i)
			}
		}
	}
	return nil
}

// Random trains candidates drawn at random.
type Random struct{}

// Name returns "random search".
func (Random) Name() string { return "random search" }

// Order implements Strategy.
func (Random) Order(p *Problem, budget int, rng *rand.Rand) ([]int, error) {
	return rng.Perm(len(p.Truth))[:min(budget, len(p.Truth))], nil
}

// Ranked trains the candidates that a signal likes best. Ties come in random order.
type Ranked struct {
	Label  string
	Signal []float64 // of each candidate
}

// Name returns the label.
func (r Ranked) Name() string { return r.Label }

// Order implements Strategy.
func (r Ranked) Order(p *Problem, budget int, rng *rand.Rand) ([]int, error) {
	order, err := r.ranking(p, rng)
	if err != nil {
		return nil, err
	}
	return order[:min(budget, len(order))], nil
}

func (r Ranked) ranking(p *Problem, rng *rand.Rand) ([]int, error) {
	if err := checkSignal(p, r.Label, r.Signal); err != nil {
		return nil, err
	}
	order := rng.Perm(len(p.Truth))
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case r.Signal[a] > r.Signal[b]:
			return -1
		case r.Signal[a] < r.Signal[b]:
			return 1
		}
		return 0
	})
	return order, nil
}

// Guided is random search that asks a signal before it trains: of so many
// candidates drawn at random, none of them trained, it trains the one that the
// signal likes best, again and again.
type Guided struct {
	Label  string
	Signal []float64 // of each candidate
	Of     int       // candidates drawn; 1 is random search
}

// Name returns the label.
func (g Guided) Name() string { return g.Label }

// Order implements Strategy.
func (g Guided) Order(p *Problem, budget int, rng *rand.Rand) ([]int, error) {
	if err := checkSignal(p, g.Label, g.Signal); err != nil {
		return nil, err
	}
	if g.Of < 1 {
		return nil, fmt.Errorf("search: %s: the best of %d candidates", g.Label, g.Of)
	}
	left := rng.Perm(len(p.Truth))
	var order []int
	for len(order) < budget && len(left) > 0 {
		k := bestOf(left, g.Signal, g.Of, rng)
		order = append(order, left[k])
		left[k] = left[len(left)-1]
		left = left[:len(left)-1]
	}
	return order, nil
}

// bestOf returns the place of the best, by a signal, of so many candidates that are
// drawn without repeats; it changes their order.
func bestOf(all []int, signal []float64, of int, rng *rand.Rand) int {
	best := 0
	for k := range min(of, len(all)) {
		j := k + rng.IntN(len(all)-k)
		all[k], all[j] = all[j], all[k]
		if signal[all[k]] > signal[all[best]] {
			best = k
		}
	}
	return best
}

// checkSignal returns why a signal cannot guide a search, or nil.
func checkSignal(p *Problem, label string, signal []float64) error {
	if len(signal) != len(p.Truth) {
		return fmt.Errorf("search: %s: a signal of %d candidates, there are %d", label, len(signal), len(p.Truth))
	}
	return corr.CheckColumn(label, signal)
}

// Evolution is regularized evolution (Real, Aggarwal, Huang & Le, AAAI 2019): of a
// population, the best of a few drawn at random has a child, which is trained; the
// oldest dies. A child is drawn from the candidates near its parent that are not
// trained yet, or, where there is none, from all of these.
type Evolution struct {
	Population int // 0 means 20
	Sample     int // drawn for each parent; 0 means 5
	// Nearest, if not 0, is how many of the parent's untrained near candidates a
	// child is drawn from: the first of Problem.Near.
	Nearest int
	// Start, if not nil, is a signal whose best candidates are the first
	// population; otherwise it is random.
	Start []float64
	// Guide, if not nil, is a signal that chooses: the first population is that of
	// Guided, and a child is the best by it of Of candidates drawn from those that it
	// would be drawn from.
	Guide []float64
	Of    int
	Label string // "" means "regularized evolution"
}

// Name returns the label.
func (e Evolution) Name() string {
	if e.Label == "" {
		return "regularized evolution"
	}
	return e.Label
}

// Order implements Strategy.
func (e Evolution) Order(p *Problem, budget int, rng *rand.Rand) ([]int, error) {
	if e.Population == 0 {
		e.Population = 20
	}
	if e.Sample == 0 {
		e.Sample = 5
	}
	if e.Population < 1 || e.Sample < 1 || e.Sample > e.Population || e.Nearest < 0 {
		return nil, fmt.Errorf("search: a population of %d, of which %d are drawn, the nearest %d", e.Population, e.Sample, e.Nearest)
	}
	if p.Near == nil && p.NearOf == nil {
		return nil, fmt.Errorf("search: %s needs to know which candidates are near each other", e.Name())
	}
	budget = min(budget, len(p.Truth))
	first, err := e.first(p, rng)
	if err != nil {
		return nil, err
	}
	order := slices.Clone(first[:min(e.Population, budget)])
	trained := make([]bool, len(p.Truth))
	for _, i := range order {
		trained[i] = true
	}
	for len(order) < budget {
		alive := order[max(0, len(order)-e.Population):]
		parent, best := 0, math.Inf(-1)
		for range e.Sample {
			if i := alive[rng.IntN(len(alive))]; p.Truth[i] > best {
				parent, best = i, p.Truth[i]
			}
		}
		child := e.child(p, parent, trained, rng)
		order, trained[child] = append(order, child), true
	}
	return order, nil
}

// first returns candidates that begin with the first population.
func (e Evolution) first(p *Problem, rng *rand.Rand) ([]int, error) {
	switch {
	case e.Start != nil && e.Guide != nil:
		return nil, fmt.Errorf("search: %s: both a signal to start from and one that guides", e.Name())
	case e.Start != nil:
		return Ranked{Label: e.Name(), Signal: e.Start}.ranking(p, rng)
	case e.Guide != nil:
		return Guided{Label: e.Name(), Signal: e.Guide, Of: e.Of}.Order(p, e.Population, rng)
	}
	return rng.Perm(len(p.Truth)), nil
}

func (e Evolution) child(p *Problem, parent int, trained []bool, rng *rand.Rand) int {
	var near []int
	for _, j := range p.near(parent) {
		if !trained[j] {
			near = append(near, j)
		}
		if e.Nearest > 0 && len(near) == e.Nearest {
			break
		}
	}
	if near == nil {
		for j, done := range trained {
			if !done {
				near = append(near, j)
			}
		}
	}
	if e.Guide != nil {
		return near[bestOf(near, e.Guide, e.Of, rng)]
	}
	return near[rng.IntN(len(near))]
}

// Best returns the best truth after each training of an order.
func Best(truth []float64, order []int) []float64 {
	out := make([]float64, len(order))
	best := math.Inf(-1)
	for k, i := range order {
		best = max(best, truth[i])
		out[k] = best
	}
	return out
}
