package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/search"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// SearchConfig says how searches are replayed. Its zero value trains up to 200 of
// all cells, 200 times. No more are trained than there are.
type SearchConfig struct {
	Budget  int // trainings; 0 means 200
	Repeats int // 0 means 200
	Seed    uint64

	// Share, if not 0, is the share of the cells that each repeat draws at random from
	// the table; all strategies of the repeat search these. So the spread over repeats
	// shows what another table of the kind would. 0 means all: then only what a
	// strategy leaves to chance, and the seeds of signals, make repeats differ.
	Share float64

	// Nearest, if not 0, has a child of evolution drawn from so many untrained cells
	// that are nearest to its parent by edit distance (see space.Distances). That is
	// for tables that hold few neighbors of a cell. 0 means the parent's neighbors in
	// the space (see space.Neighbors) which are in the table.
	Nearest int

	Population, Sample int // of evolution; 0 means 20 and 5

	// Guided, if not 0, has random search and evolution guided by each recipe, too: of
	// so many candidates drawn at random the best by the recipe is trained.
	Guided int
}

func (c SearchConfig) resolved() SearchConfig {
	for _, d := range []struct {
		field *int
		value int
	}{{&c.Budget, 200}, {&c.Repeats, 200}, {&c.Population, 20}, {&c.Sample, 5}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	return c
}

// cells returns how many of n cells a repeat searches.
func (c SearchConfig) cells(n int) int {
	if c.Share == 0 {
		return n
	}
	return min(n, max(2, int(math.Round(c.Share*float64(n)))))
}

// Searches is what strategies find in a table of trained cells: the best truth over
// the number of trainings.
type Searches struct {
	Table    *Seeded
	Config   SearchConfig
	Found    []search.Found
	Best     float64  // of all cells; of the cells of a repeat on average where these are drawn
	Neighbor float64  // neighbors in the table that a cell has on average; 0 with SearchConfig.Nearest
	LeftOut  []string // recipes that not all cells know
	recipes  map[string]Recipe
	guided   map[string]string // names of guided strategies for records, by label
}

// ReplaySearches replays random search, regularized evolution, evolution whose first
// population are the best of the first recipe, and training in the order of each
// recipe. Recipes that some cells do not know are left out; the first must be known.
// Repeats take the seeds of the signals in turn. What is found is the truth
// itself: of a table with one accuracy a cell, the same one tells which cell is best.
func ReplaySearches(ctx context.Context, t *Seeded, recipes []Recipe, cfg SearchConfig) (*Searches, error) {
	cfg = cfg.resolved()
	out := &Searches{Table: t, Config: cfg, recipes: map[string]Recipe{}, guided: map[string]string{}}
	if t == nil || !t.Cells.HasTruth() {
		return out, nil
	}
	if !(cfg.Share >= 0 && cfg.Share <= 1) || cfg.Nearest < 0 || cfg.Guided < 0 {
		return nil, fmt.Errorf("study: searches among a share of %v of the cells, children of the %d nearest, the best of %d", cfg.Share, cfg.Nearest, cfg.Guided)
	}
	cfg.Budget = min(cfg.Budget, cfg.cells(t.Len()))
	out.Config = cfg
	if len(recipes) == 0 {
		return nil, fmt.Errorf("study: there is no signal to search by")
	}
	var known []Recipe
	for i, r := range recipes {
		if t.Knows(r) || i == 0 {
			known = append(known, r)
			continue
		}
		out.LeftOut = append(out.LeftOut, r.Label)
	}
	recipes = known
	p := &searcher{t: t, cfg: cfg, recipes: recipes, truth: t.Cells.Frame.Col(truth.TruthColumn).Float()}
	if err := p.prepare(); err != nil {
		return nil, err
	}
	for _, r := range recipes {
		out.recipes[r.Label] = r
		random, evolution := guidedLabels(r, cfg.Guided)
		out.guided[random], out.guided[evolution] = r.Name+"_guided_random", r.Name+"_guided_evolution"
	}
	out.Neighbor = p.neighbors()
	var err error
	if out.Found, err = search.Replay(ctx, cfg.Repeats, cfg.Budget, cfg.Seed, p.repeat); err != nil {
		return nil, fmt.Errorf("study: %s cells: %w", t.Cells.Name, err)
	}
	out.Best = p.best()
	return out, nil
}

// searcher makes the repeats.
type searcher struct {
	t       *Seeded
	cfg     SearchConfig
	recipes []Recipe

	truth     []float64
	values    [][][]float64 // by recipe and seed
	distances [][]int       // nil without Nearest
	near      [][]int       // neighbors in the table
}

func (p *searcher) prepare() error {
	n := p.t.Len()
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	for _, r := range p.recipes {
		if !p.t.Knows(r) {
			return fmt.Errorf("study: %s is not known of all %s cells", r.Label, p.t.Cells.Name)
		}
		var bySeed [][]float64
		for seed := range p.t.seeds(r) {
			x, err := p.t.values(r, seed, all)
			if err != nil {
				return err
			}
			bySeed = append(bySeed, x)
		}
		p.values = append(p.values, bySeed)
	}
	if n == 0 {
		return fmt.Errorf("study: no cells to search")
	}
	var err error
	if p.cfg.Nearest > 0 {
		p.distances, err = space.Distances(space.Of(p.t.Cells.Architectures[0]), p.t.Cells.Architectures)
		return err
	}
	p.near, err = neighborsIn(p.t.Cells)
	return err
}

// neighborsIn returns, for each cell, the rows of its neighbors that the table has.
func neighborsIn(c *truth.Cells) ([][]int, error) {
	at := map[string]int{}
	for i, key := range c.Frame.Col(frame.KeyColumn).Records() {
		at[key] = i
	}
	out := make([][]int, c.Len())
	for i, a := range c.Architectures {
		near, err := space.Neighbors(a)
		if err != nil {
			return nil, err
		}
		for _, b := range near {
			if j, ok := at[b.Key()]; ok && j != i {
				out[i] = append(out[i], j)
			}
		}
	}
	return out, nil
}

func (p *searcher) neighbors() float64 {
	sum := 0
	for _, near := range p.near {
		sum += len(near)
	}
	return float64(sum) / float64(p.t.Len())
}

// drawn returns the rows of a repeat: the first that its generator draws.
func (p *searcher) drawn(rng *rand.Rand) []int {
	return rng.Perm(p.t.Len())[:p.cfg.cells(p.t.Len())]
}

// best returns the best truth of all cells, or the mean over repeats of the best of
// those that are drawn.
func (p *searcher) best() float64 {
	if p.cfg.Share == 0 {
		return slices.Max(p.truth)
	}
	sum := 0.0
	for r := range p.cfg.Repeats {
		best := math.Inf(-1)
		for _, i := range p.drawn(rand.New(rand.NewPCG(p.cfg.Seed, uint64(r)))) { // as search.Replay makes it
			best = max(best, p.truth[i])
		}
		sum += best
	}
	return sum / float64(p.cfg.Repeats)
}

func (p *searcher) repeat(r int, rng *rand.Rand) (*search.Repeat, error) {
	rows := p.drawn(rng)
	problem := &search.Problem{Truth: truth.PickRows(p.truth, rows)}
	place := make(map[int]int, len(rows))
	for k, i := range rows {
		place[i] = k
	}
	switch {
	case p.distances != nil && p.cfg.Guided > 0:
		problem.NearOf = p.nearOf(rows, rng)
	case p.distances != nil:
		d := make([][]int, len(rows))
		for k, i := range rows {
			d[k] = make([]int, len(rows))
			for l, j := range rows {
				d[k][l] = p.distances[i][j]
			}
		}
		problem.Near = search.Near(d, rng)
	default:
		problem.Near = make([][]int, len(rows))
		for k, i := range rows {
			for _, j := range p.near[i] {
				if l, ok := place[j]; ok {
					problem.Near[k] = append(problem.Near[k], l)
				}
			}
		}
	}
	signal := func(k int) []float64 { return truth.PickRows(p.values[k][r%len(p.values[k])], rows) }
	e := search.Evolution{Population: p.cfg.Population, Sample: p.cfg.Sample, Nearest: p.cfg.Nearest}
	started := e
	started.Start, started.Label = signal(0), "evolution from the best by "+p.recipes[0].Label
	rep := &search.Repeat{Problem: problem, Strategies: []search.Strategy{search.Random{}, e, started}}
	for k, recipe := range p.recipes {
		rep.Strategies = append(rep.Strategies, search.Ranked{Label: recipe.Label, Signal: signal(k)})
	}
	if p.cfg.Guided == 0 {
		return rep, nil
	}
	for k, recipe := range p.recipes {
		guided := e
		guided.Guide, guided.Of = signal(k), p.cfg.Guided
		random := search.Guided{Signal: guided.Guide, Of: guided.Of}
		random.Label, guided.Label = guidedLabels(recipe, p.cfg.Guided)
		rep.Strategies = append(rep.Strategies, random, guided)
	}
	return rep, nil
}

// guidedLabels returns what guided random search and evolution are called.
func guidedLabels(r Recipe, of int) (random, evolution string) {
	return fmt.Sprintf("random search, best of %d by %s", of, r.Label), fmt.Sprintf("evolution, best of %d by %s", of, r.Label)
}

// nearOf returns a function that lists the other drawn rows by rising distance,
// those of one distance in random order, and remembers what it listed.
func (p *searcher) nearOf(rows []int, rng *rand.Rand) func(int) []int {
	known := map[int][]int{}
	return func(i int) []int {
		if near, ok := known[i]; ok {
			return near
		}
		d := p.distances[rows[i]]
		near := rng.Perm(len(rows))
		near = slices.DeleteFunc(near, func(j int) bool { return j == i })
		slices.SortStableFunc(near, func(a, b int) int { return d[rows[a]] - d[rows[b]] })
		known[i] = near
		return near
	}
}

// budgets returns the numbers of trainings that tables show.
func (s *Searches) budgets() []int {
	var out []int
	for _, b := range []int{1, 3, 10, 30, 100, 200, 300, 1000} {
		if b <= s.Config.Budget {
			out = append(out, b)
		}
	}
	return out
}

// about says what is searched.
func (s *Searches) about() string {
	text := fmt.Sprintf("%d %s", s.Table.Len(), named(s.Table.Cells))
	if s.Config.Share > 0 {
		text = fmt.Sprintf("%d of %s, drawn anew each time", s.Config.cells(s.Table.Len()), text)
	}
	if s.Config.Nearest > 0 {
		return text + fmt.Sprintf("; children among the %d nearest by edits", s.Config.Nearest)
	}
	return text + fmt.Sprintf("; children are neighbors, of which %.1f are in the table on average", s.Neighbor)
}

// Sheets returns what is found as a table, a row a strategy.
func (s *Searches) Sheets() report.Sheets {
	if len(s.Found) == 0 {
		return noTruthSheet()
	}
	t := &corr.Table{
		Title:   fmt.Sprintf("Best %s after so many trainings, means over %d repeats, 95 %% of them in brackets: %s", s.Table.Cells.Truth, s.Config.Repeats, s.about()),
		Columns: []string{"strategy"},
		Notes:   []string{fmt.Sprintf("Best of all: %.4f.", s.Best)},
	}
	if s.LeftOut != nil {
		t.Notes = append(t.Notes, "Left out, for some cells lack a part: "+strings.Join(s.LeftOut, "; ")+".")
	}
	for _, b := range s.budgets() {
		t.Columns = append(t.Columns, report.Plural(b, "training"))
	}
	for _, f := range s.Found {
		row := []string{f.Name}
		for _, b := range s.budgets() {
			row = append(row, report.Bracket(&corr.Interval{Estimate: f.Mean[b-1], Lower: f.Lower[b-1], Upper: f.Upper[b-1]}, 4))
		}
		t.Rows = append(t.Rows, row)
	}
	return report.Sheets{t}
}

// HTML returns what is found as a table.
func (s *Searches) HTML() string { return s.Sheets().HTML() }

// String returns what is found for a terminal.
func (s *Searches) String() string { return s.Sheets().String() }

// Figure draws the best truth over the number of trainings, on a logarithmic axis,
// from yMin on; 0 shows all. Guided strategies are left to GuidedFigure.
func (s *Searches) Figure(title string, yMin float64) (*figure.Figure, error) {
	return s.figure(title, yMin, plainStrategies)
}

// GuidedFigure is Figure of the strategies that SearchConfig.Guided adds, beside
// those that no signal guides.
func (s *Searches) GuidedFigure(title string, yMin float64) (*figure.Figure, error) {
	return s.figure(title, yMin, guidedStrategies)
}

// Which strategies a figure draws.
const (
	plainStrategies = iota
	guidedStrategies
)

func (s *Searches) figure(title string, yMin float64, part int) (*figure.Figure, error) {
	if len(s.Found) == 0 {
		return figure.Message(title, report.NoTruth), nil
	}
	var series []figure.Series
	lowest := math.Inf(1)
	for _, f := range s.Found {
		r, ranked := s.recipes[f.Name]
		if _, guided := s.guided[f.Name]; guided != (part == guidedStrategies) && f.Name != (search.Random{}).Name() && f.Name != (search.Evolution{}).Name() {
			continue
		}
		c := figure.Series{Name: f.Name, Baseline: ranked && r.Baseline || f.Name == search.Random{}.Name(), Color: strategyColor(f.Name, r.Name)}
		for _, k := range corr.KeepCounts(s.Config.Budget, 24) {
			c.X, c.Y = append(c.X, float64(k)), append(c.Y, f.Mean[k-1])
			if f.Name == (search.Random{}).Name() || r.Name == s.first() {
				c.Lo, c.Hi = append(c.Lo, f.Lower[k-1]), append(c.Hi, f.Upper[k-1])
			}
		}
		lowest = min(lowest, c.Y[0])
		series = append(series, c)
	}
	cfg := figure.CurveConfig{
		Title: title, Subtitle: fmt.Sprintf("Means over %d repeats; bands hold 95 %% of them. %s", s.Config.Repeats, report.Capitalized(s.about())),
		XLabel: "networks trained", YLabel: "best " + s.Table.Cells.Truth, Height: 4.8,
	}
	if yMin > 0 {
		cfg.YMin, cfg.YMax = yMin, s.Best+0.03*(s.Best-yMin)
	}
	if part == guidedStrategies { // whose names are long
		cfg.Height += 1.4
	}
	return figure.Discovered(series, s.Best, cfg)
}

// strategyColor returns the color of a strategy: regularized evolution has one of its
// own in all figures, a recipe that of its signal.
func strategyColor(strategy, recipe string) int {
	if strategy == (search.Evolution{}).Name() {
		return 7
	}
	return colorOf(recipe)
}

// first returns the name of the recipe whose band is drawn.
func (s *Searches) first() string {
	for _, f := range s.Found {
		if r, ok := s.recipes[f.Name]; ok {
			return r.Name
		}
	}
	return ""
}

// Record appends what is found to the file of results, under names such as
// prefix.uniform.10_trained.random_search.
func (s *Searches) Record(prefix string) error {
	if len(s.Found) == 0 {
		return nil
	}
	prefix += "." + report.ResultName(s.Table.Cells.Name)
	if err := report.RecordValue(prefix+".best", s.Best); err != nil {
		return err
	}
	for _, f := range s.Found {
		name := f.Name
		if r, ok := s.recipes[f.Name]; ok {
			name = r.Name
		}
		if guided, ok := s.guided[f.Name]; ok {
			name = guided
		}
		for _, b := range s.budgets() {
			if err := report.Record(fmt.Sprintf("%s.%d_trained.%s", prefix, b, report.ResultName(name)), f.Mean[b-1], f.Lower[b-1], f.Upper[b-1], s.Config.Repeats); err != nil {
				return err
			}
		}
	}
	return nil
}

// Trainings returns how many trainings a strategy needs, on average over repeats of
// its best truth so far, to reach what another finds with a number of them; 0 where
// the budget does not reach it. Both are recipes, by name, or strategies, by label.
func (s *Searches) Trainings(strategy, other string, budget int) (int, error) {
	a, b := s.find(strategy), s.find(other)
	if a == nil || b == nil || budget < 1 || budget > s.Config.Budget {
		return 0, errors.New("study: no such strategy or budget was replayed")
	}
	for k, v := range a.Mean {
		if v >= b.Mean[budget-1] {
			return k + 1, nil
		}
	}
	return 0, nil
}

func (s *Searches) find(name string) *search.Found {
	for i, f := range s.Found {
		if f.Name == name || s.recipes[f.Name].Name == name && name != "" || s.guided[f.Name] == name && name != "" {
			return &s.Found[i]
		}
	}
	return nil
}
