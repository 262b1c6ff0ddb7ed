package corr

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/nngplab/nngplab/internal/nanjson"
	"github.com/nngplab/nngplab/internal/table"
)

// Table is a small table of text, with Title, Columns, Rows and Notes. A
// notebook shows it through its HTML method, a terminal through String.
type Table = table.Table

// Signal is a named column.
type Signal struct {
	Name   string
	Values []float64
}

// ReportConfig says what Compare computes. Its zero value asks for the paper's
// metrics: thresholds .85 .87 .89 .91 .93 where they apply, top 10, no bootstrap.
type ReportConfig struct {
	TruthName string // for headings; "" means "truth"
	// Thresholds of PQETP; nil means the protocol's where they separate the rows in two
	// ways at least, and else quantiles of the truth, as for one in percent. See
	// Report.ThresholdsFrom.
	Thresholds []float64
	Top        int // of discovered performance and overlap; 0 means 10
	Bootstrap  int // resamples; 0 means none
	Seed       uint64
	Level      float64 // of the bootstrap intervals; 0 means 0.95
	Threads    int
	Progress   func(signal string, done, total int)
}

// SignalReport holds every statistic of one signal. The intervals are nil
// without bootstrap.
type SignalReport struct {
	Signal     string      `json:"signal"`
	N          int         `json:"n"`
	Constant   bool        `json:"constant"` // the signal has one value only
	Kendall    Correlation `json:"kendall"`
	Pearson    Correlation `json:"pearson"`
	Spearman   Correlation `json:"spearman"`
	Weighted   float64     `json:"weighted_tau"` // see WeightedTau
	PQETP      []AUCResult `json:"pqetp"`
	Top        int         `json:"top"`
	Discovered float64     `json:"discovered"` // expected best truth of the top
	Overlap    float64     `json:"overlap"`    // expected share of the truth's top

	KendallInterval    *Interval `json:"kendall_interval,omitempty"`
	PearsonInterval    *Interval `json:"pearson_interval,omitempty"`
	SpearmanInterval   *Interval `json:"spearman_interval,omitempty"`
	DiscoveredInterval *Interval `json:"discovered_interval,omitempty"`
	// KendallDifference is tau of this signal minus tau of the first one, on the
	// same resamples; nil for the first.
	KendallDifference *Interval `json:"kendall_difference,omitempty"`
}

// MarshalJSON writes the report with null for NaN.
func (s SignalReport) MarshalJSON() ([]byte, error) { return nanjson.Marshal(s) }

// Report compares signals with one truth. It shows itself as tables.
type Report struct {
	Truth         string    `json:"truth"`
	N             int       `json:"n"`
	TruthConstant bool      `json:"truth_constant"`
	BestTruth     float64   `json:"best_truth"`
	Thresholds    []float64 `json:"thresholds"`
	// ThresholdsFrom is "given", "protocol" or "quantiles".
	ThresholdsFrom string         `json:"thresholds_from"`
	Top            int            `json:"top"`
	Signals        []SignalReport `json:"signals"`
}

// MarshalJSON writes the report with null for NaN.
func (r Report) MarshalJSON() ([]byte, error) { return nanjson.Marshal(r) }

// Compare measures how well each signal predicts the truth. It returns an error
// for columns that do not fit, hold values that are not finite or have fewer
// than two rows or fewer than cfg.Top; constant columns give NaN statistics.
func Compare(ctx context.Context, truth []float64, signals []Signal, cfg ReportConfig) (*Report, error) {
	if cfg.TruthName == "" {
		cfg.TruthName = "truth"
	}
	if cfg.Top == 0 {
		cfg.Top = 10
	}
	if len(signals) == 0 {
		return nil, fmt.Errorf("corr: no signals")
	}
	for _, s := range signals {
		if err := checkPair(cfg.TruthName, s.Name, truth, s.Values, 2); err != nil {
			return nil, err
		}
	}
	from := "given"
	if cfg.Thresholds == nil {
		cfg.Thresholds, from = FittingThresholds(truth)
	}
	r := &Report{Truth: cfg.TruthName, N: len(truth), TruthConstant: constant(truth), BestTruth: truth[0], Thresholds: cfg.Thresholds, ThresholdsFrom: from, Top: cfg.Top}
	for _, v := range truth {
		r.BestTruth = math.Max(r.BestTruth, v)
	}
	for i, s := range signals {
		sr, err := describe(truth, s, cfg)
		if err != nil {
			return nil, err
		}
		if cfg.Bootstrap > 0 {
			if err := sr.resample(ctx, truth, s, signals[0], i > 0, cfg); err != nil {
				return nil, err
			}
		}
		r.Signals = append(r.Signals, *sr)
	}
	return r, nil
}

func describe(truth []float64, s Signal, cfg ReportConfig) (*SignalReport, error) {
	sr := &SignalReport{Signal: s.Name, N: len(truth), Constant: constant(s.Values), Top: cfg.Top}
	var err error
	if sr.Kendall, err = Kendall(truth, s.Values); err != nil {
		return nil, err
	}
	if sr.Pearson, err = Pearson(truth, s.Values); err != nil {
		return nil, err
	}
	if sr.Spearman, err = Spearman(truth, s.Values); err != nil {
		return nil, err
	}
	sr.Weighted = TopTau(truth, s.Values)
	if sr.PQETP, err = PQETP(truth, s.Values, cfg.Thresholds); err != nil {
		return nil, err
	}
	if sr.Discovered, err = DiscoveredPerformance(truth, s.Values, cfg.Top); err != nil {
		return nil, err
	}
	sr.Overlap, err = Overlap(truth, s.Values, cfg.Top)
	return sr, err
}

func (sr *SignalReport) resample(ctx context.Context, truth []float64, s, first Signal, other bool, cfg ReportConfig) (err error) {
	bc := BootstrapConfig{Resamples: cfg.Bootstrap, Seed: cfg.Seed, Level: cfg.Level, Threads: cfg.Threads}
	parts := 4
	if other {
		parts = 5
	}
	part := 0
	if cfg.Progress != nil {
		bc.Progress = func(done, total int) { cfg.Progress(s.Name, part*total+done, parts*total) }
	}
	for i, st := range []struct {
		to   **Interval
		stat Statistic
	}{
		{&sr.KendallInterval, Tau}, {&sr.PearsonInterval, PearsonR},
		{&sr.SpearmanInterval, SpearmanRho}, {&sr.DiscoveredInterval, Discovered(cfg.Top)},
	} {
		part = i
		if *st.to, err = Bootstrap(ctx, truth, s.Values, st.stat, bc); err != nil {
			return err
		}
	}
	if other {
		part = 4
		sr.KendallDifference, err = BootstrapDifference(ctx, truth, s.Values, first.Values, Tau, bc)
	}
	return err
}

// Tables returns the report as tables: correlations, then PQETP.
func (r *Report) Tables() []*Table {
	main := &Table{
		Title:   fmt.Sprintf("Signals against %s, n = %d", r.Truth, r.N),
		Columns: []string{"signal", "tau-b", "p", "Pearson", "its 95 % interval", "Spearman", "weighted tau", fmt.Sprintf("best of top %d", r.Top), fmt.Sprintf("overlap of top %d", r.Top)},
	}
	auc := &Table{Title: fmt.Sprintf("PQETP: area under the ROC curve of %s > p", r.Truth), Columns: []string{"signal"}}
	for _, t := range r.Thresholds {
		auc.Columns = append(auc.Columns, fmt.Sprintf("p = %g", t))
	}
	boot := &Table{Title: "Bootstrap intervals", Columns: []string{"signal", "tau-b", "Pearson", "Spearman", fmt.Sprintf("best of top %d", r.Top), "tau-b minus the first's"}}
	for _, s := range r.Signals {
		p := "-"
		if !math.IsNaN(s.Kendall.P) {
			p = fmt.Sprintf("%.2g", s.Kendall.P)
			if s.Kendall.P == 0 { // too small for a float64
				p = "<1e-300"
			}
		}
		main.Rows = append(main.Rows, []string{s.Signal, table.Number(s.Kendall.Value, 4), p, table.Number(s.Pearson.Value, 4), table.Between(s.Pearson.Lower, s.Pearson.Upper, 3), table.Number(s.Spearman.Value, 4), table.Number(s.Weighted, 4), table.Number(s.Discovered, 5), table.Number(s.Overlap, 3)})
		row := []string{s.Signal}
		for _, a := range s.PQETP {
			row = append(row, table.Number(a.Value, 4))
		}
		auc.Rows = append(auc.Rows, row)
		if s.KendallInterval != nil {
			row := []string{s.Signal}
			for _, iv := range []*Interval{s.KendallInterval, s.PearsonInterval, s.SpearmanInterval, s.DiscoveredInterval} {
				row = append(row, table.Between(iv.Lower, iv.Upper, 4))
			}
			if d := s.KendallDifference; d != nil {
				row = append(row, fmt.Sprintf("%s (%s)", table.Number(d.Estimate, 4), table.Between(d.Lower, d.Upper, 4)))
			} else {
				row = append(row, "")
			}
			boot.Rows = append(boot.Rows, row)
		}
	}
	main.Notes = r.notes()
	out := []*Table{main}
	if len(r.Thresholds) > 0 {
		auc.Notes = append(auc.Notes, r.thresholdNotes()...)
		out = append(out, auc)
	}
	if len(boot.Rows) > 0 {
		iv := r.Signals[0].KendallInterval
		boot.Notes = []string{fmt.Sprintf("%g %% intervals from %d resamples of the rows (BCa where defined, else percentiles).", 100*iv.Level, iv.Resamples)}
		out = append(out, boot)
	}
	return out
}

func (r *Report) notes() []string {
	n := []string{fmt.Sprintf("Best of all: %s. Ties in the signal's top %d are averaged over. The weighted tau counts the pairs at the top more.", table.Number(r.BestTruth, 5), r.Top)}
	if r.TruthConstant {
		n = append(n, fmt.Sprintf("%s has one value only: correlations with it are not defined (-).", r.Truth))
	}
	for _, s := range r.Signals {
		if s.Constant {
			n = append(n, fmt.Sprintf("%s has one value only: its correlations are not defined (-).", s.Signal))
		}
	}
	return n
}

func (r *Report) thresholdNotes() []string {
	var n []string
	if r.ThresholdsFrom == fromQuantiles {
		n = append(n, fmt.Sprintf("The thresholds are the 10, 25, 50, 75 and 90 %% quantiles of %s: the protocol's, .85 to .93, do not separate its rows.", r.Truth))
	}
	for _, a := range r.Signals[0].PQETP {
		if a.Positives == 0 {
			n = append(n, fmt.Sprintf("No row has %s > %g: not defined (-).", r.Truth, a.Threshold))
		} else if a.Negatives == 0 {
			n = append(n, fmt.Sprintf("Every row has %s > %g: not defined (-).", r.Truth, a.Threshold))
		}
	}
	return n
}

func (r *Report) join(f func(*Table) string, sep string) string {
	var parts []string
	for _, t := range r.Tables() {
		parts = append(parts, f(t))
	}
	return strings.Join(parts, sep)
}

// HTML returns the report's tables as an HTML fragment.
func (r *Report) HTML() string { return r.join((*Table).HTML, "\n") }

// Markdown returns the report's tables in GitHub's syntax.
func (r *Report) Markdown() string { return r.join((*Table).Markdown, "\n") }

// String returns the report's tables for a terminal.
func (r *Report) String() string { return r.join((*Table).String, "\n") }
