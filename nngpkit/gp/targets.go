package gp

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Targets returns the regression targets of labels, one row an image and one
// column a class: one-hot minus 1/classes. It panics for labels outside
// [0, classes).
func Targets(labels []int, classes int) *mat.Dense {
	if err := checkLabels(labels, classes); err != nil {
		panic(err)
	}
	y := mat.NewDense(len(labels), classes, nil)
	raw := y.RawMatrix()
	for i := range raw.Data {
		raw.Data[i] = -1 / float64(classes)
	}
	for i, l := range labels {
		raw.Data[i*classes+l] = 1 - 1/float64(classes)
	}
	return y
}

func checkLabels(labels []int, classes int) error {
	if classes < 2 {
		return fmt.Errorf("gp: %d classes, want at least 2", classes)
	}
	if len(labels) == 0 {
		return fmt.Errorf("gp: no labels")
	}
	for i, l := range labels {
		if l < 0 || l >= classes {
			return fmt.Errorf("gp: label of image %d is %d, want 0 to %d", i, l, classes-1)
		}
	}
	return nil
}

// Epsilons returns the protocol's 20 values from 1e-7 to 1e2, evenly spaced in
// the logarithm.
func Epsilons() []float64 { return LogSpace(-7, 2, 20) }

// LogSpace returns n values from 10^lo to 10^hi, evenly spaced in the
// logarithm. It panics if n < 1.
func LogSpace(lo, hi float64, n int) []float64 {
	if n < 1 {
		panic("gp: LogSpace of no values")
	}
	e := make([]float64, n)
	for i := range e {
		x := lo
		if n > 1 {
			x = lo + (hi-lo)*float64(i)/float64(n-1)
		}
		e[i] = math.Pow(10, x)
	}
	return e
}

// rankOf returns the place of class c among the values x, 0 for the largest; of
// equals the lowest class comes first, as argmax takes it.
func rankOf(x []float64, c int) int {
	r := 0
	for i, v := range x {
		if v > x[c] || v == x[c] && i < c {
			r++
		}
	}
	return r
}

// argmax returns the index of the largest value, the lowest among equals.
func argmax(x []float64) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
