package sweep

import (
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/forward"
)

// Setting says how networks are scored. Its zero value is the public notebook's
// protocol: width 128, 500 + 200 images, 4 members, moving-average
// normalization from 100 images.
type Setting struct {
	Width     int          `json:"width"`      // channels of the stem; 0 means 128
	Train     int          `json:"train"`      // training images; 0 means 500
	Val       int          `json:"val"`        // validation images; 0 means 200
	Members   int          `json:"members"`    // 0 means 4
	NormBatch int          `json:"norm_batch"` // images that set the normalization; 0 means 100, or Train if that is less
	Norm      forward.Norm `json:"norm"`
	Draw      forward.Draw `json:"draw"`
	Seed      uint64       `json:"seed"`       // of weights and normalization batches
	SplitSeed uint64       `json:"split_seed"` // of the choice of images
}

// Resolved returns the setting with its zeros replaced.
func (s Setting) Resolved() Setting {
	if s.Width == 0 {
		s.Width = nngpkit.DefaultWidth
	}
	c := s.Config().Resolved()
	s.Train, s.Val, s.Members, s.NormBatch = c.Train, c.Val, c.Members, c.NormBatch
	return s
}

// String describes the setting in a line.
func (s Setting) String() string {
	s = s.Resolved()
	norm := s.Norm.String()
	if s.Norm != forward.None {
		norm += fmt.Sprintf(" from %d images", s.NormBatch)
	}
	return fmt.Sprintf("width %d, %d + %d images, %d members, norm %s, seed %d", s.Width, s.Train, s.Val, s.Members, norm, s.Seed)
}

// Check returns why no table can hold scores of the setting, or nil: seeds are
// columns of whole numbers, which go to 2^63-1.
func (s Setting) Check() error {
	for _, c := range []struct {
		name string
		seed uint64
	}{{"seed", s.Seed}, {"split seed", s.SplitSeed}} {
		if c.seed > math.MaxInt64 {
			return fmt.Errorf("sweep: %s %d: tables hold seeds of at most %d", c.name, c.seed, math.MaxInt64)
		}
	}
	return nil
}

// Config returns the setting as an evaluation takes it.
func (s Setting) Config() nngpkit.Config {
	return nngpkit.Config{
		Train: s.Train, Val: s.Val, Members: s.Members, Norm: s.Norm, NormBatch: s.NormBatch, Draw: s.Draw,
		Seed: s.Seed, SplitSeed: s.SplitSeed,
	}
}

// Pass is one setting of an experiment, and where on its way scores are taken:
// the kernel is a running mean over members, and the kernel of fewer training
// images is a part of it, so neither costs another forward pass.
type Pass struct {
	Setting                // Members is the last of At
	At      []int          // numbers of members, rising
	Sizes   []int          // numbers of training images, the first of Train; nil means Train alone
	Views   []nngpkit.View // of the network that make kernels; nil means nngpkit.Raw alone
}

// WideWidth is the width from which one network uses all threads; below it, each
// thread scores a network of its own, which wastes less.
const WideWidth = 64
