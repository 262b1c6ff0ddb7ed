// Package arch describes a neural network as data: a directed acyclic graph
// of operations with known shapes, free of any search space and of any
// execution engine.
//
// A Network is built with a Builder, which infers every shape and reports the
// first mistake by name. Nodes are in topological order, node 0 is the input
// image, and the last node is the feature layer whose values the NNGP
// estimator multiplies.
//
// Convolutions and dense layers may carry their batch normalization and their
// activation, which is how most spaces write them (convolution, normalization,
// activation). Both are also operations of their own, for networks in another
// order: activation before the convolution, activation or normalization of a
// sum. Engines fuse where they can, so that it does not matter for speed how a
// network is written.
//
// A Network is also JSON (see Network.MarshalJSON), and Network.Check says what
// is wrong with one that was put together by hand.
package arch

// Init says how the weights of a layer are drawn: independent, of mean zero
// and variance Gain / fan, where fan is the number of inputs of one output
// (fan in) or, with FanOut, K*K*outputs (for a depthwise convolution K*K,
// either way).
//
// The zero value is the protocol of the paper's public notebook: Gain 1 (a
// Gain of zero means 1), fan in, normal truncated at two standard deviations
// and rescaled to the stated variance (TensorFlow's variance_scaling).
type Init struct {
	Gain   float64 // variance times fan; 0 means 1
	FanOut bool    // divide by fan out instead of fan in
	Normal bool    // an untruncated normal distribution
}

// Variance returns the variance of a weight given its fans.
func (i Init) Variance(fanIn, fanOut int) float64 {
	g := i.Gain
	if g == 0 {
		g = 1
	}
	if i.FanOut {
		return g / float64(fanOut)
	}
	return g / float64(fanIn)
}

// Node is one operation of a Network. Fields that an operation does not have
// are zero.
type Node struct {
	Name string // for messages and tables; need not be unique
	Kind Kind
	In   []int // indices of earlier nodes

	// The window of a Conv, Depthwise, MaxPool or AvgPool. Kernel, Stride and
	// Dilation are of both axes; those that end in W, where they are not zero,
	// are of the columns alone. A Dilation of zero means 1. A Zero node has a
	// stride too.
	Kernel, KernelW     int
	Stride, StrideW     int
	Dilation, DilationW int
	Padding             Padding // and of a Pad node, where it is explicit
	CountPad            bool    // AvgPool: padded positions are zeros that count

	Groups int // of a Conv, 0 means 1; of a Shuffle
	First  int // first channel of a Slice

	// Norm says that batch normalization (gamma 1, beta 0) follows the
	// linear map of a Conv, Depthwise or Dense node, with NormEpsilon added to
	// the variance and NormMomentum as the moving-average momentum. A BatchNorm
	// node has the latter two.
	Norm         bool
	NormEpsilon  float64
	NormMomentum float64

	// Bias says that a zero-initialized bias follows the linear map. It
	// changes the number of parameters and nothing else at initialization.
	Bias bool

	// Act is applied last, on Conv, Depthwise and Dense nodes; it is what an
	// Activate node does. See Activation for Alpha and Beta.
	Act         Activation
	Alpha, Beta float64

	Init Init // of the weights; Conv, Depthwise and Dense only

	Out Shape // of the result
}

// Network is a directed acyclic graph of operations in topological order:
// every node reads only earlier nodes, node 0 is the only Input, and the last
// node holds the features.
type Network struct {
	Name  string
	Nodes []Node

	// Classes is the number of outputs of the trained network's final dense
	// layer (with bias). The NNGP of the features needs no such layer, so it
	// is no node, but parameter counts include it. Zero means none.
	Classes int

	// Marks are the nodes that end a part of the network, such as a module, in
	// order; see Builder.Mark and Probed.
	Marks []Mark
}
