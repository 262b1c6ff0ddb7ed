package study

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Part is a signal with its weight in a Recipe.
type Part struct {
	Signal truth.Signal
	Weight float64
	Log    bool // of Recipe.Values: the logarithm of the signal
}

// Recipe is a signal, or several whose ranks are summed with weights. Nothing is
// fitted.
type Recipe struct {
	Name     string // for columns and records
	Label    string // for tables and figures
	Parts    []Part
	Values   bool   // values are summed, not ranks: a network has a score of its own
	Cost     string // of one network with one seed, in words
	Seconds  string // the column of a table of signals that has its processor seconds; "" where it costs nothing, or nobody measured
	Baseline bool
}

// One returns the recipe of a single signal.
func One(s truth.Signal, cost string) Recipe {
	return Recipe{Name: s.Column, Label: s.Name(), Parts: []Part{{Signal: s, Weight: 1}}, Cost: cost, Baseline: s.Baseline}
}

// Seeded is a table of cells with signals that were measured with several seeds,
// each a draw of weights and images.
type Seeded struct {
	Cells *truth.Cells // those that every seed measured
	Seeds []string

	bySeed []map[string][]float64 // the columns of each seed, in order of the cells
	lacks  map[string][]bool      // by column: cells of which it was not measured with all seeds; nil means none
}

// NewSeeded joins a frame of signals to a table of cells. The frame has a row a cell
// and seed: hash, seed and columns of numbers. Cells that some seed lacks are left
// out; it is an error if none is left, or a cell comes twice with one seed. More frames
// of the kind may hold signals that fewer cells have.
func NewSeeded(c *truth.Cells, scores dataframe.DataFrame, more ...dataframe.DataFrame) (*Seeded, error) {
	groups, err := frame.Groups(scores, sweep.SeedColumn)
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	s := &Seeded{}
	var rows []map[string]int
	for _, g := range groups {
		at, err := frame.KeyRows(g.Frame, "seed "+g.Key[0], frame.KeyColumn)
		if err != nil {
			return nil, fmt.Errorf("study: %w", err)
		}
		s.Seeds, rows = append(s.Seeds, g.Key[0]), append(rows, at)
	}
	var kept []int
	hashes := c.Frame.Col(frame.KeyColumn).Records()
	for i, h := range hashes {
		known := len(rows) > 0
		for _, at := range rows {
			_, ok := at[h]
			known = known && ok
		}
		if known {
			kept = append(kept, i)
		}
	}
	if kept == nil {
		return nil, fmt.Errorf("study: no %s cell has signals: %w", c.Name, truth.ErrNoCells)
	}
	for k, g := range groups {
		columns := map[string][]float64{}
		for _, name := range g.Frame.Names() {
			col := g.Frame.Col(name)
			if t := col.Type(); name == sweep.SeedColumn || t != series.Float && t != series.Int {
				continue
			}
			all, x := col.Float(), make([]float64, len(kept))
			for i, r := range kept {
				x[i] = all[rows[k][hashes[r]]]
			}
			columns[name] = x
		}
		s.bySeed = append(s.bySeed, columns)
	}
	if s.Cells, err = subset(c, kept); err != nil {
		return nil, err
	}
	for _, df := range more {
		if err := s.join(df); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// join adds the columns of a frame of which some cells may have no rows.
func (s *Seeded) join(df dataframe.DataFrame) error {
	groups, err := frame.Groups(df, sweep.SeedColumn)
	if err != nil {
		return fmt.Errorf("study: %w", err)
	}
	if s.lacks == nil {
		s.lacks = map[string][]bool{}
	}
	keys := s.Cells.Frame.Col(frame.KeyColumn).Records()
	for k, seed := range s.Seeds {
		at, rows := -1, map[string]int{}
		for i, g := range groups {
			if g.Key[0] != seed {
				continue
			}
			at = i
			if rows, err = frame.KeyRows(g.Frame, "seed "+seed, frame.KeyColumn); err != nil {
				return fmt.Errorf("study: %w", err)
			}
		}
		for _, name := range df.Names() {
			if t := df.Col(name).Type(); name == sweep.SeedColumn || t != series.Float && t != series.Int {
				continue
			}
			if _, twice := s.bySeed[k][name]; twice {
				return fmt.Errorf("study: two tables have a column %q", name)
			}
			if s.lacks[name] == nil {
				s.lacks[name] = make([]bool, len(keys))
			}
			x, from := unknown(len(keys)), []float64(nil)
			if at >= 0 {
				from = groups[at].Frame.Col(name).Float()
			}
			for i, key := range keys {
				r, ok := rows[key]
				if ok {
					x[i] = from[r]
				}
				s.lacks[name][i] = s.lacks[name][i] || !ok
			}
			s.bySeed[k][name] = x
		}
	}
	return nil
}

// subset returns some of the cells.
func subset(c *truth.Cells, rows []int) (*truth.Cells, error) {
	out := *c
	out.Architectures = nil
	for _, r := range rows {
		out.Architectures = append(out.Architectures, c.Architectures[r])
	}
	var err error
	out.Frame, err = frame.Checked(c.Frame.Subset(rows))
	return &out, err
}

// rows returns some of the cells with their signals.
func (s *Seeded) rows(rows []int) (*Seeded, error) {
	out := &Seeded{Seeds: s.Seeds}
	for _, columns := range s.bySeed {
		some := map[string][]float64{}
		for name, x := range columns {
			some[name] = truth.PickRows(x, rows)
		}
		out.bySeed = append(out.bySeed, some)
	}
	if s.lacks != nil {
		out.lacks = map[string][]bool{}
	}
	for name, lack := range s.lacks {
		for _, r := range rows {
			out.lacks[name] = append(out.lacks[name], lack[r])
		}
	}
	var err error
	out.Cells, err = subset(s.Cells, rows)
	return out, err
}

// Halves splits the cells: see truth.Choosing.
func (s *Seeded) Halves() (choose, report *Seeded, err error) {
	var rows [2][]int
	for i, key := range s.Cells.Frame.Col(frame.KeyColumn).Records() {
		half := 1
		if truth.Choosing(key) {
			half = 0
		}
		rows[half] = append(rows[half], i)
	}
	if len(rows[0]) == 0 || len(rows[1]) == 0 {
		return nil, nil, fmt.Errorf("study: halves of %d and %d %s cells: %w", len(rows[0]), len(rows[1]), s.Cells.Name, truth.ErrNoCells)
	}
	if choose, err = s.rows(rows[0]); err != nil {
		return nil, nil, err
	}
	report, err = s.rows(rows[1])
	return choose, report, err
}

// WithTruth returns the cells that know another column, with it as their truth:
// the accuracies on another data set, say.
func (s *Seeded) WithTruth(column, label, name string) (*Seeded, error) {
	col := s.Cells.Frame.Col(column)
	if col.Err != nil {
		return nil, fmt.Errorf("study: %s cells have no column %q", s.Cells.Name, column)
	}
	x := col.Float()
	var rows []int
	for i, v := range x {
		if !math.IsNaN(v) {
			rows = append(rows, i)
		}
	}
	if rows == nil {
		return nil, fmt.Errorf("study: no %s cell has %q: %w", s.Cells.Name, column, truth.ErrNoCells)
	}
	out, err := s.rows(rows)
	if err != nil {
		return nil, err
	}
	out.Cells.Name, out.Cells.Truth = name, label
	out.Cells.Frame, err = frame.Checked(out.Cells.Frame.Mutate(series.New(truth.PickRows(x, rows), series.Float, truth.TruthColumn)))
	return out, err
}

// Len returns the number of cells.
func (s *Seeded) Len() int { return s.Cells.Len() }

// known returns the rows that know every part of a recipe, and false where a part is
// no column. What a measurement could not define, such as the entropy of a network
// whose features do not differ, is known: it is the worst.
func (s *Seeded) known(r Recipe) (rows []int, ok bool) {
	missing := make([]bool, s.Len())
	for _, p := range r.Parts {
		if x, measured := s.bySeed[0][p.Signal.Column]; measured {
			if !slices.ContainsFunc(x, finite) {
				return nil, false
			}
			for i, lack := range s.lacks[p.Signal.Column] {
				missing[i] = missing[i] || lack
			}
			continue
		}
		col := s.Cells.Frame.Col(p.Signal.Column)
		if col.Err != nil {
			return nil, false
		}
		for i, v := range col.Float() {
			missing[i] = missing[i] || math.IsNaN(v)
		}
	}
	for i, m := range missing {
		if !m {
			rows = append(rows, i)
		}
	}
	return rows, len(rows) > 1 && len(r.Parts) > 0
}

// Knows reports whether all cells know every part of a recipe.
func (s *Seeded) Knows(r Recipe) bool {
	rows, ok := s.known(r)
	return ok && len(rows) == s.Len()
}

// Knowing returns the cells that know every part of a recipe, such as one of a table
// that is not whole; nil where there are fewer than truth.FewestCells.
func (s *Seeded) Knowing(r Recipe) (*Seeded, error) {
	rows, ok := s.known(r)
	if !ok || len(rows) < truth.FewestCells {
		return nil, nil
	}
	return s.rows(rows)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// seeds returns the number of seeds that matter to a recipe: 1 for one of counts.
func (s *Seeded) seeds(r Recipe) int {
	for _, p := range r.Parts {
		if _, measured := s.bySeed[0][p.Signal.Column]; measured {
			return len(s.Seeds)
		}
	}
	return 1
}

// part returns a signal of one seed at some rows, turned so that larger promises
// more, what is not defined below all that is.
func (s *Seeded) part(p Part, seed int, rows []int) []float64 {
	x, measured := s.bySeed[seed][p.Signal.Column]
	if !measured {
		x = s.Cells.Frame.Col(p.Signal.Column).Float()
	}
	out := truth.PickRows(x, rows)
	least := math.Inf(1)
	for i, v := range out {
		if p.Signal.Lower {
			out[i] = -v
		}
		if finite(v) {
			least = min(least, out[i])
		}
	}
	if math.IsInf(least, 1) {
		least = 0
	}
	for i, v := range out {
		if !finite(v) {
			out[i] = least - 1
		}
	}
	return out
}

// values returns a recipe's values with one seed at some rows, among which it ranks.
func (s *Seeded) values(r Recipe, seed int, rows []int) ([]float64, error) {
	return s.mixed(r, func(p Part) []float64 { return s.part(p, seed, rows) })
}

// averaged returns a recipe's values at some rows where each part is the mean over
// seeds of its ranks, or of its values where those are summed.
func (s *Seeded) averaged(r Recipe, rows []int) ([]float64, error) {
	return s.mixed(r, func(p Part) []float64 {
		mean := make([]float64, len(rows))
		for seed := range s.bySeed {
			x := s.part(p, seed, rows)
			if !r.Values {
				x = corr.Ranks(x)
			}
			for i, v := range x {
				mean[i] += v
			}
		}
		if r.Values {
			for i := range mean {
				mean[i] /= float64(len(s.bySeed))
			}
		}
		return mean
	})
}

// mean returns a measured column's mean over seeds, NaN where one is not defined.
func (s *Seeded) mean(column string) []float64 {
	out := make([]float64, s.Len())
	for seed := range s.bySeed {
		for i, v := range s.bySeed[seed][column] {
			out[i] += v / float64(len(s.bySeed))
		}
	}
	return out
}

func (s *Seeded) mixed(r Recipe, of func(Part) []float64) ([]float64, error) {
	var signals [][]float64
	var weights []float64
	for _, p := range r.Parts {
		signals, weights = append(signals, of(p)), append(weights, p.Weight)
	}
	if r.Values {
		return summed(r, signals)
	}
	if len(signals) == 1 && weights[0] > 0 {
		return signals[0], nil
	}
	out, err := corr.WeightedRankMix(signals, weights)
	if err != nil {
		return nil, fmt.Errorf("study: %s: %w", r.Label, err)
	}
	return out, nil
}

// summed returns the sum of a recipe's parts.
func summed(r Recipe, signals [][]float64) ([]float64, error) {
	out := make([]float64, len(signals[0]))
	for k, x := range signals {
		for i, v := range x {
			if r.Parts[k].Log {
				v = math.Log(v)
			}
			out[i] += r.Parts[k].Weight * v
		}
	}
	return out, corr.CheckColumn(r.Label, out)
}

// Place returns the place that a value of a measured column would take among the
// cells, 1 being the best: one more than the number of cells with a larger one, the
// median over seeds. It returns an error where the column was not measured.
func (s *Seeded) Place(column string, value float64) (int, error) {
	var places []int
	for _, columns := range s.bySeed {
		x, ok := columns[column]
		if !ok {
			return 0, fmt.Errorf("study: %q was not measured of %s cells", column, s.Cells.Name)
		}
		place := 1
		for _, v := range x {
			if v > value {
				place++
			}
		}
		places = append(places, place)
	}
	slices.Sort(places)
	return places[len(places)/2], nil
}

// milliseconds returns the median over cells and seeds of the processor time of a
// recipe, NaN where it is not known.
func (s *Seeded) milliseconds(r Recipe) float64 {
	var all []float64
	for _, columns := range s.bySeed {
		for _, v := range columns[r.Seconds] {
			if finite(v) {
				all = append(all, 1000*v)
			}
		}
	}
	if r.Seconds == "" || all == nil {
		return math.NaN()
	}
	slices.Sort(all)
	return quantileOf(all, 0.5)
}

// Add adds a recipe to the cells as a column of its name, averaged over the seeds,
// and returns its signal. Cells that do not know it have NaN. A recipe of one column
// that the cells have anyway, such as a count, adds nothing.
func (s *Seeded) Add(r Recipe) (truth.Signal, error) {
	if len(r.Parts) == 1 && s.seeds(r) == 1 {
		col := r.Parts[0].Signal
		if _, measured := s.bySeed[0][col.Column]; !measured && s.Cells.Frame.Col(col.Column).Err == nil {
			return col, nil
		}
	}
	rows, ok := s.known(r)
	if !ok {
		return truth.Signal{}, fmt.Errorf("study: %s cells do not have all that %s needs", s.Cells.Name, r.Label)
	}
	x, err := s.averaged(r, rows)
	if err != nil {
		return truth.Signal{}, err
	}
	all := unknown(s.Len())
	for i, row := range rows {
		all[row] = x[i]
	}
	df, err := frame.Checked(s.Cells.Frame.Mutate(series.New(all, series.Float, r.Name)))
	if err != nil {
		return truth.Signal{}, err
	}
	s.Cells.Frame = df
	return truth.Signal{Column: r.Name, Label: r.Label, Baseline: r.Baseline}, nil
}
