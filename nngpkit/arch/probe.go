package arch

import "fmt"

// Mark names the node that ends a part of a network.
type Mark struct {
	Name string `json:"name"`
	Node int    `json:"node"`
}

// Mark names a node, as the end of a module or stage: a place where features
// may be taken (see Network.Probed). It returns the node.
func (b *Builder) Mark(node int, name string) int {
	if b.err != nil {
		return 0
	}
	if node < 0 || node >= len(b.net.Nodes) {
		b.err = fmt.Errorf("arch: network %q: mark %q: node %d does not exist yet", b.net.Name, name, node)
		return 0
	}
	b.net.Marks = append(b.net.Marks, Mark{name, node})
	return node
}

// ProbePooling says what becomes of the pixels of a channel.
type ProbePooling uint8

// MaximumBlock is the name of the block of the maxima over all pixels at the end
// of a network.
const MaximumBlock = "maximum"

// The poolings of a Probe.
const (
	Mean     ProbePooling = iota // over all pixels
	Maximum                      // over all pixels
	Quarters                     // maximum over each quarter of the image, averaged over the four: MultiScale's maxima
	Unpooled                     // every pixel a feature; for a probe that is the only one
)

var poolingNames = [...]string{"mean", "maximum", "quarters", "unpooled"}

// String returns the lower-case name of the pooling.
func (p ProbePooling) String() string {
	if int(p) < len(poolingNames) {
		return poolingNames[p]
	}
	return fmt.Sprintf("pooling(%d)", uint8(p))
}

// Probe is a place where features are taken, and how.
type Probe struct {
	Name    string // of the block; need not be unique
	Node    int    // whose values are pooled
	Pooling ProbePooling
}

// End returns the node whose values are pooled to the network's features: the
// input of its last node where that is a global average, otherwise its last node.
// Skip nodes do not count.
func (n *Network) End() int {
	if last := n.lastNode(); n.Pooled() && len(n.Nodes[last].In) > 0 {
		return n.Nodes[last].In[0]
	}
	return n.lastNode()
}

// Pooled reports whether the network ends in a global average.
func (n *Network) Pooled() bool {
	last := n.lastNode()
	return last >= 0 && n.Nodes[last].Kind == GlobalAvgPool
}

// Averaged returns the network with a global average behind its last node, which the
// views of a kernel need that pool the last images; the network itself where it ends
// in one. Classes is then zero, since the last layer would read other features.
func (n *Network) Averaged() *Network {
	last := len(n.Nodes) - 1
	if last < 0 || n.Pooled() {
		return n
	}
	out := *n
	out.Nodes = append(append([]Node(nil), n.Nodes...), Node{Kind: GlobalAvgPool, In: []int{last}, Out: Shape{1, 1, n.Nodes[last].Out.C}})
	if n.FeatureShape() != out.FeatureShape() {
		out.Classes = 0
	}
	return &out
}

// lastNode returns the last node, or what Skip nodes pass on as such; -1 where
// there is none.
func (n *Network) lastNode() int {
	last := len(n.Nodes) - 1
	for last >= 0 && n.Nodes[last].Kind == Skip {
		in := n.Nodes[last].In
		if len(in) == 0 || in[0] < 0 || in[0] >= last { // which Check refuses
			break
		}
		last = in[0]
	}
	return last
}

// Probed returns the network with the features of the probes, one after the
// other, in place of its own, and the blocks that they form. Nodes that no probe
// needs are left out at the end, where they were last. The nodes with weights
// keep their places, so that a member draws the same weights.
func (n *Network) Probed(probes ...Probe) (*Network, []Block, error) {
	if err := n.Check(); err != nil {
		return nil, nil, err
	}
	if len(probes) == 0 {
		return nil, nil, fmt.Errorf("arch: network %q: no probes", n.Name)
	}
	deepest := 0
	for i, p := range probes {
		if p.Node < 1 || p.Node >= len(n.Nodes) {
			return nil, nil, fmt.Errorf("arch: network %q: probe %d (%s) reads node %d, there are nodes 1 to %d", n.Name, i, p.Name, p.Node, len(n.Nodes)-1)
		}
		if p.Pooling == Unpooled && len(probes) > 1 {
			return nil, nil, fmt.Errorf("arch: network %q: probe %d (%s) of %d is unpooled: it must be the only one", n.Name, i, p.Name, len(probes))
		}
		deepest = max(deepest, p.Node)
	}
	b := &Builder{net: Network{Name: n.Name, Nodes: append([]Node(nil), n.Nodes[:deepest+1]...)}}
	var parts []int
	var blocks []Block
	features := 0
	for i, p := range probes {
		node, err := b.probe(p)
		if err != nil {
			return nil, nil, fmt.Errorf("arch: network %q: probe %d (%s): %w", n.Name, i, p.Name, err)
		}
		size := b.Shape(node).Size()
		blocks = append(blocks, Block{Name: p.Name, First: features, N: size})
		parts = append(parts, node)
		features += size
	}
	if len(parts) > 1 {
		b.Concat(parts...)
	} else if parts[0] != len(b.net.Nodes)-1 {
		b.Sum(b.Shape(parts[0]).C, parts[0]) // a view of it, as the last node
	}
	for _, m := range n.Marks {
		if m.Node <= deepest {
			b.Mark(m.Node, m.Name)
		}
	}
	net, err := b.Network(n.Classes)
	return net, blocks, err
}

// probe appends what a probe takes.
func (b *Builder) probe(p Probe) (int, error) {
	s := b.net.Nodes[p.Node].Out
	side := max(s.H, s.W)
	switch p.Pooling {
	case Mean:
		return b.GlobalAvgPool(p.Node), nil
	case Maximum:
		if side == 1 {
			return p.Node, nil
		}
		return b.MaxPool(p.Node, side, side), nil
	case Quarters:
		half := ceilDiv(side, 2)
		return b.GlobalAvgPool(b.MaxPool(p.Node, half, half)), nil
	case Unpooled:
		return p.Node, nil
	}
	return 0, fmt.Errorf("there is no pooling %d of features", p.Pooling)
}
