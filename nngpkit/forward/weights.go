package forward

import (
	"math"
	"math/bits"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// truncatedStd is the standard deviation of a standard normal variable
// conditioned on lying within two standard deviations of its mean.
const truncatedStd = 0.87962566103423978

// Weights returns the weights of one node for one member of a plan that draws
// them independently, in the order of the stream: [ky][kx][input][output] for a
// convolution, where inputs are those of one group and outputs those of all
// groups, [ky][kx][channel] for a depthwise one, [y][x][channel][output] over the input's pixels for a
// dense layer. It returns nil for a node without weights.
//
// Weight number i is std * x, where std is the root of net.WeightVariance
// (divided by 0.87962566 where the distribution is truncated, so that the
// variance is what it says), and x comes from the random word r number i of
// the stream of (seed, member, node):
//
//	t = (2r + 1) / 2^32 - 1                          uniform on (-1, 1)
//	x = sqrt(2) * erfinv(t)                          Init.Normal
//	x = sqrt(2) * erfinv(t * erf(sqrt(2)))           otherwise: |x| < 2
//
// The words are Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel
// random numbers: as easy as 1, 2, 3", 2011): word 4b+j is word j of the block
// with counter (b, node, member, 0) and key (low, high half of seed). They are
// the same on every platform; x is accurate to 1.2e-8 relative before it is
// rounded to float32.
func Weights(net *arch.Network, node int, seed uint64, member int) []float32 {
	return WeightsOf(net, node, Config{Seed: seed}, member)
}

// WeightsOf is like Weights for a plan of any configuration: what Config.Draw
// makes of the stream.
func WeightsOf(net *arch.Network, node int, cfg Config, member int) []float32 {
	w := make([]float32, net.Weights(node))
	if len(w) == 0 {
		return nil
	}
	nd := &net.Nodes[node]
	outputs, sets := nd.Out.C, max(1, nd.Groups)
	if nd.Kind == arch.Depthwise {
		sets = outputs
	}
	cfg.fill(nil, w, node, member, outputs, sets, initOf(net, node))
	return w
}

// distribution is what a weight is drawn from.
type distribution struct {
	std    float64
	normal bool
}

func initOf(net *arch.Network, node int) distribution {
	d := distribution{std: math.Sqrt(net.WeightVariance(node)), normal: net.Nodes[node].Init.Normal}
	if !d.normal {
		d.std /= truncatedStd
	}
	return d
}

// stream is a counter-based sequence of random words.
type stream struct {
	key     [2]uint32
	counter [4]uint32 // of the next block; word 0 counts
}

func newStream(seed uint64, member, node int) stream {
	return stream{
		key:     [2]uint32{uint32(seed), uint32(seed >> 32)},
		counter: [4]uint32{0, uint32(node), uint32(member), 0},
	}
}

// next returns the next block of four words.
func (s *stream) next() (r0, r1, r2, r3 uint32) {
	r0, r1, r2, r3 = philox(s.counter[0], s.counter[1], s.counter[2], s.counter[3], s.key[0], s.key[1])
	s.counter[0]++
	return
}

// philox is the bijection Philox4x32-10 of a counter under a key.
func philox(c0, c1, c2, c3, k0, k1 uint32) (uint32, uint32, uint32, uint32) {
	const (
		m0, m1 = 0xD2511F53, 0xCD9E8D57
		w0, w1 = 0x9E3779B9, 0xBB67AE85
	)
	for i := 0; i < 10; i++ {
		h0, l0 := bits.Mul32(m0, c0)
		h1, l1 := bits.Mul32(m1, c2)
		c0, c1, c2, c3 = h1^c1^k0, l1, h0^c3^k1, l0
		k0 += w0
		k1 += w1
	}
	return c0, c1, c2, c3
}

// drawer draws weights by the kernels of a level, where they serve: the same bits.
// A nil one draws in Go.
type drawer struct {
	k    *simd.Kernels
	args simd.Draw // on the heap once
}

// fill is stream.fill.
func (by *drawer) fill(s *stream, w []float32, d distribution) {
	if n := len(w) &^ 15; n > 0 && by != nil && by.k.Draw != nil {
		a := &by.args
		a.W, a.Counter, a.Key, a.Std, a.Normal = w[:n], s.counter, s.key, d.std, nil
		a.P, a.Q = [8]float64{p0, p1, p2, p3, p4, p5}, [8]float64{1, q1, q2, q3, q4}
		if d.normal {
			a.Normal = &gaussian
		}
		by.k.Draw(a)
		s.counter[0] += uint32(n / 4)
		w = w[n:]
	}
	s.fill(w, d)
}

// fill draws the weights in order.
func (s *stream) fill(w []float32, d distribution) {
	var last [4]float32
	for len(w) > 0 {
		to := w
		if len(w) < 4 {
			to = last[:]
		}
		r0, r1, r2, r3 := s.next()
		if d.normal {
			to[0] = float32(d.std * normal(r0))
			to[1] = float32(d.std * normal(r1))
			to[2] = float32(d.std * normal(r2))
			to[3] = float32(d.std * normal(r3))
		} else {
			to[0] = float32(d.std * truncated(r0))
			to[1] = float32(d.std * truncated(r1))
			to[2] = float32(d.std * truncated(r2))
			to[3] = float32(d.std * truncated(r3))
		}
		if len(w) < 4 {
			copy(w, last[:])
			return
		}
		w = w[4:]
	}
}

// symmetric maps a random word to the middle of its cell of (-1, 1).
func symmetric(r uint32) float64 {
	return (float64(int32(r^0x80000000)) + 0.5) * (1.0 / (1 << 31))
}

// gaussian are the numbers of normal: the rational approximations of Wichura, "Algorithm
// AS 241: the percentage points of the normal distribution", 1988, in the form of Go's
// math.Erfinv, and those of the logarithm of FreeBSD's msun (e_log.c). Lowest powers first.
var gaussian = simd.Normal{
	Start: 0.180625, Scale: -0.25, Limit: 0.85,
	P: [8]float64{
		1.1975323115670912564578e0, 4.7072688112383978012285e1, 6.9706266534389598238465e2, 4.8548868893843886794648e3,
		1.6235862515167575384252e4, 2.3782041382114385731252e4, 1.1819493347062294404278e4, 8.8709406962545514830200e2,
	},
	Q: [8]float64{
		1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
		2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
	},
	TailStart: -1.6,
	TailP: [8]float64{
		1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
		1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
	},
	TailQ: [8]float64{
		1.4142135623730950488016887e0, 2.9036514445419946173133295e0, 2.3707661626024532365971225e0, 9.7547832001787427186894837e-1,
		2.0945065210512749128288442e-1, 2.1494160384252876777097297e-2, 7.7441459065157709165577218e-4, 1.4859850019840355905497876e-9,
	},
	Log: [7]float64{
		6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
		1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
	},
	Ln2High: 6.93147180369123816490e-01, Ln2Low: 1.90821492927058770002e-10,
}

// normal maps a random word to a standard normal variable. The conversions forbid
// fused multiply-add, so that all platforms agree.
func normal(r uint32) float64 {
	t := symmetric(r)
	g := &gaussian
	if math.Abs(t) <= g.Limit {
		z := float64(float64(t*t)*g.Scale) + g.Start
		return math.Sqrt2 * float64(float64(t*horner(&g.P, z))/horner(&g.Q, z))
	}
	z := math.Sqrt(math.Ln2-logarithm(1-math.Abs(t))) + g.TailStart
	return math.Copysign(math.Sqrt2*float64(horner(&g.TailP, z)/horner(&g.TailQ, z)), t)
}

// horner returns the value of a polynomial.
func horner(c *[8]float64, x float64) float64 {
	y := c[7]
	for i := 6; i >= 0; i-- {
		y = float64(y*x) + c[i]
	}
	return y
}

// logarithm returns the natural logarithm of a positive normal number, to the last
// place but one.
func logarithm(x float64) float64 {
	g := &gaussian
	least := math.Float64bits(math.Sqrt2 / 2)
	d := math.Float64bits(x) - least
	k := float64(int64(d) >> 52)
	f := math.Float64frombits(d&(1<<52-1)+least) - 1
	s := f / (2 + f)
	s2 := s * s
	s4 := s2 * s2
	odd := float64(s4*g.Log[6]) + g.Log[4]
	odd = float64(odd*s4) + g.Log[2]
	odd = float64(s2 * (float64(odd*s4) + g.Log[0]))
	even := float64(s4*g.Log[5]) + g.Log[3]
	even = float64(s4 * (float64(even*s4) + g.Log[1]))
	half := float64(f*f) * 0.5
	return float64(k*g.Ln2High) - ((half - (float64(s*(half+(odd+even))) + float64(k*g.Ln2Low))) - f)
}

// The coefficients of truncated.
const (
	p0 = 0x1.323fee2935826p+0
	p1 = -0x1.748a7f42ab866p+1
	p2 = 0x1.3b27104a32381p+1
	p3 = -0x1.9fd5bf7bde458p-1
	p4 = 0x1.2120ac2e653c0p-4
	p5 = 0x1.74516c7120680p-9
	q1 = -0x1.55f1cab824997p+1
	q2 = 0x1.49b6168041903p+1
	q3 = -0x1.0c4e9f0e17b0ep+0
	q4 = 0x1.2f99cbbe9589cp-3
)

// truncated maps a random word to a standard normal variable conditioned on
// lying in (-2, 2): a rational minimax approximation of
// sqrt(2)*erfinv(t*erf(sqrt(2))), of relative error below 1.2e-8. The
// conversions forbid fused multiply-add, so that all platforms agree.
func truncated(r uint32) float64 {
	t := symmetric(r)
	z := t * t
	p := float64(p5*z) + p4
	p = float64(p*z) + p3
	p = float64(p*z) + p2
	p = float64(p*z) + p1
	p = float64(p*z) + p0
	q := float64(q4*z) + q3
	q = float64(q*z) + q2
	q = float64(q*z) + q1
	q = float64(q*z) + 1
	return t * p / q
}
