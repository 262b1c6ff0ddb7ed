package study

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"sort"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Curve is a way of scoring cells at rising cost: NNGP with more and more
// members, training for more and more epochs. A baseline is a curve of one
// point that costs nothing.
type Curve struct {
	Name     string
	Baseline bool
	Points   []CurvePoint
	Missing  string // why there are no points: comparisons leave the curve out, and say so
}

// CurvePoint is one setting of a curve: what it says of cells, by their hash.
type CurvePoint struct {
	Label string

	runs   map[string][]float64 // of each cell, one value a run; larger promises more
	gflops map[string]float64   // of one run

	// What is mixed with runs, by the mean of ranks among the cells compared:
	// further parts, by hash, and columns of the cells' own frame.
	parts []map[string]float64
	free  []truth.Signal
}

func newCurvePoint(label string) CurvePoint {
	return CurvePoint{Label: label, runs: map[string][]float64{}, gflops: map[string]float64{}}
}

// known reports whether the point has all of its parts of a cell.
func (p CurvePoint) known(hash string) bool {
	for _, part := range p.parts {
		if _, ok := part[hash]; !ok {
			return false
		}
	}
	return len(p.runs[hash]) > 0
}

// MixCurve returns mixtures of signals of a table of scores along one of its
// columns, as ScoreCurve does: at each point the mean of the ranks of all
// parts, and of what is free, among the cells of the comparison. Nothing is
// fitted. Parts are columns of one row, so they share its cost (see ByView);
// free signals are columns of the compared cells, such as Parameters.
func MixCurve(name string, scores dataframe.DataFrame, along string, parts []truth.Signal, free ...truth.Signal) (Curve, error) {
	if len(parts) == 0 {
		return Curve{}, fmt.Errorf("study: curve %q: there is no part", name)
	}
	out, err := ScoreCurve(name, scores, parts[0], along)
	if err != nil {
		return Curve{}, err
	}
	for _, s := range parts[1:] {
		more, err := ScoreCurve(name, scores, s, along)
		if err != nil {
			return Curve{}, err
		}
		for i, p := range more.Points {
			part := map[string]float64{}
			for hash, runs := range p.runs {
				part[hash] = runs[0]
			}
			out.Points[i].parts = append(out.Points[i].parts, part)
		}
	}
	for i := range out.Points {
		out.Points[i].free = free
	}
	return out, nil
}

// OpenMixCurve is MixCurve of a table by its name (see OpenScores), with its
// kernels side by side (see ByView). Of a table that is not computed yet it
// returns a curve without points, which says so.
func OpenMixCurve(ctx context.Context, name, table, along string, parts []truth.Signal, free ...truth.Signal) (Curve, error) {
	scores, c, err := openForCurve(ctx, name, table)
	if err != nil || c.Missing != "" {
		return c, err
	}
	if scores, err = sweep.ByView(scores); err != nil {
		return Curve{}, err
	}
	return MixCurve(name, scores, along, parts, free...)
}

// openForCurve opens a table, or returns the curve that says that it is missing.
func openForCurve(ctx context.Context, name, table string) (dataframe.DataFrame, Curve, error) {
	scores, err := sweep.OpenScores(ctx, table)
	if errors.Is(err, fs.ErrNotExist) {
		return scores, Curve{Name: name, Missing: fmt.Sprintf("the table %s is not computed yet", table)}, nil
	}
	return scores, Curve{}, err
}

// OpenCurve is ScoreCurve of a table by its name (see OpenScores). Of a table
// that is not computed yet it returns a curve without points, which says so.
func OpenCurve(ctx context.Context, name, table string, s truth.Signal, along string) (Curve, error) {
	scores, c, err := openForCurve(ctx, name, table)
	if err != nil || c.Missing != "" {
		return c, err
	}
	return ScoreCurve(name, scores, s, along)
}

// LeftOut says that the curve was left out, and why.
func (c Curve) LeftOut() string {
	return fmt.Sprintf("Left out: %s, because %s.", c.Name, c.Missing)
}

// ScoreCurve returns a signal of a table of scores (see OpenScores) along one of
// its columns, "members", "train" or "width": a point for each value of it, at
// the cost of the forward passes. The table must hold one setting but for that
// column (see Where).
func ScoreCurve(name string, scores dataframe.DataFrame, s truth.Signal, along string) (Curve, error) {
	scores, err := frame.Known(scores, s.Column) // a kernel that no regression can use has no score
	if err != nil {
		return Curve{}, err
	}
	values, err := s.Values(scores)
	if err != nil {
		return Curve{}, err
	}
	cost, err := frame.Floats(scores, sweep.GFLOPsColumn)
	if err != nil {
		return Curve{}, err
	}
	at, err := frame.Floats(scores, along)
	if err != nil {
		return Curve{}, err
	}
	points := map[float64]CurvePoint{}
	var order []float64
	for i, hash := range scores.Col(frame.KeyColumn).Records() {
		p, ok := points[at[i]]
		if !ok {
			p = newCurvePoint(pointLabel(along, int(at[i])))
			points[at[i]] = p
			order = append(order, at[i])
		}
		if _, ok := p.runs[hash]; ok {
			return Curve{}, fmt.Errorf("study: curve %q: cell %s has several rows with %s %v: take one setting with Where before; the table has %s",
				name, hash, along, at[i], sweep.SettingsOf(scores))
		}
		p.runs[hash], p.gflops[hash] = []float64{values[i]}, cost[i]
	}
	sort.Float64s(order)
	c := Curve{Name: name}
	for _, v := range order {
		c.Points = append(c.Points, points[v])
	}
	return c, nil
}

func pointLabel(along string, v int) string {
	switch along {
	case sweep.MembersColumn:
		return report.Plural(v, "member")
	case sweep.TrainColumn:
		return report.Plural(v, "image")
	}
	return fmt.Sprintf("%s %d", along, v)
}

// trainingImages is how many images NAS-Bench-101 trains on: CIFAR-10's
// training split of 50,000 without the 10,000 of its validation (Ying et al.,
// NAS-Bench-101, 2019).
const trainingImages = 40000

// TrainingGFLOPs returns the floating-point operations, in 1e9, of training a
// cell as NAS-Bench-101 did: 3 x FLOPs of one image through the network of width
// 128 x 40,000 images x epochs. A training step is taken as three forward
// passes: its own, and the backward pass, which computes a gradient of the
// weights and one of the activations, each with the operations of a forward
// pass (Kaplan et al., arXiv:2001.08361, section 2.1).
func TrainingGFLOPs(a space.Architecture, epochs int) float64 {
	return 3 * float64(2*a.MACs()) * 1e-9 * trainingImages * float64(epochs)
}

// TrainingCurve returns shortened training as a curve: a point for each number
// of epochs, whose signal is the validation accuracy of one training run, at
// the cost of TrainingGFLOPs. Runs are those of the first published table, in
// the order of published.Sources, that has the cell at that number of epochs; cells
// without a run are in no comparison.
func TrainingCurve(ctx context.Context, tables []*truth.Cells, epochs ...int) (Curve, error) {
	c := Curve{Name: "shortened training"}
	specs := map[string]space.Architecture{}
	for _, t := range tables {
		for i, hash := range t.Frame.Col(frame.KeyColumn).Records() {
			specs[hash] = t.Architectures[i]
		}
	}
	for _, e := range epochs {
		p := newCurvePoint(report.Plural(e, "epoch"))
		for hash, s := range specs {
			p.gflops[hash] = TrainingGFLOPs(s, e)
		}
		c.Points = append(c.Points, p)
	}
	for _, source := range published.Sources() {
		if source.Aside {
			continue
		}
		table, err := source.Open(ctx)
		var missing *published.NotFoundError
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return Curve{}, err
		}
		for hash := range specs {
			i, ok := table.Index(hash)
			if !ok {
				continue
			}
			for k, e := range epochs {
				if runs, _ := table.Training(i, e); len(runs) > 0 && c.Points[k].runs[hash] == nil {
					c.Points[k].runs[hash] = runs
				}
			}
		}
	}
	return c, nil
}

// baselineCurves returns the baselines of a table of cells, which cost nothing.
func baselineCurves(c *truth.Cells) ([]Curve, error) {
	var out []Curve
	for _, b := range truth.Baselines() {
		x, err := b.Values(c.Frame)
		if err != nil {
			return nil, err
		}
		p := newCurvePoint(b.Name())
		for i, hash := range c.Frame.Col(frame.KeyColumn).Records() {
			p.runs[hash], p.gflops[hash] = []float64{x[i]}, 0
		}
		out = append(out, Curve{Name: b.Name(), Baseline: true, Points: []CurvePoint{p}})
	}
	return out, nil
}

// Costs returns what the points of curves cost, which needs no truth: curve,
// point, the number of cells with a signal, and the mean and median over the
// cells with a cost of the operations per network, in 1e9.
func Costs(curves []Curve) (dataframe.DataFrame, error) {
	var name, point []string
	var cells []int
	var mean, median []float64
	for _, c := range curves {
		for _, p := range c.Points {
			var g []float64
			sum := 0.0
			for _, v := range p.gflops {
				g = append(g, v)
			}
			sort.Float64s(g)
			for _, v := range g { // in order: the same sum in every run
				sum += v
			}
			mid := math.NaN()
			if n := len(g); n > 0 {
				mid = (g[(n-1)/2] + g[n/2]) / 2
			}
			name, point, cells = append(name, c.Name), append(point, p.Label), append(cells, len(p.runs))
			mean, median = append(mean, sum/float64(len(g))), append(median, mid)
		}
	}
	return frame.Checked(dataframe.New(
		series.New(name, series.String, "curve"), series.New(point, series.String, "point"), series.New(cells, series.Int, "cells"),
		series.New(mean, series.Float, "mean_gflops"), series.New(median, series.Float, "median_gflops")))
}
