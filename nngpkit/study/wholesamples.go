package study

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Within is where samples of cells lie in the whole space.
type Within struct {
	Space   *WholeSpace
	Samples []*truth.Cells // with e, j, parameters and the mixture in the space
}

// Within places tables of signals in the space: their signals are means over the
// seeds of their own, NaN of a network that passes nothing on.
func (w *WholeSpace) Within(tables []*Seeded) (*Within, error) {
	out := &Within{Space: w}
	for _, t := range tables {
		own := *t.Cells
		for _, s := range []truth.Signal{noiseEntropy, noiseSensitivity} {
			df, err := frame.Checked(own.Frame.Mutate(series.New(t.mean(s.Column), series.Float, s.Column)))
			if err != nil {
				return nil, fmt.Errorf("study: %w", err)
			}
			own.Frame = df
		}
		if err := w.AddPlaces(&own); err != nil {
			return nil, err
		}
		out.Samples = append(out.Samples, &own)
	}
	return out, nil
}

// Table returns the sample of that name, or nil.
func (x *Within) Table(name string) *truth.Cells {
	for _, c := range x.Samples {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// sampleValues returns a signal of a sample, without the cells that lack it.
func sampleValues(c *truth.Cells, column string) []float64 {
	return slices.DeleteFunc(slices.Clone(c.Frame.Col(column).Float()), math.IsNaN)
}

// Figure draws the distribution of each signal over the space, and in the samples.
// Parameters are drawn by their decimal logarithm.
func (x *Within) Figure(title string) (*figure.Figure, error) {
	var panels []*figure.Figure
	for _, s := range x.Space.Signals {
		label, draw := s.Name(), func(v []float64) []float64 { return v }
		if s.Column == truth.Parameters.Column {
			label, draw = "parameters, decimal logarithm", logarithms
		}
		samples := []figure.Sample{{Name: "the space", Values: draw(x.Space.mean[s.Column])}}
		for _, c := range x.Samples {
			samples = append(samples, figure.Sample{Name: c.Name, Values: draw(sampleValues(c, s.Column))})
		}
		cfg := figure.DistributionConfig{Title: s.Name(), XLabel: label, Width: 4.6, Height: 3.4}
		if s.Column == noiseSensitivity.Column { // few cells lie far out
			sorted := x.Space.sorted[s.Column]
			cfg.Min, cfg.Max = sorted[len(sorted)/1000], sorted[len(sorted)-1-len(sorted)/1000]
		}
		f, err := figure.Distributions(samples, cfg)
		if err != nil {
			return nil, err
		}
		panels = append(panels, f)
	}
	return figure.Beside(title, 2, 9.2, panels...)
}

func logarithms(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Log10(v)
	}
	return out
}

// upperShares are the parts of the space of which Within says what a sample has.
var upperShares = []float64{0.01, 0.1, 0.5}

// share returns what part of a sample lies in the upper part of the space by a
// signal, and the share of the space that its median cell is ahead of.
func (x *Within) share(c *truth.Cells, column string, upper float64) (in, median float64) {
	values := sampleValues(c, column)
	n := 0
	for _, v := range values {
		if x.Space.Share(column, v) >= 1-upper {
			n++
		}
	}
	slices.Sort(values)
	return float64(n) / float64(len(values)), x.Space.Share(column, values[len(values)/2])
}

// Sheets returns, for each sample and signal, where the median cell lies and how much
// of the sample is in the upper parts of the space.
func (x *Within) Sheets() report.Sheets {
	t := &corr.Table{
		Title:   fmt.Sprintf("Where the samples lie in the space, n = %d", x.Space.N()),
		Columns: []string{"sample", "n", "signal", "median cell is ahead of"},
		Notes:   []string{"Shares of the space's cells, ties by half. A uniform sample has the share itself in each upper part."},
	}
	for _, u := range upperShares {
		t.Columns = append(t.Columns, fmt.Sprintf("in the upper %.3g %%", 100*u))
	}
	for _, c := range x.Samples {
		for _, s := range x.Space.Signals {
			_, median := x.share(c, s.Column, 0.5)
			row := []string{c.Name, fmt.Sprint(c.Len()), s.Name(), percent(median)}
			for _, u := range upperShares {
				in, _ := x.share(c, s.Column, u)
				row = append(row, percent(in))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return report.Sheets{t}
}

func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

// HTML returns where the samples lie as a table.
func (x *Within) HTML() string { return x.Sheets().HTML() }

// String returns where the samples lie for a terminal.
func (x *Within) String() string { return x.Sheets().String() }

// Record appends the numbers to the file of results, as
// prefix.SAMPLE.median_percent.SIGNAL and prefix.SAMPLE.upper_10.SIGNAL.
func (x *Within) Record(prefix string) error {
	for _, c := range x.Samples {
		for _, s := range x.Space.Signals {
			_, median := x.share(c, s.Column, 0.5)
			name := func(what string) string {
				return prefix + "." + c.Name + "." + what + "." + report.ResultName(s.Column)
			}
			if err := report.RecordWithin(name("median_percent"), 100*median, 0, 100, c.Len(), 1); err != nil {
				return err
			}
			for _, u := range upperShares {
				in, _ := x.share(c, s.Column, u)
				if err := report.RecordWithin(name(fmt.Sprintf("upper_%.3g", 100*u)), in, 0, 1, c.Len(), 0.01); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Best returns the n cells of the space that each signal likes best, with their
// counts, and their trained accuracy where a sample has it.
func (x *Within) Best(n int) report.Sheets {
	known := map[string]string{}
	for _, c := range x.Samples {
		if !c.HasTruth() {
			continue
		}
		values := c.Frame.Col(truth.TruthColumn).Float()
		for i, h := range c.Frame.Col(frame.KeyColumn).Records() {
			known[h] += fmt.Sprintf(" %.4f (%s)", values[i], c.Name)
		}
	}
	var out report.Sheets
	for _, s := range x.Space.Signals {
		out = append(out, x.Space.bestBy(s, n, known))
	}
	return out
}

func (w *WholeSpace) bestBy(s truth.Signal, n int, known map[string]string) *corr.Table {
	order := make([]int, w.N())
	for i := range order {
		order[i] = i
	}
	x := w.mean[s.Column]
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[b], x[a]) })
	t := &corr.Table{Title: "The best cells by " + s.Name(), Columns: []string{"hash", "e", "j", "parameters", "vertices", "edges", "conv3x3", "ahead of", "trained accuracy"}}
	for _, i := range order[:min(n, len(order))] {
		row := w.known[i]
		cells := []string{w.keys[row], report.Minus(w.mean[noiseEntropy.Column][i], 3), report.Minus(w.mean[noiseSensitivity.Column][i], 2)}
		for _, c := range []string{truth.Parameters.Column, "vertices", "edges", truth.Conv3x3.Column} {
			cells = append(cells, w.Table.Frame.Col(c).Elem(row).String())
		}
		trained := known[w.keys[row]]
		if trained == "" {
			trained = "not in a table"
		}
		t.Rows = append(t.Rows, append(cells, fmt.Sprintf("%.2f %%", 100*w.Share(s.Column, x[i])), trained))
	}
	return t
}

// Benchmark returns the cells of the space with the trained accuracy of the whole
// benchmark, to be compared; none where its files are not on this machine.
func (w *WholeSpace) Benchmark(ctx context.Context) ([]*truth.Cells, error) {
	c, err := truth.OpenCells(ctx, "benchmark", 0)
	var missing *published.NotFoundError
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []*truth.Cells{c}, w.AddTo(c)
}
