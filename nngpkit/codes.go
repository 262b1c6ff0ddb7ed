package nngpkit

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
)

// CodePlaces says whose codes are compared: the signs of a node's values, on or
// off, image by image.
type CodePlaces string

const (
	// NoCodes compares none.
	NoCodes CodePlaces = ""
	// ReLUCodes are those of every ReLU, as in NASWOT.
	ReLUCodes CodePlaces = "relu"
	// MapCodes are those of every ReLU of a feature map: all but the ReLUs behind a
	// global mean, as inside of squeeze-and-excite, where images of noise are alike.
	MapCodes CodePlaces = "maps"
	// MarkCodes are those of the network's Marks and its end, whatever is computed
	// there.
	MarkCodes CodePlaces = "marks"
)

// nodes returns the nodes of the places. It returns an error if there are none.
func (c CodePlaces) nodes(net *arch.Network) ([]int, error) {
	var nodes []int
	switch c {
	case NoCodes:
		return nil, nil
	case ReLUCodes:
		nodes = forward.ReLUs(net)
	case MapCodes:
		pooled := behindMeans(net)
		nodes = slices.DeleteFunc(forward.ReLUs(net), func(i int) bool { return pooled[i] })
	case MarkCodes:
		end := net.End()
		for _, m := range net.Marks {
			if m.Node != end {
				nodes = append(nodes, m.Node)
			}
		}
		nodes = append(nodes, end)
	default:
		return nil, fmt.Errorf("nngpkit: there are no codes %q, only %q, %q and %q", c, ReLUCodes, MapCodes, MarkCodes)
	}
	if len(nodes) == 0 {
		return nil, fmt.Errorf("nngpkit: network %q has no node for codes %q", net.Name, c)
	}
	return nodes, nil
}

// behindMeans reports, for every node, whether it is a global mean or computed from
// such alone.
func behindMeans(net *arch.Network) []bool {
	out := make([]bool, len(net.Nodes))
	for i, n := range net.Nodes {
		out[i] = n.Kind == arch.GlobalAvgPool || len(n.In) > 0
		for _, in := range n.In {
			out[i] = out[i] && (n.Kind == arch.GlobalAvgPool || out[in])
		}
	}
	return out
}

// CodeScores compare the codes of images: which units are on. All are means over
// members.
type CodeScores struct {
	Nodes []int // whose codes
	Units []int // of each
	// Agreement is, for each node, the mean over pairs of different images of the
	// share of units that are on for both or off for both.
	Agreement []float64
	// Kernel holds the share of all nodes' units that agree, image by image.
	Kernel *mat.SymDense
	// LogDet is log |det H| of the number of units that agree, H: the score of
	// NASWOT (Mellor, Turner, Storkey & Crowley, ICML 2021). It is -Inf where two
	// images have the same code.
	LogDet float64
}

// AgreementByPart returns the mean of Agreement over the nodes of each part of a
// network: up to its first mark, from each mark to the next, and what follows the
// last; NaN of a part without nodes.
func (c *CodeScores) AgreementByPart(net *arch.Network) []float64 {
	sum, count := make([]float64, len(net.Marks)+1), make([]float64, len(net.Marks)+1)
	for i, node := range c.Nodes {
		part := 0
		for part < len(net.Marks) && net.Marks[part].Node < node {
			part++
		}
		sum[part] += c.Agreement[i]
		count[part]++
	}
	for i := range sum {
		sum[i] /= count[i] // NaN of none
	}
	return sum
}

// MeanAgreement returns the mean of Agreement over the nodes: small where units
// tell images apart.
func (c *CodeScores) MeanAgreement() float64 {
	sum := 0.0
	for _, a := range c.Agreement {
		sum += a
	}
	return sum / float64(len(c.Agreement))
}

// coding adds up the codes of members.
type coding struct {
	n       int // images
	members int
	scores  CodeScores
	equal   []float64 // n x n, sum over members of units that agree
	counts  []int64
}

// take adds a member.
func (c *coding) take(f *forward.Codes) {
	n := c.n
	if c.equal == nil {
		c.scores.Nodes, c.scores.Units = f.Nodes, f.Units
		c.scores.Agreement = make([]float64, len(f.Nodes))
		c.equal = make([]float64, n*n)
		c.counts = make([]int64, n*n)
	}
	clear(c.counts)
	before := int64(0)
	for i, units := range f.Units {
		f.Equal(i, n, c.counts)
		all, self := int64(0), int64(0)
		for k, v := range c.counts {
			all += v
			if k%(n+1) == 0 {
				self += v
			}
		}
		pairs := all - self - before
		before = all - self
		c.scores.Agreement[i] += float64(pairs) / float64(n*(n-1)) / float64(units)
	}
	h := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			h.SetSym(i, j, float64(c.counts[i*n+j]))
		}
	}
	for k, v := range c.counts {
		c.equal[k] += float64(v)
	}
	logDet, _ := mat.LogDet(h)
	c.scores.LogDet += logDet
	c.members++
}

// mean returns the scores of the members so far.
func (c *coding) mean() *CodeScores {
	m := float64(c.members)
	s := c.scores
	s.Agreement = append([]float64(nil), s.Agreement...)
	units := 0
	for i := range s.Agreement {
		s.Agreement[i] /= m
		units += s.Units[i]
	}
	s.LogDet /= m
	if math.IsNaN(s.LogDet) {
		s.LogDet = math.Inf(-1)
	}
	s.Kernel = mat.NewSymDense(c.n, nil)
	for i := range c.n {
		for j := i; j < c.n; j++ {
			s.Kernel.SetSym(i, j, c.equal[i*c.n+j]/m/float64(units))
		}
	}
	return &s
}
