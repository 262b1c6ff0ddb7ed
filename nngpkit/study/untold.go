package study

import (
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// What is shown of tables without trained accuracies: how signals agree with what is
// known for free, which needs no truth.

// untoldNote says so.
const untoldNote = "no trained accuracies here: signals beside the number of parameters"

// pairOf returns a signal and the number of parameters of the cells that know both; ok
// is false where the table lacks the signal, or knows it of few cells.
func pairOf(t *truth.Cells, s truth.Signal) (x, parameters []float64, ok bool, err error) {
	if t.Frame.Col(s.Column).Err != nil {
		return nil, nil, false, nil
	}
	if x, err = frame.FloatsOrNaN(t.Frame, s.Column); err != nil {
		return nil, nil, false, err
	}
	if s.Lower { // larger promises more
		for i := range x {
			x[i] = -x[i]
		}
	}
	all, err := frame.Floats(t.Frame, truth.Parameters.Column)
	if err != nil {
		return nil, nil, false, err
	}
	var rows []int
	for i, v := range x {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			rows = append(rows, i)
		}
	}
	return truth.PickRows(x, rows), truth.PickRows(all, rows), len(rows) >= truth.FewestCells, nil
}

// untoldBars draws tau-b of every signal with the number of parameters.
func (a *Comparisons) untoldBars() (*figure.Figure, error) {
	var groups []figure.BarGroup
	for _, t := range a.untold {
		g := figure.BarGroup{Name: fmt.Sprintf("%s (n = %d)", named(t), t.Len())}
		for _, s := range a.asked {
			x, parameters, ok, err := pairOf(t, s)
			if err != nil {
				return nil, err
			}
			tau := math.NaN()
			if ok && s.Column != truth.Parameters.Column {
				tau = corr.Tau(parameters, x)
			}
			g.Values, g.Lo, g.Hi = append(g.Values, tau), append(g.Lo, math.NaN()), append(g.Hi, math.NaN())
		}
		groups = append(groups, g)
	}
	names, baseline := labels(a.asked)
	return figure.Bars(names, groups, figure.BarsConfig{
		Title: "Rank correlation with the number of parameters (no trained accuracies here)", XLabel: "Kendall's τ-b", Baseline: baseline})
}

// untoldScatter draws a signal against the number of parameters, a panel a table.
func (a *Comparisons) untoldScatter(signal, title string) (*figure.Figure, error) {
	var figs []*figure.Figure
	for _, t := range a.untold {
		for _, s := range a.asked {
			if s.Column != signal && s.Name() != signal {
				continue
			}
			x, parameters, ok, err := pairOf(t, s)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			if s.Lower { // as it is, not turned
				for i := range x {
					x[i] = -x[i]
				}
			}
			for i := range parameters {
				parameters[i] = math.Log10(parameters[i])
			}
			fig, err := figure.Scatter(x, parameters, figure.ScatterConfig{
				SignalLabel: s.Name(), TruthLabel: "log₁₀ of the number of parameters", Subtitle: fmt.Sprintf("τ-b %.2f", corr.Tau(parameters, x)), Height: 4.6})
			if err != nil {
				return nil, err
			}
			fig.Title = headed(t, len(x))
			figs = append(figs, fig)
		}
	}
	if figs == nil {
		return figure.Message(title, report.NoTruth), nil
	}
	return figure.Beside(report.Capitalized(title)+": "+untoldNote, 2, columnsWidth*float64(min(2, len(figs)))/2, figs...)
}
