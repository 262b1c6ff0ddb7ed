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

// Control is what a partial correlation holds fixed: signals, taken together.
type Control struct {
	Name    string
	Signals []truth.Signal
}

// Controls returns what a signal is asked to be independent of: nothing, for
// comparison; each of the baselines and all of them; and shortened trainings,
// alone and with the baselines.
func Controls() []Control {
	out := []Control{{Name: "nothing"}}
	for _, s := range truth.Baselines() {
		out = append(out, Control{s.Name(), []truth.Signal{s}})
	}
	out = append(out, Control{"all three counts", truth.Baselines()})
	for _, s := range truth.ShortTraining() {
		out = append(out, Control{s.Name(), []truth.Signal{s}})
	}
	for _, s := range truth.ShortTraining() {
		out = append(out, Control{s.Name() + ", counts", truth.With([]truth.Signal{s}, truth.Baselines())})
	}
	return out
}

// Given is the partial correlation of a signal with the truth, given a control.
type Given struct {
	N        int              // cells that know the truth, the signal and the control
	Kendall  *corr.Interval   // bootstrap
	Spearman corr.Correlation // with Fisher's interval
}

// Partials holds the partial correlations of signals on several tables of
// cells. Tables without truth are left out; where none has any, it says so.
type Partials struct {
	Cells    []*truth.Cells
	Signals  []truth.Signal
	Controls []Control

	// Of is by table, control and signal; nil where the signal is a control, or
	// where fewer than 30 cells know all that is asked for.
	Of [][][]*Given
}

// PartialAll measures how well signals predict the truth when controls are held
// fixed: what they know that the controls do not. Each is over the cells that
// know the truth, the signal and the controls; a CompareConfig says how
// intervals are resampled.
func PartialAll(ctx context.Context, tables []*truth.Cells, signals []truth.Signal, controls []Control, cfg CompareConfig) (*Partials, error) {
	if len(signals) == 0 || len(controls) == 0 {
		return nil, fmt.Errorf("study: %d signals and %d controls", len(signals), len(controls))
	}
	p := &Partials{Signals: signals, Controls: controls}
	for _, t := range tables {
		if !t.HasTruth() {
			continue
		}
		of := make([][]*Given, len(controls))
		for i, c := range controls {
			of[i] = make([]*Given, len(signals))
			for j, s := range signals {
				g, err := partialOf(ctx, t, s, c, cfg)
				if err != nil {
					return nil, fmt.Errorf("%s cells, %s given %s: %w", t.Name, s.Name(), c.Name, err)
				}
				of[i][j] = g
			}
		}
		p.Cells, p.Of = append(p.Cells, t), append(p.Of, of)
	}
	return p, nil
}

func partialOf(ctx context.Context, t *truth.Cells, s truth.Signal, c Control, cfg CompareConfig) (*Given, error) {
	for _, other := range c.Signals {
		if other.Column == s.Column {
			return nil, nil
		}
	}
	truths, cols, err := truth.KnownColumns(t, append([]truth.Signal{s}, c.Signals...))
	if err != nil || len(truths) < truth.FewestCells {
		return nil, err
	}
	g := &Given{N: len(truths)}
	if g.Spearman, err = corr.PartialSpearman(truths, cols[0], cols[1:]...); err != nil {
		return nil, err
	}
	g.Kendall, err = corr.BootstrapRows(ctx, g.N, func(rows []int) float64 {
		picked := make([][]float64, len(cols)+1)
		for i, x := range append([][]float64{truths}, cols...) {
			picked[i] = truth.PickRows(x, rows)
		}
		k, err := corr.PartialKendall(picked[0], picked[1], picked[2:]...)
		if err != nil {
			return math.NaN()
		}
		return k.Value
	}, cfg.bootstrap())
	return g, err
}

// bootstrap returns how a configuration resamples.
func (c CompareConfig) bootstrap() corr.BootstrapConfig {
	if c.Resamples == 0 {
		c.Resamples = 1000
	}
	return corr.BootstrapConfig{Resamples: c.Resamples, Seed: c.Seed}
}

// Sheets returns the correlations as tables, two a table of cells: Kendall's and
// Spearman's, a row a control.
func (p *Partials) Sheets() report.Sheets {
	if len(p.Of) == 0 {
		return noTruthSheet()
	}
	var out report.Sheets
	for i, c := range p.Cells {
		for _, spearman := range []bool{false, true} {
			name := "Kendall's partial tau"
			if spearman {
				name = "Spearman's partial rho"
			}
			t := &corr.Table{Title: fmt.Sprintf("%s: %s of a signal with %s, 95 %% intervals in brackets", headed(c, 0), name, c.Truth), Columns: []string{"given", "n"}}
			for _, s := range p.Signals {
				t.Columns = append(t.Columns, s.Name())
			}
			for j, control := range p.Controls {
				if row := p.row(i, j, spearman); row != nil {
					t.Rows = append(t.Rows, append([]string{control.Name}, row...))
				}
			}
			out = append(out, t)
		}
	}
	return out
}

// noTruthSheet says that there is nothing to compare with.
func noTruthSheet() report.Sheets { return report.Sheets{&corr.Table{Notes: []string{report.NoTruth}}} }

// row returns n and the correlations of one control as text; nil where none is
// known.
func (p *Partials) row(table, control int, spearman bool) []string {
	row, n := []string{""}, 0
	for _, g := range p.Of[table][control] {
		if g == nil {
			row = append(row, "")
			continue
		}
		n = max(n, g.N)
		iv := g.Kendall
		if spearman {
			iv = &corr.Interval{Estimate: g.Spearman.Value, Lower: g.Spearman.Lower, Upper: g.Spearman.Upper}
		}
		row = append(row, report.Bracket(iv, 2))
	}
	if n == 0 {
		return nil
	}
	row[0] = fmt.Sprint(n)
	return row
}

// HTML returns the correlations as tables.
func (p *Partials) HTML() string { return p.Sheets().HTML() }

// String returns the correlations for a terminal.
func (p *Partials) String() string { return p.Sheets().String() }

// Figure draws Kendall's partial tau, a panel a table of cells: a group of bars
// a control, a color a signal.
func (p *Partials) Figure() (*figure.Figure, error) {
	const title = "What signals know that others do not"
	if len(p.Of) == 0 {
		return figure.Message(title, report.NoTruth), nil
	}
	var figs []*figure.Figure
	for i, c := range p.Cells {
		rows, names := p.known(i)
		if len(rows) == 0 {
			continue
		}
		var groups []figure.BarGroup
		for j, s := range p.Signals {
			g := figure.BarGroup{Name: s.Name(), Color: colorOf(s.Column), Baseline: s.Baseline}
			for _, k := range rows {
				addBar(&g, kendallOf(p.Of[i][k][j]))
			}
			groups = append(groups, g)
		}
		cfg := figure.BarsConfig{Title: headed(c, 0), XLabel: "partial τ-b with trained accuracy, the row's signals held fixed"}
		if left := len(p.Controls) - len(rows); left > 0 {
			cfg.Subtitle = fmt.Sprintf("Not drawn: %s known of fewer than %d %ss", report.Plural(left, "row"), truth.FewestCells, nounOf(c))
		}
		f, err := figure.Bars(names, groups, cfg)
		if err != nil {
			return nil, err
		}
		figs = append(figs, f)
	}
	return figure.Beside(title, 2, columnsWidth*float64(min(2, len(figs)))/2, figs...)
}

// known returns the controls of which a table has something, and their names with n.
func (p *Partials) known(table int) (rows []int, names []string) {
	for k, c := range p.Controls {
		n := 0
		for _, g := range p.Of[table][k] {
			if g != nil {
				n = max(n, g.N)
			}
		}
		if n == 0 {
			continue
		}
		name := c.Name
		if len(c.Signals) == 0 {
			name = "nothing held: plain τ-b"
		}
		rows, names = append(rows, k), append(names, fmt.Sprintf("%s (n = %d)", name, n))
	}
	return rows, names
}

func kendallOf(g *Given) *corr.Interval {
	if g == nil {
		return nil
	}
	return g.Kendall
}

// addBar adds a bar with its interval, or a gap for nil.
func addBar(g *figure.BarGroup, iv *corr.Interval) {
	v, lo, hi := math.NaN(), math.NaN(), math.NaN()
	if iv != nil {
		v, lo, hi = iv.Estimate, iv.Lower, iv.Upper
	}
	g.Values, g.Lo, g.Hi = append(g.Values, v), append(g.Lo, lo), append(g.Hi, hi)
}

// Record appends all correlations to the file of results, under names such as
// prefix.official.partial_tau.accuracy.given_parameters.
func (p *Partials) Record(prefix string) error {
	for i, c := range p.Cells {
		for j, control := range p.Controls {
			for k, s := range p.Signals {
				g := p.Of[i][j][k]
				if g == nil {
					continue
				}
				of := strings.Join([]string{report.ResultName(s.Column), "given_" + report.ResultName(control.Name)}, ".")
				if err := report.Record(prefix+"."+c.Name+".partial_tau."+of, g.Kendall.Estimate, g.Kendall.Lower, g.Kendall.Upper, g.N); err != nil {
					return err
				}
				if err := report.RecordDetail(prefix+"."+c.Name+".partial_rho."+of, g.Spearman.Value, g.Spearman.Lower, g.Spearman.Upper, g.N); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
