package space

import (
	"fmt"
	"math/rand/v2"
)

// MaxSample is the most that one sample may have: it is held in memory.
const MaxSample = 1 << 24

// Indices returns n different numbers from 0 to size-1 drawn uniformly, in the
// order drawn: the same for the same seed and purpose, and the first n of any
// larger n. Two purposes make two uses of a seed independent. It is an error to
// ask for fewer than none, more than size or more than MaxSample.
func Indices(n int, size int64, seed, purpose uint64) ([]int64, error) {
	switch {
	case n < 0:
		return nil, fmt.Errorf("a sample of %d", n)
	case int64(n) > size:
		return nil, fmt.Errorf("a sample of %d: the space has %d", n, size)
	case n > MaxSample:
		return nil, fmt.Errorf("a sample of %d: at most %d at once, since a sample is held in memory", n, MaxSample)
	}
	rng := rand.New(rand.NewPCG(seed, purpose))
	moved := make(map[int64]int64, n) // a Fisher-Yates shuffle of which only n steps are done
	at := func(i int64) int64 {
		if j, ok := moved[i]; ok {
			return j
		}
		return i
	}
	out := make([]int64, n)
	for k := range out {
		i := int64(k)
		j := i + rng.Int64N(size-i)
		out[k] = at(j)
		moved[j] = at(i)
	}
	return out, nil
}

// SampleIndexed implements Space.Sample for an Indexed space of fewer than
// 2^63 architectures.
func SampleIndexed(s Indexed, n int, seed, purpose uint64) ([]Architecture, error) {
	size := s.Size()
	if !size.IsInt64() {
		return nil, unsupported(s, "is too large to be numbered")
	}
	indices, err := Indices(n, size.Int64(), seed, purpose)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name(), err)
	}
	out := make([]Architecture, n)
	for k, i := range indices {
		if out[k], err = s.At(i); err != nil {
			return nil, err
		}
	}
	return out, nil
}
