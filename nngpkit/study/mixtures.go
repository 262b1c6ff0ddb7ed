package study

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Mixture is a mixture of signals: those that one has, and one that is added.
type Mixture struct {
	Name  string // of what one has, short
	Base  []truth.Signal
	Added truth.Signal
}

// AddedTo returns the mixtures of a signal with what one has anyway: each
// baseline, all of them, and shortened trainings, alone and with the baselines.
func AddedTo(added truth.Signal) []Mixture {
	var out []Mixture
	for _, c := range Controls()[1:] {
		out = append(out, Mixture{c.Name, c.Signals, added})
	}
	return out
}

// mixMethods are the ways to mix.
var mixMethods = []struct {
	name, short string
	mix         func(truth []float64, signals [][]float64) ([]float64, error)
}{
	{"mean of ranks", "ranks", func(_ []float64, x [][]float64) ([]float64, error) { return corr.RankMix(x...) }},
	{"ranks, fitted", "ranks_fitted", fitted(false)},
	{"values, fitted", "values_fitted", fitted(true)},
}

func fitted(raw bool) func(truth []float64, signals [][]float64) ([]float64, error) {
	return func(truth []float64, x [][]float64) ([]float64, error) {
		m, err := corr.CrossValidatedMix(truth, x, corr.MixConfig{Raw: raw})
		if err != nil {
			return nil, err
		}
		return m.Predicted, nil
	}
}

// Mixed is what a mixture is worth, mixed in one way.
type Mixed struct {
	Method   string
	Tau      *corr.Interval
	OverBest *corr.Interval // tau minus that of the best part
	OverBase *corr.Interval // tau minus that of the same mixture without what is added
}

// MixtureResult is what a mixture is worth on one table of cells.
type MixtureResult struct {
	Mixture Mixture
	N       int    // cells that know the truth and all parts
	Best    string // the part with the highest tau among these cells
	BestTau *corr.Interval
	Base    *corr.Interval // tau of the mean of the base's ranks
	By      []Mixed        // the mean of ranks, fitted ranks, fitted values
}

// MixtureResults holds mixtures on several tables of cells. Tables without
// truth are left out; where none has any, it says so.
type MixtureResults struct {
	Cells []*truth.Cells
	Of    [][]*MixtureResult // by table; nil where fewer than 30 cells know all parts
}

// MixAll measures mixtures in three ways: the mean of ranks, in which nothing is
// fitted, and linear mixtures of ranks and of values, whose weights are fitted
// by least squares in five folds, each cell being predicted by the weights of
// the folds without it. Differences are resampled with the mixtures as they are:
// their intervals hold the chance in the cells, not that in the weights.
func MixAll(ctx context.Context, tables []*truth.Cells, mixtures []Mixture, cfg CompareConfig) (*MixtureResults, error) {
	if len(mixtures) == 0 {
		return nil, fmt.Errorf("study: there is no mixture")
	}
	out := &MixtureResults{}
	for _, t := range tables {
		if !t.HasTruth() {
			continue
		}
		var of []*MixtureResult
		for _, m := range mixtures {
			r, err := mixOn(ctx, t, m, cfg.bootstrap())
			if err != nil {
				return nil, fmt.Errorf("%s cells, %s with %s: %w", t.Name, m.Name, m.Added.Name(), err)
			}
			of = append(of, r)
		}
		out.Cells, out.Of = append(out.Cells, t), append(out.Of, of)
	}
	return out, nil
}

func mixOn(ctx context.Context, t *truth.Cells, m Mixture, cfg corr.BootstrapConfig) (*MixtureResult, error) {
	parts := truth.With(m.Base, []truth.Signal{m.Added})
	truths, cols, err := truth.KnownColumns(t, parts)
	if err != nil || len(truths) < truth.FewestCells {
		return nil, err
	}
	r := &MixtureResult{Mixture: m, N: len(truths)}
	best, bestTau := 0, math.Inf(-1)
	for i, x := range cols {
		if tau := corr.Tau(truths, x); tau > bestTau {
			best, bestTau = i, tau
		}
	}
	r.Best = parts[best].Name()
	if r.BestTau, err = corr.Bootstrap(ctx, truths, cols[best], corr.Tau, cfg); err != nil {
		return nil, err
	}
	for i, method := range mixMethods {
		all, err := method.mix(truths, cols)
		if err != nil {
			return nil, err
		}
		base := cols[0]
		if len(m.Base) > 1 {
			if base, err = method.mix(truths, cols[:len(m.Base)]); err != nil {
				return nil, err
			}
		}
		if i == 0 {
			if r.Base, err = corr.Bootstrap(ctx, truths, base, corr.Tau, cfg); err != nil {
				return nil, err
			}
		}
		x := Mixed{Method: method.name}
		if x.Tau, err = corr.Bootstrap(ctx, truths, all, corr.Tau, cfg); err != nil {
			return nil, err
		}
		if x.OverBest, err = corr.BootstrapDifference(ctx, truths, all, cols[best], corr.Tau, cfg); err != nil {
			return nil, err
		}
		if x.OverBase, err = corr.BootstrapDifference(ctx, truths, all, base, corr.Tau, cfg); err != nil {
			return nil, err
		}
		r.By = append(r.By, x)
	}
	return r, nil
}

// added returns the name of the signal that is added.
func (a *MixtureResults) added() string {
	for _, of := range a.Of {
		for _, r := range of {
			if r != nil {
				return r.Mixture.Added.Name()
			}
		}
	}
	return "a signal"
}

// Sheets returns the mixtures as tables, a row a mixture: tau without what is
// added, with it, and how much is gained.
func (a *MixtureResults) Sheets() report.Sheets {
	if len(a.Of) == 0 {
		return noTruthSheet()
	}
	var out report.Sheets
	for i, c := range a.Cells {
		tau := &corr.Table{
			Title:   fmt.Sprintf("%s: tau-b of mixtures of the signal of each row with %s", headed(c, 0), a.added()),
			Columns: []string{"mixed with", "n", "without", "mean of ranks", "ranks, fitted", "values, fitted"},
		}
		gain := &corr.Table{
			Title:   headed(c, 0) + ": tau-b of these mixtures less that of their best part",
			Columns: []string{"mixed with", "n", "best part", "mean of ranks", "ranks, fitted", "values, fitted", "ranks, fitted, less the same without"},
		}
		for _, r := range a.Of[i] {
			if r == nil {
				continue
			}
			first := []string{r.Mixture.Name, fmt.Sprint(r.N), report.Bracket(r.Base, 2)}
			second := []string{r.Mixture.Name, fmt.Sprint(r.N), r.Best}
			for _, m := range r.By {
				first, second = append(first, report.Bracket(m.Tau, 2)), append(second, report.Bracket(m.OverBest, 3))
			}
			second = append(second, report.Bracket(r.By[1].OverBase, 3))
			tau.Rows, gain.Rows = append(tau.Rows, first), append(gain.Rows, second)
		}
		out = append(out, tau, gain)
	}
	return out
}

// HTML returns the mixtures as tables.
func (a *MixtureResults) HTML() string { return a.Sheets().HTML() }

// String returns the mixtures for a terminal.
func (a *MixtureResults) String() string { return a.Sheets().String() }

// Figure draws tau-b of what one has and of its mixture with what is added, a
// panel a table of cells. Paler bars are of counts alone, which cost nothing.
func (a *MixtureResults) Figure() (*figure.Figure, error) {
	return a.panels("What is gained by adding a signal: "+a.added(), "Kendall's τ-b with 95 % interval", func(of []*MixtureResult) []figure.BarGroup {
		groups := []figure.BarGroup{{Name: "alone"}, {Name: "with it, mean of ranks"}, {Name: "with it, fitted ranks"}}
		for _, r := range of {
			addBar(&groups[0], r.Base)
			addBar(&groups[1], r.By[0].Tau)
			addBar(&groups[2], r.By[1].Tau)
		}
		return groups
	})
}

// GainFigure draws how much tau-b mixtures gain over their best part, a panel a
// table of cells.
func (a *MixtureResults) GainFigure() (*figure.Figure, error) {
	return a.panels("Mixtures against their best part, with a signal added: "+a.added(), "gain of τ-b over the best part, 95 % interval", func(of []*MixtureResult) []figure.BarGroup {
		var groups []figure.BarGroup
		for i, method := range mixMethods {
			g := figure.BarGroup{Name: method.name}
			for _, r := range of {
				addBar(&g, r.By[i].OverBest)
			}
			groups = append(groups, g)
		}
		return groups
	})
}

func (a *MixtureResults) panels(title, x string, groups func(of []*MixtureResult) []figure.BarGroup) (*figure.Figure, error) {
	if len(a.Of) == 0 {
		return figure.Message(title, report.NoTruth), nil
	}
	var figs []*figure.Figure
	for i, c := range a.Cells {
		var names []string
		var known []*MixtureResult
		for _, r := range a.Of[i] {
			if r != nil {
				names, known = append(names, fmt.Sprintf("%s (n = %d)", r.Mixture.Name, r.N)), append(known, r)
			}
		}
		if known == nil {
			continue
		}
		f, err := figure.Bars(names, groups(known), figure.BarsConfig{Title: headed(c, 0), XLabel: x})
		if err != nil {
			return nil, err
		}
		figs = append(figs, f)
	}
	if figs == nil {
		return figure.Message(title, "No table has enough rows that know all parts of a mixture."), nil
	}
	return figure.Beside(title, 2, columnsWidth*float64(min(2, len(figs)))/2, figs...)
}

// Record appends all mixtures to the file of results, under names such as
// prefix.official.gain_over_best.conv3x3.ranks, where conv3x3 is what is mixed
// with the added signal.
func (a *MixtureResults) Record(prefix string) error {
	for i, c := range a.Cells {
		for _, r := range a.Of[i] {
			if r == nil {
				continue
			}
			for j, m := range r.By {
				name := strings.Join([]string{report.ResultName(r.Mixture.Name), mixMethods[j].short}, ".")
				for _, v := range []struct {
					what string
					iv   *corr.Interval
				}{{"mixture", m.Tau}, {"gain_over_best", m.OverBest}, {"gain_over_base", m.OverBase}} {
					record := report.RecordDetail
					if v.what != "mixture" {
						record = report.Record
					}
					if err := record(prefix+"."+c.Name+"."+v.what+"."+name, v.iv.Estimate, v.iv.Lower, v.iv.Upper, r.N); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}
