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
	if err := input.check(); err != nil {
		b.err = fmt.Errorf("arch: network %q: input %w", name, err)
	}
	b.net.Nodes = append(b.net.Nodes, Node{Name: "input", Kind: Input, Out: input})
	return b
}

// Layer describes a layer with weights, or a normalization, for the Builder.
// The fields are those of a Node.
type Layer struct {
	Name     string
	Channels int // outputs; Conv and Dense only

	Kernel, KernelW     int // window; 0 means 1, and a KernelW of 0 Kernel
	Stride, StrideW     int // 0 means 1, and a StrideW of 0 Stride
	Dilation, DilationW int // 0 means 1, and a DilationW of 0 Dilation
	Padding             Padding
	Groups              int // of a Conv; 0 means 1

	Norm         bool
	NormEpsilon  float64 // 0 means 1e-5, NAS-Bench-101's
	NormMomentum float64 // 0 means 0.997, NAS-Bench-101's
	Bias         bool
	Act          Activation
	Alpha, Beta  float64 // of Act; both 0 mean 0.01 for LeakyReLU, 1/6 and 1/2 for HardSigmoid
	Init         Init
}

// Pooling describes a pooling for the Builder. The fields are those of a Node.
type Pooling struct {
	Name                string
	Kernel, KernelW     int
	Stride, StrideW     int // 0 means 1, and a StrideW of 0 Stride
	Dilation, DilationW int // 0 means 1
	Padding             Padding
	CountPad            bool // AvgPool: padded positions are zeros that count (PyTorch's count_include_pad)
}

// Err returns the first mistake made so far, or nil.
func (b *Builder) Err() error { return b.err }

// Len returns the number of nodes so far, the input among them.
func (b *Builder) Len() int { return len(b.net.Nodes) }

// Shape returns the output shape of node i, for callers that size the next
// layer by it.
func (b *Builder) Shape(i int) Shape {
	if b.err != nil || i < 0 || i >= len(b.net.Nodes) {
		return Shape{}
	}
	return b.net.Nodes[i].Out
}

// add appends a node whose Out.C holds the channels where they are its choice.
func (b *Builder) add(n Node) int {
	if b.err != nil {
		return 0
	}
	fail := func(err error) int {
		b.err = fmt.Errorf("arch: network %q: node %d (%s): %w", b.net.Name, len(b.net.Nodes), n.label(), err)
		return 0
	}
	shapes := make([]Shape, len(n.In))
	for i, j := range n.In {
		if j < 0 || j >= len(b.net.Nodes) {
			return fail(fmt.Errorf("input %d does not exist yet", j))
		}
		shapes[i] = b.net.Nodes[j].Out
	}
	s, err := n.infer(shapes)
	if err != nil {
		return fail(err)
	}
	n.Out = s
	b.net.Nodes = append(b.net.Nodes, n)
	return len(b.net.Nodes) - 1
}

func (b *Builder) layer(kind Kind, in int, l Layer) int {
	n := Node{
		Name: l.Name, Kind: kind, In: []int{in},
		Kernel: or(l.Kernel, 1), KernelW: l.KernelW, Stride: or(l.Stride, 1), StrideW: l.StrideW,
		Dilation: l.Dilation, DilationW: l.DilationW, Padding: l.Padding, Groups: l.Groups,
		Norm: l.Norm, Bias: l.Bias, Act: l.Act, Init: l.Init,
	}
	n.Alpha, n.Beta = l.Act.withDefaults(l.Alpha, l.Beta)
	if l.Norm {
		n.NormEpsilon, n.NormMomentum = l.norm()
	}
	if kind != Depthwise { // whose channels are those of its input
		n.Out.C = l.Channels
	}
	return b.add(n)
}

func (l Layer) norm() (epsilon, momentum float64) {
	epsilon, momentum = l.NormEpsilon, l.NormMomentum
	if epsilon == 0 {
		epsilon = 1e-5
	}
	if momentum == 0 {
		momentum = 0.997
	}
	return epsilon, momentum
}

// Conv appends a convolution. Its weights are, for each of its groups,
// Channels/Groups outputs of as many inputs as the group has.
func (b *Builder) Conv(in int, l Layer) int { return b.layer(Conv, in, l) }

// Depthwise appends a depthwise convolution; the number of channels is that of
// the input.
func (b *Builder) Depthwise(in int, l Layer) int { return b.layer(Depthwise, in, l) }

// Dense appends a fully connected layer over all values of the input.
func (b *Builder) Dense(in int, l Layer) int {
	l.Kernel, l.Stride = 1, 1
	return b.layer(Dense, in, l)
}

// BatchNorm appends a batch normalization; of l it reads the name, NormEpsilon
// and NormMomentum.
func (b *Builder) BatchNorm(in int, l Layer) int {
	n := Node{Name: l.Name, Kind: BatchNorm, In: []int{in}}
	n.NormEpsilon, n.NormMomentum = l.norm()
	return b.add(n)
}

// Activate appends an activation, with its parameters, Alpha and Beta, where
// it has some. Without them LeakyReLU has slope 0.01 and HardSigmoid is
// x/6 + 1/2.
func (b *Builder) Activate(in int, act Activation, parameters ...float64) int {
	n := Node{Kind: Activate, Name: act.String(), In: []int{in}, Act: act}
	if k := len(parameters); k != 0 && k != act.parameters() {
		if b.err == nil {
			b.err = fmt.Errorf("arch: network %q: node %d: %v with %d parameters, it has %d", b.net.Name, len(b.net.Nodes), act, k, act.parameters())
		}
		return 0
	}
	switch len(parameters) {
	case 0:
		n.Alpha, n.Beta = act.withDefaults(0, 0)
	case 1:
		n.Alpha = parameters[0]
	case 2:
		n.Alpha, n.Beta = parameters[0], parameters[1]
	}
	return b.add(n)
}

// MaxPool appends a maximum over kernel x kernel windows, 'same' padding.
func (b *Builder) MaxPool(in, kernel, stride int) int {
	return b.add(Node{Kind: MaxPool, In: []int{in}, Kernel: kernel, Stride: stride})
}

// AvgPool appends a mean over kernel x kernel windows, 'same' padding; padded
// positions do not count.
func (b *Builder) AvgPool(in, kernel, stride int) int {
	return b.add(Node{Kind: AvgPool, In: []int{in}, Kernel: kernel, Stride: stride})
}

// MaxPoolOf appends a maximum over any window, with any padding.
func (b *Builder) MaxPoolOf(in int, p Pooling) int { return b.pool(MaxPool, in, p) }

// AvgPoolOf appends a mean over any window, with any padding.
func (b *Builder) AvgPoolOf(in int, p Pooling) int { return b.pool(AvgPool, in, p) }

func (b *Builder) pool(kind Kind, in int, p Pooling) int {
	return b.add(Node{
		Name: p.Name, Kind: kind, In: []int{in}, Kernel: p.Kernel, KernelW: p.KernelW, Stride: or(p.Stride, 1), StrideW: p.StrideW,
		Dilation: p.Dilation, DilationW: p.DilationW, Padding: p.Padding, CountPad: p.CountPad,
	})
}

// GlobalAvgPool appends the mean over all pixels of each channel.
func (b *Builder) GlobalAvgPool(in int) int { return b.add(Node{Kind: GlobalAvgPool, In: []int{in}}) }

// Sum appends the element-wise sum of its inputs, each cut to its first
// channels channels. With a single input it is that cut alone.
func (b *Builder) Sum(channels int, in ...int) int {
	return b.add(Node{Kind: Sum, In: in, Out: Shape{C: channels}})
}

// Concat appends the concatenation of its inputs along the channels.
func (b *Builder) Concat(in ...int) int { return b.add(Node{Kind: Concat, In: in}) }

// Scale appends the product of x with a factor: 1 x 1, one value for each
// channel, or of the shape of x, value by value.
func (b *Builder) Scale(x, factor int) int {
	return b.add(Node{Kind: Scale, In: []int{x, factor}})
}

// Skip appends the identity operation.
func (b *Builder) Skip(in int) int { return b.add(Node{Kind: Skip, In: []int{in}}) }

// Zero appends zeros of the size of the input divided by the stride, rounded
// up, and so many channels: the 'none' operation of cell spaces. A Sum that
// reads it costs no more than without.
func (b *Builder) Zero(in, channels, stride int) int {
	return b.add(Node{Kind: Zero, In: []int{in}, Stride: stride, Out: Shape{C: channels}})
}

// Pad appends the input with zeros around it. Where a convolution or pooling
// can have the padding itself, that is better: a MaxPool after Pad sees zeros.
func (b *Builder) Pad(in, top, left, bottom, right int) int {
	return b.add(Node{Kind: Pad, In: []int{in}, Padding: PaddedSides(top, left, bottom, right)})
}

// Slice appends the channels [first, first+channels) of the input.
func (b *Builder) Slice(in, first, channels int) int {
	return b.add(Node{Kind: Slice, In: []int{in}, First: first, Out: Shape{C: channels}})
}

// Split appends a slice for each of the sizes, one after another, which must
// add up to the channels of the input.
func (b *Builder) Split(in int, sizes ...int) []int {
	total := 0
	for _, n := range sizes {
		total += n
	}
	if c := b.Shape(in).C; b.err == nil && in >= 0 && in < len(b.net.Nodes) && total != c {
		b.err = fmt.Errorf("arch: network %q: node %d: %d channels split into %v", b.net.Name, len(b.net.Nodes), c, sizes)
	}
	parts := make([]int, len(sizes))
	first := 0
	for i, n := range sizes {
		parts[i] = b.Slice(in, first, n)
		first += n
	}
	return parts
}

// Shuffle appends a channel shuffle: channel g*C/groups + j becomes channel
// j*groups + g, as in ShuffleNet.
func (b *Builder) Shuffle(in, groups int) int {
	return b.add(Node{Kind: Shuffle, In: []int{in}, Groups: groups})
}

// Network returns the finished network, whose features are the last node
// added, or the first mistake made. classes is the number of outputs of the
// trained network's final dense layer, 0 for none.
func (b *Builder) Network(classes int) (*Network, error) {
	if b.err != nil {
		return nil, b.err
	}
	net := Network{Name: b.net.Name, Classes: classes, Nodes: append([]Node(nil), b.net.Nodes...), Marks: append([]Mark(nil), b.net.Marks...)}
	if err := net.Check(); err != nil {
		return nil, err
	}
	return &net, nil
}
