package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Repeat is one repetition: a problem, and what is tried on it. All strategies of
// a repetition search the same candidates.
type Repeat struct {
	Problem    *Problem
	Strategies []Strategy
}

// Found is what one strategy finds.
type Found struct {
	Name string
	// Mean is the best truth after each number of trainings, from 1 on, the mean
	// over repeats; Lower and Upper hold 95 % of the repeats.
	Mean, Lower, Upper []float64
}

// Replay runs the strategies of many repeats. The repeat of each number is made by
// make, from a generator of its own, and must list the same strategies. Results do
// not depend on the number of threads.
func Replay(ctx context.Context, repeats, budget int, seed uint64, make func(repeat int, rng *rand.Rand) (*Repeat, error)) ([]Found, error) {
	if repeats < 2 || budget < 1 {
		return nil, fmt.Errorf("search: %d repeats of %d trainings", repeats, budget)
	}
	all := newBests(repeats)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for r := range repeats {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			rng := rand.New(rand.NewPCG(seed, uint64(r)))
			rep, err := make(r, rng)
			if err != nil {
				return err
			}
			all[r], err = rep.run(budget, rng)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return summary(all)
}

// bests is what one strategy found in one repeat.
type bests struct {
	name string
	best []float64
}

func newBests(n int) [][]bests { return make([][]bests, n) }

func (r *Repeat) run(budget int, rng *rand.Rand) ([]bests, error) {
	if err := r.Problem.Check(); err != nil {
		return nil, err
	}
	if n := len(r.Problem.Truth); budget > n {
		return nil, fmt.Errorf("search: %d trainings of %d candidates", budget, n)
	}
	var out []bests
	for _, s := range r.Strategies {
		order, err := s.Order(r.Problem, budget, rng)
		if err != nil {
			return nil, err
		}
		out = append(out, bests{s.Name(), Best(r.Problem.Truth, order)})
	}
	return out, nil
}

// summary returns means and percentiles over repeats.
func summary(all [][]bests) ([]Found, error) {
	var out []Found
	for s, first := range all[0] {
		f := Found{Name: first.name}
		for k := range first.best {
			x := make([]float64, 0, len(all))
			sum := 0.0
			for r := range all {
				if len(all[r]) != len(all[0]) || all[r][s].name != first.name {
					return nil, fmt.Errorf("search: repeat %d tries other strategies than the first", r)
				}
				v := all[r][s].best[k]
				x, sum = append(x, v), sum+v
			}
			slices.Sort(x)
			f.Mean = append(f.Mean, sum/float64(len(x)))
			f.Lower, f.Upper = append(f.Lower, quantile(x, 0.025)), append(f.Upper, quantile(x, 0.975))
		}
		out = append(out, f)
	}
	return out, nil
}

// quantile interpolates between sorted values.
func quantile(x []float64, q float64) float64 {
	at := q * float64(len(x)-1)
	i := int(at)
	if i+1 == len(x) {
		return x[i]
	}
	return x[i] + (at-float64(i))*(x[i+1]-x[i])
}

// Near returns, for each candidate, the others by rising distance, those of one
// distance in random order.
func Near(distances [][]int, rng *rand.Rand) [][]int {
	out := make([][]int, len(distances))
	for i, d := range distances {
		for _, j := range rng.Perm(len(d)) {
			if j != i {
				out[i] = append(out[i], j)
			}
		}
		slices.SortStableFunc(out[i], func(a, b int) int { return d[a] - d[b] })
	}
	return out
}
