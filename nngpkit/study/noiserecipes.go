package study

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// SignalTables are tables of cells with their signals of several seeds.
type SignalTables struct {
	Of      []*Seeded
	Missing []string // why a table is not there, a line each
}

// Table returns the table of that name, or nil.
func (t *SignalTables) Table(name string) *Seeded {
	for _, s := range t.Of {
		if s.Cells.Name == name {
			return s
		}
	}
	return nil
}

// Reporting returns the tables, of those named the half for reporting.
func (t *SignalTables) Reporting(halved ...string) ([]*Seeded, error) {
	var out []*Seeded
	for _, s := range t.Of {
		for _, name := range halved {
			if s.Cells.Name != name {
				continue
			}
			_, report, err := s.Halves()
			if err != nil {
				return nil, err
			}
			s = report
			break
		}
		out = append(out, s)
	}
	return out, nil
}

// Lines says which tables there are, and which are missing.
func (t *SignalTables) Lines() report.Lines {
	var out report.Lines
	for _, s := range t.Of {
		line := fmt.Sprintf("%s: %s, %s", s.Cells.Name, report.Plural(s.Len(), "cell"), report.Plural(len(s.Seeds), "seed"))
		if !s.Cells.HasTruth() {
			line += "; no trained accuracies were found"
		}
		out = append(out, line)
	}
	return append(out, t.Missing...)
}

// OpenSignals opens computed tables of signals, and of what others propose and of
// kernels where they are computed (see sweep.NoiseTables), with the published cells that they are of, by the names of these. Without the published
// table the cells have no truth. A table that is not computed yet is left out, and
// said to be. Opening computes nothing.
func OpenSignals(ctx context.Context, names ...string) (*SignalTables, error) {
	out := &SignalTables{}
	for _, name := range names {
		scores, err := sweep.OpenScores(ctx, "signals_"+name)
		if errors.Is(err, fs.ErrNotExist) {
			out.Missing = append(out.Missing, fmt.Sprintf("%s: its signals are not computed; 'nngplab scores compute signals_%s' does it", name, name))
			continue
		}
		if err != nil {
			return nil, err
		}
		var peers []dataframe.DataFrame
		for _, kind := range []string{"peers_", "kernels_"} {
			switch df, err := sweep.OpenScores(ctx, kind+name); {
			case err == nil:
				peers = append(peers, df)
			case !errors.Is(err, fs.ErrNotExist):
				return nil, err
			}
		}
		cells, err := signalCells(ctx, name, scores)
		if err != nil {
			return nil, err
		}
		s, err := NewSeeded(cells, scores, peers...)
		if err != nil {
			return nil, err
		}
		if s.Len() < cells.Len() {
			out.Missing = append(out.Missing, fmt.Sprintf("%s: the signals of %d of its %d cells are computed", name, s.Len(), cells.Len()))
		}
		out.Of = append(out.Of, s)
	}
	return out, nil
}

// signalCells returns the published cells, or those of the scores where the
// published table is not found.
func signalCells(ctx context.Context, name string, scores dataframe.DataFrame) (*truth.Cells, error) {
	cells, err := truth.OpenCells(ctx, name, 0)
	var missing *published.NotFoundError
	if !errors.As(err, &missing) {
		return cells, err
	}
	seeds, err := frame.Groups(scores.Select([]string{frame.KeyColumn, truth.CellColumn, sweep.SeedColumn}), sweep.SeedColumn)
	if err != nil {
		return nil, err
	}
	cells, err = truth.ScoredCells(seeds[0].Frame)
	if err == nil {
		cells.Name, cells.Frame = name, cells.Frame.Drop([]string{truth.CellColumn, sweep.SeedColumn})
	}
	return cells, err
}

// OpenSignalCurves returns the cells of the committed table of curves (see bench/curves),
// which are of the half of the uniform sample that settings are chosen on. Without
// the published table it returns nil.
func OpenSignalCurves(ctx context.Context) (*Seeded, error) {
	b, err := datasets.SignalCurves()
	if err != nil {
		return nil, err
	}
	scores := dataframe.ReadCSV(bytes.NewReader(b), dataframe.DefaultType(series.Float), dataframe.DetectTypes(false),
		dataframe.WithTypes(map[string]series.Type{frame.KeyColumn: series.String, sweep.SeedColumn: series.Int}))
	if scores.Err != nil {
		return nil, fmt.Errorf("study: table of curves: %w", scores.Err)
	}
	cells, err := truth.OpenCells(ctx, "uniform", 0)
	var missing *published.NotFoundError
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return NewSeeded(cells, scores)
}

// The signals of the tables of package sweep, and counts, that recipes are made of.
var (
	noiseEntropy     = truth.Signal{Column: "noise_entropy", Label: "e: entropy on noise"}
	noiseSensitivity = truth.Signal{Column: "noise_sensitivity", Label: "j: sensitivity to noise"}
	shortestPath     = truth.Signal{Column: "shortest_path", Label: "− shortest path", Lower: true, Baseline: true}
)

// ShortestPath is minus the number of edges on the shortest path from input to
// output: a count that predicts on NAS-Bench-101, as was found on its cells.
func ShortestPath() truth.Signal { return shortestPath }

// NoiseRecipe returns the recommended mixture of label-free signals for
// NAS-Bench-101: twice the rank by e, the spectral entropy on noise, and once those by
// j, the sensitivity to noise, and by the number of parameters.
func NoiseRecipe() Recipe {
	return Recipe{
		Name: "recommended", Label: "2e + j + parameters", Cost: "noise images", Seconds: "noise_seconds",
		Parts: []Part{{Signal: noiseEntropy, Weight: 2}, {Signal: noiseSensitivity, Weight: 1}, {Signal: truth.Parameters, Weight: 1}},
	}
}

// GeneralRecipe returns the score that serves several spaces, the sum that
// nngpkit.NoiseSignals.Score is; one seed of a table is one draw of it, where
// nngpkit.GeneralNoise averages three.
func GeneralRecipe() Recipe {
	part := func(column string, weight float64) Part {
		return Part{Signal: truth.Signal{Column: column}, Weight: weight}
	}
	return Recipe{
		Name: "general", Label: "general score", Cost: "noise images, more passes", Seconds: "general_seconds", Values: true,
		Parts: []Part{part("entropy", 3), part("noise_norm_entropy", 1), part("picture_entropy", 1), part("noise_jacobian", 1),
			part("cell_sensitivity", 0.1), part("noise_naswot", 1./30), {Signal: truth.Parameters, Weight: 0.2, Log: true}},
	}
}

// NoiseRecipes returns what is measured on tables of signals: the recommended
// mixture first, its parts, further label-free signals and mixtures, signals of
// other authors computed by this project, and what is free. What a table lacks is
// left out by MeasureSignals.
func NoiseRecipes() []Recipe {
	one := func(column, label, cost, seconds string) Recipe {
		r := One(truth.Signal{Column: column, Label: label}, cost)
		r.Seconds = seconds
		return r
	}
	mix := func(name, label, cost, seconds string, parts ...Part) Recipe {
		return Recipe{Name: name, Label: label, Cost: cost, Seconds: seconds, Parts: parts}
	}
	e, j, p := Part{Signal: noiseEntropy, Weight: 1}, Part{Signal: noiseSensitivity, Weight: 1}, Part{Signal: truth.Parameters, Weight: 1}
	logDet, dimension := Part{Signal: truth.Signal{Column: "pair_log_det"}, Weight: 0.5}, Part{Signal: truth.Signal{Column: "pair_effective_dimension"}, Weight: 0.5}
	both, general := "noise images", "noise images, more passes"
	return append([]Recipe{
		NoiseRecipe(),
		mix("recommended_shortest", "2e + j + parameters − shortest path", both, "noise_seconds", append(NoiseRecipe().Parts, Part{Signal: shortestPath, Weight: 1})...),
		mix("e_j", "e + j", both, "noise_seconds", e, j),
		GeneralRecipe(),
		mix("e_parameters", "e + parameters", both, "", e, p),
		one(noiseEntropy.Column, noiseEntropy.Label, both, ""),
		one(noiseSensitivity.Column, noiseSensitivity.Label, both, ""),
		one("entropy", "e of one larger draw", general, ""),
		one("entropy_means", "the same, means over pixels", general, ""),
		one("noise_jacobian", "J: angles of changes", general, ""),
		one("noise_agreement", "c: agreement of ReLU codes", general, ""),
		one("zen", "Zen-score", "noise images", "zen_seconds"),
		one("naswot", "NASWOT", "32 images of CIFAR-10", "naswot_seconds"),
		mix("pair", "pair of CIFAR-10 kernels", "60 images of CIFAR-10", "pair_seconds", logDet, dimension),
		mix("pair_parameters", "pair + parameters", "60 images of CIFAR-10", "pair_seconds", logDet, dimension, p),
	}, CountRecipes()...)
}

// CountRecipes returns what costs nothing: counts, and the best pair of them that was
// found on NAS-Bench-101.
func CountRecipes() []Recipe {
	var out []Recipe
	for _, s := range truth.With(truth.Baselines(), []truth.Signal{shortestPath}) {
		out = append(out, One(s, "none"))
	}
	return append(out, Recipe{
		Name: "conv3x3_shortest", Label: "conv3x3 − shortest path", Cost: "none", Baseline: true,
		Parts: []Part{{Signal: truth.Conv3x3, Weight: 1}, {Signal: shortestPath, Weight: 1}},
	})
}

// PublishedRecipes returns the zero-cost proxies that others published for cells of
// the tables, in order of name.
func PublishedRecipes(tables ...*Seeded) []Recipe {
	var out []Recipe
	seen := map[string]bool{}
	for _, t := range tables {
		if t == nil {
			continue
		}
		for _, name := range t.Cells.Frame.Names() {
			proxy, ok := strings.CutPrefix(name, published.ProxyPrefix)
			if !ok || seen[name] || proxy == "params" || proxy == "flops" {
				continue
			}
			seen[name] = true
			out = append(out, One(truth.Signal{Column: name, Label: proxy + ", published"}, "published"))
		}
	}
	return out
}
