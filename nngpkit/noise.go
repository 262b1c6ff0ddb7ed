package nngpkit

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// NoiseConfig says how MeasureNoise measures a network. The zero value is the
// recommended setting.
type NoiseConfig struct {
	Images             int     // of white noise, for the entropy; 0 means 16
	Members            int     // random copies of the network for the entropy; 0 means 4
	SensitivityImages  int     // of the images, for the sensitivity; 0 means 8
	SensitivityMembers int     // and copies of the network; 0 means 2
	NormBatch          int     // drawn pictures that set the batch normalization for the sensitivity; 0 means 16
	Std                float64 // of the noise on the images, in normalized pixel values; 0 means 0.05

	// EntropyOnly leaves the sensitivity out, which is then NaN, for half of the time.
	EntropyOnly bool

	Seed    uint64 // of weights and images
	Threads int    // 0 means GOMAXPROCS; no result depends on it
	Pool    *forward.Pool

	// Sets are the images, drawn by DrawNoiseSets for the same seed, where many
	// networks are measured; nil draws them.
	Sets *NoiseSets
}

// Resolved returns the configuration with the recommended numbers in place of
// zeros.
func (c NoiseConfig) Resolved() NoiseConfig {
	for _, d := range []struct {
		field *int
		value int
	}{{&c.Images, 16}, {&c.Members, 4}, {&c.SensitivityImages, 8}, {&c.SensitivityMembers, 2}, {&c.NormBatch, 16}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if c.Std == 0 {
		c.Std = 0.05
	}
	return c
}

// NoiseSets are the images that MeasureNoise uses, all drawn by code.
type NoiseSets struct {
	Noise *imageset.Set // white noise
	Norm  *imageset.Set // pictures, whose statistics normalize
}

// DrawNoiseSets draws n images of noise and norm pictures of the given shape.
func DrawNoiseSets(s arch.Shape, n, norm int, seed uint64) (*NoiseSets, error) {
	noise, err := imageset.Noise(imageset.NoiseConfig{Images: n, H: s.H, W: s.W, C: s.C, Seed: seed})
	if err != nil {
		return nil, err
	}
	pictures, err := imageset.Drawn(norm, seed).Resized(s.H, s.W, s.C)
	if err != nil {
		return nil, err
	}
	return &NoiseSets{noise, pictures}, nil
}

// NoiseSignals are what MeasureNoise found.
type NoiseSignals struct {
	// Entropy is the spectral entropy, in nats, of the kernel of global maxima on
	// noise images, without batch normalization: how many directions the network
	// tells structureless images apart in. More is better. See gp.Spectra, Maximum.
	Entropy float64
	// Sensitivity is minus the logarithm of how much small noise moves the pooled
	// features under batch normalization by pictures, the mean over the two ways of
	// pooling below. More is better.
	Sensitivity float64

	// Mean and Quarters are its parts, at the end of the network.
	Mean, Quarters Sensitivity

	FLOPs   int64  // of the forward passes
	Level   string // of the processor's instructions that package forward used
	Seconds float64
}

// MeasureNoise measures a network on images of noise, drawn by code: it needs no
// data set and no labels. Among the cells of NAS-Bench-101, the sum of twice the
// rank by Entropy and once those by Sensitivity and by the number of parameters
// orders networks by their accuracy after training; each number alone says
// little about one network.
//
// It returns an error where the features of all images are the same, and for
// networks that do not end in a global average.
func MeasureNoise(ctx context.Context, net *arch.Network, cfg NoiseConfig) (*NoiseSignals, error) {
	start := time.Now()
	cfg = cfg.Resolved()
	if cfg.Pool == nil {
		cfg.Pool = new(forward.Pool)
	}
	if cfg.Images < 3 || cfg.NormBatch < 1 || cfg.SensitivityImages < 2 || cfg.SensitivityImages > cfg.Images {
		return nil, fmt.Errorf("nngpkit: %d images of noise, of which %d are for the sensitivity, and %d pictures for normalization: want 3, 2 to all of these, and 1 at least",
			cfg.Images, cfg.SensitivityImages, cfg.NormBatch)
	}
	if cfg.Sets == nil {
		var err error
		if cfg.Sets, err = DrawNoiseSets(net.InputShape(), cfg.Images, cfg.NormBatch, cfg.Seed); err != nil {
			return nil, err
		}
	}
	out := new(NoiseSignals)
	if err := out.entropy(ctx, net, cfg); err != nil {
		return nil, err
	}
	if cfg.EntropyOnly {
		out.Sensitivity = math.NaN()
	} else if err := out.sensitivity(ctx, net, cfg); err != nil {
		return nil, err
	}
	out.Seconds = time.Since(start).Seconds()
	return out, nil
}

// config returns what both passes share, for so many images.
func (c *NoiseConfig) config(images int) Config {
	val := max(1, images/4)
	return Config{
		Train: images - val, Val: val, Seed: c.Seed, SplitSeed: c.Seed, Threads: c.Threads, Pool: c.Pool,
	}
}

func (s *NoiseSignals) entropy(ctx context.Context, net *arch.Network, c NoiseConfig) error {
	cfg := c.config(c.Images)
	cfg.Norm, cfg.Views = forward.None, []View{Maximum}
	return Kernels(ctx, net, c.Sets.Noise, cfg, []int{c.Members}, func(e *Estimate) error {
		s.FLOPs += e.FLOPs
		s.Level = e.Level
		sp, err := gp.SpectraOf(ctx, e.Kernel, 0)
		if err != nil {
			return err
		}
		if s.Entropy = sp.Entropy; math.IsNaN(s.Entropy) {
			return fmt.Errorf("the features of all images are the same: they have no entropy")
		}
		return nil
	})
}

func (s *NoiseSignals) sensitivity(ctx context.Context, net *arch.Network, c NoiseConfig) error {
	cfg := c.config(c.SensitivityImages)
	cfg.Norm, cfg.NormSet, cfg.NormBatch, cfg.Views = forward.Batch, c.Sets.Norm, c.NormBatch, []View{}
	cfg.Perturb = Perturbation{Std: c.Std, At: []Place{{Pooling: arch.Mean}, {Pooling: arch.Quarters}}}
	return Kernels(ctx, net, c.Sets.Noise, cfg, []int{c.SensitivityMembers}, func(e *Estimate) error {
		s.FLOPs += e.FLOPs
		s.Mean, s.Quarters = e.Sensitivities[0], e.Sensitivities[1]
		s.Sensitivity = (s.Mean.Signal() + s.Quarters.Signal()) / 2
		return nil
	})
}
