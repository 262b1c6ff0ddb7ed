package onnx

import (
	"errors"
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// elementwise are the functions of one element.
var elementwise = map[string]func(n *node) (func(x float64) float64, error){
	"Relu":    plain(func(x float64) float64 { return max(x, 0) }),
	"Sigmoid": plain(sigmoid),
	"Tanh":    plain(math.Tanh),
	"Erf":     plain(math.Erf),
	"Exp":     plain(math.Exp),
	"Log":     plain(math.Log),
	"Neg":     plain(func(x float64) float64 { return -x }),
	"Abs":     plain(math.Abs),
	"Sqrt":    plain(math.Sqrt),
	"Softplus": plain(func(x float64) float64 {
		return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
	}),
	"Reciprocal": plain(func(x float64) float64 { return 1 / x }),
	"HardSwish":  plain(hardSwish),
	"LeakyRelu": func(n *node) (func(x float64) float64, error) {
		alpha := n.float("alpha", 0.01)
		return func(x float64) float64 { return leaky(x, alpha) }, n.only("alpha", "consumed_inputs")
	},
	"HardSigmoid": func(n *node) (func(x float64) float64, error) {
		alpha, beta := snap(n.float("alpha", 0.2)), snap(n.float("beta", 0.5))
		return func(x float64) float64 { return hardSigmoid(x, alpha, beta) }, n.only("alpha", "beta", "consumed_inputs")
	},
	"Swish": func(n *node) (func(x float64) float64, error) {
		alpha := n.float("alpha", 1)
		return func(x float64) float64 { return x * sigmoid(alpha*x) }, n.only("alpha")
	},
	"Gelu": func(n *node) (func(x float64) float64, error) {
		switch form := n.text("approximate", "none"); form {
		case "none":
			return gelu, n.only("approximate")
		case "tanh":
			return geluTanh, n.only("approximate")
		default:
			return nil, fmt.Errorf("the approximation %q is not known", form)
		}
	},
	"Elu": func(n *node) (func(x float64) float64, error) {
		alpha := n.float("alpha", 1)
		return func(x float64) float64 {
			if x > 0 {
				return x
			}
			return alpha * math.Expm1(x)
		}, n.only("alpha", "consumed_inputs")
	},
}

func plain(f func(x float64) float64) func(n *node) (func(x float64) float64, error) {
	return func(n *node) (func(x float64) float64, error) { return f, n.only("consumed_inputs") }
}

// pairwise are the functions of two elements.
var pairwise = map[string]func(a, b float64) float64{
	"Sub": func(a, b float64) float64 { return a - b },
	"Div": func(a, b float64) float64 { return a / b },
	"Pow": math.Pow,
	"Min": math.Min,
	"Max": math.Max,
}

// pointwise converts functions of elements.
func (c *converter) pointwise(n *node, in []*value) ([]*value, error) {
	if make := elementwise[n.op]; make != nil {
		f, err := make(n)
		if err != nil {
			return nil, err
		}
		return c.one(n, in[0], f), nil
	}
	var out *value
	var err error
	switch {
	case n.op == "Clip":
		return c.clip(n, in)
	case n.op == "PRelu":
		return c.prelu(n, in)
	case n.op != "Add" && n.op != "Mul" && pairwise[n.op] == nil:
		return nil, unknownError{}
	case len(in) != 2 || in[1] == nil:
		return nil, fmt.Errorf("%d inputs, not 2", len(in))
	}
	if err := n.only("consumed_inputs"); err != nil {
		return nil, err
	}
	switch n.op {
	case "Add":
		out, err = c.add(n, in[0], in[1])
	case "Mul":
		out, err = c.mul(n, in[0], in[1])
	default:
		out, err = c.pair(n, in[0], in[1], "", pairwise[n.op])
	}
	return []*value{out}, err
}

// one applies a function to a value.
func (c *converter) one(n *node, v *value, f func(x float64) float64) []*value {
	if v.term.size > maxTerm { // no activation: what it takes is settled now
		if i, err := c.place(v.term); err == nil {
			v.term = leafTerm(i, v.term.shape)
		}
	}
	return []*value{{term: apply(n, "", func(x []float64) float64 { return f(x[0]) }, v.term), layout: v.layout}}
}

// pair applies a function to two values, of which one may be a number.
func (c *converter) pair(n *node, a, b *value, kind string, f func(a, b float64) float64) (*value, error) {
	switch {
	case a.constant != nil:
		x, err := number(a.constant)
		if err != nil {
			return nil, err
		}
		return c.one(n, b, func(y float64) float64 { return f(x, y) })[0], nil
	case b.constant != nil:
		y, err := number(b.constant)
		if err != nil {
			return nil, err
		}
		return c.one(n, a, func(x float64) float64 { return f(x, y) })[0], nil
	case !a.layout.equal(b.layout) || a.term.shape != b.term.shape:
		return nil, fmt.Errorf("values of the shapes %v and %v", a.layout, b.layout)
	}
	t := apply(n, kind, func(x []float64) float64 { return f(x[0], x[1]) }, a.term, b.term)
	if t.size > maxTerm || a.term.leaf() < 0 || a.term.leaf() != b.term.leaf() {
		// No function of one value: what it takes is settled now.
		for _, arg := range t.args {
			i, err := c.place(arg)
			if err != nil {
				return nil, err
			}
			*arg = *leafTerm(i, arg.shape)
		}
		if _, err := c.place(t); err != nil {
			return nil, err
		}
	}
	return &value{term: t, layout: a.layout}, nil
}

// number returns the number that a constant is.
func number(t *tensor) (float64, error) {
	if t.size() != 1 {
		return 0, fmt.Errorf("it computes with the %d values of %q: a network at initialization here has no such parameter", t.size(), t.name)
	}
	return t.scalar()
}

// add converts a sum of two images, or the addition of a bias or a number.
func (c *converter) add(n *node, a, b *value) (*value, error) {
	if c.bias[n] {
		if a.constant != nil {
			a = b
		}
		return a, nil
	}
	return c.pair(n, a, b, "add", func(x, y float64) float64 { return x + y })
}

// mul converts a product: of two images, or of an image and a factor for each of
// its channels.
func (c *converter) mul(n *node, a, b *value) (*value, error) {
	if a.constant == nil && b.constant == nil && !a.layout.equal(b.layout) {
		return c.scale(n, a, b)
	}
	return c.pair(n, a, b, "mul", func(x, y float64) float64 { return x * y })
}

// scale converts the product of an image with a factor for each channel.
func (c *converter) scale(n *node, a, b *value) (*value, error) {
	if a.term.shape.H*a.term.shape.W < b.term.shape.H*b.term.shape.W {
		a, b = b, a
	}
	if b.term.shape != (arch.Shape{H: 1, W: 1, C: a.term.shape.C}) || len(a.layout) != len(b.layout) {
		return nil, fmt.Errorf("a product of values of the shapes %v and %v: only factors of whole channels are known", a.layout, b.layout)
	}
	for k := range a.layout {
		if len(b.layout[k]) > 0 && !a.layout[k:k+1].equal(b.layout[k:k+1]) {
			return nil, fmt.Errorf("a product of values of the shapes %v and %v", a.layout, b.layout)
		}
	}
	x, err := c.place(a.term)
	if err != nil {
		return nil, err
	}
	f, err := c.place(b.term)
	if err != nil {
		return nil, err
	}
	i := c.b.Scale(x, f)
	c.named(i, n)
	return &value{term: leafTerm(i, a.term.shape), layout: a.layout}, nil
}

// clip converts a restriction to a range.
func (c *converter) clip(n *node, in []*value) ([]*value, error) {
	if err := n.only("min", "max", "consumed_inputs"); err != nil {
		return nil, err
	}
	lo, hi := n.float("min", math.Inf(-1)), n.float("max", math.Inf(1))
	for i, to := range []*float64{&lo, &hi} {
		if len(in) <= i+1 || in[i+1] == nil {
			continue
		}
		if in[i+1].constant == nil {
			return nil, errors.New("a bound that depends on the image")
		}
		v, err := in[i+1].constant.scalar()
		if err != nil {
			return nil, err
		}
		*to = v
	}
	return c.one(n, in[0], func(x float64) float64 { return min(max(x, lo), hi) }), nil
}

// prelu converts a ReLU whose slope below zero is one number.
func (c *converter) prelu(n *node, in []*value) ([]*value, error) {
	if len(in) != 2 || in[1] == nil || in[1].constant == nil {
		return nil, errors.New("no slope is given")
	}
	t := in[1].constant
	if len(t.values) == 0 {
		return nil, fmt.Errorf("tensor %q: %w", t.name, errNoData)
	}
	for _, v := range t.values {
		if v != t.values[0] {
			return nil, fmt.Errorf("it has a slope for each channel (%q), learned: only one for all is known", t.name)
		}
	}
	alpha := t.values[0]
	return c.one(n, in[0], func(x float64) float64 { return leaky(x, alpha) }), nil
}
