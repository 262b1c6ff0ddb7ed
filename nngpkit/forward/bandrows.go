package forward

// build lists the rows.
func (l *bander) build() {
	out := l.last.out
	l.band.size = l.ring * l.ringWidth * l.ld * l.k.Lanes
	for x0 := 0; x0 < out.w; x0 += l.columns {
		x1 := min(x0+l.columns, out.w)
		l.clearPadding(x0, x1)
		first := len(l.band.rows)
		done := 0 // rows of the producer
		for y := 0; y < out.h; y += l.atOnce() {
			n := min(l.atOnce(), out.h-y)
			if l.producer != nil {
				for i := range n {
					done = l.produce(y+i, x0, x1, done)
				}
			}
			l.middleRows(y, n, x0, x1)
			if l.lineNeeded() {
				l.lastRows(y, n, x0, x1)
				l.clearAgain(y, n, x0, x1)
			}
		}
		l.repeatBlocks(first)
	}
}

// atOnce is how many rows of outputs are computed at a time: two where there are kernels
// for that.
func (l *bander) atOnce() int {
	if l.slide != nil && l.k.DepthwisePair != nil {
		return 2
	}
	return 1
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
	origin, pixel := l.origin(x0), l.ld*l.k.Lanes
	end := (x1-1-x0)*l.window[1].Stride + l.window[1].Reach()
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

// clearAgain appends the columns that outputs of n rows from y on were written over.
func (l *bander) clearAgain(y, n, x0, x1 int) {
	if l.producer == nil {
		return
	}
	lo, _ := l.inputs(x0, x1)
	if over := min(lo-l.origin(x0), x1-x0); over > 0 {
		var padding []span
		for i := range n {
			first := l.outputPlace(y + i)
			padding = append(padding, span{first, first + over*l.ld*l.k.Lanes})
		}
		l.band.rows = append(l.band.rows, bandRow{padding: padding})
	}
}

// outputPlace is where row y of the outputs of the first step, or of the depthwise
// convolution, begins between the steps. Behind a producer that is where the first row
// lies that it alone sees of all rows to come.
func (l *bander) outputPlace(y int) int {
	if l.producer != nil {
		y = y*l.window[0].Stride - l.window[0].Before
	}
	return l.place(y)
}

// origin is the column of the producer, which may lie outside the image, where the
// windows of outputs from x0 on begin.
func (l *bander) origin(x0 int) int { return x0*l.window[1].Stride - l.window[1].Before }

// produce appends the rows of the producer that output row y sees and that are not
// there yet; done is the number of rows so far.
func (l *bander) produce(y, x0, x1, done int) int {
	a := l.window[0]
	end := min(a.In, y*a.Stride-a.Before+a.Reach())
	lo, hi := l.inputs(x0, x1)
	in := l.producer.in[0]
	ldx, ldy := in.ld*l.k.Lanes, l.ld*l.k.Lanes
	for r := max(done, y*a.Stride-a.Before); r < end; r++ {
		layer := &l.layers[l.producer.layer]
		l.band.rows = append(l.band.rows, bandRow{
			step: l.band.first, n: hi - lo, ldy: l.ld, channels: l.block, ahead: l.ahead(r+1, lo, hi),
			y: l.place(r) + (lo-l.origin(x0))*ldy,
			classes: l.producerWindow.row(r, lo, hi, rowPlaces{
				ldx: ldx, ldy: ldy, channels: layer.in, joined: in.ld == in.c && l.producerWindow[1].Dilation == 1,
				inputRow: func(r int) int { return r * in.w * ldx },
			}),
		})
	}
	return max(done, end)
}

// ahead is where columns [lo, hi) of row r of the producer read first: of one row of its
// input, the one that the rows before have not read.
func (l *bander) ahead(r, lo, hi int) span {
	rows, in := l.producerWindow[0], l.producer.in[0]
	y := r*rows.Stride - rows.Before + rows.Reach() - 1
	from, to := seen(l.producerWindow[1], lo, hi)
	if y < 0 || y >= in.h || r >= rows.Out || from >= to {
		return span{}
	}
	pixel := in.ld * l.k.Lanes
	return span{(y*in.w + from) * pixel, (y*in.w+to-1)*pixel + in.c*l.k.Lanes}
}

// middleRows appends n rows from y on of the depthwise convolution, or of the product.
func (l *bander) middleRows(y, n, x0, x1 int) {
	if l.slide == nil {
		in := l.steps[l.band.first].in[0]
		l.band.rows = append(l.band.rows, bandRow{
			step: l.band.first, n: x1 - x0, x: (y*in.w + x0) * in.ld * l.k.Lanes, y: l.outputPlace(y), ldy: l.ld, channels: l.block,
		})
		return
	}
	row := bandRow{step: l.band.first, n: x1 - x0, channels: l.block, y: -1}
	if l.producer != nil {
		row.step++
		row.between = true
	}
	if l.lineNeeded() {
		row.y, row.ldy = 0, l.ld
	}
	row.classes = l.middleRow(y, x0, x1)
	if n > 1 {
		row.below = l.middleRow(y+1, x0, x1)
	}
	l.band.rows = append(l.band.rows, row)
}

// middleRow lists the classes of a row of the depthwise convolution.
func (l *bander) middleRow(y, x0, x1 int) []class {
	in := l.slide.in[0]
	p := rowPlaces{ldx: in.ld * l.k.Lanes, channels: l.layers[l.slide.layer].out}
	p.inputRow = func(r int) int { return r * in.w * p.ldx }
	if l.producer != nil {
		p.ldx, p.padded = l.ld*l.k.Lanes, true
		p.inputRow = func(r int) int { return l.place(r) - l.origin(x0)*p.ldx }
	}
	if l.lineNeeded() {
		p.ldy, p.first = l.ld*l.k.Lanes, l.outputPlace(y)
	} else {
		p.ldy = l.slide.out.ld * l.k.Lanes
		p.first = (y*l.slide.out.w + x0) * p.ldy
	}
	return l.window.row(y, x0, x1, p)
}

// lastRows appends n rows from y on of the 1x1 convolution behind.
func (l *bander) lastRows(y, n, x0, x1 int) {
	lanes, out := l.k.Lanes, l.last.out
	cl := class{taps: []int32{0, 0}, run: l.block, pix: make([]int32, 0, 3*n*(x1-x0))}
	for i := range n {
		for x := x0; x < x1; x++ {
			p := (y+i)*out.w + x
			cl.pix = append(cl.pix, int32(l.outputPlace(y+i)+(x-x0)*l.ld*lanes), int32(p*out.ld*lanes), int32(p*l.last.add.ld*lanes))
		}
	}
	l.band.rows = append(l.band.rows, bandRow{
		step: l.band.end - 1, classes: []class{cl}, n: x1 - x0, y: -1, between: true,
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
