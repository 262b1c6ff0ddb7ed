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

// NoiseMixSpace is the space in which NoiseMix was chosen. In others it may mislead:
// in NAS-Bench-201 it is worse than the number of parameters alone.
const NoiseMixSpace = "nasbench101"

// NoiseMix returns what RankNoise averages the ranks of, once for each time that it
// is counted: twice e, and j and the number of parameters.
func NoiseMix() []truth.Signal {
	e := truth.Signal{Column: "noise_entropy", Label: "e"}
	return []truth.Signal{e, e, {Column: "noise_sensitivity", Label: "j"}, truth.Parameters}
}

// RankNoise ranks architectures of one space by signals of noise, without images and
// without labels. The frame is that of Rank, with noise_entropy, noise_sensitivity
// and its two parts (see nngpkit.NoiseSignals), seed, width and level in place of
// the statistics of a kernel and of its setting; the mixture is that of NoiseMix.
// Rows are kept as they are measured.
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
	rows, err := sweep.MeasureNoise(ctx, l.different, cfg.Width, cfg.Seed, cfg.Progress)
	if err != nil {
		return fail(err)
	}
	width := make([]int, rows.Nrow())
	for i := range width {
		width[i] = cfg.Width
	}
	df, err := l.frame(rows.Drop([]string{"noise_seconds"}).Mutate(series.New(width, series.Int, sweep.WidthColumn)))
	if err != nil {
		return fail(err)
	}
	place, mixture, err := places(df, NoiseMix())
	if err != nil {
		return fail(err)
	}
	return l.ranked(df, place, mixture)
}
