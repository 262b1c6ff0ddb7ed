package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Each level is compared with the portable one over random shapes. Both round
// to float32, in different orders and with or without fused multiply-add: n
// products of values of order one differ by some sqrt(n) roundings of 2^-24,
// and by n at most.

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// near fails unless the values agree within tolerance times the root mean
// square of want. Values that a kernel must leave alone are part of both.
func near(t *testing.T, what string, seed uint64, got, want []float32, tolerance float64) {
	t.Helper()
	var sq float64
	for _, v := range want {
		sq += float64(v) * float64(v)
	}
	bound := tolerance * (math.Sqrt(sq/float64(len(want))) + 1e-6)
	for i, v := range want {
		if d := math.Abs(float64(got[i]) - float64(v)); !(d <= bound) {
			t.Fatalf("%s, seed %d: value %d is %v, want %v (bound %.2g)", what, seed, i, got[i], v, bound)
		}
	}
}

// eachLevel runs a comparison for many seeds at every level but the portable.
func eachLevel(t *testing.T, compare func(t *testing.T, k *Kernels, seed uint64)) {
	levels := Available()[1:]
	if len(levels) == 0 {
		t.Skip("this processor runs the portable level alone")
	}
	for _, k := range append(levels, channelLevels()...) {
		name := k.Name
		if k.Images == 1 {
			name += " channels"
		}
		t.Run(name, func(t *testing.T) {
			count := uint64(200)
			if raceEnabled { // a hundred times slower
				count = 4
			}
			for seed := range count {
				compare(t, k, seed)
			}
		})
	}
}

// channelLevels returns the levels whose channels lie side by side.
func channelLevels() (levels []*Kernels) {
	for _, k := range Available() {
		if k.Channels != nil {
			levels = append(levels, k.Channels)
		}
	}
	return levels
}

// plain returns the portable level with as many lanes as k.
func plain(k *Kernels) *Kernels {
	if k.Images == 1 {
		return portableChannels{portable{k.Lanes}, k.widest}.kernels("portable")
	}
	return portable{k.Lanes}.kernels("portable")
}

// each returns the number of scales or statistics of c vectors.
func each(k *Kernels, c int) int { return c * k.Lanes / k.Images }

// image is a random geometry: pixels of ld channels, of which a view holds c
// from ch on.
type image struct{ h, w, c, ch, ld, lanes int }

func randomImage(r *rand.Rand, k *Kernels, h, w, c int) image {
	return image{h, w, c, r.IntN(4), c + 4 + r.IntN(4), k.Lanes}
}

func (m image) size() int                  { return m.h * m.w * m.ld * m.lanes }
func (m image) stride() int                { return m.ld * m.lanes }
func (m image) view(x []float32) []float32 { return x[m.ch*m.lanes:] }

// tables returns the pixels of a window of k x k inside x, without padding.
func tables(k, stride int, x, y, add image, channels int) (pix, taps []int32) {
	for oy := range y.h {
		for ox := range y.w {
			pix = append(pix, int32((oy*stride*x.w+ox*stride)*x.stride()), int32((oy*y.w+ox)*y.stride()), int32((oy*y.w+ox)*add.stride()))
		}
	}
	for ky := range k {
		for kx := range k {
			taps = append(taps, int32((ky*x.w+kx)*x.stride()), int32((ky*k+kx)*channels))
		}
	}
	return pix, taps
}

func TestConv(t *testing.T) {
	eachLevel(t, compareConv)
}

func FuzzConv(f *testing.F) {
	f.Fuzz(func(t *testing.T, seed uint64) {
		for _, k := range append(Available()[1:], channelLevels()...) {
			compareConv(t, k, seed)
			compareWinograd(t, k, seed)
		}
	})
}

func compareConv(t *testing.T, k *Kernels, seed uint64) {
	t.Helper()
	if k.Images == 1 {
		compareChannelConv(t, k, seed)
		return
	}
	r := rand.New(rand.NewPCG(seed, 1))
	kernel, stride := 1+r.IntN(4), 1+r.IntN(2)
	in, out := 1+r.IntN(40), 1+r.IntN(24)
	h, w := 1+r.IntN(6), 1+r.IntN(6)
	x := randomImage(r, k, (h-1)*stride+kernel, (w-1)*stride+kernel, in)
	y, add := randomImage(r, k, h, w, out), randomImage(r, k, h, w, out)
	weights := random(r, kernel*kernel*in*out)
	packed := make([]float32, len(weights))
	Pack(packed, weights, kernel*kernel*in, out)
	a := &Conv{X: x.view(random(r, x.size())), W: packed, Run: in, In: in, Out: out, Window: kernel * kernel, ReLU: r.IntN(2) == 0}
	a.Pix, a.Taps = tables(kernel, stride, x, y, add, in)
	if n := len(a.Taps) / 2; r.IntN(2) == 0 { // as at a border
		a.Taps = a.Taps[2*r.IntN(n+1):] // or far in the padding
	}
	if r.IntN(2) == 0 {
		a.Shift = random(r, out)
	}
	if r.IntN(2) == 0 {
		a.Add = add.view(random(r, add.size()))
	}
	before := random(r, y.size())
	got, want := append([]float32(nil), before...), append([]float32(nil), before...)
	a.Y = y.view(want)
	plain(k).Conv(a)
	a.Y = y.view(got)
	k.Conv(a)
	near(t, "conv", seed, got, want, 1e-6*math.Sqrt(float64(1+len(a.Taps)*in)))
	if len(a.Taps) > 2 {
		for _, level := range []*Kernels{k, plain(k)} {
			compareConvParts(t, level, a, y, before, r.IntN(len(a.Taps)/2-1)+1)
		}
	}
}

// TestConvBlocks: with windows of any size, channels that are computed together have the
// bits that each tile of four has by itself.
func TestConvBlocks(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *Kernels, seed uint64) {
		if k.Conv == nil {
			t.Skip("channels lie side by side")
		}
		r := rand.New(rand.NewPCG(seed, 10))
		in, tiles, pixels := 1+r.IntN(90), 1+r.IntN(6), 1+r.IntN(20)
		out := 4 * tiles
		x, y := randomImage(r, k, 1, pixels, in), randomImage(r, k, 1, pixels, out)
		a := &Conv{
			X: x.view(random(r, x.size())), W: random(r, in*out), Run: in, In: in, Out: out, Window: 1, ReLU: r.IntN(2) == 0,
			Shift: random(r, out), Add: y.view(random(r, y.size())),
		}
		a.Pix, a.Taps = tables(1, 1, x, y, y, in)
		got, want := make([]float32, y.size()), make([]float32, y.size())
		a.Y = y.view(got)
		k.Conv(a)
		for tile := range tiles {
			one, skip := *a, 4*tile*k.Lanes
			one.Y, one.Add = y.view(want)[skip:], a.Add[skip:]
			one.W, one.Shift, one.Out = a.W[4*tile*in:], a.Shift[4*tile:], 4
			k.Conv(&one)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d values, %d channels: other bits than of four channels at a time", seed, in, out)
		}
	})
}

// compareConvParts checks that a convolution has the same bits where its taps come in
// two parts.
func compareConvParts(t *testing.T, k *Kernels, a *Conv, y image, before []float32, first int) {
	t.Helper()
	got, want := append([]float32(nil), before...), append([]float32(nil), before...)
	a.Y = y.view(want)
	k.Conv(a)
	a.Y = y.view(got)
	part := *a
	part.Taps, part.Unfinished = a.Taps[:2*first], true
	k.Conv(&part)
	part.Taps, part.Unfinished, part.Begun = a.Taps[2*first:], false, true
	k.Conv(&part)
	if !slices.Equal(got, want) {
		t.Fatal("conv: in parts other bits")
	}
}

// TestWinograd compares with the portable direct convolution. The transforms
// multiply rounding errors: 6e-7 of the root mean square for 64 channels, and up
// to 9e-7 over a thousand of these random shapes. The channels' scales are
// random too, so single values may deviate by some thirty times as much.
func TestWinograd(t *testing.T) {
	eachLevel(t, compareWinograd)
}

func compareWinograd(t *testing.T, k *Kernels, seed uint64) {
	t.Helper()
	if k.Winograd == nil {
		return
	}
	if k.Images == 1 {
		compareChannelWinograd(t, k, seed)
		return
	}
	r := rand.New(rand.NewPCG(seed, 2))
	in, out, groups := 1+r.IntN(40), 1+r.IntN(24), 1+r.IntN(3)
	h, w := 4*(1+r.IntN(3)), 4*(1+r.IntN(3))
	x, y, add := randomImage(r, k, h, w, in), randomImage(r, k, h, w, out), randomImage(r, k, h, w, out)
	weights := random(r, 9*in*out)
	direct, packed := make([]float32, 9*in*out), make([]float32, WinogradPositions*in*out)
	Pack(direct, weights, 9*in, out)
	PackWinograd(packed, weights, in, out)
	a := &Winograd{
		X: x.view(random(r, groups*x.size())), LdX: x.stride(), LdY: y.stride(), LdAdd: add.stride(),
		GroupX: x.size(), GroupY: y.size(), GroupAdd: add.size(), Groups: groups,
		W: packed, In: in, Out: out, Height: h, Width: w, ReLU: r.IntN(2) == 0, Tiles: 1 + r.IntN(9),
	}
	a.Scratch = make([]float32, WinogradScratch(a.Tiles, in, out, k.Lanes))
	if r.IntN(2) == 0 {
		a.Scale, a.Shift = random(r, out), random(r, out)
	}
	if r.IntN(2) == 0 {
		a.Add = add.view(random(r, groups*add.size()))
	}
	before := random(r, groups*y.size())
	got, want := append([]float32(nil), before...), append([]float32(nil), before...)
	a.Y = y.view(got)
	k.Winograd(a)
	for g := range groups {
		reference(k, a, direct, x, y, add, y.view(want[g*y.size():]), g)
	}
	nearWinograd(t, seed, got, want, 1.5e-6)
}

// nearWinograd compares the results of Winograd's algorithm and of the direct way,
// and bounds the root mean square of the errors relative to the values'.
func nearWinograd(t *testing.T, seed uint64, got, want []float32, bound float64) {
	t.Helper()
	near(t, "winograd", seed, got, want, 4e-5)
	var errors, squares float64
	for i, v := range want {
		d := float64(got[i]) - float64(v)
		errors += d * d
		squares += float64(v) * float64(v)
	}
	if e := math.Sqrt(errors / squares); !(e <= bound) {
		t.Fatalf("winograd, seed %d: root mean square of the errors is %.2g of the values'", seed, e)
	}
}

// reference computes one group of a Winograd call with portable kernels.
func reference(k *Kernels, a *Winograd, w []float32, x, y, add image, out []float32, g int) {
	v := k.Lanes
	padded := image{h: y.h + 2, w: y.w + 2, c: x.c, ld: x.c, lanes: v}
	px := make([]float32, padded.size())
	for i := range y.h {
		for j := range y.w {
			copy(px[((i+1)*padded.w+j+1)*padded.stride():][:x.c*k.Lanes], a.X[g*a.GroupX+(i*x.w+j)*x.stride():])
		}
	}
	c := &Conv{X: px, Y: out, W: w, Run: a.In, In: a.In, Out: a.Out, Window: 9}
	c.Pix, c.Taps = tables(3, 1, padded, y, add, a.In)
	plain(k).Conv(c)
	f := &Affine{X: out, LdX: y.stride(), C: a.Out, N: y.h * y.w, ReLU: a.ReLU, Scale: a.Scale, Shift: a.Shift, LdAdd: add.stride()}
	if a.Scale == nil {
		f.Scale, f.Shift = make([]float32, a.Out), make([]float32, a.Out)
		for i := range f.Scale {
			f.Scale[i] = 1
		}
	}
	if a.Add != nil {
		f.Add = a.Add[g*a.GroupAdd:]
	}
	plain(k).Affine(f)
}

func TestWindows(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *Kernels, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 3))
		kernel, stride, c := 1+r.IntN(8), 1+r.IntN(3), 1+r.IntN(20)
		h, w := 1+r.IntN(4), 1+r.IntN(19)
		x := randomImage(r, k, (h-1)*stride+kernel, (w-1)*stride+kernel, c)
		y := randomImage(r, k, h, w, c)
		a := &Window{X: x.view(random(r, x.size())), W: random(r, kernel*kernel*c), C: c, ReLU: r.IntN(2) == 0}
		a.Pix, a.Taps = tables(kernel, stride, x, y, y, c)
		if n := len(a.Taps) / 2; r.IntN(2) == 0 {
			a.Taps = a.Taps[2*r.IntN(n):]
		}
		a.Count = r.IntN(2) * kernel * kernel
		empty := r.IntN(10) == 0 // as far in the padding
		if r.IntN(2) == 0 {
			a.Shift = random(r, c)
		}
		before := random(r, y.size())
		for name, run := range map[string][2]func(*Window){
			"max pool":  {k.MaxPool, plain(k).MaxPool},
			"avg pool":  {k.AvgPool, plain(k).AvgPool},
			"depthwise": {k.Depthwise, plain(k).Depthwise},
		} {
			if run[0] == nil {
				continue
			}
			taps := a.Taps
			if empty && name != "max pool" && (name == "depthwise" || a.Count > 0) {
				a.Taps = nil
			}
			got, want := append([]float32(nil), before...), append([]float32(nil), before...)
			a.Y = y.view(got)
			run[0](a)
			a.Y = y.view(want)
			run[1](a)
			near(t, name, seed, got, want, 1e-5)
			a.Taps = taps
		}
	})
}

// TestDepthwiseRows: pixels side by side have the bits that each has by itself, in rows
// of any length, and whatever lies between them.
func TestDepthwiseRows(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *Kernels, seed uint64) {
		if k.Depthwise == nil {
			t.Skip("the level has none")
		}
		r := rand.New(rand.NewPCG(seed, 8))
		kernel, stride, c := []int{3, 5, 7}[r.IntN(3)], 1+r.IntN(2), 1+r.IntN(9)
		h, w := 1+r.IntN(3), 1+r.IntN(20)
		x := randomImage(r, k, (h-1)*stride+kernel, (w-1)*stride+kernel, c)
		y := randomImage(r, k, h, w, c)
		a := &Window{X: x.view(random(r, x.size())), W: random(r, kernel*kernel*c), Shift: random(r, c), C: c, ReLU: r.IntN(2) == 0}
		pix, taps := tables(kernel, stride, x, y, y, c)
		a.Taps = taps[2*kernel*r.IntN(kernel):] // rows above the image
		got, want := make([]float32, y.size()), make([]float32, y.size())
		a.Y, a.Pix = y.view(got), pix
		k.Depthwise(a)
		a.Y = y.view(want)
		taps = a.Taps
		for p := 0; p < len(pix); p += 3 { // the taps of a row apart, so that no kernel of rows serves
			a.Pix, a.Taps = pix[p:p+3], taps
			one := *a
			one.Taps = append(append([]int32(nil), taps...), taps[:2]...)
			one.W = append(append([]float32(nil), a.W...), make([]float32, c)...)
			one.Taps[len(taps)+1] = int32(kernel * kernel * c) // a weight of 0
			k.Depthwise(&one)
		}
		for i, v := range want {
			if got[i] != v {
				t.Fatalf("seed %d: value %d is %v, by itself %v", seed, i, got[i], v)
			}
		}
	})
}

// TestDepthwisePairs: two rows of outputs together have the bits that each has by itself,
// at the borders too, and where they lie over the first rows of their own windows.
func TestDepthwisePairs(t *testing.T) {
	ran, levels := 0, 0
	eachLevel(t, func(t *testing.T, k *Kernels, seed uint64) {
		if k.DepthwisePair == nil {
			t.Skip("the level has none")
		}
		levels++
		r := rand.New(rand.NewPCG(seed, 9))
		kernel, stride, c := []int{3, 5, 7}[r.IntN(3)], 1+r.IntN(2), 1+r.IntN(9)
		w := 1 + r.IntN(20)
		x := randomImage(r, k, stride+kernel, (w-1)*stride+kernel, c)
		y := randomImage(r, k, 2, w, c)
		in := random(r, x.size())
		a := &Window{X: x.view(in), W: random(r, kernel*kernel*c), Shift: random(r, c), C: c, ReLU: r.IntN(2) == 0}
		pix, taps := tables(kernel, stride, x, y, y, c)
		row := 2 * kernel // in taps
		upper, below := append([]int32(nil), taps...), append([]int32(nil), taps...)
		for i := 0; i < len(taps); i += 2 {
			below[i] += int32(stride * x.w * x.stride())
		}
		if cut := r.IntN(kernel); r.IntN(2) == 0 { // rows above the image
			upper, below = upper[row*cut:], below[row*max(0, cut-stride):]
		} else {
			upper, below = upper[:row*(kernel-max(0, cut-stride))], below[:row*(kernel-cut)]
		}
		out := make([]float32, y.size())
		a.Pix, a.BelowY = pix[:3*w], int(pix[3*w+1])
		if r.IntN(2) == 0 { // in place
			out = append([]float32(nil), in...)
			a.BelowY = stride * x.w * x.stride()
			for i := range w {
				a.Pix[3*i+1] = int32(i * x.stride())
			}
			a.X, a.Y = x.view(out), x.view(out)
		} else {
			a.Y = y.view(out)
		}
		inPlace := len(out) == len(in)
		before := append([]float32(nil), out...)
		a.Taps, a.Below = upper, below
		together := k.DepthwisePair(a)
		if together {
			ran++
		}
		got := append([]float32(nil), out...)
		copy(out, before)
		if !together {
			if !slices.Equal(got, before) {
				t.Fatalf("seed %d: values written, and false returned", seed)
			}
			return
		}
		k.Depthwise(a)
		a.Taps = below
		for i := range w {
			a.Pix[3*i+1] += int32(a.BelowY)
		}
		k.Depthwise(a)
		if !slices.Equal(got, out) {
			t.Fatalf("seed %d: kernel %d, stride %d, in place %v: two rows together differ from each by itself", seed, kernel, stride, inPlace)
		}
	})
	if levels > 0 && ran < levels/4 {
		t.Errorf("pairs ran %d times of %d", ran, levels)
	}
}

func TestMaxPool3(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *Kernels, seed uint64) {
		if k.MaxPool3 == nil {
			t.Skip("the level has none")
		}
		r := rand.New(rand.NewPCG(seed, 4))
		h, w, c := 1+r.IntN(9), 1+r.IntN(9), 1+r.IntN(11)
		x, y := randomImage(r, k, h, w, c), randomImage(r, k, h, w, c)
		in := x.view(random(r, x.size()))
		got := random(r, y.size())
		want := append([]float32(nil), got...)
		k.MaxPool3(&Image{X: in, Y: y.view(got), LdX: x.stride(), LdY: y.stride(), C: c, Height: h, Width: w})
		out := y.view(want)
		for oy := range h {
			for ox := range w {
				for i := range c * k.Lanes {
					m := float32(math.Inf(-1))
					for iy := max(0, oy-1); iy <= min(h-1, oy+1); iy++ {
						for ix := max(0, ox-1); ix <= min(w-1, ox+1); ix++ {
							m = max(m, in[(iy*w+ix)*x.stride()+i])
						}
					}
					out[(oy*w+ox)*y.stride()+i] = m
				}
			}
		}
		near(t, "max pool 3", seed, got, want, 0)
	})
}

func TestMaps(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *Kernels, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 5))
		n, c := 1+r.IntN(300), 1+r.IntN(40)
		shape := func() image {
			if r.IntN(2) == 0 {
				return image{h: 1, w: n, c: c, ld: c, lanes: k.Lanes}
			}
			return randomImage(r, k, 1, n, c)
		}
		y := shape()
		before := random(r, y.size())
		compare := func(name string, tolerance float64, run func(k *Kernels, y []float32)) {
			got, want := append([]float32(nil), before...), append([]float32(nil), before...)
			run(k, got)
			run(plain(k), want)
			near(t, name, seed, got, want, tolerance)
		}

		var xs [][]float32
		var ld []int
		for range 1 + r.IntN(9) {
			x := shape()
			xs, ld = append(xs, x.view(random(r, x.size()))), append(ld, x.stride())
		}
		compare("sum", 1e-6, func(k *Kernels, out []float32) {
			k.Sum(&Sum{Y: y.view(out), LdY: y.stride(), X: xs, LdX: ld, C: c, N: n})
		})
		f := random(r, c*k.Lanes)
		compare("mul", 1e-6, func(k *Kernels, out []float32) {
			k.Mul(&Mul{Y: y.view(out), X: xs[0], F: f, LdY: y.stride(), LdX: ld[0], C: c, N: n})
		})
		compare("product", 1e-6, func(k *Kernels, out []float32) {
			k.Mul(&Mul{Y: y.view(out), X: xs[0], F: xs[len(xs)-1], LdY: y.stride(), LdX: ld[0], LdF: ld[len(xs)-1], C: c, N: n})
		})
		scale, shift := random(r, each(k, c)), random(r, each(k, c))
		rectify, add, from := r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(2) == 0
		compare("affine", 1e-5, func(k *Kernels, out []float32) {
			a := &Affine{X: y.view(out), LdX: y.stride(), Scale: scale, Shift: shift, C: c, N: n, ReLU: rectify}
			if add {
				a.Add, a.LdAdd = xs[0], ld[0]
			}
			if from {
				a.From, a.LdFrom = xs[len(xs)-1], ld[len(xs)-1]
			}
			k.Affine(a)
		})
		got, want := make([]float32, c*k.Lanes), make([]float32, c*k.Lanes)
		k.Mean(&Mean{Y: got, X: xs[0], Ld: ld[0], C: c, N: n})
		plain(k).Mean(&Mean{Y: want, X: xs[0], Ld: ld[0], C: c, N: n})
		near(t, "mean", seed, got, want, 1e-5)
	})
}

// TestActivate compares activations over the whole range of float32, value by
// value. The bounds are those stated at Activate, plus, for the portable
// level's own rounding, half a unit in the last place.
func TestActivate(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *Kernels, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 7))
		n, c := 1+r.IntN(20), 1+r.IntN(20)
		x := randomImage(r, k, 1, n, c)
		before := random(r, x.size())
		for i := range before {
			switch r.IntN(4) {
			case 0:
				before[i] *= 30
			case 1:
				before[i] *= 1e-5
			case 2:
				before[i] *= float32(math.Exp(160*r.Float64() - 80))
			}
		}
		copy(x.view(before), []float32{float32(math.NaN()), float32(math.Inf(1)), 0, 88, -88, 89, -89, -86, 87})
		from := randomImage(r, k, 1, n, c)
		source := random(r, from.size())
		for p := range n {
			copy(from.view(source)[p*from.stride():][:c*k.Lanes], x.view(before)[p*x.stride():])
		}
		for f := range Func(Funcs) {
			run := func(k *Kernels, elsewhere bool) []float32 {
				y := append([]float32(nil), before...)
				a := &Activate{X: x.view(y), Ld: x.stride(), C: c, N: n, F: f, Slope: 0.3, Shift: 0.4, Lo: -0.5, Hi: 1.5}
				if elsewhere {
					a.From, a.LdFrom = from.view(source), from.stride()
					clear(y)
				}
				k.Activate(a)
				return y
			}
			got, want, other := run(k, false), run(plain(k), false), run(k, true)
			for p := range n {
				for i := range c * k.Lanes {
					at := x.ch*x.lanes + p*x.stride() + i
					if math.Float32bits(other[at]) != math.Float32bits(got[at]) {
						t.Fatalf("function %d, seed %d: %v of %v from elsewhere, %v in place", f, seed, other[at], before[at], got[at])
					}
				}
			}
			for i, w := range want {
				size := math.Abs(float64(w))
				if f == GELU || f == GELUTanh || f == ClampMul { // products with what is rounded
					size = max(size, math.Abs(float64(before[i])))
				}
				d := math.Abs(float64(got[i]) - float64(w))
				if !(d <= 4.6e-7*size+1e-37*max(1, math.Abs(float64(before[i])))) && math.Float32bits(got[i]) != math.Float32bits(w) && !(w != w && got[i] != got[i]) {
					t.Fatalf("function %d, seed %d: %v of %v, want %v", f, seed, got[i], before[i], w)
				}
			}
		}
	})
}

// TestStats also shifts the values by a hundred standard deviations, where
// the difference of a mean of squares and a squared mean would keep three
// digits at best.
func TestStats(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *Kernels, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 6))
		n, c := 1+r.IntN(700), 1+r.IntN(70)
		x := randomImage(r, k, 1, n, c)
		data := random(r, x.size())
		offset := float32(r.IntN(3) * 50)
		for i := range data {
			data[i] += offset
		}
		stats := func(k *Kernels) *Stats {
			a := &Stats{X: x.view(data), Ld: x.stride(), C: c, N: n, Valid: 1 + int(seed)%k.Lanes, Mean: make([]float64, each(k, c)), SumSq: make([]float64, each(k, c))}
			k.Stats(a)
			return a
		}
		got, want := stats(k), stats(plain(k))
		// Where each lane is a channel, rounding errors are not averaged over lanes.
		more := math.Sqrt(float64(each(k, 1)))
		for i := range want.Mean {
			if d := math.Abs(got.Mean[i] - want.Mean[i]); !(d <= more*1e-6*(1+float64(offset))) {
				t.Fatalf("seed %d: mean of channel %d is %v, want %v", seed, i, got.Mean[i], want.Mean[i])
			}
			if d := math.Abs(got.SumSq[i] - want.SumSq[i]); !(d <= more*1e-5*(want.SumSq[i]+1)) {
				t.Fatalf("seed %d: squares of channel %d are %v, want %v", seed, i, got.SumSq[i], want.SumSq[i])
			}
		}
	})
}

// TestRuns checks that every number of channels is covered once, in order.
func TestRuns(t *testing.T) {
	for c := 1; c <= 700; c++ {
		next := 0
		for _, r := range Runs(c) {
			if r.N == 0 {
				continue
			}
			if r.First != next || r.S < 1 || r.S > 5 {
				t.Fatalf("%d channels: %v", c, Runs(c))
			}
			next += r.N * r.S
		}
		if next != c {
			t.Fatalf("%d channels: %v", c, Runs(c))
		}
	}
}

// TestWinogradMatrices checks that the transforms described at Winograd are a
// convolution: in one dimension, in float64, for unit vectors.
func TestWinogradMatrices(t *testing.T) {
	a, b := math.Sqrt2/2, math.Sqrt2
	input := [6][6]float64{{1, 0, -2.5, 0, 1, 0}, {0, -b, -2, a, 1, 0}, {0, b, -2, -a, 1, 0}, {0, -a, -0.5, b, 1, 0}, {0, a, -0.5, -b, 1, 0}, {0, 1, 0, -2.5, 0, 1}}
	output := [4][6]float64{{1, 2, 2, 0.5, 0.5, 0}, {0, b, -b, a, -a, 0}, {0, 1, 1, 1, 1, 0}, {0, a, -a, b, -b, 1}}
	for x := range 6 {
		for w := range 3 {
			for y := range 4 {
				sum := 0.0
				for p := range 6 {
					sum += output[y][p] * winogradG[p][w] * input[p][x]
				}
				want := 0.0
				if x == y+w {
					want = 1
				}
				if math.Abs(sum-want) > 1e-14 {
					t.Errorf("input %d, weight %d, output %d: %v, want %v", x, w, y, sum, want)
				}
			}
		}
	}
}

func TestSigns(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *Kernels, seed uint64) {
		if k.Codes == nil {
			return
		}
		r := rand.New(rand.NewPCG(seed, 11))
		m := randomImage(r, k, 1, 1+r.IntN(40), 1+r.IntN(40))
		x := random(r, m.size())
		special := []float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.SmallestNonzeroFloat32}
		for i := range x {
			if r.IntN(4) == 0 {
				x[i] = special[r.IntN(len(special))]
			}
		}
		run := func(k *Kernels) []uint16 {
			y := make([]uint16, m.w*m.c+3)
			for i := range y {
				y[i] = 0xbeef
			}
			k.Codes(&Codes{X: m.view(x), Y: y, Ld: m.stride(), C: m.c, N: m.w})
			return y
		}
		got, want := run(k), run(plain(k))
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("seed %d: bits %d are %016b, want %016b", seed, i, got[i], want[i])
			}
		}
	})
}

// TestPack compares packed weights with the definition: [tile][row][output of the tile].
func TestPack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for out := 1; out < 80; out++ {
		in := 1 + r.IntN(200)
		w := random(r, in*out)
		var want []float32
		for _, run := range Runs(out) {
			for tile := range run.N {
				for i := range in {
					want = append(want, w[i*out+run.First+tile*run.S:][:run.S]...)
				}
			}
		}
		got := make([]float32, len(w)+1)
		Pack(got, w, in, out)
		if !slices.Equal(got, append(want, 0)) {
			t.Fatalf("%d rows of %d outputs are packed otherwise", in, out)
		}
	}
}

// TestLay compares images laid side by side with the definition.
func TestLay(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *Kernels, seed uint64) {
		if k.Lay == nil {
			return
		}
		r := rand.New(rand.NewPCG(seed, 7))
		n := r.IntN(100)
		ld := n + r.IntN(5)
		x := random(r, k.Lanes*ld+1)
		want := make([]float32, n*k.Lanes+1)
		for i := range n {
			for l := range k.Lanes {
				want[i*k.Lanes+l] = x[l*ld+i]
			}
		}
		got := make([]float32, len(want))
		k.Lay(&Lay{X: x, Y: got, LdX: ld, N: n})
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d values of %d images are laid otherwise", seed, n, k.Lanes)
		}
	})
}
