package forward

import (
	"fmt"
	"math"
)

// Draw says how weights depend on each other. In each, the weights of one output
// have the distribution that the network asks for, so that the kernel has the
// same mean; what differs is how far its estimate is off. (For Orthogonal this
// is exact where weights are normal, see arch.Init, and close where truncated.)
type Draw int

const (
	// Independent draws every weight on its own: the protocol of
	// arXiv:2011.06006.
	Independent Draw = iota

	// Antithetic gives members 2k and 2k+1 the same weights with opposite signs:
	// what a ReLU drops in one, it keeps in the other.
	Antithetic

	// Orthogonal turns the weights of the outputs of a layer until they are
	// orthogonal to each other, each keeping its length, in blocks of as many
	// outputs as there are inputs (Yu et al., "Orthogonal random features", 2016).
	// The groups of a convolution
	// are turned each by itself; depthwise layers, whose outputs share no input,
	// stay as they are.
	Orthogonal
)

var drawNames = []string{"independent", "antithetic", "orthogonal"}

// String returns the name of the draw.
func (d Draw) String() string {
	if d >= 0 && int(d) < len(drawNames) {
		return drawNames[d]
	}
	return fmt.Sprintf("draw(%d)", int(d))
}

// ParseDraw returns the draw of the given name: independent, antithetic or
// orthogonal.
func ParseDraw(name string) (Draw, error) {
	for i, s := range drawNames {
		if s == name {
			return Draw(i), nil
		}
	}
	return 0, fmt.Errorf("forward: unknown draw of weights %q (independent, antithetic or orthogonal)", name)
}

// memberStream is the stream that the weights of a node come from for one member.
type memberStream struct {
	stream
	negative bool
}

func (c Config) streamOf(node, member int) memberStream {
	from := member
	if c.Draw == Antithetic {
		from -= member % 2
	}
	return memberStream{newStream(c.Seed, from, node), from != member}
}

// fill draws the next weights: where more follow, a multiple of four. The drawer, which
// may be nil, makes no difference but in time.
func (s *memberStream) fill(by *drawer, w []float32, d distribution) {
	by.fill(&s.stream, w, d)
	if s.negative {
		for i, v := range w {
			w[i] = -v
		}
	}
}

// fill draws the weights of one node for one member. There are outputs columns,
// the fastest index, in sets that share no inputs: the groups of a convolution,
// the channels of a depthwise one. The drawer is as in memberStream.fill.
func (c Config) fill(by *drawer, w []float32, node, member, outputs, sets int, d distribution) {
	s := c.streamOf(node, member)
	s.fill(by, w, d)
	if c.Draw == Orthogonal && outputs > sets {
		for first := 0; first < outputs; first += outputs / sets {
			orthogonalize(w, outputs, first, outputs/sets)
		}
	}
}

// orthogonalize makes n columns of a row-major matrix, from the first on,
// orthogonal within blocks of as many columns as there are rows, and keeps their
// lengths.
func orthogonalize(w []float32, columns, first, n int) {
	rows := len(w) / columns
	block := make([][]float64, 0, min(rows, n))
	for j := first; j < first+n; j++ {
		if len(block) == rows {
			block = block[:0]
		}
		v := make([]float64, rows)
		for i := range v {
			v[i] = float64(w[i*columns+j])
		}
		length := math.Sqrt(dot(v, v))
		if length == 0 {
			continue
		}
		for range 2 { // once more, for what rounding left
			for _, u := range block {
				along := dot(u, v)
				for i := range v {
					v[i] -= along * u[i]
				}
			}
		}
		left := math.Sqrt(dot(v, v))
		if left <= 1e-9*length { // in the span of the others, as no random column is
			continue
		}
		for i := range v {
			v[i] /= left
			w[i*columns+j] = float32(length * v[i])
		}
		block = append(block, v)
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x * b[i]) // no fused multiply-add: the same on all platforms
	}
	return sum
}
