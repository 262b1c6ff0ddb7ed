package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// SignalTau is how well one recipe orders the cells of one table. Intervals are over
// cells, percentiles of one set of resamples for all recipes.
type SignalTau struct {
	Recipe Recipe
	N      int // cells that know it
	Seeds  int // over which Tau and Rho are means; 1 where nothing depends on them

	Tau, Rho    *corr.Interval
	SD          float64        // of tau over the seeds; NaN of one
	Averaged    *corr.Interval // tau of ranks averaged over the seeds
	AveragedRho *corr.Interval
	Better      float64        // mean tau among the better half of the cells
	Cost        float64        // processor milliseconds a network and seed, the median; 0 of counts, NaN where not known
	LeadMinus   *corr.Interval // tau of the lead minus this one's, on the same cells; nil of the lead
}

// SignalTaus is how well recipes order the cells of several tables.
type SignalTaus struct {
	Tables  []*Seeded
	Recipes []Recipe
	Of      [][]*SignalTau // by table and recipe; nil where the table lacks a part

	samples []map[string]*resamples // by table and lead's companions
	place   []map[string]int        // of a recipe's statistics in its samples
	group   []map[string]string     // of a recipe
}

// perRecipe is the number of statistics of a recipe: mean tau, mean rho, tau and rho
// of averaged ranks.
const perRecipe = 4

// MeasureSignals measures recipes on tables of cells. The first is the lead, which
// every table must know: the others are compared with it. Recipes of which a table
// lacks a part are left out there. A recipe that only some cells know, such as a
// proxy that was published for a part of them, is measured, and compared with the
// lead, on these; it needs 30 of them.
func MeasureSignals(ctx context.Context, tables []*Seeded, recipes []Recipe, cfg CompareConfig) (*SignalTaus, error) {
	if len(recipes) == 0 {
		return nil, fmt.Errorf("study: there is no signal to measure")
	}
	out := &SignalTaus{Recipes: recipes}
	for _, t := range tables {
		if t == nil || !t.Cells.HasTruth() {
			continue
		}
		if err := out.measure(ctx, t, cfg); err != nil {
			return nil, fmt.Errorf("%s cells: %w", t.Cells.Name, err)
		}
	}
	return out, nil
}

// measure adds a table.
func (a *SignalTaus) measure(ctx context.Context, t *Seeded, cfg CompareConfig) error {
	leadRows, ok := t.known(a.Recipes[0])
	if !ok || len(leadRows) < t.Len() {
		return fmt.Errorf("study: %s is not known of all cells", a.Recipes[0].Label)
	}
	type group struct {
		rows []int
		of   []int // recipes
	}
	groups := map[string]*group{}
	var order []string
	for i, r := range a.Recipes {
		rows, ok := t.known(r)
		if !ok || len(rows) < truth.FewestCells {
			continue
		}
		key := fmt.Sprint(rows)
		if groups[key] == nil {
			groups[key] = &group{rows: rows}
			order = append(order, key)
		}
		groups[key].of = append(groups[key].of, i)
	}
	of := make([]*SignalTau, len(a.Recipes))
	samples, place, member := map[string]*resamples{}, map[string]int{}, map[string]string{}
	for _, key := range order {
		g := groups[key]
		which := g.of
		if which[0] != 0 {
			which = append([]int{0}, which...)
		}
		m := &seedMeasure{t: t, rows: g.rows}
		for _, i := range which {
			if err := m.add(a.Recipes[i]); err != nil {
				return err
			}
		}
		r, err := m.resample(ctx, cfg)
		if err != nil {
			return err
		}
		samples[key] = r
		for k, i := range which {
			if i == 0 && key != order[0] {
				continue
			}
			of[i] = m.result(r, k)
			place[a.Recipes[i].Name], member[a.Recipes[i].Name] = k, key
		}
	}
	a.Tables, a.Of = append(a.Tables, t), append(a.Of, of)
	a.samples, a.place, a.group = append(a.samples, samples), append(a.place, place), append(a.group, member)
	return nil
}

// seedMeasure measures recipes on some rows of a table.
type seedMeasure struct {
	t        *Seeded
	rows     []int
	truth    []float64
	recipes  []Recipe
	values   [][][]float64 // by recipe and seed
	averaged [][]float64
}

func (m *seedMeasure) add(r Recipe) error {
	if m.truth == nil {
		m.truth = truth.PickRows(m.t.Cells.Frame.Col(truth.TruthColumn).Float(), m.rows)
		if err := corr.CheckColumn(truth.TruthColumn, m.truth); err != nil {
			return err
		}
	}
	var bySeed [][]float64
	for seed := range m.t.seeds(r) {
		x, err := m.t.values(r, seed, m.rows)
		if err != nil {
			return err
		}
		bySeed = append(bySeed, x)
	}
	x, err := m.t.averaged(r, m.rows)
	if err != nil {
		return err
	}
	m.recipes, m.values, m.averaged = append(m.recipes, r), append(m.values, bySeed), append(m.averaged, x)
	return nil
}

func (m *seedMeasure) resample(ctx context.Context, cfg CompareConfig) (*resamples, error) {
	return resample(ctx, len(m.rows), perRecipe*len(m.recipes), cfg, func(rows []int, out []float64) {
		t := truth.PickRows(m.truth, rows)
		for k := range m.recipes {
			o := out[perRecipe*k:]
			for _, x := range m.values[k] {
				x = truth.PickRows(x, rows)
				o[0] += corr.Tau(t, x) / float64(len(m.values[k]))
				o[1] += corr.SpearmanRho(t, x) / float64(len(m.values[k]))
			}
			if len(m.values[k]) == 1 {
				o[2], o[3] = o[0], o[1]
				continue
			}
			x := truth.PickRows(m.averaged[k], rows)
			o[2], o[3] = corr.Tau(t, x), corr.SpearmanRho(t, x)
		}
	})
}

func (m *seedMeasure) result(r *resamples, k int) *SignalTau {
	s := &SignalTau{
		Recipe: m.recipes[k], N: len(m.rows), Seeds: len(m.values[k]),
		Tau: r.at(perRecipe * k), Rho: r.at(perRecipe*k + 1), Averaged: r.at(perRecipe*k + 2), AveragedRho: r.at(perRecipe*k + 3),
		SD: math.NaN(), Cost: m.t.milliseconds(m.recipes[k]),
	}
	if m.recipes[k].Baseline {
		s.Cost = 0
	}
	sum, squares := 0.0, 0.0
	for _, x := range m.values[k] {
		tau := corr.Tau(m.truth, x)
		sum, squares = sum+tau, squares+tau*tau
	}
	if n := float64(s.Seeds); n > 1 {
		s.SD = math.Sqrt(max(0, squares-sum*sum/n) / (n - 1))
	}
	if k > 0 {
		s.LeadMinus = r.minus(0, perRecipe*k)
	}
	sorted := slices.Sorted(slices.Values(m.truth))
	var better []int
	for i, v := range m.truth {
		if v >= sorted[len(sorted)/2] {
			better = append(better, i)
		}
	}
	for _, x := range m.values[k] {
		s.Better += corr.Tau(truth.PickRows(m.truth, better), truth.PickRows(x, better)) / float64(s.Seeds)
	}
	return s
}

// Find returns how a recipe does on a table, both by name; nil where it was not
// measured.
func (a *SignalTaus) Find(table, recipe string) *SignalTau {
	for i, t := range a.Tables {
		for k, r := range a.Recipes {
			if t.Cells.Name == table && r.Name == recipe {
				return a.Of[i][k]
			}
		}
	}
	return nil
}

// Minus returns, table by table, tau of one recipe minus that of others, means over
// seeds, with intervals from the same resampled cells. Pairs that a table does not
// know on the same cells are left out. Records are named TABLE.RECIPE_minus.OTHER.
func (a *SignalTaus) Minus(recipe string, others ...string) *Gaps {
	g := &Gaps{nothing: report.NoTruth}
	for i, t := range a.Tables {
		for _, other := range others {
			key, first, second, ok := a.together(i, recipe, other)
			if !ok {
				continue
			}
			r := a.samples[i][key]
			iv := r.minus(perRecipe*first, perRecipe*second)
			x, y := a.Find(t.Cells.Name, recipe), a.Find(t.Cells.Name, other)
			g.Of = append(g.Of, SignalGap{
				Table: t.Cells.Name, Name: report.ResultName(recipe) + "_minus." + report.ResultName(other), Interval: iv, N: r.n,
				Text: fmt.Sprintf("%s: %s minus %s: %s (n = %d)", named(t.Cells), x.Recipe.Label, y.Recipe.Label, report.Bracket(iv, 3), r.n),
			})
		}
	}
	if len(a.Tables) > 0 {
		g.nothing = "No table knows these on the same cells."
	}
	return g
}

// together returns the resamples of a table that have both recipes, and the places of
// these in them. The lead is in all.
func (a *SignalTaus) together(table int, recipe, other string) (key string, first, second int, ok bool) {
	lead := a.Recipes[0].Name
	key, known := a.group[table][recipe]
	key2, known2 := a.group[table][other]
	switch {
	case !known || !known2:
		return "", 0, 0, false
	case key == key2:
		return key, a.place[table][recipe], a.place[table][other], true
	case recipe == lead:
		return key2, 0, a.place[table][other], true
	case other == lead:
		return key, a.place[table][recipe], 0, true
	}
	return "", 0, 0, false
}

// Sheets returns the measurements as tables, one a table of cells.
func (a *SignalTaus) Sheets() report.Sheets {
	if len(a.Tables) == 0 {
		return noTruthSheet()
	}
	var out report.Sheets
	for i, t := range a.Tables {
		sheet := &corr.Table{
			Title: fmt.Sprintf("%s, n = %d, %s, 95 %% intervals over "+nounOf(t.Cells)+"s: %s", headed(t.Cells, 0), t.Len(), report.Plural(len(t.Seeds), "seed"), t.Cells.Truth),
			Columns: []string{"signal", "n", "tau-b, mean over seeds", "sd over seeds", "rho", "tau-b, seeds averaged", "rho", "tau-b, better half",
				a.Recipes[0].Label + " minus it", "cost", "ms"},
		}
		var missing []string
		for k, r := range a.Recipes {
			s := a.Of[i][k]
			if s == nil {
				missing = append(missing, r.Label)
				continue
			}
			sheet.Rows = append(sheet.Rows, s.row())
		}
		if missing != nil {
			sheet.Notes = append(sheet.Notes, "Not known here: "+strings.Join(missing, ", ")+".")
		}
		out = append(out, sheet)
	}
	return out
}

func (s *SignalTau) row() []string {
	sd, minus := "", ""
	averaged, rho := "", ""
	if s.Seeds > 1 {
		sd, averaged, rho = fmt.Sprintf("%.3f", s.SD), report.Bracket(s.Averaged, 3), fmt.Sprintf("%.3f", s.AveragedRho.Estimate)
	}
	if s.LeadMinus != nil {
		minus = report.Bracket(s.LeadMinus, 3)
	}
	return []string{s.Recipe.Label, fmt.Sprint(s.N), report.Bracket(s.Tau, 3), sd, report.Bracket(s.Rho, 3), averaged, rho,
		report.Minus(s.Better, 2), minus, s.Recipe.Cost, s.milliseconds()}
}

func (s *SignalTau) milliseconds() string {
	if math.IsNaN(s.Cost) {
		return ""
	}
	return fmt.Sprintf("%.1f", s.Cost)
}

// HTML returns the measurements as tables.
func (a *SignalTaus) HTML() string { return a.Sheets().HTML() }

// String returns the measurements for a terminal.
func (a *SignalTaus) String() string { return a.Sheets().String() }

// Figure draws tau-b of every recipe, the mean over seeds, with its interval, a panel
// a table of cells.
func (a *SignalTaus) Figure(title string) (*figure.Figure, error) {
	if len(a.Tables) == 0 {
		return figure.Message(title, report.NoTruth), nil
	}
	var rows []figure.ForestRow
	var kept []int
	for k, r := range a.Recipes {
		if slices.ContainsFunc(a.Of, func(of []*SignalTau) bool { return of[k] != nil }) {
			kept = append(kept, k)
			rows = append(rows, figure.ForestRow{Name: r.Label, Baseline: r.Baseline, Color: colorOf(r.Name)})
		}
	}
	var columns []figure.ForestColumn
	for i, t := range a.Tables {
		c := figure.ForestColumn{Title: fmt.Sprintf("%s (n = %d)", t.Cells.Name, t.Len())}
		for _, k := range kept {
			v, lo, hi := math.NaN(), math.NaN(), math.NaN()
			if s := a.Of[i][k]; s != nil {
				v, lo, hi = s.Tau.Estimate, s.Tau.Lower, s.Tau.Upper
			}
			c.Values, c.Lo, c.Hi = append(c.Values, v), append(c.Lo, lo), append(c.Hi, hi)
		}
		columns = append(columns, c)
	}
	return figure.Forest(rows, columns, figure.ForestConfig{
		Title: title, XLabel: "Kendall's τ-b with trained accuracy",
		Subtitle: "Means over seeds, 95 % intervals over " + nounOfAll(a.cells()) + "s. Open: free counts.",
	})
}

// cells returns the tables without their seeds.
func (a *SignalTaus) cells() []*truth.Cells {
	var out []*truth.Cells
	for _, t := range a.Tables {
		out = append(out, t.Cells)
	}
	return out
}

// CostFigure draws tau-b over the processor time of a network, of the named recipes
// whose time is known on a table.
func (a *SignalTaus) CostFigure(table, title string, names ...string) (*figure.Figure, error) {
	var series []figure.Series
	for i, t := range a.Tables {
		for k, r := range a.Recipes {
			s := a.Of[i][k]
			if t.Cells.Name != table || s == nil || math.IsNaN(s.Cost) || !slices.Contains(names, r.Name) {
				continue
			}
			x := figure.Series{Name: r.Label, Baseline: r.Baseline, Color: colorOf(r.Name)}
			add(&x, s.Cost, s.Tau.Estimate, s.Tau.Lower, s.Tau.Upper)
			series = append(series, x)
		}
	}
	if series == nil {
		return figure.Message(title, report.NoTruth), nil
	}
	return figure.CostQuality(series, figure.CurveConfig{
		Title: title, Subtitle: report.Capitalized(table) + " cells: means over seeds, 95 % intervals over cells; medians of one core's time",
		XLabel: "processor milliseconds per network", YLabel: "Kendall's τ-b with trained accuracy", Height: 5,
	})
}

// Record appends all measurements to the file of results, under names such as
// prefix.uniform.tau.recommended.
func (a *SignalTaus) Record(prefix string) error {
	for i, t := range a.Tables {
		for k, r := range a.Recipes {
			if s := a.Of[i][k]; s != nil {
				if err := s.record(prefix+"."+report.ResultName(t.Cells.Name), report.ResultName(r.Name)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *SignalTau) record(prefix, name string) error {
	type value struct {
		what string
		iv   *corr.Interval
		of   func(name string, value, lo, hi float64, n int) error
	}
	nan := math.NaN()
	values := []value{{"tau", s.Tau, report.Record}, {"rho", s.Rho, report.RecordDetail},
		{"better_half", &corr.Interval{Estimate: s.Better, Lower: nan, Upper: nan}, report.RecordDetail}}
	if s.Seeds > 1 {
		values = append(values, value{"tau_averaged", s.Averaged, report.Record}, value{"rho_averaged", s.AveragedRho, report.RecordDetail},
			value{"sd", &corr.Interval{Estimate: s.SD, Lower: nan, Upper: nan}, report.RecordDetail})
	}
	if s.LeadMinus != nil {
		values = append(values, value{"lead_minus", s.LeadMinus, report.RecordDetail})
	}
	if s.Cost > 0 {
		values = append(values, value{"milliseconds", &corr.Interval{Estimate: s.Cost, Lower: nan, Upper: nan}, report.RecordDetail})
	}
	for _, v := range values {
		if err := v.of(prefix+"."+v.what+"."+name, v.iv.Estimate, v.iv.Lower, v.iv.Upper, s.N); err != nil {
			return err
		}
	}
	return nil
}
