package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// RankConfig says how Rank scores architectures, and by what it ranks them. Its
// zero value is what this project recommends.
type RankConfig struct {
	// Setting of the scores; the zero value means Recommended(). To change a number
	// of it, begin with Recommended(); the public notebook's is
	// sweep.Setting{}.Resolved().
	Setting sweep.Setting
	// View is the features that make the kernel; "" means RecommendedView().
	View nngpkit.View
	// Mix names what the ranks are averaged of; nil means RecommendedMix(). A name is
	// that of a statistic in the catalogue of package gp or of a free count of the
	// space (space.AllCounts, or gflops). Larger is better, except for statistics
	// whose catalogue says otherwise; a leading minus turns a name.
	Mix []string
	// Progress is called as sweep.ComputeConfig says; it may be nil.
	Progress func(done, total, fresh int)
}

// Columns of the frame that Rank returns.
const (
	PlaceColumn   = "place"
	MixtureColumn = "mixture"
	RowColumn     = "row"
	MACsColumn    = "macs" // multiply-accumulates of an image, of the published network
)

// resolved returns the configuration with its zeros replaced.
func (c RankConfig) resolved() RankConfig {
	if c.Setting == (sweep.Setting{}) {
		c.Setting = Recommended()
	}
	c.Setting = c.Setting.Resolved()
	if c.View == "" {
		c.View = RecommendedView()
	}
	if c.Mix == nil {
		c.Mix = RecommendedMix()
	}
	return c
}

// Rank scores architectures of one space on images of a set and ranks them. The
// frame has a row for each of the list, the best first:
//
//   - place: 1 is the best; one more than the number of different architectures
//     with a larger mixture, so that ties share the smallest place. NaN where
//     something that is mixed has no number, such as the scores of a network whose
//     features are the same for all images; these come last;
//   - mixture: the mean of the ranks, among the different architectures of the list
//     that have a place, of what RankConfig.Mix names, from 0 to 1, the best
//     largest; nothing is fitted, and a longer list changes it;
//   - row: the architecture's place in the list, from 0;
//   - hash, and the columns of space.SpellColumns, of the canonical form;
//   - parameters, macs, gflops and the space's own free counts, of the canonical
//     form at the published width;
//   - every statistic of the catalogue of package gp that the images allow: without
//     labels those that need none; rounded to float32, and nngp_gflops of the
//     forward passes;
//   - the setting: width, members, train, val, norm, draw, seed, split_seed,
//     norm_batch, view; and level, the processor's instructions.
//
// Architectures of the list that are the same network, such as cells that differ in
// the order of their vertices, are scored once and share a place. Scores are kept as
// they are computed (see sweep.Compute): a call that was interrupted goes on where
// it was, and a longer list costs what is new.
func Rank(ctx context.Context, architectures []space.Architecture, set *imageset.Set, cfg RankConfig) (dataframe.DataFrame, error) {
	df, err := rank(ctx, architectures, set, cfg.resolved())
	if err != nil {
		return dataframe.DataFrame{}, fmt.Errorf("study: rank: %w", err)
	}
	return df, nil
}

func rank(ctx context.Context, architectures []space.Architecture, set *imageset.Set, cfg RankConfig) (dataframe.DataFrame, error) {
	fail := func(err error) (dataframe.DataFrame, error) { return dataframe.DataFrame{}, err }
	l, err := newRankList(ctx, architectures)
	if err != nil {
		return fail(err)
	}
	mix, err := MixSignals(l.space, set.Labeled(), cfg.Mix)
	if err != nil {
		return fail(err)
	}
	if err := l.checkWidth(cfg.Setting.Width); err != nil {
		return fail(err)
	}
	if err := nngpkit.CheckMemory("a ranking of "+report.Plural(len(l.of), "row"), rankRowBytes*float64(len(l.of)), "rank fewer, such as a sample"); err != nil {
		return fail(err)
	}
	e := sweep.Experiment{
		Name: "rank", About: "a list", Cells: "a list",
		Passes: []sweep.Pass{{Setting: cfg.Setting, At: []int{cfg.Setting.Members}, Views: []nngpkit.View{cfg.View}}},
		Choose: func(context.Context) ([]space.Architecture, error) { return l.different, nil },
		Needs:  statistics(set.Labeled()),
	}
	t, err := sweep.Compute(ctx, e, set, sweep.ComputeConfig{Progress: cfg.Progress})
	if err != nil {
		return fail(err)
	}
	df, err := l.frame(t.Frame)
	if err != nil {
		return fail(err)
	}
	place, mixture, err := places(df, mix)
	if err != nil {
		return fail(err)
	}
	return l.ranked(df, place, mixture)
}

// rankRowBytes is what a row of a ranking takes of memory, with its scores and all
// columns of the frame at the moment when two copies of it are there.
const rankRowBytes = 10 << 10

// rankList is a list of architectures by what they are.
type rankList struct {
	space     space.Space
	keys      []string             // of each row of the list
	different []space.Architecture // canonical, in the order in which they first come
	of        []int                // for each row which of different it is
}

func newRankList(ctx context.Context, all []space.Architecture) (*rankList, error) {
	if len(all) == 0 {
		return nil, errors.New("there is no architecture to rank")
	}
	if all[0] == nil {
		return nil, errors.New("architecture 0 is nil")
	}
	s, err := space.Find(all[0].SpaceName())
	if err != nil {
		return nil, err
	}
	l := &rankList{space: s}
	if l.keys, err = space.Keys(ctx, l.space, all); err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, key := range l.keys {
		k, ok := at[key]
		if !ok {
			k = len(l.different)
			at[key] = k
			l.different = append(l.different, all[i].Canonical())
		}
		l.of = append(l.of, k)
	}
	return l, nil
}

// checkWidth returns an error where a network cannot be built, before hours are
// spent on the others.
func (l *rankList) checkWidth(width int) error {
	for i, k := range l.of {
		if least := l.different[k].MinWidth(); width < least {
			return fmt.Errorf("architecture %d of the list, %s: width %d is too narrow for it: want at least %d", i, l.keys[i], width, least)
		}
	}
	return nil
}

// places returns the place and the mixture of every row, NaN where a signal is.
func places(df dataframe.DataFrame, mix []truth.Signal) (place, mixture []float64, err error) {
	n := df.Nrow()
	place, mixture = make([]float64, n), make([]float64, n)
	known := make([]bool, n)
	for i := range n {
		place[i], mixture[i], known[i] = math.NaN(), math.NaN(), true
	}
	cols := make([][]float64, len(mix))
	for k, s := range mix {
		c := df.Col(s.Column)
		if c.Err != nil { // a statistic that none of the networks has
			return place, mixture, nil
		}
		cols[k] = c.Float()
		for i, v := range cols[k] {
			known[i] = known[i] && !math.IsNaN(v)
			if s.Lower {
				cols[k][i] = -v
			}
		}
	}
	var rows []int
	for i, ok := range known {
		if ok {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return place, mixture, nil
	}
	for k, x := range cols {
		y := make([]float64, len(rows))
		for j, i := range rows {
			y[j] = x[i]
		}
		cols[k] = y
	}
	mixed, err := corr.RankMix(cols...)
	if err != nil {
		return nil, nil, err
	}
	sorted := slices.Clone(mixed)
	slices.Sort(sorted)
	for j, i := range rows {
		above, _ := slices.BinarySearch(sorted, math.Nextafter(mixed[j], math.Inf(1)))
		place[i], mixture[i] = float64(1+len(sorted)-above), mixed[j]
	}
	return place, mixture, nil
}

// frame joins the free counts of the different architectures with their scores.
func (l *rankList) frame(scores dataframe.DataFrame) (dataframe.DataFrame, error) {
	cols := l.named()
	taken := map[string]bool{PlaceColumn: true, MixtureColumn: true, RowColumn: true}
	for _, name := range scores.Names() {
		taken[name] = name != frame.KeyColumn
	}
	for _, c := range cols {
		if taken[c.Name] {
			return dataframe.DataFrame{}, fmt.Errorf("a column of %s is called %q, as one of every ranking", l.space.Name(), c.Name)
		}
		taken[c.Name] = true
	}
	known, err := frame.Checked(dataframe.New(cols...))
	if err != nil {
		return known, err
	}
	scores, err = frame.Checked(scores.Drop(leftOut(scores)))
	if err != nil {
		return scores, err
	}
	df, err := frame.Join(known, scores, frame.KeyColumn)
	if err == nil && df.Nrow() != len(l.different) {
		err = fmt.Errorf("%d of %d architectures have scores", df.Nrow(), len(l.different))
	}
	return df, err
}

// leftOut returns the columns of a table of scores that say how long it took, which
// no two runs share, and the cell, which has columns of its own.
func leftOut(scores dataframe.DataFrame) []string {
	var out []string
	for _, name := range scores.Names() {
		if slices.Contains([]string{"forward_seconds", "seconds", truth.CellColumn}, name) {
			out = append(out, name)
		}
	}
	return out
}

// named returns the columns that say what the different architectures are.
func (l *rankList) named() []series.Series {
	keys := make([]string, len(l.different))
	for i, k := range l.of {
		keys[k] = l.keys[i]
	}
	columns, counts := space.SpellColumns(l.space), space.AllCounts(l.space)
	spelled, counted := make([][]string, len(columns)), make([][]float64, len(counts))
	for _, a := range l.different {
		for c, text := range space.Spell(a) {
			spelled[c] = append(spelled[c], text)
		}
		for c, v := range space.CountsOf(a) {
			counted[c] = append(counted[c], v)
		}
	}
	out := []series.Series{series.New(keys, series.String, frame.KeyColumn)}
	for c, name := range columns {
		out = append(out, series.New(spelled[c], series.String, name))
	}
	for c, count := range counts {
		out = append(out, frame.Numbers(count.Name, counted[c]))
		if count == space.MACCount {
			out = append(out, series.New(giga(counted[c]), series.Float, truth.FLOPs.Column))
		}
	}
	return out
}

// giga returns 10^9 operations from multiply-accumulates.
func giga(macs []float64) []float64 {
	out := make([]float64, len(macs))
	for i, v := range macs {
		out[i] = 2 * v * 1e-9
	}
	return out
}

// allRows returns the list whose rows are those of a frame.
func allRows(df dataframe.DataFrame) *rankList {
	l := &rankList{of: make([]int, df.Nrow())}
	for i := range l.of {
		l.of[i] = i
	}
	return l
}

// ranked returns the frame of the different architectures with a row for each of
// the list, the best first.
func (l *rankList) ranked(df dataframe.DataFrame, place, mixture []float64) (dataframe.DataFrame, error) {
	rows := make([]int, len(l.of)) // of the list
	for i := range rows {
		rows[i] = i
	}
	last := func(i int) float64 {
		if p := place[l.of[i]]; !math.IsNaN(p) {
			return p
		}
		return math.Inf(1)
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		switch x, y := last(a), last(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	at := make([]int, len(rows))
	text, mean := make([]string, len(rows)), make([]float64, len(rows))
	for j, i := range rows {
		at[j] = l.of[i]
		text[j], mean[j] = "NaN", mixture[at[j]]
		if p := place[at[j]]; !math.IsNaN(p) {
			text[j] = strconv.Itoa(int(p))
		}
	}
	cols := []series.Series{
		series.New(text, series.Int, PlaceColumn),
		series.New(mean, series.Float, MixtureColumn),
		series.New(rows, series.Int, RowColumn),
	}
	for _, name := range df.Names() {
		cols = append(cols, df.Col(name).Subset(at))
	}
	return frame.Checked(dataframe.New(cols...))
}
