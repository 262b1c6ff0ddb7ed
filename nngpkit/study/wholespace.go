package study

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/campaign"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// SpacePlaceColumn is the column of a cell's place in the whole space by the recommended
// mixture: the weighted mean of the shares of the space's cells that have less of e,
// of j and of parameters, ties by half. 1 is best. Unlike a mixture of ranks it
// needs no list.
const SpacePlaceColumn = "place_in_space"

// WholeSpace is the committed table of all of NAS-Bench-101: see campaign.OpenWhole.
type WholeSpace struct {
	Table   *campaign.Whole
	Signals []truth.Signal // e, j, parameters, and the mixture of these

	keys   []string
	seeds  []map[string][]float64 // the signals of each seed, as measured
	mean   map[string][]float64   // the signals of known cells
	sorted map[string][]float64
	known  []int // rows of the table of which all signals are known
}

// OpenWholeSpace opens the table. It computes nothing but ranks.
func OpenWholeSpace() (*WholeSpace, error) {
	t, err := campaign.OpenWhole()
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	return newWholeSpace(t)
}

func newWholeSpace(t *campaign.Whole) (*WholeSpace, error) {
	w := &WholeSpace{Table: t, keys: t.Frame.Col(frame.KeyColumn).Records(), mean: map[string][]float64{}, sorted: map[string][]float64{}}
	all := map[string][]float64{}
	for _, s := range wholeSignals() {
		x, err := frame.FloatsOrNaN(t.Frame, s.Column)
		if err != nil {
			return nil, fmt.Errorf("study: %w", err)
		}
		all[s.Column] = x
	}
	for i := range w.keys {
		if !math.IsNaN(all[noiseEntropy.Column][i]) && !math.IsNaN(all[noiseSensitivity.Column][i]) {
			w.known = append(w.known, i)
		}
	}
	if len(w.known) == 0 {
		return nil, errors.New("study: no cell of the whole space has all signals")
	}
	for name, x := range all {
		w.mean[name] = truth.PickRows(x, w.known)
		w.sorted[name] = slices.Sorted(slices.Values(w.mean[name]))
	}
	w.mean[SpacePlaceColumn] = w.places(w.mean)
	w.sorted[SpacePlaceColumn] = slices.Sorted(slices.Values(w.mean[SpacePlaceColumn]))
	w.Signals = append(wholeSignals(), truth.Signal{Column: SpacePlaceColumn, Label: NoiseRecipe().Label + ", in the space"})
	return w, w.readSeeds()
}

func wholeSignals() []truth.Signal {
	return []truth.Signal{noiseEntropy, noiseSensitivity, truth.Parameters}
}

// readSeeds reads the signals of each seed.
func (w *WholeSpace) readSeeds() error {
	for _, seed := range w.Table.Plan.Seeds {
		of := map[string][]float64{truth.Parameters.Column: w.mean[truth.Parameters.Column]}
		for _, s := range []truth.Signal{noiseEntropy, noiseSensitivity} {
			x, err := frame.FloatsOrNaN(w.Table.Frame, fmt.Sprintf("%s_seed%d", s.Column, seed))
			if err != nil {
				return fmt.Errorf("study: %w", err)
			}
			of[s.Column] = truth.PickRows(x, w.known)
		}
		of[SpacePlaceColumn] = w.places(of)
		w.seeds = append(w.seeds, of)
	}
	return nil
}

// N returns the number of cells of which all signals are known.
func (w *WholeSpace) N() int { return len(w.known) }

// Share returns the share of the space's known cells that have less of a signal than
// v, ties counted by half; NaN of NaN.
func (w *WholeSpace) Share(column string, v float64) float64 {
	x := w.sorted[column]
	if math.IsNaN(v) || len(x) == 0 {
		return math.NaN()
	}
	lo := sort.SearchFloat64s(x, v)
	hi := lo + sort.Search(len(x)-lo, func(i int) bool { return x[lo+i] > v })
	return float64(lo+hi) / 2 / float64(len(x))
}

// places returns the mixture of cells whose signals are given. What is not defined is
// behind all of the space.
func (w *WholeSpace) places(of map[string][]float64) []float64 {
	out := make([]float64, len(of[noiseEntropy.Column]))
	total := 0.0
	for _, p := range NoiseRecipe().Parts {
		total += p.Weight
	}
	for _, p := range NoiseRecipe().Parts {
		for i, v := range of[p.Signal.Column] {
			if share := w.Share(p.Signal.Column, v); share > 0 {
				out[i] += p.Weight / total * share
			}
		}
	}
	return out
}

// AddPlaces adds SpacePlaceColumn to cells that have the signals it is made of.
func (w *WholeSpace) AddPlaces(c *truth.Cells) error {
	of := map[string][]float64{}
	for _, s := range wholeSignals() {
		x, err := frame.FloatsOrNaN(c.Frame, s.Column)
		if err != nil {
			return fmt.Errorf("study: %w", err)
		}
		of[s.Column] = x
	}
	df, err := frame.Checked(c.Frame.Mutate(series.New(w.places(of), series.Float, SpacePlaceColumn)))
	if err != nil {
		return fmt.Errorf("study: %w", err)
	}
	c.Frame = df
	return nil
}

// AddTo adds the signals and the place in the space to published cells that the
// table has; others are dropped.
func (w *WholeSpace) AddTo(c *truth.Cells) error {
	df := w.Table.Frame.Select([]string{frame.KeyColumn, noiseEntropy.Column, noiseSensitivity.Column}).Subset(w.known)
	if err := c.Add(df); err != nil {
		return fmt.Errorf("study: %w", err)
	}
	return w.AddPlaces(c)
}

// Lines says how much of the space there is.
func (w *WholeSpace) Lines() report.Lines {
	return report.Lines{
		w.Table.String(),
		fmt.Sprintf("%s have no signal: they pass nothing on", report.Plural(len(w.keys)-len(w.known), "cell")),
	}
}

// Agreement returns how alike two seeds order the space: tau-b of each signal with
// itself.
func (w *WholeSpace) Agreement() *SeedAgreement {
	if len(w.seeds) < 2 {
		return nil
	}
	out := &SeedAgreement{N: w.N()}
	for _, s := range w.Signals {
		if s.Column == truth.Parameters.Column {
			continue
		}
		out.Signals = append(out.Signals, s)
		out.Taus = append(out.Taus, corr.Tau(w.seeds[0][s.Column], w.seeds[1][s.Column]))
	}
	return out
}

// SeedAgreement is how alike two seeds order N cells.
type SeedAgreement struct {
	N       int
	Signals []truth.Signal
	Taus    []float64
}

// Sheets returns the agreement as a table.
func (a *SeedAgreement) Sheets() report.Sheets {
	t := &corr.Table{Title: fmt.Sprintf("Tau-b of a seed with another, n = %d", a.N), Columns: []string{"signal", "tau-b"}}
	for i, s := range a.Signals {
		t.Rows = append(t.Rows, []string{s.Name(), report.Minus(a.Taus[i], 3)})
	}
	return report.Sheets{t}
}

// HTML returns the agreement as a table.
func (a *SeedAgreement) HTML() string { return a.Sheets().HTML() }

// String returns the agreement for a terminal.
func (a *SeedAgreement) String() string { return a.Sheets().String() }

// Record appends the agreement to the file of results, as prefix.seeds.SIGNAL.
func (a *SeedAgreement) Record(prefix string) error {
	for i, s := range a.Signals {
		if err := report.RecordWithin(prefix+".seeds."+report.ResultName(s.Column), a.Taus[i], -1, 1, a.N, 0.01); err != nil {
			return err
		}
	}
	return nil
}
