package forward

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// Plan is a network prepared for running: a list of steps over buffers whose
// places in memory are settled.
type Plan struct {
	net     *arch.Network
	cfg     Config
	k       *simd.Kernels
	pool    *Pool
	steps   []step
	layers  []layer
	buffers []buffer
	out     view      // of the last node
	norms   bool      // any layer is normalised
	strips  [][]strip // of each node, where channels lie side by side
	place   []int     // then: lanes of the output's channels

	weightSize, channelSize int // floats for a member: packed weights, values a channel
	scratch                 int // floats for a worker

	codes codes // that are recorded

	eval *schedule

	mu      sync.Mutex
	train   map[int]*schedule // by number of groups
	runners []*runner         // idle
}

// Net returns the network that the plan runs.
func (p *Plan) Net() *arch.Network { return p.net }

// Config returns the configuration that the plan was compiled with.
func (p *Plan) Config() Config { return p.cfg }

// Level returns the name of the instruction set in use.
func (p *Plan) Level() string { return p.k.Name }

func (p *Plan) threads() int {
	if p.cfg.Threads > 0 {
		return p.cfg.Threads
	}
	return runtime.GOMAXPROCS(0)
}

// vectors returns the number of vectors that a pixel of node i takes: one a
// channel, or as many as its channels fill side by side.
func (p *Plan) vectors(i int) int {
	if p.strips == nil {
		return p.net.Nodes[i].Out.C
	}
	return vectorsOf(p.strips[i], p.k.Lanes)
}

// inputSize returns the number of values of a group of images.
func (p *Plan) inputSize() int {
	s := p.net.InputShape()
	return s.H * s.W * p.vectors(0) * p.k.Lanes
}

// view is where the values of a node lie: c vectors from vector ch on, in a
// buffer that holds ld vectors a pixel. A vector is a channel of a group of
// images, or some channels of one image.
type view struct {
	buf       int // inputBuffer for the images
	ch, ld, c int
	h, w      int
}

const inputBuffer = -1

func (v view) pixels() int { return v.h * v.w }

// cut returns the first c vectors.
func (v view) cut(c int) view {
	v.c = c
	return v
}

// buffer is memory for the values of one or more nodes, of one group of
// images.
type buffer struct {
	size        int // floats a group
	first, last int // steps that write it first and read it last
}

// layer is a node with weights.
type layer struct {
	node          int
	in, out       int // channels
	taps          int // of the whole window
	depthwise     bool
	winograd      bool
	tiles         int // of a Winograd block
	packed        int // number of packed weights
	dist          distribution
	norm          bool
	eps, momentum float64
	weights       int // number of weights
	w             int // offset of its packed weights
	c             int // offset of its per-channel values
	values        int // number of these

	// Where channels lie side by side:
	place  []int   // lane of each output
	inputs []int32 // three a strip: first lane, number of the first channel, number of channels
}

// lane returns where the values of output o lie among the layer's.
func (l *layer) lane(o int) int {
	if l.place == nil {
		return o
	}
	return l.place[o]
}

type opKind uint8

const (
	opConv opKind = iota
	opWinograd
	opDepthwise
	opMaxPool
	opMaxPool3
	opAvgPool
	opMean
	opSum
	opMul
)

// step is one pass over a group of images.
type step struct {
	op      opKind
	layer   int // index, -1 for none
	in      []view
	add     view // where hasAdd: added after rectification
	hasAdd  bool
	out     view
	relu    bool
	post    simd.Func // where hasPost: activation in a pass of its own
	hasPost bool
	classes []class
	records []record // nodes whose signs are known after it
}

// compiler turns a network into steps.
type compiler struct {
	*Plan
	uses   []int // how often the values of a node are read
	parent []int // concatenation that a node writes into, or -1
	offset []int // vector there
	fused  []int // sum that a node is computed in, or -1
	loc    []view
	placed []bool
	early  []record // of views of the input, before any step

	classes map[geometry][]class // of the windows so far, which repeat
}

// geometry is what the classes of a window depend on.
type geometry struct {
	w                       window
	ldx, ldy, lda, channels int
	joined                  bool
}

func compile(net *arch.Network, cfg Config, pool *Pool, k *simd.Kernels) (*Plan, error) {
	if cfg.Norm < EMA || cfg.Norm > None {
		return nil, fmt.Errorf("forward: %v is no normalisation mode", cfg.Norm)
	}
	if cfg.Draw < Independent || cfg.Draw > Orthogonal {
		return nil, fmt.Errorf("forward: %v is no draw of weights", cfg.Draw)
	}
	if cfg.Threads < 0 {
		return nil, fmt.Errorf("forward: %d threads", cfg.Threads)
	}
	if err := check(net); err != nil {
		return nil, err
	}
	if err := checkCodes(net, cfg.Codes); err != nil {
		return nil, err
	}
	cfg.Codes = append([]int(nil), cfg.Codes...)
	n := len(net.Nodes)
	c := &compiler{
		Plan: &Plan{net: net, cfg: cfg, k: k, pool: pool, train: map[int]*schedule{}},
		uses: make([]int, n), parent: make([]int, n), offset: make([]int, n), fused: make([]int, n),
		loc: make([]view, n), placed: make([]bool, n), classes: map[geometry][]class{},
	}
	if k.Images == 1 && k.Lanes > 1 {
		var err error
		if c.strips, err = stripsOf(net, k.Lanes); err != nil {
			return nil, fmt.Errorf("forward: network %q: %w", net.Name, err)
		}
		c.place = placesOf(c.strips[n-1])
	}
	c.analyse()
	for i := 1; i < n; i++ {
		if c.fused[i] < 0 {
			c.emit(i)
			c.recordNode(i)
		}
	}
	if err := c.setCodes(); err != nil {
		return nil, err
	}
	p := c.Plan
	p.out = c.where(n - 1)
	c.lifetimes()
	p.eval = p.newSchedule(evalSegments(p))
	return p, nil
}

// analyse decides which nodes write into a concatenation and which are
// computed together with the sum that reads them.
func (c *compiler) analyse() {
	nodes := c.net.Nodes
	for i := range nodes {
		c.parent[i], c.fused[i] = -1, -1
		for _, j := range nodes[i].In {
			c.uses[j]++
		}
	}
	c.uses[len(nodes)-1]++
	for i := len(nodes) - 1; i > 0; i-- {
		switch nodes[i].Kind {
		case arch.Concat:
			off := 0
			for _, j := range nodes[i].In {
				if nodes[j].Kind != arch.Input && c.parent[j] < 0 && c.fused[j] < 0 {
					c.parent[j], c.offset[j] = i, off
				}
				off += c.vectors(j)
			}
		case arch.Sum:
			if j := c.absorbable(i); j >= 0 {
				c.fused[j] = i
			}
		}
	}
}

// absorbable returns an input of sum i that can be computed with it: a dense
// convolution that only the sum reads, or -1.
func (c *compiler) absorbable(i int) int {
	nd := &c.net.Nodes[i]
	if len(nd.In) < 2 {
		return -1
	}
	for k := len(nd.In) - 1; k >= 0; k-- {
		j := nd.In[k]
		s := &c.net.Nodes[j]
		dense := s.Kind == arch.Conv || s.Kind == arch.Dense
		if dense && c.uses[j] == 1 && s.Out.C == nd.Out.C && (s.Act == arch.ReLU || s.Act == arch.Identity) {
			return j
		}
	}
	return -1
}

// isCut tells that node i is a view of its only input.
func (c *compiler) isCut(i int) bool {
	return c.net.Nodes[i].Kind == arch.Sum && len(c.net.Nodes[i].In) == 1 && c.parent[i] < 0
}

// where returns the place of a node's values, making it on the first call.
func (c *compiler) where(i int) view {
	if c.placed[i] {
		return c.loc[i]
	}
	s := c.net.Nodes[i].Out
	var v view
	switch {
	case c.net.Nodes[i].Kind == arch.Input:
		n := c.vectors(i)
		v = view{buf: inputBuffer, ld: n, c: n, h: s.H, w: s.W}
	case c.parent[i] >= 0:
		v = c.where(c.parent[i])
		v.ch += c.offset[i]
		v.c = c.vectors(i)
	case c.isCut(i):
		v = c.where(c.net.Nodes[i].In[0]).cut(c.vectors(i))
	default:
		v = c.newBuffer(i)
	}
	c.loc[i], c.placed[i] = v, true
	return v
}

// cacheLine is the number of values of a cache line.
const cacheLine = 16

// newBuffer makes room for values like those of node i.
func (c *compiler) newBuffer(i int) view {
	s, n := c.net.Nodes[i].Out, c.vectors(i)
	ld := n
	if s.H*s.W > 1 && ld%16 == 0 { // or the pixels compete for few cache sets
		ld += cacheLine / c.k.Lanes
	}
	c.buffers = append(c.buffers, buffer{size: s.H * s.W * ld * c.k.Lanes, first: -1})
	return view{buf: len(c.buffers) - 1, ld: ld, c: n, h: s.H, w: s.W}
}

// emit appends the steps that compute node i.
func (c *compiler) emit(i int) {
	nd := &c.net.Nodes[i]
	in := make([]view, len(nd.In))
	for k, j := range nd.In {
		in[k] = c.where(j)
	}
	switch nd.Kind {
	case arch.Conv, arch.Dense, arch.Depthwise:
		c.emitLayer(i, c.where(i), view{}, false)
	case arch.MaxPool, arch.AvgPool:
		s := step{op: opMaxPool, layer: -1, in: in, out: c.where(i)}
		switch {
		case nd.Kind == arch.AvgPool:
			s.op = opAvgPool
		case nd.Kernel == 3 && nd.Stride == 1 && c.k.MaxPool3 != nil:
			s.op = opMaxPool3
			c.steps = append(c.steps, s)
			return
		}
		c.emitWindow(s, nd)
	case arch.GlobalAvgPool:
		c.steps = append(c.steps, step{op: opMean, layer: -1, in: in, out: c.where(i)})
	case arch.Scale:
		c.steps = append(c.steps, step{op: opMul, layer: -1, in: in, out: c.where(i)})
	case arch.Concat:
		c.emitConcat(i, in)
	case arch.Sum:
		c.emitSum(i, in)
	}
}

// emitConcat copies what could not be written in place.
func (c *compiler) emitConcat(i int, in []view) {
	out := c.where(i)
	ch := 0
	for k, v := range in {
		if j := c.net.Nodes[i].In[k]; c.parent[j] != i || c.offset[j] != ch {
			to := out
			to.ch += ch
			to.c = v.c
			c.steps = append(c.steps, step{op: opSum, layer: -1, in: []view{v}, out: to})
		}
		ch += v.c
	}
}

func (c *compiler) emitSum(i int, in []view) {
	if c.isCut(i) {
		return
	}
	nd := &c.net.Nodes[i]
	out := c.where(i)
	conv := -1
	var rest []view
	for k, j := range nd.In {
		if c.fused[j] == i && conv < 0 {
			conv = j
			continue
		}
		rest = append(rest, in[k].cut(c.vectors(i)))
	}
	if conv < 0 {
		c.steps = append(c.steps, step{op: opSum, layer: -1, in: rest, out: out})
		return
	}
	add := rest[0]
	if slices.Contains(c.cfg.Codes, conv) {
		// By itself, so that its signs are seen; the sum rounds as it would together.
		c.emitLayer(conv, c.where(conv), view{}, false)
		c.recordNode(conv)
		c.steps = append(c.steps, step{op: opSum, layer: -1, in: append(rest, c.where(conv)), out: out})
		return
	}
	if len(rest) > 1 {
		add = c.newBuffer(i)
		c.steps = append(c.steps, step{op: opSum, layer: -1, in: rest, out: add})
	}
	c.emitLayer(conv, out, add, true)
}

// emitLayer appends the step of a node with weights.
func (c *compiler) emitLayer(i int, out, add view, hasAdd bool) {
	nd := &c.net.Nodes[i]
	in := c.where(nd.In[0])
	l := layer{
		node: i, in: c.net.Nodes[nd.In[0]].Out.C, out: nd.Out.C, taps: nd.Kernel * nd.Kernel,
		depthwise: nd.Kind == arch.Depthwise,
		dist:      initOf(c.net, i),
		norm:      nd.Norm && c.cfg.Norm != None, eps: nd.NormEpsilon, momentum: nd.NormMomentum,
		weights: c.net.Weights(i), w: c.weightSize, c: c.channelSize, values: nd.Out.C,
	}
	if nd.Kind == arch.Dense {
		l.taps = in.pixels()
	}
	l.packed = l.weights
	l.winograd = c.useWinograd(nd, in, l.in)
	if l.winograd {
		l.packed = l.in * l.out * simd.WinogradPositions
		l.tiles = c.k.WinogradTiles(l.in, l.out)
		c.scratch = max(c.scratch, simd.WinogradScratch(l.tiles, in.c, out.c, c.k.Lanes))
	}
	if c.strips != nil {
		c.sideBySide(&l, nd.In[0], out.c)
	}
	c.norms = c.norms || l.norm
	c.weightSize += l.packed
	c.channelSize += l.values
	s := step{op: opConv, layer: len(c.layers), in: []view{in}, out: out, add: add, hasAdd: hasAdd}
	c.layers = append(c.layers, l)
	switch nd.Act {
	case arch.ReLU:
		s.relu = true
	case arch.Swish:
		s.post, s.hasPost = simd.Swish, true
	case arch.Sigmoid:
		s.post, s.hasPost = simd.Sigmoid, true
	case arch.Erf:
		s.post, s.hasPost = simd.Erf, true
	}
	switch nd.Kind {
	case arch.Depthwise:
		s.op = opDepthwise
		c.emitWindow(s, nd)
	case arch.Conv:
		if l.winograd {
			s.op = opWinograd
			c.steps = append(c.steps, s)
			return
		}
		c.emitWindow(s, nd)
	case arch.Dense:
		s.classes = wholeImage(in.pixels(), in.ld*c.k.Lanes, l.in)
		c.splitTaps(&s)
		c.steps = append(c.steps, s)
	}
}

// sideBySide says where the channels of a layer lie, in so many vectors of
// outputs.
func (c *compiler) sideBySide(l *layer, in, vectors int) {
	l.place = placesOf(c.strips[l.node])
	l.values = vectors * c.k.Lanes
	l.packed = l.packed / l.out * l.values
	row := 0
	for _, s := range c.strips[in] {
		l.inputs = append(l.inputs, int32(s.at), int32(row), int32(s.n))
		row += s.n
	}
}

// useWinograd tells whether Winograd's algorithm serves a node, and serves it
// better than the direct way.
func (c *compiler) useWinograd(nd *arch.Node, in view, channels int) bool {
	return nd.Kind == arch.Conv && nd.Kernel == 3 && nd.Stride == 1 && in.h%4 == 0 && in.w%4 == 0 &&
		c.k.PrefersWinograd(channels, nd.Out.C)
}

func (c *compiler) emitWindow(s step, nd *arch.Node) {
	in := s.in[0]
	w := window{kernel: nd.Kernel, stride: nd.Stride, in: [2]int{in.h, in.w}, out: [2]int{s.out.h, s.out.w}}
	lanes, channels := c.k.Lanes, c.net.Nodes[nd.In[0]].Out.C
	joined := s.op == opConv && in.ld == in.c && c.strips == nil
	key := geometry{w, in.ld * lanes, s.out.ld * lanes, s.add.ld * lanes, channels, joined}
	classes, ok := c.classes[key]
	if !ok {
		classes = w.classes(key.ldx, key.ldy, key.lda, channels, joined)
		c.classes[key] = classes
	}
	s.classes = classes
	c.splitTaps(&s)
	c.steps = append(c.steps, s)
}

// splitTaps makes each tap of a convolution one for each strip of its input,
// where channels lie side by side.
func (c *compiler) splitTaps(s *step) {
	if c.strips == nil || s.op != opConv {
		return
	}
	inputs := c.layers[s.layer].inputs
	s.classes = slices.Clone(s.classes) // which other steps may share
	for i := range s.classes {
		cl := &s.classes[i]
		var taps []int32
		for t := 0; t < len(cl.taps); t += 2 {
			for k := 0; k < len(inputs); k += 3 {
				taps = append(taps, cl.taps[t]+inputs[k], cl.taps[t+1]+inputs[k+1], inputs[k+2])
			}
		}
		cl.taps = taps
	}
}

// lifetimes fills in which steps a buffer lives through.
func (c *compiler) lifetimes() {
	read := func(v view, i int) {
		if v.buf >= 0 {
			b := &c.buffers[v.buf]
			b.last = max(b.last, i)
		}
	}
	for i := range c.steps {
		s := &c.steps[i]
		for _, v := range s.in {
			read(v, i)
		}
		if s.hasAdd {
			read(s.add, i)
		}
		if b := &c.buffers[s.out.buf]; b.first < 0 {
			b.first = i
		}
		read(s.out, i)
		for _, r := range s.records {
			read(r.v, i)
		}
	}
	read(c.out, len(c.steps))
}

// check verifies what running relies on: topological order, known kinds, and
// the shapes that the inputs imply.
func check(net *arch.Network) error {
	if net == nil || len(net.Nodes) < 2 {
		return fmt.Errorf("forward: the network has no layers")
	}
	for i := range net.Nodes {
		if err := checkNode(net, i); err != nil {
			return fmt.Errorf("forward: network %q: node %d (%s): %w", net.Name, i, net.Nodes[i].Name, err)
		}
	}
	return nil
}

func checkNode(net *arch.Network, i int) error {
	nd := &net.Nodes[i]
	if nd.Out.H < 1 || nd.Out.W < 1 || nd.Out.C < 1 {
		return fmt.Errorf("output shape %v is not positive", nd.Out)
	}
	if (nd.Kind == arch.Input) != (i == 0) {
		return fmt.Errorf("node 0 and no other must be the input")
	}
	if i == 0 {
		return nil
	}
	shapes := make([]arch.Shape, len(nd.In))
	for k, j := range nd.In {
		if j < 0 || j >= i {
			return fmt.Errorf("reads node %d, which is not an earlier one", j)
		}
		shapes[k] = net.Nodes[j].Out
	}
	want, err := outShape(nd, shapes)
	if err != nil {
		return err
	}
	if want != nd.Out {
		return fmt.Errorf("output shape %v, expected %v", nd.Out, want)
	}
	if nd.Norm && (nd.NormEpsilon < 0 || math.IsNaN(nd.NormEpsilon) || !(nd.NormMomentum >= 0 && nd.NormMomentum <= 1)) {
		return fmt.Errorf("normalisation epsilon %g and momentum %g out of range", nd.NormEpsilon, nd.NormMomentum)
	}
	return nil
}

// outShape returns the shape that a node's inputs imply.
func outShape(nd *arch.Node, in []arch.Shape) (arch.Shape, error) {
	want := 1
	switch nd.Kind {
	case arch.Scale:
		want = 2
	case arch.Sum, arch.Concat:
		want = max(1, len(in))
	}
	if len(in) != want {
		return arch.Shape{}, fmt.Errorf("%v of %d inputs", nd.Kind, len(in))
	}
	switch nd.Kind {
	case arch.Conv, arch.Depthwise, arch.MaxPool, arch.AvgPool:
		if nd.Kernel < 1 || nd.Stride < 1 {
			return arch.Shape{}, fmt.Errorf("kernel %d and stride %d must be positive", nd.Kernel, nd.Stride)
		}
		c := in[0].C
		if nd.Kind == arch.Conv {
			c = nd.Out.C
		}
		return arch.Shape{H: (in[0].H + nd.Stride - 1) / nd.Stride, W: (in[0].W + nd.Stride - 1) / nd.Stride, C: c}, nil
	case arch.Dense:
		return arch.Shape{H: 1, W: 1, C: nd.Out.C}, nil
	case arch.GlobalAvgPool:
		return arch.Shape{H: 1, W: 1, C: in[0].C}, nil
	case arch.Scale:
		if in[1] != (arch.Shape{H: 1, W: 1, C: in[0].C}) {
			return arch.Shape{}, fmt.Errorf("factor of shape %v for an input of %v", in[1], in[0])
		}
		return in[0], nil
	case arch.Sum, arch.Concat:
		return combinedShape(nd, in)
	}
	return arch.Shape{}, fmt.Errorf("unknown operation %v", nd.Kind)
}

func combinedShape(nd *arch.Node, in []arch.Shape) (arch.Shape, error) {
	total := 0
	for _, s := range in {
		if s.H != in[0].H || s.W != in[0].W {
			return arch.Shape{}, fmt.Errorf("inputs of %v and %v differ in size", in[0], s)
		}
		if nd.Kind == arch.Sum && s.C < nd.Out.C {
			return arch.Shape{}, fmt.Errorf("an input of %v has fewer than %d channels", s, nd.Out.C)
		}
		total += s.C
	}
	if nd.Kind == arch.Sum {
		total = nd.Out.C
	}
	return arch.Shape{H: in[0].H, W: in[0].W, C: total}, nil
}
