package simd

import (
	"fmt"
	"os"
	"sync"
)

// EnvLevel is the environment variable that forces a level, for tests and
// comparisons: portable or avx2.
const EnvLevel = "NNGPLAB_SIMD"

// Available lists the levels that this processor runs, slowest first.
func Available() []*Kernels {
	return append([]*Kernels{Portable}, native()...)
}

// Best returns the fastest level that this processor runs, or the one that
// NNGPLAB_SIMD names. It panics where that names none that runs here: a forced
// level that silently were another one would be worse.
func Best() *Kernels { return best() }

var best = sync.OnceValue(func() *Kernels {
	levels := Available()
	name := os.Getenv(EnvLevel)
	if name == "" {
		return levels[len(levels)-1]
	}
	names := make([]string, len(levels))
	for i, k := range levels {
		if k.Name == name {
			return k
		}
		names[i] = k.Name
	}
	panic(fmt.Sprintf("simd: %s=%s: this processor runs %v", EnvLevel, name, names))
})
