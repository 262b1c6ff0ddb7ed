package study

import (
	"fmt"
	"math"
	"sort"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// ViewChoice is how well every score of every kernel of one network, and every
// pair of them, ranks the cells on which choices are made.
type ViewChoice struct {
	Cells  []*truth.Cells   // the halves for choosing
	Single []Choice         // by score, then view
	Pairs  []Choice         // mean ranks of two, the best first
	scores []string         // rows of the table
	views  []nngpkit.View   // columns
	known  [][]truth.Signal // by score and view
}

// Choice is one signal, or the mean of the ranks of several, on the cells for
// choosing.
type Choice struct {
	Signals []truth.Signal
	Tau     []float64 // tau-b by table
}

// mean returns the mean of tau over the tables: what choices go by.
func (c Choice) mean() float64 {
	sum := 0.0
	for _, t := range c.Tau {
		sum += t
	}
	return sum / float64(len(c.Tau))
}

// name joins the names of the signals.
func (c Choice) name() string {
	out := ""
	for i, s := range c.Signals {
		if i > 0 {
			out += "; "
		}
		out += s.Name()
	}
	return out
}

// ChooseViews measures scores of views, as ByView names them, and the mean
// ranks of all pairs of them, by tau-b on the half of the cells that is for
// choosing (see Choosing). Tables without truth are left out.
func ChooseViews(tables []*truth.Cells, views []nngpkit.View, scores []string) (*ViewChoice, error) {
	k := &ViewChoice{scores: scores, views: views}
	for _, t := range tables {
		if !t.HasTruth() {
			continue
		}
		half, _, err := t.Halves()
		if err != nil {
			return nil, err
		}
		k.Cells = append(k.Cells, half)
	}
	if len(k.Cells) == 0 {
		return k, nil
	}
	var all []truth.Signal
	for _, score := range scores {
		var row []truth.Signal
		for _, view := range views {
			row = append(row, sweep.ViewSignal(score, view))
		}
		k.known, all = append(k.known, row), append(all, row...)
	}
	columns := make([][][]float64, len(k.Cells)) // by table and signal
	truths := make([][]float64, len(k.Cells))
	for i, c := range k.Cells {
		var err error
		if truths[i], columns[i], err = truth.KnownColumns(c, all); err != nil {
			return nil, fmt.Errorf("%s cells: %w", c.Name, err)
		}
		if len(truths[i]) < truth.FewestCells {
			return nil, fmt.Errorf("study: %s: %d cells for choosing know all scores, want %d at least", c.Name, len(truths[i]), truth.FewestCells)
		}
	}
	measure := func(of ...int) (Choice, error) {
		var c Choice
		for _, j := range of {
			c.Signals = append(c.Signals, all[j])
		}
		for i := range k.Cells {
			var parts [][]float64
			for _, j := range of {
				parts = append(parts, columns[i][j])
			}
			mixed, err := corr.RankMix(parts...)
			if err != nil {
				return c, err
			}
			c.Tau = append(c.Tau, corr.Tau(truths[i], mixed))
		}
		return c, nil
	}
	for a := range all {
		c, err := measure(a)
		if err != nil {
			return nil, err
		}
		k.Single = append(k.Single, c)
		for b := 0; b < a; b++ {
			if c, err = measure(b, a); err != nil {
				return nil, err
			}
			k.Pairs = append(k.Pairs, c)
		}
	}
	sort.SliceStable(k.Pairs, func(i, j int) bool { return k.Pairs[i].mean() > k.Pairs[j].mean() })
	return k, nil
}

// PairRank returns the place of the mean rank of two signals among all pairs, 1
// being the best, and what it reaches; 0 if it is none of them.
func (k *ViewChoice) PairRank(a, b truth.Signal) (int, Choice) {
	for i, c := range k.Pairs {
		x, y := c.Signals[0].Column, c.Signals[1].Column
		if x == a.Column && y == b.Column || x == b.Column && y == a.Column {
			return i + 1, c
		}
	}
	return 0, Choice{}
}

// pairsShown is how many of the best pairs a table shows.
const pairsShown = 5

// Sheets returns the choice as tables: tau of each score of each view, and the
// best pairs with the recommended one.
func (k *ViewChoice) Sheets() report.Sheets {
	if len(k.Cells) == 0 {
		return noTruthSheet()
	}
	about := ""
	for i, c := range k.Cells {
		if i > 0 {
			about += " / "
		}
		about += fmt.Sprintf("%s, n = %d", c.Name, c.Len())
	}
	single := &corr.Table{Title: "Tau-b on the cells for choosing: " + about, Columns: []string{"score"}}
	for _, view := range k.views {
		single.Columns = append(single.Columns, view.Label())
	}
	for i, score := range k.scores {
		row := []string{short(score)}
		for j := range k.views {
			row = append(row, slashed(k.Single[i*len(k.views)+j].Tau))
		}
		single.Rows = append(single.Rows, row)
	}
	pairs := &corr.Table{
		Title:   fmt.Sprintf("The best of %d mean ranks of two, on the same cells", len(k.Pairs)),
		Columns: []string{"place", "pair", about},
	}
	own, choice := k.PairRank(RecommendedPair()[0], RecommendedPair()[1])
	for i, c := range k.Pairs {
		if i < pairsShown {
			pairs.Rows = append(pairs.Rows, []string{fmt.Sprint(i + 1), c.name(), slashed(c.Tau)})
		}
	}
	if own > pairsShown {
		pairs.Rows = append(pairs.Rows, []string{fmt.Sprint(own), choice.name(), slashed(choice.Tau)})
	}
	return report.Sheets{single, pairs}
}

// short returns the name of a statistic beside the name of a view.
func short(statistic string) string {
	if s, err := gp.Find(statistic); err == nil {
		return s.Short
	}
	return statistic
}

// slashed writes tau on several tables.
func slashed(tau []float64) string {
	out := ""
	for i, t := range tau {
		if i > 0 {
			out += " / "
		}
		out += report.Minus(t, 2)
	}
	return out
}

// HTML returns the choice as tables.
func (k *ViewChoice) HTML() string { return k.Sheets().HTML() }

// String returns the choice for a terminal.
func (k *ViewChoice) String() string { return k.Sheets().String() }

// Record appends tau of every score, and of the recommended pair, with its
// place, to the file of results, under names such as
// prefix.choosing.official.tau.whole_lml_depths.
func (k *ViewChoice) Record(prefix string) error {
	for i, c := range k.Cells {
		for _, s := range k.Single {
			if err := report.RecordDetail(fmt.Sprintf("%s.choosing.%s.tau.%s", prefix, c.Name, report.ResultName(s.Signals[0].Column)), s.Tau[i], math.NaN(), math.NaN(), c.Len()); err != nil {
				return err
			}
		}
	}
	place, pair := k.PairRank(RecommendedPair()[0], RecommendedPair()[1])
	if place == 0 {
		return nil
	}
	if err := report.RecordValue(prefix+".choosing.pair.place", float64(place)); err != nil {
		return err
	}
	if err := report.RecordText(prefix+".choosing.best_pair", k.Pairs[0].name()); err != nil {
		return err
	}
	for i, c := range k.Cells {
		for name, tau := range map[string]float64{"pair": pair.Tau[i], "best_pair": k.Pairs[0].Tau[i]} {
			if err := report.Record(fmt.Sprintf("%s.choosing.%s.tau.%s", prefix, c.Name, name), tau, math.NaN(), math.NaN(), c.Len()); err != nil {
				return err
			}
		}
	}
	return nil
}
