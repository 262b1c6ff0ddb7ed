package onnx

import (
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// term is a value that is computed element by element: a node of the network, or
// a function of terms that no node has been made for yet. Exporters write one
// activation in many ways (x * sigmoid(x), add 3, clip to 6, divide by 6): the
// function as a whole is compared with the activations that the engine has.
type term struct {
	node  int // of the network; -1 where there is none yet
	shape arch.Shape
	f     func(x []float64) float64 // of args
	args  []*term
	kind  string // "add" and "mul" of two terms; "" for a function of one
	size  int    // terms that it takes, with repetition
	by    *node
}

// maxTerm bounds the terms of a function: an activation takes a dozen.
const maxTerm = 64

// leafTerm is a node of the network.
func leafTerm(i int, s arch.Shape) *term { return &term{node: i, shape: s, size: 1} }

// apply returns a function of terms.
func apply(by *node, kind string, f func(x []float64) float64, args ...*term) *term {
	t := &term{node: -1, shape: args[0].shape, f: f, args: args, kind: kind, size: 1, by: by}
	for _, a := range args {
		t.size += a.size
	}
	return t
}

// leaf returns the only node that the term is a function of, or -1.
func (t *term) leaf() int {
	if t.node >= 0 {
		return t.node
	}
	leaf := -1
	for _, a := range t.args {
		k := a.leaf()
		if k < 0 || leaf >= 0 && k != leaf {
			return -1
		}
		leaf = k
	}
	return leaf
}

// eval returns the value of the term where its leaf is x.
func (t *term) eval(x float64) float64 {
	if t.node >= 0 {
		return x
	}
	args := make([]float64, len(t.args))
	for i, a := range t.args {
		args[i] = a.eval(x)
	}
	return t.f(args)
}

// place returns the node of the network that holds the term, a new one where need
// be.
func (c *converter) place(t *term) (int, error) {
	if t.node >= 0 {
		return t.node, nil
	}
	if leaf := t.leaf(); leaf >= 0 {
		if act, params, ok := recognize(t.eval); ok {
			t.node = c.activate(leaf, t.by, act, params)
			return t.node, nil
		}
	}
	nodes := make([]int, len(t.args))
	for i, a := range t.args {
		var err error
		if nodes[i], err = c.place(a); err != nil {
			return 0, err
		}
	}
	switch {
	case t.kind == "add":
		t.node = c.b.Sum(t.shape.C, nodes...)
	case t.kind == "mul":
		t.node = c.b.Scale(nodes[0], nodes[1])
	case len(nodes) == 1:
		act, params, ok := recognize(func(x float64) float64 { return t.f([]float64{x}) })
		if !ok {
			return 0, fmt.Errorf("%s computes a function that is no activation known here (%s)", t.by.label(), knownActivations())
		}
		t.node = c.activate(nodes[0], t.by, act, params)
	default:
		return 0, fmt.Errorf("%s: no such operation on two values is known", t.by.label())
	}
	c.named(t.node, t.by)
	return t.node, nil
}

func (c *converter) activate(in int, by *node, act arch.Activation, params []float64) int {
	if act == arch.Identity {
		return in
	}
	i := c.b.Activate(in, act, params...)
	c.named(i, by)
	return i
}

func knownActivations() string {
	text := arch.ReLU.String()
	for a := arch.ReLU + 1; a <= arch.GELUTanh; a++ {
		text += ", " + a.String()
	}
	return text
}

// plainActivations are those without parameters, by their definitions.
var plainActivations = []struct {
	act arch.Activation
	f   func(x float64) float64
}{
	{arch.Identity, func(x float64) float64 { return x }},
	{arch.ReLU, func(x float64) float64 { return max(x, 0) }},
	{arch.ReLU6, func(x float64) float64 { return min(max(x, 0), 6) }},
	{arch.Swish, swish},
	{arch.Sigmoid, sigmoid},
	{arch.HardSwish, hardSwish},
	{arch.Tanh, math.Tanh},
	{arch.GELU, gelu},
	{arch.GELUTanh, geluTanh},
	{arch.Erf, math.Erf},
}

func sigmoid(x float64) float64   { return 1 / (1 + math.Exp(-x)) }
func swish(x float64) float64     { return x * sigmoid(x) }
func hardSwish(x float64) float64 { return x * min(max(x/6+0.5, 0), 1) }
func gelu(x float64) float64      { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }
func geluTanh(x float64) float64 {
	return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}
func leaky(x, alpha float64) float64 {
	if x > 0 {
		return x
	}
	return alpha * x
}
func hardSigmoid(x, alpha, beta float64) float64 { return min(max(alpha*x+beta, 0), 1) }

// probes are where functions are compared: dense where activations bend, and far
// out.
var probes = func() []float64 {
	var x []float64
	for i := -640; i <= 640; i++ {
		x = append(x, float64(i)/64+1./1024)
	}
	for e := 0.; e <= 6; e++ {
		x = append(x, 1.7*math.Pow(10, e), -1.7*math.Pow(10, e))
	}
	return x
}()

// recognize returns the activation that a function is, with its parameters. The
// constants in a file are float32, which moves an activation by a few 1e-7
// relatively; two activations differ by 1e-4 and more somewhere.
func recognize(f func(x float64) float64) (arch.Activation, []float64, bool) {
	same := func(g func(x float64) float64) bool {
		for _, x := range probes {
			y, z := f(x), g(x)
			if !(math.Abs(y-z) <= 4e-6*(math.Abs(z)+math.Min(1, math.Abs(x)))) {
				return false
			}
		}
		return true
	}
	for _, p := range plainActivations {
		if same(p.f) {
			return p.act, nil, true
		}
	}
	if alpha := -f(-1); same(func(x float64) float64 { return leaky(x, alpha) }) {
		return arch.LeakyReLU, []float64{alpha}, true
	}
	const h = 1. / 1024
	alpha, beta := snap((f(h)-f(-h))/(2*h)), snap(f(0))
	if same(func(x float64) float64 { return hardSigmoid(x, alpha, beta) }) {
		return arch.HardSigmoid, []float64{alpha, beta}, true
	}
	lo, hi := f(-1e30), f(1e30)
	if lo <= -1e29 {
		lo = math.Inf(-1)
	}
	if hi >= 1e29 {
		hi = math.Inf(1)
	}
	if lo < hi && same(func(x float64) float64 { return min(max(x, lo), hi) }) {
		return arch.Clip, []float64{lo, hi}, true
	}
	return 0, nil, false
}

// snap returns the usual number that a float32 of a file stands for.
func snap(x float64) float64 {
	for _, v := range [3]float64{1. / 6, 0.2, 0.5} {
		if math.Abs(x-v) < 1e-7 {
			return v
		}
	}
	return x
}
