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
	norms   bool      // any layer is normalized
	run     *folded   // the network as it is run; nodes of what follows are its own
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
		return p.run.net.Nodes[i].Out.C
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

// layer is a node with weights or a normalization.
type layer struct {
	node          int // of the network as it was given: the one whose weights it draws
	normalizes    int // and the one that normalizes
	in, out       int // channels; in of one group
	groups        int
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
	opNorm
	opActivate
	opZero
	opShuffle
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
	post    post // where hasPost: activation in a pass of its own
	hasPost bool
	classes []class
	count   int      // of a mean: what it divides by, 0 for the taps inside the image
	groups  int      // of a shuffle
	records []record // nodes whose signs are known after it
}

// compiler turns a network into steps.
type compiler struct {
	*Plan
	net    *arch.Network // as it is run
	uses   []int         // how often the values of a node are read
	parent []int         // concatenation that a node writes into, or -1
	offset []int         // vector there
	fused  []int         // sum that a node is computed in, or -1
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
		return nil, fmt.Errorf("forward: %v is no normalization mode", cfg.Norm)
	}
	if cfg.Draw < Independent || cfg.Draw > Orthogonal {
		return nil, fmt.Errorf("forward: %v is no draw of weights", cfg.Draw)
	}
	if cfg.Threads < 0 {
		return nil, fmt.Errorf("forward: %d threads", cfg.Threads)
	}
	if err := net.Check(); err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	if err := checkCodes(net, cfg.Codes); err != nil {
		return nil, err
	}
	cfg.Codes = slices.Clone(cfg.Codes)
	run := fold(net, cfg.Norm, cfg.Codes)
	n := len(run.net.Nodes)
	c := &compiler{
		Plan: &Plan{net: net, run: run, cfg: cfg, k: k, pool: pool, train: map[int]*schedule{}},
		net:  run.net,
		uses: make([]int, n), parent: make([]int, n), offset: make([]int, n), fused: make([]int, n),
		loc: make([]view, n), placed: make([]bool, n), classes: map[geometry][]class{},
	}
	if k.Images == 1 && k.Lanes > 1 {
		var err error
		if c.strips, err = stripsOf(run.net, k.Lanes); err != nil {
			return nil, fmt.Errorf("forward: network %q: %w", net.Name, err)
		}
		c.place = placesOf(c.strips[n-1])
	}
	c.analyze()
	c.recordNode(0)
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
	for _, b := range p.buffers { // offsets are of 32 bits
		if b.size > math.MaxInt32 {
			return nil, fmt.Errorf("forward: network %q: a tensor of %d images is too large", net.Name, k.Images)
		}
	}
	c.lifetimes()
	p.eval = p.newSchedule(evalSegments(p))
	return p, nil
}

// analyze decides which nodes write into a concatenation and which are
// computed together with the sum that reads them.
func (c *compiler) analyze() {
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
	nd := &c.net.Nodes[i]
	return (nd.Kind == arch.Slice || nd.Kind == arch.Sum && len(nd.In) == 1) && c.parent[i] < 0
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
		v = c.where(c.net.Nodes[i].In[0])
		v.ch += c.net.Nodes[i].First // 0 where channels lie side by side
		v = v.cut(c.vectors(i))
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
	case arch.Conv, arch.Dense, arch.Depthwise, arch.BatchNorm:
		c.emitLayer(i, c.where(i), view{}, false)
	case arch.MaxPool, arch.AvgPool, arch.Pad:
		c.emitPool(i, in)
	case arch.GlobalAvgPool:
		c.push(i, step{op: opMean, in: in})
	case arch.Scale:
		c.push(i, step{op: opMul, in: in})
	case arch.Activate:
		c.push(i, step{op: opActivate, in: in})
	case arch.Zero:
		c.push(i, step{op: opZero})
	case arch.Shuffle:
		c.push(i, step{op: opShuffle, in: in, groups: nd.Groups})
	case arch.Slice:
		if !c.isCut(i) {
			in[0].ch += nd.First
			c.push(i, step{op: opSum, in: []view{in[0].cut(c.vectors(i))}})
		}
	case arch.Concat:
		c.emitConcat(i, in)
	case arch.Sum:
		c.emitSum(i, in)
	default:
		panic(fmt.Sprintf("forward: no way to run a node of kind %v", nd.Kind)) // arch.Network.Check knows them all
	}
}

// push appends a step without a layer that computes node i, and its activation.
func (c *compiler) push(i int, s step) {
	s.layer, s.out = -1, c.where(i)
	if nd := &c.net.Nodes[i]; nd.Act != arch.Identity {
		s.post = postOf(nd)
		s.hasPost = s.op != opActivate // which applies it to another node's values
	}
	c.steps = append(c.steps, s)
}

// emitPool appends the step of a pooling, or of zeros around an image: a mean
// over windows of one value.
func (c *compiler) emitPool(i int, in []view) {
	nd := &c.net.Nodes[i]
	s := step{op: opAvgPool, in: in}
	if nd.Kind == arch.Pad {
		s.count = 1
		padded := arch.Node{Kernel: 1, Stride: 1, Padding: nd.Padding, Out: nd.Out}
		s.classes = c.windows(windowOf(&padded, in[0]), in[0], c.where(i), view{}, 1, false)
		c.push(i, s)
		return
	}
	w := windowOf(nd, in[0])
	switch {
	case nd.Kind == arch.MaxPool:
		s.op = opMaxPool
	case nd.CountPad:
		s.count = w[0].Kernel * w[1].Kernel
	}
	if s.op == opMaxPool && c.k.MaxPool3 != nil && arch.Square(w[0], w[1], 3) {
		s.op = opMaxPool3
		c.push(i, s)
		return
	}
	s.classes = c.windows(w, in[0], c.where(i), view{}, c.net.Nodes[nd.In[0]].Out.C, false)
	c.push(i, s)
}

func windowOf(nd *arch.Node, in view) window {
	rows, columns := nd.Window(arch.Shape{H: in.h, W: in.w})
	return window{rows, columns}
}

// windows lists the classes of a window from place to place. Windows alike share
// one list.
func (c *compiler) windows(w window, in, out, add view, channels int, joined bool) []class {
	lanes := c.k.Lanes
	key := geometry{w, in.ld * lanes, out.ld * lanes, add.ld * lanes, channels, joined}
	classes, ok := c.classes[key]
	if !ok {
		classes = w.classes(key.ldx, key.ldy, key.lda, channels, joined)
		c.classes[key] = classes
	}
	return classes
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
		c.push(i, step{op: opSum, in: rest})
		return
	}
	add := rest[0]
	if slices.Contains(c.run.kept, conv) {
		// By itself, so that its signs are seen; the sum rounds as it would together.
		c.emitLayer(conv, c.where(conv), view{}, false)
		c.recordNode(conv)
		c.push(i, step{op: opSum, in: append(rest, c.where(conv))})
		return
	}
	if len(rest) > 1 {
		add = c.newBuffer(i)
		c.steps = append(c.steps, step{op: opSum, layer: -1, in: rest, out: add})
	}
	c.emitLayer(conv, out, add, true)
	if nd.Act != arch.Identity { // after the addition
		s := &c.steps[len(c.steps)-1]
		s.post, s.hasPost = postOf(nd), true
	}
}

// emitLayer appends the step of a node with weights or a normalization.
func (c *compiler) emitLayer(i int, out, add view, hasAdd bool) {
	nd := &c.net.Nodes[i]
	in := c.where(nd.In[0])
	l := c.layerOf(i, in)
	if l.winograd {
		c.scratch = max(c.scratch, simd.WinogradScratch(l.tiles, in.c, out.c, c.k.Lanes))
	}
	if c.strips != nil {
		c.sideBySide(&l, i, out.c)
	}
	c.norms = c.norms || l.norm
	c.weightSize += l.packed
	c.channelSize += l.values
	s := step{op: opConv, layer: len(c.layers), in: []view{in}, out: out, add: add, hasAdd: hasAdd}
	c.layers = append(c.layers, l)
	switch nd.Act {
	case arch.Identity:
	case arch.ReLU:
		s.relu = true
	default:
		s.post, s.hasPost = postOf(nd), true
	}
	switch {
	case nd.Kind == arch.BatchNorm:
		s.op = opNorm
	case l.depthwise:
		s.op = opDepthwise
		s.classes = c.windows(windowOf(nd, in), in, out, add, l.out, false)
	case l.winograd:
		s.op = opWinograd
	case nd.Kind == arch.Dense:
		s.classes = wholeImage(in.pixels(), in.ld*c.k.Lanes, l.in)
	default:
		w := windowOf(nd, in)
		joined := in.ld == in.c && c.strips == nil && l.groups == 1 && w[1].Dilation == 1
		s.classes = c.windows(w, in, out, add, l.in, joined)
	}
	c.splitTaps(&s)
	c.steps = append(c.steps, s)
}

// layerOf describes the layer of node i, which reads from in.
func (c *compiler) layerOf(i int, in view) layer {
	nd := &c.net.Nodes[i]
	l := layer{
		node: c.run.origin[i], normalizes: c.run.norms[i], in: c.net.Nodes[nd.In[0]].Out.C, out: nd.Out.C, groups: max(1, nd.Groups),
		depthwise: nd.Kind == arch.Depthwise,
		dist:      initOf(c.net, i),
		norm:      (nd.Norm || nd.Kind == arch.BatchNorm) && c.cfg.Norm != None, eps: nd.NormEpsilon, momentum: nd.NormMomentum,
		weights: c.net.Weights(i), w: c.weightSize, c: c.channelSize, values: nd.Out.C,
	}
	l.in /= l.groups
	switch nd.Kind {
	case arch.Dense:
		l.taps = in.pixels()
	case arch.Conv, arch.Depthwise:
		w := windowOf(nd, in)
		l.taps = w[0].Kernel * w[1].Kernel
	}
	l.packed = l.weights
	l.winograd = c.useWinograd(nd, in, l.in)
	if l.winograd {
		l.packed = l.in * l.out * simd.WinogradPositions
		l.tiles = c.k.WinogradTiles(l.in, l.out)
	}
	return l
}

// sideBySide says where the channels of the layer of node i lie, in so many
// vectors of outputs.
func (c *compiler) sideBySide(l *layer, i, vectors int) {
	l.place = placesOf(c.strips[i])
	l.values = vectors * c.k.Lanes
	l.packed = l.packed / l.out * l.values
	row := 0
	for _, s := range c.strips[c.net.Nodes[i].In[0]] {
		l.inputs = append(l.inputs, int32(s.at), int32(row), int32(s.n))
		row += s.n
	}
}

// useWinograd tells whether Winograd's algorithm serves a node, and serves it
// better than the direct way.
func (c *compiler) useWinograd(nd *arch.Node, in view, channels int) bool {
	if nd.Kind != arch.Conv || nd.Groups > 1 || in.h%4 != 0 || in.w%4 != 0 {
		return false
	}
	w := windowOf(nd, in)
	return arch.Square(w[0], w[1], 3) && c.k.PrefersWinograd(channels, nd.Out.C)
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
