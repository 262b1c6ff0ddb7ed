//go:build !amd64

package dense

// levels returns the inner loops that this processor can run.
func levels() []kernels { return []kernels{portable} }
