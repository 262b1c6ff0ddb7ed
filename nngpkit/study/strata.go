package study

import (
	"context"
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Stratum is the cells that agree in a count.
type Stratum struct {
	Value float64
	N     int
	Tau   []*corr.Interval // of each recipe, the mean over seeds
}

// Strata is how well recipes order cells that agree in a count: what they know that
// the count does not. Strata of fewer than 30 cells are left out.
type Strata struct {
	Table   *Seeded
	By      truth.Signal
	Recipes []Recipe
	Of      []Stratum // by rising value
	LeftOut int       // cells of small strata

	// Within is the mean of tau over the strata, each weighted by its pairs of
	// cells: of two cells that agree in the count, how much more often the recipe
	// orders them right than wrong.
	Within []*corr.Interval
	// Across is tau among all cells of the strata.
	Across []*corr.Interval
}

// TauWithin measures recipes within the strata of a count: those that all cells know.
// Intervals resample cells,
// those of Within and Across jointly.
func TauWithin(ctx context.Context, t *Seeded, by truth.Signal, recipes []Recipe, cfg CompareConfig) (*Strata, error) {
	out := &Strata{Table: t, By: by}
	if t == nil || !t.Cells.HasTruth() {
		return out, nil
	}
	for _, r := range recipes {
		if t.Knows(r) {
			out.Recipes = append(out.Recipes, r)
		}
	}
	if recipes = out.Recipes; recipes == nil {
		return nil, fmt.Errorf("study: no signal is known of all %s cells", t.Cells.Name)
	}
	counts, err := by.Values(t.Cells.Frame)
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	values, err := frame.ValuesOf(t.Cells.Frame, by.Column)
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	var kept []int // rows of all strata
	for _, v := range values {
		var rows []int
		for i, c := range counts {
			if math.Abs(c) == math.Abs(v) {
				rows = append(rows, i)
			}
		}
		if len(rows) < truth.FewestCells {
			out.LeftOut += len(rows)
			continue
		}
		kept = append(kept, rows...)
		r, err := t.taus(ctx, rows, recipes, cfg)
		if err != nil {
			return nil, err
		}
		s := Stratum{Value: v, N: len(rows)}
		for k := range recipes {
			s.Tau = append(s.Tau, r.at(k))
		}
		out.Of = append(out.Of, s)
	}
	if len(out.Of) == 0 {
		return nil, fmt.Errorf("study: no %d %s cells agree in %s", truth.FewestCells, t.Cells.Name, by.Name())
	}
	return out, out.together(ctx, kept, truth.PickRows(counts, kept), cfg)
}

// taus resamples the mean tau over seeds of recipes at some rows.
func (s *Seeded) taus(ctx context.Context, rows []int, recipes []Recipe, cfg CompareConfig) (*resamples, error) {
	m := &seedMeasure{t: s, rows: rows}
	for _, r := range recipes {
		if err := m.add(r); err != nil {
			return nil, err
		}
	}
	return resample(ctx, len(rows), len(recipes), cfg, func(drawn []int, out []float64) {
		t := truth.PickRows(m.truth, drawn)
		for k := range recipes {
			for _, x := range m.values[k] {
				out[k] += corr.Tau(t, truth.PickRows(x, drawn)) / float64(len(m.values[k]))
			}
		}
	})
}

// together measures Within and Across.
func (s *Strata) together(ctx context.Context, rows []int, counts []float64, cfg CompareConfig) error {
	m := &seedMeasure{t: s.Table, rows: rows}
	for _, r := range s.Recipes {
		if err := m.add(r); err != nil {
			return err
		}
	}
	k := len(s.Recipes)
	r, err := resample(ctx, len(rows), 2*k, cfg, func(drawn []int, out []float64) {
		strata := map[float64][]int{}
		for _, d := range drawn {
			strata[counts[d]] = append(strata[counts[d]], d)
		}
		for i := range s.Recipes {
			for _, x := range m.values[i] {
				out[i] += within(m.truth, x, strata, s.Of) / float64(len(m.values[i]))
				out[k+i] += corr.Tau(truth.PickRows(m.truth, drawn), truth.PickRows(x, drawn)) / float64(len(m.values[i]))
			}
		}
	})
	if err != nil {
		return err
	}
	for i := range s.Recipes {
		s.Within, s.Across = append(s.Within, r.at(i)), append(s.Across, r.at(k+i))
	}
	return nil
}

// within returns the mean tau over strata, weighted by pairs; of sums in the order of
// the strata, so that it is the same bits every time.
func within(truths, x []float64, rows map[float64][]int, strata []Stratum) float64 {
	sum, pairs := 0.0, 0.0
	for _, s := range strata {
		for _, v := range []float64{s.Value, -s.Value} {
			r := rows[v]
			if v == 0 && math.Signbit(v) || len(r) < 2 { // -0 is 0
				continue
			}
			n := float64(len(r)) * float64(len(r)-1) / 2
			if tau := corr.Tau(truth.PickRows(truths, r), truth.PickRows(x, r)); !math.IsNaN(tau) {
				sum, pairs = sum+n*tau, pairs+n
			}
		}
	}
	return sum / pairs
}

// Sheets returns the strata as a table, a row a stratum.
func (s *Strata) Sheets() report.Sheets {
	if len(s.Of) == 0 {
		return noTruthSheet()
	}
	t := &corr.Table{
		Title:   fmt.Sprintf("%s by %s: tau-b within, means over %s", headed(s.Table.Cells, 0), s.By.Name(), report.Plural(len(s.Table.Seeds), "seed")),
		Columns: []string{s.By.Name(), "n"},
	}
	for _, r := range s.Recipes {
		t.Columns = append(t.Columns, r.Label)
	}
	row := func(name string, n int, of []*corr.Interval) {
		r := []string{name, fmt.Sprint(n)}
		for _, iv := range of {
			r = append(r, report.Bracket(iv, 3))
		}
		t.Rows = append(t.Rows, r)
	}
	all := 0
	for _, st := range s.Of {
		row(fmt.Sprint(st.Value), st.N, st.Tau)
		all += st.N
	}
	row("mean within, by pairs", all, s.Within)
	row("all of these together", all, s.Across)
	if s.LeftOut > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("Left out: %s of strata of fewer than %d.", report.Plural(s.LeftOut, "cell"), truth.FewestCells))
	}
	return report.Sheets{t}
}

// HTML returns the strata as a table.
func (s *Strata) HTML() string { return s.Sheets().HTML() }

// String returns the strata for a terminal.
func (s *Strata) String() string { return s.Sheets().String() }

// Figure draws tau within the strata, a panel a stratum, and among all.
func (s *Strata) Figure(title string) (*figure.Figure, error) {
	if len(s.Of) == 0 {
		return figure.Message(title, report.NoTruth), nil
	}
	var rows []figure.ForestRow
	for _, r := range s.Recipes {
		rows = append(rows, figure.ForestRow{Name: r.Label, Baseline: r.Baseline, Color: colorOf(r.Name)})
	}
	column := func(title string, of []*corr.Interval) figure.ForestColumn {
		c := figure.ForestColumn{Title: title}
		for _, iv := range of {
			c.Values, c.Lo, c.Hi = append(c.Values, iv.Estimate), append(c.Lo, iv.Lower), append(c.Hi, iv.Upper)
		}
		return c
	}
	var columns []figure.ForestColumn
	for _, st := range s.Of {
		columns = append(columns, column(fmt.Sprintf("%g (n = %d)", st.Value, st.N), st.Tau))
	}
	columns = append(columns, column("together", s.Across))
	return figure.Forest(rows, columns, figure.ForestConfig{
		Title: title, XLabel: "Kendall's τ-b with trained accuracy",
		Subtitle: fmt.Sprintf("Panels: %s. %s, means over seeds, 95 %% intervals over them.", s.By.Name(), headed(s.Table.Cells, 0)),
	})
}

// Record appends the strata to the file of results, under names such as
// prefix.by_shortest_path.2.noise_entropy.
func (s *Strata) Record(prefix string) error {
	by := prefix + ".by_" + report.ResultName(s.By.Column)
	all := 0
	for _, st := range s.Of {
		all += st.N
		for k, iv := range st.Tau {
			if err := report.Record(fmt.Sprintf("%s.%g.%s", by, st.Value, report.ResultName(s.Recipes[k].Name)), iv.Estimate, iv.Lower, iv.Upper, st.N); err != nil {
				return err
			}
		}
	}
	for k, r := range s.Recipes {
		if len(s.Of) == 0 {
			break
		}
		for _, v := range []struct {
			name string
			iv   *corr.Interval
		}{{"within", s.Within[k]}, {"together", s.Across[k]}} {
			if err := report.Record(by+"."+v.name+"."+report.ResultName(r.Name), v.iv.Estimate, v.iv.Lower, v.iv.Upper, all); err != nil {
				return err
			}
		}
	}
	return nil
}
