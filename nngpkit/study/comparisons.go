package study

import (
	"context"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Comparisons holds the same comparison on several tables of cells. Tables
// without truth are left out; where none has any, tables and figures say so, and
// TauFigure and ScatterFigure draw signals beside the number of parameters.
type Comparisons struct {
	Cells []*truth.Cells
	Of    []*Comparison

	asked  []truth.Signal // all, known or not
	untold []*truth.Cells // without truth
	about  string         // of figures of all signals
}

// CompareAll compares signals with the truth on every table that has one.
func CompareAll(ctx context.Context, tables []*truth.Cells, signals []truth.Signal, cfg CompareConfig) (*Comparisons, error) {
	all := &Comparisons{asked: signals}
	for _, t := range tables {
		if !t.HasTruth() {
			all.untold = append(all.untold, t)
			continue
		}
		known, missing := signals, []truth.Signal(nil)
		if cfg.Partial {
			known, missing = knownSignals(t, signals)
		}
		c, err := Compare(ctx, t.Frame, truth.TruthColumn, known, cfg)
		if err != nil {
			return nil, fmt.Errorf("%s cells: %w", t.Name, err)
		}
		c.Missing = missing
		all.Cells, all.Of = append(all.Cells, t), append(all.Of, c)
	}
	return all, nil
}

// knownSignals divides signals by whether every cell has a value.
func knownSignals(c *truth.Cells, signals []truth.Signal) (known, missing []truth.Signal) {
	for _, s := range signals {
		if col := c.Frame.Col(s.Column); col.Err == nil && col.HasNaN() {
			missing = append(missing, s)
		} else {
			known = append(known, s)
		}
	}
	return known, missing
}

// withGaps puts an empty curve in the place of each signal that is missing, so
// that the panels of all tables have one legend.
func (a *Comparisons) withGaps(c *Comparison, s []figure.Series) []figure.Series {
	byName := map[string]figure.Series{}
	for _, curve := range s {
		byName[curve.Name] = curve
	}
	var out []figure.Series
	for _, signal := range a.asked {
		curve, ok := byName[signal.Name()]
		if !ok {
			curve = figure.Series{Name: signal.Name(), Baseline: signal.Baseline, Color: colorOf(signal.Column), X: s[0].X}
			for range curve.X {
				curve.Y = append(curve.Y, math.NaN())
			}
		}
		out = append(out, curve)
	}
	return out
}

// Table returns the comparison on the table of that name, or nil.
func (a *Comparisons) Table(name string) *Comparison {
	for i, c := range a.Cells {
		if c.Name == name {
			return a.Of[i]
		}
	}
	return nil
}

// HTML returns all comparisons as tables.
func (a *Comparisons) HTML() string {
	if len(a.Of) == 0 {
		return "<p>" + report.NoTruth + "</p>"
	}
	var b strings.Builder
	for i, c := range a.Of {
		fmt.Fprintf(&b, "<h4>%s: %s</h4>%s", html.EscapeString(named(a.Cells[i])), html.EscapeString(a.Cells[i].Truth), c.HTML())
	}
	return b.String()
}

// String returns all comparisons for a terminal.
func (a *Comparisons) String() string {
	if len(a.Of) == 0 {
		return report.NoTruth
	}
	var parts []string
	for i, c := range a.Of {
		parts = append(parts, named(a.Cells[i])+"\n"+c.String())
	}
	return strings.Join(parts, "\n")
}

// Record appends all statistics to the file of results, under names such as
// prefix.official.tau.nngp_accuracy.
func (a *Comparisons) Record(prefix string) error {
	for i, c := range a.Of {
		if err := c.Record(prefix + "." + a.Cells[i].Name); err != nil {
			return err
		}
	}
	return nil
}

// columnsWidth is the width of two panels side by side, in inches.
const columnsWidth = 8.6

// beside draws one figure a table.
func (a *Comparisons) beside(title string, f func(t *truth.Cells, c *Comparison) (*figure.Figure, error)) (*figure.Figure, error) {
	if len(a.Of) == 0 {
		return figure.Message(title, report.NoTruth), nil
	}
	var figs []*figure.Figure
	for i, c := range a.Of {
		fig, err := f(a.Cells[i], c)
		if err != nil {
			return nil, err
		}
		if fig == nil { // the table lacks what is drawn
			continue
		}
		fig.Title = headed(a.Cells[i], c.N())
		figs = append(figs, fig)
	}
	if figs == nil {
		return figure.Message(title, "No table has this signal of all that it holds."), nil
	}
	return figure.Beside(title, 2, columnsWidth*float64(min(2, len(figs)))/2, figs...)
}

// lacks reports whether a signal, by column or name, was left out (see
// CompareConfig.Partial).
func (c *Comparison) lacks(signal string) bool {
	return slices.ContainsFunc(c.Missing, func(s truth.Signal) bool { return s.Column == signal || s.Name() == signal })
}

// ScatterFigure draws the truth against one signal, a panel a table that has it.
// Truths below truthMin are drawn at the edge; 0 shows all.
func (a *Comparisons) ScatterFigure(signal string, truthMin float64) (*figure.Figure, error) {
	title := signal
	for _, s := range a.asked {
		if s.Column == signal || s.Name() == signal {
			title = s.Name()
		}
	}
	if len(a.Of) == 0 {
		return a.untoldScatter(signal, title)
	}
	return a.beside(report.Capitalized(title)+" against trained accuracy", func(t *truth.Cells, c *Comparison) (*figure.Figure, error) {
		if c.lacks(signal) {
			return nil, nil
		}
		caption, err := c.caption(signal, false) // the title has n
		if err != nil {
			return nil, err
		}
		return c.Scatter(signal, figure.ScatterConfig{Subtitle: caption, TruthLabel: t.Truth, TruthMin: truthMin, Height: 4.6})
	})
}

// PQETPFigure draws the area under the ROC curve of "truth above p" over p, a
// panel a table.
func (a *Comparisons) PQETPFigure(thresholds []float64) (*figure.Figure, error) {
	return a.beside("Telling good "+nounOfAll(a.Cells)+"s from others, by threshold", func(t *truth.Cells, c *Comparison) (*figure.Figure, error) {
		s, err := c.PQETP(thresholds)
		if err != nil {
			return nil, err
		}
		return figure.PQETP(a.withGaps(c, s), figure.CurveConfig{XLabel: "threshold p on " + t.Truth, Height: 4.4})
	})
}

// DiscoveredFigure draws the expected best truth among the k cells that each
// signal likes best, over k up to kMax, a panel a table, with bootstrap
// intervals and with what a choice at random would find. The paper's k = 10 is
// marked.
func (a *Comparisons) DiscoveredFigure(ctx context.Context, kMax int) (*figure.Figure, error) {
	return a.beside("The best "+nounOfAll(a.Cells)+" among the k that a signal ranks highest", func(t *truth.Cells, c *Comparison) (*figure.Figure, error) {
		ks := corr.KeepCounts(min(kMax, c.N()), 16)
		s, err := c.Discovered(ctx, ks, c.resamples)
		if err != nil {
			return nil, err
		}
		random, err := c.Random(ks)
		if err != nil {
			return nil, err
		}
		return figure.Discovered(append(a.withGaps(c, s), random), c.Report.BestTruth, figure.CurveConfig{
			YLabel: t.Truth, Height: 4.4, XMark: float64(c.Report.Top), XMarkName: fmt.Sprintf("k = %d", c.Report.Top)})
	})
}

// Goodness returns Comparison.Goodness of every table.
func (a *Comparisons) Goodness() report.Sheets {
	var out report.Sheets
	for i, c := range a.Of {
		t := c.Goodness()
		t.Title = fmt.Sprintf("PQETP: area under the ROC curve of %s > p; %s, n = %d", a.Cells[i].Truth, named(a.Cells[i]), c.N())
		out = append(out, t)
	}
	if len(out) == 0 {
		out = append(out, &corr.Table{Notes: []string{report.NoTruth}})
	}
	return out
}

// ReductionFigure draws which share of the truly best tenth survives when only
// a share of all cells is kept, a panel a table.
func (a *Comparisons) ReductionFigure() (*figure.Figure, error) {
	return a.beside("What is left of the best tenth", func(t *truth.Cells, c *Comparison) (*figure.Figure, error) {
		s, err := c.Reduction(max(1, c.N()/10))
		if err != nil {
			return nil, err
		}
		return figure.Reduction(a.withGaps(c, s), figure.CurveConfig{Height: 4.4})
	})
}

// TauFigure draws tau-b of every signal with its interval, a color a table.
func (a *Comparisons) TauFigure() (*figure.Figure, error) {
	const title = "Rank correlation with trained accuracy"
	if len(a.Of) == 0 && len(a.untold) > 0 {
		return a.untoldBars()
	}
	if len(a.Of) == 0 {
		return figure.Message(title, report.NoTruth), nil
	}
	var groups []figure.BarGroup
	for i, c := range a.Of {
		groups = append(groups, a.bars(c, a.Cells[i].Name))
	}
	names, baseline := labels(a.asked)
	return figure.Bars(names, groups, figure.BarsConfig{Title: title, Subtitle: a.about, XLabel: "Kendall's τ-b with 95 % interval", Baseline: baseline})
}

// bars returns the tau-b of all signals that were asked for; those that are
// missing have none.
func (a *Comparisons) bars(c *Comparison, name string) figure.BarGroup {
	known := c.Bars(name)
	at := map[string]int{}
	for i, s := range c.Signals {
		at[s.Column] = i
	}
	out := figure.BarGroup{Name: known.Name, Color: tableColors[name]}
	for _, s := range a.asked {
		v, lo, hi := math.NaN(), math.NaN(), math.NaN()
		if i, ok := at[s.Column]; ok {
			v, lo, hi = known.Values[i], known.Lo[i], known.Hi[i]
		}
		out.Values, out.Lo, out.Hi = append(out.Values, v), append(out.Lo, lo), append(out.Hi, hi)
	}
	return out
}
