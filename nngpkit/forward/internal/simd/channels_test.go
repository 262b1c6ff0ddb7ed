package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// strips returns random runs of channels among the lanes of as many vectors, as
// concatenation leaves them: each begins with a vector.
func strips(r *rand.Rand, lanes int) (place []int, taps []int32, vectors int) {
	for range 1 + r.IntN(3) {
		n := 1 + r.IntN(3*lanes)
		taps = append(taps, int32(vectors*lanes), int32(len(place)), int32(n))
		for i := range n {
			place = append(place, vectors*lanes+i)
		}
		vectors += (n + lanes - 1) / lanes
	}
	return place, taps, vectors
}

func compareChannelConv(t *testing.T, k *Kernels, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 11))
	kernel, stride := 1+r.IntN(4), 1+r.IntN(2)
	in, strip, vin := strips(r, k.Lanes)
	out, _, vout := strips(r, k.Lanes)
	h, w := 1+r.IntN(6), 1+r.IntN(6)
	x := randomImage(r, k, (h-1)*stride+kernel, (w-1)*stride+kernel, vin)
	y, add := randomImage(r, k, h, w, vout), randomImage(r, k, h, w, vout)
	rows := kernel * kernel * len(in)
	weights, packed := random(r, rows*len(out)), random(r, rows*vout*k.Lanes)
	k.PackChannels(packed, weights, rows, vout, out)
	a := &ChannelConv{X: x.view(random(r, x.size())), W: packed, Rows: rows, Out: vout, ReLU: r.IntN(2) == 0}
	pix, taps := tables(kernel, stride, x, y, add, len(in))
	a.Pix = pix
	for i := 0; i < len(taps); i += 2 {
		for j := 0; j < len(strip); j += 3 {
			a.Taps = append(a.Taps, taps[i]+strip[j], taps[i+1]+strip[j+1], strip[j+2])
		}
	}
	if n := len(a.Taps) / 3; r.IntN(2) == 0 { // as at a border, or far in the padding
		a.Taps = a.Taps[3*r.IntN(n+1):]
	}
	if r.IntN(2) == 0 {
		a.Shift = random(r, vout*k.Lanes)
	}
	if r.IntN(2) == 0 {
		a.Add = add.view(random(r, add.size()))
	}
	before := random(r, y.size())
	got, want := append([]float32(nil), before...), append([]float32(nil), before...)
	a.Y = y.view(want)
	plain(k).ChannelConv(a)
	a.Y = y.view(got)
	k.ChannelConv(a)
	near(t, "conv", seed, got, want, 1e-6*math.Sqrt(float64(rows)))
	if r.IntN(4) == 0 {
		checkPacking(t, k, weights, packed, rows, vout, out)
	}
}

// checkPacking runs the convolution of one pixel by unit vectors: row by row,
// the outputs must be the weights at their places, and zero elsewhere; and, of
// rescaled weights, their products.
func checkPacking(t *testing.T, k *Kernels, weights, packed []float32, rows, vectors int, place []int) {
	t.Helper()
	scale := make([]float32, vectors*k.Lanes)
	for i := range scale {
		scale[i] = float32(i%7) - 3
	}
	rescaled := append([]float32(nil), packed...)
	k.RescaleChannels(rescaled, rows, vectors, scale)
	x, y := make([]float32, rows), make([]float32, vectors*k.Lanes)
	a := &ChannelConv{X: x, Y: y, Rows: rows, Out: vectors, Pix: []int32{0, 0, 0}, Taps: []int32{0, 0, int32(rows)}}
	for row := range rows {
		x[row] = 1
		for pass, w := range [][]float32{packed, rescaled} {
			a.W = w
			plain(k).ChannelConv(a)
			next := 0
			for i, v := range y {
				want := float32(0)
				if next < len(place) && place[next] == i {
					want = weights[row*len(place)+next]
					next++
				}
				if pass == 1 {
					want *= scale[i]
				}
				if v != want {
					t.Fatalf("row %d, lane %d: %v, want %v", row, i, v, want)
				}
			}
		}
		x[row] = 0
	}
}

// compareChannelWinograd compares with the portable direct convolution; see
// TestWinograd for the bounds. There are up to three times as many channels,
// which errors grow with the root of: up to 1.9e-6 over a thousand shapes.
func compareChannelWinograd(t *testing.T, k *Kernels, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 12))
	in, strip, vin := strips(r, k.Lanes)
	out, _, vout := strips(r, k.Lanes)
	groups := 1 + r.IntN(3)
	h, w := 4*(1+r.IntN(3)), 4*(1+r.IntN(3))
	x, y, add := randomImage(r, k, h, w, vin), randomImage(r, k, h, w, vout), randomImage(r, k, h, w, vout)
	weights := random(r, 9*len(in)*len(out))
	direct, packed := make([]float32, 9*len(in)*vout*k.Lanes), make([]float32, WinogradPositions*len(in)*vout*k.Lanes)
	k.PackChannels(direct, weights, 9*len(in), vout, out)
	k.PackWinogradChannels(packed, weights, len(in), vout, out)
	a := &Winograd{
		X: x.view(random(r, groups*x.size())), LdX: x.stride(), LdY: y.stride(), LdAdd: add.stride(),
		GroupX: x.size(), GroupY: y.size(), GroupAdd: add.size(), Groups: groups,
		W: packed, In: vin, Out: vout, Rows: len(in), Taps: strip, Height: h, Width: w, ReLU: r.IntN(2) == 0, Tiles: 1 + r.IntN(20),
	}
	a.Scratch = make([]float32, WinogradScratch(a.Tiles, vin, vout, k.Lanes))
	if r.IntN(2) == 0 {
		a.Scale, a.Shift = random(r, vout*k.Lanes), random(r, vout*k.Lanes)
	}
	if r.IntN(2) == 0 {
		a.Add = add.view(random(r, groups*add.size()))
	}
	before := random(r, groups*y.size())
	got, want := append([]float32(nil), before...), append([]float32(nil), before...)
	a.Y = y.view(got)
	k.Winograd(a)
	for g := range groups {
		channelReference(k, a, direct, x, y, add, y.view(want[g*y.size():]), g)
	}
	nearWinograd(t, seed, got, want, 2.5e-6)
}

// channelReference computes one group of a Winograd call with portable kernels.
func channelReference(k *Kernels, a *Winograd, w []float32, x, y, add image, out []float32, g int) {
	padded := image{h: y.h + 2, w: y.w + 2, c: x.c, ld: x.c, lanes: k.Lanes}
	px := make([]float32, padded.size())
	for i := range y.h {
		for j := range y.w {
			copy(px[((i+1)*padded.w+j+1)*padded.stride():][:x.c*k.Lanes], a.X[g*a.GroupX+(i*x.w+j)*x.stride():])
		}
	}
	c := &ChannelConv{X: px, Y: out, W: w, Rows: 9 * a.Rows, Out: a.Out}
	pix, taps := tables(3, 1, padded, y, add, a.Rows)
	c.Pix = pix
	for i := 0; i < len(taps); i += 2 {
		for j := 0; j < len(a.Taps); j += 3 {
			c.Taps = append(c.Taps, taps[i]+a.Taps[j], taps[i+1]+a.Taps[j+1], a.Taps[j+2])
		}
	}
	plain(k).ChannelConv(c)
	f := &Affine{X: out, LdX: y.stride(), C: a.Out, N: y.h * y.w, ReLU: a.ReLU, Scale: a.Scale, Shift: a.Shift, LdAdd: add.stride()}
	if a.Scale == nil {
		f.Scale, f.Shift = make([]float32, a.Out*k.Lanes), make([]float32, a.Out*k.Lanes)
		for i := range f.Scale {
			f.Scale[i] = 1
		}
	}
	if a.Add != nil {
		f.Add = a.Add[g*a.GroupAdd:]
	}
	plain(k).Affine(f)
}

// TestChannelRuns checks that every number of vectors is covered once, in order,
// by blocks that there are kernels for.
func TestChannelRuns(t *testing.T) {
	for most := 1; most <= 4; most++ {
		k := &Kernels{widest: most}
		for n := 1; n <= 200; n++ {
			next := 0
			for _, r := range k.ChannelRuns(n) {
				if r.N == 0 {
					continue
				}
				if r.First != next || r.S < 1 || r.S > most || r.N < 0 {
					t.Fatalf("%d vectors, %d at a time: %v", n, most, k.ChannelRuns(n))
				}
				next += r.N * r.S
			}
			if next != n {
				t.Fatalf("%d vectors, %d at a time: %v", n, most, k.ChannelRuns(n))
			}
		}
	}
}
