package dense

import "math"

// Shifted is the factorization L diag(D) L' of T + shift*I.
type Shifted struct {
	D []float64 // n pivots
	L []float64 // n-1 multipliers
}

// Shift factors T + shift*I. It returns false where a pivot is not positive,
// that is where the shifted matrix is not numerically positive definite.
func (t *Tridiagonal) Shift(shift float64) (*Shifted, bool) {
	s := &Shifted{D: make([]float64, t.N), L: make([]float64, max(t.N-1, 0))}
	prev := 0.0
	for i := range s.D {
		d := t.D[i] + shift
		if i > 0 {
			l := t.E[i-1] / prev
			s.L[i-1] = l
			d -= l * t.E[i-1]
		}
		if !(d > 0) || math.IsInf(d, 1) {
			return nil, false
		}
		s.D[i], prev = d, d
	}
	return s, true
}

// LogDet returns the logarithm of the determinant.
func (s *Shifted) LogDet() float64 {
	sum := 0.0
	for _, d := range s.D {
		sum += math.Log(d)
	}
	return sum
}

// Solve overwrites the n x cols matrix z, row-major with row stride ldz, with
// the solution of (T + shift*I) x = z.
func (s *Shifted) Solve(z []float64, ldz, cols int) {
	n := len(s.D)
	for i := 1; i < n; i++ {
		l := s.L[i-1]
		p, q := z[(i-1)*ldz:][:cols], z[i*ldz:][:cols]
		for j := range q {
			q[j] -= l * p[j]
		}
	}
	for i := n - 1; i >= 0; i-- {
		q := z[i*ldz:][:cols]
		d := s.D[i]
		if i == n-1 {
			for j := range q {
				q[j] /= d
			}
			continue
		}
		l := s.L[i]
		p := z[(i+1)*ldz:][:cols]
		for j := range q {
			q[j] = q[j]/d - l*p[j]
		}
	}
}

// Half overwrites each of the rows of a rows x n matrix, row-major with row stride
// ld, by D^(-1/2) L^-1 of it: the products of the new rows with each other are those
// of the old ones through (T + shift*I)^-1.
func (s *Shifted) Half(m []float64, rows, ld int) {
	root := make([]float64, len(s.D))
	for i, d := range s.D {
		root[i] = math.Sqrt(d)
	}
	for r := range rows {
		x := m[r*ld:][:len(s.D)]
		prev := 0.0
		for i := range x {
			v := x[i]
			if i > 0 {
				v -= s.L[i-1] * prev
			}
			x[i], prev = v/root[i], v
		}
	}
}

// Below returns how many eigenvalues of T are less than x (a Sturm count).
func (t *Tridiagonal) Below(x float64) int {
	const tiny = 0x1p-1000
	count := 0
	d := 1.0
	for i := range t.D {
		e2 := 0.0
		if i > 0 {
			e2 = t.E[i-1] * t.E[i-1]
		}
		d = t.D[i] - x - e2/d
		if d == 0 {
			d = -tiny
		}
		if d < 0 {
			count++
		}
	}
	return count
}

// MinEigenvalue returns the smallest eigenvalue of T by bisection, to about
// 2^-52 times the largest absolute eigenvalue.
func (t *Tridiagonal) MinEigenvalue() float64 {
	if t.N == 0 {
		return math.NaN()
	}
	lo, hi := math.Inf(1), math.Inf(1)
	size := 0.0
	for i, d := range t.D {
		r := 0.0
		if i > 0 {
			r += math.Abs(t.E[i-1])
		}
		if i < t.N-1 {
			r += math.Abs(t.E[i])
		}
		lo = math.Min(lo, d-r)
		hi = math.Min(hi, d) // the smallest eigenvalue is at most any diagonal entry
		size = math.Max(size, math.Abs(d)+r)
	}
	for i := 0; i < 120 && hi-lo > 0x1p-53*size; i++ {
		mid := lo + (hi-lo)/2
		if t.Below(mid) > 0 {
			hi = mid
		} else {
			lo = mid
		}
	}
	return lo + (hi-lo)/2
}

// Quadratics computes u' (T + shift*I)^-1 u for every row u of the rows x n
// matrix m, row-major with stride ld, and every factorization: out[r*len(fs)+f].
// A nil factorization gives 0.
func Quadratics(threads int, fs []*Shifted, m []float64, rows, ld int, out []float64) {
	if len(fs) == 0 || rows == 0 {
		return
	}
	const chunk = 16
	for f0 := 0; f0 < len(fs); f0 += Lanes {
		group := fs[f0:min(f0+Lanes, len(fs))]
		n, l, w := interleave(group)
		Parallel(threads, (rows+chunk-1)/chunk, func(c int) {
			for r := c * chunk; r < min(c*chunk+chunk, rows); r++ {
				var acc [Lanes]float64
				kern.quad20(m[r*ld:r*ld+n], l, w, &acc)
				copy(out[r*len(fs)+f0:][:len(group)], acc[:])
			}
		})
	}
}

// interleave lays multipliers and inverse pivots out Lanes to a step.
func interleave(group []*Shifted) (n int, l, w []float64) {
	for _, s := range group {
		if s != nil {
			n = len(s.D)
		}
	}
	l, w = make([]float64, n*Lanes), make([]float64, n*Lanes)
	for e, s := range group {
		if s == nil {
			continue
		}
		for j, d := range s.D {
			w[j*Lanes+e] = 1 / d
			if j > 0 {
				l[j*Lanes+e] = s.L[j-1]
			}
		}
	}
	return n, l, w
}

// InverseTrace returns the trace of (T + shift*I)^-1, whose diagonal follows
// from the factors bottom up: G_n = 1/D_n, G_i = 1/D_i + L_i^2 G_(i+1). All terms
// are positive, so nothing cancels.
func (s *Shifted) InverseTrace() float64 {
	n := len(s.D)
	sum, g := 0.0, 0.0
	for i := n - 1; i >= 0; i-- {
		v := 1 / s.D[i]
		if i < n-1 {
			v += s.L[i] * s.L[i] * g
		}
		g = v
		sum += g
	}
	return sum
}
