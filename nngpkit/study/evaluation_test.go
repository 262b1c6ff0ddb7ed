package study

import (
	"math"
	"testing"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestWilson compares with SciPy 1.17.1:
// scipy.stats.binomtest(k, n).proportion_ci(method="wilson").
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		share  float64
		n      int
		lo, hi float64
	}{
		{0.38, 200, 0.315590058487, 0.448932819844},
		{0, 10, 0, 0.277532799863},
		{1, 10, 0.722467200137, 1},
	} {
		lo, hi := Wilson(c.share, c.n)
		if math.Abs(lo-c.lo) > 1e-12 || math.Abs(hi-c.hi) > 1e-12 {
			t.Errorf("Wilson(%v, %d) = %v, %v, want %v, %v", c.share, c.n, lo, hi, c.lo, c.hi)
		}
	}
	if lo, hi := Wilson(math.NaN(), 10); !math.IsNaN(lo) || !math.IsNaN(hi) {
		t.Errorf("Wilson(NaN) = %v, %v", lo, hi)
	}
}

func TestEvaluationCurves(t *testing.T) {
	spec, err := truth.NewCell("011/001/000 input,conv3x3-bn-relu,output")
	if err != nil {
		t.Fatal(err)
	}
	net, err := spec.Network(8, arch.Shape{H: 32, W: 32, C: 3})
	if err != nil {
		t.Fatal(err)
	}
	cfg := nngpkit.Config{Train: 30, Val: 20, Members: 3, NormBatch: 10, Running: true}
	r, err := nngpkit.Evaluate(t.Context(), net, imageset.Drawn(60, 1), cfg)
	if err != nil {
		t.Fatal(err)
	}
	eps, err := EpsilonCurves(r, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(eps) != 2 || eps[0].Name != "1 member" || len(eps[1].X) != 20 || eps[1].Y[0] != r.Accuracy[0] {
		t.Errorf("epsilon curves %+v", eps)
	}
	members, err := MemberCurves(r)
	if err != nil {
		t.Fatal(err)
	}
	if members[0].Y[2] != r.BestAccuracy || members[0].Lo[2] >= r.BestAccuracy || members[0].Y[2] < members[1].Y[2] {
		t.Errorf("member curves %+v", members)
	}
	for _, err := range []error{
		second(figure.Epsilon(eps, figure.CurveConfig{})),
		second(figure.Members(members, figure.CurveConfig{})),
		RecordEvaluation("01", r.Result),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := EpsilonCurves(r, 4); err == nil {
		t.Error("there are scores after 4 members of 3")
	}
	r.Running = nil
	if _, err := MemberCurves(r); err == nil {
		t.Error("there are curves without scores on the way")
	}
}

func second(_ *figure.Figure, err error) error { return err }
