package nasbench201

// layers visits the linear maps, normalizations, activations and means of the
// network, with the values of one image that each gives: what every count of
// costs is made of.
type layers struct {
	conv func(kernel, in, out, pixels int)
	norm func(channels, pixels int)
	relu func(channels, pixels int)
	pool func(kernel, channels, pixels int) // kernel x kernel, per output
}

func (c Cell) visit(k Skeleton, v layers) {
	pixels, width := k.Input.H*k.Input.W, k.Width
	v.conv(3, k.Input.C, width, pixels)
	v.norm(width, pixels)
	for stage := 0; stage < Stages; stage++ {
		if stage > 0 {
			in, before := width, pixels
			width, pixels = 2*width, pixels/4
			v.relu(in, before)
			v.conv(3, in, width, pixels)
			v.norm(width, pixels)
			v.relu(width, pixels)
			v.conv(3, width, width, pixels)
			v.norm(width, pixels)
			v.pool(2, in, pixels)
			v.conv(1, in, width, pixels)
		}
		for range k.Cells {
			c.visitCell(width, pixels, v)
		}
	}
	v.norm(width, pixels)
	v.relu(width, pixels)
}

func (c Cell) visitCell(width, pixels int, v layers) {
	for _, o := range c {
		kernel := 0
		switch o {
		case None, Skip: // cost nothing
		case AvgPool3x3:
			v.pool(3, width, pixels)
		case Conv1x1:
			kernel = 1
		case Conv3x3:
			kernel = 3
		default:
			panic("nasbench201: no cost of " + o.String())
		}
		if kernel > 0 {
			v.relu(width, pixels)
			v.conv(kernel, width, width, pixels)
			v.norm(width, pixels)
		}
	}
}

// Parameters returns the number of trainable parameters of the network, the
// classifier included: of the zero Skeleton what published tables call params.
// It equals Network(k).Parameters(), and is zero where that is an error.
func (c Cell) Parameters(k Skeleton) int {
	if k = k.withDefaults(); c.Validate() != nil || k.check() != nil {
		return 0
	}
	total := 0
	c.visit(k, layers{
		conv: func(kernel, in, out, _ int) { total += kernel * kernel * in * out },
		norm: func(channels, _ int) { total += 2 * channels },
		relu: func(int, int) {}, pool: func(int, int, int) {},
	})
	return total + 4*k.Width*k.Classes + k.Classes
}

// MACs returns the multiply-accumulate operations of one image: convolutions,
// padding included, and the classifier. Twice that is Network(k).FLOPs(). It is
// zero where Network(k) is an error.
func (c Cell) MACs(k Skeleton) int64 {
	if k = k.withDefaults(); c.Validate() != nil || k.check() != nil {
		return 0
	}
	var total int64
	c.visit(k, layers{
		conv: func(kernel, in, out, pixels int) { total += int64(kernel*kernel*in*out) * int64(pixels) },
		norm: func(int, int) {}, relu: func(int, int) {}, pool: func(int, int, int) {},
	})
	return total + int64(4*k.Width*k.Classes)
}

// PublishedFLOPs returns the operations of one image as NASLib's tables of
// proxies count them, with TensorWatch's rules: MACs; two for every value that
// is normalized; one for every value that a ReLU reads; k*k for every value of
// a k x k mean; and for the global mean, of a last image of h x w, (h+1)*(w+1)
// per channel. It is zero where Network(k) is an error.
func (c Cell) PublishedFLOPs(k Skeleton) int64 {
	if k = k.withDefaults(); c.Validate() != nil || k.check() != nil {
		return 0
	}
	total := c.MACs(k)
	c.visit(k, layers{
		conv: func(int, int, int, int) {},
		norm: func(channels, pixels int) { total += 2 * int64(channels) * int64(pixels) },
		relu: func(channels, pixels int) { total += int64(channels) * int64(pixels) },
		pool: func(kernel, channels, pixels int) {
			total += int64(kernel*kernel) * int64(channels) * int64(pixels)
		},
	})
	return total + int64((k.Input.H/4+1)*(k.Input.W/4+1)*4*k.Width)
}
