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
	if len(r.Signal) != len(p.Truth) {
		return nil, fmt.Errorf("search: %s: a signal of %d candidates, there are %d", r.Label, len(r.Signal), len(p.Truth))
	}
	if err := corr.CheckColumn(r.Label, r.Signal); err != nil {
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
	if p.Near == nil {
		return nil, fmt.Errorf("search: %s needs to know which candidates are near each other", e.Name())
	}
	budget = min(budget, len(p.Truth))
	first := rng.Perm(len(p.Truth))
	if e.Start != nil {
		var err error
		if first, err = (Ranked{Label: e.Name(), Signal: e.Start}).ranking(p, rng); err != nil {
			return nil, err
		}
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

func (e Evolution) child(p *Problem, parent int, trained []bool, rng *rand.Rand) int {
	var near []int
	for _, j := range p.Near[parent] {
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
