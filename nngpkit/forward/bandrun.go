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
	if !r.between {
		x = p.values(s.in[0], at)
	}
	ldy := r.ldy * lanes
	if r.y < 0 {
		y, ldy = p.values(s.out, at), s.out.ld*lanes
	} else {
		y = y[r.y:]
	}
	part := channels{r.channel, r.channels} // of the output
	switch s.op {
	case opMul:
		w.mul = simd.Mul{Y: y, X: x[r.x:], F: p.values(s.in[1], at), LdY: ldy, LdX: s.in[0].ld * lanes, C: s.out.c, N: r.n}
		p.k.Mul(&w.mul)
	case opDepthwise:
		if r.y < 0 {
			y = y[part.first*lanes:]
		}
		w.depthwise(s, m, at, x, y, r.classes, r.below, part, false)
	default:
		if r.y < 0 { // the row's channels are of the input
			part = channels{0, s.out.c}
		}
		w.conv.Begun, w.conv.Unfinished, w.conv.Ahead = r.begun, r.unfinished, x[r.ahead.from:r.ahead.to]
		w.convolve(s, m, at, x, y, r.classes, part, false)
		w.conv.Begun, w.conv.Unfinished = false, false
	}
	if !s.hasPost || r.unfinished {
		return
	}
	for _, c := range [][]class{r.classes, r.below} {
		for i := 0; c != nil && i < len(c[0].pix); i += 3 * r.n { // a row
			w.applyTo(s, y[c[0].pix[i+1]:], ldy, part.n, r.n)
		}
	}
}
