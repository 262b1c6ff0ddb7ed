package dense

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// forLevels runs f with every level of inner loops that this machine has.
func forLevels(t *testing.T, f func(t *testing.T)) {
	saved := kern
	defer func() { kern = saved }()
	for _, k := range levels() {
		kern = k
		t.Run(k.name, f)
	}
}

func random(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// TestGemm compares the product with a plain triple loop. Both sum k terms of
// order one in some order, so they differ by at most about 2k * 2^-53 * k.
func TestGemm(t *testing.T) {
	forLevels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for trial := 0; trial < 60; trial++ {
			m, n, k := 1+rng.IntN(120), 1+rng.IntN(60), 1+rng.IntN(300)
			if trial == 0 {
				m, n, k = 200, 1100, 20 // more than one block of columns
			}
			part := Full
			if trial%3 == 0 && trial > 0 {
				n, part = m, Upper
			}
			a, b := View[float64]{random(rng, m*k), k, 1}, View[float64]{random(rng, k*n), n, 1}
			if trial%2 == 1 {
				a = View[float64]{random(rng, m*k), m, 1}.T()
			}
			if trial%4 >= 2 {
				b = View[float64]{random(rng, k*n), k, 1}.T()
			}
			ldc := n + rng.IntN(5)
			c0 := random(rng, m*ldc)
			c := append([]float64(nil), c0...)
			Gemm(1+trial%2, m, n, k, -0.5, a, b, c, ldc, part)
			for i := 0; i < m; i++ {
				for j := 0; j < ldc; j++ {
					want := c0[i*ldc+j]
					if j < n && (part == Full || j >= i) {
						for p := 0; p < k; p++ {
							want -= 0.5 * a.Data[i*a.Row+p*a.Col] * b.Data[p*b.Row+j*b.Col]
						}
					}
					if math.Abs(c[i*ldc+j]-want) > 2*float64(k*k)*0x1p-53 {
						t.Fatalf("trial %d: (%d,%d) of %dx%dx%d: got %v, want %v", trial, i, j, m, n, k, c[i*ldc+j], want)
					}
				}
			}
		}
	})
}

// psd returns a random n x n covariance matrix of the given rank, contiguous.
func psd(rng *rand.Rand, n, rank int) []float64 {
	f := random(rng, n*rank)
	k := make([]float64, n*n)
	Gemm(1, n, n, rank, 1/float64(rank), Of(f, rank), Of(f, rank).T(), k, n, Full)
	return k
}

// TestTridiagonal checks K = Q T Q', Q'Q = I, the solves and the determinant
// against gonum's Cholesky factorization. Householder reductions are backward
// stable: entries are off by a small multiple of n * 2^-53 * ||K||.
func TestTridiagonal(t *testing.T) {
	forLevels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for _, n := range []int{1, 2, 3, 5, 31, 32, 33, 34, 64, 65, 100, 301} {
			k := psd(rng, n, n+3)
			tri, err := Tridiagonalize(context.Background(), 2, n, append([]float64(nil), k...))
			if err != nil {
				t.Fatal(err)
			}
			q, err := tri.Q(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			tm := mat.NewDense(n, n, nil)
			for i := 0; i < n; i++ {
				tm.Set(i, i, tri.D[i])
				if i > 0 {
					tm.Set(i, i-1, tri.E[i-1])
					tm.Set(i-1, i, tri.E[i-1])
				}
			}
			qm, km := mat.NewDense(n, n, q), mat.NewDense(n, n, k)
			norm := mat.Norm(km, 2)
			tol := 4 * float64(n) * 0x1p-53
			var got, id mat.Dense
			got.Product(qm, tm, qm.T())
			id.Mul(qm.T(), qm)
			for i := 0; i < n; i++ {
				for j := 0; j < n; j++ {
					if d := math.Abs(got.At(i, j) - k[i*n+j]); d > tol*norm {
						t.Fatalf("n=%d: QTQ'(%d,%d) is off by %g", n, i, j, d)
					}
					want := 0.0
					if i == j {
						want = 1
					}
					if d := math.Abs(id.At(i, j) - want); d > tol {
						t.Fatalf("n=%d: Q'Q(%d,%d) is off by %g", n, i, j, d)
					}
				}
			}
			y := random(rng, n*3)
			z := append([]float64(nil), y...)
			tri.Rotate(z, 3, true)
			var want mat.Dense
			want.Mul(qm.T(), mat.NewDense(n, 3, y))
			for i := range z {
				if d := math.Abs(z[i] - want.RawMatrix().Data[i]); d > 40*tol {
					t.Fatalf("n=%d: Q'y is off by %g", n, d)
				}
			}
			checkShift(t, n, k, tri, q, y)
			tri.Rotate(z, 3, false)
			for i := range z {
				if d := math.Abs(z[i] - y[i]); d > 40*tol {
					t.Fatalf("n=%d: QQ'y is off by %g", n, d)
				}
			}
		}
	})
}

func checkShift(t *testing.T, n int, k []float64, tri *Tridiagonal, q, y []float64) {
	const shift = 0.3
	s, ok := tri.Shift(shift)
	if !ok {
		t.Fatalf("n=%d: positive definite matrix refused", n)
	}
	sym := mat.NewSymDense(n, append([]float64(nil), k...))
	for i := 0; i < n; i++ {
		sym.SetSym(i, i, sym.At(i, i)+shift)
	}
	var ch mat.Cholesky
	ch.Factorize(sym)
	// The condition number is at most about 5/0.3.
	tol := 1e-12
	if d := math.Abs(s.LogDet() - ch.LogDet()); d > tol*float64(n) {
		t.Errorf("n=%d: log-determinant off by %g", n, d)
	}
	z := append([]float64(nil), y...)
	tri.Rotate(z, 3, true)
	s.Solve(z, 3, 3)
	tri.Rotate(z, 3, false)
	var want mat.Dense
	ch.SolveTo(&want, mat.NewDense(n, 3, y))
	for i := range z {
		if d := math.Abs(z[i] - want.RawMatrix().Data[i]); d > tol {
			t.Errorf("n=%d: solution off by %g", n, d)
		}
	}
	var inv mat.SymDense
	ch.InverseTo(&inv)
	fs := make([]*Shifted, Lanes+2)
	fs[0], fs[Lanes+1] = s, s
	out := make([]float64, n*len(fs))
	Quadratics(2, fs, q, n, n, out)
	for i := 0; i < n; i++ {
		for f := range fs {
			w := 0.0
			if fs[f] != nil {
				w = inv.At(i, i)
			}
			if d := math.Abs(out[i*len(fs)+f] - w); d > tol {
				t.Errorf("n=%d: diagonal of the inverse off by %g", n, d)
			}
		}
	}
}

// TestMinEigenvalue uses the second-difference matrix, whose eigenvalues are
// 2 - 2 cos(j pi/(n+1)).
func TestMinEigenvalue(t *testing.T) {
	const n = 50
	tri := &Tridiagonal{N: n, D: make([]float64, n), E: make([]float64, n-1)}
	for i := range tri.D {
		tri.D[i] = 2
	}
	for i := range tri.E {
		tri.E[i] = -1
	}
	want := 2 - 2*math.Cos(math.Pi/(n+1))
	if got := tri.MinEigenvalue(); math.Abs(got-want) > 1e-14 {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, ok := tri.Shift(-want - 1e-9); ok {
		t.Error("an indefinite matrix was factored")
	}
	if _, ok := tri.Shift(-want + 1e-9); !ok {
		t.Error("a definite matrix was refused")
	}
}

// TestThreads checks that the number of threads does not change a bit.
func TestThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const n = 700
	k := psd(rng, n, 40)
	var ref *Tridiagonal
	var refQ []float64
	for _, threads := range []int{1, 2, 4} {
		tri, err := Tridiagonalize(context.Background(), threads, n, append([]float64(nil), k...))
		if err != nil {
			t.Fatal(err)
		}
		q, err := tri.Q(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if ref == nil {
			ref, refQ = tri, q
			continue
		}
		for i := range q {
			if q[i] != refQ[i] {
				t.Fatalf("%d threads: Q[%d] differs", threads, i)
			}
		}
		for i := range tri.D {
			if tri.D[i] != ref.D[i] {
				t.Fatalf("%d threads: D[%d] differs", threads, i)
			}
		}
	}
}

// TestExtremeScales reduces matrices whose squares over- and underflow.
func TestExtremeScales(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	const n = 20
	for _, scale := range []float64{1e-200, 1e-300, 1e200} {
		k := psd(rng, n, n)
		trace := 0.0
		for i := range k {
			k[i] *= scale
		}
		for i := 0; i < n; i++ {
			trace += k[i*n+i] / scale
		}
		tri, err := Tridiagonalize(context.Background(), 1, n, k)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, d := range tri.D {
			sum += d / scale
		}
		if math.Abs(sum-trace) > 1e-12*trace {
			t.Errorf("scale %g: trace %v became %v", scale, trace, sum)
		}
	}
}

func BenchmarkTridiagonalize(b *testing.B) {
	for _, n := range []int{500, 750, 2000} {
		k := psd(rand.New(rand.NewPCG(1, 1)), n, 512)
		a := make([]float64, n*n)
		b.Run(itoa(n), func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				copy(a, k)
				Tridiagonalize(context.Background(), Threads(0), n, a)
			}
		})
		b.Run(itoa(n)+"/Q", func(b *testing.B) {
			copy(a, k)
			tri, _ := Tridiagonalize(context.Background(), Threads(0), n, a)
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				tri.Q(context.Background())
			}
		})
	}
}

func itoa(n int) string {
	s := ""
	for ; n > 0; n /= 10 {
		s = string(rune('0'+n%10)) + s
	}
	return s
}

func BenchmarkGemm(b *testing.B) {
	const n = 768
	rng := rand.New(rand.NewPCG(1, 1))
	x, y, c := random(rng, n*n), random(rng, n*n), make([]float64, n*n)
	for _, th := range []int{1, 2} {
		b.Run("threads="+itoa(th), func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				Gemm(th, n, n, n, 1, Of(x, n), Of(y, n), c, n, Full)
			}
			b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
