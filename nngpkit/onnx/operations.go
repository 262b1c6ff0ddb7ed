package onnx

import (
	"errors"
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// operations convert the operations that are no function of single elements.
var operations map[string]func(c *converter, n *node, in []*value) ([]*value, error)

func init() {
	operations = map[string]func(c *converter, n *node, in []*value) ([]*value, error){
		"Conv":               (*converter).conv,
		"BatchNormalization": (*converter).batchNorm,
		"MaxPool":            (*converter).pool,
		"AveragePool":        (*converter).pool,
		"GlobalAveragePool":  (*converter).globalPool,
		"GlobalMaxPool":      (*converter).globalPool,
		"ReduceMean":         (*converter).reduce,
		"ReduceMax":          (*converter).reduce,
		"Gemm":               (*converter).gemm,
		"MatMul":             (*converter).matMul,
		"Concat":             (*converter).concat,
		"Slice":              (*converter).slice,
		"Split":              (*converter).split,
		"Pad":                (*converter).pad,
		"Reshape":            (*converter).reshape,
		"Flatten":            (*converter).reshape,
		"Squeeze":            (*converter).reshape,
		"Unsqueeze":          (*converter).reshape,
		"Transpose":          (*converter).transpose,
		"Identity":           (*converter).same,
		"Dropout":            (*converter).same,
		"Cast":               (*converter).same,
		"Sum":                (*converter).sum,
	}
}

// same passes the value on, as Dropout does at inference.
func (c *converter) same(n *node, in []*value) ([]*value, error) { return []*value{in[0]}, nil }

func (c *converter) transpose(n *node, in []*value) ([]*value, error) {
	order, err := n.order(len(in[0].layout))
	if err != nil {
		return nil, err
	}
	l, err := in[0].layout.transposed(order)
	return []*value{{term: in[0].term, layout: l}}, err
}

func (c *converter) reshape(n *node, in []*value) ([]*value, error) {
	sizes, err := c.newSizes(n, in, in[0].layout.sizes())
	if errors.Is(err, errNoData) && !c.resized {
		if known := c.g.known[n.out[0]]; known.typed {
			sizes, err = known.dims, nil
			for i, d := range sizes {
				if d < 0 && i > 0 {
					return nil, fmt.Errorf("its shape was left out of the file, and the size %d of %q is open", i, n.out[0])
				}
			}
			if len(sizes) > 0 && sizes[0] < 0 {
				sizes[0] = int64(c.images)
			}
		}
	}
	var l layout
	if err == nil {
		l, err = in[0].layout.reshaped(sizes)
	}
	if err != nil && c.resized {
		err = fmt.Errorf("%w: the file has this shape for images of another size", err)
	}
	return []*value{{term: in[0].term, layout: l}}, err
}

// newSizes returns the sizes that a value has after a Reshape, Flatten, Squeeze or
// Unsqueeze.
func (c *converter) newSizes(n *node, in []*value, sizes []int64) ([]int64, error) {
	list := func(attribute string) ([]int64, error) {
		if len(in) > 1 && in[1] != nil {
			if in[1].constant == nil {
				return nil, errors.New("a shape that depends on the image")
			}
			return in[1].constant.integers()
		}
		return n.ints(attribute)
	}
	switch n.op {
	case "Flatten":
		axis := n.int("axis", 1)
		if axis < 0 {
			axis += int64(len(sizes))
		}
		if axis < 0 || axis > int64(len(sizes)) {
			return nil, fmt.Errorf("axis %d of %d", axis, len(sizes))
		}
		return []int64{product(sizes[:axis]), product(sizes[axis:])}, nil
	case "Reshape":
		to, err := list("shape")
		if err != nil {
			return nil, err
		}
		return fillSizes(to, sizes, n.int("allowzero", 0) != 0)
	}
	axes, err := list("axes")
	if err != nil {
		return nil, err
	}
	if n.op == "Unsqueeze" {
		return grown(axes, sizes)
	}
	return shrunk(axes, sizes)
}

// fillSizes replaces the 0 and the -1 of a Reshape.
func fillSizes(to, sizes []int64, zero bool) ([]int64, error) {
	out := append([]int64(nil), to...)
	open := -1
	for i, d := range out {
		switch {
		case d == 0 && !zero && i < len(sizes):
			out[i] = sizes[i]
		case d == -1 && open < 0:
			open, out[i] = i, 1
		case d < 1:
			return nil, fmt.Errorf("a shape of %v for %v", to, sizes)
		}
	}
	all, rest := product(sizes), product(out)
	if open >= 0 {
		if rest < 1 || all%rest != 0 {
			return nil, fmt.Errorf("a shape of %v for %v", to, sizes)
		}
		out[open] = all / rest
	}
	if product(out) != all {
		return nil, fmt.Errorf("a shape of %v for %v", to, sizes)
	}
	return out, nil
}

// grown inserts axes of size 1.
func grown(axes, sizes []int64) ([]int64, error) {
	out := make([]int64, len(sizes)+len(axes))
	if len(out) > 64 {
		return nil, fmt.Errorf("a value of %d axes", len(out))
	}
	for _, a := range axes {
		if a < 0 {
			a += int64(len(out))
		}
		if a < 0 || a >= int64(len(out)) || out[a] != 0 {
			return nil, fmt.Errorf("axes %v of %d", axes, len(out))
		}
		out[a] = 1
	}
	k := 0
	for i := range out {
		if out[i] == 0 {
			out[i] = sizes[k]
			k++
		}
	}
	return out, nil
}

// shrunk leaves axes of size 1 out; without a list of them all.
func shrunk(axes, sizes []int64) ([]int64, error) {
	drop := make([]bool, len(sizes))
	for _, a := range axes {
		if a < 0 {
			a += int64(len(sizes))
		}
		if a < 0 || a >= int64(len(sizes)) || sizes[a] != 1 {
			return nil, fmt.Errorf("axes %v of %v, which are not of size 1", axes, sizes)
		}
		drop[a] = true
	}
	out := []int64{}
	for i, s := range sizes {
		if !drop[i] && (axes != nil || s != 1) {
			out = append(out, s)
		}
	}
	return out, nil
}

// batchNorm converts a normalization of channels: of images, or of features.
func (c *converter) batchNorm(n *node, in []*value) ([]*value, error) {
	if err := n.only("epsilon", "momentum", "training_mode", "spatial", "consumed_inputs", "is_test"); err != nil {
		return nil, err
	}
	if n.int("spatial", 1) != 1 {
		return nil, errors.New("it normalizes pixel by pixel (spatial = 0), not channel by channel")
	}
	v := in[0]
	if len(v.layout) < 2 {
		return nil, fmt.Errorf("a value of %d axes", len(v.layout))
	}
	groups, err := layout(v.layout[1:2]).shuffle(v.term.shape)
	if err != nil {
		return nil, err
	}
	i, err := c.ordered(v, groups)
	if err != nil {
		return nil, err
	}
	for k := 1; k < 5; k++ {
		if t, err := c.parameter(n, in, k, 1); err != nil {
			return nil, err
		} else if t.size() != int64(v.term.shape.C) {
			return nil, fmt.Errorf("its input %d has %d values for %d channels", k, t.size(), v.term.shape.C)
		}
	}
	least := func(x float64) float64 { return max(x, math.SmallestNonzeroFloat32) } // the Builder takes 0 for another
	at := c.b.BatchNorm(i, arch.Layer{Name: n.name, NormEpsilon: least(n.float("epsilon", 1e-5)), NormMomentum: least(n.float("momentum", 0.9))})
	c.named(at, n)
	o := &c.origins[at]
	o.Scale, o.Shift, o.Mean, o.Variance = n.in[1], n.in[2], n.in[3], n.in[4]
	return []*value{{term: leafTerm(at, c.b.Shape(at)), layout: v.layout}}, nil
}

// concat converts a concatenation of channels.
func (c *converter) concat(n *node, in []*value) ([]*value, error) {
	if err := n.only("axis"); err != nil {
		return nil, err
	}
	first := in[0]
	if first.term == nil {
		return nil, errors.New("a constant beside an image")
	}
	axis := n.int("axis", 1)
	if axis < 0 {
		axis += int64(len(first.layout))
	}
	if axis < 0 || axis >= int64(len(first.layout)) {
		return nil, fmt.Errorf("axis %d of %d", axis, len(first.layout))
	}
	var nodes []int
	for _, v := range in {
		if v == nil || v.term == nil {
			return nil, errors.New("a constant beside an image")
		}
		if len(v.layout) != len(first.layout) {
			return nil, fmt.Errorf("values of %d and of %d axes", len(first.layout), len(v.layout))
		}
		groups, err := v.layout[axis : axis+1].shuffle(v.term.shape)
		if err != nil {
			return nil, err
		}
		for k := range v.layout {
			if k != int(axis) && !v.layout[k:k+1].equal(first.layout[k:k+1]) {
				return nil, fmt.Errorf("values of the shapes %v and %v", first.layout, v.layout)
			}
		}
		i, err := c.ordered(v, groups)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, i)
	}
	if len(nodes) == 1 {
		return []*value{first}, nil
	}
	i := c.b.Concat(nodes...)
	c.named(i, n)
	l := append(layout(nil), first.layout...)
	l[axis] = single(atom{channels, c.b.Shape(i).C, 1})
	return []*value{{term: leafTerm(i, c.b.Shape(i)), layout: l}}, nil
}

// sum converts a sum of any number of images.
func (c *converter) sum(n *node, in []*value) ([]*value, error) {
	total := in[0]
	for _, v := range in[1:] {
		if v == nil {
			return nil, errors.New("an input is missing")
		}
		out, err := c.add(n, total, v)
		if err != nil {
			return nil, err
		}
		total = out
	}
	return []*value{total}, nil
}
