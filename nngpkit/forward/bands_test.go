package forward

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// withBanding runs f with bands as they are for a cache of so many bytes, however
// much is computed twice and however small the tensors are; 0 means without bands.
func withBanding(cache int, f func()) {
	usual := banding
	defer func() { banding = usual }()
	banding.cache, banding.least, banding.twice, banding.block, banding.perByte = cache, 0, 100, 4, 0
	if cache == 0 {
		banding.cache, banding.least = 1, 1e18
	}
	f()
}

// randomResiduals is a network of inverted residuals of any kernel, step, expansion
// and activation, some with squeeze-and-excite, for images of any size.
func randomResiduals(t *testing.T, r *rand.Rand) *arch.Network {
	t.Helper()
	b := arch.NewBuilder("residuals", arch.Shape{H: 1 + r.IntN(17), W: 1 + r.IntN(17), C: 1 + r.IntN(3)})
	acts := []arch.Activation{arch.ReLU, arch.ReLU, arch.Swish, arch.Identity}
	layer := func(kernel, stride int) arch.Layer {
		l := arch.Layer{Kernel: kernel, Stride: stride, Padding: arch.Padded(kernel / 2), Norm: r.IntN(3) > 0, Act: acts[r.IntN(len(acts))]}
		if r.IntN(4) == 0 {
			l.Padding = arch.Padding{}
		}
		return l
	}
	l := layer(1+2*r.IntN(2), 1+r.IntN(2))
	l.Channels = 1 + r.IntN(20)
	x := b.Conv(0, l)
	for range 1 + r.IntN(4) {
		in, y := x, x
		if r.IntN(3) > 0 {
			l = layer(1, 1)
			l.Channels = 1 + r.IntN(40)
			y = b.Conv(y, l)
		}
		l = layer([]int{1, 3, 5}[r.IntN(3)], 1+r.IntN(3))
		if r.IntN(5) == 0 && b.Shape(y).H > 4 && b.Shape(y).W > 4 {
			l.Dilation, l.Padding = 2, arch.Padding{}
		}
		y = b.Depthwise(y, l)
		if r.IntN(3) == 0 {
			f := b.Conv(b.GlobalAvgPool(y), arch.Layer{Channels: b.Shape(y).C, Bias: true, Act: arch.HardSigmoid})
			y = b.Scale(y, f)
		}
		l = layer(1, 1)
		l.Channels = 1 + r.IntN(20)
		if b.Shape(y).H == b.Shape(in).H && b.Shape(y).W == b.Shape(in).W && r.IntN(3) > 0 {
			l.Channels = b.Shape(in).C
			l.Act = arch.Identity
			x = b.Sum(l.Channels, in, b.Conv(y, l))
			continue
		}
		x = b.Conv(y, l)
	}
	b.GlobalAvgPool(x)
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// TestBands compares networks that run in bands, of one column up to whole rows, with
// the same without: every bit, on every instruction set.
func TestBands(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 5))
	kinds := map[int]int{}  // how often bands of so many steps ran
	blocks := map[int]int{} // and of several blocks of channels
	pairs := map[bool]int{} // and of two rows of a depthwise convolution, by whether the level has kernels for that
	for range 60 {
		net := randomResiduals(t, r)
		x, norm := randomBatch(r, 1+r.IntN(35), net.InputShape()), randomBatch(r, 2+r.IntN(9), net.InputShape())
		mode := Norm(r.IntN(3))
		for _, level := range simd.Available() {
			if level.Images == 1 && level.Lanes > 1 {
				continue // channels lie side by side
			}
			var want []float32
			for _, cache := range []int{0, 1, 8_000, 20_000, 60_000, 1 << 30} {
				withBanding(cache, func() {
					p, err := compile(net, Config{Norm: mode, Seed: 3, Threads: 2}, new(Pool), level)
					if err != nil {
						t.Fatal(err)
					}
					for _, b := range p.bands {
						if b != nil && cache > 0 {
							kinds[b.end-b.first]++
							if slices.ContainsFunc(b.rows, func(r bandRow) bool { return r.below != nil }) {
								pairs[p.k.DepthwisePair != nil]++
							}
							if slices.ContainsFunc(b.rows, func(r bandRow) bool { return r.channel > 0 }) {
								blocks[b.end-b.first]++
							}
						} else if b != nil {
							t.Fatal("a band where there is to be none")
						}
					}
					got, err := p.Features(t.Context(), 1, x, norm)
					if err != nil {
						t.Fatal(err)
					}
					if want == nil {
						want = got.Data
					} else if !slices.Equal(got.Data, want) {
						t.Errorf("%s, %v, cache %d: features differ from those without bands", level.Name, net.InputShape(), cache)
					}
				})
			}
		}
	}
	paired := slices.ContainsFunc(simd.Available(), func(k *simd.Kernels) bool { return k.DepthwisePair != nil })
	if pairs[false] > 0 || paired && pairs[true] < 50 {
		t.Errorf("two rows went together %d times, and %d times on levels without kernels for it", pairs[true], pairs[false])
	}
	if kinds[2] < 50 || kinds[3] < 50 || blocks[2] < 20 || blocks[3] < 20 {
		t.Errorf("bands of 2 and 3 steps ran %d and %d times, of several blocks %d and %d times", kinds[2], kinds[3], blocks[2], blocks[3])
	}
}
