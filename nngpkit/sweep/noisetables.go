package sweep

import (
	"context"
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// NoiseTable is a table of signals of random networks that this project computes:
// a row for each cell of a published table and each seed of weights and images.
// OpenScores opens it by its name, like a table of scores.
type NoiseTable struct {
	Name  string // "signals_uniform"
	About string
	Truth string // the published table whose cells it has
	Width int    // channels of the stem
	Seeds int
	Peers bool // NASWOT and the pair of the kernel of maxima on CIFAR-10 too; else their columns are NaN
}

// NoiseTables returns the tables of signals, the most wanted first.
func NoiseTables() []NoiseTable {
	out := []NoiseTable{
		{Truth: "uniform", Seeds: 5, Peers: true, About: "label-free signals of a uniform sample of NAS-Bench-101, five seeds"},
		{Truth: "nasbench201", Seeds: 3, About: "label-free signals of cells of NAS-Bench-201, one cell a stage, three seeds"},
		{Truth: "official", Seeds: 5, Peers: true, About: "label-free signals of the official table, five seeds"},
		{Truth: "retrained", Seeds: 5, Peers: true, About: "label-free signals of the retrained table, five seeds"},
	}
	for i := range out {
		out[i].Name, out[i].Width = "signals_"+out[i].Truth, 8
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

// noiseColumns are the numbers of a table of signals, in order, with what they
// are. Times are processor seconds of one core.
var noiseColumns = []struct{ name, about string }{
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
	for _, c := range noiseColumns {
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
	for _, c := range noiseColumns {
		if n := len(c.name); n > 8 && c.name[n-8:] == "_seconds" {
			continue
		}
		out = append(out, truth.Signal{Column: c.name, Label: labels[c.name]})
	}
	return out
}

// OpenNoise returns the cells of a published table with the columns of its table of
// signals (see NoiseTables) joined, once for each seed, in the order of seeds. Cells
// that the table of signals lacks are dropped.
func OpenNoise(ctx context.Context, name string) ([]*truth.Cells, error) {
	e, err := FindNoiseTable(name)
	if err != nil {
		return nil, err
	}
	scores, err := OpenScores(ctx, name)
	if err != nil {
		return nil, err
	}
	cells, err := truth.OpenCells(ctx, e.Truth, 0)
	if err != nil {
		return nil, err
	}
	out := make([]*truth.Cells, e.Seeds)
	for seed := range out {
		rows, err := frame.Where(scores, SeedColumn, seed)
		if err != nil {
			return nil, err
		}
		c := *cells
		if err := c.Add(rows); err != nil {
			return nil, err
		}
		out[seed] = &c
	}
	return out, nil
}
