package simd

import (
	"fmt"
	"os"
)

// EnvLevel is the environment variable that forces a level, for tests and
// comparisons: portable, avx2 or avx512.
const EnvLevel = "NNGPLAB_SIMD"

// Available lists the levels that this processor runs, slowest first.
func Available() []*Kernels {
	return append([]*Kernels{Portable}, native()...)
}

// Best returns the fastest level that this processor runs, or the one that
// NNGPLAB_SIMD names, and an error where that names none that runs here.
func Best() (*Kernels, error) {
	levels := Available()
	name := os.Getenv(EnvLevel)
	if name == "" {
		return levels[len(levels)-1], nil
	}
	names := make([]string, len(levels))
	for i, k := range levels {
		if k.Name == name {
			return k, nil
		}
		names[i] = k.Name
	}
	return nil, fmt.Errorf("simd: %s is %q, this processor runs %v", EnvLevel, name, names)
}
