package main

import (
	"context"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// What the settings are varied over. The recommended value is among them.
var (
	entropyMembers     = []int{1, 2, 4, 8, 16}
	entropySizes       = []int{4, 8, 16, 32, 64}
	sensitivityMembers = []int{1, 2, 4, 8}
	sensitivitySizes   = []int{4, 8, 16}
	widths             = []int{8, 16, 32}
	depths             = []int{1, 3, 6, 9} // modules of nine
	spreads            = []float64{0, 0.25, 0.5, 0.75, 0.9}
	stds               = []float64{0.0125, 0.05, 0.2, 0.8}
)

// measurer measures one cell with one seed.
type measurer struct {
	*images
	pool   *forward.Pool
	net    *arch.Network // of width 8
	values map[string]float64
}

func (m *measurer) cell(ctx context.Context, c space.Architecture) error {
	for _, width := range widths {
		net, err := c.Network(width, arch.Shape{})
		if err != nil {
			return err
		}
		if width == widths[0] {
			m.net = net
		}
		if err := m.entropy(ctx, fmt.Sprint("width/", width), net, m.noise, entropyImages, 4); err != nil {
			return err
		}
		if err := m.sensitivity(ctx, fmt.Sprint("width/", width), net, sensitivityImages, 2, 0.05, m.pictures); err != nil {
			return err
		}
	}
	for _, f := range []func(context.Context) error{m.members, m.sizes, m.kindsOfImages, m.depth, m.noiseLevels, m.dead} {
		if err := f(ctx); err != nil {
			return err
		}
	}
	return nil
}

// config is what all passes share, for so many images.
func (m *measurer) config(images int) nngpkit.Config {
	return nngpkit.Config{Train: images - 1, Val: 1, Seed: m.seed, SplitSeed: m.seed, Threads: 1, Pool: m.pool}
}

// spectra measures the kernel of a view for each number of members.
func (m *measurer) spectra(ctx context.Context, net *arch.Network, set *imageset.Set, n int, view nngpkit.View, members []int, each func(members int, s *gp.Spectra)) error {
	set, err := firstOf(set, n)
	if err != nil {
		return err
	}
	cfg := m.config(n)
	cfg.Norm, cfg.Views = forward.None, []nngpkit.View{view}
	return nngpkit.Kernels(ctx, net, set, cfg, members, func(e *nngpkit.Estimate) error {
		s, err := gp.SpectraOf(ctx, e.Kernel, 0)
		if err == nil {
			each(e.Members, s)
		}
		return err
	})
}

func firstOf(set *imageset.Set, n int) (*imageset.Set, error) {
	idx := make([]int, n)
	for i := range idx {
		idx[i] = i
	}
	return set.Subset(idx)
}

func (m *measurer) entropy(ctx context.Context, name string, net *arch.Network, set *imageset.Set, n, members int) error {
	return m.spectra(ctx, net, set, n, nngpkit.Maximum, []int{members}, func(_ int, s *gp.Spectra) {
		m.values["entropy/"+name] = s.Entropy
	})
}

// sensitivity measures j at the end of the network.
func (m *measurer) sensitivity(ctx context.Context, name string, net *arch.Network, n, members int, std float64, norm *imageset.Set) error {
	at := []nngpkit.Place{{Pooling: arch.Mean}, {Pooling: arch.Quarters}}
	return m.changes(ctx, net, n, []int{members}, std, norm, at, func(_ int, s []nngpkit.Sensitivity) {
		m.values["sensitivity/"+name] = (s[0].Signal() + s[1].Signal()) / 2
	})
}

func (m *measurer) changes(ctx context.Context, net *arch.Network, n int, members []int, std float64, norm *imageset.Set, at []nngpkit.Place, each func(int, []nngpkit.Sensitivity)) error {
	set, err := firstOf(m.noise, n)
	if err != nil {
		return err
	}
	cfg := m.config(n)
	cfg.Norm, cfg.NormSet, cfg.NormBatch, cfg.Views = forward.Batch, norm, normPictures, []nngpkit.View{}
	cfg.Perturb = nngpkit.Perturbation{Std: std, At: at}
	return nngpkit.Kernels(ctx, net, set, cfg, members, func(e *nngpkit.Estimate) error {
		each(e.Members, e.Sensitivities)
		return nil
	})
}

func (m *measurer) members(ctx context.Context) error {
	err := m.spectra(ctx, m.net, m.noise, entropyImages, nngpkit.Maximum, entropyMembers, func(members int, s *gp.Spectra) {
		m.values[fmt.Sprint("entropy/members/", members)] = s.Entropy
	})
	if err != nil {
		return err
	}
	at := []nngpkit.Place{{Pooling: arch.Mean}, {Pooling: arch.Quarters}}
	return m.changes(ctx, m.net, sensitivityImages, sensitivityMembers, 0.05, m.pictures, at, func(members int, s []nngpkit.Sensitivity) {
		m.values[fmt.Sprint("sensitivity/members/", members)] = (s[0].Signal() + s[1].Signal()) / 2
	})
}

func (m *measurer) sizes(ctx context.Context) error {
	for _, n := range entropySizes {
		if err := m.entropy(ctx, fmt.Sprint("images/", n), m.net, m.noise, n, 4); err != nil {
			return err
		}
	}
	for _, n := range sensitivitySizes {
		if err := m.sensitivity(ctx, fmt.Sprint("images/", n), m.net, n, 2, 0.05, m.pictures); err != nil {
			return err
		}
	}
	return nil
}

func (m *measurer) kindsOfImages(ctx context.Context) error {
	for _, by := range spreads {
		if err := m.entropy(ctx, fmt.Sprint("spread/", by), m.net, m.spread[by], entropyImages, 4); err != nil {
			return err
		}
	}
	m.values["entropy/kind/white"] = m.values["entropy/spread/0"]
	for name, set := range m.kinds {
		if err := m.entropy(ctx, "kind/"+name, m.net, set, entropyImages, 4); err != nil {
			return err
		}
	}
	return m.sensitivity(ctx, "norm/noise", m.net, sensitivityImages, 2, 0.05, m.same)
}

// depth takes global maxima after some modules, and the change of means there.
func (m *measurer) depth(ctx context.Context) error {
	var at []nngpkit.Place
	for _, d := range depths {
		mark := m.net.Marks[d-1]
		net, _, err := m.net.Probed(arch.Probe{Name: mark.Name, Node: mark.Node, Pooling: arch.Maximum})
		if err != nil {
			return err
		}
		err = m.spectra(ctx, net, m.noise, entropyImages, nngpkit.Standardized, []int{4}, func(_ int, s *gp.Spectra) {
			m.values[fmt.Sprint("entropy/depth/", d)] = s.Entropy
		})
		if err != nil {
			return err
		}
		at = append(at, nngpkit.Place{Mark: mark.Name})
	}
	return m.changes(ctx, m.net, sensitivityImages, []int{2}, 0.05, m.pictures, at, func(_ int, s []nngpkit.Sensitivity) {
		for i, d := range depths {
			m.values[fmt.Sprint("sensitivity/depth/", d)] = s[i].Signal()
		}
	})
}

// noiseLevels varies the noise on the images, and the noise against which a kernel's
// directions are counted.
func (m *measurer) noiseLevels(ctx context.Context) error {
	for _, std := range stds {
		if err := m.sensitivity(ctx, fmt.Sprint("std/", std), m.net, sensitivityImages, 2, std, m.pictures); err != nil {
			return err
		}
	}
	return m.spectra(ctx, m.net, m.noise, entropyImages, nngpkit.Maximum, []int{4}, func(_ int, s *gp.Spectra) {
		for _, l := range s.Levels {
			m.values[fmt.Sprint("dimension/level/", l.Epsilon)] = l.EffectiveDimension
		}
	})
}

// dead counts channels whose global maximum is zero for all images: the share of
// all channels at the end of the network, the mean over members.
func (m *measurer) dead(ctx context.Context) error {
	net, _, err := m.net.Probed(arch.Probe{Name: "end", Node: m.net.End(), Pooling: arch.Maximum})
	if err != nil {
		return err
	}
	idx := make([]int, entropyImages)
	for i := range idx {
		idx[i] = i
	}
	x, err := m.noise.Batch(idx, imageset.CIFAR10Normalization)
	if err != nil {
		return err
	}
	plan, err := m.pool.Compile(net, forward.Config{Norm: forward.None, Seed: m.seed, Threads: 1})
	if err != nil {
		return err
	}
	const members = 4
	silent, all := 0, 0
	for member := range members {
		f, err := plan.Features(ctx, member, x, nil)
		if err != nil {
			return err
		}
		for k := range f.D {
			on := false
			for i := range f.N {
				on = on || f.Data[i*f.D+k] > 0
			}
			if !on {
				silent++
			}
			all++
		}
	}
	m.values["dead/share"] = float64(silent) / float64(all)
	return nil
}
