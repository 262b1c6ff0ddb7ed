package forward

import "github.com/nngplab/nngplab/nngpkit/forward/internal/simd"

// BestLevel returns the name of the instructions that plans use on this processor:
// avx512, avx2 or portable, or what NNGPLAB_SIMD says. It returns an error where that
// names none that the processor has.
func BestLevel() (string, error) {
	k, err := simd.Best()
	if err != nil {
		return "", err
	}
	return k.Name, nil
}
