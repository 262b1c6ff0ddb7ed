package nngpkit

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
)

// features returns the network whose features the views and sensitivities are
// taken from, and sets their blocks.
func (e *evaluation) features() (*arch.Network, error) {
	probes, err := e.viewProbes()
	if err != nil {
		return nil, err
	}
	places := e.cfg.Perturb.places()
	for _, at := range places {
		p, err := at.probe(e.net)
		if err != nil {
			return nil, err
		}
		probes = append(probes, p)
	}
	if len(probes) == 0 {
		e.blocks = []arch.Block{{Name: arch.FinalBlock, N: e.net.Features()}}
		return e.net, nil
	}
	net, blocks, err := e.net.Probed(probes...)
	if err != nil {
		return nil, fmt.Errorf("nngpkit: %w", err)
	}
	first := len(blocks) - len(places)
	e.blocks = blocks[:first]
	for i, at := range places {
		e.senses = append(e.senses, &sensing{place: at, block: blocks[first+i], std: e.cfg.Perturb.Std})
	}
	if e.cfg.Codes != NoCodes { // of all nodes, also of those behind the last probe
		if end := e.net.End(); len(net.Nodes) <= end {
			return nil, fmt.Errorf("nngpkit: codes %q need the whole network, which the places of sensitivity end before: ask for a view, or the end", e.cfg.Codes)
		}
	}
	return net, nil
}

// viewProbes returns the probes that the views need, none where the network's own
// features are all.
func (e *evaluation) viewProbes() ([]arch.Probe, error) {
	var scales, final, maximum bool
	for _, v := range e.cfg.Views {
		scales = scales || v.scales()
		final = final || !v.scales() && v != Maximum
		maximum = maximum || v == Maximum
	}
	net := e.net
	pooled := net.Pooled()
	if (scales || maximum) && !pooled {
		return nil, fmt.Errorf("nngpkit: network %q does not end in a global average of images: it has no views but %q and %q", net.Name, Raw, Standardized)
	}
	var probes []arch.Probe
	switch {
	case scales:
		probes = net.ScaleProbes()
	case final && (maximum || e.cfg.Perturb.Std > 0):
		if s := net.FeatureShape(); !pooled && s.H*s.W > 1 {
			return nil, fmt.Errorf("nngpkit: network %q has features of %v: they cannot be taken with others", net.Name, s)
		}
		probes = append(probes, arch.Probe{Name: arch.FinalBlock, Node: net.End(), Pooling: arch.Mean})
	}
	if maximum {
		probes = append(probes, arch.Probe{Name: arch.MaximumBlock, Node: net.End(), Pooling: arch.Maximum})
	}
	return probes, nil
}

// check returns why the perturbation cannot be had of so many images, or nil.
func (p Perturbation) check(images int) error {
	switch {
	case p.Std < 0 || !(p.Std <= 1e3):
		return fmt.Errorf("nngpkit: noise of standard deviation %v: want a positive number, or 0 for none", p.Std)
	case p.Std == 0 && (p.Images != 0 || p.At != nil || p.Shared):
		return fmt.Errorf("nngpkit: sensitivities are asked for, but their noise has standard deviation 0")
	case p.Images < 0 || p.Images > images:
		return fmt.Errorf("nngpkit: noise on %d images of %d", p.Images, images)
	}
	return nil
}

// places returns where sensitivities are taken.
func (p Perturbation) places() []Place {
	if p.Std > 0 && len(p.At) == 0 {
		return []Place{{}}
	}
	return p.At
}

// perturb appends the images with noise.
func (e *evaluation) perturb() error {
	if e.cfg.Perturb.Std == 0 {
		return nil
	}
	n := e.cfg.Perturb.Images
	if n == 0 {
		n = e.images.N
	}
	for _, s := range e.senses {
		s.n, s.first = n, e.images.N
		if e.cfg.Perturb.Shared {
			s.share()
		}
	}
	noisy, err := e.images.Perturbed(n, e.cfg.Perturb.Std, mix(e.cfg.Seed, noiseMember))
	if err != nil {
		return fmt.Errorf("nngpkit: %w", err)
	}
	if e.cfg.Perturb.Shared {
		size, x := len(noisy.Data)/n, e.images.Data
		for i := len(noisy.Data) - 1; i >= 0; i-- { // the first image, whose noise it is, last
			noisy.Data[i] = x[i] + (noisy.Data[i%size] - x[i%size])
		}
	}
	e.images, err = e.images.Joined(noisy)
	return err
}

// noiseMember sets the noise's seed apart from those of the normalization batches.
const noiseMember = 1 << 40

// more takes what a member's features tell besides kernels.
func (e *evaluation) more(f *forward.Features) error {
	for _, s := range e.senses {
		if err := s.take(f); err != nil {
			return err
		}
	}
	if e.codes != nil {
		e.codes.take(f.Codes)
	}
	return nil
}

// fill adds to an estimate what it holds besides kernels.
func (e *evaluation) fill(est *Estimate) {
	for _, s := range e.senses {
		est.Sensitivities = append(est.Sensitivities, s.mean())
	}
	if e.codes != nil {
		est.Codes = e.codes.mean()
	}
}
