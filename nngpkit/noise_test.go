package nngpkit

import (
	"math"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// TestMeasureNoise compares with the same kernels and sensitivities asked for one
// by one.
func TestMeasureNoise(t *testing.T) {
	net := cell(t, 8)
	got, err := MeasureNoise(t.Context(), net, NoiseConfig{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	set := noise(t, imageset.NoiseConfig{Images: 16, Seed: 3})
	e := estimate(t, net, set, Config{Train: 12, Val: 4, Seed: 3, SplitSeed: 3, Norm: forward.None, Views: []View{Maximum}}, 4)
	s, err := gp.SpectraOf(t.Context(), e.Kernel, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got.Entropy != s.Entropy || !(got.Entropy > 0) || got.Entropy >= math.Log(15) {
		t.Errorf("entropy %v, want %v", got.Entropy, s.Entropy)
	}
	j := estimate(t, net, set, Config{
		Train: 6, Val: 2, Seed: 3, SplitSeed: 3, Norm: forward.Batch, NormSet: imageset.Drawn(16, 3), NormBatch: 16,
		Views: []View{}, Perturb: Perturbation{Std: 0.05, At: []Place{{}, {Pooling: arch.Quarters}}},
	}, 2)
	if want := (j.Sensitivities[0].Signal() + j.Sensitivities[1].Signal()) / 2; got.Sensitivity != want {
		t.Errorf("sensitivity %v, want %v", got.Sensitivity, want)
	}
	if got.FLOPs != e.FLOPs+j.FLOPs {
		t.Errorf("%d FLOPs, want %d", got.FLOPs, e.FLOPs+j.FLOPs)
	}
	sets, err := DrawNoiseSets(net.InputShape(), 16, 16, 3)
	if err != nil {
		t.Fatal(err)
	}
	again, err := MeasureNoise(t.Context(), net, NoiseConfig{Seed: 3, Sets: sets, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if again.Entropy != got.Entropy || again.Sensitivity != got.Sensitivity {
		t.Error("sets drawn beforehand, or fewer threads, give other numbers")
	}
}

// TestMeasureNoiseShapes: any network that ends in a global average, on images of
// any size; others are refused.
func TestMeasureNoiseShapes(t *testing.T) {
	b := arch.NewBuilder("gray", arch.Shape{H: 12, W: 20, C: 1})
	x := b.Conv(0, arch.Layer{Channels: 8, Kernel: 3, Norm: true, Act: arch.ReLU})
	b.GlobalAvgPool(b.Conv(x, arch.Layer{Channels: 8, Kernel: 3, Stride: 2, Norm: true, Act: arch.ReLU}))
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	s, err := MeasureNoise(t.Context(), net, NoiseConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if !(s.Entropy > 0) || math.IsNaN(s.Sensitivity) {
		t.Errorf("%+v", s)
	}
	b = arch.NewBuilder("dense", arch.Shape{H: 4, W: 4, C: 1})
	b.Dense(0, arch.Layer{Channels: 3})
	if net, err = b.Network(0); err != nil {
		t.Fatal(err)
	}
	if _, err := MeasureNoise(t.Context(), net, NoiseConfig{}); err == nil {
		t.Error("a network without images at its end is measured")
	}
	for _, c := range []NoiseConfig{{Images: 2}, {SensitivityImages: 1}, {SensitivityImages: 17}, {NormBatch: -1}, {Members: -1}, {Std: -1}} {
		if _, err := MeasureNoise(t.Context(), cell(t, 4), c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	b = arch.NewBuilder("dead", arch.Shape{H: 8, W: 8, C: 3})
	b.GlobalAvgPool(b.Zero(0, 4, 1))
	if net, err = b.Network(0); err != nil {
		t.Skip(err)
	}
	if _, err := MeasureNoise(t.Context(), net, NoiseConfig{}); err == nil {
		t.Error("a network that is zero has an entropy")
	}
}
