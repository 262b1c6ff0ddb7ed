package forward

import (
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// activation says how an activation of arch is run, and whether it may move
// zero.
type activation struct {
	f                    simd.Func
	slope, shift, lo, hi float64 // where a node does not give them
	known, moved         bool
}

var activations = [256]activation{
	arch.Identity:    {known: true},
	arch.ReLU:        {known: true, f: simd.ReLU},
	arch.Swish:       {known: true, f: simd.Swish},
	arch.Sigmoid:     {known: true, f: simd.Sigmoid, moved: true},
	arch.Erf:         {known: true, f: simd.Erf},
	arch.ReLU6:       {known: true, f: simd.Clamp, slope: 1, hi: 6},
	arch.Clip:        {known: true, f: simd.Clamp, slope: 1, moved: true},
	arch.LeakyReLU:   {known: true, f: simd.LeakyReLU},
	arch.HardSwish:   {known: true, f: simd.ClampMul, slope: 1. / 6, shift: 0.5, hi: 1},
	arch.HardSigmoid: {known: true, f: simd.Clamp, hi: 1, moved: true},
	arch.Tanh:        {known: true, f: simd.Tanh},
	arch.GELU:        {known: true, f: simd.GELU},
	arch.GELUTanh:    {known: true, f: simd.GELUTanh},
}

// post is an activation in a pass of its own.
type post struct {
	f                    simd.Func
	slope, shift, lo, hi float32
}

// postOf returns the activation of a node.
func postOf(nd *arch.Node) post {
	a := activations[nd.Act]
	switch nd.Act {
	case arch.Clip:
		a.lo, a.hi = nd.Alpha, nd.Beta
	case arch.LeakyReLU:
		a.slope = nd.Alpha
	case arch.HardSigmoid:
		a.slope, a.shift = nd.Alpha, nd.Beta
	}
	return post{a.f, float32(a.slope), float32(a.shift), float32(a.lo), float32(a.hi)}
}
