package study

import (
	"context"
	"fmt"
	"html"
	"math"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// CompareConfig says how signals are compared. Its zero value has the paper's
// thresholds and top 10, and 1,000 resamples for the intervals.
type CompareConfig struct {
	Thresholds []float64 // of PQETP; nil means .85 .87 .89 .91 .93
	Top        int       // of discovered performance; 0 means 10
	Resamples  int       // of the bootstrap; 0 means 1000
	Seed       uint64

	// Partial lets CompareAll leave out, on each table, the signals that are not
	// known for all of its cells, and say so. Otherwise they are an error.
	Partial bool
}

// Comparison is how well signals predict one truth. A notebook shows it as a
// table; its methods give the curves that figures draw.
type Comparison struct {
	Truth   string // the column
	Signals []truth.Signal
	Report  *corr.Report
	Missing []truth.Signal // left out, as CompareConfig.Partial allows

	truth     []float64
	values    []corr.Signal
	resamples int
	seed      uint64
}

// Compare measures how well signals predict a truth, both columns of df, over
// all its rows. Rank correlations are tau-b; the top k of a tied signal is
// averaged over the orders of what is tied; intervals are 95 %, from bootstrap
// resamples of the rows.
func Compare(ctx context.Context, df dataframe.DataFrame, truths string, signals []truth.Signal, cfg CompareConfig) (*Comparison, error) {
	t, values, err := truth.Columns(df, truths, signals)
	if err != nil {
		return nil, err
	}
	if cfg.Resamples == 0 {
		cfg.Resamples = 1000
	}
	report, err := corr.Compare(ctx, t, values, corr.ReportConfig{
		TruthName: truths, Thresholds: cfg.Thresholds, Top: cfg.Top, Bootstrap: cfg.Resamples, Seed: cfg.Seed,
	})
	if err != nil {
		return nil, err
	}
	return &Comparison{Truth: truths, Signals: signals, Report: report, truth: t, values: values, resamples: cfg.Resamples, seed: cfg.Seed}, nil
}

// N returns the number of rows compared.
func (c *Comparison) N() int { return c.Report.N }

// Frame returns the comparison with one row a signal: tau-b, Pearson and
// Spearman with their intervals, discovered performance, and the share of
// pairs of rows that the signal ties.
func (c *Comparison) Frame() dataframe.DataFrame {
	n := len(c.Signals)
	names := make([]string, n)
	cols := map[string][]float64{}
	order := []string{"tau", "tau_lo", "tau_hi", "pearson", "pearson_lo", "pearson_hi", "spearman", "spearman_lo", "spearman_hi", "discovered", "discovered_lo", "discovered_hi", "tied_pairs"}
	for i, s := range c.Report.Signals {
		names[i] = s.Signal
		row := []float64{
			s.Kendall.Value, s.KendallInterval.Lower, s.KendallInterval.Upper,
			s.Pearson.Value, s.PearsonInterval.Lower, s.PearsonInterval.Upper,
			s.Spearman.Value, s.SpearmanInterval.Lower, s.SpearmanInterval.Upper,
			s.Discovered, s.DiscoveredInterval.PercentileLower, s.DiscoveredInterval.PercentileUpper,
			tiedPairs(c.values[i].Values),
		}
		for j, v := range row {
			cols[order[j]] = append(cols[order[j]], v)
		}
	}
	out := []series.Series{series.New(names, series.String, "signal")}
	for _, name := range order {
		out = append(out, series.New(cols[name], series.Float, name))
	}
	return dataframe.New(out...)
}

// tiedPairs returns the share of pairs with equal values.
func tiedPairs(x []float64) float64 {
	counts := map[float64]int{}
	for _, v := range x {
		counts[v]++
	}
	tied := 0.0
	for _, c := range counts {
		tied += float64(c) * float64(c-1)
	}
	n := float64(len(x))
	return tied / (n * (n - 1))
}

// HTML returns the comparison as a table.
func (c *Comparison) HTML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<table><caption>Signals against %s: n = %d, 95 %% intervals in brackets</caption>", html.EscapeString(c.Truth), c.N())
	fmt.Fprintf(&b, "<thead><tr><th>signal</th><th>Kendall's tau-b</th><th>Pearson</th><th>Spearman</th><th>best of top %d</th><th>tied pairs</th></tr></thead><tbody>", c.Report.Top)
	for i, s := range c.Report.Signals {
		name := html.EscapeString(s.Signal)
		if c.Signals[i].Baseline {
			name = "<i>" + name + "</i>"
		}
		fmt.Fprintf(&b, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%.1f %%</td></tr>", name,
			report.Bracket(s.KendallInterval, 3), report.Bracket(s.PearsonInterval, 3), report.Bracket(s.SpearmanInterval, 3), report.Bracket(report.Percentile(s.DiscoveredInterval), 4),
			100*tiedPairs(c.values[i].Values))
	}
	fmt.Fprintf(&b, "</tbody></table><p>Best of all: %.4f. Baselines in italics. %s</p>", c.Report.BestTruth, html.EscapeString(c.missing()))
	return b.String()
}

// missing says which signals were left out.
func (c *Comparison) missing() string {
	var names []string
	for _, s := range c.Missing {
		names = append(names, s.Name())
	}
	if names == nil {
		return ""
	}
	return "Not known for all of these cells, and left out: " + strings.Join(names, ", ") + "."
}

// String returns the comparison for a terminal.
func (c *Comparison) String() string { return c.Report.String() }

// Caption describes one signal's agreement with the truth in a line, for a
// figure's subtitle, which says where the signal is turned.
func (c *Comparison) Caption(signal string) (string, error) { return c.caption(signal, true) }

func (c *Comparison) caption(signal string, withN bool) (string, error) {
	i, err := c.index(signal)
	if err != nil {
		return "", err
	}
	s := c.Report.Signals[i]
	text := fmt.Sprintf("Kendall's τ-b %s · Pearson %s", report.Bracket(s.KendallInterval, 2), report.Bracket(s.PearsonInterval, 2))
	if withN {
		text += fmt.Sprintf(" · n = %d", s.N)
	}
	if ties := 100 * tiedPairs(c.values[i].Values); ties >= 0.05 {
		text += fmt.Sprintf(" · %.1f %% of pairs tied in the signal", ties)
	}
	if c.Signals[i].Lower {
		text += "\nboth of minus the signal: smaller is better, so that a falling cloud has a positive τ-b"
	}
	return text, nil
}

// index finds a signal by its column or its label.
func (c *Comparison) index(signal string) (int, error) {
	var names []string
	for i, s := range c.Signals {
		if s.Column == signal || s.Name() == signal {
			return i, nil
		}
		names = append(names, s.Name())
	}
	return 0, fmt.Errorf("study: signal %q was not compared; there are %s", signal, strings.Join(names, ", "))
}

// Scatter draws the truth against one signal. Values of a signal of which
// less is better are drawn as they are, not turned.
func (c *Comparison) Scatter(signal string, cfg figure.ScatterConfig) (*figure.Figure, error) {
	i, err := c.index(signal)
	if err != nil {
		return nil, err
	}
	if cfg.Subtitle == "" {
		if cfg.Subtitle, err = c.Caption(signal); err != nil {
			return nil, err
		}
	}
	if cfg.SignalLabel == "" {
		cfg.SignalLabel = c.Signals[i].Name()
	}
	x := append([]float64(nil), c.values[i].Values...)
	if c.Signals[i].Lower {
		for j := range x {
			x[j] = -x[j]
		}
	}
	return figure.Scatter(x, c.truth, cfg)
}

// PQETP returns a curve a signal: the area under the ROC curve of "truth above
// p" over the thresholds p, with DeLong's intervals. Thresholds that leave
// fewer than three rows on a side are gaps.
func (c *Comparison) PQETP(thresholds []float64) ([]figure.Series, error) {
	return c.each(func(s corr.Signal, out *figure.Series) error {
		res, err := corr.PQETP(c.truth, s.Values, thresholds)
		for _, r := range res {
			y, lo, hi := r.Value, r.Lower, r.Upper
			if r.Positives < 3 || r.Negatives < 3 {
				y, lo, hi = math.NaN(), math.NaN(), math.NaN()
			}
			add(out, r.Threshold, y, lo, hi)
		}
		return err
	})
}

// Discovered returns a curve a signal: the expected best truth among the top k,
// for each k, with bootstrap intervals where resamples is not 0.
func (c *Comparison) Discovered(ctx context.Context, ks []int, resamples int) ([]figure.Series, error) {
	return c.each(func(s corr.Signal, out *figure.Series) error {
		for _, k := range ks {
			y, err := corr.DiscoveredPerformance(c.truth, s.Values, k)
			if err != nil {
				return err
			}
			if resamples == 0 {
				out.X, out.Y = append(out.X, float64(k)), append(out.Y, y)
				continue
			}
			iv, err := corr.Bootstrap(ctx, c.truth, s.Values, corr.Discovered(k), corr.BootstrapConfig{Resamples: resamples, Seed: c.seed})
			if err != nil {
				return err
			}
			add(out, float64(k), y, iv.PercentileLower, iv.PercentileUpper)
		}
		return nil
	})
}

// Random returns what a choice at random finds: the expected best truth among k
// cells of all, for each k.
func (c *Comparison) Random(ks []int) (figure.Series, error) {
	out := figure.Series{Name: "at random", Baseline: true}
	nothing := make([]float64, len(c.truth))
	for _, k := range ks {
		y, err := corr.DiscoveredPerformance(c.truth, nothing, k) // all are tied: the mean over every choice
		if err != nil {
			return out, err
		}
		out.X, out.Y = append(out.X, float64(k)), append(out.Y, y)
	}
	return out, nil
}

// Goodness returns the two numbers by which the paper judges how a signal finds
// good cells, as a table: PQETP at each threshold, and the best truth among the
// signal's top, each with its 95 % interval (DeLong's for PQETP, else bootstrap
// percentiles).
func (c *Comparison) Goodness() *corr.Table {
	t := &corr.Table{Columns: []string{"signal"}}
	for _, a := range c.Report.Signals[0].PQETP {
		t.Columns = append(t.Columns, fmt.Sprintf("p = %g (%d above)", a.Threshold, a.Positives))
	}
	t.Columns = append(t.Columns, fmt.Sprintf("best of top %d", c.Report.Top))
	for i, s := range c.Report.Signals {
		row := []string{c.Signals[i].Name()}
		for _, a := range s.PQETP {
			row = append(row, report.Bracket(&corr.Interval{Estimate: a.Value, Lower: a.Lower, Upper: a.Upper}, 2))
		}
		t.Rows = append(t.Rows, append(row, report.Bracket(report.Percentile(s.DiscoveredInterval), 4)))
	}
	if random, err := c.Random([]int{c.Report.Top}); err == nil {
		t.Notes = append(t.Notes, fmt.Sprintf("Best of all: %.4f; expected best of %d at random: %.4f.", c.Report.BestTruth, c.Report.Top, random.Y[0]))
	}
	if text := c.missing(); text != "" {
		t.Notes = append(t.Notes, text)
	}
	return t
}

// Reduction returns a curve a signal: which share of the truly best top rows is
// kept when only the rows are kept that the signal likes best.
func (c *Comparison) Reduction(top int) ([]figure.Series, error) {
	return c.each(func(s corr.Signal, out *figure.Series) error {
		shares, err := corr.Shares(c.truth, s.Values, top, corr.EvenCounts(len(c.truth), 50))
		out.X, out.Y = append(out.X, 0), append(out.Y, 0)
		for _, p := range shares {
			out.X, out.Y = append(out.X, p.KeepShare), append(out.Y, p.TopShare)
		}
		return err
	})
}

// each builds one series a signal.
func (c *Comparison) each(f func(s corr.Signal, out *figure.Series) error) ([]figure.Series, error) {
	out := make([]figure.Series, len(c.values))
	for i, s := range c.values {
		out[i] = figure.Series{Name: s.Name, Baseline: c.Signals[i].Baseline, Color: colorOf(c.Signals[i].Column)}
		if err := f(s, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func add(s *figure.Series, x, y, lo, hi float64) {
	s.X, s.Y = append(s.X, x), append(s.Y, y)
	s.Lo, s.Hi = append(s.Lo, lo), append(s.Hi, hi)
}

// Bars returns the tau-b of all signals as one group of bars.
func (c *Comparison) Bars(name string) figure.BarGroup {
	g := figure.BarGroup{Name: fmt.Sprintf("%s (n = %d)", name, c.N())}
	for _, s := range c.Report.Signals {
		g.Values = append(g.Values, s.Kendall.Value)
		g.Lo = append(g.Lo, s.KendallInterval.Lower)
		g.Hi = append(g.Hi, s.KendallInterval.Upper)
	}
	return g
}

// Labels returns the names of the signals, and which are baselines: what a bar
// chart of Bars needs.
func (c *Comparison) Labels() (names []string, baseline []bool) { return labels(c.Signals) }

func labels(signals []truth.Signal) (names []string, baseline []bool) {
	for _, s := range signals {
		names, baseline = append(names, s.Name()), append(baseline, s.Baseline)
	}
	return names, baseline
}

// Record appends all statistics to the file of results, under names such as
// prefix.tau.nngp_accuracy.
func (c *Comparison) Record(prefix string) error {
	for i, s := range c.Report.Signals {
		name := report.ResultName(c.Signals[i].Column)
		tau := s.KendallInterval
		if err := report.Record(prefix+".tau."+name, tau.Estimate, tau.Lower, tau.Upper, s.N); err != nil {
			return err
		}
		for _, r := range []struct {
			what string
			iv   *corr.Interval
		}{
			{"pearson", s.PearsonInterval}, {"spearman", s.SpearmanInterval},
			{fmt.Sprintf("best_of_top_%d", s.Top), report.Percentile(s.DiscoveredInterval)},
		} {
			if err := report.RecordDetail(prefix+"."+r.what+"."+name, r.iv.Estimate, r.iv.Lower, r.iv.Upper, s.N); err != nil {
				return err
			}
		}
		for _, a := range s.PQETP {
			if err := report.RecordDetail(fmt.Sprintf("%s.pqetp_%g.%s", prefix, a.Threshold, name), a.Value, a.Lower, a.Upper, s.N); err != nil {
				return err
			}
		}
	}
	return nil
}
