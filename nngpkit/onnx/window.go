package onnx

import (
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// windowOf is the geometry of a convolution or pooling as the file has it.
type windowOf struct {
	kernel, stride, dilation []int
	pads                     []int // top, left, bottom, right
	auto                     string
	ceil                     bool
}

// window reads the attributes of a node with windows; kernel are those that its
// weights imply, nil where it has none.
func (n *node) window(kernel []int) (windowOf, error) {
	var w windowOf
	var err error
	if w.kernel, err = n.sizes("kernel_shape", 2, 1, 1); err != nil {
		return w, err
	}
	switch given := n.attributes["kernel_shape"] != nil; {
	case kernel == nil && !given:
		return w, errors.New("the attribute \"kernel_shape\" is missing")
	case kernel != nil && given && (kernel[0] != w.kernel[0] || kernel[1] != w.kernel[1]):
		return w, fmt.Errorf("the attribute \"kernel_shape\" is %v, and the weights are of %v", w.kernel, kernel)
	case kernel != nil:
		w.kernel = kernel
	}
	if w.stride, err = n.sizes("strides", 2, 1, 1); err != nil {
		return w, err
	}
	if w.dilation, err = n.sizes("dilations", 2, 1, 1); err != nil {
		return w, err
	}
	if w.pads, err = n.sizes("pads", 4, 0, 0); err != nil {
		return w, err
	}
	w.ceil = n.int("ceil_mode", 0) != 0
	switch w.auto = n.text("auto_pad", "NOTSET"); w.auto {
	case "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER":
	default:
		return w, fmt.Errorf("the attribute \"auto_pad\" is %q", w.auto)
	}
	if w.auto != "NOTSET" && w.pads[0]|w.pads[1]|w.pads[2]|w.pads[3] != 0 {
		return w, fmt.Errorf("both \"auto_pad\" %s and \"pads\" %v", w.auto, w.pads)
	}
	return w, nil
}

// padding returns the padding for an image, and whether rounding the output size
// up adds to it.
func (w *windowOf) padding(s arch.Shape) (p arch.Padding, more bool) {
	var sides [2][2]int
	for axis, size := range [2]int{s.H, s.W} {
		reach := (w.kernel[axis]-1)*w.dilation[axis] + 1
		stride := w.stride[axis]
		before, after := w.pads[axis], w.pads[axis+2]
		switch w.auto {
		case "SAME_UPPER", "SAME_LOWER":
			out := (size + stride - 1) / stride
			total := max((out-1)*stride+reach-size, 0)
			before, after = total/2, total-total/2
			if w.auto == "SAME_LOWER" {
				before, after = after, before
			}
		default:
			if rest := (size + before + after - reach) % stride; w.ceil && rest > 0 {
				// One window more, unless it would begin behind the image.
				if last := (size+before+after-reach)/stride + 1; last*stride < size+before {
					after += stride - rest
					more = true
				}
			}
		}
		sides[axis] = [2]int{before, after}
	}
	return arch.PaddedSides(sides[0][0], sides[1][0], sides[0][1], sides[1][1]), more
}

// conv converts a convolution.
func (c *converter) conv(n *node, in []*value) ([]*value, error) {
	if err := n.only("kernel_shape", "strides", "dilations", "pads", "auto_pad", "group"); err != nil {
		return nil, err
	}
	i, err := c.image(in[0])
	if err != nil {
		return nil, err
	}
	t, err := c.parameter(n, in, 1, 4)
	if err != nil {
		return nil, err
	}
	if err := c.own(n, t); err != nil {
		return nil, err
	}
	w, err := n.window([]int{int(t.dims[2]), int(t.dims[3])})
	if err != nil {
		return nil, err
	}
	s := c.b.Shape(i)
	groups := n.int("group", 1)
	outputs := int(t.dims[0])
	if groups < 1 || groups > int64(s.C) || t.dims[1]*groups != int64(s.C) || t.dims[0]%groups != 0 {
		return nil, fmt.Errorf("weights of %v in %d groups for an image of %d channels", t.dims, groups, s.C)
	}
	padding, _ := w.padding(s)
	l := arch.Layer{
		Name: n.name, Channels: outputs, Kernel: w.kernel[0], KernelW: w.kernel[1], Stride: w.stride[0], StrideW: w.stride[1],
		Dilation: w.dilation[0], DilationW: w.dilation[1], Padding: padding, Groups: int(groups),
	}
	bias, err := c.hasBias(n, in, outputs, 3)
	if err != nil {
		return nil, err
	}
	l.Bias = bias != ""
	at := 0
	if int(groups) == s.C && outputs == s.C && groups > 1 {
		l.Groups, l.Channels = 0, 0
		at = c.b.Depthwise(i, l)
	} else {
		at = c.b.Conv(i, l)
	}
	c.named(at, n)
	c.origins[at].Weights, c.origins[at].Bias = n.in[1], bias
	return c.made(at, n), nil
}

// hasBias tells whether a linear map has a bias, as its third input or in an
// addition that alone reads it, and returns its name. The channels are the axis
// that is back from the end of a value.
func (c *converter) hasBias(n *node, in []*value, outputs, back int) (string, error) {
	if len(in) > 2 && in[2] != nil {
		t := in[2].constant
		if t == nil || t.size() != int64(outputs) && !(n.op == "Gemm" && t.size() == 1) {
			return "", fmt.Errorf("its input 2 is no bias of %d values", outputs)
		}
		return n.in[2], nil
	}
	if len(n.out) == 0 {
		return "", nil
	}
	add := c.g.consumer[n.out[0]]
	if add == nil || c.g.read[n.out[0]] != 1 || add.op != "Add" || len(add.in) != 2 {
		return "", nil
	}
	other := add.in[0]
	if other == n.out[0] {
		other = add.in[1]
	}
	if c.g.dependent[other] || other == n.out[0] {
		return "", nil
	}
	v, err := c.convert(other)
	if err != nil {
		return "", nil // which is the addition's own error
	}
	dims := v.constant.dims
	if len(dims) < back {
		if back = len(dims); back == 0 || n.op == "Conv" {
			return "", nil
		}
	}
	if v.constant.size() != int64(outputs) || dims[len(dims)-back] != int64(outputs) {
		return "", nil
	}
	c.bias[add] = true
	return other, nil
}

// pool converts a pooling over windows.
func (c *converter) pool(n *node, in []*value) ([]*value, error) {
	if err := n.only("kernel_shape", "strides", "dilations", "pads", "auto_pad", "ceil_mode", "count_include_pad", "storage_order"); err != nil {
		return nil, err
	}
	w, err := n.window(nil)
	if err != nil {
		return nil, err
	}
	i, err := c.image(in[0])
	if err != nil {
		return nil, err
	}
	s := c.b.Shape(i)
	padding, more := w.padding(s)
	average := n.op == "AveragePool"
	counts := average && n.int("count_include_pad", 0) != 0
	if counts && more {
		return nil, errors.New("a mean over windows that count their padding, with an output size that is rounded up: implementations differ in what the last windows count")
	}
	if average && w.kernel[0] == s.H && w.kernel[1] == s.W && padding == arch.Padded(0) && w.dilation[0]|w.dilation[1] == 1 {
		return c.made(c.b.GlobalAvgPool(i), n), nil
	}
	p := arch.Pooling{
		Name: n.name, Kernel: w.kernel[0], KernelW: w.kernel[1], Stride: w.stride[0], StrideW: w.stride[1],
		Dilation: w.dilation[0], DilationW: w.dilation[1], Padding: padding, CountPad: counts,
	}
	if average {
		return c.made(c.b.AvgPoolOf(i, p), n), nil
	}
	return c.made(c.b.MaxPoolOf(i, p), n), nil
}

// globalPool converts a pooling over the whole image.
func (c *converter) globalPool(n *node, in []*value) ([]*value, error) {
	if err := n.only(); err != nil {
		return nil, err
	}
	i, err := c.image(in[0])
	if err != nil {
		return nil, err
	}
	if n.op == "GlobalAveragePool" {
		return c.made(c.b.GlobalAvgPool(i), n), nil
	}
	return c.made(c.globalMax(i), n), nil
}

// globalMax appends the maximum over the whole image.
func (c *converter) globalMax(i int) int {
	s := c.b.Shape(i)
	return c.b.MaxPoolOf(i, arch.Pooling{Kernel: s.H, KernelW: s.W, Padding: arch.Padded(0)})
}

// reduce converts a mean or maximum over rows and columns.
func (c *converter) reduce(n *node, in []*value) ([]*value, error) {
	if err := n.only("axes", "keepdims", "noop_with_empty_axes"); err != nil {
		return nil, err
	}
	v := in[0]
	axes, err := n.ints("axes")
	if len(in) > 1 && in[1] != nil {
		if in[1].constant == nil {
			return nil, errors.New("axes that depend on the image")
		}
		axes, err = in[1].constant.integers()
	}
	if err != nil {
		return nil, err
	}
	drop := make([]bool, len(v.layout))
	gone := map[int]int{} // positions of each axis of an image
	for _, a := range axes {
		if a < 0 {
			a += int64(len(v.layout))
		}
		if a < 0 || a >= int64(len(v.layout)) || drop[a] {
			return nil, fmt.Errorf("axes %v of %d", axes, len(v.layout))
		}
		drop[a] = true
		for _, k := range v.layout[a] {
			if gone[k.axis] == 0 {
				gone[k.axis] = 1
			}
			gone[k.axis] *= k.size
		}
	}
	s := v.term.shape
	whole := func(axis int) bool { return max(1, gone[axis]) == sizeOf(s, axis) }
	if gone[channels] > 0 || gone[batch] > 0 || !whole(rows) || !whole(columns) || len(axes) == 0 {
		return nil, fmt.Errorf("it reduces the axes %v of %v: only all rows and columns of an image are known", axes, v.layout)
	}
	i, err := c.place(v.term)
	if err != nil {
		return nil, err
	}
	if n.op == "ReduceMean" {
		i = c.b.GlobalAvgPool(i)
	} else {
		i = c.globalMax(i)
	}
	c.named(i, n)
	var l layout
	for k, atoms := range v.layout {
		switch {
		case !drop[k]:
			l = append(l, atoms)
		case n.int("keepdims", 1) != 0:
			l = append(l, nil)
		}
	}
	return []*value{{term: leafTerm(i, c.b.Shape(i)), layout: l}}, nil
}

// gemm converts a fully connected layer.
func (c *converter) gemm(n *node, in []*value) ([]*value, error) {
	if err := n.only("alpha", "beta", "transA", "transB", "broadcast"); err != nil {
		return nil, err
	}
	if n.float("alpha", 1) != 1 || n.int("transA", 0) != 0 {
		return nil, fmt.Errorf("alpha %g and transA %d: only 1 and 0 are known", n.float("alpha", 1), n.int("transA", 0))
	}
	t, err := c.parameter(n, in, 1, 2)
	if err != nil {
		return nil, err
	}
	inputs, outputs := t.dims[0], t.dims[1]
	if n.int("transB", 0) != 0 {
		inputs, outputs = outputs, inputs
	}
	return c.dense(n, in, t, inputs, outputs)
}

// dense converts a fully connected layer of so many inputs and outputs.
func (c *converter) dense(n *node, in []*value, t *tensor, inputs, outputs int64) ([]*value, error) {
	if err := c.own(n, t); err != nil {
		return nil, err
	}
	v := in[0]
	if sizes := v.layout.sizes(); len(sizes) != 2 || sizes[1] != inputs || inputs != int64(v.term.shape.Size()) {
		return nil, fmt.Errorf("weights of %v for a value of the shape %v", t.dims, v.layout)
	}
	for _, a := range v.layout[1] {
		if a.axis == batch {
			return nil, fmt.Errorf("weights over the batch: %v", v.layout)
		}
	}
	i, err := c.place(v.term)
	if err != nil {
		return nil, err
	}
	bias, err := c.hasBias(n, in, int(outputs), 1)
	if err != nil {
		return nil, err
	}
	at := c.b.Dense(i, arch.Layer{Name: n.name, Channels: int(outputs), Bias: bias != ""})
	c.named(at, n)
	c.origins[at].Weights, c.origins[at].Bias = n.in[1], bias
	s := c.b.Shape(at)
	return []*value{{term: leafTerm(at, s), layout: layout{v.layout[0], single(atom{channels, s.C, 1})}}}, nil
}

// matMul converts a product with a matrix of weights: a fully connected layer, or,
// over the channels of each pixel, a convolution of one pixel.
func (c *converter) matMul(n *node, in []*value) ([]*value, error) {
	if err := n.only(); err != nil {
		return nil, err
	}
	t, err := c.parameter(n, in, 1, 2)
	if err != nil {
		return nil, err
	}
	v := in[0]
	if v.term == nil {
		return nil, errors.New("a product with a constant on the left")
	}
	if len(v.layout) == 2 {
		return c.dense(n, in, t, t.dims[0], t.dims[1])
	}
	last := len(v.layout) - 1
	if last < 0 {
		return nil, errors.New("a single number")
	}
	groups, err := v.layout[last:].shuffle(v.term.shape)
	if err != nil {
		return nil, err
	}
	if t.dims[0] != int64(v.term.shape.C) {
		return nil, fmt.Errorf("weights of %v for %d channels", t.dims, v.term.shape.C)
	}
	if err := c.own(n, t); err != nil {
		return nil, err
	}
	i, err := c.ordered(v, groups)
	if err != nil {
		return nil, err
	}
	bias, err := c.hasBias(n, in, int(t.dims[1]), 1)
	if err != nil {
		return nil, err
	}
	at := c.b.Conv(i, arch.Layer{Name: n.name, Channels: int(t.dims[1]), Bias: bias != ""})
	c.named(at, n)
	c.origins[at].Weights, c.origins[at].Bias = n.in[1], bias
	l := append(layout(nil), v.layout...)
	s := c.b.Shape(at)
	l[last] = single(atom{channels, s.C, 1})
	return []*value{{term: leafTerm(at, s), layout: l}}, nil
}
