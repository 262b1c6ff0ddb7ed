package main

import (
	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
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

// evalNoise are the signals that are recommended for images of noise.
type evalNoise struct {
	Entropy     float64 `json:"noise_entropy"`
	Sensitivity float64 `json:"noise_sensitivity"`
}

// noiseSignals measures the network in the recommended setting, but for its
// width and seed.
func (f *evalFlags) noiseSignals(cmd *cobra.Command, net *arch.Network) (*evalNoise, error) {
	s, err := nngpkit.MeasureNoise(cmd.Context(), net, nngpkit.NoiseConfig{Seed: f.cfg.Seed, Threads: f.cfg.Threads})
	if err != nil {
		return nil, err
	}
	return &evalNoise{s.Entropy, s.Sensitivity}, nil
}
