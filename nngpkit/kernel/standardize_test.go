package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestStandardize(t *testing.T) {
	const n, d = 40, 5
	r := rand.New(rand.NewPCG(3, 4))
	f := make([]float32, n*d)
	for i := 0; i < n; i++ {
		for j := 0; j < d; j++ {
			f[i*d+j] = float32(1000*float64(j) + math.Pow(10, float64(j-3))*r.NormFloat64())
		}
		f[i*d+2] = 7 * (1 + float32(i%3)*1e-7) // constant but for rounding
	}
	if err := Standardize(f, n, d); err != nil {
		t.Fatal(err)
	}
	for j := 0; j < d; j++ {
		sum, squares := 0.0, 0.0
		for i := 0; i < n; i++ {
			v := float64(f[i*d+j])
			sum += v
			squares += v * v
		}
		want := 1.0
		if j == 2 {
			want = 0
		}
		// Results are rounded to float32: an error of at most 2^-24 of values
		// up to about 4.
		if math.Abs(sum/n) > 4*0x1p-24 || math.Abs(squares/n-want) > 32*0x1p-24 {
			t.Errorf("column %d has mean %g and mean square %g, want 0 and %g", j, sum/n, squares/n, want)
		}
	}
}

func TestStandardizeRefuses(t *testing.T) {
	if err := Standardize(make([]float32, 5), 2, 3); err == nil {
		t.Error("5 values passed as 2 x 3")
	}
	if err := Standardize([]float32{1, float32(math.NaN())}, 2, 1); err == nil {
		t.Error("a NaN passed")
	}
}
