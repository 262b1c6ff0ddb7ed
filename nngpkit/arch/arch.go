// Package arch describes a neural network as data: a directed acyclic graph
// of operations with known shapes, free of any search space and of any
// execution engine.
//
// A Network is built with a Builder, which infers every shape and reports the
// first mistake by name. Nodes are in topological order, node 0 is the input
// image, and the last node is the feature layer whose values the NNGP
// estimator multiplies.
//
// Convolutions and dense layers carry their batch normalisation and their
// activation, because that is how every space in reach writes them
// (convolution, normalisation, activation) and because an engine wants to fuse
// the three.
package arch

import "fmt"

// Kind names an operation.
type Kind uint8

// The operations of a Network.
const (
	Input         Kind = iota // the image, H x W x C
	Conv                      // K x K convolution, 'same' padding, no bias
	Depthwise                 // K x K depthwise convolution, 'same' padding, no bias
	Dense                     // fully connected layer over all H*W*C inputs, no bias
	MaxPool                   // K x K maximum, 'same' padding
	AvgPool                   // K x K mean over the pixels inside the image, 'same' padding
	GlobalAvgPool             // mean over H and W
	Sum                       // element-wise sum, each input cut to its first Channels channels
	Concat                    // concatenation along channels, in the order of the inputs
	Scale                     // first input (H x W x C) times second input (1 x 1 x C): squeeze-excite
)

var kindNames = [...]string{"input", "conv", "depthwise", "dense", "maxpool", "avgpool", "globalavgpool", "sum", "concat", "scale"}

// String returns the lower-case name of the operation.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Activation names the function applied after the (optional) normalisation.
type Activation uint8

// The activations of a Network.
const (
	Identity Activation = iota // x
	ReLU                       // max(x, 0)
	Swish                      // x / (1 + exp(-x))
	Sigmoid                    // 1 / (1 + exp(-x))
	Erf                        // erf(x)
)

var activationNames = [...]string{"identity", "relu", "swish", "sigmoid", "erf"}

// String returns the lower-case name of the activation.
func (a Activation) String() string {
	if int(a) < len(activationNames) {
		return activationNames[a]
	}
	return fmt.Sprintf("activation(%d)", uint8(a))
}

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

// Shape is the size of the activations of one image.
type Shape struct {
	H, W, C int
}

// Size returns H*W*C.
func (s Shape) Size() int { return s.H * s.W * s.C }

// String returns the shape as HxWxC.
func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.H, s.W, s.C) }

// Node is one operation of a Network.
type Node struct {
	Name   string // for messages and tables; need not be unique
	Kind   Kind
	In     []int // indices of earlier nodes
	Kernel int   // side of a convolution or pooling window
	Stride int   // step of a convolution or pooling window

	// Norm says that batch normalisation (gamma 1, beta 0) follows the
	// linear map of a Conv, Depthwise or Dense node, with NormEpsilon added to
	// the variance and NormMomentum as the moving-average momentum.
	Norm         bool
	NormEpsilon  float64
	NormMomentum float64

	// Bias says that a zero-initialised bias follows the linear map. It
	// changes the number of parameters and nothing else at initialisation.
	Bias bool

	Act  Activation // applied last; Conv, Depthwise and Dense only
	Init Init       // of the weights; Conv, Depthwise and Dense only

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

// InputShape returns the shape of the image that the network reads.
func (n *Network) InputShape() Shape { return n.Nodes[0].Out }

// FeatureShape returns the shape of the last node.
func (n *Network) FeatureShape() Shape { return n.Nodes[len(n.Nodes)-1].Out }

// Features returns the number of feature values of one image.
func (n *Network) Features() int { return n.FeatureShape().Size() }

// fans returns the number of inputs and K*K*outputs of a node with weights.
func (n *Network) fans(i int) (in, out int) {
	nd := &n.Nodes[i]
	if len(nd.In) == 0 {
		return 0, 0
	}
	src := n.Nodes[nd.In[0]].Out
	kk := nd.Kernel * nd.Kernel
	switch nd.Kind {
	case Conv:
		return kk * src.C, kk * nd.Out.C
	case Depthwise:
		return kk, kk
	case Dense:
		return src.Size(), nd.Out.C
	}
	return 0, 0
}

// WeightVariance returns the variance of the weights of node i, and zero for
// a node without weights.
func (n *Network) WeightVariance(i int) float64 {
	in, out := n.fans(i)
	if in == 0 {
		return 0
	}
	return n.Nodes[i].Init.Variance(in, out)
}

// Weights returns the number of weights of node i, biases and normalisation
// parameters apart.
func (n *Network) Weights(i int) int {
	nd := &n.Nodes[i]
	in, _ := n.fans(i)
	return in * nd.Out.C
}

// Parameters returns the number of trainable parameters: weights, biases,
// gamma and beta of every normalisation, and the final dense layer where
// Classes is set. It is what NAS-Bench-101 stores as trainable_parameters.
func (n *Network) Parameters() int {
	total := 0
	for i := range n.Nodes {
		nd := &n.Nodes[i]
		total += n.Weights(i)
		if nd.Norm {
			total += 2 * nd.Out.C
		}
		if nd.Bias {
			total += nd.Out.C
		}
	}
	if n.Classes > 0 {
		total += n.Features()*n.Classes + n.Classes
	}
	return total
}

// MACs returns the number of multiply-accumulate operations of node i for one
// image, counting linear maps only, padding included: the usual convention of
// the field.
func (n *Network) MACs(i int) int64 {
	nd := &n.Nodes[i]
	return int64(n.Weights(i)) * int64(nd.Out.H) * int64(nd.Out.W)
}

// FLOPs returns twice the number of multiply-accumulate operations for one
// image, the final dense layer included.
func (n *Network) FLOPs() int64 {
	var m int64
	for i := range n.Nodes {
		m += n.MACs(i)
	}
	m += int64(n.Features()) * int64(n.Classes)
	return 2 * m
}
