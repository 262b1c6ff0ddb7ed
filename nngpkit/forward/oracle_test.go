package forward

import (
	"math"
	"math/rand/v2"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// tensor64 is N x H x W x C, channels fastest.
type tensor64 struct {
	n int
	s arch.Shape
	v []float64
}

func newTensor64(n int, s arch.Shape) *tensor64 {
	return &tensor64{n, s, make([]float64, n*s.Size())}
}

func (t *tensor64) at(n, y, x, c int) *float64 {
	return &t.v[((n*t.s.H+y)*t.s.W+x)*t.s.C+c]
}

func toTensor64(b *imageset.Batch) *tensor64 {
	t := newTensor64(b.N, arch.Shape{H: b.H, W: b.W, C: b.C})
	for i, v := range b.Data {
		t.v[i] = float64(v)
	}
	return t
}

// oracle runs a network node by node in float64, in the plainest way.
type oracle struct {
	net    *arch.Network
	seed   uint64
	member int
	norm   Norm
	mean   map[int][]float64
	scale  map[int][]float64

	values []*tensor64          // of all nodes in the last run
	stats  map[int]layerMoments // of the normalization batch
}

func (o *oracle) features(x, norm *imageset.Batch) *tensor64 {
	if o.norm != None {
		o.mean, o.scale = map[int][]float64{}, map[int][]float64{}
		o.stats = map[int]layerMoments{}
		o.run(toTensor64(norm), true)
	}
	return o.run(toTensor64(x), false)
}

func (o *oracle) run(x *tensor64, training bool) *tensor64 {
	v := []*tensor64{x}
	for i := 1; i < len(o.net.Nodes); i++ {
		nd := &o.net.Nodes[i]
		in := make([]*tensor64, len(nd.In))
		for k, j := range nd.In {
			in[k] = v[j]
		}
		y := newTensor64(x.n, nd.Out)
		switch nd.Kind {
		case arch.Conv, arch.Depthwise, arch.MaxPool, arch.AvgPool:
			o.slide(i, in[0], y)
		case arch.Dense:
			w := Weights(o.net, i, o.seed, o.member)
			size := in[0].s.Size()
			for n := range y.n {
				for k, f := range w {
					y.v[n*nd.Out.C+k%nd.Out.C] += in[0].v[n*size+k/nd.Out.C] * float64(f)
				}
			}
		default:
			combine64(nd, in, y)
		}
		if (nd.Norm || nd.Kind == arch.BatchNorm) && o.norm != None {
			o.normalize(i, y, training)
		}
		for k, u := range y.v {
			y.v[k] = activation64(nd, u)
		}
		v = append(v, y)
	}
	o.values = v
	return v[len(v)-1]
}

func activation64(nd *arch.Node, x float64) float64 {
	hard := func(a, b float64) float64 { return max(0, min(1, a*x+b)) }
	switch nd.Act {
	case arch.Identity:
		return x
	case arch.ReLU:
		return max(x, 0)
	case arch.Swish:
		return x / (1 + math.Exp(-x))
	case arch.Sigmoid:
		return 1 / (1 + math.Exp(-x))
	case arch.Erf:
		return math.Erf(x)
	case arch.ReLU6:
		return max(0, min(6, x))
	case arch.Clip:
		return max(nd.Alpha, min(nd.Beta, x))
	case arch.LeakyReLU:
		if x < 0 {
			return nd.Alpha * x
		}
		return x
	case arch.HardSwish:
		return x * hard(1./6, 0.5)
	case arch.HardSigmoid:
		return hard(nd.Alpha, nd.Beta)
	case arch.Tanh:
		return math.Tanh(x)
	case arch.GELU:
		return x / 2 * (1 + math.Erf(x/math.Sqrt2))
	case arch.GELUTanh:
		return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	}
	panic(nd.Act)
}

// padding64 returns the padding above and to the left of a node's windows, by
// the words of arch.Padding.
func padding64(nd *arch.Node, x, y arch.Shape, kernel, stride, dilation [2]int) (top, left int) {
	if nd.Padding.Explicit {
		return nd.Padding.Top, nd.Padding.Left
	}
	before := func(axis, out, in int) int {
		return max((out-1)*stride[axis]+(kernel[axis]-1)*dilation[axis]+1-in, 0) / 2
	}
	return before(0, y.H, x.H), before(1, y.W, x.W)
}

// both returns a parameter of a window for rows and columns.
func both(rows, columns, usual int) [2]int {
	if rows == 0 {
		rows = usual
	}
	if columns == 0 {
		columns = rows
	}
	return [2]int{rows, columns}
}

// slide computes the operations with windows.
func (o *oracle) slide(i int, x, y *tensor64) {
	nd := &o.net.Nodes[i]
	w := Weights(o.net, i, o.seed, o.member)
	kernel, stride, dilation := both(nd.Kernel, nd.KernelW, 1), both(nd.Stride, nd.StrideW, 1), both(nd.Dilation, nd.DilationW, 1)
	top, left := padding64(nd, x.s, y.s, kernel, stride, dilation)
	groups := max(1, nd.Groups)
	in, out := x.s.C/groups, y.s.C/groups // channels of a group
	for n := range y.n {
		for oy := range y.s.H {
			for ox := range y.s.W {
				for c := range y.s.C {
					to := y.at(n, oy, ox, c)
					if nd.Kind == arch.MaxPool {
						*to = math.Inf(-1)
					}
					inside := 0
					for ky := range kernel[0] {
						for kx := range kernel[1] {
							iy, ix := oy*stride[0]-top+ky*dilation[0], ox*stride[1]-left+kx*dilation[1]
							if iy < 0 || ix < 0 || iy >= x.s.H || ix >= x.s.W {
								continue
							}
							inside++
							tap := ky*kernel[1] + kx
							switch nd.Kind {
							case arch.Conv:
								for k := range in {
									*to += *x.at(n, iy, ix, c/out*in+k) * float64(w[(tap*in+k)*y.s.C+c])
								}
							case arch.Depthwise:
								*to += *x.at(n, iy, ix, c) * float64(w[tap*y.s.C+c])
							case arch.MaxPool:
								*to = max(*to, *x.at(n, iy, ix, c))
							case arch.AvgPool:
								*to += *x.at(n, iy, ix, c)
							}
						}
					}
					if nd.CountPad {
						inside = kernel[0] * kernel[1]
					}
					if nd.Kind == arch.AvgPool {
						*to /= float64(inside)
					}
				}
			}
		}
	}
}

// combine64 computes the operations on whole pixels.
func combine64(nd *arch.Node, in []*tensor64, y *tensor64) {
	for n := range y.n {
		for oy := range y.s.H {
			for ox := range y.s.W {
				for c := range y.s.C {
					out := y.at(n, oy, ox, c)
					switch nd.Kind {
					case arch.Sum:
						for _, x := range in {
							*out += *x.at(n, oy, ox, c)
						}
					case arch.Concat:
						k := c
						for _, x := range in {
							if k < x.s.C {
								*out = *x.at(n, oy, ox, k)
								break
							}
							k -= x.s.C
						}
					case arch.Scale:
						f := in[1]
						*out = *in[0].at(n, oy, ox, c) * *f.at(n, min(oy, f.s.H-1), min(ox, f.s.W-1), c)
					case arch.BatchNorm, arch.Activate, arch.Skip:
						*out = *in[0].at(n, oy, ox, c)
					case arch.Zero:
					case arch.Pad:
						if iy, ix := oy-nd.Padding.Top, ox-nd.Padding.Left; iy >= 0 && ix >= 0 && iy < in[0].s.H && ix < in[0].s.W {
							*out = *in[0].at(n, iy, ix, c)
						}
					case arch.Slice:
						*out = *in[0].at(n, oy, ox, nd.First+c)
					case arch.Shuffle:
						*out = *in[0].at(n, oy, ox, c%nd.Groups*(y.s.C/nd.Groups)+c/nd.Groups)
					case arch.GlobalAvgPool:
						for iy := range in[0].s.H {
							for ix := range in[0].s.W {
								*out += *in[0].at(n, iy, ix, c)
							}
						}
						*out /= float64(in[0].s.H * in[0].s.W)
					default:
						panic(nd.Kind)
					}
				}
			}
		}
	}
}

func (o *oracle) normalize(i int, y *tensor64, training bool) {
	nd := &o.net.Nodes[i]
	channels := y.s.C
	if training {
		mean, variance := moments64(y)
		count := float64(len(y.v) / channels)
		fixedMean, fixedScale := make([]float64, channels), make([]float64, channels)
		for c := range mean {
			fixedMean[c], fixedScale[c] = mean[c], 1/math.Sqrt(variance[c]+nd.NormEpsilon)
			if o.norm == EMA {
				bessel := variance[c]
				if count > 1 {
					bessel *= count / (count - 1)
				}
				fixedMean[c] *= 1 - nd.NormMomentum
				fixedScale[c] = 1 / math.Sqrt(nd.NormMomentum+(1-nd.NormMomentum)*bessel+nd.NormEpsilon)
			}
		}
		for k := range y.v {
			c := k % channels
			y.v[k] = (y.v[k] - mean[c]) / math.Sqrt(variance[c]+nd.NormEpsilon)
		}
		o.mean[i], o.scale[i] = fixedMean, fixedScale
		o.stats[i] = layerMoments{mean, variance}
		return
	}
	for k := range y.v {
		c := k % channels
		y.v[k] = (y.v[k] - o.mean[i][c]) * o.scale[i][c]
	}
}

func moments64(y *tensor64) (mean, variance []float64) {
	c := y.s.C
	n := float64(len(y.v) / c)
	mean, variance = make([]float64, c), make([]float64, c)
	for k, v := range y.v {
		mean[k%c] += v / n
	}
	for k, v := range y.v {
		d := v - mean[k%c]
		variance[k%c] += d * d / n
	}
	return mean, variance
}

// randomNetwork makes a small network of random nodes that the rules of the
// Builder allow.
func randomNetwork(r *rand.Rand) *arch.Network {
	b := arch.NewBuilder("random", arch.Shape{H: 1 + r.IntN(13), W: 1 + r.IntN(13), C: 1 + r.IntN(4)})
	last := 0
	for n := 2 + r.IntN(10); n > 0; n-- {
		last = randomNode(r, b, last)
	}
	if r.IntN(2) == 0 {
		b.GlobalAvgPool(last)
	}
	net, err := b.Network(0)
	if err != nil {
		panic(err)
	}
	return net
}

// randomNode appends a node that reads node last, and often earlier ones.
func randomNode(r *rand.Rand, b *arch.Builder, last int) int {
	s := b.Shape(last)
	var same []int // nodes of the same size
	for i := 0; i <= last; i++ {
		if t := b.Shape(i); t.H == s.H && t.W == s.W {
			same = append(same, i)
		}
	}
	stride := 1 + r.IntN(5)/4
	l := arch.Layer{
		Channels: 1 + r.IntN(19), Kernel: 1 + r.IntN(5), Stride: stride, Norm: r.IntN(3) > 0, NormMomentum: 0.9,
		Act: arch.Activation(r.IntN(5)), Init: arch.Init{Gain: 1 + r.Float64(), FanOut: r.IntN(2) == 0, Normal: r.IntN(2) == 0},
	}
	if r.IntN(2) == 0 {
		l.Act = arch.ReLU
	}
	if r.IntN(2) == 0 {
		l.Kernel = 3
	}
	switch r.IntN(9) {
	case 0, 1, 2:
		return b.Conv(last, l)
	case 3:
		return b.Depthwise(last, l)
	case 4:
		return b.MaxPool(last, 1+r.IntN(4), stride)
	case 5:
		return b.AvgPool(last, 1+r.IntN(4), stride)
	case 6:
		in := []int{last}
		for n := r.IntN(4); n > 0; n-- {
			in = append(in, same[r.IntN(len(same))])
		}
		r.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
		return b.Concat(in...)
	case 7:
		return randomSum(r, b, last, same, l)
	}
	if r.IntN(4) == 0 {
		return b.Dense(last, l)
	}
	return b.Scale(last, b.Conv(b.GlobalAvgPool(last), arch.Layer{Channels: s.C, Act: arch.Sigmoid}))
}

// randomSum adds nodes, often with a projection that only the sum reads.
func randomSum(r *rand.Rand, b *arch.Builder, last int, same []int, l arch.Layer) int {
	in := []int{last}
	channels := b.Shape(last).C
	for n := r.IntN(4); n > 0; n-- {
		j := same[r.IntN(len(same))]
		in = append(in, j)
		channels = min(channels, b.Shape(j).C)
	}
	channels -= r.IntN(channels)
	if r.IntN(2) == 0 {
		l.Channels, l.Stride = channels, 1
		in = append(in, b.Conv(last, l))
	}
	r.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	return b.Sum(channels, in...)
}
