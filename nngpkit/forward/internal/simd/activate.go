package simd

import (
	"math"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// Func names an activation.
type Func uint8

// The activations that are no part of another kernel.
const (
	ReLU Func = iota
	Swish
	Sigmoid
	Erf
	Clamp     // min(max(Slope*x + Shift, Lo), Hi)
	ClampMul  // x * min(max(Slope*x + Shift, Lo), Hi)
	LeakyReLU // x where x > 0, else Slope*x
	Tanh
	GELU     // x * (1 + erf(x/sqrt(2))) / 2
	GELUTanh // x * (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2
)

// Funcs is the number of activations.
const Funcs = int(GELUTanh) + 1

// Activate describes x = f(x) over N pixels of C channels; where From is not
// nil, the values come from there instead of X. The portable level rounds what
// float64 gives. The assembly kernels of Swish, Sigmoid, Tanh and Erf are within
// 4e-7 of that, relatively; where Sigmoid is below 1e-37, the error may be as
// large. Those of GELU and GELUTanh are within 4e-7 of |x|.
type Activate struct {
	X      []float32
	Ld     int
	From   []float32
	LdFrom int
	C, N   int
	F      Func

	Slope, Shift, Lo, Hi float32 // of Clamp, ClampMul and LeakyReLU

	call   asm.Activate
	erf    asm.Erf
	pieces asm.Pieces
	copy   asm.Map
}

// function returns the activation in float64.
func (a *Activate) function() func(x float64) float64 {
	switch a.F {
	case ReLU:
		return func(x float64) float64 { return max(x, 0) }
	case Swish:
		return func(x float64) float64 { return x / (1 + math.Exp(-x)) }
	case Sigmoid:
		return func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	case Erf:
		return math.Erf
	case Clamp, ClampMul:
		slope, shift, lo, hi := float64(a.Slope), float64(a.Shift), float64(a.Lo), float64(a.Hi)
		if a.F == Clamp {
			return func(x float64) float64 { return min(max(float64(slope*x)+shift, lo), hi) }
		}
		return func(x float64) float64 { return x * min(max(float64(slope*x)+shift, lo), hi) }
	case LeakyReLU:
		slope := float64(a.Slope)
		return func(x float64) float64 {
			if x < 0 {
				return slope * x
			}
			return x
		}
	case Tanh:
		return math.Tanh
	case GELU:
		return func(x float64) float64 { return x * math.Erfc(-x/math.Sqrt2) / 2 }
	case GELUTanh:
		return func(x float64) float64 {
			return x / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}
	}
	panic("simd: unknown activation")
}

// activate goes through float64, whose library functions are exact to the
// last bit of a float32.
func (v portable) activate(a *Activate) {
	f := a.function()
	for p := 0; p < a.N; p++ {
		y := a.X[p*a.Ld:][:a.C*v.lanes]
		x := y
		if a.From != nil {
			x = a.From[p*a.LdFrom:][:a.C*v.lanes]
		}
		for i, xv := range x {
			y[i] = float32(f(float64(xv)))
		}
	}
}
