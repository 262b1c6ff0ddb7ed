package forward

import (
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// worker holds the arguments of one goroutine's kernel calls. They live on
// the heap because calls through a table of functions would move them there
// each time.
type worker struct {
	plan   *Plan
	conv   simd.Conv
	wide   simd.ChannelConv
	window simd.Window
	sum    simd.Sum
	affine simd.Affine
	stats  simd.Stats
	mul    simd.Mul
	mean   simd.Mean
	act    simd.Activate
	code   simd.Codes
	wino   simd.Winograd
	image  simd.Image
	laying simd.Lay
	x      [][]float32
	ldx    []int

	draw    drawer
	scratch []float32
	between []float32 // of bands; nil until one runs
	masks   []uint16  // where signs are recorded, nil where they are not wanted
}

// member is the state of one member: its weights and normalization.
type member struct {
	w     []float32 // packed weights of all layers
	scale []float32 // one a channel of all layers; in evaluation folded into w
	shift []float32
	// statistics of the normalization batch
	mean, variance []float64
	// partial statistics of the current step: [group][channel]
	groupMean, groupSum []float64
}

// place is where a group of images finds its buffers.
type place struct {
	s      *schedule
	slab   []float32
	images []float32 // all of them
	image  int       // index of the group among all
	outer  int       // in the chunk
	local  int       // in its share of the chunk
}

// next returns the place of the next group.
func (at place) next() place {
	at.image++
	at.outer++
	at.local++
	return at
}

// data returns the memory that starts at a view's first value and the distance
// to the next group's.
func (p *Plan) data(v view, at place) ([]float32, int) {
	if v.buf == inputBuffer {
		size := p.inputSize()
		return at.images[at.image*size+v.ch*p.k.Lanes:], size
	}
	g := at.local
	if at.s.whole[v.buf] {
		g = at.outer
	}
	size := p.buffers[v.buf].size
	if at.s.apart > 0 {
		size = at.s.apart
	}
	return at.slab[at.s.base[v.buf]+g*size+v.ch*p.k.Lanes:], size
}

// values returns the memory that starts at a view's first value.
func (p *Plan) values(v view, at place) []float32 {
	x, _ := p.data(v, at)
	return x
}

// initialize draws the weights of one layer and packs them.
func (w *worker) initialize(m *member, number, i int) {
	p := w.plan
	l := &p.layers[i]
	if l.weights == 0 {
		return
	}
	to := m.w[l.w:][:l.packed]
	if l.depthwise {
		p.cfg.fill(&w.draw, to, l.node, number, l.out, l.out, l.dist)
		return
	}
	if l.groups == 1 && l.place == nil && !l.winograd && p.cfg.Draw != Orthogonal {
		w.drawPacked(to, l, number)
		return
	}
	raw := p.pool.get(l.weights)
	p.cfg.fill(&w.draw, raw, l.node, number, l.out, l.groups, l.dist)
	switch {
	case l.groups > 1:
		p.packGroups(to, raw, l)
	case l.place != nil && l.winograd:
		p.k.PackWinogradChannels(to, raw, l.in, l.values/p.k.Lanes, l.place)
	case l.place != nil:
		p.k.PackChannels(to, raw, l.taps*l.in, l.values/p.k.Lanes, l.place)
	case l.winograd:
		simd.PackWinograd(to, raw, l.in, l.out)
	default:
		simd.Pack(to, raw, l.taps*l.in, l.out)
	}
	p.pool.put(raw)
}

// drawPacked draws the weights of a layer in one group a few rows at a time, and packs
// these while a near cache holds them.
func (w *worker) drawPacked(to []float32, l *layer, number int) {
	p, rows := w.plan, l.taps*l.in
	step := min(rows, simd.RowsToPack) // whole blocks of all kernels that draw
	raw := p.pool.get(step * l.out)
	s := p.cfg.streamOf(l.node, number)
	for first := 0; first < rows; first += step {
		n := min(step, rows-first)
		s.fill(&w.draw, raw[:n*l.out], l.dist)
		simd.PackRows(to, raw, first, n, rows, l.out)
	}
	p.pool.put(raw)
}

// packGroups packs the weights of each group of a convolution by itself.
func (p *Plan) packGroups(dst, raw []float32, l *layer) {
	rows, out := l.taps*l.in, l.out/l.groups
	part := p.pool.get(rows * out)
	for g := range l.groups {
		for r := range rows {
			copy(part[r*out:][:out], raw[r*l.out+g*out:])
		}
		simd.Pack(dst[g*rows*out:][:rows*out], part, rows, out)
	}
	p.pool.put(part)
}

// steps runs one step for n groups.
func (w *worker) steps(s *step, m *member, at place, n int, raw bool) {
	if s.op == opWinograd {
		w.winograd(s, m, at, n, raw)
	}
	for ; n > 0; n-- {
		if s.op != opWinograd {
			w.step(s, m, at, raw)
		}
		if s.hasPost && !raw {
			w.activate(s, w.plan.values(s.out, at))
		}
		if len(s.records) > 0 && w.masks != nil {
			w.signs(s, at)
		}
		at = at.next()
	}
}

// step runs one step for one group. raw leaves out the activation and the
// addend of a normalized layer, whose statistics are not known yet.
func (w *worker) step(s *step, m *member, at place, raw bool) {
	p := w.plan
	lanes := p.k.Lanes
	y := p.values(s.out, at)
	switch s.op {
	case opConv:
		if p.strips == nil {
			w.convolve(s, m, at, p.values(s.in[0], at), y, s.classes, channels{0, s.out.c}, raw)
		} else {
			w.convolveChannels(s, m, at, y, raw)
		}
	case opDepthwise:
		w.depthwise(s, m, at, p.values(s.in[0], at), y, s.classes, nil, channels{0, s.out.c}, raw)
	case opMaxPool, opAvgPool:
		w.slide(s, at)
	case opMaxPool3:
		in := s.in[0]
		w.image = simd.Image{X: p.values(in, at), Y: y, LdX: in.ld * lanes, LdY: s.out.ld * lanes, C: in.c, Height: in.h, Width: in.w}
		p.k.MaxPool3(&w.image)
	case opMean:
		in := s.in[0]
		w.mean = simd.Mean{Y: y, X: p.values(in, at), Ld: in.ld * lanes, C: in.c, N: in.pixels()}
		p.k.Mean(&w.mean)
	case opSum:
		w.x, w.ldx = w.x[:0], w.ldx[:0]
		for _, v := range s.in {
			w.x = append(w.x, p.values(v, at))
			w.ldx = append(w.ldx, v.ld*lanes)
		}
		w.sum = simd.Sum{Y: y, LdY: s.out.ld * lanes, X: w.x, LdX: w.ldx, C: s.out.c, N: s.out.pixels()}
		p.k.Sum(&w.sum)
	case opMul:
		w.mul = simd.Mul{
			Y: y, X: p.values(s.in[0], at), F: p.values(s.in[1], at),
			LdY: s.out.ld * lanes, LdX: s.in[0].ld * lanes, C: s.out.c, N: s.out.pixels(),
		}
		if s.in[1].pixels() > 1 {
			w.mul.LdF = s.in[1].ld * lanes
		}
		p.k.Mul(&w.mul)
	case opNorm:
		w.standAlone(s, m, at, y, raw)
	case opActivate:
		w.apply(s, y, p.values(s.in[0], at), s.in[0].ld*lanes)
	case opZero:
		for i := range s.out.pixels() {
			clear(y[i*s.out.ld*lanes:][:s.out.c*lanes])
		}
	case opShuffle:
		w.shuffle(s, at, y)
	}
}

// standAlone normalizes another node's values; raw copies them.
func (w *worker) standAlone(s *step, m *member, at place, y []float32, raw bool) {
	p := w.plan
	l, in := &p.layers[s.layer], s.in[0]
	if raw {
		w.copy(s.out, in, y, p.values(in, at))
		return
	}
	w.affine = simd.Affine{
		X: y, LdX: s.out.ld * p.k.Lanes, From: p.values(in, at), LdFrom: in.ld * p.k.Lanes,
		C: s.out.c, N: s.out.pixels(), ReLU: s.relu,
		Scale: m.scale[l.c:][:l.values], Shift: m.shift[l.c:][:l.values],
	}
	p.k.Affine(&w.affine)
}

// copy copies vectors from view to view, which are out.c of each.
func (w *worker) copy(out, in view, y, x []float32) {
	lanes := w.plan.k.Lanes
	w.x, w.ldx = append(w.x[:0], x), append(w.ldx[:0], in.ld*lanes)
	w.sum = simd.Sum{Y: y, LdY: out.ld * lanes, X: w.x, LdX: w.ldx, C: out.c, N: out.pixels()}
	w.plan.k.Sum(&w.sum)
}

// shuffle copies channel by channel.
func (w *worker) shuffle(s *step, at place, y []float32) {
	p := w.plan
	x := p.values(s.in[0], at)
	each := s.out.c / s.groups
	out := s.out.cut(1)
	for g := range s.groups {
		for j := range each {
			w.copy(out, s.in[0], y[(j*s.groups+g)*p.k.Lanes:], x[(g*each+j)*p.k.Lanes:])
		}
	}
}

// finish returns what a convolution does with its sums: nothing where raw.
func (w *worker) finish(s *step, m *member, at place, raw bool) (shift, add []float32, relu bool) {
	if raw {
		return nil, nil, false
	}
	if l := &w.plan.layers[s.layer]; l.norm {
		shift = m.shift[l.c:][:l.values]
	}
	if s.hasAdd {
		add = w.plan.values(s.add, at)
	}
	return shift, add, s.relu
}

// channels are a run of the output's channels of a step. Of a convolution in one group
// the run has the tiles that it has among all: see packedAlike; of others it is all.
type channels struct{ first, n int }

// convolve runs some outputs of a convolution of x to y, which begins with the first of
// these, for the pixels of some classes.
func (w *worker) convolve(s *step, m *member, at place, x, y []float32, classes []class, part channels, raw bool) {
	p := w.plan
	l := &p.layers[s.layer]
	a := &w.conv
	weights := m.w[l.w:][:l.packed]
	shift, add, relu := w.finish(s, m, at, raw)
	out := l.out / l.groups
	a.In, a.Out, a.Window, a.ReLU = l.in, part.n/l.groups, l.taps, relu
	for g := range l.groups {
		a.X, a.Y = x[g*l.in*p.k.Lanes:], y[g*out*p.k.Lanes:]
		a.W, a.Shift, a.Add = weights[g*l.packed/l.groups+part.first*l.taps*l.in:], nil, nil
		if shift != nil {
			a.Shift = shift[g*out+part.first:]
		}
		if add != nil {
			a.Add = add[g*out*p.k.Lanes:]
		}
		for i := range classes {
			a.Pix, a.Taps, a.Run = classes[i].pix, classes[i].taps, classes[i].run
			p.k.Conv(a)
			a.Ahead = nil
		}
	}
}

func (w *worker) convolveChannels(s *step, m *member, at place, y []float32, raw bool) {
	p := w.plan
	l := &p.layers[s.layer]
	a := &w.wide
	a.X, a.Y, a.W = p.values(s.in[0], at), y, m.w[l.w:][:l.packed]
	a.Rows, a.Out = l.taps*l.in, s.out.c
	a.Shift, a.Add, a.ReLU = w.finish(s, m, at, raw)
	for i := range s.classes {
		a.Pix, a.Taps = s.classes[i].pix, s.classes[i].taps
		p.k.ChannelConv(a)
	}
}

// winograd runs a convolution by Winograd's algorithm, for n groups together.
func (w *worker) winograd(s *step, m *member, at place, n int, raw bool) {
	p := w.plan
	lanes := p.k.Lanes
	l := &p.layers[s.layer]
	a, in := &w.wino, s.in[0]
	a.X, a.GroupX = p.data(in, at)
	a.Y, a.GroupY = p.data(s.out, at)
	a.Add, a.Groups = nil, n
	a.LdX, a.LdY = in.ld*lanes, s.out.ld*lanes
	a.W, a.Scale, a.Shift, a.ReLU = m.w[l.w:][:l.packed], nil, nil, false
	a.In, a.Out, a.Height, a.Width = in.c, s.out.c, in.h, in.w
	a.Rows, a.Taps = l.in, l.inputs
	a.Tiles, a.Scratch = l.tiles, w.scratch
	if !raw {
		a.ReLU = s.relu
		if l.norm {
			a.Scale, a.Shift = m.scale[l.c:][:l.values], m.shift[l.c:][:l.values]
		}
		if s.hasAdd {
			a.Add, a.GroupAdd = p.data(s.add, at)
			a.LdAdd = s.add.ld * lanes
		}
	}
	p.k.Winograd(a)
}

// depthwise runs some channels of a depthwise convolution of x to y, which begin with
// the first of these, for the pixels of some classes, and of those below, one a class,
// where not nil.
func (w *worker) depthwise(s *step, m *member, at place, x, y []float32, classes, below []class, part channels, raw bool) {
	p := w.plan
	l, a := &p.layers[s.layer], &w.window
	a.X, a.Y, a.C, a.LdW, a.W, a.Count = x, y, part.n, s.out.c, m.w[l.w:][part.first:l.weights], 0
	a.Shift, _, a.ReLU = w.finish(s, m, at, raw)
	if a.Shift != nil {
		a.Shift = a.Shift[part.first:]
	}
	for i := range classes {
		a.Pix, a.Taps = classes[i].pix, classes[i].taps
		if below != nil { // as on levels with kernels for it alone
			a.Below, a.BelowY = below[i].taps, int(below[i].pix[1]-a.Pix[1])
			if p.k.DepthwisePair(a) {
				continue
			}
		}
		p.k.Depthwise(a)
		if below != nil {
			a.Pix, a.Taps = below[i].pix, below[i].taps
			p.k.Depthwise(a)
		}
	}
}

// slide runs a pooling step.
func (w *worker) slide(s *step, at place) {
	p := w.plan
	a := &w.window
	a.X, a.Y, a.C, a.W, a.Shift, a.ReLU = p.values(s.in[0], at), p.values(s.out, at), s.out.c, nil, nil, false
	a.Count = s.count
	run := p.k.MaxPool
	if s.op == opAvgPool {
		run = p.k.AvgPool
	}
	for i := range s.classes {
		a.Pix, a.Taps = s.classes[i].pix, s.classes[i].taps
		run(a)
	}
}

// activate applies a step's activation in place.
func (w *worker) activate(s *step, y []float32) { w.apply(s, y, nil, 0) }

// apply applies a step's activation to values from elsewhere, where not nil.
func (w *worker) apply(s *step, y, from []float32, ld int) {
	w.act.From, w.act.LdFrom = from, ld
	w.applyAt(s, y, s.out.ld*w.plan.k.Lanes, s.out.c, s.out.pixels())
}

// applyTo applies a step's activation in place to n pixels of so many channels.
func (w *worker) applyTo(s *step, y []float32, ld, channels, n int) {
	w.act.From, w.act.LdFrom = nil, 0
	w.applyAt(s, y, ld, channels, n)
}

func (w *worker) applyAt(s *step, y []float32, ld, channels, n int) {
	p := &s.post
	w.act.X, w.act.Ld, w.act.C, w.act.N, w.act.F = y, ld, channels, n, p.f
	w.act.Slope, w.act.Shift, w.act.Lo, w.act.Hi = p.slope, p.shift, p.lo, p.hi
	w.plan.k.Activate(&w.act)
}
