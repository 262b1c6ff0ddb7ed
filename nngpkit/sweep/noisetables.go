package sweep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// NoiseTable is a table of signals of random networks that this project computes:
// a row for each cell of a published table and each seed of weights and images.
// OpenScores opens it by its name, like a table of scores.
type NoiseTable struct {
	Name   string // "signals_uniform"
	About  string
	Truth  string // the published table whose cells it has
	Sample string // what its cells are, in words: "cells of ..."
	Width  int    // channels of the stem
	Seeds  int
	Peers  bool // NASWOT and the pair of the kernel of maxima on CIFAR-10 too; else their columns are NaN

	first  int                  // seed
	small  bool                 // the recommended setting of nngpkit.MeasureNoise alone
	choose []space.Architecture // instead of the cells of a published table
}

// NoiseTables returns the tables of signals, the most wanted first: signals_TRUTH
// hold signals of noise, peers_TRUTH what others propose, for the cells of a
// published table.
func NoiseTables() []NoiseTable {
	var out []NoiseTable
	for _, t := range []NoiseTable{
		{Truth: "uniform", Sample: "cells of a uniform sample of NAS-Bench-101", Seeds: 5},
		{Truth: "nasbench201", Sample: "cells of NAS-Bench-201", Seeds: 3},
		{Truth: "official", Sample: "cells of the official table", Seeds: 5},
		{Truth: "retrained", Sample: "cells of the retrained table", Seeds: 5},
	} {
		t.Width = 8
		t.Name, t.About = "signals_"+t.Truth, fmt.Sprintf("signals of noise, %d seeds: %s", t.Seeds, t.Sample)
		out = append(out, t)
		t.Name, t.Peers = "peers_"+t.Truth, true
		t.About = fmt.Sprintf("NASWOT, Zen-score and the pair of the kernel of maxima, %d seeds: %s", t.Seeds, t.Sample)
		out = append(out, t)
	}
	return out
}

// FindNoiseTable returns the table of signals of that name.
func FindNoiseTable(name string) (NoiseTable, error) {
	var names []string
	for _, e := range NoiseTables() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return NoiseTable{}, fmt.Errorf("sweep: there is no table of signals %q, only %q", name, names)
}

// Architectures returns the cells of the table in the order of the published
// table, which knows nothing of accuracy, each in its canonical form; where that
// table is not on this machine, those of the committed table of signals.
func (e NoiseTable) Architectures(ctx context.Context) ([]space.Architecture, error) {
	if e.choose != nil {
		return e.choose, nil
	}
	c, err := truth.OpenCells(ctx, e.Truth, 0)
	var missing *published.NotFoundError
	if errors.As(err, &missing) {
		if kept, ok := committedSpecs(e.Name); ok {
			return kept, nil
		}
	}
	if err != nil {
		return nil, err
	}
	out := make([]space.Architecture, c.Len())
	for i, a := range c.Architectures {
		out[i] = a.Canonical()
	}
	return out, nil
}

// noiseColumn is a number of a table of signals, and what it is. Times are
// processor seconds of one core.
type noiseColumn struct{ name, about string }

// columns returns the numbers of the table, in order.
func (e NoiseTable) columns() []noiseColumn {
	switch {
	case e.Peers:
		return peerColumns
	case e.small:
		return ownColumns[:smallColumns]
	}
	return ownColumns
}

// smallColumns is how many of ownColumns are of the recommended setting.
const smallColumns = 5

var ownColumns = []noiseColumn{
	{"noise_entropy", "e of MeasureNoise in its recommended setting: four draws of 8 images and 2 members"},
	{"noise_sensitivity", "j of MeasureNoise in its recommended setting: four draws of 4 images"},
	{"noise_sensitivity_means", "its part by means over pixels"},
	{"noise_sensitivity_quarters", "its part by maxima of quarters"},
	{"noise_seconds", "time of these"},
	{"entropy", "e of one draw of 16 images and 4 members; this and the next eleven are one draw of GeneralNoise"},
	{"entropy_means", "entropy of means over pixels of the same passes"},
	{"sensitivity_means", "j under batch normalization by pictures, means over pixels; 8 images, 2 members"},
	{"sensitivity_quarters", "j under the same, maxima of quarters"},
	{"picture_entropy", "entropy of means over pixels under batch normalization by pictures"},
	{"picture_jacobian", "entropy of the angles between images' changes under the same, maxima of quarters"},
	{"picture_naswot", "NASWOT on noise images under the same"},
	{"cell_sensitivity", "j at the end of the last cell under batch normalization by noise, means over pixels"},
	{"noise_norm_entropy", "entropy of means over pixels under the same"},
	{"noise_jacobian", "J: entropy of the angles between images' changes at the end of the last cell, under the same, maxima of quarters"},
	{"noise_agreement", "c: share of ReLU units whose signs agree, under the same"},
	{"noise_naswot", "NASWOT on noise images under the same"},
	{"general_seconds", "time of these twelve"},
}

var peerColumns = []noiseColumn{
	{"naswot", "NASWOT on 32 training images of CIFAR-10"},
	{"naswot_seconds", "its time"},
	{"zen", "Zen-score as its paper defines it"},
	{"zen_published", "Zen-score as its authors' code computes it"},
	{"zen_seconds", "time of both"},
	{"pair_log_det", "log determinant of the kernel of maxima, 40 + 20 images of CIFAR-10, 2 members"},
	{"pair_effective_dimension", "effective dimension of the same"},
	{"pair_seconds", "time of both"},
}

// NoiseColumns returns what the columns of a table of signals are, by name.
func NoiseColumns() map[string]string {
	out := map[string]string{}
	for _, c := range slices.Concat(ownColumns, peerColumns) {
		out[c.name] = c.about
	}
	return out
}

// NoiseSignals returns the signals of a table of signals, without their times, as
// package truth takes them: more is better.
func NoiseSignals() []truth.Signal {
	labels := map[string]string{
		"noise_entropy": "e", "noise_sensitivity": "j", "noise_jacobian": "J", "noise_agreement": "c", "naswot": "NASWOT", "zen": "Zen-score",
		"noise_naswot": "NASWOT, noise images", "pair_log_det": "pair: log determinant", "pair_effective_dimension": "pair: effective dimension",
	}
	var out []truth.Signal
	for _, c := range slices.Concat(ownColumns, peerColumns) {
		if n := len(c.name); n > 8 && c.name[n-8:] == "_seconds" {
			continue
		}
		out = append(out, truth.Signal{Column: c.name, Label: labels[c.name]})
	}
	return out
}

// ScoreColumn holds nngpkit.NoiseSignals.Score of one draw, in what OpenNoise
// returns. Of several draws it is the mean.
const ScoreColumn = "noise_score"

// OpenNoise returns the cells of a published table with the columns of its tables
// of signals joined, signals_TRUTH and, where there is one, peers_TRUTH, and
// ScoreColumn, once for each seed, in the order of seeds. Cells that one of them
// lacks are dropped.
func OpenNoise(ctx context.Context, name string) ([]*truth.Cells, error) {
	return openNoise(ctx, name, true)
}

// OpenNoiseAlone is OpenNoise without the columns, and the gaps, of the peers.
func OpenNoiseAlone(ctx context.Context, name string) ([]*truth.Cells, error) {
	return openNoise(ctx, name, false)
}

func openNoise(ctx context.Context, name string, peers bool) ([]*truth.Cells, error) {
	e, err := FindNoiseTable(name)
	if err != nil {
		return nil, err
	}
	own, err := OpenScores(ctx, "signals_"+e.Truth)
	if err != nil {
		return nil, err
	}
	all := []dataframe.DataFrame{own}
	if peers {
		more, err := OpenScores(ctx, "peers_"+e.Truth)
		switch {
		case err == nil:
			all = append(all, more.Drop([]string{levelColumn, truth.CellColumn}))
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	cells, err := truth.OpenCells(ctx, e.Truth, 0)
	if err != nil {
		return nil, err
	}
	out := make([]*truth.Cells, e.Seeds)
	for seed := range out {
		c := *cells
		for _, scores := range all {
			rows, err := frame.Where(scores, SeedColumn, seed)
			if err != nil {
				return nil, err
			}
			if err := c.Add(rows.Drop([]string{SeedColumn})); err != nil {
				return nil, err
			}
		}
		scores, err := scoresOf(c.Frame)
		if err != nil {
			return nil, err
		}
		if c.Frame, err = frame.Checked(c.Frame.Mutate(frame.Numbers(ScoreColumn, scores))); err != nil {
			return nil, err
		}
		out[seed] = &c
	}
	return out, nil
}

// scoresOf returns nngpkit.NoiseSignals.Score of the rows of a frame that has
// parameters and the columns of a table of signals; NaN where it is not defined.
func scoresOf(df dataframe.DataFrame) ([]float64, error) {
	cols := map[string][]float64{}
	for _, name := range []string{"entropy", "noise_norm_entropy", "picture_entropy", "noise_jacobian", "cell_sensitivity", "noise_naswot", truth.Parameters.Column} {
		x, err := frame.FloatsOrNaN(df, name)
		if err != nil {
			return nil, err
		}
		cols[name] = x
	}
	out := make([]float64, df.Nrow())
	for i := range out {
		s := nngpkit.NoiseSignals{Entropy: cols["entropy"][i], General: &nngpkit.GeneralSignals{
			NoiseEntropy: cols["noise_norm_entropy"][i], PictureEntropy: cols["picture_entropy"][i], Jacobian: cols["noise_jacobian"][i],
			Sensitivity: cols["cell_sensitivity"][i], NASWOT: cols["noise_naswot"][i],
		}}
		out[i] = s.Score(int(cols[truth.Parameters.Column][i]))
	}
	return out, nil
}

// NoiseScores returns nngpkit.NoiseSignals.Score of every cell of a table of
// signals, in its order: the mean over the first draws of its seeds.
func NoiseScores(table dataframe.DataFrame, draws int) ([]float64, error) {
	var out []float64
	for seed := range draws {
		rows, err := frame.Where(table, SeedColumn, seed)
		if err != nil {
			return nil, err
		}
		cells, err := truth.ScoredCells(rows)
		if err != nil {
			return nil, err
		}
		one, err := scoresOf(cells.Frame)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = make([]float64, len(one))
		}
		for i, v := range one {
			out[i] += v / float64(draws)
		}
	}
	return out, nil
}
