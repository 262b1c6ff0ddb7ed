package gp

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// plain computes the sweep's scores at one epsilon from their definitions, with
// gonum's Cholesky factorization and one solve a class.
type plain struct {
	k       *mat.SymDense
	labels  []int
	classes int
	epsilon float64
}

// inverse returns (K + sI)^-1 of the first n images, and its log determinant.
func (p *plain) inverse(t *testing.T, n int) (*mat.SymDense, float64) {
	t.Helper()
	trace := 0.0
	a := mat.NewSymDense(n, nil)
	for i := range n {
		trace += p.k.At(i, i)
		for j := i; j < n; j++ {
			a.SetSym(i, j, p.k.At(i, j))
		}
	}
	for i := range n {
		a.SetSym(i, i, a.At(i, i)+p.epsilon*trace/float64(n))
	}
	var c mat.Cholesky
	if !c.Factorize(a) {
		t.Fatal("not positive definite")
	}
	inv := mat.NewSymDense(n, nil)
	if err := c.InverseTo(inv); err != nil {
		t.Fatal(err)
	}
	return inv, c.LogDet()
}

// topOf returns whether the label is among the k largest, equals by class.
func topOf(x []float64, label, k int) bool {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return x[order[a]] > x[order[b]] })
	for _, c := range order[:k] {
		if c == label {
			return true
		}
	}
	return false
}

// score returns squared error, accuracy and top-5 accuracy of predictions.
func (p *plain) score(mu *mat.Dense, labels []int) (sq, top1, top5 float64) {
	y := Targets(labels, p.classes)
	n := float64(len(labels))
	for i, l := range labels {
		x := mat.Row(nil, i, mu)
		for j, v := range x {
			sq += (v - y.At(i, j)) * (v - y.At(i, j)) / n / float64(p.classes)
		}
		if topOf(x, l, 1) {
			top1 += 1 / n
		}
		if topOf(x, l, 5) {
			top5 += 1 / n
		}
	}
	return sq, top1, top5
}

// TestManyClasses compares the sweep with the plain computation for few and many
// classes, with classes that no training image has, and with so many that the whole
// inverse is taken. The kernel's condition is below 1e5, so both agree to 1e-9.
func TestManyClasses(t *testing.T) {
	for _, c := range []struct{ train, val, classes, used int }{
		{40, 15, 6, 6}, {40, 15, 33, 33}, {90, 20, 40, 25}, {60, 20, 200, 200}, {60, 20, 1000, 70}, {7, 4, 1000, 1000},
	} {
		t.Run(fmt.Sprintf("%d+%d of %d", c.train, c.val, c.classes), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, uint64(c.classes)))
			n := c.train + c.val
			f := mat.NewDense(n, 30, nil)
			labels := make([]int, n)
			step := c.classes / c.used
			for i := range labels {
				labels[i] = rng.IntN(c.used) * step
				for j := range 30 {
					f.Set(i, j, rng.NormFloat64()+math.Sin(float64(labels[i]*j)))
				}
			}
			k := mat.NewSymDense(n, nil)
			k.SymOuterK(1, f)
			eps := []float64{1e-3, 0.1, 10}
			for _, cfg := range []Config{{}, {SkipDensity: true}, {SkipLeaveOneOut: true}, {SkipDensity: true, SkipLeaveOneOut: true}} {
				cfg.Epsilons = eps
				r, err := Sweep(k, c.train, labels, c.classes, cfg)
				if err != nil {
					t.Fatal(err)
				}
				for e, epsilon := range eps {
					p := plain{k, labels, c.classes, epsilon}
					p.check(t, r, c.train, e, cfg)
				}
			}
		})
	}
}

func (p *plain) check(t *testing.T, r *Result, nTrain, e int, cfg Config) {
	t.Helper()
	near := func(name string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-9*math.Max(1, math.Abs(want))) {
			t.Errorf("%+v, epsilon %g: %s is %.12g, want %.12g", cfg, p.epsilon, name, got, want)
		}
	}
	inv, _ := p.inverse(t, nTrain)
	var a, mu mat.Dense
	a.Mul(inv, Targets(p.labels[:nTrain], p.classes))
	kvt := mat.NewDense(len(p.labels)-nTrain, nTrain, nil)
	kvt.Apply(func(i, j int, _ float64) float64 { return p.k.At(nTrain+i, j) }, kvt)
	mu.Mul(kvt, &a)
	sq, top1, top5 := p.score(&mu, p.labels[nTrain:])
	near("squared error", r.SquaredError[e], sq)
	near("accuracy", r.Accuracy[e], top1)
	near("top-5 accuracy", r.Top5[e], top5)
	for _, s := range []struct {
		name string
		got  SelfScores
		n    int
	}{{"train", r.Train, nTrain}, {"whole", r.Whole, len(p.labels)}} {
		p.own(t, &s.got, s.n, e, cfg, func(name string, got, want float64) {
			t.Helper()
			near(s.name+" "+name, got, want)
		})
	}
}

// own checks the scores of a set from its own kernel.
func (p *plain) own(t *testing.T, got *SelfScores, n, e int, cfg Config, near func(name string, got, want float64)) {
	t.Helper()
	inv, logDet := p.inverse(t, n)
	y := Targets(p.labels[:n], p.classes)
	var a mat.Dense
	a.Mul(inv, y)
	quad := 0.0
	mu := mat.NewDense(n, p.classes, nil)
	for i := range n {
		for j := range p.classes {
			quad += y.At(i, j) * a.At(i, j) / float64(n) / float64(p.classes)
			mu.Set(i, j, y.At(i, j)-a.At(i, j)/inv.At(i, i))
		}
	}
	// A class whose only image is left out is one that has none.
	count := make([]int, p.classes)
	for _, l := range p.labels[:n] {
		count[l]++
	}
	for none := range count {
		if count[none] == 0 {
			for i, l := range p.labels[:n] {
				if count[l] == 1 {
					mu.Set(i, l, mu.At(i, none))
				}
			}
			break
		}
	}
	near("scale", got.Scale[e], quad)
	near("log marginal", got.LogMarginalScaled[e], -0.5*(1+logDet/float64(n)+math.Log(quad)+math.Log(2*math.Pi)))
	if cfg.SkipLeaveOneOut {
		return
	}
	sq, top1, top5 := p.score(mu, p.labels[:n])
	near("leave-one-out error", got.LOOSquaredError[e], sq)
	near("leave-one-out accuracy", got.LOOAccuracy[e], top1)
	near("leave-one-out top-5", got.LOOTop5[e], top5)
}

// Of five classes or fewer the five largest are all, which says nothing.
func TestTop5OfFew(t *testing.T) {
	k, labels := benchKernel(30, 5)
	r, err := Sweep(k, 20, labels, 5, Config{})
	if err != nil {
		t.Fatal(err)
	}
	for e := range r.Epsilons {
		if !math.IsNaN(r.Top5[e]) || !math.IsNaN(r.Whole.LOOTop5[e]) {
			t.Fatalf("top-5 accuracy of five classes: %v, %v", r.Top5[e], r.Whole.LOOTop5[e])
		}
	}
}

// Ties go to the lowest class.
func TestRankOf(t *testing.T) {
	x := []float64{1, 3, 3, 0, 3}
	for c, want := range []int{3, 0, 1, 4, 2} {
		if got := rankOf(x, c); got != want {
			t.Errorf("class %d has rank %d, want %d", c, got, want)
		}
	}
}
