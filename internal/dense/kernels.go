package dense

// kernels are the inner loops. Each has a portable form, which is the oracle
// of the others.
type kernels struct {
	name string
	// tile adds alpha*A*B to the mr x nr tile c with row stride ldc, where a
	// holds k columns of mr values and b k rows of nr values.
	tile func(k int, alpha float64, a, b, c []float64, ldc int)
	// symv4 takes len(x) columns of four rows of a with row stride lda: it adds
	// rows*x to d[0:4] and s[0]*row0 + ... + s[3]*row3 to y.
	symv4 func(a []float64, lda int, x, y []float64, s, d *[4]float64)
	// dot4 adds the products of four rows of a with x to d.
	dot4 func(a []float64, lda int, x []float64, d *[4]float64)
	// axpy4 adds s[0]*row0 + ... + s[3]*row3 to y.
	axpy4 func(a []float64, lda int, y []float64, s *[4]float64)
	// quad20 runs Lanes recurrences z <- q[j] - l[j]*z side by side and adds
	// w[j]*z*z to acc after each step; l and w hold Lanes values a step.
	quad20 func(q, l, w []float64, acc *[Lanes]float64)
}

var portable = kernels{
	name:   "portable",
	tile:   tileGo,
	symv4:  symv4Go,
	dot4:   dot4Go,
	axpy4:  axpy4Go,
	quad20: quad20Go,
}

// kern is the level in use, replaced at start where the processor can do better.
var kern = portable

// Level returns the name of the inner loops in use: "avx2" or "portable".
func Level() string { return kern.name }

func tileGo(k int, alpha float64, a, b, c []float64, ldc int) {
	// Four columns of the tile at a time keep the sixteen sums near registers.
	for j := 0; j < nr; j += 2 {
		var s00, s01, s10, s11, s20, s21, s30, s31 float64
		for p := 0; p < k; p++ {
			av := a[p*mr : p*mr+4 : p*mr+4]
			bv := b[p*nr+j : p*nr+j+2 : p*nr+j+2]
			b0, b1 := bv[0], bv[1]
			s00 += av[0] * b0
			s01 += av[0] * b1
			s10 += av[1] * b0
			s11 += av[1] * b1
			s20 += av[2] * b0
			s21 += av[2] * b1
			s30 += av[3] * b0
			s31 += av[3] * b1
		}
		c[j] += alpha * s00
		c[j+1] += alpha * s01
		c[ldc+j] += alpha * s10
		c[ldc+j+1] += alpha * s11
		c[2*ldc+j] += alpha * s20
		c[2*ldc+j+1] += alpha * s21
		c[3*ldc+j] += alpha * s30
		c[3*ldc+j+1] += alpha * s31
	}
}

func symv4Go(a []float64, lda int, x, y []float64, s, d *[4]float64) {
	n := len(x)
	y = y[:n]
	r0, r1, r2, r3 := a[:n], a[lda:][:n], a[2*lda:][:n], a[3*lda:][:n]
	var d0, d1, d2, d3 float64
	s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
	for j, xj := range x {
		a0, a1, a2, a3 := r0[j], r1[j], r2[j], r3[j]
		d0 += a0 * xj
		d1 += a1 * xj
		d2 += a2 * xj
		d3 += a3 * xj
		y[j] += s0*a0 + s1*a1 + s2*a2 + s3*a3
	}
	d[0] += d0
	d[1] += d1
	d[2] += d2
	d[3] += d3
}

func dot4Go(a []float64, lda int, x []float64, d *[4]float64) {
	n := len(x)
	r0, r1, r2, r3 := a[:n], a[lda:][:n], a[2*lda:][:n], a[3*lda:][:n]
	var d0, d1, d2, d3 float64
	for j, xj := range x {
		d0 += r0[j] * xj
		d1 += r1[j] * xj
		d2 += r2[j] * xj
		d3 += r3[j] * xj
	}
	d[0] += d0
	d[1] += d1
	d[2] += d2
	d[3] += d3
}

func axpy4Go(a []float64, lda int, y []float64, s *[4]float64) {
	n := len(y)
	r0, r1, r2, r3 := a[:n], a[lda:][:n], a[2*lda:][:n], a[3*lda:][:n]
	s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
	for j := range y {
		y[j] += s0*r0[j] + s1*r1[j] + s2*r2[j] + s3*r3[j]
	}
}

func quad20Go(q, l, w []float64, acc *[Lanes]float64) {
	var z [Lanes]float64
	for j, qj := range q {
		lj := l[j*Lanes : j*Lanes+Lanes]
		wj := w[j*Lanes : j*Lanes+Lanes]
		for e := range z {
			v := qj - lj[e]*z[e]
			z[e] = v
			acc[e] += wj[e] * v * v
		}
	}
}

// Lanes is the number of shifts that Quadratics takes side by side: the
// protocol's number of epsilons.
const Lanes = 20
