package forward

import (
	"cmp"
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

	drawing                 []int // layers, the largest first: the order in which their weights are drawn
	weightSize, channelSize int   // floats for a member: packed weights, values per channel
	scratch                 int   // floats for a worker

	codes codes // that are recorded

	eval    *schedule
	bands   []*band // by their first step
	between int     // floats that the largest takes

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
	node    int // of the network as it is run; of steps with a layer
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
	cfg.Codes = append([]int(nil), cfg.Codes...)
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
		c.place = placesOf(c.strips[run.last])
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
	p.drawing = drawingOrder(p.layers)
	p.out = c.where(run.last)
	for _, b := range p.buffers { // offsets are of 32 bits
		if b.size > math.MaxInt32 {
			return nil, fmt.Errorf("forward: network %q: a tensor of %d images is too large", net.Name, k.Images)
		}
	}
	c.lifetimes()
	p.bands = c.bands()
	for _, b := range p.bands {
		if b != nil {
			p.between = max(p.between, b.size)
		}
	}
	outer, segments := evalSegments(p)
	p.eval = p.newSchedule(outer, segments, together(p.buffers, p.steps, p.bands))
	return p, nil
}

// drawingOrder returns the layers from the largest to the smallest: threads that share
// them then end at nearly the same time.
func drawingOrder(layers []layer) []int {
	order := make([]int, len(layers))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(layers[b].weights, layers[a].weights) })
	return order
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
	c.uses[c.run.last]++
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
