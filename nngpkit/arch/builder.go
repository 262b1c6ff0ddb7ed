package arch

import "fmt"

// Builder makes a Network node by node. Each method appends one node and
// returns its index, to be passed on as an input. The first mistake is kept,
// later calls then do nothing, and Network returns it: a network can be
// written down without checking each step.
type Builder struct {
	net Network
	err error
}

// NewBuilder starts a network that reads images of the given shape. The input
// is node 0.
func NewBuilder(name string, input Shape) *Builder {
	b := &Builder{net: Network{Name: name}}
	if input.H <= 0 || input.W <= 0 || input.C <= 0 {
		b.err = fmt.Errorf("arch: network %q: input shape %v is not positive", name, input)
	}
	b.net.Nodes = append(b.net.Nodes, Node{Name: "input", Kind: Input, Out: input})
	return b
}

// Layer describes a layer with weights for the Builder.
type Layer struct {
	Name     string
	Channels int // outputs; ignored by Depthwise
	Kernel   int // window side; 0 means 1
	Stride   int // 0 means 1

	Norm         bool
	NormEpsilon  float64 // 0 means 1e-5, NAS-Bench-101's
	NormMomentum float64 // 0 means 0.997, NAS-Bench-101's
	Bias         bool
	Act          Activation
	Init         Init
}

// Shape returns the output shape of node i, for callers that size the next
// layer by it.
func (b *Builder) Shape(i int) Shape {
	if b.err != nil || i < 0 || i >= len(b.net.Nodes) {
		return Shape{}
	}
	return b.net.Nodes[i].Out
}

func (b *Builder) fail(name, format string, args ...any) int {
	if b.err == nil {
		b.err = fmt.Errorf("arch: network %q: node %d (%s): %s", b.net.Name, len(b.net.Nodes), name, fmt.Sprintf(format, args...))
	}
	return 0
}

func (b *Builder) add(n Node, out func(in []Shape) (Shape, error)) int {
	if b.err != nil {
		return 0
	}
	label := n.Name
	if label == "" {
		label = n.Kind.String()
	}
	if len(n.In) == 0 {
		return b.fail(label, "no inputs")
	}
	shapes := make([]Shape, len(n.In))
	for i, j := range n.In {
		if j < 0 || j >= len(b.net.Nodes) {
			return b.fail(label, "input %d does not exist yet", j)
		}
		shapes[i] = b.net.Nodes[j].Out
	}
	s, err := out(shapes)
	if err != nil {
		return b.fail(label, "%v", err)
	}
	n.Out = s
	b.net.Nodes = append(b.net.Nodes, n)
	return len(b.net.Nodes) - 1
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func windowed(s Shape, kernel, stride, channels int) (Shape, error) {
	if kernel < 1 || stride < 1 {
		return Shape{}, fmt.Errorf("kernel %d and stride %d must be positive", kernel, stride)
	}
	if channels < 1 {
		return Shape{}, fmt.Errorf("%d channels", channels)
	}
	return Shape{ceilDiv(s.H, stride), ceilDiv(s.W, stride), channels}, nil
}

func (b *Builder) layer(kind Kind, in int, l Layer, out func(s Shape, l Layer) (Shape, error)) int {
	if l.Kernel == 0 {
		l.Kernel = 1
	}
	if l.Stride == 0 {
		l.Stride = 1
	}
	n := Node{Name: l.Name, Kind: kind, In: []int{in}, Kernel: l.Kernel, Stride: l.Stride, Norm: l.Norm, Bias: l.Bias, Act: l.Act, Init: l.Init}
	if l.Norm {
		n.NormEpsilon, n.NormMomentum = l.NormEpsilon, l.NormMomentum
		if n.NormEpsilon == 0 {
			n.NormEpsilon = 1e-5
		}
		if n.NormMomentum == 0 {
			n.NormMomentum = 0.997
		}
		if n.NormEpsilon < 0 || n.NormMomentum < 0 || n.NormMomentum > 1 {
			return b.fail(l.Name, "normalisation epsilon %g and momentum %g out of range", n.NormEpsilon, n.NormMomentum)
		}
	}
	return b.add(n, func(in []Shape) (Shape, error) { return out(in[0], l) })
}

// Conv appends a convolution with 'same' padding: zero padding such that the
// output has ceil(H / stride) rows, the extra row and column, where the total
// is odd, at the end (TensorFlow's rule).
func (b *Builder) Conv(in int, l Layer) int {
	return b.layer(Conv, in, l, func(s Shape, l Layer) (Shape, error) { return windowed(s, l.Kernel, l.Stride, l.Channels) })
}

// Depthwise appends a depthwise convolution with 'same' padding; the number
// of channels is that of the input.
func (b *Builder) Depthwise(in int, l Layer) int {
	return b.layer(Depthwise, in, l, func(s Shape, l Layer) (Shape, error) { return windowed(s, l.Kernel, l.Stride, s.C) })
}

// Dense appends a fully connected layer over all values of the input.
func (b *Builder) Dense(in int, l Layer) int {
	l.Kernel, l.Stride = 1, 1
	return b.layer(Dense, in, l, func(s Shape, l Layer) (Shape, error) {
		if l.Channels < 1 {
			return Shape{}, fmt.Errorf("%d channels", l.Channels)
		}
		return Shape{1, 1, l.Channels}, nil
	})
}

// MaxPool appends a maximum over kernel x kernel windows, 'same' padding.
func (b *Builder) MaxPool(in, kernel, stride int) int { return b.pool(MaxPool, in, kernel, stride) }

// AvgPool appends a mean over kernel x kernel windows, 'same' padding; padded
// positions do not count.
func (b *Builder) AvgPool(in, kernel, stride int) int { return b.pool(AvgPool, in, kernel, stride) }

func (b *Builder) pool(kind Kind, in, kernel, stride int) int {
	return b.add(Node{Kind: kind, In: []int{in}, Kernel: kernel, Stride: stride}, func(s []Shape) (Shape, error) {
		return windowed(s[0], kernel, stride, s[0].C)
	})
}

// GlobalAvgPool appends the mean over all pixels of each channel.
func (b *Builder) GlobalAvgPool(in int) int {
	return b.add(Node{Kind: GlobalAvgPool, In: []int{in}}, func(s []Shape) (Shape, error) { return Shape{1, 1, s[0].C}, nil })
}

// Sum appends the element-wise sum of its inputs, each cut to its first
// channels channels. With a single input it is that cut alone.
func (b *Builder) Sum(channels int, in ...int) int {
	return b.add(Node{Kind: Sum, In: in}, func(s []Shape) (Shape, error) {
		for i := range s {
			if s[i].H != s[0].H || s[i].W != s[0].W {
				return Shape{}, fmt.Errorf("inputs of %v and %v differ in size", s[0], s[i])
			}
			if s[i].C < channels {
				return Shape{}, fmt.Errorf("an input of %v has fewer than %d channels", s[i], channels)
			}
		}
		if channels < 1 {
			return Shape{}, fmt.Errorf("%d channels", channels)
		}
		return Shape{s[0].H, s[0].W, channels}, nil
	})
}

// Concat appends the concatenation of its inputs along the channels.
func (b *Builder) Concat(in ...int) int {
	return b.add(Node{Kind: Concat, In: in}, func(s []Shape) (Shape, error) {
		c := 0
		for i := range s {
			if s[i].H != s[0].H || s[i].W != s[0].W {
				return Shape{}, fmt.Errorf("inputs of %v and %v differ in size", s[0], s[i])
			}
			c += s[i].C
		}
		return Shape{s[0].H, s[0].W, c}, nil
	})
}

// Scale appends the product of x with a 1 x 1 factor for each channel.
func (b *Builder) Scale(x, factor int) int {
	return b.add(Node{Kind: Scale, In: []int{x, factor}}, func(s []Shape) (Shape, error) {
		if s[1] != (Shape{1, 1, s[0].C}) {
			return Shape{}, fmt.Errorf("factor of shape %v for an input of %v", s[1], s[0])
		}
		return s[0], nil
	})
}

// Network returns the finished network, whose features are the last node
// added, or the first mistake made. classes is the number of outputs of the
// trained network's final dense layer, 0 for none.
func (b *Builder) Network(classes int) (*Network, error) {
	if b.err != nil {
		return nil, b.err
	}
	if classes < 0 {
		return nil, fmt.Errorf("arch: network %q: %d classes", b.net.Name, classes)
	}
	if len(b.net.Nodes) < 2 {
		return nil, fmt.Errorf("arch: network %q has no layers", b.net.Name)
	}
	net := Network{Name: b.net.Name, Classes: classes, Nodes: append([]Node(nil), b.net.Nodes...), Marks: append([]Mark(nil), b.net.Marks...)}
	return &net, nil
}
