package arch

import "fmt"

// Shape is the size of the activations of one image.
type Shape struct {
	H, W, C int
}

// Size returns H*W*C.
func (s Shape) Size() int { return s.H * s.W * s.C }

// String returns the shape as HxWxC.
func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.H, s.W, s.C) }

// limit bounds every size and parameter of a node, so that no product of two
// of them overflows; maxValues bounds the values of an image at a node, and
// its weights.
const (
	limit     = 1 << 24
	maxValues = 1<<31 - 1
)

// check returns what is wrong with the shape, or nil.
func (s Shape) check() error {
	if s.H < 1 || s.W < 1 || s.C < 1 {
		return fmt.Errorf("shape %v is not positive", s)
	}
	if s.H > limit || s.W > limit || s.C > limit || s.H*s.W > maxValues || s.H*s.W*s.C > maxValues {
		return fmt.Errorf("shape %v is too large", s)
	}
	return nil
}

// inputsOf returns how many inputs a kind takes, -1 for any positive number.
func inputsOf(k Kind) int {
	switch k {
	case Input:
		return 0
	case Scale:
		return 2
	case Sum, Concat:
		return -1
	}
	return 1
}

// outShape returns the shape of a node's result that its inputs imply. The
// node's own channels count where the kind has that choice (Kind.sized).
func outShape(nd *Node, in []Shape) (Shape, error) {
	switch want := inputsOf(nd.Kind); {
	case int(nd.Kind) >= len(kindNames):
		return Shape{}, fmt.Errorf("unknown operation %v", nd.Kind)
	case want < 0 && len(in) == 0:
		return Shape{}, fmt.Errorf("%v of no inputs", nd.Kind)
	case want >= 0 && len(in) != want:
		return Shape{}, fmt.Errorf("%v of %d inputs, not %d", nd.Kind, len(in), want)
	}
	if nd.Kind.sized() && nd.Out.C < 1 {
		return Shape{}, fmt.Errorf("%d channels", nd.Out.C)
	}
	switch nd.Kind {
	case Input:
		return nd.Out, nil
	case Conv, Depthwise, MaxPool, AvgPool:
		return windowShape(nd, in[0])
	case Dense:
		return Shape{1, 1, nd.Out.C}, nil
	case GlobalAvgPool:
		return Shape{1, 1, in[0].C}, nil
	case Scale:
		if in[1] != (Shape{1, 1, in[0].C}) && in[1] != in[0] {
			return Shape{}, fmt.Errorf("factor of shape %v for an input of %v", in[1], in[0])
		}
		return in[0], nil
	case Sum, Concat:
		return combinedShape(nd, in)
	case BatchNorm, Activate, Skip:
		return in[0], nil
	case Zero:
		if nd.Stride < 1 || nd.Stride > limit {
			return Shape{}, fmt.Errorf("stride %d must be positive", nd.Stride)
		}
		return Shape{ceilDiv(in[0].H, nd.Stride), ceilDiv(in[0].W, nd.Stride), nd.Out.C}, nil
	case Pad:
		if !nd.Padding.Explicit {
			return Shape{}, fmt.Errorf("the padding is not explicit")
		}
		if err := nd.Padding.check(); err != nil {
			return Shape{}, err
		}
		p := nd.Padding
		return Shape{in[0].H + p.Top + p.Bottom, in[0].W + p.Left + p.Right, in[0].C}, nil
	case Slice:
		if nd.First < 0 || nd.First > in[0].C-nd.Out.C {
			return Shape{}, fmt.Errorf("channels %d to %d of an input of %v", nd.First, nd.First+nd.Out.C-1, in[0])
		}
		return Shape{in[0].H, in[0].W, nd.Out.C}, nil
	case Shuffle:
		if nd.Groups < 1 || in[0].C%nd.Groups != 0 {
			return Shape{}, fmt.Errorf("%d channels in %d groups", in[0].C, nd.Groups)
		}
		return in[0], nil
	}
	return Shape{}, fmt.Errorf("unknown operation %v", nd.Kind)
}

func (p Padding) check() error {
	for _, n := range [4]int{p.Top, p.Left, p.Bottom, p.Right} {
		if n < 0 || n > limit || n > 0 && !p.Explicit {
			return fmt.Errorf("padding %d,%d,%d,%d is not explicit or out of range", p.Top, p.Left, p.Bottom, p.Right)
		}
	}
	return nil
}

// windowShape returns the shape of a convolution or pooling.
func windowShape(nd *Node, in Shape) (Shape, error) {
	for _, p := range []struct {
		name  string
		value int
		least int
	}{
		{"kernel", nd.Kernel, 1}, {"stride", nd.Stride, 1}, {"dilation", nd.Dilation, 0}, {"groups", nd.Groups, 0},
		{"width of the kernel", nd.KernelW, 0}, {"stride along rows", nd.StrideW, 0}, {"dilation along rows", nd.DilationW, 0},
	} {
		if p.value < p.least || p.value > limit {
			return Shape{}, fmt.Errorf("kernel %d and stride %d must be positive: %s %d", nd.Kernel, nd.Stride, p.name, p.value)
		}
	}
	if nd.Kernel*max(nd.Kernel, nd.KernelW) > maxValues {
		return Shape{}, fmt.Errorf("kernel %d is too large", max(nd.Kernel, nd.KernelW))
	}
	if err := nd.Padding.check(); err != nil {
		return Shape{}, err
	}
	rows, columns := nd.Window(in)
	var err error
	out := Shape{C: in.C}
	if nd.Kind == Conv {
		out.C = nd.Out.C
		if g := max(1, nd.Groups); in.C%g != 0 || out.C%g != 0 {
			return Shape{}, fmt.Errorf("%d groups of %d input and %d output channels", g, in.C, out.C)
		}
	}
	if out.H, err = rows.outputs(nd.Padding, nd.Padding.Bottom); err != nil {
		return Shape{}, err
	}
	if out.W, err = columns.outputs(nd.Padding, nd.Padding.Right); err != nil {
		return Shape{}, err
	}
	if err := out.check(); err != nil {
		return Shape{}, err
	}
	if nd.Kind == MaxPool || nd.Kind == AvgPool && !nd.CountPad {
		sized := *nd
		sized.Out = out
		if rows, columns := sized.Window(in); rows.empty() || columns.empty() {
			return Shape{}, fmt.Errorf("a window lies in the padding alone, whose %v has no value", nd.Kind)
		}
	}
	return out, nil
}

// combinedShape returns the shape of a sum or concatenation.
func combinedShape(nd *Node, in []Shape) (Shape, error) {
	total := 0
	for _, s := range in {
		if s.H != in[0].H || s.W != in[0].W {
			return Shape{}, fmt.Errorf("inputs of %v and %v differ in size", in[0], s)
		}
		if nd.Kind == Sum && s.C < nd.Out.C {
			return Shape{}, fmt.Errorf("an input of %v has fewer than %d channels", s, nd.Out.C)
		}
		total += s.C
	}
	if nd.Kind == Sum {
		total = nd.Out.C
	}
	return Shape{in[0].H, in[0].W, total}, nil
}
