package campaign

import (
	"context"
	"fmt"
	"slices"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// Loader finds a set of images on this machine. Nil means imageset.Load.
type Loader func(name string) (*imageset.Set, error)

// LoaderFor returns imageset.Load under a context.
func LoaderFor(ctx context.Context) Loader {
	return func(name string) (*imageset.Set, error) { return imageset.LoadContext(ctx, name) }
}

// noiseSet is the name of the images that are drawn for a Noise.
const noiseSet = "noise"

// imagesHere returns what the plan's measurements look at on this machine.
func (p *Plan) imagesHere(load Loader) ([]Images, error) {
	g := gallery{plan: p, load: load}
	for m := range p.Measurements {
		if err := g.open(m); err != nil {
			return nil, err
		}
	}
	return g.images, nil
}

// CheckImages returns an error if this machine has other images than the plan
// was made with, which names both digests, or if a set is not there.
func (p *Plan) CheckImages(load Loader) error {
	_, err := p.gallery(load)
	return err
}

// gallery holds the images of a plan.
type gallery struct {
	plan   *Plan
	load   Loader
	images []Images
	sets   map[string]*imageset.Set // of kernels, by name
	noise  map[[2]int]noiseImages   // by measurement and place of the seed
}

// gallery opens the images of a plan, which must be those that it names.
func (p *Plan) gallery(load Loader) (*gallery, error) {
	g := &gallery{plan: p, load: load}
	for m := range p.Measurements {
		if err := g.open(m); err != nil {
			return nil, fmt.Errorf("campaign: %w", err)
		}
	}
	same := func(a, b Images) bool {
		return a.Measurement == b.Measurement && a.Set == b.Set && (a.Seed == nil) == (b.Seed == nil) && (a.Seed == nil || *a.Seed == *b.Seed)
	}
	if !slices.EqualFunc(g.images, p.Images, same) {
		return nil, fmt.Errorf("campaign: the plan names the images of other measurements than its own")
	}
	for i, here := range g.images {
		if want := p.Images[i].Digest; want != here.Digest {
			return nil, fmt.Errorf("campaign: measurement %s looks at other images here: the plan's %s have the digest %s, those of this machine %s",
				here.Measurement, printable.Quote(here.Set), printable.Quote(want), here.Digest)
		}
	}
	return g, nil
}

// open adds the images of a measurement.
func (g *gallery) open(m int) error {
	ms := &g.plan.Measurements[m]
	if ms.Kernel != nil {
		return g.openSet(ms)
	}
	s, err := space.Find(g.plan.Space)
	if err != nil {
		return err
	}
	if g.noise == nil {
		g.noise = map[[2]int]noiseImages{}
	}
	for i, seed := range g.plan.Seeds {
		sets, digest, err := ms.Noise.draw(sweep.SignalInput(s), seed)
		if err != nil {
			return fmt.Errorf("measurement %s: %w", ms.Name, err)
		}
		g.noise[[2]int{m, i}] = sets
		g.images = append(g.images, Images{Measurement: ms.Name, Set: noiseSet, Seed: &seed, Digest: digest})
	}
	return nil
}

// openSet loads the set of a kernel, once.
func (g *gallery) openSet(ms *Measurement) error {
	k := ms.Kernel
	set := g.sets[k.Images]
	if set == nil {
		load := g.load
		if load == nil {
			load = imageset.Load
		}
		var err error
		if set, err = load(k.Images); err != nil {
			return fmt.Errorf("measurement %s: %w", ms.Name, err)
		}
		if g.sets == nil {
			g.sets = map[string]*imageset.Set{}
		}
		g.sets[k.Images] = set
	}
	if err := k.fits(set); err != nil {
		return fmt.Errorf("measurement %s: %w", ms.Name, err)
	}
	g.images = append(g.images, Images{Measurement: ms.Name, Set: k.Images, Digest: sweep.Digest(set)})
	return nil
}
