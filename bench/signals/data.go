package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// half is one half of the cells of a table of signals, or all of them, with their
// signals seed by seed.
type half struct {
	name   string
	truth  []float64
	counts map[string][]float64 // free counts and published proxies
	seeds  []map[string][]float64
}

// halves opens a table of signals, by the column of the truth; with peers, the
// cells that the table of these has too.
func halves(ctx context.Context, table, column string, peers bool) ([]*half, error) {
	open := sweep.OpenNoiseAlone
	if peers {
		open = sweep.OpenNoise
	}
	seeds, err := open(ctx, table)
	if err != nil {
		return nil, err
	}
	var out []*half
	for i, name := range []string{"choosing half", "reporting half", "all cells"} {
		h := &half{name: name, counts: map[string][]float64{}}
		for _, c := range seeds {
			pick := [3]*truth.Cells{2: c}
			if pick[0], pick[1], err = c.Halves(); err != nil {
				return nil, err
			}
			if err := h.add(pick[i], column); err != nil {
				return nil, err
			}
		}
		out = append(out, h)
	}
	return out, nil
}

// add adds the columns of one seed.
func (h *half) add(c *truth.Cells, column string) error {
	own := sweep.NoiseColumns()
	values := map[string][]float64{}
	for _, name := range c.Frame.Names() {
		if name == frame.KeyColumn || name == truth.CellColumn || name == "level" {
			continue
		}
		x, err := frame.FloatsOrNaN(c.Frame, name)
		if err != nil {
			return err
		}
		switch {
		case name == column:
			h.truth = x
		case own[name] != "" || name == sweep.ScoreColumn:
			values[name] = worst(x)
		default:
			h.counts[name] = x
		}
	}
	if h.truth == nil {
		return fmt.Errorf("there is no column %q", column)
	}
	h.seeds = append(h.seeds, values)
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// worst puts what is not defined at the least that is: a dead network has no
// signal.
func worst(x []float64) []float64 {
	least := math.Inf(1)
	for _, v := range x {
		if finite(v) {
			least = min(least, v)
		}
	}
	for i, v := range x {
		if !finite(v) {
			x[i] = least
		}
	}
	return x
}

// signal returns a column of some seeds, the mean of its values over them, or a
// count; nil where there is none.
func (h *half) signal(name string, seeds []int) []float64 {
	if x, ok := h.counts[name]; ok {
		return x
	}
	mean := make([]float64, len(h.truth))
	for _, s := range seeds {
		x := h.seeds[s][name]
		if len(x) != len(mean) {
			return nil
		}
		for i, v := range x {
			mean[i] += v / float64(len(seeds))
		}
	}
	return mean
}

// mix returns the mixture of ranks, of signals that are means over seeds.
func (h *half) mix(m mixture, seeds []int) []float64 {
	var signals [][]float64
	var weights []float64
	for _, p := range m.parts {
		x := h.signal(p.name, seeds)
		if x == nil || slices.ContainsFunc(x, func(v float64) bool { return !finite(v) }) {
			return nil
		}
		signals, weights = append(signals, x), append(weights, p.weight)
	}
	out, err := corr.WeightedRankMix(signals, weights)
	if err != nil {
		return nil
	}
	return out
}

// all returns a mixture for every choice of m.draws seeds, nil where a part is
// missing.
func (h *half) all(m mixture) [][]float64 {
	var out [][]float64
	for _, seeds := range choices(len(h.seeds), max(1, m.draws)) {
		x := h.mix(m, seeds)
		if x == nil {
			return nil
		}
		out = append(out, x)
	}
	return out
}

// choices returns all sets of k of n.
func choices(n, k int) [][]int {
	var out [][]int
	var walk func(from int, set []int)
	walk = func(from int, set []int) {
		if len(set) == k {
			out = append(out, slices.Clone(set))
			return
		}
		for i := from; i < n; i++ {
			walk(i+1, append(set, i))
		}
	}
	walk(0, nil)
	return out
}

// every returns all seeds.
func (h *half) every() []int {
	out := make([]int, len(h.seeds))
	for i := range out {
		out[i] = i
	}
	return out
}
