package forward

import "github.com/nngplab/nngplab/nngpkit/forward/internal/simd"

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
	a.Ahead = x[r.ahead.from:r.ahead.to]
	for i := range r.classes {
		a.Pix, a.Taps, a.Run = r.classes[i].pix, r.classes[i].taps, r.classes[i].run
		p.k.Conv(a)
		a.Ahead = nil
	}
}

// bandLast runs a 1x1 convolution of a part of its inputs.
func (w *worker) bandLast(r *bandRow, s *step, m *member, at place, x, y []float32) {
	w.conv.Begun, w.conv.Unfinished = r.begun, r.unfinished
	w.convolve(s, m, at, x, y, r.classes, false)
	w.conv.Begun, w.conv.Unfinished = false, false
}
