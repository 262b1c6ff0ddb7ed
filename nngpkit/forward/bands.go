package forward

import (
	"math"

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
	n       int // pixels
	x       int // of a product: offset of the first pixel in the input
	y       int // offset of the first pixel between the steps, -1 in the last step, whose classes say where
	ldy     int // vectors from pixel to pixel there
	between int // where the input lies between the steps, -1 where the step before is none of the band's

	// Channels between the steps: those that the row writes, or, in the last step behind a
	// depthwise convolution, reads. In that step sums of a part of the channels go on from
	// the part before, and are left for the next.
	channel, channels int
	begun, unfinished bool

	padding []span // to be cleared; then there is nothing else to do
}

// span is a range of floats between the steps.
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
}{0, 0.6, 0.25, 0.5, 16, 5}

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

// bander builds a band.
type bander struct {
	*compiler
	band           *band
	producer       *step // a convolution before the depthwise one; may be nil
	producerWindow window
	slide          *step // the depthwise convolution; nil where a product is first
	window         window
	last           *step

	bandCut
	ring      int // rows of the producer that are kept
	ldE, ldD  int // vectors a pixel of the rows between the steps
	ringWidth int // pixels of a row of the producer, with those in the padding
	line      int // where the row behind the depthwise convolution lies
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
		return l.lay(bandCut{channels, l.columnsOf(channels, bytes)})
	}
	l.ring = (l.window[0].Kernel-1)*l.window[0].Dilation + 1
	flops := 2 * float64(l.net.MACs(l.producer.node)*int64(l.k.Lanes))
	vector := float64(4 * l.k.Lanes)
	again := vector * float64(l.producer.in[0].pixels()*l.producer.in[0].c)
	if l.lineNeeded() {
		again += 2 * vector * float64(l.last.out.pixels()*l.last.out.c)
	}
	best, least := bandCut{}, math.Inf(1)
	for blocks := 1; blocks == 1 || 4*blocks < channels+4; blocks++ {
		block := (channels + 4*blocks - 1) / (4 * blocks) * 4
		if blocks > 1 && (block < banding.block || !l.divisible()) {
			break
		}
		if !packedAlike(channels, block) {
			continue
		}
		c := bandCut{min(block, channels), l.columnsOf(min(block, channels), bytes)}
		if cost := l.twice(c)*flops + banding.perByte*float64(blocks-1)*again; cost < least {
			best, least = c, cost
		}
		if l.twice(c) == 0 {
			break
		}
	}
	return best.block > 0 && l.lay(best) && l.twice(best) <= banding.twice
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
	width := l.band.outputs(l.compiler).w
	vector := 4 * l.k.Lanes
	perColumn, fixed := 0, 0 // bytes
	if l.lineNeeded() {
		perColumn += l.between(block) * vector
	}
	if l.producer != nil {
		columns := l.window[1]
		ring := l.ring * l.between(block) * vector
		perColumn += columns.Stride * ring
		fixed = ((columns.Kernel-1)*columns.Dilation + 1 - columns.Stride) * ring
	}
	most := max(1, (bytes-fixed)/perColumn)
	strips := (width + most - 1) / most
	return (width + strips - 1) / strips
}

// twice returns the part of the producer's columns that is computed twice.
func (l *bander) twice(c bandCut) float64 {
	width := l.band.outputs(l.compiler).w
	computed := 0
	for x := 0; x < width; x += c.columns {
		lo, hi := l.inputs(x, min(x+c.columns, width))
		computed += hi - lo
	}
	return float64(computed)/float64(l.window[1].In) - 1
}

// lay settles where rows lie between the steps.
func (l *bander) lay(c bandCut) bool {
	l.bandCut = c
	if l.lineNeeded() {
		l.ldD = l.between(c.block)
	}
	if l.producer != nil {
		columns := l.window[1]
		l.ldE = l.between(c.block)
		l.ringWidth = (c.columns-1)*columns.Stride + (columns.Kernel-1)*columns.Dilation + 1
		l.line = l.ring * l.ringWidth * l.ldE * l.k.Lanes
	}
	return true
}

// outputs is the view that the band's first step between gives, which has the rows
// and columns that go together.
func (b *band) outputs(c *compiler) view { return c.steps[b.end-1].out }

// lineNeeded tells whether a step follows the depthwise convolution or the product.
func (l *bander) lineNeeded() bool { return l.last != l.slide }

// middle is what the last step reads.
func (l *bander) middle() view { return l.last.in[0] }

// inputs returns the columns of the producer that outputs [x0, x1) see.
func (l *bander) inputs(x0, x1 int) (lo, hi int) {
	a := l.window[1]
	lo = max(0, x0*a.Stride-a.Before)
	hi = min(a.In, (x1-1)*a.Stride-a.Before+(a.Kernel-1)*a.Dilation+1)
	return min(lo, hi), hi
}

// build lists the rows.
func (l *bander) build() {
	out := l.band.outputs(l.compiler)
	l.band.size = l.line + l.columns*l.ldD*l.k.Lanes
	for x0 := 0; x0 < out.w; x0 += l.columns {
		x1 := min(x0+l.columns, out.w)
		l.clearPadding(x0, x1)
		first := len(l.band.rows)
		done := 0 // rows of the producer
		for y := range out.h {
			if l.producer != nil {
				done = l.produce(y, x0, x1, done)
			}
			l.middleRow(y, x0, x1)
			if l.lineNeeded() {
				l.lastRow(y, x0, x1)
			}
		}
		l.repeatBlocks(first)
	}
}

// repeatBlocks appends the rows from first on for the other blocks of channels.
func (l *bander) repeatBlocks(first int) {
	rows := l.band.rows[first:]
	channels := l.steps[l.band.first].out.c
	for at := l.block; at < channels; at += l.block {
		for _, r := range rows {
			r.channel, r.channels = at, min(l.block, channels-at)
			if r.step == l.band.end-1 && l.lineNeeded() {
				r.begun, r.unfinished = true, at+l.block < channels
				cl := r.classes[0]
				cl.taps, cl.run = []int32{0, int32(at)}, r.channels
				r.classes = []class{cl}
			}
			l.band.rows = append(l.band.rows, r)
		}
	}
}

// clearPadding appends the columns of the ring that lie outside the image, which no
// row of the producer writes.
func (l *bander) clearPadding(x0, x1 int) {
	if l.producer == nil {
		return
	}
	lo, hi := l.inputs(x0, x1)
	origin, pixel := l.origin(x0), l.ldE*l.k.Lanes
	end := (x1-1-x0)*l.window[1].Stride + (l.window[1].Kernel-1)*l.window[1].Dilation + 1
	var padding []span
	for r := range l.ring {
		row := r * l.ringWidth
		for _, s := range []span{{row, row + min(lo-origin, end)}, {row + max(hi-origin, 0), row + end}} {
			if s.from < s.to {
				padding = append(padding, span{s.from * pixel, s.to * pixel})
			}
		}
	}
	if padding != nil {
		l.band.rows = append(l.band.rows, bandRow{padding: padding})
	}
}

// origin is the column of the producer, which may lie outside the image, where the
// windows of outputs from x0 on begin.
func (l *bander) origin(x0 int) int { return x0*l.window[1].Stride - l.window[1].Before }

// produce appends the rows of the producer that output row y sees and that are not
// there yet; done is the number of rows so far.
func (l *bander) produce(y, x0, x1, done int) int {
	a := l.window[0]
	end := min(a.In, y*a.Stride-a.Before+(a.Kernel-1)*a.Dilation+1)
	lo, hi := l.inputs(x0, x1)
	in := l.producer.in[0]
	ldx, ldy := in.ld*l.k.Lanes, l.ldE*l.k.Lanes
	for r := max(done, y*a.Stride-a.Before); r < end; r++ {
		layer := &l.layers[l.producer.layer]
		l.band.rows = append(l.band.rows, bandRow{
			step: l.band.first, n: hi - lo, ldy: l.ldE, between: -1, channels: l.block,
			y: (r%l.ring*l.ringWidth + lo - l.origin(x0)) * ldy,
			classes: l.producerWindow.row(r, lo, hi, rowPlaces{
				ldx: ldx, ldy: ldy, channels: layer.in, joined: in.ld == in.c && l.producerWindow[1].Dilation == 1,
				inputRow: func(r int) int { return r * in.w * ldx },
			}),
		})
	}
	return max(done, end)
}

// middleRow appends a row of the depthwise convolution or the product.
func (l *bander) middleRow(y, x0, x1 int) {
	if l.slide == nil {
		in := l.steps[l.band.first].in[0]
		l.band.rows = append(l.band.rows, bandRow{
			step: l.band.first, n: x1 - x0, x: (y*in.w + x0) * in.ld * l.k.Lanes, y: l.line, ldy: l.ldD, between: -1, channels: l.block,
		})
		return
	}
	in := l.slide.in[0]
	number := l.band.first
	p := rowPlaces{ldx: in.ld * l.k.Lanes, channels: l.layers[l.slide.layer].out}
	p.inputRow = func(r int) int { return r * in.w * p.ldx }
	row := bandRow{n: x1 - x0, between: -1, channels: l.block}
	if l.producer != nil {
		number++
		row.between = 0
		p.ldx, p.padded = l.ldE*l.k.Lanes, true
		p.inputRow = func(r int) int { return (r%l.ring*l.ringWidth - l.origin(x0)) * p.ldx }
	}
	if l.lineNeeded() {
		row.y, row.ldy = l.line, l.ldD
		p.ldy = l.ldD * l.k.Lanes
	} else {
		row.y = -1
		p.ldy = l.slide.out.ld * l.k.Lanes
		p.first = (y*l.slide.out.w + x0) * p.ldy
	}
	row.step, row.classes = number, l.window.row(y, x0, x1, p)
	l.band.rows = append(l.band.rows, row)
}

// lastRow appends a row of the 1x1 convolution behind.
func (l *bander) lastRow(y, x0, x1 int) {
	lanes, out := l.k.Lanes, l.last.out
	cl := class{taps: []int32{0, 0}, run: l.block, pix: make([]int32, 0, 3*(x1-x0))}
	for x := x0; x < x1; x++ {
		p := y*out.w + x
		cl.pix = append(cl.pix, int32((x-x0)*l.ldD*lanes), int32(p*out.ld*lanes), int32(p*l.last.add.ld*lanes))
	}
	l.band.rows = append(l.band.rows, bandRow{
		step: l.band.end - 1, classes: []class{cl}, n: x1 - x0, y: -1, between: l.line,
		channels: l.block, unfinished: l.block < l.middle().c,
	})
}

// rowPlaces say where the pixels of a part of a row lie, in floats.
type rowPlaces struct {
	ldx, ldy int
	first    int // of the output
	inputRow func(r int) int
	channels int // that scale the numbers of taps
	joined   bool
	padded   bool // the input has columns of zeros beside it
}

// row lists the classes of outputs [x0, x1) of row y.
func (w window) row(y, x0, x1 int, p rowPlaces) []class {
	rows, columns := w[0], w[1]
	top, bottom := rows.Taps(y)
	var out []class
	was := [2]int{-1, -1}
	for x := x0; x < x1; x++ {
		left, right := columns.Taps(x)
		if p.padded {
			left, right = 0, columns.Kernel
		}
		if at := [2]int{left, right}; at != was {
			was = at
			out = append(out, class{run: p.channels})
			cl := &out[len(out)-1]
			for ky := top; ky < bottom; ky++ {
				from := p.inputRow(y*rows.Stride - rows.Before + ky*rows.Dilation)
				for kx := left; kx < right; kx++ {
					cl.taps = append(cl.taps, int32(from+kx*columns.Dilation*p.ldx), int32((ky*columns.Kernel+kx)*p.channels))
					if p.joined {
						cl.run = p.channels * (right - left)
						break
					}
				}
			}
		}
		cl := &out[len(out)-1]
		cl.pix = append(cl.pix, int32((x*columns.Stride-columns.Before)*p.ldx), int32(p.first+(x-x0)*p.ldy), 0)
	}
	return out
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

// band runs a band for n groups.
func (w *worker) band(b *band, m *member, at place, n int) {
	p := w.plan
	if w.between == nil {
		w.between = p.pool.get(p.between)
	}
	for ; n > 0; n-- {
		for i := range b.rows {
			w.bandRow(&b.rows[i], m, at)
		}
		at = at.next()
	}
}

// bandRow runs a part of a row.
func (w *worker) bandRow(r *bandRow, m *member, at place) {
	if r.padding != nil {
		for _, s := range r.padding {
			clear(w.between[s.from:s.to])
		}
		return
	}
	p := w.plan
	lanes := p.k.Lanes
	s := &p.steps[r.step]
	x, y := w.between, w.between
	if r.between < 0 {
		x = p.values(s.in[0], at)
	} else {
		x = x[r.between:]
	}
	ldy := r.ldy * lanes
	written := r.channel // where the row begins
	if r.y < 0 {
		y, ldy = p.values(s.out, at), s.out.ld*lanes
	} else {
		y, written = y[r.y:], 0
	}
	channels := r.channels
	switch s.op {
	case opMul:
		w.mul = simd.Mul{Y: y, X: x[r.x:], F: p.values(s.in[1], at), LdY: ldy, LdX: s.in[0].ld * lanes, C: s.out.c, N: r.n}
		p.k.Mul(&w.mul)
	case opDepthwise:
		y = y[written*lanes:]
		w.bandDepthwise(r, s, m, at, x, y)
	default:
		if r.y >= 0 {
			w.bandProducer(r, s, m, at, x, y)
			break
		}
		channels = s.out.c
		w.bandLast(r, s, m, at, x, y)
	}
	if !s.hasPost || r.unfinished {
		return
	}
	if r.y < 0 {
		y = y[r.classes[0].pix[1]:]
	}
	w.applyTo(s, y, ldy, channels, r.n)
}

// bandDepthwise runs a part of the channels of a depthwise convolution.
func (w *worker) bandDepthwise(r *bandRow, s *step, m *member, at place, x, y []float32) {
	p := w.plan
	l, a := &p.layers[s.layer], &w.window
	a.X, a.Y, a.C, a.LdW, a.Count = x, y, r.channels, s.out.c, 0
	if r.between < 0 {
		a.X = x[r.channel*p.k.Lanes:]
	}
	a.W = m.w[l.w+r.channel:][:l.weights-r.channel]
	a.Shift, _, a.ReLU = w.finish(s, m, at, false)
	if a.Shift != nil {
		a.Shift = a.Shift[r.channel:]
	}
	for i := range r.classes {
		a.Pix, a.Taps = r.classes[i].pix, r.classes[i].taps
		p.k.Depthwise(a)
	}
	a.LdW = 0
}

// bandProducer runs a part of the outputs of a convolution.
func (w *worker) bandProducer(r *bandRow, s *step, m *member, at place, x, y []float32) {
	p := w.plan
	l, a := &p.layers[s.layer], &w.conv
	a.X, a.Y, a.W = x, y, m.w[l.w:][:l.packed][r.channel*l.taps*l.in:]
	a.In, a.Out, a.Window = l.in, r.channels, l.taps
	a.Shift, a.Add, a.ReLU = w.finish(s, m, at, false)
	if a.Shift != nil {
		a.Shift = a.Shift[r.channel:]
	}
	for i := range r.classes {
		a.Pix, a.Taps, a.Run = r.classes[i].pix, r.classes[i].taps, r.classes[i].run
		p.k.Conv(a)
	}
}

// bandLast runs a 1x1 convolution of a part of its inputs.
func (w *worker) bandLast(r *bandRow, s *step, m *member, at place, x, y []float32) {
	w.conv.Begun, w.conv.Unfinished = r.begun, r.unfinished
	w.convolve(s, m, at, x, y, r.classes, false)
	w.conv.Begun, w.conv.Unfinished = false, false
}
