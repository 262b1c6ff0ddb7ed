package arch

import (
	"errors"
	"fmt"
	"math"
)

// Check returns what is wrong with the network, or nil: nodes out of
// topological order, an input that does not exist, an unknown operation or
// activation, a shape other than the inputs imply, a parameter that is out of
// range or that the operation does not have. The error names the first such
// node and the reason. A network from a Builder or from JSON needs no Check;
// one put together by hand does, and engines check what they are given.
//
// All methods of a network that Check refuses may return anything, but do not
// panic.
func (n *Network) Check() error {
	if n == nil {
		return errors.New("arch: there is no network")
	}
	if len(n.Nodes) < 2 {
		return fmt.Errorf("arch: network %q has no layers", n.Name)
	}
	if n.Classes < 0 || n.Classes > limit {
		return fmt.Errorf("arch: network %q: %d classes", n.Name, n.Classes)
	}
	for _, m := range n.Marks {
		if m.Node < 0 || m.Node >= len(n.Nodes) {
			return fmt.Errorf("arch: network %q: mark %q: there is no node %d", n.Name, m.Name, m.Node)
		}
	}
	for i := range n.Nodes {
		if err := n.checkNode(i); err != nil {
			return fmt.Errorf("arch: network %q: node %d (%s): %w", n.Name, i, n.Nodes[i].label(), err)
		}
	}
	return nil
}

// label names a node in messages.
func (nd *Node) label() string {
	if nd.Name != "" {
		return nd.Name
	}
	return nd.Kind.String()
}

func (n *Network) checkNode(i int) error {
	nd := &n.Nodes[i]
	if (nd.Kind == Input) != (i == 0) {
		return errors.New("node 0 and no other must be the input")
	}
	in := make([]Shape, len(nd.In))
	for k, j := range nd.In {
		if j < 0 || j >= i {
			return fmt.Errorf("reads node %d, which is not an earlier one", j)
		}
		in[k] = n.Nodes[j].Out
	}
	want, err := nd.infer(in)
	if err != nil {
		return err
	}
	if want != nd.Out {
		return fmt.Errorf("output shape %v, expected %v", nd.Out, want)
	}
	return nil
}

// infer checks the node against the shapes of its inputs and returns the shape
// of its result.
func (nd *Node) infer(in []Shape) (Shape, error) {
	out, err := outShape(nd, in)
	if err != nil {
		return Shape{}, err
	}
	if err := out.check(); err != nil {
		return Shape{}, err
	}
	if err := nd.checkFields(); err != nil {
		return Shape{}, err
	}
	if nd.Kind.weighted() {
		if err := nd.checkWeights(in[0], out); err != nil {
			return Shape{}, err
		}
	}
	return out, nil
}

// checkFields checks the parameters that do not bear on shapes, and that the
// node has none that its operation lacks: they would be passed over in silence.
func (nd *Node) checkFields() error {
	k := nd.Kind
	dense := k == Dense && nd.KernelW == 0 && (nd.Kernel|nd.Stride) == 1
	for _, f := range []struct {
		name    string
		set     bool
		allowed bool
	}{
		{"kernel", nd.Kernel != 0 || nd.KernelW != 0, k.windowed() || dense},
		{"stride", nd.Stride != 0, k.windowed() || dense || k == Zero},
		{"stride along rows", nd.StrideW != 0, k.windowed()},
		{"dilation", nd.Dilation != 0 || nd.DilationW != 0, k.windowed()},
		{"padding", nd.Padding != Padding{}, k.windowed() || k == Pad},
		{"groups", nd.Groups != 0, k == Conv || k == Shuffle},
		{"first channel", nd.First != 0, k == Slice},
		{"count of the padding", nd.CountPad, k == AvgPool},
		{"bias", nd.Bias, k.weighted()},
		{"normalization", nd.Norm, k.weighted()},
		{"normalization epsilon and momentum", nd.NormEpsilon != 0 || nd.NormMomentum != 0, nd.Norm || k == BatchNorm},
		{"activation", nd.Act != Identity, k.weighted() || k == Activate},
		{"initialization", nd.Init != Init{}, k.weighted()},
	} {
		if f.set && !f.allowed {
			return fmt.Errorf("%v has no %s", k, f.name)
		}
	}
	if nd.Norm || k == BatchNorm {
		if !(nd.NormEpsilon >= 0 && nd.NormEpsilon <= math.MaxFloat32) || !(nd.NormMomentum >= 0 && nd.NormMomentum <= 1) {
			return fmt.Errorf("normalization epsilon %g and momentum %g out of range", nd.NormEpsilon, nd.NormMomentum)
		}
	}
	if g := nd.Init.Gain; !(g >= 0 && g <= math.MaxFloat32) {
		return fmt.Errorf("initialization gain %g out of range", g)
	}
	return nd.Act.check(nd.Alpha, nd.Beta)
}

// checkWeights checks that the number of weights is one that memory may hold.
func (nd *Node) checkWeights(in, out Shape) error {
	fan, _ := nd.fans(in, out)
	if fan <= 0 || fan > maxValues || fan*out.C > maxValues {
		return errors.New("too many weights")
	}
	return nil
}
