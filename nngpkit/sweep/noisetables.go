package sweep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// NoiseTable is a table of signals of random networks that this project computes:
// a row for each cell of a published table, or of a sample of a space, and each seed
// of weights and images. OpenScores opens it by its name, like a table of scores.
type NoiseTable struct {
	Name   string // "signals_uniform"
	About  string
	Truth  string // the published table whose cells it has; "" of a sample
	Sample string // what its cells are, in words: "cells of ..."
	Width  int    // channels of the stem
	Seeds  int
	Peers  bool   // what others propose, and kernels of images; their columns are others
	Images string // of Peers, the set that is looked at; "" where the images are noise

	first   int                  // seed
	columns []noiseColumn        // its numbers, in order
	parts   []noisePart          // what is measured
	choose  []space.Architecture // instead of the cells of a published table
	draw    draw                 // instead of these
}

// draw is a sample of a space.
type draw struct {
	space string
	n     int
	seed  uint64
}

// manyClasses is the set whose images the peers of ImageNet's networks look at.
const manyClasses = "tiny-imagenet-200-val"

// noiseWidth is the width of all tables of signals.
const noiseWidth = 8

// NoiseTables returns the tables of signals, the most wanted first: signals_TRUTH
// hold signals of noise, peers_TRUTH what others propose, for the cells of a
// published table; kernels_TRUTH scores of kernels of images, the paper's accuracy
// among them; signals_mnasnetwide those of a sample.
func NoiseTables() []NoiseTable {
	var out []NoiseTable
	add := func(t NoiseTable, kind, about string, columns []noiseColumn, parts ...noisePart) {
		t.Width, t.columns, t.parts = noiseWidth, columns, parts
		if t.Name == "" {
			t.Name = kind + "_" + t.Truth
		}
		t.About = fmt.Sprintf("%s, %s: %s", about, report.Plural(t.Seeds, "seed"), t.Sample)
		out = append(out, t)
	}
	for _, t := range []NoiseTable{
		{Truth: "uniform", Sample: "cells of a uniform sample of NAS-Bench-101", Seeds: 5},
		{Truth: "nasbench201", Sample: "cells of NAS-Bench-201", Seeds: 3},
		{Truth: "official", Sample: "cells of the official table", Seeds: 5},
		{Truth: "retrained", Sample: "cells of the retrained table", Seeds: 5},
	} {
		add(t, "signals", "signals of noise", ownColumns, smallPart, generalPart)
		t.Peers, t.Images = true, "cifar10"
		add(t, "peers", "NASWOT, Zen-score and the pair of the kernel of maxima", slices.Concat(proxyColumns, pairColumns), naswotPart, zenPart, pairPart)
	}
	long := NoiseTable{Truth: "accel-long", Sample: "the networks that Accel-NASBench trained with three seeds, short and long", Seeds: 3}
	add(long, "signals", "signals of noise", slices.Concat(codesColumns, ownColumns[smallColumns:]), codesPart, generalPart)
	accel := NoiseTable{Truth: "accel", Sample: "networks of the MnasNet space that Accel-NASBench trained", Seeds: 1}
	add(accel, "signals", "agreement of ReLU codes on noise", codesColumns, codesPart)
	for _, t := range []NoiseTable{accel, long} {
		t.Peers, t.Images = true, manyClasses
		add(t, "peers", "NASWOT and Zen-score", proxyColumns, naswotPart, zenPart)
		add(t, "kernels", "kernels of images of 200 classes", kernelColumns, kernelPart)
	}
	add(NoiseTable{
		Name: "signals_mnasnetwide", Sample: "networks drawn uniformly from the wider MnasNet space, seed 1", Seeds: 1,
		draw: draw{"mnasnetwide", 10000, 1},
	}, "signals", "agreement of ReLU codes on noise", slices.Concat(freeColumns, codesColumns), freePart, codesPart)
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
	return NoiseTable{}, fmt.Errorf("sweep: there is no table of signals %q; there are %s", name, strings.Join(names, ", "))
}

// Architectures returns the cells of the table in the order of the published
// table, which knows nothing of accuracy, each in its canonical form; where that
// table is not on this machine, those of the committed table of signals. Those of a
// sample come in the order in which they are drawn.
func (e NoiseTable) Architectures(ctx context.Context) ([]space.Architecture, error) {
	if e.choose != nil {
		return e.choose, nil
	}
	if e.draw.n > 0 {
		s, err := space.Find(e.draw.space)
		if err != nil {
			return nil, err
		}
		return s.Sample(e.draw.n, e.draw.seed)
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

// Cells says in words which cells the table has.
func (e NoiseTable) Cells() string {
	if e.Truth == "" {
		return fmt.Sprintf("%d drawn from %s", e.draw.n, e.draw.space)
	}
	return "all of the " + e.Truth + " table"
}

// ImageSide returns the side of the images that the table's peers look at, in
// pixels; 0 of a table of noise alone.
func (e NoiseTable) ImageSide() int {
	switch e.Images {
	case "":
		return 0
	case "cifar10":
		return 32
	}
	return maxSide
}

// OpenImages returns the images that the table's peers look at: the first 4,000
// training images of CIFAR-10, or Tiny-ImageNet's validation images. It is nil for
// a table of noise alone.
func (e NoiseTable) OpenImages() (*imageset.Set, error) {
	switch e.Images {
	case "":
		return nil, nil
	case "cifar10":
		return ScoreImages()
	}
	set, err := imageset.Load(e.Images)
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	return set, nil
}

// maxSide is the largest side of the images on which signals are measured.
const maxSide = 64

// SignalInput returns the shape of the images on which signals of a space's networks
// are measured: the space's own, of at most 64 pixels.
func SignalInput(s space.Space) arch.Shape {
	in := s.Info().Input
	in.H, in.W = min(in.H, maxSide), min(in.W, maxSide)
	return in
}

// noiseColumn is a number of a table of signals, and what it is. Times are
// processor seconds of one core.
type noiseColumn struct{ name, about string }

// whole reports whether the column holds whole numbers.
func (c noiseColumn) whole() bool { return c.name == truth.Parameters.Column }

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

// generalScoreColumns are of nngpkit.GeneralNoise, the mean of its three draws.
var generalScoreColumns = []noiseColumn{
	{ScoreColumn, "one number by the recipe for several spaces, of GeneralNoise: a sum of the next six and of the logarithm of the parameters"},
	{"entropy", "e of 16 images and 4 members"},
	{"noise_norm_entropy", "entropy of means over pixels under batch normalization by noise"},
	{"picture_entropy", "the same under batch normalization by pictures"},
	{"noise_jacobian", "J: entropy of the angles between images' changes under batch normalization by noise"},
	{"cell_sensitivity", "j at the end of the last cell under the same"},
	{"noise_naswot", "NASWOT on noise images under the same"},
	{"score_seconds", "time of these"},
}

// MobileStages is how many stages networks of the MnasNet spaces have.
const MobileStages = 7

// codesColumns are of nngpkit.CodesNoise, of networks of the MnasNet spaces.
var codesColumns = func() []noiseColumn {
	out := []noiseColumn{
		{AgreementColumn, "c of CodesNoise: share of ReLU units whose signs agree on two of 32 noise images, mean over ReLUs"},
		{"stem_agreement", "c of the stem alone"},
	}
	for s := range MobileStages {
		out = append(out, noiseColumn{stageColumn(s), fmt.Sprintf("c of stage %d alone, counted from 0", s)})
	}
	return append(out, noiseColumn{"head_agreement", "c of the last convolution alone"},
		noiseColumn{"agreement_naswot", "NASWOT of the same codes"}, noiseColumn{"agreement_seconds", "time of these"})
}()

// partColumns are those of codesColumns that are of one part of a network.
var partColumns = codesColumns[1 : 3+MobileStages]

func stageColumn(s int) string { return fmt.Sprintf("stage%d_agreement", s) }

// AgreementColumn is the column of c in the tables of the MnasNet spaces.
const AgreementColumn = "agreement"

// LastStageAgreement is the column of c of the last stage of a MnasNet network.
var LastStageAgreement = stageColumn(MobileStages - 1)

var freeColumns = []noiseColumn{
	{truth.Parameters.Column, "trainable parameters of the published network"},
	{"mega_macs", "its multiply-accumulates of an image, in millions"},
}

var proxyColumns = []noiseColumn{
	{"naswot", "NASWOT on 32 of the images"},
	{"naswot_seconds", "its time"},
	{"zen", "Zen-score as its paper defines it"},
	{"zen_published", "Zen-score as its authors' code computes it"},
	{"zen_seconds", "time of both"},
}

var pairColumns = []noiseColumn{
	{"pair_log_det", "log determinant of the kernel of maxima, 40 + 20 images, 2 members"},
	{"pair_effective_dimension", "effective dimension of the same"},
	{"pair_seconds", "time of both"},
}

// kernelColumns are of 200 + 200 images, one of each class in both; see kernelPart.
var kernelColumns = []noiseColumn{
	{"accuracy", "the paper's score: best accuracy over epsilon on 200 images, one of each of 200 classes, predicted from 200 others; one member, batch statistics"},
	{"accuracy_top5", "the same, top-5"},
	{"whole_loo_squared_error", "leave-one-out squared error of all 400 images at the best epsilon; less is better"},
	{"whole_loo_accuracy", "leave-one-out accuracy of all 400 images at the best epsilon"},
	{"whole_lml", "log marginal likelihood of all 400 images at the best epsilon and scale"},
	{"log_det", "log determinant of the same kernel"},
	{"effective_dimension", "effective dimension of the same kernel"},
	{"maxima_log_det", "log determinant of the kernel of maxima of the same passes"},
	{"maxima_effective_dimension", "effective dimension of the same"},
	{"kernel_seconds", "time of all these"},
}

// allColumns returns every column that a table of signals may have.
func allColumns() []noiseColumn {
	return slices.Concat(ownColumns, codesColumns, proxyColumns, pairColumns, kernelColumns)
}

// NoiseColumns returns what the columns of a table of signals are, by name.
func NoiseColumns() map[string]string {
	out := map[string]string{}
	for _, c := range allColumns() {
		out[c.name] = c.about
	}
	return out
}

// NoiseSignals returns the signals of a table of signals, without their times, as
// package truth takes them: more is better.
func NoiseSignals() []truth.Signal {
	labels := map[string]string{
		"noise_entropy": "e", "noise_sensitivity": "j", "noise_jacobian": "J", "noise_agreement": "c", AgreementColumn: "c", LastStageAgreement: "c of the last stage", "naswot": "NASWOT", "zen": "Zen-score",
		"noise_naswot": "NASWOT, noise images", "pair_log_det": "pair: log determinant", "pair_effective_dimension": "pair: effective dimension",
		"accuracy": "NNGP accuracy (the paper's score)", "whole_loo_squared_error": "NNGP leave-one-out error",
	}
	var out []truth.Signal
	for _, c := range allColumns() {
		if n := len(c.name); n > 8 && c.name[n-8:] == "_seconds" {
			continue
		}
		out = append(out, truth.Signal{Column: c.name, Label: labels[c.name], Lower: c.name == "whole_loo_squared_error"})
	}
	return out
}

// ScoreColumn holds nngpkit.NoiseSignals.Score: of one draw in what OpenNoise
// returns, the mean of three in what MeasureScores does.
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
	if e.Truth == "" {
		return nil, fmt.Errorf("sweep: %s is of a sample, of which no accuracies are known", name)
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
