package forward

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// TestPhilox checks the known answers of Random123 1.09 (kat_vectors,
// philox4x32 10).
func TestPhilox(t *testing.T) {
	const ones = math.MaxUint32
	for _, c := range []struct{ counter, key, want []uint32 }{
		{[]uint32{0, 0, 0, 0}, []uint32{0, 0}, []uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[]uint32{ones, ones, ones, ones}, []uint32{ones, ones}, []uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, []uint32{0xa4093822, 0x299f31d0}, []uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		r0, r1, r2, r3 := philox(c.counter[0], c.counter[1], c.counter[2], c.counter[3], c.key[0], c.key[1])
		for i, r := range []uint32{r0, r1, r2, r3} {
			if r != c.want[i] {
				t.Errorf("counter %x, word %d: %08x, want %08x", c.counter, i, r, c.want[i])
			}
		}
	}
}

// TestTruncated compares the approximation with the library's inverse error
// function over the whole range.
func TestTruncated(t *testing.T) {
	k := math.Erf(math.Sqrt2)
	worst := 0.0
	for r := uint64(0); r < 1<<32; r += 65521 {
		u := (float64(2*r)+1)/(1<<32) - 1
		want := math.Sqrt2 * math.Erfinv(u*k)
		worst = max(worst, math.Abs(truncated(uint32(r))/want-1))
	}
	if worst > 1.3e-8 {
		t.Errorf("relative error %.3g", worst)
	}
	if x := truncated(0); x < -2*(1+1e-7) || x > -1.999 {
		t.Errorf("smallest value %v", x)
	}
	if truncated(1<<31-1) != -truncated(1<<31) {
		t.Error("not symmetric")
	}
}

// TestNormal: normal variables are those of the library's inverse error function, to
// rounding, over the whole range.
func TestNormal(t *testing.T) {
	worst := 0.0
	for r := uint64(0); r < 1<<32; r += 65521 {
		want := math.Sqrt2 * math.Erfinv((float64(2*r)+1)/(1<<32)-1)
		worst = max(worst, math.Abs(normal(uint32(r))/want-1))
	}
	if worst > 2e-15 {
		t.Errorf("relative error %.3g", worst)
	}
	worst = 0
	for k := range 33 { // what normal takes logarithms of
		for _, m := range []float64{1, 1.25, math.Sqrt2 - 1e-15, math.Sqrt2, math.Sqrt2 + 1e-15, 1.9999} {
			x := math.Ldexp(m, -k)
			if math.Abs(math.Log(x)) > 0 {
				worst = max(worst, math.Abs(logarithm(x)/math.Log(x)-1))
			}
		}
	}
	if worst > 4e-16 {
		t.Errorf("logarithm: relative error %.3g", worst)
	}
	if normal(1<<31-1) != -normal(1<<31) || normal(0) != -normal(math.MaxUint32) {
		t.Error("not symmetric")
	}
}

// TestWeightMoments checks mean, variance, and the largest value of weights
// within five standard errors, for either distribution.
func TestWeightMoments(t *testing.T) {
	for _, normal := range []bool{false, true} {
		b := arch.NewBuilder("", arch.Shape{H: 4, W: 4, C: 64})
		i := b.Conv(0, arch.Layer{Channels: 128, Kernel: 3, Init: arch.Init{Gain: 2, Normal: normal}})
		net, err := b.Network(0)
		if err != nil {
			t.Fatal(err)
		}
		w := Weights(net, i, 3, 4)
		variance := 2.0 / (9 * 64)
		n := float64(len(w))
		var sum, sq, largest float64
		for _, v := range w {
			sum += float64(v)
			sq += float64(v) * float64(v)
			largest = max(largest, math.Abs(float64(v)))
		}
		if z := sum / math.Sqrt(n*variance); math.Abs(z) > 5 {
			t.Errorf("normal %v: mean off by %.1f standard errors", normal, z)
		}
		// The variance of x^2 is at most 2 variance^2, the normal's.
		if z := (sq/n/variance - 1) * math.Sqrt(n/2); math.Abs(z) > 5 {
			t.Errorf("normal %v: variance off by %.1f standard errors", normal, z)
		}
		bound := 2 * math.Sqrt(variance) / truncatedStd * (1 + 1e-6)
		if (largest <= bound) == normal {
			t.Errorf("normal %v: largest weight %g, two sigmas %g", normal, largest, bound)
		}
	}
}

// TestStreamsDiffer checks that seed, member and node each change the stream.
func TestStreamsDiffer(t *testing.T) {
	base := newStream(1, 2, 3)
	a, _, _, _ := base.next()
	for _, s := range []stream{newStream(2, 2, 3), newStream(1|1<<40, 2, 3), newStream(1, 3, 3), newStream(1, 2, 4)} {
		if b, _, _, _ := s.next(); a == b {
			t.Errorf("key %v, counter %v: same first word", s.key, s.counter)
		}
	}
}

func BenchmarkWeights(b *testing.B) {
	w := make([]float32, 1<<16)
	for _, normal := range []bool{false, true} {
		b.Run(map[bool]string{false: "truncated", true: "normal"}[normal], func(b *testing.B) {
			for b.Loop() {
				s := newStream(1, 2, 3)
				s.fill(w, distribution{std: 0.1, normal: normal})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(w)), "ns/weight")
		})
	}
}

// TestDrawer: the kernels of a level draw the bits that Go draws, whatever the
// number of weights, and leave the stream where it should be.
func TestDrawer(t *testing.T) {
	for name, k := range everyLevel() {
		by := &drawer{k: k}
		r := rand.New(rand.NewPCG(5, 6))
		for range 200 {
			n := 1 + r.IntN(1500)
			d := distribution{std: r.Float64(), normal: r.IntN(2) == 0}
			a := newStream(r.Uint64(), int(r.Uint32()), int(r.Uint32()>>8))
			a.counter[0] = []uint32{0, 17, math.MaxUint32 - 3, 1<<31 - 9}[r.IntN(4)]
			b := a
			got, want := make([]float32, n+3), make([]float32, n+3)
			by.fill(&a, got[:n], d)
			b.fill(want[:n], d)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %d weights differ from those that Go draws", name, n)
			}
			if a.counter != b.counter {
				t.Fatalf("%s: after %d weights the stream is at %v, want %v", name, n, a.counter, b.counter)
			}
		}
	}
}

func BenchmarkDrawer(b *testing.B) {
	w := make([]float32, 1<<14)
	for name, k := range everyLevel() {
		for _, normal := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/normal=%v", name, normal), func(b *testing.B) {
				by := &drawer{k: k}
				b.SetBytes(int64(4 * len(w)))
				for range b.N {
					s := newStream(1, 2, 3)
					by.fill(&s, w, distribution{std: 1, normal: normal})
				}
			})
		}
	}
}
