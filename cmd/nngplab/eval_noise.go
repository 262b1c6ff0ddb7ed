package main

import (
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/study"
)

// withoutLabels puts the recommended setting for images without labels in place
// of the protocol's, which is one of comparing with labels, where no flag says
// otherwise. least is the least width of the architecture.
func (f *evalFlags) withoutLabels(cmd *cobra.Command, least int) {
	given := cmd.Flags().Changed
	if !given("width") {
		f.width = max(8, least)
	}
	if !given("train") {
		f.cfg.Train = 12
	}
	if !given("val") {
		f.cfg.Val = 4
	}
	if !given("norm-batch") && !given("batch") {
		f.cfg.NormBatch = min(nngpkit.DefaultNormBatch, f.cfg.Train)
	}
	if !given("norm") {
		f.norm, f.cfg.Norm = forward.None.String(), forward.None
	}
	if !given("view") {
		f.view, f.cfg.Views = string(nngpkit.Maximum), []nngpkit.View{nngpkit.Maximum}
	}
}

// evalNoise are the signals that are recommended for images of noise, and the
// share of the cells of a committed table that have smaller ones.
type evalNoise struct {
	Entropy          float64 `json:"noise_entropy"`
	EntropyShare     float64 `json:"noise_entropy_share"`
	Sensitivity      float64 `json:"noise_sensitivity"`
	SensitivityShare float64 `json:"noise_sensitivity_share"`
	Score            float64 `json:"noise_score"`
	ScoreShare       float64 `json:"noise_score_share"`
	Cells            int     `json:"noise_cells"`

	of string
}

// noiseOf measures what is scored.
func (f *evalFlags) noiseOf(cmd *cobra.Command, x *evalInputs) (*evalNoise, error) {
	if x.a != nil {
		return f.noiseSignals(cmd, x.a)
	}
	s, err := nngpkit.MeasureNoise(cmd.Context(), x.net.Averaged(), nngpkit.NoiseConfig{Seed: f.cfg.Seed, Threads: f.cfg.Threads})
	if err != nil {
		return nil, err
	}
	nan := math.NaN()
	return &evalNoise{Entropy: s.Entropy, EntropyShare: nan, Sensitivity: s.Sensitivity, SensitivityShare: nan, Score: nan, ScoreShare: nan}, nil
}

// noiseSignals measures the architecture in the recommended settings, but for the
// width and seed.
func (f *evalFlags) noiseSignals(cmd *cobra.Command, a space.Architecture) (*evalNoise, error) {
	s, err := study.MeasureCell(cmd.Context(), a, f.width, f.cfg.Seed, f.cfg.Threads)
	if err != nil {
		return nil, err
	}
	return &evalNoise{
		s.Entropy.Value, s.Entropy.Share, s.Sensitivity.Value, s.Sensitivity.Share, s.Score.Value, s.Score.Share, s.Cells, s.Of,
	}, nil
}

// text prints the signals, what they mean, and where they stand.
func (n *evalNoise) text(w io.Writer) {
	line := func(name string, v, share float64, about string) {
		at := ""
		if n.Cells > 0 {
			at = fmt.Sprintf("; more than %.0f %% of %d %s", 100*share, n.Cells, n.of)
		}
		fmt.Fprintf(w, "%s\t%.6g\t%s%s\n", name, v, about, at)
	}
	if !math.IsNaN(n.Score) {
		line("noise_score", n.Score, n.ScoreShare, "recommended for any one network: a sum of signals on noise and of the log of the parameters, more is better (see nngpkit.NoiseSignals.Score)")
	}
	entropy := "nats: directions in which the network tells noise images apart"
	if n.Cells > 0 {
		entropy += "; recommended for lists of NAS-Bench-101 cells, with twice the weight of the next and of parameters"
	}
	line("noise_entropy", n.Entropy, n.EntropyShare, entropy)
	line("noise_sensitivity", n.Sensitivity, n.SensitivityShare, "minus the log of how far noise on the pixels moves the pooled features, under batch normalization")
	if math.IsNaN(n.Score) {
		fmt.Fprintln(w, "noise_score\tnot measured\t'nngplab rank --networks FILE --mix noise_score' measures it, which takes several times as long")
	}
}
