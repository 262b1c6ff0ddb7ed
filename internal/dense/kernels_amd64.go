package dense

import (
	"os"

	"golang.org/x/sys/cpu"
)

//go:generate go run ./asm -out loops_amd64.s -stubs loops_amd64.go -pkg dense

var avx2 = kernels{
	name: "avx2",
	tile: func(k int, alpha float64, a, b, c []float64, ldc int) {
		_, _, _ = a[k*mr-1], b[k*nr-1], c[(mr-1)*ldc+nr-1]
		tileAVX2(k, alpha, &a[0], &b[0], &c[0], ldc)
	},
	symv4: func(a []float64, lda int, x, y []float64, s, d *[4]float64) {
		n := len(x)
		if q := n / 4; q > 0 {
			_, _ = a[3*lda+n-1], y[n-1]
			symv4AVX2(q, &a[0], lda, &x[0], &y[0], &s[0], &d[0])
		}
		if r := n &^ 3; r < n {
			symv4Go(a[r:], lda, x[r:], y[r:], s, d)
		}
	},
	dot4: func(a []float64, lda int, x []float64, d *[4]float64) {
		n := len(x)
		if q := n / 4; q > 0 {
			_ = a[3*lda+n-1]
			dot4AVX2(q, &a[0], lda, &x[0], &d[0])
		}
		if r := n &^ 3; r < n {
			dot4Go(a[r:], lda, x[r:], d)
		}
	},
	axpy4: func(a []float64, lda int, y []float64, s *[4]float64) {
		n := len(y)
		if q := n / 4; q > 0 {
			_ = a[3*lda+n-1]
			axpy4AVX2(q, &a[0], lda, &y[0], &s[0])
		}
		if r := n &^ 3; r < n {
			axpy4Go(a[r:], lda, y[r:], s)
		}
	},
	quad20: func(q, l, w []float64, acc *[Lanes]float64) {
		n := len(q)
		if n == 0 {
			return
		}
		_, _ = l[n*Lanes-1], w[n*Lanes-1]
		quad20AVX2(n, &q[0], &l[0], &w[0], &acc[0])
	},
}

// levels returns the inner loops that this processor can run, the best last.
func levels() []kernels {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		return []kernels{portable, avx2}
	}
	return []kernels{portable}
}

func init() {
	if os.Getenv("NNGPLAB_DENSE") != "portable" {
		l := levels()
		kern = l[len(l)-1]
	}
}
