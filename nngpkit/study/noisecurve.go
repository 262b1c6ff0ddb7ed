package study

import (
	"context"
	"fmt"
	"math"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// noiseWidth is the width of the tables of signals.
const noiseWidth = 8

// AddTo adds a recipe, averaged over the seeds, to published tables of cells as a
// column of its name, and returns its signal. Ranks are among all cells of the table
// of signals of the same name. Cells, and tables, that have no signals have NaN.
func (t *SignalTables) AddTo(cells []*truth.Cells, r Recipe) (truth.Signal, error) {
	out := truth.Signal{Column: r.Name, Label: r.Label, Baseline: r.Baseline}
	for _, c := range cells {
		s := t.Table(c.Name)
		if s == nil {
			c.Frame = c.Frame.Mutate(series.New(unknown(c.Len()), series.Float, r.Name))
			continue
		}
		own := *s.Cells
		with := &Seeded{Cells: &own, Seeds: s.Seeds, bySeed: s.bySeed, lacks: s.lacks}
		if _, err := with.Add(r); err != nil {
			return out, err
		}
		joined, err := frame.LeftJoin(c.Frame, own.Frame.Select([]string{frame.KeyColumn, r.Name}), frame.KeyColumn)
		if err != nil {
			return out, err
		}
		c.Frame = joined
	}
	return out, nil
}

// Cells returns a table of signals as published cells, to be compared with others: none
// where it is not computed or has no truth. Of a table on which signals were chosen,
// halved takes the half for reporting. The columns of signals that it lacks are
// added without values, so that CompareConfig.Partial leaves them out.
func (t *SignalTables) Cells(name string, halved bool, lacking ...truth.Signal) ([]*truth.Cells, error) {
	s := t.Table(name)
	if s == nil || !s.Cells.HasTruth() {
		return nil, nil
	}
	if halved {
		var err error
		if _, s, err = s.Halves(); err != nil {
			return nil, err
		}
	}
	c := *s.Cells
	for _, x := range lacking {
		if c.Frame.Col(x.Column).Err != nil {
			c.Frame = c.Frame.Mutate(series.New(unknown(c.Len()), series.Float, x.Column))
		}
	}
	return []*truth.Cells{&c}, nil
}

// unknown returns n values that are none.
func unknown(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}

// NoiseCurve returns the recommended mixture as a curve of one point for
// CompareCosts: a run is one seed, ranked among the cells of all the tables, at the
// operations of its forward passes. Where no table of signals is computed it returns a
// curve without points, which says so.
func (t *SignalTables) NoiseCurve(ctx context.Context, name string) (Curve, error) {
	if len(t.Of) == 0 {
		return Curve{Name: name, Missing: "no table of signals is computed yet"}, nil
	}
	p := newCurvePoint(NoiseRecipe().Label)
	var keys []string
	rows := make([][]int, len(t.Of))
	seen := map[string]bool{}
	for k, s := range t.Of {
		if len(s.Seeds) != len(t.Of[0].Seeds) {
			return Curve{}, fmt.Errorf("study: %d seeds of %s cells, %d of %s cells", len(s.Seeds), s.Cells.Name, len(t.Of[0].Seeds), t.Of[0].Cells.Name)
		}
		for i, h := range s.Cells.Frame.Col(frame.KeyColumn).Records() {
			if !seen[h] {
				seen[h] = true
				keys, rows[k] = append(keys, h), append(rows[k], i)
			}
		}
	}
	for seed := range t.Of[0].Seeds {
		var signals [][]float64
		var weights []float64
		for _, part := range NoiseRecipe().Parts {
			var x []float64
			for k, s := range t.Of {
				x = append(x, s.part(part, seed, rows[k])...)
			}
			signals, weights = append(signals, x), append(weights, part.Weight)
		}
		mixed, err := corr.WeightedRankMix(signals, weights)
		if err != nil {
			return Curve{}, fmt.Errorf("study: %w", err)
		}
		for i, h := range keys {
			p.runs[h] = append(p.runs[h], mixed[i])
		}
	}
	passes, err := noisePasses(ctx, t.Of[0].Cells.Architectures[0])
	if err != nil {
		return Curve{}, err
	}
	for k, s := range t.Of {
		for _, i := range rows[k] {
			a := s.Cells.Architectures[i]
			macs, err := space.MACs(a, noiseWidth, arch.Shape{})
			if err != nil {
				return Curve{}, fmt.Errorf("study: %w", err)
			}
			p.gflops[a.Key()] = passes * 2 * float64(macs) * 1e-9
		}
	}
	return Curve{Name: name, Points: []CurvePoint{p}}, nil
}

// noisePasses returns how many images MeasureNoise runs through a network, counted by
// the operations that it reports of one.
func noisePasses(ctx context.Context, a space.Architecture) (float64, error) {
	net, err := a.Network(noiseWidth, arch.Shape{})
	if err != nil {
		return 0, fmt.Errorf("study: %w", err)
	}
	macs, err := space.MACs(a, noiseWidth, arch.Shape{})
	if err != nil {
		return 0, fmt.Errorf("study: %w", err)
	}
	s, err := nngpkit.MeasureNoise(ctx, net, nngpkit.NoiseConfig{})
	if err != nil {
		return 0, fmt.Errorf("study: %w", err)
	}
	return float64(s.FLOPs) / (2 * float64(macs)), nil
}
