package mnasnet

import (
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// Cost is what a network costs, counted without building it.
type Cost struct {
	// Parameters are the trainable ones, the final dense layer included: what
	// Accel-NASBench's tables call params.
	Parameters int

	// MACs are the plain multiply-accumulates of one image: linear maps alone,
	// padding and the final dense layer included. Twice that is
	// arch.Network.FLOPs.
	MACs int64

	// ThopMACs are those of one image by the rule of the tool thop, 0.1.1, with
	// which Accel-NASBench's tables are counted: MACs; four for each value that is
	// normalized; for each global mean, its inputs and its outputs.
	ThopMACs int64

	// StageParameters are those of each stage, without stem and head.
	StageParameters [Stages]int
}

// costs adds up the layers of a network.
type costs struct {
	pixels int // of a channel, H x W
	h, w   int
	params int
	macs   int64
	norms  int64 // values that are normalized
	pooled int64 // inputs and outputs of global means
	err    error
}

// conv counts a convolution of so many groups, and its normalization or bias.
func (c *costs) conv(kernel, stride, in, out, groups int, norm bool) {
	c.h, c.w = (c.h-1)/stride+1, (c.w-1)/stride+1
	c.pixels = c.h * c.w
	weights := kernel * kernel * (in / groups) * out
	c.macs += int64(weights) * int64(c.pixels)
	c.params += weights + out
	if norm {
		c.params += out
		c.norms += int64(out) * int64(c.pixels)
	}
	if c.pixels*out > maxValues || weights > maxValues {
		c.err = errors.New("mnasnet: the network is too large")
	}
}

// pool counts a global mean over so many channels.
func (c *costs) pool(channels int) { c.pooled += int64(channels) * int64(c.pixels+1) }

// squeezeExcite counts the factors of so many channels.
func (c *costs) squeezeExcite(channels, inside int) {
	c.pool(channels)
	h, w, pixels := c.h, c.w, c.pixels
	c.h, c.w = 1, 1
	c.conv(1, 1, channels, inside, 1, false)
	c.conv(1, 1, inside, channels, 1, false)
	c.h, c.w, c.pixels = h, w, pixels
}

// block counts one block of a stage.
func (c *costs) block(st *stage, stride, in, out int) {
	if st.conv {
		c.conv(st.kernel, stride, in, out, 1, true)
		return
	}
	wide := in * st.expansion
	if st.expansion != 1 {
		c.conv(1, 1, in, wide, 1, true)
	}
	c.conv(st.kernel, stride, wide, wide, wide, true)
	if st.se {
		c.squeezeExcite(wide, squeezed(in))
	}
	c.conv(1, 1, wide, out, 1, true)
}

// cost counts the network of a recipe. The error is that of network.
func (r *recipe) cost(k Skeleton) (Cost, error) {
	k, err := k.resolved(r)
	if err != nil {
		return Cost{}, err
	}
	in := k.Input
	if in.H*in.W*in.C > maxValues {
		return Cost{}, fmt.Errorf("mnasnet: images of %v", in)
	}
	var cost Cost
	c := costs{h: in.H, w: in.W}
	channels := k.scaled(StemWidth)
	c.conv(3, 2, in.C, channels, 1, true)
	for s := range r.stages {
		st, before := &r.stages[s], c.params
		for i := range st.layers {
			stride, out := 1, k.scaled(st.channels)
			if i == 0 {
				stride = strides[s]
			}
			c.block(st, stride, channels, out)
			channels = out
		}
		cost.StageParameters[s] = c.params - before
	}
	head := k.scaled(r.head)
	c.conv(1, 1, channels, head, 1, true)
	c.pool(head)
	if c.err != nil {
		return Cost{}, c.err
	}
	dense := int64(head) * int64(k.Classes)
	cost.Parameters = c.params + int(dense) + k.Classes
	cost.MACs = c.macs + dense
	cost.ThopMACs = cost.MACs + 4*c.norms + c.pooled
	return cost, nil
}

// published is cost of the published network, which cannot fail.
func (r *recipe) published() Cost {
	c, err := r.cost(Skeleton{})
	if err != nil {
		panic(err)
	}
	return c
}

// macsAt is what space.Coster asks for.
func (r *recipe) macsAt(width int, input arch.Shape) (int64, error) {
	k, err := skeletonOf(width, input)
	if err != nil {
		return 0, err
	}
	c, err := r.cost(k)
	return c.MACs, err
}

// skeletonOf is a skeleton as package space asks for it, where zero is no width.
func skeletonOf(width int, input arch.Shape) (Skeleton, error) {
	if width < 1 {
		return Skeleton{}, fmt.Errorf("mnasnet: a width of %d: want at least 1", width)
	}
	return Skeleton{Width: width, Input: input}, nil
}
