package forward

import (
	"fmt"
	"slices"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// strip is a run of n channels of a node, where channels lie side by side in
// vectors: it begins with a vector, at lane at of the pixel. The lanes behind its
// last channel hold nothing that anyone reads.
type strip struct{ at, n int }

// cutStrips returns the first c channels.
func cutStrips(s []strip, c int) []strip {
	var out []strip
	for _, t := range s {
		if c <= 0 {
			break
		}
		t.n = min(t.n, c)
		c -= t.n
		out = append(out, t)
	}
	return out
}

// vectorsOf returns the vectors that the strips take.
func vectorsOf(s []strip, lanes int) int {
	last := s[len(s)-1]
	return (last.at + last.n + lanes - 1) / lanes
}

// placesOf returns the lane of each channel.
func placesOf(s []strip) []int {
	var place []int
	for _, t := range s {
		for i := range t.n {
			place = append(place, t.at+i)
		}
	}
	return place
}

// stripsOf decides where the channels of all nodes lie: those of a concatenation
// strip by strip, one an input. The inputs of a sum must have the same layout; a convolution that
// only the sum reads is written as the others lie. So must a
// factor. The network is a folded one.
func stripsOf(net *arch.Network, lanes int) ([][]strip, error) {
	uses := make([]int, len(net.Nodes))
	for i := range net.Nodes {
		for _, j := range net.Nodes[i].In {
			uses[j]++
		}
	}
	strips := make([][]strip, len(net.Nodes))
	for i := range net.Nodes {
		nd := &net.Nodes[i]
		switch nd.Kind {
		case arch.Depthwise, arch.Shuffle:
			return nil, fmt.Errorf("node %d is of kind %v", i, nd.Kind)
		case arch.MaxPool, arch.AvgPool, arch.GlobalAvgPool, arch.Pad, arch.BatchNorm, arch.Activate:
			strips[i] = strips[nd.In[0]]
		case arch.Slice:
			if nd.First > 0 {
				return nil, fmt.Errorf("node %d begins within a vector", i)
			}
			strips[i] = cutStrips(strips[nd.In[0]], nd.Out.C)
		case arch.Concat:
			at := 0
			for _, j := range nd.In {
				for _, s := range strips[j] {
					strips[i] = append(strips[i], strip{at + s.at, s.n})
				}
				at += vectorsOf(strips[j], lanes) * lanes
			}
		case arch.Sum, arch.Scale:
			if err := combinedStrips(net, strips, uses, i); err != nil {
				return nil, err
			}
		case arch.Conv:
			if nd.Groups > 1 {
				return nil, fmt.Errorf("node %d has groups", i)
			}
			strips[i] = []strip{{0, nd.Out.C}}
		case arch.Input, arch.Dense, arch.Zero:
			strips[i] = []strip{{0, nd.Out.C}}
		default:
			return nil, fmt.Errorf("node %d is of kind %v", i, nd.Kind)
		}
	}
	return strips, nil
}

// combinedStrips decides for a sum, or a product with one factor a channel.
func combinedStrips(net *arch.Network, strips [][]strip, uses []int, i int) error {
	nd := &net.Nodes[i]
	free := func(j int) bool { // it may be written in any way
		k := net.Nodes[j].Kind
		return uses[j] == 1 && (k == arch.Conv || k == arch.Dense) && net.Nodes[j].Out.C == nd.Out.C
	}
	for _, j := range nd.In {
		if !free(j) || strips[i] == nil {
			strips[i] = cutStrips(strips[j], nd.Out.C)
		}
		if !free(j) {
			break
		}
	}
	for _, j := range nd.In {
		if free(j) {
			strips[j] = strips[i]
		} else if !slices.Equal(cutStrips(strips[j], nd.Out.C), strips[i]) {
			return fmt.Errorf("the inputs of node %d lie in different ways", i)
		}
	}
	return nil
}

// wide says which networks have channels side by side, and where; tests change it.
var wide = struct {
	// bytes of the second-level cache that it takes: where that holds few tensors
	// of one image either (512 KB of a Zen 3), it is slower, by BenchmarkLayouts
	cache int
	// bytes of the largest tensor of a group of images, from which on no
	// second-level cache holds what a step reads and writes
	bytes int
	// multiplications by lanes without a channel, relative to the others, that
	// are worth it at most
	waste float64
}{1 << 20, 3 << 20, 0.12}

// sideways tells whether, on this processor, the network runs faster with channels
// side by side, in vectors of so many lanes, than with as many images.
func sideways(net *arch.Network, lanes int) bool {
	if simd.SecondCache() < wide.cache {
		return false
	}
	strips, err := stripsOf(net, lanes)
	if err != nil {
		return false
	}
	largest, macs, all := 0, 0.0, 0.0
	for i := range net.Nodes {
		nd := &net.Nodes[i]
		if i > 0 {
			largest = max(largest, 4*lanes*nd.Out.Size())
		}
		m := float64(net.MACs(i))
		macs += m
		all += m * float64(vectorsOf(strips[i], lanes)*lanes) / float64(nd.Out.C)
	}
	return largest >= wide.bytes && all <= (1+wide.waste)*macs
}
