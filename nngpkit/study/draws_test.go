package study

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// TestErrorByDraw compares the errors with kernels evaluated one by one.
func TestErrorByDraw(t *testing.T) {
	c, set := sampled(t, 2), imageset.Drawn(40, 1)
	s := sweep.Setting{Width: 8, Train: 20, Val: 10, Members: 2, Norm: forward.None}
	d, err := ErrorByDraw(t.Context(), c.Architectures, set, s, 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Draws) != 3 || len(d.Views) != 4 {
		t.Fatalf("%d draws of %d kernels", len(d.Draws), len(d.Views))
	}
	want := make([]float64, 2) // mean logarithm of the error of the raw kernel
	for i, draw := range []forward.Draw{forward.Independent, forward.Orthogonal} {
		for _, spec := range c.Architectures {
			net, err := spec.Network(8, arch.Shape{H: set.H, W: set.W, C: set.C})
			if err != nil {
				t.Fatal(err)
			}
			var k []*mat.SymDense
			for seed := range 3 {
				cfg := s.Config()
				cfg.Draw, cfg.Seed = draw, uint64(seed)
				r, err := nngpkit.Evaluate(t.Context(), net, set, cfg)
				if err != nil {
					t.Fatal(err)
				}
				r.Kernel.ScaleSym(30/mat.Trace(r.Kernel), r.Kernel)
				k = append(k, r.Kernel)
			}
			want[i] += math.Log(relativeError(k)) / 2
		}
	}
	for i, at := range []int{0, 2} {
		if e := math.Exp(want[i]); math.Abs(d.Error[at][0]-e) > 1e-6*e {
			t.Errorf("%v: error %v, want %v", d.Draws[at], d.Error[at][0], e)
		}
	}
	ratio := math.Exp(2 * (want[1] - want[0]))
	iv := d.Variance[2][0]
	if math.Abs(iv.Estimate-ratio) > 1e-6*ratio || !(iv.Lower < ratio && ratio < iv.Upper) {
		t.Errorf("variance %+v times that of independent weights, want %v", iv, ratio)
	}
	if one := d.Variance[0][0]; one.Estimate != 1 || one.Lower != 1 || one.Upper != 1 {
		t.Errorf("independent weights beside themselves: %+v", one)
	}
	if text := d.String(); !strings.Contains(text, "antithetic") || !strings.Contains(text, "n = 2 cells, 3 seeds") {
		t.Error(text)
	}
	if _, err := ErrorByDraw(t.Context(), c.Architectures[:1], set, s, 3); err == nil {
		t.Error("one cell gives no error")
	}
}
