package study

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Recommended is the setting in which the pair of RecommendedPair is computed:
// width 8, 8 members, 500 + 250 images, no batch normalization. Notebook 10 says
// how it was chosen, and what it is worth. It is for those who want a kernel of
// their images: RankNoise, which needs none, ranks better (docs/SIGNALS.md).
func Recommended() sweep.Setting {
	return sweep.Setting{Width: 8, Train: 500, Val: 250, Members: 8, Norm: forward.None}
}

// recommendedView is the kernel of RecommendedPair, and recommendedStatistics are
// the names of its statistics in the catalogue of package gp.
const recommendedView = nngpkit.Maxima

var recommendedStatistics = []string{"log_det", "effective_dimension"}

// RecommendedPair returns the two signals whose ranks are averaged, both of the
// kernel of maxima, which need no labels: the log-determinant and the effective
// dimension (see gp.Spectra). The columns are those of ByView and ScorePairs.
func RecommendedPair() []truth.Signal {
	var out []truth.Signal
	for _, name := range recommendedStatistics {
		out = append(out, sweep.ViewSignal(name, recommendedView))
	}
	return out
}

// RecommendedView returns the features that make the kernel of RecommendedPair.
func RecommendedView() nngpkit.View { return recommendedView }

// RecommendedMix returns what Rank averages the ranks of: the statistics of
// RecommendedPair, and the number of parameters, by their names.
func RecommendedMix() []string {
	return append(append([]string(nil), recommendedStatistics...), truth.Parameters.Column)
}

// PairScore is what one network has of RecommendedPair. Alone the numbers say
// little: networks are compared by the mean of their two ranks among all that
// are compared (see RankTogether, corr.RankMix).
type PairScore struct {
	LogDet             float64 // mean logarithm of the relative eigenvalues of the centered kernel
	EffectiveDimension float64 // directions that a regression with noise would use
	GFLOPs             float64 // of the forward passes, which both share
}

// ScoreNetwork computes the pair of any network, such as one of package arch's
// builder, on images of a set: with Recommended() in the recommended setting,
// except for the width, which is the network's own.
func ScoreNetwork(ctx context.Context, net *arch.Network, set *imageset.Set, s sweep.Setting) (PairScore, error) {
	p := pairPass(s).Resolved()
	threads := runtime.GOMAXPROCS(0)
	rows, err := sweep.MeasureNetwork(ctx, net, set, p, threads, new(forward.Pool), "")
	if err != nil {
		return PairScore{}, fmt.Errorf("study: %w", err)
	}
	out := PairScore{GFLOPs: rows[0].Values[sweep.GFLOPsColumn]}
	var ok [2]bool
	out.LogDet, ok[0] = rows[0].Values["log_det"]
	out.EffectiveDimension, ok[1] = rows[0].Values["effective_dimension"]
	if !ok[0] || !ok[1] {
		return out, fmt.Errorf("study: network %q has no spectrum: all images look alike to it", net.Name)
	}
	return out, nil
}

func pairPass(s sweep.Setting) sweep.Pass {
	return sweep.Pass{Setting: s, At: []int{s.Resolved().Members}, Views: []nngpkit.View{recommendedView}}
}

// ScorePairs computes the pair of every cell, and returns a frame with a row a
// cell as ByView does, to be joined with Cells.Add and mixed with Cells.Mix.
// Scores are kept as they are computed, in the folder that NNGPLAB_SCORES names:
// interrupting loses the cells in hand, and nothing is computed twice. Progress, which
// may be nil, is called as sweep.ComputeConfig says.
func ScorePairs(ctx context.Context, c *truth.Cells, set *imageset.Set, s sweep.Setting, progress func(done, total, fresh int)) (dataframe.DataFrame, error) {
	e := sweep.Experiment{
		Name: c.Name, About: c.About, Passes: []sweep.Pass{pairPass(s)},
		Choose: func(context.Context) ([]space.Architecture, error) { return c.Architectures, nil },
	}
	t, err := sweep.Compute(ctx, e, set, sweep.ComputeConfig{Progress: progress})
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	return sweep.ByView(t.Frame)
}

// Among returns the place that the network takes among the rows of a table of
// pairs (see ByView, ScorePairs) when it is ranked with them, 1 being the
// best. The table must be of the same images and setting.
func (p PairScore) Among(pairs dataframe.DataFrame) (int, error) {
	var cols [][]float64
	for i, s := range RecommendedPair() {
		x, err := s.Values(pairs)
		if err != nil {
			return 0, err
		}
		cols = append(cols, append(x, []float64{p.LogDet, p.EffectiveDimension}[i]))
	}
	mixed, err := corr.RankMix(cols...)
	if err != nil {
		return 0, fmt.Errorf("study: %w", err)
	}
	place := 1
	own := mixed[len(mixed)-1]
	for _, v := range mixed {
		if v > own {
			place++
		}
	}
	return place, nil
}

// Record appends the pair to the file of results, and the place that it takes
// among the rows of a table (see Among), with how far they may be off on another
// processor.
func (p PairScore) Record(name string, pairs dataframe.DataFrame) error {
	tolL, tolD := sweep.RoundingTolerance*(1+math.Abs(p.LogDet)), sweep.RoundingTolerance*(1+math.Abs(p.EffectiveDimension))
	var place [3]int
	for i, d := range []float64{0, -1, 1} {
		var err error
		if place[i], err = (PairScore{LogDet: p.LogDet + d*tolL, EffectiveDimension: p.EffectiveDimension + d*tolD}).Among(pairs); err != nil {
			return err
		}
	}
	off := max(place[1]-place[0], place[0]-place[2])
	for _, r := range []struct {
		what          string
		value, within float64
	}{{"log_det", p.LogDet, tolL}, {"effective_dimension", p.EffectiveDimension, tolD}, {"place", float64(place[0]), float64(off)}} {
		if err := report.RecordWithin(name+"."+r.what, r.value, math.NaN(), math.NaN(), 0, r.within); err != nil {
			return err
		}
	}
	return nil
}
