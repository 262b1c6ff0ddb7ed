package forward

import (
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// A band is a run of steps that go through the image together, a few columns at a
// time and row by row, so that what lies between them never leaves a near cache: a
// convolution, a depthwise one and a convolution, as in an inverted residual; two of
// these; or a product with a factor a channel and a convolution. What is computed is
// the same, value by value.
type band struct {
	first, end int       // steps
	rows       []bandRow // in the order in which they run
	size       int       // floats of memory between the steps
}

// bandRow is a part of a row of one of the steps.
type bandRow struct {
	step    int
	classes []class
	below   []class // of a depthwise convolution: the row below, which goes together with it
	n       int     // pixels of a row
	x       int     // of a product: offset of the first pixel in the input
	y       int     // offset between the steps, to which the classes add, -1 in the last step
	ldy     int     // vectors from pixel to pixel there
	between bool    // the input lies between the steps: the step before is of the band

	// Channels between the steps: those that the row writes, or, in the last step behind a
	// depthwise convolution, reads. In that step sums of a part of the channels go on from
	// the part before, and are left for the next.
	channel, channels int
	begun, unfinished bool

	ahead span // of a row of the first step: where the next one reads

	padding []span // to be cleared; then there is nothing else to do
}

// span is a range of floats.
type span struct{ from, to int }

// banding says when steps go together; tests change it.
var banding = struct {
	// bytes of the second-level cache of which the rows between the steps may take
	// share; 0 means this machine's
	cache int
	share float64
	// part of the values of the first step that may be computed twice
	twice float64
	// bytes of a tensor between the steps from which on it is worth it, in caches
	least float64
	// channels between the steps that go together at least, a multiple of 4
	block int
	// operations of a convolution in the time that a byte takes beyond the cache
	perByte float64
}{0, 0.7, 0.25, 0.5, 16, 2}

// bands finds the runs of steps that go together.
func (c *compiler) bands() []*band {
	out := make([]*band, len(c.steps)+1)
	if c.strips != nil {
		return out
	}
	for i := 0; i < len(c.steps); i++ {
		for _, n := range []int{3, 2} {
			if b := c.bandOf(i, n); b != nil {
				out[i] = b
				i = b.end - 1
				break
			}
		}
	}
	return out
}

// bandOf returns the band of n steps from step i on, nil where they are none.
func (c *compiler) bandOf(i, n int) *band {
	if i+n > len(c.steps) {
		return nil
	}
	for k := range n {
		s := &c.steps[i+k]
		if len(s.records) > 0 || k > 0 && !c.feeds(i+k-1) {
			return nil
		}
	}
	first, last := &c.steps[i], &c.steps[i+n-1]
	var slide *step // the depthwise convolution
	conv := c.bandable(first)
	switch {
	case n == 3 && conv && c.steps[i+1].op == opDepthwise && c.pointwise(last):
		slide = &c.steps[i+1]
	case n == 2 && conv && last.op == opDepthwise:
		slide = last
	case n == 2 && first.op == opDepthwise && c.pointwise(last):
		slide = first
	case n == 2 && first.op == opMul && first.in[1].pixels() == 1 && c.pointwise(last):
	default:
		return nil
	}
	return c.newBand(i, n, slide)
}

// feeds tells whether step i writes a tensor that the next step alone reads.
func (c *compiler) feeds(i int) bool {
	s, t := &c.steps[i], &c.steps[i+1]
	if s.out.buf < 0 || len(t.in) == 0 || t.in[0] != s.out || s.out.ch != 0 || t.hasAdd && t.add.buf == s.out.buf {
		return false
	}
	for _, v := range t.in[1:] {
		if v.buf == s.out.buf {
			return false
		}
	}
	b := &c.buffers[s.out.buf]
	return b.first == i && b.last == i+1
}

// bandable tells whether a step is a convolution that can go row by row.
func (c *compiler) bandable(s *step) bool {
	return s.op == opConv && s.layer >= 0 && c.layers[s.layer].groups == 1 && !s.hasAdd && c.kind(s) == arch.Conv
}

// pointwise tells whether a step is a 1x1 convolution of stride 1.
func (c *compiler) pointwise(s *step) bool {
	return s.op == opConv && c.layers[s.layer].groups == 1 && c.layers[s.layer].taps == 1 && c.kind(s) == arch.Conv && s.in[0].pixels() == s.out.pixels()
}

// kind returns the operation of a step with a layer.
func (c *compiler) kind(s *step) arch.Kind { return c.net.Nodes[s.node].Kind }

// newBand lays a band out, or returns nil where it is not worth it.
func (c *compiler) newBand(i, n int, slide *step) *band {
	cache := banding.cache
	if cache == 0 {
		cache = simd.SecondCache()
	}
	lanes := c.k.Lanes
	largest := 0
	for k := range n - 1 {
		v := c.steps[i+k].out
		largest = max(largest, 4*lanes*v.pixels()*v.ld)
	}
	if float64(largest) < banding.least*float64(cache) {
		return nil
	}
	l := &bander{compiler: c, band: &band{first: i, end: i + n}, last: &c.steps[i+n-1]}
	if slide != nil {
		l.window = windowOf(&c.net.Nodes[slide.node], slide.in[0])
		l.slide = slide
	}
	if &c.steps[i] != slide && slide != nil {
		l.producer = &c.steps[i]
		l.producerWindow = windowOf(&c.net.Nodes[l.producer.node], l.producer.in[0])
	}
	if !l.cut(int(banding.share * float64(cache))) {
		return nil
	}
	l.build()
	return l.band
}

// together returns the buffers as the bands use them: what is between the steps of a
// band takes none, and what they read and write lives through all of them.
func together(buffers []buffer, steps []step, bands []*band) []buffer {
	out := append([]buffer(nil), buffers...)
	reach := func(v view, b *band) {
		if v.buf >= 0 {
			o := &out[v.buf]
			o.first, o.last = min(o.first, b.first), max(o.last, b.end-1)
		}
	}
	for _, b := range bands {
		if b == nil {
			continue
		}
		for i := b.first; i < b.end; i++ {
			s := &steps[i]
			for _, v := range s.in {
				reach(v, b)
			}
			if s.hasAdd {
				reach(s.add, b)
			}
			reach(s.out, b)
			if i < b.end-1 {
				out[s.out.buf].size = 0
			}
		}
	}
	return out
}
