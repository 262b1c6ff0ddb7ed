package forward

import (
	"math"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// bander builds a band. The first step between is a convolution or a depthwise one, or a
// product; channels between the steps go block by block, columns strip by strip.
type bander struct {
	*compiler
	band           *band
	producer       *step // a convolution before the depthwise one; may be nil
	producerWindow window
	slide          *step // the depthwise convolution; nil where a product is first
	window         window
	last           *step

	bandCut
	ring      int // rows that are kept between the steps
	ld        int // vectors a pixel there
	ringWidth int // pixels of a row there, with those in the padding
}

// bandCut says what goes together.
type bandCut struct {
	block   int // channels between the steps
	columns int // outputs of a row
}

// between is the number of vectors of a pixel between the steps, as newBuffer has it.
func (l *bander) between(channels int) int {
	if channels%16 == 0 {
		channels += cacheLine / l.k.Lanes
	}
	return channels
}

// cut chooses what goes together, and tells whether the band is worth it. Columns at
// the edges of a strip are computed twice; with few channels at a time there are few
// strips, but the input is read, and sums are left and taken up, once for every block
// of channels.
func (l *bander) cut(bytes int) bool {
	channels := l.steps[l.band.first].out.c
	if l.producer == nil {
		l.ring = l.atOnce()
		l.lay(bandCut{channels, l.columnsOf(channels, bytes)})
		return true
	}
	l.ring = l.window[0].Reach() + (l.atOnce()-1)*l.window[0].Stride
	flops := 2 * float64(l.net.MACs(l.producer.node)*int64(l.k.Lanes))
	again := banding.perByte * l.again()
	best, least := bandCut{}, math.Inf(1)
	for blocks := 1; 4*(blocks-1) < channels; blocks++ {
		block := min(channels, (channels+4*blocks-1)/(4*blocks)*4)
		if blocks > 1 && (block < banding.block || !l.divisible()) {
			break
		}
		if !packedAlike(channels, block) {
			continue
		}
		c := bandCut{block, l.columnsOf(block, bytes)}
		twice := l.twice(c)
		if cost := twice*flops + float64(blocks-1)*again; cost < least && twice <= banding.twice {
			best, least = c, cost
		}
		if twice == 0 {
			break
		}
	}
	if best.block == 0 {
		return false
	}
	l.lay(best)
	return true
}

// again is how many bytes one more block of channels reads and writes again.
func (l *bander) again() float64 {
	in := l.producer.in[0]
	vectors := in.pixels() * in.c
	if l.lineNeeded() {
		vectors += 2 * l.last.out.pixels() * l.last.out.c
	}
	return float64(4 * l.k.Lanes * vectors)
}

// divisible tells whether channels between the steps may come in blocks: tensors must
// not change while others still read them.
func (l *bander) divisible() bool {
	return !l.last.hasAdd || l.last.add.buf != l.last.out.buf
}

// packedAlike tells whether blocks of outputs have the tiles that all outputs together
// have: the tiles of three, at the end, lie in the last block.
func packedAlike(channels, block int) bool {
	runs := simd.Runs(channels)
	last := (channels - 1) / block * block
	return last == 0 || runs[0].S == 4 && (runs[1].N == 0 || last <= runs[1].First)
}

// columnsOf returns how many columns go together, of so many channels.
func (l *bander) columnsOf(block, bytes int) int {
	width := l.last.out.w
	perColumn, fixed := l.ring*l.between(block)*4*l.k.Lanes, 0 // bytes
	if l.producer != nil {
		columns := l.window[1]
		fixed = (columns.Reach() - columns.Stride) * perColumn
		perColumn *= columns.Stride
	}
	most := max(1, (bytes-fixed)/perColumn)
	strips := (width + most - 1) / most
	return (width + strips - 1) / strips
}

// twice returns the part of the producer's columns that is computed twice.
func (l *bander) twice(c bandCut) float64 {
	width := l.last.out.w
	computed := 0
	for x := 0; x < width; x += c.columns {
		lo, hi := l.inputs(x, min(x+c.columns, width))
		computed += hi - lo
	}
	return float64(computed)/float64(l.window[1].In) - 1
}

// lay settles where rows lie between the steps.
func (l *bander) lay(c bandCut) {
	l.bandCut = c
	l.ld, l.ringWidth = l.between(c.block), c.columns
	if l.producer != nil {
		columns := l.window[1]
		l.ringWidth = (c.columns-1)*columns.Stride + columns.Reach()
	}
}

// place is where row r of the producer, or of the outputs of the first step, begins
// between the steps, in floats. Rows above the image have places too: their own, beside
// those that are kept with them.
func (l *bander) place(r int) int {
	return ((r%l.ring + l.ring) % l.ring) * l.ringWidth * l.ld * l.k.Lanes
}

// lineNeeded tells whether a step follows the depthwise convolution or the product.
func (l *bander) lineNeeded() bool { return l.last != l.slide }

// middle is what the last step reads.
func (l *bander) middle() view { return l.last.in[0] }

// inputs returns the columns of the producer that outputs [x0, x1) see.
func (l *bander) inputs(x0, x1 int) (lo, hi int) { return seen(l.window[1], x0, x1) }

// seen returns which inputs lie between the first and the last that outputs [o0, o1) see.
func seen(a arch.Axis, o0, o1 int) (lo, hi int) {
	lo = max(0, o0*a.Stride-a.Before)
	hi = min(a.In, (o1-1)*a.Stride-a.Before+a.Reach())
	return min(lo, hi), hi
}
