package forward

import (
	"fmt"
	"slices"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

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

// windows lists the classes of a window from place to place.
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
	if slices.Contains(c.run.kept, conv) {
		// By itself, so that its signs are seen; the sum rounds as it would together.
		c.emitLayer(conv, c.where(conv), view{}, false)
		c.recordNode(conv)
		c.push(i, step{op: opSum, in: append(rest, c.where(conv))})
		return
	}
	add := rest[0]
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
	s := step{op: opConv, layer: len(c.layers), node: i, in: []view{in}, out: out, add: add, hasAdd: hasAdd}
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
