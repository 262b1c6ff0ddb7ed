package gp

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestEntropyClosedForm takes kernels whose centered eigenvalues are known: that
// of k orthogonal features of equal variance has k equal ones, so entropy log k
// and participation ratio k; geometric ones have the entropy of their shares.
func TestEntropyClosedForm(t *testing.T) {
	const n = 16
	// Columns of a Hadamard matrix but the first: orthogonal, of mean zero.
	sign := func(i, j int) float64 {
		s := 1.0
		for b := i & j; b > 0; b &= b - 1 {
			s = -s
		}
		return s
	}
	for _, shares := range [][]float64{{1}, {1, 1}, {1, 1, 1, 1, 1, 1, 1}, {8, 4, 2, 1, 1}} {
		k := mat.NewSymDense(n, nil)
		total := 0.0
		for _, s := range shares {
			total += s
		}
		for a := range n {
			for b := a; b < n; b++ {
				v := 3.0 // of a constant feature, which centering takes away
				for j, s := range shares {
					v += s * sign(a, j+1) * sign(b, j+1)
				}
				k.SetSym(a, b, v)
			}
		}
		s, err := SpectraOf(t.Context(), k, 0)
		if err != nil {
			t.Fatal(err)
		}
		want, squares := 0.0, 0.0
		for _, v := range shares {
			want -= v / total * math.Log(v/total)
			squares += v * v
		}
		if math.Abs(s.Entropy-want) > 1e-12 {
			t.Errorf("shares %v: entropy %v, want %v", shares, s.Entropy, want)
		}
		if pr := total * total / squares; math.Abs(s.ParticipationRatio-pr) > 1e-10 {
			t.Errorf("shares %v: participation ratio %v, want %v", shares, s.ParticipationRatio, pr)
		}
		if len(s.Levels) != len(NoiseLevels()) {
			t.Fatalf("%d levels", len(s.Levels))
		}
		for i, l := range s.Levels {
			// Eigenvalue n*share in mean traces: n*share/total.
			dim := 0.0
			for _, v := range shares {
				e := n * v / total
				dim += e / (e + l.Epsilon)
			}
			if l.Epsilon != NoiseLevels()[i] || math.Abs(l.EffectiveDimension-dim) > 1e-9 {
				t.Errorf("shares %v: effective dimension %v at %v, want %v", shares, l.EffectiveDimension, l.Epsilon, dim)
			}
		}
	}
}

// TestUnlabeledScores: without labels no score has a value, and everything that
// shows them says so rather than failing.
func TestUnlabeledScores(t *testing.T) {
	r := Unlabeled(5, 3)
	if r.Labeled() {
		t.Error("labeled")
	}
	for _, s := range r.Scores() {
		if !math.IsNaN(s.Value) {
			t.Errorf("%s is %v", s.Name, s.Value)
		}
	}
	if _, err := r.MarshalJSON(); err != nil {
		t.Error(err)
	}
	for _, text := range []string{r.String(), r.HTML(), r.Markdown()} {
		if text == "" {
			t.Error("nothing is shown")
		}
	}
}
