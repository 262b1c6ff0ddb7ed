package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/learn"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Inputs are the columns that a predictor is fitted to.
type Inputs struct {
	Name    string
	Signals []truth.Signal
}

// FewLabelsConfig says how predictors of few accuracies are measured. Its zero value
// fits 20 to 300 of them, 100 times each.
type FewLabelsConfig struct {
	Sizes   []int          // accuracies that are known; nil means 20, 30, 50, 100, 200, 300
	Methods []learn.Method // nil means ridge and extremely randomized trees
	Repeats int            // 0 means 100
	Seed    uint64
}

func (c FewLabelsConfig) resolved() FewLabelsConfig {
	if c.Sizes == nil {
		c.Sizes = []int{20, 30, 50, 100, 200, 300}
	}
	if c.Methods == nil {
		c.Methods = []learn.Method{learn.Ridge{}, learn.Trees{MinLeaf: 2}}
	}
	if c.Repeats == 0 {
		c.Repeats = 100
	}
	return c
}

// FewLabel is one predictor at every number of known accuracies.
type FewLabel struct {
	Inputs string
	Method string
	Tau    []*corr.Interval // by size; nil where there are not so many cells
}

// FewLabels is how well predictors rank cells that they were not fitted to.
type FewLabels struct {
	Fitted, Tested *Seeded
	Sizes          []int
	Of             []FewLabel
	Unfitted       Recipe
	Without        *corr.Interval // tau of the unfitted recipe on the same cells
	LeftOut        []string       // inputs that not all cells know
}

// PredictFew fits predictors to the accuracies of a few cells and measures tau-b on
// others: each repeat draws the cells that are fitted from the one table, and
// resamples those of the other, and takes the signals of one seed in turn. Estimates
// are means over repeats without that resampling, intervals hold 95 % of the repeats
// with it. Inputs and the accuracies that are fitted are replaced by their ranks; of
// inputs, among the cells of both tables, which takes no accuracy. Inputs of which
// some cell lacks a part are left out. Beside stands an unfitted recipe.
func PredictFew(ctx context.Context, fitted, tested *Seeded, inputs []Inputs, unfitted Recipe, cfg FewLabelsConfig) (*FewLabels, error) {
	cfg = cfg.resolved()
	out := &FewLabels{Fitted: fitted, Tested: tested, Sizes: cfg.Sizes, Unfitted: unfitted}
	if fitted == nil || tested == nil || !tested.Cells.HasTruth() {
		return out, nil
	}
	if len(fitted.Seeds) != len(tested.Seeds) {
		return nil, fmt.Errorf("study: %d seeds of the cells that are fitted, %d of the others", len(fitted.Seeds), len(tested.Seeds))
	}
	rows := make([]int, tested.Len())
	for i := range rows {
		rows[i] = i
	}
	r, err := tested.taus(ctx, rows, []Recipe{unfitted}, CompareConfig{Resamples: max(cfg.Repeats, 100), Seed: cfg.Seed})
	if err != nil {
		return nil, err
	}
	out.Without = r.at(0)
	for _, in := range inputs {
		if !in.known(fitted) || !in.known(tested) {
			out.LeftOut = append(out.LeftOut, in.Name)
			continue
		}
		x := ranksTogether(fitted, tested, in)
		for _, m := range cfg.Methods {
			f := FewLabel{Inputs: in.Name, Method: m.Name()}
			for k, size := range cfg.Sizes {
				if size > fitted.Len() {
					f.Tau = append(f.Tau, nil)
					continue
				}
				iv, err := x.repeat(ctx, m, size, cfg, uint64(k))
				if err != nil {
					return nil, fmt.Errorf("study: %s of %s, %d cells: %w", m.Name(), in.Name, size, err)
				}
				f.Tau = append(f.Tau, iv)
			}
			out.Of = append(out.Of, f)
		}
	}
	return out, nil
}

// fewData are the inputs as ranks, by seed and column, and the truths.
type fewData struct {
	fit, test           [][][]float64
	fitTruth, testTruth []float64
}

// known reports whether all cells know all inputs.
func (in Inputs) known(s *Seeded) bool {
	for _, x := range in.Signals {
		if !s.Knows(One(x, "")) {
			return false
		}
	}
	return len(in.Signals) > 0
}

func ranksTogether(fitted, tested *Seeded, in Inputs) *fewData {
	d := &fewData{
		fitTruth:  fitted.Cells.Frame.Col(truth.TruthColumn).Float(),
		testTruth: tested.Cells.Frame.Col(truth.TruthColumn).Float(),
	}
	all := func(s *Seeded) []int {
		rows := make([]int, s.Len())
		for i := range rows {
			rows[i] = i
		}
		return rows
	}
	for seed := range fitted.Seeds {
		var a, b [][]float64
		for _, s := range in.Signals {
			p := One(s, "").Parts[0]
			x := append(fitted.part(p, seed, all(fitted)), tested.part(p, seed, all(tested))...)
			x = corr.Ranks(x)
			a, b = append(a, x[:fitted.Len()]), append(b, x[fitted.Len():])
		}
		d.fit, d.test = append(d.fit, a), append(d.test, b)
	}
	return d
}

// repeat fits and tests so many times.
func (d *fewData) repeat(ctx context.Context, m learn.Method, size int, cfg FewLabelsConfig, stream uint64) (*corr.Interval, error) {
	plain, resampled := make([]float64, cfg.Repeats), make([]float64, cfg.Repeats)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for r := range cfg.Repeats {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			rng := rand.New(rand.NewPCG(cfg.Seed, stream<<32|uint64(r)))
			seed := r % len(d.fit)
			rows := rng.Perm(len(d.fitTruth))[:size]
			var x [][]float64
			for _, c := range d.fit[seed] {
				x = append(x, truth.PickRows(c, rows))
			}
			model, err := m.Fit(x, corr.Ranks(truth.PickRows(d.fitTruth, rows)))
			if err != nil {
				return err
			}
			predicted, err := model.Predict(d.test[seed])
			if err != nil {
				return err
			}
			drawn := make([]int, len(predicted))
			for i := range drawn {
				drawn[i] = rng.IntN(len(drawn))
			}
			plain[r] = corr.Tau(d.testTruth, predicted)
			resampled[r] = corr.Tau(truth.PickRows(d.testTruth, drawn), truth.PickRows(predicted, drawn))
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	iv := &corr.Interval{N: len(d.testTruth), Level: 0.95, Method: "percentile", Resamples: cfg.Repeats, SE: math.NaN(), Bias: math.NaN()}
	for _, v := range plain {
		iv.Estimate += v / float64(cfg.Repeats)
	}
	slices.Sort(resampled)
	iv.Lower, iv.Upper = quantileOf(resampled, 0.025), quantileOf(resampled, 0.975)
	iv.PercentileLower, iv.PercentileUpper, iv.BCaLower, iv.BCaUpper = iv.Lower, iv.Upper, math.NaN(), math.NaN()
	return iv, nil
}

// Sheets returns the predictors as a table.
func (f *FewLabels) Sheets() report.Sheets {
	if f.Without == nil {
		return noTruthSheet()
	}
	t := &corr.Table{
		Title: fmt.Sprintf("Tau-b on %d %s cells of predictors fitted to a few of %d others; 95 %% of the repeats in brackets",
			f.Tested.Len(), f.Tested.Cells.Name, f.Fitted.Len()),
		Columns: []string{"inputs", "method"},
		Notes:   []string{fmt.Sprintf("Unfitted: %s %s.", f.Unfitted.Label, report.Bracket(f.Without, 3))},
	}
	if f.LeftOut != nil {
		t.Notes = append(t.Notes, "Left out, for some cells lack a part: "+strings.Join(f.LeftOut, "; ")+".")
	}
	for _, n := range f.Sizes {
		t.Columns = append(t.Columns, fmt.Sprintf("%d known", n))
	}
	for _, p := range f.Of {
		row := []string{p.Inputs, p.Method}
		for _, iv := range p.Tau {
			if iv == nil {
				row = append(row, "")
				continue
			}
			row = append(row, report.Bracket(iv, 2))
		}
		t.Rows = append(t.Rows, row)
	}
	return report.Sheets{t}
}

// HTML returns the predictors as a table.
func (f *FewLabels) HTML() string { return f.Sheets().HTML() }

// String returns the predictors for a terminal.
func (f *FewLabels) String() string { return f.Sheets().String() }

// Figure draws tau over the number of known accuracies, a panel a method.
func (f *FewLabels) Figure() (*figure.Figure, error) {
	const title = "Predictors of few accuracies"
	if f.Without == nil {
		return figure.Message(title, report.NoTruth), nil
	}
	byMethod := map[string][]figure.Series{}
	var methods []string
	lo, hi := f.Without.Lower, f.Without.Upper
	for _, p := range f.Of {
		if byMethod[p.Method] == nil {
			methods = append(methods, p.Method)
		}
		s := figure.Series{Name: p.Inputs}
		for k, iv := range p.Tau {
			if iv != nil {
				add(&s, float64(f.Sizes[k]), iv.Estimate, iv.Lower, iv.Upper)
				lo, hi = min(lo, iv.Lower), max(hi, iv.Upper)
			}
		}
		if len(s.X) > 0 {
			byMethod[p.Method] = append(byMethod[p.Method], s)
		}
	}
	if methods == nil {
		return figure.Message(title, "No inputs are known of all cells."), nil
	}
	var panels []*figure.Figure
	for _, m := range methods {
		base := figure.Series{Name: f.Unfitted.Label + ", unfitted", Baseline: true}
		for _, n := range []int{f.Sizes[0], f.Sizes[len(f.Sizes)-1]} {
			add(&base, float64(n), f.Without.Estimate, f.Without.Lower, f.Without.Upper)
		}
		p, err := figure.Discovered(append(byMethod[m], base), 0, figure.CurveConfig{
			XLabel: "accuracies that are known", YLabel: "τ-b on other " + nounOf(f.Tested.Cells) + "s", YMin: lo - 0.02, YMax: hi + 0.02, Height: 4})
		if err != nil {
			return nil, err
		}
		p.Title = report.Capitalized(m)
		panels = append(panels, p)
	}
	g, err := figure.Beside(title, 2, columnsWidth, panels...)
	if err != nil {
		return nil, err
	}
	g.Subtitle = fmt.Sprintf("Fitted on some of %d %s, measured on %d others; bands hold 95 %% of the repeats", f.Fitted.Len(), named(f.Fitted.Cells), f.Tested.Len())
	return g, nil
}

// Record appends the predictors to the file of results, under names such as
// prefix.signals_and_counts.ridge.100.
func (f *FewLabels) Record(prefix string) error {
	if f.Without == nil {
		return nil
	}
	if err := report.Record(prefix+".unfitted", f.Without.Estimate, f.Without.Lower, f.Without.Upper, f.Without.N); err != nil {
		return err
	}
	for _, p := range f.Of {
		for k, iv := range p.Tau {
			if iv == nil {
				continue
			}
			name := fmt.Sprintf("%s.%s.%s.%d", prefix, report.ResultName(p.Inputs), report.ResultName(p.Method), f.Sizes[k])
			if err := report.RecordWithin(name, iv.Estimate, iv.Lower, iv.Upper, iv.N, 0.005); err != nil {
				return err
			}
		}
	}
	return nil
}
