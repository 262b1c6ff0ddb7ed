package forward

import (
	"math"
	"math/rand/v2"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// anyNetwork makes a small network of random nodes of all kinds, with all their
// parameters. Mistakes, such as a window that does not fit, are tried again.
func anyNetwork(r *rand.Rand) *arch.Network {
	for {
		b := arch.NewBuilder("any", arch.Shape{H: 1 + r.IntN(13), W: 1 + r.IntN(13), C: 1 + r.IntN(6)})
		g := &generator{r, b, 0}
		for n := 3 + r.IntN(14); n > 0; n-- {
			g.grow()
		}
		if r.IntN(2) == 0 {
			g.last = b.GlobalAvgPool(g.last)
		}
		if r.IntN(4) == 0 {
			g.last = b.Skip(g.last)
		}
		net, err := b.Network(0)
		if err != nil {
			continue
		}
		if r.IntN(3) == 0 { // where it ends in a global average
			if wide, _, err := net.MultiScale(); err == nil {
				return wide
			}
		}
		return net
	}
}

// generator appends random nodes that read node last, and often earlier ones.
type generator struct {
	*rand.Rand
	b    *arch.Builder
	last int
}

func (g *generator) coin() bool { return g.IntN(2) == 0 }

// maybe returns a number in 0..n, often zero.
func (g *generator) maybe(n int) int { return g.IntN(2) * g.IntN(n+1) }

func (g *generator) padding() arch.Padding {
	switch g.IntN(4) {
	case 0:
		return arch.Padded(g.IntN(3))
	case 1:
		return arch.PaddedSides(g.IntN(4), g.IntN(4), g.IntN(4), g.IntN(4))
	}
	return arch.Padding{}
}

func (g *generator) activation() (a arch.Activation, alpha, beta float64) {
	a = arch.Activation(g.IntN(int(arch.GELUTanh) + 1))
	switch a {
	case arch.Clip:
		alpha, beta = -g.Float64(), 0.1+2*g.Float64()
		switch g.IntN(4) {
		case 0:
			alpha = math.Inf(-1)
		case 1:
			alpha, beta = 0.25, math.Inf(1)
		}
	case arch.LeakyReLU:
		alpha = 2*g.Float64() - 0.5
	case arch.HardSigmoid:
		if g.coin() {
			alpha, beta = 0.2, 0.5
		}
	}
	return a, alpha, beta
}

func (g *generator) layer() arch.Layer {
	l := arch.Layer{
		Channels: 1 + g.IntN(19), Kernel: 1 + g.IntN(4), KernelW: g.maybe(4), Stride: 1 + g.IntN(5)/4, StrideW: g.IntN(5) / 4,
		Padding: g.padding(), Bias: g.coin(),
		Init: arch.Init{Gain: 1 + g.Float64(), FanOut: g.coin(), Normal: g.coin()},
	}
	if g.IntN(3) == 0 {
		l.Dilation, l.DilationW = g.IntN(4), g.IntN(4)
	}
	if g.coin() { // as the engine's special cases have it
		l.Kernel, l.KernelW, l.Stride, l.StrideW, l.Dilation, l.DilationW = 3, 0, 1, 0, 0, 0
		l.Padding = arch.Padded(1)
	}
	if g.coin() {
		l.Norm, l.NormMomentum = true, 0.9
	}
	if g.coin() {
		l.Act, l.Alpha, l.Beta = g.activation()
	}
	return l
}

// same returns the nodes of the size of node last.
func (g *generator) same() (nodes []int) {
	s := g.b.Shape(g.last)
	for i := 0; i <= g.last; i++ {
		if t := g.b.Shape(i); t.H == s.H && t.W == s.W {
			nodes = append(nodes, i)
		}
	}
	return nodes
}

// some returns node last and up to n others of its size, in any order.
func (g *generator) some(n int) []int {
	same, in := g.same(), []int{g.last}
	for n = g.IntN(n + 1); n > 0; n-- {
		in = append(in, same[g.IntN(len(same))])
	}
	g.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	return in
}

func (g *generator) grow() {
	b, s := g.b, g.b.Shape(g.last)
	if s.C == 0 { // a mistake was made
		return
	}
	from := g.last
	if g.IntN(3) == 0 { // then a node may have many readers
		same := g.same()
		from = same[g.IntN(len(same))]
		s = b.Shape(from)
	}
	switch g.IntN(16) {
	case 0, 1:
		g.last = b.Conv(from, g.layer())
	case 2:
		l := g.layer()
		l.Groups = divisor(g.Rand, s.C)
		l.Channels = l.Groups * (1 + g.IntN(1+12/l.Groups))
		g.last = b.Conv(from, l)
	case 3:
		g.last = b.Depthwise(from, g.layer())
	case 4, 5:
		p := arch.Pooling{Kernel: 1 + g.IntN(4), KernelW: g.maybe(3), Stride: 1 + g.IntN(5)/4, Dilation: g.maybe(2), Padding: g.padding()}
		switch g.IntN(4) {
		case 0:
			g.last = b.MaxPoolOf(from, p)
		case 1:
			g.last = b.MaxPool(from, 3, 1)
		case 2:
			g.last = b.AvgPoolOf(from, p)
		default:
			p.CountPad = true
			g.last = b.AvgPoolOf(from, p)
		}
	case 6:
		g.last = b.BatchNorm(from, arch.Layer{NormMomentum: 0.9, NormEpsilon: 1e-3})
	case 7, 8:
		a, alpha, beta := g.activation()
		switch a {
		case arch.Clip:
			g.last = b.Activate(from, a, alpha, beta)
		case arch.LeakyReLU:
			g.last = b.Activate(from, a, alpha)
		default:
			g.last = b.Activate(from, a)
		}
	case 9:
		g.last = b.Skip(from)
	case 10: // only as a part: a network of zeros would show nothing
		g.sum(b.Zero(from, s.C, 1), from)
	case 11:
		if g.coin() {
			g.last = b.Pad(from, g.IntN(3), g.IntN(3), g.IntN(3), g.IntN(3))
		} else {
			g.last = b.Shuffle(from, divisor(g.Rand, s.C))
		}
	case 12:
		n := 1 + g.IntN(s.C)
		g.last = b.Slice(from, g.IntN(s.C-n+1), n)
	case 13:
		g.last = b.Concat(g.some(3)...)
	case 14:
		g.sum()
	default:
		if g.coin() {
			g.last = b.Scale(from, b.Activate(from, arch.Sigmoid))
		} else {
			g.last = b.Scale(from, b.Conv(b.GlobalAvgPool(from), arch.Layer{Channels: s.C, Act: arch.HardSigmoid}))
		}
	}
}

// sum adds nodes, often with a convolution that only the sum reads, and often
// with an activation or a normalization behind.
func (g *generator) sum(more ...int) {
	b := g.b
	in := append(g.some(3), more...)
	channels := b.Shape(in[0]).C
	for _, j := range in {
		if s := b.Shape(j); s.H != b.Shape(in[0]).H || s.W != b.Shape(in[0]).W {
			return
		}
		channels = min(channels, b.Shape(j).C)
	}
	if channels == 0 {
		return
	}
	channels -= g.IntN(channels)
	if g.coin() {
		in = append(in, b.Conv(g.last, arch.Layer{Channels: channels, Kernel: 3, Norm: g.coin(), Act: arch.Activation(g.IntN(3)), Groups: g.IntN(2)}))
	}
	g.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	g.last = b.Sum(channels, in...)
	if g.coin() {
		g.last = b.Activate(g.last, []arch.Activation{arch.ReLU, arch.HardSwish, arch.Tanh}[g.IntN(3)])
	}
}

// divisor returns a random divisor of n.
func divisor(r *rand.Rand, n int) int {
	for {
		if d := 1 + r.IntN(n); n%d == 0 {
			return d
		}
	}
}
