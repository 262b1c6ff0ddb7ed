package study

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Screen says by what candidates are chosen for a full training.
type Screen struct {
	Label string
	// Recipes are what is looked at; repeats take them, and the seeds of each, in
	// turn, such as one run of a short training after the other. None is a choice at
	// random.
	Recipes []Recipe
	Cost    float64 // of looking at one candidate, in full trainings
}

// ScreenConfig says how screens are replayed. Its zero value draws 30, and all,
// candidates, trains the best 1 to 10, and repeats 500 times.
type ScreenConfig struct {
	Candidates []int // drawn at random; nil means 30 and all
	Keep       []int // trained in full; nil means 1, 2, 3, 5, 10
	Repeats    int   // 0 means 500
	Seed       uint64
}

func (c ScreenConfig) resolved(n int) ScreenConfig {
	if c.Candidates == nil {
		c.Candidates = []int{min(30, n), n}
	}
	if c.Keep == nil {
		c.Keep = []int{1, 2, 3, 5, 10}
	}
	if c.Repeats == 0 {
		c.Repeats = 500
	}
	return c
}

// Screened is what one screen of so many candidates finds.
type Screened struct {
	Screen     Screen
	Candidates int
	Cost       []float64        // by number of full trainings: these, and looking at the candidates
	Best       []*corr.Interval // the best truth of these, means over repeats, which hold 95 % of them
}

// Screens is what screens find on a table, beside what they cost.
type Screens struct {
	Table  *Seeded
	Config ScreenConfig
	Of     []Screened
}

// ReplayScreens draws candidates from a table, looks at all of them by a screen,
// trains the best in full, and keeps the best of these. Costs are counted in full
// trainings. A table without truth has none.
func ReplayScreens(ctx context.Context, t *Seeded, screens []Screen, cfg ScreenConfig) (*Screens, error) {
	out := &Screens{Table: t}
	if t == nil || !t.Cells.HasTruth() {
		return out, nil
	}
	cfg = cfg.resolved(t.Len())
	out.Config = cfg
	for _, n := range append(slices.Clone(cfg.Candidates), cfg.Keep...) {
		if n < 1 || n > t.Len() {
			return nil, fmt.Errorf("study: %d candidates or trainings of %d %s cells", n, t.Len(), t.Cells.Name)
		}
	}
	y := t.Cells.Frame.Col(truth.TruthColumn).Float()
	for _, s := range screens {
		values, err := t.everySeed(s.Recipes)
		if err != nil {
			return nil, err
		}
		counts := cfg.Candidates
		if values == nil { // at random more candidates are no better
			counts = []int{slices.Max(cfg.Keep)}
		}
		for _, m := range counts {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			out.Of = append(out.Of, s.replay(y, values, m, cfg))
		}
	}
	return out, nil
}

// everySeed returns the values of recipes, by recipe and seed, of all cells.
func (s *Seeded) everySeed(recipes []Recipe) ([][]float64, error) {
	all := make([]int, s.Len())
	for i := range all {
		all[i] = i
	}
	var out [][]float64
	for _, r := range recipes {
		if !s.Knows(r) {
			return nil, fmt.Errorf("study: %s is not known of all %s cells", r.Label, s.Cells.Name)
		}
		for seed := range s.seeds(r) {
			x, err := s.values(r, seed, all)
			if err != nil {
				return nil, err
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// replay repeats a screen of m candidates.
func (s Screen) replay(y []float64, values [][]float64, m int, cfg ScreenConfig) Screened {
	out := Screened{Screen: s, Candidates: m}
	var keep []int
	for _, k := range cfg.Keep {
		if k <= m {
			keep = append(keep, k)
		}
	}
	best := make([][]float64, len(keep))
	for r := range cfg.Repeats {
		rows := rand.New(rand.NewPCG(cfg.Seed, uint64(r))).Perm(len(y))[:m]
		if values != nil {
			x := values[r%len(values)]
			slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(x[b], x[a]) })
		}
		for i, k := range keep {
			best[i] = append(best[i], slices.Max(truth.PickRows(y, rows[:k])))
		}
	}
	looked := float64(m) * s.Cost
	for i, k := range keep {
		iv := &corr.Interval{N: cfg.Repeats, Level: 0.95, Method: "percentile"}
		for _, v := range best[i] {
			iv.Estimate += v / float64(cfg.Repeats)
		}
		slices.Sort(best[i])
		iv.Lower, iv.Upper = quantileOf(best[i], 0.025), quantileOf(best[i], 0.975)
		out.Cost, out.Best = append(out.Cost, looked+float64(k)), append(out.Best, iv)
	}
	return out
}

// name names a screen and its candidates.
func (s *Screened) name() string {
	if s.Screen.Recipes == nil {
		return s.Screen.Label
	}
	return fmt.Sprintf("%s, of %d", s.Screen.Label, s.Candidates)
}

// Sheets returns what is found as a table.
func (s *Screens) Sheets() report.Sheets {
	if len(s.Of) == 0 {
		return noTruthSheet()
	}
	t := &corr.Table{
		Title: fmt.Sprintf("Best %s of so many full trainings, means over %d repeats, 95 %% of them in brackets; and the cost in full trainings: %d %s networks",
			s.Table.Cells.Truth, s.Config.Repeats, s.Table.Len(), s.Table.Cells.Name),
		Columns: []string{"chosen by"},
		Notes:   []string{fmt.Sprintf("Best of all: %.4f.", slices.Max(s.Table.Cells.Frame.Col(truth.TruthColumn).Float()))},
	}
	for _, k := range s.Config.Keep {
		t.Columns = append(t.Columns, report.Plural(k, "training"), "cost")
	}
	for _, x := range s.Of {
		row := []string{x.name()}
		for i := range x.Best {
			row = append(row, report.Bracket(x.Best[i], 4), fmt.Sprintf("%.1f", x.Cost[i]))
		}
		t.Rows = append(t.Rows, row)
	}
	return report.Sheets{t}
}

// HTML returns what is found as a table.
func (s *Screens) HTML() string { return s.Sheets().HTML() }

// String returns what is found for a terminal.
func (s *Screens) String() string { return s.Sheets().String() }

// Figure draws the best truth over the cost.
func (s *Screens) Figure(title string) (*figure.Figure, error) {
	if len(s.Of) == 0 {
		return figure.Message(title, report.NoTruth), nil
	}
	var series []figure.Series
	for _, x := range s.Of {
		c := figure.Series{Name: x.name(), Baseline: x.Screen.Recipes == nil}
		for i, iv := range x.Best {
			c.X, c.Y = append(c.X, x.Cost[i]), append(c.Y, iv.Estimate)
		}
		series = append(series, c)
	}
	return figure.Discovered(series, slices.Max(s.Table.Cells.Frame.Col(truth.TruthColumn).Float()), figure.CurveConfig{
		Title: title, Subtitle: fmt.Sprintf("Means over %d repeats on %d networks", s.Config.Repeats, s.Table.Len()),
		XLabel: "cost, in full trainings", YLabel: "best " + s.Table.Cells.Truth, Height: 4.8,
	})
}

// Record appends what is found to the file of results, under names such as
// prefix.accel_long.S_of_30.1_trained, and the cost of each.
func (s *Screens) Record(prefix string) error {
	for _, x := range s.Of {
		for i, iv := range x.Best {
			name := fmt.Sprintf("%s.%s.%s.%d_trained", prefix, report.ResultName(s.Table.Cells.Name), report.ResultName(x.name()), s.Config.Keep[i])
			if err := report.Record(name, iv.Estimate, iv.Lower, iv.Upper, s.Config.Repeats); err != nil {
				return err
			}
			if err := report.RecordDetail(name+".cost", x.Cost[i], 0, 1000, 0); err != nil {
				return err
			}
		}
	}
	return nil
}
