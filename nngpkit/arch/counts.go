package arch

// InputShape returns the shape of the image that the network reads.
func (n *Network) InputShape() Shape {
	if len(n.Nodes) == 0 {
		return Shape{}
	}
	return n.Nodes[0].Out
}

// FeatureShape returns the shape of the last node.
func (n *Network) FeatureShape() Shape {
	if len(n.Nodes) == 0 {
		return Shape{}
	}
	return n.Nodes[len(n.Nodes)-1].Out
}

// Features returns the number of feature values of one image.
func (n *Network) Features() int { return n.FeatureShape().Size() }

// fans returns the number of inputs of one output, and of outputs of one input
// position's window, of a node with weights.
func (nd *Node) fans(in, out Shape) (fanIn, fanOut int) {
	taps := nd.Kernel * or(nd.KernelW, nd.Kernel)
	switch nd.Kind {
	case Conv:
		g := max(1, nd.Groups)
		return taps * (in.C / g), taps * (out.C / g)
	case Depthwise:
		return taps, taps
	case Dense:
		return in.Size(), out.C
	}
	return 0, 0
}

// fans returns the fans of node i; zeros where it has no weights.
func (n *Network) fans(i int) (in, out int) {
	if i < 0 || i >= len(n.Nodes) {
		return 0, 0
	}
	nd := &n.Nodes[i]
	if !nd.Kind.weighted() || len(nd.In) == 0 || nd.In[0] < 0 || nd.In[0] >= i {
		return 0, 0
	}
	return nd.fans(n.Nodes[nd.In[0]].Out, nd.Out)
}

// WeightVariance returns the variance of the weights of node i, and zero for
// a node without weights.
func (n *Network) WeightVariance(i int) float64 {
	in, out := n.fans(i)
	if in == 0 || out == 0 {
		return 0
	}
	return n.Nodes[i].Init.Variance(in, out)
}

// Weights returns the number of weights of node i, biases and normalization
// parameters apart.
func (n *Network) Weights(i int) int {
	in, _ := n.fans(i)
	if in == 0 {
		return 0
	}
	return in * n.Nodes[i].Out.C
}

// Parameters returns the number of trainable parameters: weights, biases,
// gamma and beta of every normalization, and the final dense layer where
// Classes is set. It is what NAS-Bench-101 stores as trainable_parameters.
func (n *Network) Parameters() int {
	total := 0
	for i := range n.Nodes {
		nd := &n.Nodes[i]
		total += n.Weights(i)
		if nd.Norm || nd.Kind == BatchNorm {
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
// the field. Normalization, activation, pooling and sums count nothing.
func (n *Network) MACs(i int) int64 {
	w := n.Weights(i)
	if w == 0 {
		return 0
	}
	out := n.Nodes[i].Out
	return int64(w) * int64(out.H) * int64(out.W)
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
