package nngpkit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// NoiseConfig says how MeasureNoise measures a network. The zero value is the
// recommended setting for many networks of NAS-Bench-101; GeneralNoise returns
// that for networks of any space.
type NoiseConfig struct {
	// Draws are independent measurements, of other weights and other images, whose
	// values are averaged; 0 means 4. Several small draws tell networks apart better
	// than one large one at the same cost.
	Draws int

	Images             int     // of white noise, for the entropies; 0 means 8
	Members            int     // random copies of the network for the entropies; 0 means 2
	SensitivityImages  int     // of the images, for the sensitivities; 0 means 4
	SensitivityMembers int     // and copies of the network; 0 means 1
	NormBatch          int     // images that set the batch normalization for the sensitivities; 0 means 8
	Std                float64 // of the noise on the images, in normalized pixel values; 0 means 0.05

	// EntropyOnly leaves the sensitivity out, which is then NaN, for half of the time.
	EntropyOnly bool
	// General asks for what the recipe for any space needs too: NoiseSignals.General.
	General bool
	// CodesOnly leaves out all but what compares the signs of the ReLU units of feature
	// maps (see MapCodes) on the images of noise: NASWOT, Agreement and PartAgreement of
	// NoiseSignals.General. What is left out is NaN. It is an error for a network
	// without such units.
	CodesOnly bool

	// Seed is that of the weights, of which draw k takes the members from k*Members
	// (or k*SensitivityMembers) on. The images of draw k have seed Seed*Draws + k.
	Seed    uint64
	Threads int // 0 means GOMAXPROCS; no result depends on it
	Pool    *forward.Pool

	// Sets are the images of each draw, as DrawSets returns them for the same
	// configuration, where many networks are measured; nil draws them.
	Sets []*NoiseSets
}

// GeneralNoise returns the setting for the recipe that serves several spaces:
// three draws of 16 images and 4 members, and General.
func GeneralNoise() NoiseConfig {
	return NoiseConfig{Draws: 3, Images: 16, Members: 4, SensitivityImages: 8, SensitivityMembers: 2, NormBatch: 16, General: true}
}

// CodesNoise returns the setting for networks of the MnasNet spaces: the codes of 32
// images and one member, under batch normalization by 32 others.
func CodesNoise() NoiseConfig {
	return NoiseConfig{Draws: 1, Images: 32, Members: 1, NormBatch: 32, CodesOnly: true}
}

// Resolved returns the configuration with the recommended numbers in place of
// zeros.
func (c NoiseConfig) Resolved() NoiseConfig {
	for _, d := range []struct {
		field *int
		value int
	}{{&c.Draws, 4}, {&c.Images, 8}, {&c.Members, 2}, {&c.SensitivityImages, 4}, {&c.SensitivityMembers, 1}, {&c.NormBatch, 8}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if c.Std == 0 {
		c.Std = 0.05
	}
	return c
}

func (c NoiseConfig) check() error {
	if c.Draws < 1 || c.Images < 3 || c.NormBatch < 1 || c.SensitivityImages < 2 || c.SensitivityImages > c.Images {
		return fmt.Errorf("nngpkit: %d draws of %d images of noise, of which %d are for the sensitivity, and %d for normalization: want 1, 3, 2 to all of these, and 1 at least",
			c.Draws, c.Images, c.SensitivityImages, c.NormBatch)
	}
	if c.EntropyOnly && c.General {
		return errors.New("nngpkit: the general signals are asked for, and the entropy only")
	}
	if c.CodesOnly && (c.EntropyOnly || c.General) {
		return errors.New("nngpkit: the codes only are asked for, and other signals too")
	}
	if c.Sets != nil && len(c.Sets) != c.Draws {
		return fmt.Errorf("nngpkit: sets of images for %d draws, want them for %d", len(c.Sets), c.Draws)
	}
	return nil
}

// NoiseSets are the images of one draw, all drawn by code.
type NoiseSets struct {
	Noise *imageset.Set // white noise
	Norm  *imageset.Set // pictures, whose statistics normalize
	Plain *imageset.Set // other white noise, whose statistics normalize in General
}

// DrawNoiseSets draws n images of noise, norm pictures of the given shape, and as
// many other images of noise.
func DrawNoiseSets(s arch.Shape, n, norm int, seed uint64) (*NoiseSets, error) {
	noise, err := imageset.Noise(imageset.NoiseConfig{Images: n, H: s.H, W: s.W, C: s.C, Seed: seed})
	if err != nil {
		return nil, err
	}
	pictures, err := imageset.Drawn(norm, seed).Resized(s.H, s.W, s.C)
	if err != nil {
		return nil, err
	}
	plain, err := imageset.Noise(imageset.NoiseConfig{Images: norm, H: s.H, W: s.W, C: s.C, Seed: ^seed})
	if err != nil {
		return nil, err
	}
	return &NoiseSets{Noise: noise, Norm: pictures, Plain: plain}, nil
}

// DrawSets draws the images of every draw for networks of that input.
func (c NoiseConfig) DrawSets(s arch.Shape) ([]*NoiseSets, error) {
	c = c.Resolved()
	if err := c.check(); err != nil {
		return nil, err
	}
	out := make([]*NoiseSets, c.Draws)
	for k := range out {
		var err error
		if out[k], err = DrawNoiseSets(s, c.Images, c.NormBatch, c.drawSeed(k)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c NoiseConfig) drawSeed(k int) uint64 { return c.Seed*uint64(c.Draws) + uint64(k) }

// NoiseSignals are what MeasureNoise found: means over draws. More of any is
// better in one space at least.
type NoiseSignals struct {
	// Entropy is the spectral entropy, in nats, of the kernel of global maxima on
	// noise images, without batch normalization: how many directions the network
	// tells structureless images apart in. See gp.Spectra, Maximum.
	Entropy float64
	// EntropyMeans is the same of means over pixels, standardized.
	EntropyMeans float64
	// Sensitivity is minus the logarithm of how much small noise moves the pooled
	// features under batch normalization by pictures, the mean of the two ways of
	// pooling below.
	Sensitivity float64
	// SensitivityMeans and SensitivityQuarters are its parts, at the end of the
	// network.
	SensitivityMeans, SensitivityQuarters float64

	// General holds what GeneralNoise measures beside; nil where it was not asked for.
	General *GeneralSignals

	Draws   int
	FLOPs   int64  // of the forward passes
	Level   string // of the processor's instructions that package forward used
	Seconds float64
}

// GeneralSignals are what the recipe for several spaces needs.
type GeneralSignals struct {
	// NoiseEntropy and PictureEntropy are spectral entropies, in nats, of the kernel
	// of standardized means over pixels at the end of the network, under batch
	// normalization by other noise images and by pictures.
	NoiseEntropy, PictureEntropy float64
	// Sensitivity is minus the logarithm of how much small noise moves the means over
	// pixels at the end of the last cell, under batch normalization by noise.
	Sensitivity float64
	// Jacobian is the spectral entropy, in nats, of the cosines of the angles between
	// images' changes under the same small noise, of maxima of quarters at the end
	// of the last cell, under batch normalization by noise; JacobianPictures under
	// normalization by pictures, at the end of the network.
	Jacobian, JacobianPictures float64
	// NASWOT and Agreement compare the signs of all ReLU units on noise images, under
	// batch normalization by noise: the log determinant of NASWOT, in nats, and the
	// share of units that agree; NASWOTPictures under normalization by pictures.
	NASWOT, NASWOTPictures, Agreement float64
	// PartAgreement is Agreement of the ReLU units of each part of the network: see
	// CodeScores.AgreementByPart. It is nil of a network without ReLUs.
	PartAgreement []float64
}

// ErrNoSignal is wrapped where the features of all images are the same: a network
// that passes nothing on.
var ErrNoSignal = errors.New("the features of all images are the same: they have no entropy")

// MeasureNoise measures a network on images of noise, drawn by code: it needs no
// data set and no labels. Among the cells of NAS-Bench-101, the sum of twice the
// rank by Entropy and once those by Sensitivity and by the number of parameters
// orders networks by their accuracy after training; Score, with GeneralNoise, does
// in NAS-Bench-201 too. Each number alone says little about one network.
//
// It returns an error that wraps ErrNoSignal where the features of all images are
// the same, and one for
// networks that do not end in a global average.
func MeasureNoise(ctx context.Context, net *arch.Network, cfg NoiseConfig) (*NoiseSignals, error) {
	start := time.Now()
	cfg = cfg.Resolved()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Sets == nil {
		var err error
		if cfg.Sets, err = cfg.DrawSets(net.InputShape()); err != nil {
			return nil, err
		}
	}
	if cfg.Pool == nil {
		cfg.Pool = new(forward.Pool)
	}
	out := &NoiseSignals{Draws: cfg.Draws}
	if cfg.General || cfg.CodesOnly {
		out.General = new(GeneralSignals)
	}
	p := &noisePasses{NoiseConfig: cfg, net: net, out: out}
	passes := []func(context.Context) error{p.entropies, p.pictures, p.noise}
	switch {
	case cfg.EntropyOnly:
		passes = passes[:1]
	case cfg.CodesOnly:
		passes = []func(context.Context) error{p.codes}
	}
	for _, pass := range passes {
		if err := pass(ctx); err != nil {
			return nil, err
		}
	}
	out.Sensitivity = (out.SensitivityMeans + out.SensitivityQuarters) / 2
	if cfg.CodesOnly {
		out.leaveOut()
	}
	if cfg.EntropyOnly {
		out.Sensitivity, out.SensitivityMeans, out.SensitivityQuarters = math.NaN(), math.NaN(), math.NaN()
	}
	out.Seconds = time.Since(start).Seconds()
	return out, nil
}

// leaveOut makes all that CodesOnly leaves out NaN.
func (s *NoiseSignals) leaveOut() {
	g := s.General
	for _, x := range []*float64{
		&s.Entropy, &s.EntropyMeans, &s.Sensitivity, &s.SensitivityMeans, &s.SensitivityQuarters,
		&g.NoiseEntropy, &g.PictureEntropy, &g.Sensitivity, &g.Jacobian, &g.JacobianPictures, &g.NASWOTPictures,
	} {
		*x = math.NaN()
	}
}

// Score returns one number of a network by the recipe that serves several spaces:
//
//	3 Entropy + NoiseEntropy + PictureEntropy + Jacobian + Sensitivity/10 + NASWOT/30 + log(parameters)/5
//
// with the Sensitivity of GeneralSignals, and the number of parameters of the
// network that would be trained. More is better. The weights were chosen on halves
// of NAS-Bench-101 and NAS-Bench-201 at width 8, with one cell a stage of the
// latter (see docs/SIGNALS.md); networks of other settings have other scales. It
// is NaN without General.
func (s *NoiseSignals) Score(parameters int) float64 {
	g := s.General
	if g == nil {
		return math.NaN()
	}
	return 3*s.Entropy + g.NoiseEntropy + g.PictureEntropy + g.Jacobian + g.Sensitivity/10 + g.NASWOT/30 + math.Log(float64(parameters))/5
}
