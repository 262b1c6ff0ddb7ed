package nasbench

import "fmt"

// The skeleton: a 3x3 convolution to the stem's width, then stacks of modules
// with a halving of the image and a doubling of the channels between stacks.
const (
	Stacks        = 3
	StackModules  = 3
	Classes       = 10  // of the dense head that the published networks end in
	StemWidth     = 128 // of the published networks
	imageSide     = 32
	imageChannels = 3
)

// Channels returns the number of channels of each vertex of a module that
// takes in channels and gives out: the inner vertices that feed the output
// share out as evenly as possible, the first of them one more where it does
// not divide, and every other inner vertex has the most that an inner
// successor has. (google-research/nasbench, compute_vertex_channels.)
func (s Spec) Channels(in, out int) []int {
	if s.n == 0 {
		return nil
	}
	c := s.channels(in, out)
	return append([]int(nil), c[:s.n]...)
}

func (s *Spec) channels(in, out int) (c [MaxVertices]int) {
	last := int(s.n) - 1
	c[0], c[last] = in, out
	feeders := 0
	for v := 1; v < last; v++ {
		if s.edge(v, last) {
			feeders++
		}
	}
	if feeders == 0 {
		return c
	}
	share, rest := out/feeders, out%feeders
	for v := 1; v < last; v++ {
		if !s.edge(v, last) {
			continue
		}
		c[v] = share
		if rest > 0 {
			c[v]++
			rest--
		}
	}
	for v := last - 2; v > 0; v-- {
		if s.edge(v, last) {
			continue
		}
		for w := v + 1; w < last; w++ {
			if s.edge(v, w) && c[w] > c[v] {
				c[v] = c[w]
			}
		}
	}
	return c
}

// MinStem returns the narrowest stem at which every vertex has a channel: the
// number of inner vertices that feed the output, and at least 1.
func (s Spec) MinStem() int {
	n := 0
	for v := 1; v < int(s.n)-1; v++ {
		if s.edge(v, int(s.n)-1) {
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return n
}

// module returns the weights and the normalized channels of one module.
func (s *Spec) module(in, out int) (weights, norms int) {
	c := s.channels(in, out)
	conv := func(k, a, b int) {
		weights += k * k * a * b
		norms += b
	}
	for v := 1; v < int(s.n); v++ {
		if s.edge(0, v) {
			conv(1, in, c[v])
		}
		switch s.ops[v] {
		case Conv3x3:
			conv(3, c[v], c[v])
		case Conv1x1:
			conv(1, c[v], c[v])
		case MaxPool3x3, Output: // no weights
		default:
			panic(fmt.Sprintf("nasbench: no cost of %v", s.ops[v]))
		}
	}
	return weights, norms
}

// skeleton visits the modules of the network with their number of channels
// and the side of the image there.
func skeleton(stem int, visit func(in, out, side int)) {
	in, out, side := stem, stem, imageSide
	for stack := 0; stack < Stacks; stack++ {
		if stack > 0 {
			out *= 2
			side /= 2
		}
		for m := 0; m < StackModules; m++ {
			visit(in, out, side)
			in = out
		}
	}
}

// Parameters returns the number of trainable parameters of the network of
// that stem width with its head of ten classes: at StemWidth what the
// published tables call trainable_parameters. It is zero for a stem that is
// not positive, and counts no vertex that has no channel (see MinStem).
func (s Spec) Parameters(stem int) int {
	if s.n == 0 || stem <= 0 {
		return 0
	}
	total := 9*imageChannels*stem + 2*stem
	last := stem
	skeleton(stem, func(in, out, _ int) {
		w, n := s.module(in, out)
		total += w + 2*n
		last = out
	})
	return total + last*Classes + Classes
}

// FLOPs returns the floating-point operations of one 32 x 32 image through
// the network of that stem width, head included: twice the number of
// multiply-accumulate operations of convolutions and the dense layer, padding
// included. It equals Network(stem, 32x32x3).FLOPs().
func (s Spec) FLOPs(stem int) int64 {
	if s.n == 0 || stem <= 0 {
		return 0
	}
	macs := int64(imageSide*imageSide) * int64(9*imageChannels*stem)
	last := stem
	skeleton(stem, func(in, out, side int) {
		w, _ := s.module(in, out)
		macs += int64(w) * int64(side*side)
		last = out
	})
	return 2 * (macs + int64(last*Classes))
}
