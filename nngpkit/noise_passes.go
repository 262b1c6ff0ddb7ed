package nngpkit

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/kernel"
)

// noisePasses are the forward passes of MeasureNoise: each kind runs all draws of a
// network that is compiled once, and adds their shares to out.
type noisePasses struct {
	NoiseConfig
	net *arch.Network
	out *NoiseSignals
}

// draws returns the images of all draws, with those that norm picks to normalize.
func (p *noisePasses) draws(norm func(*NoiseSets) *imageset.Set) []draw {
	out := make([]draw, p.Draws)
	for k, s := range p.Sets {
		out[k] = draw{set: s.Noise, norm: norm(s), seed: p.drawSeed(k)}
	}
	return out
}

// config returns what all passes share, for so many images and members.
func (p *noisePasses) config(images, members int) Config {
	val := max(1, images/4)
	return Config{Train: images - val, Val: val, Members: members, Seed: p.Seed, Threads: p.Threads, Pool: p.Pool}
}

// add adds a draw's value to a mean.
func (p *noisePasses) add(sum *float64, v float64) { *sum += v / float64(p.Draws) }

// addEntropy adds the spectral entropy of a kernel.
func (p *noisePasses) addEntropy(ctx context.Context, sum *float64, k *mat.SymDense) error {
	sp, err := gp.SpectraOf(ctx, k, 0)
	if err != nil {
		return err
	}
	if math.IsNaN(sp.Entropy) {
		return ErrNoSignal
	}
	p.add(sum, sp.Entropy)
	return nil
}

// entropies runs without batch normalization.
func (p *noisePasses) entropies(ctx context.Context) error {
	cfg := p.config(p.Images, p.Members)
	cfg.Norm, cfg.Views = forward.None, []View{Maximum, Standardized}
	return kernelsOfDraws(ctx, p.net, p.draws(func(*NoiseSets) *imageset.Set { return nil }), cfg, func(e *Estimate) error {
		p.out.FLOPs += e.FLOPs
		p.out.Level = e.Level
		if err := p.addEntropy(ctx, &p.out.Entropy, e.Kernels[0]); err != nil {
			return err
		}
		return p.addEntropy(ctx, &p.out.EntropyMeans, e.Kernels[1])
	})
}

// paired returns how images and the same with small noise run, under batch
// normalization.
func (p *noisePasses) paired(at ...Place) Config {
	cfg := p.config(p.SensitivityImages, p.SensitivityMembers)
	cfg.Norm, cfg.NormBatch, cfg.Views = forward.Batch, p.NormBatch, []View{}
	cfg.Perturb = Perturbation{Std: p.Std, At: at, Shared: true}
	if p.General {
		cfg.Views = []View{Standardized}
		if len(forward.ReLUs(p.net)) > 0 {
			cfg.Codes = ReLUCodes
		}
	}
	return cfg
}

// pictures runs under batch normalization by pictures.
func (p *noisePasses) pictures(ctx context.Context) error {
	cfg := p.paired(Place{Pooling: arch.Mean}, Place{Pooling: arch.Quarters})
	return kernelsOfDraws(ctx, p.net, p.draws(func(s *NoiseSets) *imageset.Set { return s.Norm }), cfg, func(e *Estimate) error {
		p.out.FLOPs += e.FLOPs
		p.add(&p.out.SensitivityMeans, e.Sensitivities[0].Signal())
		p.add(&p.out.SensitivityQuarters, e.Sensitivities[1].Signal())
		g := p.out.General
		if g == nil {
			return nil
		}
		if e.Codes != nil {
			p.add(&g.NASWOTPictures, e.Codes.LogDet)
		}
		p.addAngles(ctx, &g.JacobianPictures, e.Sensitivities[1])
		return p.addEntropy(ctx, &g.PictureEntropy, e.Kernel)
	})
}

// noise runs under batch normalization by other images of noise, for General.
func (p *noisePasses) noise(ctx context.Context) error {
	g := p.out.General
	if g == nil {
		return nil
	}
	last := ""
	if n := len(p.net.Marks); n > 0 {
		last = p.net.Marks[n-1].Name
	}
	cfg := p.paired(Place{Mark: last}, Place{Mark: last, Pooling: arch.Quarters})
	return kernelsOfDraws(ctx, p.net, p.draws(func(s *NoiseSets) *imageset.Set { return s.Plain }), cfg, func(e *Estimate) error {
		p.out.FLOPs += e.FLOPs
		p.add(&g.Sensitivity, e.Sensitivities[0].Signal())
		p.addAngles(ctx, &g.Jacobian, e.Sensitivities[1])
		if e.Codes != nil {
			p.addCodes(e.Codes)
		}
		return p.addEntropy(ctx, &g.NoiseEntropy, e.Kernel)
	})
}

// codes runs under batch normalization by other images of noise and compares the
// signs of ReLU units.
func (p *noisePasses) codes(ctx context.Context) error {
	cfg := p.config(p.Images, p.Members)
	cfg.Norm, cfg.NormBatch, cfg.Views, cfg.Codes = forward.Batch, p.NormBatch, []View{}, MapCodes
	return kernelsOfDraws(ctx, p.net, p.draws(func(s *NoiseSets) *imageset.Set { return s.Plain }), cfg, func(e *Estimate) error {
		p.out.FLOPs += e.FLOPs
		p.out.Level = e.Level
		p.addCodes(e.Codes)
		return nil
	})
}

// addCodes adds what the codes under batch normalization by noise tell.
func (p *noisePasses) addCodes(c *CodeScores) {
	g := p.out.General
	p.add(&g.NASWOT, c.LogDet)
	p.add(&g.Agreement, c.MeanAgreement())
	parts := c.AgreementByPart(p.net)
	if g.PartAgreement == nil {
		g.PartAgreement = make([]float64, len(parts))
	}
	for i, v := range parts {
		p.add(&g.PartAgreement[i], v)
	}
}

// addAngles adds the spectral entropy of the cosines between images' changes: NaN
// where an image does not change.
func (p *noisePasses) addAngles(ctx context.Context, sum *float64, s Sensitivity) {
	k, err := kernel.Cosine(s.Changes)
	if err != nil {
		p.add(sum, math.NaN())
		return
	}
	sp, err := gp.SpectraOf(ctx, k, 0)
	if err != nil {
		p.add(sum, math.NaN())
		return
	}
	p.add(sum, sp.Entropy)
}
