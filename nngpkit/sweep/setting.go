package sweep

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// Pass is one setting of an experiment, and where on its way scores are taken:
// the kernel is a running mean over members, and the kernel of fewer training
// images is a part of it, so neither costs another forward pass.
type Pass struct {
	Setting       // Members is the last of At
	At      []int // numbers of members, rising
	Sizes   []int // numbers of training images, the first of Train; nil means Train alone
	Kernels []string
	// Estimator names how weights are drawn, as forward.ParseDraw reads it; ""
	// means "independent".
	Estimator string
}

// AllKernels are the kernels that a pass gives without another one.
var AllKernels = []string{RawKernel, StandardisedKernel, DepthsKernel, MaximaKernel}

// Names of what a pass may say of its weights and kernels.
const (
	Independent  = "independent" // estimator: every weight is drawn on its own; see forward.Draw for others
	RawKernel    = "raw"         // kernel: as estimated
	CosineKernel = "cosine"      // kernel: divided by the norms of the images' features

	// Kernels of other views of the network, see package nngpkit.
	StandardisedKernel = string(nngpkit.Standardised)
	DepthsKernel       = string(nngpkit.Depths)
	MaximaKernel       = string(nngpkit.Maxima)
)

// Setting says how cells are scored. Its zero value is the public notebook's
// protocol: stem 128, 500 + 200 images, 4 members, moving-average
// normalisation from 100 images.
type Setting struct {
	Width     int // channels of the stem; 0 means 128
	Train     int // training images; 0 means 500
	Val       int // validation images; 0 means 200
	Members   int // 0 means 4
	NormBatch int // images that set the normalisation; 0 means 100, or Train if that is less
	Norm      forward.Norm
	Seed      uint64 // of weights and normalisation batches
	SplitSeed uint64 // of the choice of images
}

// Resolved returns the setting with its zeros replaced.
func (s Setting) Resolved() Setting {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&s.Width, nasbench.StemWidth)
	def(&s.Train, 500)
	def(&s.Val, 200)
	def(&s.Members, 4)
	def(&s.NormBatch, min(100, s.Train))
	return s
}

// String describes the setting in a line.
func (s Setting) String() string {
	s = s.Resolved()
	return fmt.Sprintf("stem %d, %d + %d images, %d members, norm %v from %d images, seed %d",
		s.Width, s.Train, s.Val, s.Members, s.Norm, s.NormBatch, s.Seed)
}

// Config returns the setting as an evaluation takes it.
func (s Setting) Config() nngpkit.Config {
	return nngpkit.Config{
		Train: s.Train, Val: s.Val, Members: s.Members, Norm: s.Norm, NormBatch: s.NormBatch,
		Seed: s.Seed, SplitSeed: s.SplitSeed,
	}
}

// WideStem is the stem from which one network uses all threads; below it, each
// thread scores a network of its own, which wastes less.
const WideStem = 64
