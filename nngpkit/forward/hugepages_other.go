//go:build !linux

package forward

// allocate returns n values.
func allocate(n int) []float32 { return make([]float32, n) }
