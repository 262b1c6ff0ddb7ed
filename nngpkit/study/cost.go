package study

import (
	"context"
	"errors"
	"fmt"
	"html"
	"math"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// CostConfig says how CompareCosts measures quality. Its zero value takes PQETP
// at a truth of 0.91 and 1,000 resamples for the intervals.
type CostConfig struct {
	Threshold float64 // of PQETP; 0 means 0.91
	Resamples int     // of the bootstrap; 0 means 1000
	Seed      uint64
}

// CostPoint is one point of a CostComparison.
type CostPoint struct {
	Curve, Label string
	Baseline     bool
	GFLOPs       float64 // of one run, the mean over the cells; 0 for baselines
	Runs         int     // over which tau and PQETP are averaged
	Tau, PQETP   *corr.Interval

	values [][]float64 // of each run, by row
}

// CostComparison is what signals cost and how well they predict the truth, all
// on the same cells: those for which every point of every curve is known.
type CostComparison struct {
	Cells     *truth.Cells
	Threshold float64
	Points    []CostPoint

	cfg   CostConfig
	truth []float64
}

// CompareCosts measures every point of the curves, and the baselines, on the
// cells of a table that all of them know. A signal of several runs a cell, such
// as three trainings, is what one run is worth: tau and PQETP are the means over
// the runs. Intervals are 95 %, from bootstrap resamples of the cells, the same
// for every point.
func CompareCosts(ctx context.Context, c *truth.Cells, curves []Curve, cfg CostConfig) (*CostComparison, error) {
	if cfg.Threshold == 0 {
		cfg.Threshold = 0.91
	}
	if cfg.Resamples == 0 {
		cfg.Resamples = 1000
	}
	free, err := baselineCurves(c)
	if err != nil {
		return nil, err
	}
	curves = append(append([]Curve(nil), curves...), free...)
	truths, err := frame.Floats(c.Frame, truth.TruthColumn)
	if err != nil {
		return nil, err
	}
	out := &CostComparison{Cells: c, Threshold: cfg.Threshold, cfg: cfg}
	var hashes []string
	for i, hash := range c.Frame.Col(frame.KeyColumn).Records() {
		if knownToAll(curves, hash) {
			hashes, out.truth = append(hashes, hash), append(out.truth, truths[i])
		}
	}
	if len(hashes) < 3 {
		return nil, fmt.Errorf("study: %s cells: %d cells are known to all of %d curves, want 3 at least: %w", c.Name, len(hashes), len(curves), truth.ErrNoCells)
	}
	for _, curve := range curves {
		for _, p := range curve.Points {
			point, err := out.measure(ctx, curve, p, hashes)
			if err != nil {
				return nil, fmt.Errorf("study: %s, %s: %w", curve.Name, p.Label, err)
			}
			out.Points = append(out.Points, point)
		}
	}
	return out, nil
}

func knownToAll(curves []Curve, hash string) bool {
	for _, c := range curves {
		for _, p := range c.Points {
			if !p.known(hash) {
				return false
			}
		}
	}
	return true
}

// measure evaluates one point on the cells of the given hashes.
func (c *CostComparison) measure(ctx context.Context, curve Curve, p CurvePoint, hashes []string) (CostPoint, error) {
	out := CostPoint{Curve: curve.Name, Label: p.Label, Baseline: curve.Baseline, Runs: math.MaxInt}
	for _, h := range hashes {
		out.Runs = min(out.Runs, len(p.runs[h]))
		out.GFLOPs += p.gflops[h] / float64(len(hashes))
	}
	mixed, err := c.mixedWith(p, hashes)
	if err != nil {
		return out, err
	}
	for r := 0; r < out.Runs; r++ {
		run := make([]float64, len(hashes))
		for i, h := range hashes {
			run[i] = p.runs[h][r]
		}
		if mixed != nil {
			if run, err = corr.RankMix(append([][]float64{run}, mixed...)...); err != nil {
				return out, err
			}
		}
		out.values = append(out.values, run)
	}
	for _, v := range out.values {
		if err := corr.CheckColumn("signal", v); err != nil {
			return out, err
		}
	}
	if out.Tau, err = c.interval(ctx, corr.Tau, out); err != nil {
		return out, err
	}
	out.PQETP, err = c.interval(ctx, corr.AUCAbove(c.Threshold), out)
	return out, err
}

// mixedWith returns what a point's runs are mixed with on these cells; nil where
// it is nothing.
func (c *CostComparison) mixedWith(p CurvePoint, hashes []string) ([][]float64, error) {
	var out [][]float64
	for _, part := range p.parts {
		x := make([]float64, len(hashes))
		for i, h := range hashes {
			x[i] = part[h]
		}
		out = append(out, x)
	}
	if len(p.free) == 0 {
		return out, nil
	}
	rows, err := frame.KeyRows(c.Cells.Frame, c.Cells.Name, frame.KeyColumn)
	if err != nil {
		return nil, err
	}
	at := make([]int, len(hashes))
	for i, h := range hashes {
		at[i] = rows[h]
	}
	for _, s := range p.free {
		x, err := s.Values(c.Cells.Frame)
		if err != nil {
			return nil, err
		}
		out = append(out, truth.PickRows(x, at))
	}
	return out, nil
}

func (c *CostComparison) bootstrap() corr.BootstrapConfig {
	return corr.BootstrapConfig{Resamples: c.cfg.Resamples, Seed: c.cfg.Seed}
}

// interval bootstraps the mean of a statistic over the runs of a point.
func (c *CostComparison) interval(ctx context.Context, stat corr.Statistic, p CostPoint) (*corr.Interval, error) {
	return corr.BootstrapRows(ctx, len(c.truth), func(rows []int) float64 { return c.meanOf(stat, p, rows) }, c.bootstrap())
}

// meanOf returns the mean over the runs of a statistic of some rows.
func (c *CostComparison) meanOf(stat corr.Statistic, p CostPoint, rows []int) float64 {
	truth, x := make([]float64, len(rows)), make([]float64, len(rows))
	for i, r := range rows {
		truth[i] = c.truth[r]
	}
	sum := 0.0
	for _, v := range p.values {
		for i, r := range rows {
			x[i] = v[r]
		}
		sum += stat(truth, x)
	}
	return sum / float64(len(p.values))
}

// N returns the number of cells that all points were measured on.
func (c *CostComparison) N() int { return len(c.truth) }

// At returns the point of that curve and label.
func (c *CostComparison) At(curve, label string) (CostPoint, error) {
	var known []string
	for _, p := range c.Points {
		if p.Curve == curve && p.Label == label {
			return p, nil
		}
		known = append(known, p.Curve+", "+p.Label)
	}
	return CostPoint{}, fmt.Errorf("study: there is no point %q of curve %q; there are %s", label, curve, strings.Join(known, ", "))
}

// Gap is how two points of a CostComparison differ.
type Gap struct {
	A, B      CostPoint
	Tau       *corr.Interval // tau of A minus tau of B, on the same resamples
	CostRatio float64        // GFLOPs of B over those of A
	N         int
}

// String says the gap in a line.
func (g Gap) String() string {
	s := fmt.Sprintf("%s: tau %s; %s: %s; difference %s (n = %d)", g.A.name(), report.Minus(g.A.Tau.Estimate, 3),
		g.B.name(), report.Minus(g.B.Tau.Estimate, 3), report.Bracket(g.Tau, 3), g.N)
	switch {
	case g.A.GFLOPs == 0 || g.B.GFLOPs == 0:
		return s
	case g.CostRatio > 1:
		return s + fmt.Sprintf(", at 1/%s of the operations", report.GFLOPs(g.CostRatio))
	}
	return s + fmt.Sprintf(", at %s times the operations", report.GFLOPs(1/g.CostRatio))
}

// name is the curve and the point, and a baseline's name once.
func (p CostPoint) name() string {
	if p.Baseline {
		return p.Curve
	}
	return p.Curve + ", " + p.Label
}

// Gap returns how the tau and the cost of point a differ from those of b.
func (c *CostComparison) Gap(ctx context.Context, a, b CostPoint) (Gap, error) {
	if len(a.values) == 0 || len(b.values) == 0 || len(a.values[0]) != c.N() || len(b.values[0]) != c.N() {
		return Gap{}, fmt.Errorf("study: a gap is between two points of the same comparison")
	}
	g := Gap{A: a, B: b, CostRatio: b.GFLOPs / a.GFLOPs, N: c.N()}
	var err error
	g.Tau, err = corr.BootstrapRows(ctx, c.N(), func(rows []int) float64 {
		return c.meanOf(corr.Tau, a, rows) - c.meanOf(corr.Tau, b, rows)
	}, c.bootstrap())
	return g, err
}

// Record appends the gap to the file of results: NAME.tau, and NAME.cost_ratio
// where both cost something.
func (g Gap) Record(name string) error {
	if err := report.Record(name+".tau", g.Tau.Estimate, g.Tau.Lower, g.Tau.Upper, g.N); err != nil {
		return err
	}
	if g.A.GFLOPs == 0 || g.B.GFLOPs == 0 {
		return nil
	}
	return report.RecordValue(name+".cost_ratio", g.CostRatio)
}

// Frame returns the comparison with a row a point.
func (c *CostComparison) Frame() dataframe.DataFrame {
	var curve, label []string
	var runs []int
	cols := map[string][]float64{}
	order := []string{"gflops", "tau", "tau_lo", "tau_hi", "pqetp", "pqetp_lo", "pqetp_hi"}
	for _, p := range c.Points {
		curve, label, runs = append(curve, p.Curve), append(label, p.Label), append(runs, p.Runs)
		for i, v := range []float64{p.GFLOPs, p.Tau.Estimate, p.Tau.Lower, p.Tau.Upper, p.PQETP.Estimate, p.PQETP.Lower, p.PQETP.Upper} {
			cols[order[i]] = append(cols[order[i]], v)
		}
	}
	out := []series.Series{series.New(curve, series.String, "curve"), series.New(label, series.String, "point"), series.New(runs, series.Int, "runs")}
	for _, name := range order {
		out = append(out, series.New(cols[name], series.Float, name))
	}
	return dataframe.New(out...)
}

// HTML returns the comparison as a table.
func (c *CostComparison) HTML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<table><caption>%s, n = %d, 95 %% intervals in brackets</caption>", html.EscapeString(headed(c.Cells, 0)), c.N())
	fmt.Fprintf(&b, "<thead><tr><th>curve</th><th>point</th><th>GFLOP per network</th><th>Kendall's tau-b</th><th>PQETP at %g</th></tr></thead><tbody>", c.Threshold)
	for _, p := range c.Points {
		name, label := html.EscapeString(p.Curve), html.EscapeString(p.Label)
		if p.Baseline {
			name, label = "<i>"+name+"</i>", ""
		}
		fmt.Fprintf(&b, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>", name, label, report.GFLOPs(p.GFLOPs), report.Bracket(p.Tau, 3), report.Bracket(p.PQETP, 3))
	}
	b.WriteString("</tbody></table>")
	return b.String()
}

// String returns the comparison for a terminal.
func (c *CostComparison) String() string { return c.Frame().String() }

// Series returns a curve for each of the comparison's, for figure.CostQuality:
// tau over FLOPs, or PQETP where pqetp is set.
func (c *CostComparison) Series(pqetp bool) []figure.Series {
	var out []figure.Series
	for _, p := range c.Points {
		if len(out) == 0 || out[len(out)-1].Name != p.Curve {
			out = append(out, figure.Series{Name: p.Curve, Baseline: p.Baseline})
		}
		s, iv := &out[len(out)-1], p.Tau
		if pqetp {
			iv = p.PQETP
		}
		add(s, p.GFLOPs*1e9, iv.Estimate, iv.Lower, iv.Upper)
		s.Labels = append(s.Labels, p.Label)
	}
	for i := range out {
		keepLabels(out[:i], &out[i])
	}
	colorCurves(out)
	return out
}

// keepLabels drops labels that a figure can do without: those inside of a long
// curve, those that a curve before has at the same cost, and a baseline's, whose
// name says it.
func keepLabels(before []figure.Series, s *figure.Series) {
	for i, label := range s.Labels {
		drop := s.Baseline || len(s.Labels) > 3 && i > 0 && i < len(s.Labels)-1
		for _, o := range before {
			for j := range o.Labels {
				drop = drop || o.Labels[j] == label && math.Abs(o.X[j]-s.X[i]) < 0.01*s.X[i]
			}
		}
		if drop {
			s.Labels[i] = ""
		}
	}
}

// Figure draws tau and PQETP over the cost, side by side.
func (c *CostComparison) Figure(title string) (*figure.Figure, error) {
	figs, err := c.panels(nil)
	if err != nil {
		return nil, err
	}
	return figure.Beside(title, 2, columnsWidth, figs...)
}

func (c *CostComparison) panels(figs []*figure.Figure) ([]*figure.Figure, error) {
	for _, pqetp := range []bool{false, true} {
		cfg := figure.CurveConfig{Title: headed(c.Cells, c.N()), YLabel: "Kendall's τ-b", Height: 3.7}
		if pqetp {
			cfg.YLabel = fmt.Sprintf("PQETP, truth above %g", c.Threshold)
		}
		f, err := figure.CostQuality(c.Series(pqetp), cfg)
		if err != nil {
			return nil, err
		}
		figs = append(figs, f)
	}
	return figs, nil
}

// Record appends all points to the file of results, under names such as
// prefix.tau.shortened_training.4_epochs.
func (c *CostComparison) Record(prefix string) error {
	for _, p := range c.Points {
		name := report.ResultName(p.Curve)
		if !p.Baseline {
			name += "." + report.ResultName(p.Label)
			if err := report.RecordDetail(prefix+".gflops."+name, p.GFLOPs, math.NaN(), math.NaN(), c.N()); err != nil {
				return err
			}
		}
		for _, r := range []struct {
			what string
			iv   *corr.Interval
		}{{"tau", p.Tau}, {"pqetp", p.PQETP}} {
			if err := report.RecordDetail(prefix+"."+r.what+"."+name, r.iv.Estimate, r.iv.Lower, r.iv.Upper, c.N()); err != nil {
				return err
			}
		}
	}
	return nil
}

// CostComparisons holds the same comparison of costs on several tables of cells.
// Tables without truth are left out; where none has any, it says so.
type CostComparisons struct {
	Of      []*CostComparison
	Missing []Curve // without points, left out
}

// CompareAllCosts compares curves on every table that has a truth. Tables of
// which too few cells are known to all curves are left out.
func CompareAllCosts(ctx context.Context, tables []*truth.Cells, curves []Curve, cfg CostConfig) (*CostComparisons, error) {
	all := &CostComparisons{}
	var known []Curve
	for _, c := range curves {
		if c.Missing == "" {
			known = append(known, c)
		} else {
			all.Missing = append(all.Missing, c)
		}
	}
	for _, t := range tables {
		if !t.HasTruth() {
			continue
		}
		c, err := CompareCosts(ctx, t, known, cfg)
		if errors.Is(err, truth.ErrNoCells) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all.Of = append(all.Of, c)
	}
	return all, nil
}

// Table returns the comparison on the table of that name, or nil.
func (a *CostComparisons) Table(name string) *CostComparison {
	for _, c := range a.Of {
		if c.Cells.Name == name {
			return c
		}
	}
	return nil
}

// HTML returns all comparisons as tables.
func (a *CostComparisons) HTML() string {
	if len(a.Of) == 0 {
		return "<p>" + report.NoTruth + "</p>"
	}
	var parts []string
	for _, c := range a.Of {
		parts = append(parts, c.HTML())
	}
	for _, c := range a.Missing {
		parts = append(parts, "<p>"+html.EscapeString(c.LeftOut())+"</p>")
	}
	return strings.Join(parts, "")
}

// String returns all comparisons for a terminal.
func (a *CostComparisons) String() string {
	if len(a.Of) == 0 {
		return report.NoTruth
	}
	var parts []string
	for _, c := range a.Of {
		parts = append(parts, fmt.Sprintf("%s, n = %d\n%s", named(c.Cells), c.N(), c))
	}
	for _, c := range a.Missing {
		parts = append(parts, c.LeftOut())
	}
	return strings.Join(parts, "\n")
}

// Figure draws a row a table: tau and PQETP over the cost.
func (a *CostComparisons) Figure(title string) (*figure.Figure, error) {
	if len(a.Of) == 0 {
		return figure.Message(title, report.NoTruth), nil
	}
	var figs []*figure.Figure
	for _, c := range a.Of {
		var err error
		if figs, err = c.panels(figs); err != nil {
			return nil, err
		}
	}
	return figure.Beside(title, 2, columnsWidth, figs...)
}

// Record appends all points to the file of results.
func (a *CostComparisons) Record(prefix string) error {
	for _, c := range a.Of {
		if err := c.Record(prefix + "." + c.Cells.Name); err != nil {
			return err
		}
	}
	return nil
}

// Gaps returns the gap between two points, given by curve and label, on every
// table. If a curve was left out, they say so instead. Their records are named
// TABLE.tau and TABLE.cost_ratio.
func (a *CostComparisons) Gaps(ctx context.Context, curveA, labelA, curveB, labelB string) (*Gaps, error) {
	for _, c := range a.Missing {
		if c.Name == curveA || c.Name == curveB {
			return &Gaps{nothing: c.LeftOut()}, nil
		}
	}
	out := &Gaps{nothing: report.NoTruth}
	for _, c := range a.Of {
		pa, err := c.At(curveA, labelA)
		if err != nil {
			return nil, err
		}
		pb, err := c.At(curveB, labelB)
		if err != nil {
			return nil, err
		}
		g, err := c.Gap(ctx, pa, pb)
		if err != nil {
			return nil, err
		}
		out.Of = append(out.Of, SignalGap{
			Table: c.Cells.Name, Interval: g.Tau, N: g.N, record: g.Record,
			Text: fmt.Sprintf("%s cells: %v", c.Cells.Name, g),
		})
	}
	return out, nil
}
