package corr

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// TestWeightedTau compares with SciPy (testdata/weighted.py).
func TestWeightedTau(t *testing.T) {
	b, err := os.ReadFile("testdata/weighted.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			X, Y []float64
			Tau  *float64
		}
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	for i, c := range golden.Cases {
		got, err := WeightedTau(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		if c.Tau == nil {
			if !math.IsNaN(got.Value) {
				t.Errorf("case %d: %v, want NaN", i, got.Value)
			}
			continue
		}
		if math.Abs(got.Value-*c.Tau) > 1e-12 || !math.IsNaN(got.P) {
			t.Errorf("case %d of %d rows: %.15g, SciPy has %.15g", i, len(c.X), got.Value, *c.Tau)
		}
	}
	if v := *golden.Cases[0].Tau; math.Abs(v+0.566950) > 1e-6 {
		t.Errorf("SciPy's own example is %v", v)
	}
	for _, bad := range [][2][]float64{{{1}, {1}}, {{1, 2}, {1}}, {{1, math.NaN()}, {1, 2}}} {
		if _, err := WeightedTau(bad[0], bad[1]); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}

// TestWeightedTauByPairs compares with the definition, pair by pair, on columns with
// ties, and checks that the order of the rows and of the columns means nothing.
func TestWeightedTauByPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 18))
	for range 200 {
		n := 2 + r.IntN(30)
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = float64(r.IntN(1+n/2)), float64(r.IntN(1+n/3))
		}
		want := (byPairs(x, y) + byPairs(y, x)) / 2
		got := TopTau(x, y)
		if math.IsNaN(want) != math.IsNaN(got) || math.Abs(got-want) > 1e-12 {
			t.Fatalf("%v, want %v, of %v and %v", got, want, x, y)
		}
		if turned := TopTau(y, x); !math.IsNaN(got) && math.Abs(turned-got) > 1e-12 {
			t.Fatalf("%v, and %v with the columns exchanged", got, turned)
		}
		r.Shuffle(n, func(i, j int) { x[i], x[j], y[i], y[j] = x[j], x[i], y[j], y[i] })
		if again := TopTau(x, y); !math.IsNaN(got) && math.Abs(again-got) > 1e-12 {
			t.Fatalf("%v, and %v in another order", got, again)
		}
	}
}

// byPairs is the weighted tau by the ranks of x, from its definition.
func byPairs(x, y []float64) float64 {
	w := make([]float64, len(x))
	for i := range x {
		rank := 0
		for j := range x {
			if x[j] > x[i] || x[j] == x[i] && (y[j] > y[i] || y[j] == y[i] && j > i) {
				rank++
			}
		}
		w[i] = 1 / float64(1+rank)
	}
	sign := func(v float64) float64 { return float64(compare(v, 0)) }
	var xy, xx, yy float64
	for i := range x {
		for j := range i {
			weight, a, b := w[i]+w[j], sign(x[i]-x[j]), sign(y[i]-y[j])
			xy += weight * a * b
			xx += weight * a * a
			yy += weight * b * b
		}
	}
	return xy / math.Sqrt(xx) / math.Sqrt(yy)
}
