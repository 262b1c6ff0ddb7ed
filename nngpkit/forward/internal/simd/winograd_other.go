//go:build !amd64

package simd

// winogradCalls holds the arguments of assembly kernels, of which there are
// none here.
type winogradCalls struct{}
