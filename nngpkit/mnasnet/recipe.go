package mnasnet

import (
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// StemWidth is the number of channels of the stem of the published networks.
const StemWidth = 32

// ImageShape is the input for which networks are published. Accel-NASBench counts
// operations at this size, and trained at 160 and 192 pixels.
var ImageShape = arch.Shape{H: 224, W: 224, C: 3}

// Batch normalization of both spaces.
const (
	normEpsilon  = 1e-3
	normMomentum = 0.99
)

// strides are the steps of the first block of each stage; the stem's is 2.
var strides = [Stages]int{1, 2, 2, 2, 1, 2, 1}

// stage is one of a network: its blocks but for the width.
type stage struct {
	conv      bool // plain convolutions in place of inverted residuals
	expansion int
	kernel    int
	layers    int
	se        bool
	channels  int // of the output, at the published width
}

// recipe is what both spaces make of their decisions: a network but for its width
// and its images.
type recipe struct {
	name    string
	stages  [Stages]stage
	head    int // channels of the last convolution, at the published width
	classes int

	squeeze arch.Activation // inside of squeeze-and-excite; Identity means that of the network
	gate    arch.Activation // its factors, in a network of ReLUs
	init    arch.Init
}

// Skeleton says how wide a network is built, for which images, and with which
// functions. The zero value is the published network.
type Skeleton struct {
	Width      int        // channels of the stem, by which all others are scaled; 0 means 32
	Multiplier float64    // of all channels, in place of Width; 0 means Width / 32
	Input      arch.Shape // of the images; the zero shape means 224x224x3
	Classes    int        // outputs of the trained network; 0 means the published number

	// Act is ReLU or Swish; the zero value, Identity, means ReLU, with which the
	// published networks were trained. With Swish the gates of squeeze-and-excite
	// are sigmoids in both spaces.
	Act arch.Activation

	// Init says how the weights of all layers are drawn; nil means as published.
	Init *arch.Init
}

const (
	maxWidth  = 1 << 12 // of a stem
	maxValues = math.MaxInt32
)

// resolved returns the skeleton with its zeros replaced, for a recipe, or an error.
func (k Skeleton) resolved(r *recipe) (Skeleton, error) {
	if k.Input == (arch.Shape{}) {
		k.Input = ImageShape
	}
	if k.Classes == 0 {
		k.Classes = r.classes
	}
	if k.Act == arch.Identity {
		k.Act = arch.ReLU
	}
	if k.Init == nil {
		k.Init = &r.init
	}
	if k.Width != 0 && k.Multiplier != 0 {
		return k, fmt.Errorf("mnasnet: both a width (%d) and a multiplier (%g)", k.Width, k.Multiplier)
	}
	if k.Multiplier == 0 {
		if k.Width == 0 {
			k.Width = StemWidth
		}
		if k.Width < 1 || k.Width > maxWidth {
			return k, fmt.Errorf("mnasnet: a width of %d: want 1 to %d", k.Width, maxWidth)
		}
		k.Multiplier = float64(k.Width) / StemWidth
	}
	in := k.Input
	switch {
	case !(k.Multiplier > 0 && k.Multiplier <= maxWidth/StemWidth):
		return k, fmt.Errorf("mnasnet: a multiplier of %g: want more than 0 and at most %d", k.Multiplier, maxWidth/StemWidth)
	case k.Classes < 1 || k.Classes > 1<<24:
		return k, fmt.Errorf("mnasnet: %d classes", k.Classes)
	case in.H < 1 || in.W < 1 || in.C < 1 || in.H > 1<<14 || in.W > 1<<14 || in.C > 1<<12:
		return k, fmt.Errorf("mnasnet: images of %v", in)
	case k.Act != arch.ReLU && k.Act != arch.Swish:
		return k, fmt.Errorf("mnasnet: activation %v: want %v or %v", k.Act, arch.ReLU, arch.Swish)
	}
	return k, nil
}

// scaled returns a number of channels at the skeleton's width, to the nearest.
func (k *Skeleton) scaled(channels int) int {
	return max(1, int(math.Floor(float64(channels)*k.Multiplier+0.5)))
}

// squeezed returns the channels inside of squeeze-and-excite, of a block that
// reads so many.
func squeezed(in int) int { return max(1, in/4) }
