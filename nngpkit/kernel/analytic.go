package kernel

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Nonlinearity names the activation of an analytic kernel.
type Nonlinearity int

// The activations whose Gaussian expectations are known in closed form.
const (
	ReLU Nonlinearity = iota // max(x, 0); Cho & Saul, Kernel Methods for Deep Learning, NIPS 2009
	Erf                      // erf(x); Williams, Computing with Infinite Networks, NIPS 1996
)

// FullyConnected is an infinitely wide fully connected network with Gaussian
// weights, of variance WeightVariance / fan-in, and biases of variance
// BiasVariance. Its zero value is one hidden ReLU layer without biases.
type FullyConnected struct {
	Hidden         int          // number of hidden layers; 0 means 1
	Activation     Nonlinearity // of every hidden layer
	WeightVariance float64      // times 1/fan-in; 0 means 1
	BiasVariance   float64      // 0: no biases
	// Readout adds a linear layer on top, with weights and bias as the others:
	// the kernel of the outputs instead of that of the last hidden layer.
	Readout bool
}

// Kernel returns the n x n NNGP kernel of the rows of x, an n x d matrix of
// inputs: the expected product of two images' values of one unit of the last
// hidden layer (after its activation), or of one output with Readout. It
// returns an error for a NaN or infinite input and for negative parameters.
func (f FullyConnected) Kernel(x mat.Matrix) (*mat.SymDense, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	n, d := x.Dims()
	if n == 0 || d == 0 {
		return nil, fmt.Errorf("kernel: inputs are %d x %d, want at least 1 x 1", n, d)
	}
	for i := 0; i < n; i++ {
		for j := 0; j < d; j++ {
			if v := x.At(i, j); math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("kernel: value %d of input %d is %v", j, i, v)
			}
		}
	}
	k := mat.NewSymDense(n, nil)
	k.SymOuterK(1/float64(d), x)
	hidden := f.Hidden
	if hidden == 0 {
		hidden = 1
	}
	for l := 0; l < hidden; l++ {
		f.affine(k)
		f.activate(k)
	}
	if f.Readout {
		f.affine(k)
	}
	return k, nil
}

func (f FullyConnected) check() error {
	switch {
	case f.Hidden < 0:
		return fmt.Errorf("kernel: %d hidden layers", f.Hidden)
	case f.Activation != ReLU && f.Activation != Erf:
		return fmt.Errorf("kernel: unknown activation %d", f.Activation)
	case !(f.WeightVariance >= 0) || math.IsInf(f.WeightVariance, 0):
		return fmt.Errorf("kernel: weight variance %v", f.WeightVariance)
	case !(f.BiasVariance >= 0) || math.IsInf(f.BiasVariance, 0):
		return fmt.Errorf("kernel: bias variance %v", f.BiasVariance)
	}
	return nil
}

// affine replaces K, the mean product of a layer's inputs, by the covariance of
// its pre-activations.
func (f FullyConnected) affine(k *mat.SymDense) {
	w := f.WeightVariance
	if w == 0 {
		w = 1
	}
	n := k.SymmetricDim()
	for i := 0; i < n; i++ {
		for j := i; j < n; j++ {
			k.SetSym(i, j, f.BiasVariance+w*k.At(i, j))
		}
	}
}

// activate replaces K, a covariance, by the mean product of activations.
func (f FullyConnected) activate(k *mat.SymDense) {
	n := k.SymmetricDim()
	v := make([]float64, n)
	for i := range v {
		v[i] = k.At(i, i)
	}
	for i := 0; i < n; i++ {
		for j := i; j < n; j++ {
			k.SetSym(i, j, f.Activation.Mean(v[i], v[j], k.At(i, j)))
		}
	}
}

// Mean returns E[g(u) g(v)] for the activation g and jointly Gaussian u and v of
// mean zero, variances uu and vv and covariance uv:
//
//	ReLU: sqrt(uu vv) (sin t + (pi - t) cos t) / 2pi, with cos t = uv / sqrt(uu vv)
//	Erf:  (2/pi) asin(2 uv / sqrt((1 + 2uu)(1 + 2vv)))
//
// A correlation outside [-1, 1], by rounding, is taken as its bound.
func (a Nonlinearity) Mean(uu, vv, uv float64) float64 {
	if a == Erf {
		// The arcsine as an arctangent, which keeps its digits near 1.
		rest := 1 + 2*uu + 2*vv + 4*math.Max(uu*vv-uv*uv, 0)
		return 2 / math.Pi * math.Atan2(2*uv, math.Sqrt(rest))
	}
	s := math.Sqrt(uu) * math.Sqrt(vv)
	if s == 0 {
		return 0
	}
	t, sin := angle(uv / s)
	return s * (sin + (math.Pi-t)*math.Cos(t)) / (2 * math.Pi)
}

// MeanSquare returns E[g(u)^2 g(v)^2] for ReLU (the arc-cosine kernel of degree
// 2), which gives the variance of one unit's product and so the error of a
// Monte-Carlo estimate: with M members of a hidden layer of W units, an entry's
// mean product has variance (MeanSquare - Mean^2) / (M W). For Erf no closed
// form is known and the result is NaN.
func (a Nonlinearity) MeanSquare(uu, vv, uv float64) float64 {
	if a != ReLU {
		return math.NaN()
	}
	s := math.Sqrt(uu) * math.Sqrt(vv)
	if s == 0 {
		return 0
	}
	t, sin := angle(uv / s)
	cos := math.Cos(t)
	return s * s * (3*sin*cos + (math.Pi-t)*(1+2*cos*cos)) / (2 * math.Pi)
}

// angle returns acos(c) and its sine for a correlation.
func angle(c float64) (t, sin float64) {
	c = clamp(c)
	sin = math.Sqrt((1 - c) * (1 + c))
	return math.Atan2(sin, c), sin
}

func clamp(c float64) float64 { return math.Max(-1, math.Min(1, c)) }
