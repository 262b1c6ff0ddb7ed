package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Epsilons says what the choice of epsilon is worth: a row a way to choose it,
// with the quartiles of log10 epsilon over cells where the table knows it, the
// mean validation accuracy it gives, and how much less that is than at the best
// epsilon of the validation images, with the 95 % interval of this mean. The
// frame is of scores, a row a cell.
func Epsilons(ctx context.Context, scores dataframe.DataFrame, cfg CompareConfig) (dataframe.DataFrame, error) {
	best, err := frame.Floats(scores, "accuracy")
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	var names []string
	cols := map[string][]float64{}
	order := []string{"accuracy", "loss", "loss_lo", "loss_hi", "log10_epsilon_q1", "median", "q3"}
	for _, w := range []struct{ name, accuracy, epsilon string }{
		{"validation accuracy (the paper's)", "accuracy", gp.EpsilonName("accuracy")},
		{"leave-one-out error, training images", "accuracy_loo", ""},
		{"marginal likelihood, training images", "accuracy_lml", ""},
		{"leave-one-out error, all images", "", gp.EpsilonName("whole_loo_squared_error")},
		{"marginal likelihood, all images", "", gp.EpsilonName("whole_lml")},
	} {
		row := []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()}
		if w.accuracy != "" {
			x, err := frame.Floats(scores, w.accuracy)
			if err != nil {
				return dataframe.DataFrame{}, err
			}
			iv, err := corr.BootstrapRows(ctx, len(x), func(rows []int) float64 {
				sum := 0.0
				for _, r := range rows {
					sum += best[r] - x[r]
				}
				return sum / float64(len(rows))
			}, cfg.bootstrap())
			if err != nil {
				return dataframe.DataFrame{}, err
			}
			row[0], row[1], row[2], row[3] = meanOf(x), iv.Estimate, iv.Lower, iv.Upper
		}
		if w.epsilon != "" {
			x, err := frame.Floats(scores, w.epsilon)
			if err != nil {
				return dataframe.DataFrame{}, err
			}
			for i := range x {
				x[i] = math.Log10(x[i])
			}
			sort.Float64s(x)
			for q := 1; q <= 3; q++ {
				row[3+q] = x[min(len(x)-1, q*len(x)/4)]
			}
		}
		names = append(names, w.name)
		for i, v := range row {
			cols[order[i]] = append(cols[order[i]], v)
		}
	}
	out := []series.Series{series.New(names, series.String, "epsilon by")}
	for _, name := range order {
		out = append(out, series.New(cols[name], series.Float, name))
	}
	return frame.Checked(dataframe.New(out...))
}

// Agreement returns how far two estimates of the same scores agree: for each
// number of members tau-b between them over the cells that both have, with
// bootstrap intervals, a curve a signal. The frames are of scores, with one row
// a cell and number of members.
func Agreement(ctx context.Context, a, b dataframe.DataFrame, signals []truth.Signal, cfg CompareConfig) ([]figure.Series, error) {
	members, err := frame.ValuesOf(a, sweep.MembersColumn)
	if err != nil {
		return nil, err
	}
	out := make([]figure.Series, len(signals))
	for i, s := range signals {
		out[i].Name = s.Name()
		for _, m := range members {
			x, y, err := paired(a, b, m, s)
			if err != nil {
				return nil, err
			}
			iv, err := corr.Bootstrap(ctx, x, y, corr.Tau, cfg.bootstrap())
			if err != nil {
				return nil, err
			}
			add(&out[i], m, iv.Estimate, iv.Lower, iv.Upper)
		}
	}
	return out, nil
}

// paired returns a signal of two frames at some members, of the cells of both.
func paired(a, b dataframe.DataFrame, members float64, s truth.Signal) (x, y []float64, err error) {
	if a, err = frame.Where(a, sweep.MembersColumn, members); err != nil {
		return nil, nil, err
	}
	if b, err = frame.Where(b, sweep.MembersColumn, members); err != nil {
		return nil, nil, err
	}
	return pairedRows(a, b, s)
}

// pairedRows returns a signal of two frames, a row a cell, of the cells of both.
func pairedRows(a, b dataframe.DataFrame, s truth.Signal) (x, y []float64, err error) {
	var frames [2]dataframe.DataFrame
	for i, df := range []dataframe.DataFrame{a, b} {
		frames[i] = df.Select([]string{frame.KeyColumn, s.Column}).Rename(fmt.Sprintf("v%d", i), s.Column)
	}
	both, err := frame.Join(frames[0], frames[1], frame.KeyColumn)
	if err != nil {
		return nil, nil, err
	}
	if x, err = frame.Floats(both, "v0"); err == nil {
		y, err = frame.Floats(both, "v1")
	}
	return x, y, err
}

// NormTaus compares batch-normalization modes: tau-b of a signal with the truth
// after so many members, a group of bars a table of cells and a label a mode.
// Baselines are measured on the same cells.
func NormTaus(ctx context.Context, tables []*truth.Cells, scores dataframe.DataFrame, s truth.Signal, members int, cfg CompareConfig) (*Comparisons, error) {
	at, err := frame.Where(scores, sweep.MembersColumn, members)
	if err != nil {
		return nil, err
	}
	var variants []variant
	for _, norm := range []string{"ema", "batch", "none"} {
		df, err := frame.Where(at, sweep.NormColumn, norm)
		if err != nil {
			return nil, err
		}
		variants = append(variants, variant{norm, normNames[norm], df})
	}
	return variantTaus(ctx, tables, variants, s, cfg)
}

var normNames = map[string]string{"ema": "moving average", "batch": "batch statistics", "none": "no normalization"}

// variant is one of several ways to compute the same score.
type variant struct {
	name, label string
	scores      dataframe.DataFrame // a row a cell
}

// variantTaus compares variants of a signal on the cells that all of them have,
// baselines too. The variants' columns are named COLUMN_NAME.
func variantTaus(ctx context.Context, tables []*truth.Cells, variants []variant, s truth.Signal, cfg CompareConfig) (*Comparisons, error) {
	var signals []truth.Signal
	var frames []dataframe.DataFrame
	for _, v := range variants {
		df, err := frame.Suffixed(v.scores.Select([]string{frame.KeyColumn, s.Column}), "_"+v.name)
		if err != nil {
			return nil, err
		}
		frames = append(frames, df)
		signals = append(signals, truth.Signal{Column: s.Column + "_" + v.name, Label: s.Name() + ", " + v.label, Lower: s.Lower})
	}
	var scored []*truth.Cells
	for _, t := range tables {
		c := *t
		for _, df := range frames {
			if err := c.Add(df); err != nil {
				return nil, err
			}
		}
		scored = append(scored, &c)
	}
	return CompareAll(ctx, scored, truth.With(signals, truth.Baselines()), cfg)
}

// Chosen is a choice among signals: made on one half of the cells of every
// table, reported on the other.
type Chosen struct {
	Tables    []*truth.Cells
	Signals   []truth.Signal // by falling mean tau on the halves for choosing; baselines last
	Choosing  [][]float64    // tau by signal and table, on the half for choosing
	Reporting *Comparisons
	LeftOut   []truth.Signal // not measured, for a table lacks them
}

// BestSignals orders signals by their mean tau-b over tables on one half of the
// cells (see Choosing) and measures them on the other. Signals without a label of
// package gp's scores, whose direction is not known, take the one that predicts
// on the first half. Baselines are measured beside them and never chosen. Signals
// whose column some table lacks, such as one that was computed before there was
// the statistic, are left out; it is an error if that leaves none.
func BestSignals(ctx context.Context, tables []*truth.Cells, signals []truth.Signal, cfg CompareConfig) (*Chosen, error) {
	c := &Chosen{}
	var choose, report []*truth.Cells
	for _, t := range tables {
		if !t.HasTruth() {
			continue
		}
		a, b, err := t.Halves()
		if err != nil {
			return nil, err
		}
		c.Tables, choose, report = append(c.Tables, t), append(choose, a), append(report, b)
	}
	if c.Tables == nil {
		c.Reporting = &Comparisons{}
		return c, nil
	}
	signals, c.LeftOut = held(choose, signals)
	if len(signals) == 0 {
		return nil, fmt.Errorf("study: none of the %d signals is in all of the %d tables", len(c.LeftOut), len(c.Tables))
	}
	type candidate struct {
		s    truth.Signal
		taus []float64
		mean float64
	}
	var all []candidate
	for _, s := range truth.With(signals, truth.Baselines()) {
		x := candidate{s: s}
		for _, t := range choose {
			truth, cols, err := truth.KnownColumns(t, []truth.Signal{s})
			if err != nil {
				return nil, err
			}
			if len(truth) != t.Frame.Nrow() {
				return nil, fmt.Errorf("study: %s cells: %s is not known of all cells", t.Name, s.Name())
			}
			tau := corr.Tau(truth, cols[0])
			x.taus, x.mean = append(x.taus, tau), x.mean+tau/float64(len(choose))
		}
		if e, err := gp.Find(s.Column); err == nil && e.Better == gp.Unknown && x.mean < 0 {
			x.s.Lower, x.mean = !s.Lower, -x.mean
			for i := range x.taus {
				x.taus[i] = -x.taus[i]
			}
			x.s.Label = "− " + s.Name()
		}
		all = append(all, x)
	}
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].s.Baseline != all[j].s.Baseline {
			return all[j].s.Baseline
		}
		return all[i].mean > all[j].mean
	})
	for _, x := range all {
		c.Signals, c.Choosing = append(c.Signals, x.s), append(c.Choosing, x.taus)
	}
	var err error
	if c.Reporting, err = CompareAll(ctx, report, c.Signals, cfg); err != nil {
		return nil, err
	}
	c.Reporting.about = "In the order of the mean over the other halves of the tables. −: smaller is better"
	return c, nil
}

// held returns the signals that all tables have a column of, and the others.
func held(tables []*truth.Cells, signals []truth.Signal) (all, others []truth.Signal) {
	for _, s := range signals {
		lacks := func(t *truth.Cells) bool { return !slices.Contains(t.Frame.Names(), s.Column) }
		if slices.ContainsFunc(tables, lacks) {
			others = append(others, s)
		} else {
			all = append(all, s)
		}
	}
	return all, others
}

// Sheets returns the choice as a table.
func (c *Chosen) Sheets() report.Sheets {
	if len(c.Tables) == 0 {
		return noTruthSheet()
	}
	t := &corr.Table{Title: "Tau-b by score: chosen on one half of the cells, reported on the other, 95 % intervals in brackets", Columns: []string{"score"}}
	for i, x := range c.Tables {
		n := c.Reporting.Of[i].N()
		t.Columns = append(t.Columns, fmt.Sprintf("%s, choosing (n = %d)", x.Name, x.Len()-n), fmt.Sprintf("%s, reporting (n = %d)", x.Name, n))
	}
	for j, s := range c.Signals {
		row := []string{s.Name()}
		for i := range c.Tables {
			row = append(row, report.Minus(c.Choosing[j][i], 3), report.Bracket(c.Reporting.Of[i].Report.Signals[j].KendallInterval, 3))
		}
		t.Rows = append(t.Rows, row)
	}
	t.Notes = append(t.Notes, "Sorted by the mean over tables on the cells for choosing, which also says the direction of statistics without labels; counts last.")
	if len(c.LeftOut) > 0 {
		var names []string
		for _, s := range c.LeftOut {
			names = append(names, s.Name())
		}
		t.Notes = append(t.Notes, "Left out, for a table lacks them: "+strings.Join(names, "; ")+".")
	}
	return report.Sheets{t}
}

// HTML returns the choice as a table.
func (c *Chosen) HTML() string { return c.Sheets().HTML() }

// String returns the choice for a terminal.
func (c *Chosen) String() string { return c.Sheets().String() }

// Gaps returns how much more tau the first signal has than another, by column, on
// the cells for reporting. Their records are named TABLE.chosen_minus.COLUMN.
func (c *Chosen) Gaps(ctx context.Context, column string) (*Gaps, error) {
	if len(c.Reporting.Of) == 0 {
		return &Gaps{nothing: report.NoTruth}, nil
	}
	return c.Reporting.gaps(ctx, "chosen", " for reporting", c.Reporting.Of[0].Signals[0].Column, column)
}

// Gaps returns how much more tau one signal has than another, by column, on the
// cells of each table. Their records are named TABLE.COLUMN_minus.OVER.
func (a *Comparisons) Gaps(ctx context.Context, column, over string) (*Gaps, error) {
	return a.gaps(ctx, report.ResultName(column), "", column, over)
}

func (a *Comparisons) gaps(ctx context.Context, short, which, column, over string) (*Gaps, error) {
	out := &Gaps{nothing: report.NoTruth}
	for k, r := range a.Of {
		i, err := r.index(column)
		if err != nil {
			return nil, err
		}
		j, err := r.index(over)
		if err != nil {
			return nil, err
		}
		iv, err := corr.BootstrapDifference(ctx, r.truth, r.values[i].Values, r.values[j].Values, corr.Tau, corr.BootstrapConfig{Resamples: r.resamples, Seed: r.seed})
		if err != nil {
			return nil, err
		}
		name := a.Cells[k].Name
		out.Of = append(out.Of, SignalGap{
			Table: name, Name: short + "_minus." + report.ResultName(over), Interval: iv, N: r.N(),
			Text: fmt.Sprintf("%s cells%s: tau of %s minus that of %s: %s (n = %d)", name, which, r.Signals[i].Name(), r.Signals[j].Name(), report.Bracket(iv, 3), r.N()),
		})
	}
	return out, nil
}

// RecordEpsilons appends what the choice of epsilon loses to the file of
// results, of a frame of Epsilons over n cells.
func RecordEpsilons(prefix string, df dataframe.DataFrame, n int) error {
	names := df.Col("epsilon by").Records()
	loss, lo, hi := df.Col("loss").Float(), df.Col("loss_lo").Float(), df.Col("loss_hi").Float()
	for i, name := range names {
		if i == 0 || math.IsNaN(loss[i]) { // the first is what others are compared with
			continue
		}
		if err := report.Record(prefix+".accuracy_lost."+report.ResultName(name), loss[i], lo[i], hi[i], n); err != nil {
			return err
		}
	}
	return nil
}

// RecordCurves appends the points of curves to the file of results, under names
// such as prefix.nngp_accuracy.8, within what another processor's rounding may
// change.
func RecordCurves(prefix string, curves []figure.Series, n int, within float64) error {
	for _, c := range curves {
		for i, x := range c.X {
			if err := report.RecordWithin(fmt.Sprintf("%s.%s.%g", prefix, report.ResultName(c.Name), x), c.Y[i], c.Lo[i], c.Hi[i], n, within); err != nil {
				return err
			}
		}
	}
	return nil
}

// RecordTau appends tau-b of every signal to the file of results, under names
// such as prefix.official.tau.accuracy_ema, within what another processor's
// rounding may change.
func (a *Comparisons) RecordTau(prefix string, within float64) error {
	for i, c := range a.Of {
		for j, s := range c.Report.Signals {
			iv := s.KendallInterval
			name := prefix + "." + a.Cells[i].Name + ".tau." + report.ResultName(c.Signals[j].Column)
			if err := report.RecordWithin(name, iv.Estimate, iv.Lower, iv.Upper, s.N, within); err != nil {
				return err
			}
		}
	}
	return nil
}
