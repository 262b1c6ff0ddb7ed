package onnx

import (
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// value is a value of the graph: a constant, or what depends on the image.
type value struct {
	constant *tensor
	term     *term
	layout   layout
}

// converter makes nodes of a network of those of a graph, each when it is read.
type converter struct {
	g       *graph
	b       *arch.Builder
	images  int // the batch that the file fixes; 1 where it is open
	values  map[string]*value
	owner   map[string]*node // of each weight tensor, the node that it belongs to
	bias    map[*node]bool   // additions that are the bias of the node before them
	origins []Origin
	resized bool // the images have another size than the file states
}

func newConverter(g *graph, name string, input arch.Shape, images int) *converter {
	c := &converter{
		g: g, b: arch.NewBuilder(name, input), images: images,
		values: map[string]*value{}, owner: map[string]*node{}, bias: map[*node]bool{},
	}
	l := layoutOf(input, images)
	if g.channelsLast {
		l = layout{l[0], l[2], l[3], l[1]}
	}
	c.values[g.image.name] = &value{term: leafTerm(0, input), layout: l}
	c.origins = []Origin{{Node: g.image.name}}
	return c
}

// convert returns a value of the graph, with all that it needs.
func (c *converter) convert(name string) (*value, error) {
	order, err := c.g.order(name)
	if err != nil {
		return nil, err
	}
	for _, n := range order {
		if c.done(n) {
			continue
		}
		if err := c.node(n); err != nil {
			return nil, err
		}
	}
	return c.value(name)
}

func (c *converter) done(n *node) bool {
	for _, out := range n.out {
		if out != "" && c.values[out] != nil {
			return true
		}
	}
	return false
}

// value returns what was converted before, a constant, or a parameter that is an
// input of the graph.
func (c *converter) value(name string) (*value, error) {
	if v := c.values[name]; v != nil {
		return v, nil
	}
	if t := c.g.constants[name]; t != nil {
		v := &value{constant: c.g.filled(t)}
		c.values[name] = v
		return v, nil
	}
	if in, ok := c.g.parameters[name]; ok {
		for i, d := range in.dims {
			if d < 0 {
				return nil, fmt.Errorf("the input %q, which is a parameter of the network, leaves its size %d open", name, i)
			}
		}
		return &value{constant: &tensor{name: name, kind: typeFloat, dims: in.dims}}, nil
	}
	return nil, fmt.Errorf("the value %q is made by no node and is no input", name)
}

// node converts a node.
func (c *converter) node(n *node) error {
	if !standard(n.domain) {
		return fmt.Errorf("%s is of the operations %q, which are not known", n.label(), n.domain)
	}
	in := make([]*value, len(n.in))
	constant := len(n.in) > 0
	for i, name := range n.in {
		if name == "" {
			continue
		}
		var err error
		if in[i], err = c.value(name); err != nil {
			return fmt.Errorf("%s: %w", n.label(), err)
		}
		constant = constant && in[i].constant != nil
	}
	outs, err := c.operate(n, in, constant)
	if err != nil {
		var unknown unknownError
		if errors.As(err, &unknown) {
			return fmt.Errorf("%s: the operation is not known here", n.label())
		}
		return fmt.Errorf("%s: %w", n.label(), err)
	}
	if err := c.b.Err(); err != nil {
		return fmt.Errorf("%s: %w", n.label(), err)
	}
	for i, v := range outs {
		if i < len(n.out) && n.out[i] != "" && v != nil {
			c.values[n.out[i]] = v
		}
	}
	return nil
}

// unknownError says that there is no way to convert an operation.
type unknownError struct{}

func (unknownError) Error() string { return "unknown operation" }

// operate converts a node whose inputs are known.
func (c *converter) operate(n *node, in []*value, constant bool) ([]*value, error) {
	if n.op == "Constant" {
		t, err := constantOf(n)
		return []*value{{constant: t}}, err
	}
	if n.op == "Shape" && len(in) == 1 && in[0] != nil {
		return c.shapeOf(n, in[0])
	}
	if constant {
		return c.fold(n, in)
	}
	if len(in) == 0 || in[0] == nil {
		if operations[n.op] == nil && elementwise[n.op] == nil && n.op != "Add" && n.op != "Mul" {
			return nil, unknownError{}
		}
		return nil, errors.New("its first input is missing")
	}
	if f := operations[n.op]; f != nil {
		return f(c, n, in)
	}
	return c.pointwise(n, in)
}

// fold computes a node of constants.
func (c *converter) fold(n *node, in []*value) ([]*value, error) {
	all := make([]*tensor, len(in))
	for i, v := range in {
		if v != nil {
			all[i] = v.constant
		}
	}
	if all[0] == nil {
		return nil, errors.New("its first input is missing")
	}
	switch n.op {
	case "Reshape", "Unsqueeze", "Squeeze", "Flatten":
		dims, err := c.newSizes(n, in, all[0].dims)
		if err != nil {
			return nil, err
		}
		if product(dims) != all[0].size() {
			return nil, fmt.Errorf("a shape of %v for %v", dims, all[0].dims)
		}
		return []*value{{constant: all[0].like(dims)}}, nil
	}
	f := foldable[n.op]
	if f == nil {
		return nil, unknownError{}
	}
	for i, t := range all {
		if t == nil && n.op != "Slice" && n.op != "Dropout" {
			return nil, fmt.Errorf("its input %d is missing", i)
		}
	}
	t, err := f(n, all)
	return []*value{{constant: t}}, err
}

// shapeOf returns the sizes of a value as a constant.
func (c *converter) shapeOf(n *node, v *value) ([]*value, error) {
	if err := n.only("start", "end"); err != nil {
		return nil, err
	}
	var sizes []int64
	if v.constant != nil {
		sizes = v.constant.dims
	} else {
		sizes = v.layout.sizes()
	}
	k := cutOf(n.int("start", 0), n.int("end", int64(len(sizes))), 1, int64(len(sizes)))
	return []*value{{constant: whole(sizes[k.first : k.first+k.count])}}, nil
}

// constantOf returns the constant that a Constant node holds.
func constantOf(n *node) (*tensor, error) {
	for name, a := range n.attributes {
		if a.long {
			return nil, fmt.Errorf("the attribute %q has %d numbers or more", name, maxElement)
		}
		switch {
		case name == "value" && a.tensor != nil:
			return a.tensor, nil
		case name == "value_float":
			return &tensor{kind: typeFloat, dims: []int64{}, values: []float64{a.f}}, nil
		case name == "value_int":
			return &tensor{kind: typeInt64, dims: []int64{}, values: []float64{float64(a.i)}}, nil
		case name == "value_floats":
			return &tensor{kind: typeFloat, dims: []int64{int64(len(a.floats))}, values: a.floats}, nil
		case name == "value_ints":
			return whole(a.ints), nil
		}
	}
	return nil, errors.New("a constant that is no dense tensor of numbers")
}

// image returns the node of the network that holds a value whose axes are batch,
// channels, rows, columns.
func (c *converter) image(v *value) (int, error) {
	if v.term == nil {
		return 0, errors.New("a constant where an image should be")
	}
	groups, err := v.layout.image(v.term.shape)
	if err != nil {
		return 0, err
	}
	return c.ordered(v, groups)
}

// ordered returns the node that holds a value, its channels shuffled.
func (c *converter) ordered(v *value, groups int) (int, error) {
	i, err := c.place(v.term)
	if err != nil || groups == 0 {
		return i, err
	}
	i = c.b.Shuffle(i, groups)
	c.named(i, nil)
	v.layout, v.term = v.layout.plain(v.term.shape), leafTerm(i, v.term.shape)
	return i, nil
}

// made returns the value that a new node of the network holds, as an image.
func (c *converter) made(i int, n *node) []*value {
	c.named(i, n)
	s := c.b.Shape(i)
	return []*value{{term: leafTerm(i, s), layout: layoutOf(s, c.images)}}
}

// named notes which node of the graph a node of the network comes from.
func (c *converter) named(i int, n *node) {
	for len(c.origins) <= i {
		c.origins = append(c.origins, Origin{})
	}
	if n != nil && c.origins[i].Node == "" {
		if c.origins[i].Node = n.name; n.name == "" && len(n.out) > 0 {
			c.origins[i].Node = n.out[0]
		}
	}
}

// parameter returns a constant that is the node's own parameter, of the given
// number of axes.
func (c *converter) parameter(n *node, in []*value, i, axes int) (*tensor, error) {
	if i >= len(in) || in[i] == nil {
		return nil, fmt.Errorf("its input %d is missing", i)
	}
	t := in[i].constant
	if t == nil {
		return nil, fmt.Errorf("its input %d is computed from the image: a parameter should be there", i)
	}
	if len(t.dims) != axes || t.size() < 1 {
		return nil, fmt.Errorf("its input %d has the shape %v: %d positive sizes should be there", i, t.dims, axes)
	}
	return t, nil
}

// own notes that weights belong to the node. The engine draws the weights of every
// node for itself.
func (c *converter) own(n *node, t *tensor) error {
	if t.name == "" {
		return nil
	}
	if other := c.owner[t.name]; other != nil && other != n {
		return fmt.Errorf("it shares its weights %q with %s: the engine draws the weights of each by themselves", t.name, other.label())
	}
	c.owner[t.name] = n
	return nil
}
