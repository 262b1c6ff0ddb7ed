package arch

import (
	"fmt"
	"math"
)

// Activation names a function that is applied value by value. Some have
// parameters, Alpha and Beta of the Node.
type Activation uint8

// The activations of a Network.
const (
	Identity    Activation = iota // x
	ReLU                          // max(x, 0)
	Swish                         // x / (1 + exp(-x)), also called SiLU
	Sigmoid                       // 1 / (1 + exp(-x))
	Erf                           // erf(x)
	ReLU6                         // min(max(x, 0), 6)
	Clip                          // min(max(x, Alpha), Beta); either may be infinite
	LeakyReLU                     // x where x > 0, else Alpha*x
	HardSwish                     // x * min(max(x/6 + 1/2, 0), 1)
	HardSigmoid                   // min(max(Alpha*x + Beta, 0), 1)
	Tanh                          // tanh(x)
	GELU                          // x * (1 + erf(x / sqrt(2))) / 2
	GELUTanh                      // x * (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2
)

var activationNames = [...]string{
	"identity", "relu", "swish", "sigmoid", "erf", "relu6", "clip", "leakyrelu",
	"hardswish", "hardsigmoid", "tanh", "gelu", "gelutanh",
}

// String returns the lower-case name of the activation.
func (a Activation) String() string {
	if int(a) < len(activationNames) {
		return activationNames[a]
	}
	return fmt.Sprintf("activation(%d)", uint8(a))
}

// ParseActivation returns the activation of the given name, as String writes
// it, or swish for its other name, silu.
func ParseActivation(name string) (Activation, error) {
	if name == "silu" {
		return Swish, nil
	}
	for i, s := range activationNames {
		if s == name {
			return Activation(i), nil
		}
	}
	return 0, fmt.Errorf("arch: unknown activation %q", name)
}

// MarshalText returns the name of the activation, or an error where it has
// none.
func (a Activation) MarshalText() ([]byte, error) {
	if int(a) >= len(activationNames) {
		return nil, fmt.Errorf("arch: unknown activation %v", a)
	}
	return []byte(activationNames[a]), nil
}

// UnmarshalText reads what MarshalText writes.
func (a *Activation) UnmarshalText(text []byte) error {
	v, err := ParseActivation(string(text))
	if err == nil {
		*a = v
	}
	return err
}

// parameters returns how many parameters an activation has.
func (a Activation) parameters() int {
	switch a {
	case LeakyReLU:
		return 1
	case Clip, HardSigmoid:
		return 2
	}
	return 0
}

// withDefaults returns the usual parameters where both are zero: slope 0.01 of
// LeakyReLU, x/6 + 1/2 of HardSigmoid.
func (a Activation) withDefaults(alpha, beta float64) (float64, float64) {
	if alpha == 0 && beta == 0 {
		switch a {
		case LeakyReLU:
			return 0.01, 0
		case HardSigmoid:
			return 1. / 6, 0.5
		}
	}
	return alpha, beta
}

// check returns what is wrong with an activation and its parameters, or nil.
func (a Activation) check(alpha, beta float64) error {
	if int(a) >= len(activationNames) {
		return fmt.Errorf("unknown activation %v", a)
	}
	bad := func() error {
		return fmt.Errorf("%v with alpha %g and beta %g", a, alpha, beta)
	}
	// A float32 holds every parameter, since that is what engines compute in.
	infinite := func(x float64) bool { return math.IsNaN(x) || math.Abs(x) > math.MaxFloat32 }
	switch a {
	case Clip:
		if !(alpha < beta) || infinite(alpha) && !math.IsInf(alpha, -1) || infinite(beta) && !math.IsInf(beta, 1) {
			return bad()
		}
	case LeakyReLU:
		if infinite(alpha) || beta != 0 {
			return bad()
		}
	case HardSigmoid:
		if infinite(alpha) || infinite(beta) || alpha == 0 {
			return bad()
		}
	default:
		if alpha != 0 || beta != 0 {
			return fmt.Errorf("%w: it has no parameters", bad())
		}
	}
	return nil
}
