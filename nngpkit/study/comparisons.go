package study

import (
	"context"
	"errors"
	"fmt"
	"html"
	"math"
	"strings"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
)

// benchmarkSample is how many cells Tables takes of the whole benchmark when
// it is to take all of the others.
const benchmarkSample = 1000

// Tables returns every published table of trained cells that is found (see
// OpenCells), at most limit cells of each; with a limit of 0 all, and 1,000 of
// the whole benchmark. Where none is found it returns one sample of cells
// without truth instead, of limit cells or 200, so that what needs no truth
// can still be shown.
func Tables(ctx context.Context, limit int) ([]*Cells, error) {
	var out []*Cells
	for _, t := range truthTables {
		n := limit
		if n == 0 && t.file == "" {
			n = benchmarkSample
		}
		c, err := OpenCells(ctx, t.name, n)
		var missing *NoTableError
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if len(out) > 0 {
		return out, nil
	}
	if limit == 0 {
		limit = 200
	}
	c, err := SampleCells(limit, 1)
	return []*Cells{c}, err
}

// ScoredTables returns every published table of trained cells that is found,
// each with the cells that a frame of scores has, a row a cell (see ScoresAt),
// and joined with its columns. Where no table is found it returns the cells of
// the frame alone, without truth, so that what needs no truth can still be
// shown.
func ScoredTables(ctx context.Context, scores dataframe.DataFrame) ([]*Cells, error) {
	rows, err := keyRows(scores, "scored", KeyColumn)
	if err != nil {
		return nil, err
	}
	wanted := func(hash string) bool { _, ok := rows[hash]; return ok }
	var out []*Cells
	for _, t := range truthTables {
		table, err := t.open(ctx)
		var missing *NoTableError
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c, err := fromTable(table, t.name, t.about, t.label, trained, t.metric, 0, wanted)
		if errors.Is(err, errNoCells) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		c, err := scoredCells(scores)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	for _, c := range out {
		if err := c.Add(scores); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ScoredCells returns the cells of a frame of scores, a row a cell, with what is
// known of them for nothing and the frame's columns; without truth.
func ScoredCells(scores dataframe.DataFrame) (*Cells, error) {
	c, err := scoredCells(scores)
	if err != nil {
		return nil, err
	}
	return c, c.Add(scores)
}

// scoredCells returns the cells of a frame of scores.
func scoredCells(scores dataframe.DataFrame) (*Cells, error) {
	c := &Cells{Name: "scored", About: "cells of the table of scores; no trained accuracies were found"}
	column := scores.Col(cellColumn)
	if column.Err != nil {
		return nil, fmt.Errorf("study: a frame of scores has no column %q", cellColumn)
	}
	for _, text := range column.Records() {
		s, err := NewCell(text)
		if err != nil {
			return nil, err
		}
		c.Specs = append(c.Specs, s)
	}
	var err error
	c.Frame, err = cellFrame(scores.Col(KeyColumn).Records(), c.Specs)
	return c, err
}

// Comparisons holds the same comparison on several tables of cells. Tables
// without truth are left out; where none has any, tables and figures say so.
type Comparisons struct {
	Cells []*Cells
	Of    []*Comparison

	asked []Signal // all, known or not
}

// noTruth is what is shown where no trained accuracy is known.
const noTruth = "No table of trained accuracies was found, so there is nothing to compare with. 'nngplab data fetch nasbench101' gets one; NNGPLAB_DATA names further folders to look in."

// CompareAll compares signals with the truth on every table that has one.
func CompareAll(ctx context.Context, tables []*Cells, signals []Signal, cfg CompareConfig) (*Comparisons, error) {
	all := &Comparisons{asked: signals}
	for _, t := range tables {
		if !t.HasTruth() {
			continue
		}
		known, missing := signals, []Signal(nil)
		if cfg.Partial {
			known, missing = knownSignals(t, signals)
		}
		c, err := Compare(ctx, t.Frame, TruthColumn, known, cfg)
		if err != nil {
			return nil, fmt.Errorf("%s cells: %w", t.Name, err)
		}
		c.Missing = missing
		all.Cells, all.Of = append(all.Cells, t), append(all.Of, c)
	}
	return all, nil
}

// knownSignals divides signals by whether every cell has a value.
func knownSignals(c *Cells, signals []Signal) (known, missing []Signal) {
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
			curve = figure.Series{Name: signal.Name(), Baseline: signal.Baseline, X: s[0].X}
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
		return "<p>" + noTruth + "</p>"
	}
	var b strings.Builder
	for i, c := range a.Of {
		fmt.Fprintf(&b, "<h4>%s cells: %s</h4>%s", html.EscapeString(a.Cells[i].Name), html.EscapeString(a.Cells[i].Truth), c.HTML())
	}
	return b.String()
}

// String returns all comparisons for a terminal.
func (a *Comparisons) String() string {
	if len(a.Of) == 0 {
		return noTruth
	}
	var parts []string
	for i, c := range a.Of {
		parts = append(parts, a.Cells[i].Name+" cells\n"+c.String())
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
func (a *Comparisons) beside(title string, f func(t *Cells, c *Comparison) (*figure.Figure, error)) (*figure.Figure, error) {
	if len(a.Of) == 0 {
		return figure.Message(title, noTruth), nil
	}
	var figs []*figure.Figure
	for i, c := range a.Of {
		fig, err := f(a.Cells[i], c)
		if err != nil {
			return nil, err
		}
		fig.Title = fmt.Sprintf("%s cells (n = %d)", upper(a.Cells[i].Name), c.N())
		figs = append(figs, fig)
	}
	return figure.Beside(title, 2, columnsWidth*float64(min(2, len(figs)))/2, figs...)
}

// upper makes the first letter a capital.
func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// ScatterFigure draws the truth against one signal, a panel a table. Truths
// below truthMin are drawn at the edge; 0 shows all.
func (a *Comparisons) ScatterFigure(signal string, truthMin float64) (*figure.Figure, error) {
	title := signal
	if len(a.Of) > 0 {
		i, err := a.Of[0].index(signal)
		if err != nil {
			return nil, err
		}
		title = a.Of[0].Signals[i].Name()
	}
	return a.beside(upper(title)+" against trained accuracy", func(t *Cells, c *Comparison) (*figure.Figure, error) {
		return c.Scatter(signal, figure.ScatterConfig{TruthLabel: t.Truth, TruthMin: truthMin, Height: 4.6})
	})
}

// PQETPFigure draws the area under the ROC curve of "truth above p" over p, a
// panel a table.
func (a *Comparisons) PQETPFigure(thresholds []float64) (*figure.Figure, error) {
	return a.beside("Telling good cells from others, for every idea of good", func(t *Cells, c *Comparison) (*figure.Figure, error) {
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
	return a.beside("The best cell among the k that a signal likes best", func(t *Cells, c *Comparison) (*figure.Figure, error) {
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
func (a *Comparisons) Goodness() Sheets {
	var out Sheets
	for i, c := range a.Of {
		t := c.Goodness()
		t.Title = fmt.Sprintf("PQETP: area under the ROC curve of %s > p; %s cells, n = %d", a.Cells[i].Truth, a.Cells[i].Name, c.N())
		out = append(out, t)
	}
	if len(out) == 0 {
		out = append(out, &corr.Table{Notes: []string{noTruth}})
	}
	return out
}

// Sheets are tables that a notebook shows one below the other.
type Sheets []*corr.Table

// HTML returns the tables as an HTML fragment.
func (s Sheets) HTML() string { return s.join((*corr.Table).HTML) }

// Markdown returns the tables in GitHub's syntax.
func (s Sheets) Markdown() string { return s.join((*corr.Table).Markdown) }

// String returns the tables for a terminal.
func (s Sheets) String() string { return s.join((*corr.Table).String) }

func (s Sheets) join(f func(*corr.Table) string) string {
	var parts []string
	for _, t := range s {
		parts = append(parts, f(t))
	}
	return strings.Join(parts, "\n")
}

// ReductionFigure draws which share of the truly best tenth survives when only
// a share of all cells is kept, a panel a table.
func (a *Comparisons) ReductionFigure() (*figure.Figure, error) {
	return a.beside("What is left of the best tenth", func(t *Cells, c *Comparison) (*figure.Figure, error) {
		s, err := c.Reduction(max(1, c.N()/10))
		if err != nil {
			return nil, err
		}
		return figure.Reduction(a.withGaps(c, s), figure.CurveConfig{Height: 4.4})
	})
}

// TauFigure draws tau-b of every signal with its interval, a colour a table.
func (a *Comparisons) TauFigure() (*figure.Figure, error) {
	const title = "Rank correlation with trained accuracy"
	if len(a.Of) == 0 {
		return figure.Message(title, noTruth), nil
	}
	var groups []figure.BarGroup
	for i, c := range a.Of {
		groups = append(groups, a.bars(c, a.Cells[i].Name))
	}
	names, baseline := labels(a.asked)
	return figure.Bars(names, groups, figure.BarsConfig{Title: title, XLabel: "Kendall's τ-b with 95 % interval", Baseline: baseline})
}

// bars returns the tau-b of all signals that were asked for; those that are
// missing have none.
func (a *Comparisons) bars(c *Comparison, name string) figure.BarGroup {
	known := c.Bars(name)
	at := map[string]int{}
	for i, s := range c.Signals {
		at[s.Column] = i
	}
	out := figure.BarGroup{Name: known.Name}
	for _, s := range a.asked {
		v, lo, hi := math.NaN(), math.NaN(), math.NaN()
		if i, ok := at[s.Column]; ok {
			v, lo, hi = known.Values[i], known.Lo[i], known.Hi[i]
		}
		out.Values, out.Lo, out.Hi = append(out.Values, v), append(out.Lo, lo), append(out.Hi, hi)
	}
	return out
}
