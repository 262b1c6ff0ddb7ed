package dense

import (
	"context"
	"math"
)

// panel is the number of columns that are reduced before the rest of the
// matrix is updated by one product.
const panel = 32

// span is the number of reflections that Q and Rotate apply at once.
const span = 96

// symvParts is the number of pieces of a symmetric product. It is fixed, so
// that the order of the sums does not depend on the number of threads.
const symvParts = 4

// Tridiagonal is a symmetric matrix K = Q T Q' reduced by Householder
// reflections: T has diagonal D (n) and off-diagonal E (n-1), and Q is the
// product of n-1 reflections H(0) H(1) ... whose vectors lie in the rows of the
// reduced matrix: H(k) = I - tau[k] v v', v[k+1] = 1, v[k+2:] in row k.
type Tridiagonal struct {
	N       int
	D, E    []float64
	a       []float64 // n x n; row k from column k+1: the k-th reflection
	tau     []float64
	threads int
}

// Tridiagonalize reduces the symmetric n x n matrix whose upper triangle is in
// a, row-major and contiguous, overwriting it. The method is LAPACK's
// blocked one (dsytrd, dlatrd): half of the 4n^3/3 operations are one
// symmetric matrix-vector product a column, the other half matrix products.
// Rounding: T is exact for K + dK with ||dK|| of the order n * 2^-53 * ||K||.
func Tridiagonalize(ctx context.Context, threads, n int, a []float64) (*Tridiagonal, error) {
	t := &Tridiagonal{N: n, D: make([]float64, n), E: make([]float64, max(n-1, 0)), a: a, tau: make([]float64, max(n-1, 0)), threads: threads}
	vw := make([]float64, 2*panel*n) // V', with its units and zeros written out, then W'
	wv := make([]float64, 2*panel*n) // the same in the other order
	v, w := vw[:panel*n], vw[panel*n:]
	part := make([]float64, symvParts*n)
	for k := 0; k < n-1; k += panel {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		nb := min(panel, n-1-k)
		t.reducePanel(k, nb, v, w, part)
		// A -= V W' + W V' on the rest: one product with 2*nb terms.
		r := k + nb
		if m := n - r; m > 0 {
			copy(wv, w)
			copy(wv[panel*n:], v)
			Gemm(threads, m, m, 2*panel, -1, Of(vw[r:], n).T(), Of(wv[r:], n), a[r*n+r:], n, Upper)
		}
	}
	for i := 0; i < n; i++ {
		t.D[i] = a[i*n+i]
	}
	return t, nil
}

// reducePanel reduces columns k0 .. k0+nb-1, leaving the update of the rest of
// the matrix to the caller: V and W hold what it needs.
func (t *Tridiagonal) reducePanel(k0, nb int, v, w, part []float64) {
	n, a := t.N, t.a
	clear(v)
	clear(w)
	var c1, c2 [panel]float64
	for i := 0; i < nb; i++ {
		k := k0 + i
		row := a[k*n : k*n+n]
		// Bring row k up to date with the reflections of this panel.
		for p := 0; p < i; p++ {
			c1[p], c2[p] = -w[p*n+k], -v[p*n+k]
		}
		addRows(row[k:], v[k:], n, c1[:i])
		addRows(row[k:], w[k:], n, c2[:i])

		x := row[k+1:]
		beta, tau := householder(x)
		t.E[k], t.tau[k] = beta, tau
		vi := v[i*n+k+1 : i*n+n]
		copy(vi, x)
		vi[0] = 1
		x[0] = 1

		// w = tau (A v - V W'v - W V'v) - (tau/2)(w'v) v, over the rows below k.
		wi := w[i*n+k+1 : i*n+n]
		t.symv(k+1, vi, wi, part)
		dotRows(c1[:i], w[k+1:], n, vi)
		dotRows(c2[:i], v[k+1:], n, vi)
		for p := 0; p < i; p++ {
			c1[p], c2[p] = -c1[p], -c2[p]
		}
		addRows(wi, v[k+1:], n, c1[:i])
		addRows(wi, w[k+1:], n, c2[:i])
		dot := 0.0
		for j, x := range wi {
			wi[j] = tau * x
			dot += wi[j] * vi[j]
		}
		f := -0.5 * tau * dot
		for j := range wi {
			wi[j] += f * vi[j]
		}
	}
}

// householder turns x into v with v[0] implied 1 so that
// (I - tau v v') x = (beta, 0, ...); v[1:] is left in x[1:].
func householder(x []float64) (beta, tau float64) {
	alpha := x[0]
	norm := 0.0
	big := 0.0
	for _, v := range x[1:] {
		big = max(big, math.Abs(v))
	}
	if big == 0 {
		return alpha, 0
	}
	inv := 1 / big
	if big < 1e-290 { // 1/big may overflow: go through the division
		for _, v := range x[1:] {
			norm += (v / big) * (v / big)
		}
	} else {
		for _, v := range x[1:] {
			u := v * inv
			norm += u * u
		}
	}
	norm = big * math.Sqrt(norm)
	beta = -math.Copysign(math.Hypot(alpha, norm), alpha)
	tau = (beta - alpha) / beta
	d := alpha - beta
	for i := 1; i < len(x); i++ {
		x[i] /= d
	}
	return beta, tau
}

// addRows adds c[p]*row p of m to y, where rows start n apart.
func addRows(y []float64, m []float64, n int, c []float64) {
	p := 0
	for ; p+4 <= len(c); p += 4 {
		kern.axpy4(m[p*n:], n, y, (*[4]float64)(c[p:]))
	}
	for ; p < len(c); p++ {
		f, r := c[p], m[p*n:][:len(y)]
		for j := range y {
			y[j] += f * r[j]
		}
	}
}

// dotRows sets d[p] to the product of row p of m with x.
func dotRows(d []float64, m []float64, n int, x []float64) {
	clear(d)
	p := 0
	for ; p+4 <= len(d); p += 4 {
		kern.dot4(m[p*n:], n, x, (*[4]float64)(d[p:]))
	}
	for ; p < len(d); p++ {
		s := 0.0
		r := m[p*n:][:len(x)]
		for j, v := range x {
			s += v * r[j]
		}
		d[p] = s
	}
}

// symv sets y to A x for the trailing matrix from row and column r on, of which
// the upper triangle is stored.
func (t *Tridiagonal) symv(r int, x, y, part []float64) {
	n := t.N
	m := n - r
	threads := t.threads
	parts := symvParts
	if m < 256 { // a matrix of at most half a megabyte: not worth a hand-over
		parts, threads = 1, 1
	}
	// Piece q takes the rows of an equal share of the triangle's area.
	bound := func(q int) int {
		if q == parts {
			return m
		}
		f := 1 - math.Sqrt(1-float64(q)/float64(parts))
		return int(f*float64(m)) &^ 3
	}
	Parallel(threads, parts, func(q int) {
		buf := part[q*n : q*n+m]
		i0, i1 := bound(q), bound(q+1)
		clear(buf[i0:])
		t.symvRows(r, i0, i1, x, buf)
	})
	copy(y, part[:m])
	for q := 1; q < parts; q++ {
		b := part[q*n : q*n+m]
		for j := bound(q); j < m; j++ {
			y[j] += b[j]
		}
	}
}

// symvRows adds to y the share of rows i0 .. i1-1 of the trailing matrix: each
// stored entry counts for its row and, off the diagonal, for its column.
func (t *Tridiagonal) symvRows(r, i0, i1 int, x, y []float64) {
	n, a := t.N, t.a
	m := n - r
	var s, d [4]float64
	i := i0
	for ; i+4 <= i1; i += 4 {
		base := (r+i)*n + r
		for p := 0; p < 4; p++ { // the 4 x 4 block on the diagonal
			row := a[base+p*n+i : base+p*n+i+4]
			y[i+p] += row[p] * x[i+p]
			for q := p + 1; q < 4; q++ {
				y[i+p] += row[q] * x[i+q]
				y[i+q] += row[q] * x[i+p]
			}
		}
		if i+4 == m {
			continue
		}
		s = [4]float64{x[i], x[i+1], x[i+2], x[i+3]}
		d = [4]float64{}
		kern.symv4(a[base+i+4:], n, x[i+4:m], y[i+4:m], &s, &d)
		y[i] += d[0]
		y[i+1] += d[1]
		y[i+2] += d[2]
		y[i+3] += d[3]
	}
	for ; i < i1; i++ {
		row := a[(r+i)*n+r:][:m]
		y[i] += row[i] * x[i]
		sum := 0.0
		for j := i + 1; j < m; j++ {
			sum += row[j] * x[j]
			y[j] += row[j] * x[i]
		}
		y[i] += sum
	}
}

// rotation applies blocks of reflections.
type rotation struct {
	t    *Tridiagonal
	v    []float64 // V' of a block, row-major, of the rows below its first column
	s, g []float64 // span x span: the triangular factor; V'V
	x, y []float64 // span x cols
}

func (t *Tridiagonal) rotation(cols int) *rotation {
	return &rotation{
		t: t, v: make([]float64, span*t.N),
		s: make([]float64, span*span), g: make([]float64, span*span),
		x: make([]float64, span*cols), y: make([]float64, span*cols),
	}
}

// block prepares H(k0) ... H(k0+nb-1) = I - V S V', S upper triangular (LAPACK's
// dlarft, forward). Rows and columns start at k0+1.
func (r *rotation) block(k0, nb int) {
	t, n := r.t, r.t.N
	m := n - k0 - 1
	for i := 0; i < nb; i++ {
		clear(r.v[i*m : i*m+i])
		copy(r.v[i*m+i:i*m+m], t.a[(k0+i)*n+k0+1+i:(k0+i)*n+n])
		r.v[i*m+i] = 1
	}
	clear(r.g)
	Gemm(t.threads, nb, nb, m, 1, Of(r.v, m), Of(r.v, m).T(), r.g, span, Upper)
	clear(r.s)
	for i := 0; i < nb; i++ {
		tau := t.tau[k0+i]
		r.s[i*span+i] = tau
		for p := 0; p < i; p++ {
			sum := 0.0
			for q := p; q < i; q++ {
				sum += r.s[p*span+q] * r.g[q*span+i]
			}
			r.s[p*span+i] = -tau * sum
		}
	}
}

// apply replaces c, of which columns c0 .. c0+cols-1 of the rows from k0+1 on
// count, by (I - V S V')c, or by its transpose times c.
func (r *rotation) apply(k0, nb int, c []float64, ldc, c0, cols int, transposed bool) {
	r.block(k0, nb)
	m := r.t.N - k0 - 1
	threads := r.t.threads
	sub := c[(k0+1)*ldc+c0:]
	x, y := r.x[:nb*cols], r.y[:nb*cols]
	clear(x)
	Gemm(threads, nb, cols, m, 1, Of(r.v, m), Of(sub, ldc), x, cols, Full)
	s := Of(r.s, span)
	if transposed {
		s = s.T()
	}
	clear(y)
	Gemm(threads, nb, cols, nb, 1, s, Of(x, cols), y, cols, Full)
	Gemm(threads, m, cols, nb, -1, Of(r.v, m).T(), Of(y, cols), sub, ldc, Full)
}

// Rotate replaces the n x cols matrix c, row-major and contiguous, by Q'c
// (transposed) or Qc.
func (t *Tridiagonal) Rotate(c []float64, cols int, transposed bool) {
	if t.N < 2 {
		return
	}
	r := t.rotation(cols)
	last := (t.N - 2) / span * span
	for i := 0; i <= last; i += span {
		k := i
		if !transposed {
			k = last - i
		}
		r.apply(k, min(span, t.N-1-k), c, cols, 0, cols, transposed)
	}
}

// Q returns the orthogonal matrix, n x n and row-major. It costs 4n^3/3
// operations.
func (t *Tridiagonal) Q(ctx context.Context) ([]float64, error) {
	n := t.N
	q := make([]float64, n*n)
	for i := 0; i < n; i++ {
		q[i*n+i] = 1
	}
	if n < 2 {
		return q, nil
	}
	r := t.rotation(n)
	for k := (n - 2) / span * span; k >= 0; k -= span {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// Before this block, rows and columns up to k are those of the identity.
		r.apply(k, min(span, n-1-k), q, n, k+1, n-k-1, false)
	}
	return q, nil
}
