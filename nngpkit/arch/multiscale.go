package arch

import "fmt"

// Block is a run of a network's features that belong together.
type Block struct {
	Name  string
	First int // feature
	N     int // features
}

// Names of the blocks of MultiScale, beside "scale 1", "scale 2", ...
const (
	FinalBlock  = "final"  // the features of the network itself
	MaximaBlock = "maxima" // the maxima over the four quarters of the last images, averaged
)

// MultiScale returns the network with features of every scale, and the blocks
// that they form: for each resolution that the network leaves behind, the
// global average of what the next one is computed from ("scale 1", "scale 2",
// ...); the network's own features ("final"); and the maximum over each quarter
// of what those are averages of, averaged over the four ("maxima"), which sees
// where in the image something is and not only how much of it.
//
// The nodes with weights keep their places, so a member draws the same weights
// as without MultiScale, and "final" holds the same values. Pooling costs no
// multiplication. The network must end in a global average, of whatever node;
// Skip nodes behind it change nothing.
func (n *Network) MultiScale() (*Network, []Block, error) {
	if err := n.Check(); err != nil {
		return nil, nil, err
	}
	last := len(n.Nodes) - 1
	for n.Nodes[last].Kind == Skip {
		last = n.Nodes[last].In[0]
	}
	if n.Nodes[last].Kind != GlobalAvgPool {
		return nil, nil, fmt.Errorf("arch: network %q ends in %v, not in a global average of images", n.Name, n.Nodes[last].Kind)
	}
	b := &Builder{net: Network{Name: n.Name, Nodes: append([]Node(nil), n.Nodes[:last]...)}}
	var parts []int
	var blocks []Block
	features := 0
	add := func(name string, node int) {
		c := b.net.Nodes[node].Out.C
		parts = append(parts, node)
		blocks = append(blocks, Block{Name: name, First: features, N: c})
		features += c
	}
	for i, j := range n.scaleEnds(last) {
		add(fmt.Sprintf("scale %d", i+1), b.GlobalAvgPool(j))
	}
	end := n.Nodes[last].In[0]
	add(FinalBlock, b.GlobalAvgPool(end))
	half := ceilDiv(max(n.Nodes[end].Out.H, n.Nodes[end].Out.W), 2)
	add(MaximaBlock, b.GlobalAvgPool(b.MaxPool(end, half, half)))
	b.Concat(parts...)
	net, err := b.Network(n.Classes)
	return net, blocks, err
}

// scaleEnds returns the nodes from which the first node of each lower
// resolution is computed, up to node last. What is only one pixel, as in squeeze-excite, is no
// resolution.
func (n *Network) scaleEnds(last int) []int {
	var ends []int
	low := n.Nodes[0].Out.H * n.Nodes[0].Out.W
	for i := 1; i < last; i++ {
		s := n.Nodes[i].Out
		from := n.Nodes[i].In[0]
		if p := s.H * s.W; p > 1 && p < low {
			low = p
			if from > 0 { // the image itself is no scale
				ends = append(ends, from)
			}
		}
	}
	return ends
}
