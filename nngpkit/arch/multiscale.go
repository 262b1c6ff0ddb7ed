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
	if !n.Pooled() {
		return nil, nil, fmt.Errorf("arch: network %q ends in %v, not in a global average of images", n.Name, n.Nodes[n.lastNode()].Kind)
	}
	return n.Probed(n.ScaleProbes()...)
}

// ScaleProbes returns the probes of MultiScale, none if Check refuses the network.
func (n *Network) ScaleProbes() []Probe {
	if n.Check() != nil {
		return nil
	}
	var probes []Probe
	for i, j := range n.scaleEnds(n.lastNode()) {
		probes = append(probes, Probe{fmt.Sprintf("scale %d", i+1), j, Mean})
	}
	return append(probes, Probe{FinalBlock, n.End(), Mean}, Probe{MaximaBlock, n.End(), Quarters})
}

// scaleEnds returns the nodes from which the first node of each lower
// resolution is computed, up to node last. What is only one pixel, as in
// squeeze-excite, is no resolution.
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
