package nngpkit

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/kernel"
)

// TestMeasureNoise compares with the same kernels and sensitivities asked for one
// by one.
func TestMeasureNoise(t *testing.T) {
	net := cell(t, 8)
	cfg := NoiseConfig{Seed: 3, Draws: 1, Images: 12, Members: 3, SensitivityImages: 8, SensitivityMembers: 2, NormBatch: 16, General: true}
	got, err := MeasureNoise(t.Context(), net, cfg)
	if err != nil {
		t.Fatal(err)
	}
	want := &NoiseSignals{General: new(GeneralSignals)}
	byHand(t, net, 3, want)
	for name, v := range map[string][2]float64{
		"entropy": {got.Entropy, want.Entropy}, "entropy of means": {got.EntropyMeans, want.EntropyMeans},
		"sensitivity":         {got.Sensitivity, (want.SensitivityMeans + want.SensitivityQuarters) / 2},
		"noise entropy":       {got.General.NoiseEntropy, want.General.NoiseEntropy},
		"picture entropy":     {got.General.PictureEntropy, want.General.PictureEntropy},
		"general sensitivity": {got.General.Sensitivity, want.General.Sensitivity},
		"Jacobian":            {got.General.Jacobian, want.General.Jacobian}, "of pictures": {got.General.JacobianPictures, want.General.JacobianPictures},
		"NASWOT": {got.General.NASWOT, want.General.NASWOT}, "agreement": {got.General.Agreement, want.General.Agreement},
		"NASWOT of pictures": {got.General.NASWOTPictures, want.General.NASWOTPictures},
	} {
		if math.Abs(v[0]-v[1]) > 1e-12*(1+math.Abs(v[1])) || v[0] == 0 {
			t.Errorf("%s is %v, want %v", name, v[0], v[1])
		}
	}
	if got.FLOPs != want.FLOPs || got.Draws != 1 {
		t.Errorf("%d FLOPs of %d draws, want %d", got.FLOPs, got.Draws, want.FLOPs)
	}
	g := got.General
	score := 3*got.Entropy + g.NoiseEntropy + g.PictureEntropy + g.Jacobian + g.Sensitivity/10 + g.NASWOT/30 + 0.2*math.Log(1000)
	if s := got.Score(1000); math.Abs(s-score) > 1e-12*math.Abs(score) {
		t.Errorf("score %v, want %v", s, score)
	}
	cfg.General = false
	if cfg.Sets, err = cfg.DrawSets(net.InputShape()); err != nil {
		t.Fatal(err)
	}
	cfg.Threads = 1
	again, err := MeasureNoise(t.Context(), net, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if again.Entropy != got.Entropy || again.Sensitivity != got.Sensitivity || !math.IsNaN(again.Score(1000)) {
		t.Error("sets drawn beforehand, fewer threads, or no general signals give other numbers")
	}
}

// byHand takes what one draw of TestMeasureNoise has.
func byHand(t *testing.T, net *arch.Network, seed uint64, out *NoiseSignals) {
	t.Helper()
	entropy := func(k *mat.SymDense) float64 {
		s, err := gp.SpectraOf(t.Context(), k, 0)
		if err != nil {
			t.Fatal(err)
		}
		return s.Entropy
	}
	angles := func(s Sensitivity) float64 {
		k, err := kernel.Cosine(s.Changes)
		if err != nil {
			t.Fatal(err)
		}
		return entropy(k)
	}
	set := noise(t, imageset.NoiseConfig{Images: 12, Seed: seed})
	e := estimate(t, net, set, Config{Train: 9, Val: 3, Seed: seed, SplitSeed: seed, Norm: forward.None, Views: []View{Maximum, Standardized}}, 3)
	out.Entropy = entropy(e.Kernels[0])
	out.EntropyMeans = entropy(e.Kernels[1])
	out.FLOPs += e.FLOPs
	cfg := Config{
		Train: 6, Val: 2, Seed: seed, SplitSeed: seed, Norm: forward.Batch, NormSet: imageset.Drawn(16, seed), NormBatch: 16,
		Views: []View{Standardized}, Codes: ReLUCodes,
		Perturb: Perturbation{Std: 0.05, Shared: true, At: []Place{{}, {Pooling: arch.Quarters}}},
	}
	p := estimate(t, net, set, cfg, 2)
	out.SensitivityMeans = p.Sensitivities[0].Signal()
	out.SensitivityQuarters = p.Sensitivities[1].Signal()
	out.FLOPs += p.FLOPs
	g := out.General
	g.PictureEntropy = entropy(p.Kernel)
	g.JacobianPictures = angles(p.Sensitivities[1])
	g.NASWOTPictures = p.Codes.LogDet
	cfg.NormSet = noise(t, imageset.NoiseConfig{Images: 16, Seed: ^seed})
	last := net.Marks[len(net.Marks)-1].Name
	cfg.Perturb.At = []Place{{Mark: last}, {Mark: last, Pooling: arch.Quarters}}
	n := estimate(t, net, set, cfg, 2)
	out.FLOPs += n.FLOPs
	g.NoiseEntropy = entropy(n.Kernel)
	g.Sensitivity = n.Sensitivities[0].Signal()
	g.Jacobian = angles(n.Sensitivities[1])
	g.NASWOT = n.Codes.LogDet
	g.Agreement = n.Codes.MeanAgreement()
}

// TestDraws: the second draw is of other images and of the members after those of
// the first, whose kernel is a difference of running means; values are means over
// draws.
func TestDraws(t *testing.T) {
	net := cell(t, 8)
	two, err := MeasureNoise(t.Context(), net, NoiseConfig{Seed: 3, Draws: 2, Images: 12, Members: 3})
	if err != nil {
		t.Fatal(err)
	}
	mean := 0.0
	for k, seed := range []uint64{6, 7} {
		var sum *mat.SymDense
		set := noise(t, imageset.NoiseConfig{Images: 12, Seed: seed})
		cfg := Config{Train: 9, Val: 3, Seed: 3, SplitSeed: seed, Norm: forward.None, Views: []View{Maximum}}
		err := Kernels(t.Context(), net, set, cfg, []int{3, 6}, func(e *Estimate) error {
			switch {
			case e.Members == 3:
				sum = e.Kernel
			case k == 1:
				first := sum
				sum = mat.NewSymDense(12, nil)
				sum.ScaleSym(-.5, first) // half of 2 K6 - K3, a kernel's scale being of no account
				sum.AddSym(sum, e.Kernel)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s, err := gp.SpectraOf(t.Context(), sum, 0)
		if err != nil {
			t.Fatal(err)
		}
		mean += s.Entropy / 2
	}
	if math.Abs(two.Entropy-mean) > 1e-6 {
		t.Errorf("entropy %v, want %v", two.Entropy, mean)
	}
	one, err := MeasureNoise(t.Context(), net, NoiseConfig{Seed: 3, Draws: 1})
	if err != nil {
		t.Fatal(err)
	}
	if one.Sensitivity == two.Sensitivity || one.FLOPs >= two.FLOPs {
		t.Error("a second draw changes nothing")
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
	for _, c := range []NoiseConfig{{Draws: -1}, {Sets: []*NoiseSets{nil}}, {Images: 2}, {SensitivityImages: 1}, {SensitivityImages: 17}, {NormBatch: -1}, {Members: -1}, {Std: -1}} {
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

// TestNoiseSets: sets that another network has looked at give the same bits as
// sets that nobody has.
func TestNoiseSets(t *testing.T) {
	text := func(s *NoiseSignals) string { // NaN is equal to itself in it
		general := s.General
		s.General, s.Seconds = nil, 0
		return fmt.Sprintf("%+v %+v", *s, general)
	}
	for what, cfg := range map[string]NoiseConfig{"recommended": {Seed: 3}, "general": GeneralNoise()} {
		cfg.Threads = 1
		var err error
		if cfg.Sets, err = cfg.DrawSets(arch.Shape{H: 32, W: 32, C: 3}); err != nil {
			t.Fatal(err)
		}
		last := ""
		for range 2 {
			s, err := MeasureNoise(t.Context(), cell(t, 8), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := text(s); last != "" && got != last {
				t.Errorf("%s: %s, and with the same sets %s", what, last, got)
			} else {
				last = got
			}
		}
		cfg.Sets = nil
		fresh, err := MeasureNoise(t.Context(), cell(t, 8), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := text(fresh); got != last {
			t.Errorf("%s: %s, and with sets of its own %s", what, last, got)
		}
	}
}
