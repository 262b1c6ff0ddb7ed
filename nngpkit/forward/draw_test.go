package forward

import (
	"math"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// drawNetwork has layers with more inputs than outputs and with fewer.
func drawNetwork(t *testing.T) (*arch.Network, []int) {
	t.Helper()
	b := arch.NewBuilder("", arch.Shape{H: 8, W: 8, C: 3})
	init := arch.Init{Gain: 2, Normal: true}
	first := b.Conv(0, arch.Layer{Channels: 12, Kernel: 3, Init: init, Act: arch.ReLU})
	wide := b.Conv(first, arch.Layer{Channels: 30, Kernel: 1, Init: init, Act: arch.ReLU})
	depth := b.Depthwise(wide, arch.Layer{Kernel: 3, Init: init})
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	return net, []int{first, wide, depth}
}

// TestAntithetic checks that pairs of members differ by the sign alone, and that
// even members are those of the independent draw.
func TestAntithetic(t *testing.T) {
	net, nodes := drawNetwork(t)
	for _, n := range nodes {
		for _, member := range []int{0, 6} {
			cfg := Config{Seed: 5, Draw: Antithetic}
			a, b, c := WeightsOf(net, n, cfg, member), WeightsOf(net, n, cfg, member+1), Weights(net, n, 5, member)
			for i := range a {
				if a[i] != -b[i] || a[i] != c[i] {
					t.Fatalf("node %d, weight %d: %v, %v, independent %v", n, i, a[i], b[i], c[i])
				}
			}
		}
	}
}

// TestOrthogonal checks that outputs are orthogonal in blocks of as many as there
// are inputs, and as long as they were; depthwise weights do not change. The
// tolerance is that of rounding to float32.
func TestOrthogonal(t *testing.T) {
	net, nodes := drawNetwork(t)
	for k, n := range nodes {
		w, raw := WeightsOf(net, n, Config{Seed: 5, Draw: Orthogonal}, 3), Weights(net, n, 5, 3)
		if k == 2 {
			for i := range w {
				if w[i] != raw[i] {
					t.Fatalf("a depthwise weight changed from %v to %v", raw[i], w[i])
				}
			}
			continue
		}
		columns := net.Nodes[n].Out.C
		rows := len(w) / columns
		column := func(w []float32, j int) []float64 {
			out := make([]float64, rows)
			for i := range out {
				out[i] = float64(w[i*columns+j])
			}
			return out
		}
		changed := false
		for i := 0; i < columns; i++ {
			a := column(w, i)
			if r := dot(a, a) / dot(column(raw, i), column(raw, i)); math.Abs(r-1) > 1e-6 {
				t.Errorf("node %d: output %d is %v times as long", n, i, r)
			}
			changed = changed || a[0] != column(raw, i)[0]
			for j := i - i%rows; j < i; j++ {
				b := column(w, j)
				if c := dot(a, b) / math.Sqrt(dot(a, a)*dot(b, b)); math.Abs(c) > 1e-6 {
					t.Errorf("node %d: outputs %d and %d have cosine %v", n, i, j, c)
				}
			}
		}
		if !changed {
			t.Errorf("node %d: nothing changed", n)
		}
	}
}

// TestOrthogonalizeDegenerate checks that columns without a direction of their
// own stay as they are.
func TestOrthogonalizeDegenerate(t *testing.T) {
	w := []float32{1, 2, 0, 3, 6, 0} // the second column is twice the first, the third is nil
	orthogonalize(w, 3, 0, 3)
	for i, want := range []float32{1, 2, 0, 3, 6, 0} {
		if math.Abs(float64(w[i]-want)) > 1e-6 {
			t.Errorf("weight %d is %v, want %v", i, w[i], want)
		}
	}
}

// TestDrawMoments checks mean and variance of a single weight over members, for
// every draw, within five standard errors; members of a pair count once.
func TestDrawMoments(t *testing.T) {
	net, nodes := drawNetwork(t)
	for d := Independent; d <= Orthogonal; d++ {
		var sum, sq, n float64
		for m := 0; m < 4000; m += 2 {
			v := float64(WeightsOf(net, nodes[1], Config{Seed: 1, Draw: d}, m)[31])
			sum, sq, n = sum+v, sq+v*v, n+1
		}
		variance := net.WeightVariance(nodes[1])
		if z := sum / math.Sqrt(n*variance); math.Abs(z) > 5 {
			t.Errorf("%v: mean off by %.1f standard errors", d, z)
		}
		if z := (sq/n/variance - 1) * math.Sqrt(n/2); math.Abs(z) > 5 {
			t.Errorf("%v: variance off by %.1f standard errors", d, z)
		}
	}
}

func TestParseDraw(t *testing.T) {
	for d := Independent; d <= Orthogonal; d++ {
		if got, err := ParseDraw(d.String()); err != nil || got != d {
			t.Errorf("%v is read as %v, %v", d, got, err)
		}
	}
	if _, err := ParseDraw("cosine"); err == nil {
		t.Error("an unknown draw is read")
	}
	if s := Draw(7).String(); s != "draw(7)" {
		t.Errorf("unknown draw is called %q", s)
	}
}
