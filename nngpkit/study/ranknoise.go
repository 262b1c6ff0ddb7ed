package study

import (
	"context"
	"fmt"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// RankNoiseConfig says how RankNoise measures. Its zero value is what this project
// recommends.
type RankNoiseConfig struct {
	Width int    // channels of the stem; 0 means NoiseWidth
	Seed  uint64 // of weights and images

	// Progress is called as sweep.ComputeConfig says; it may be nil.
	Progress func(done, total, fresh int)
}

// noiseMix is a mixture of ranks of signals of noise.
type noiseMix struct {
	parts   []Part // with whole weights
	seconds string // the column of the time
	measure func(ctx context.Context, cells []space.Architecture, width int, seed uint64, progress func(done, total, fresh int)) (dataframe.DataFrame, error)
}

// noiseMixOf returns the mixture of a space. That of the MnasNet spaces has no accuracies in
// mnasnetwide: it is carried over from mnasnet.
func noiseMixOf(s space.Space) noiseMix {
	switch sweep.NoiseKindOf(s.Name()) {
	case sweep.NoisePair:
		return noiseMix{NoiseRecipe().Parts, "noise_seconds", sweep.MeasureNoise}
	case sweep.NoiseCodes:
		return noiseMix{MobileRecipe().Parts, "agreement_seconds", sweep.MeasureCodes}
	}
	score := truth.Signal{Column: sweep.ScoreColumn, Label: "score"}
	return noiseMix{[]Part{{Signal: score, Weight: 1}}, "score_seconds", sweep.MeasureScores}
}

// NoiseMix returns what RankNoise averages the ranks of in a space, once for each time
// that it is counted: for NAS-Bench-101 twice e, and j and the number of parameters
// (see NoiseRecipe); for the MnasNet spaces those of MobileRecipe; for any other the
// score (see nngpkit.NoiseSignals.Score), alone.
func NoiseMix(s space.Space) []truth.Signal {
	var out []truth.Signal
	for _, p := range noiseMixOf(s).parts {
		for range int(p.Weight) {
			out = append(out, p.Signal)
		}
	}
	return out
}

// NoiseMixNames returns the columns that NoiseMix names, each once, with how often it
// is counted where that is more than once: "2 noise_entropy".
func NoiseMixNames(s space.Space) []string {
	var out []string
	for _, p := range noiseMixOf(s).parts {
		name := p.Signal.Column
		if p.Weight > 1 {
			name = fmt.Sprintf("%d %s", int(p.Weight), name)
		}
		out = append(out, name)
	}
	return out
}

// RankNoise ranks architectures of one space by signals of noise, without images and
// without labels. The frame is that of Rank, with what is measured in place of the
// statistics of a kernel and of its setting: in NAS-Bench-101 noise_entropy,
// noise_sensitivity and its two parts (see nngpkit.NoiseSignals), in the MnasNet spaces
// agreement, that of each part of the network and agreement_naswot, in others noise_score
// and what it is the sum of; and seed, width and level. The mixture is that of NoiseMix. Rows are kept as they are measured.
func RankNoise(ctx context.Context, architectures []space.Architecture, cfg RankNoiseConfig) (dataframe.DataFrame, error) {
	df, err := rankNoise(ctx, architectures, cfg)
	if err != nil {
		return dataframe.DataFrame{}, fmt.Errorf("study: rank: %w", err)
	}
	return df, nil
}

func rankNoise(ctx context.Context, architectures []space.Architecture, cfg RankNoiseConfig) (dataframe.DataFrame, error) {
	fail := func(err error) (dataframe.DataFrame, error) { return dataframe.DataFrame{}, err }
	if cfg.Width == 0 {
		cfg.Width = NoiseWidth
	}
	l, err := newRankList(ctx, architectures)
	if err != nil {
		return fail(err)
	}
	if err := l.checkWidth(cfg.Width); err != nil {
		return fail(err)
	}
	mix := noiseMixOf(l.space)
	rows, err := mix.measure(ctx, l.different, cfg.Width, cfg.Seed, cfg.Progress)
	if err != nil {
		return fail(err)
	}
	width := make([]int, rows.Nrow())
	for i := range width {
		width[i] = cfg.Width
	}
	df, err := l.frame(rows.Drop([]string{mix.seconds}).Mutate(series.New(width, series.Int, sweep.WidthColumn)))
	if err != nil {
		return fail(err)
	}
	place, mixture, err := places(df, NoiseMix(l.space))
	if err != nil {
		return fail(err)
	}
	return l.ranked(df, place, mixture)
}
