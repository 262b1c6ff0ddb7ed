package imageset

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
)

// Split holds the indices of the training and of the validation images within
// a Set.
type Split struct {
	Train, Val []int
}

// NewSplit shuffles 0..n-1 once, by the seed, and takes the first train
// indices for training and the last val for validation, as the paper's public
// notebook does. The training images for a larger train begin with those for
// a smaller one, so results over training sizes are nested. It returns an
// error if a number is negative or train+val exceeds n.
//
// The shuffle is Fisher and Yates's, driven by a PCG generator, and is part of
// the contract: a seed gives the same split in every version.
func NewSplit(n, train, val int, seed uint64) (Split, error) {
	if n < 0 || train < 0 || val < 0 {
		return Split{}, fmt.Errorf("split of %d images into %d + %d: a number is negative", n, train, val)
	}
	if train > n || val > n-train {
		return Split{}, fmt.Errorf("split of %d images into %d for training and %d for validation: there are %d too few", n, train, val, train+val-n)
	}
	perm := Shuffled(n, seed)
	return Split{Train: perm[:train:train], Val: perm[n-val:]}, nil
}

// All returns the training indices followed by the validation indices.
func (s Split) All() []int {
	all := make([]int, 0, len(s.Train)+len(s.Val))
	all = append(all, s.Train...)
	return append(all, s.Val...)
}

// Shuffled returns 0..n-1 in an order drawn by the seed, every order equally
// likely. It panics if n is negative.
func Shuffled(n int, seed uint64) []int {
	perm := make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	src := rand.NewPCG(seed, 0x6e6e67706c6162) // "nngplab"
	for i := n - 1; i > 0; i-- {
		j := below(src, uint64(i)+1)
		perm[i], perm[j] = perm[j], perm[i]
	}
	return perm
}

// below returns a uniform number of 0..n-1 without bias (Lemire, "Fast random
// integer generation in an interval", 2019). It is written out because the
// methods of rand.Rand may change how they use their source.
func below(src *rand.PCG, n uint64) uint64 {
	hi, lo := bits.Mul64(src.Uint64(), n)
	if lo < n {
		for limit := -n % n; lo < limit; {
			hi, lo = bits.Mul64(src.Uint64(), n)
		}
	}
	return hi
}
