package nasbench

import (
	"fmt"
	"math/rand/v2"

	"github.com/nngplab/nngplab/nngpkit/space"
)

// newRand returns the package's random generator: PCG seeded by seed and by
// the purpose, so that two uses of a seed are independent.
func newRand(seed, purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, purpose)) }

const (
	purposeSample uint64 = 0x6e617362656e6368
	purposeRandom uint64 = 0x72616e646f6d7370
)

// Sample returns n different cells drawn uniformly from the whole space. The
// cells of a smaller n are the first of a larger n with the same seed. It is
// an error to ask for fewer than none or more than Size.
func Sample(n int, seed uint64) ([]Spec, error) {
	indices, err := space.Indices(n, Size, seed, purposeSample)
	if err != nil {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	all, out := wholeSpace(), make([]Spec, n)
	for k, i := range indices {
		out[k] = all[i]
	}
	return out, nil
}

// RandomSpec draws a cell as the public notebook of arXiv:2011.06006 and the
// examples of google-research/nasbench do: a random upper triangular 7 x 7
// matrix and random operations, until the pruned graph is a cell of the
// space. It favors cells that many matrices prune to: it is not uniform, and
// a cell can come twice.
func RandomSpec(rng *rand.Rand) Spec {
	for {
		const n = MaxVertices
		b := rng.Uint32() & (1<<(n*(n-1)/2) - 1)
		s := fromEdgeBits(n, b)
		for v := 1; v < n-1; v++ {
			s.ops[v] = Op(rng.IntN(innerOps))
		}
		if p, ok := s.pruned(); ok && p.Edges() <= MaxEdges {
			return p
		}
	}
}

// RandomSpecs returns n draws of RandomSpec from a generator made of seed.
func RandomSpecs(n int, seed uint64) ([]Spec, error) {
	if n < 0 {
		return nil, fmt.Errorf("nasbench: a sample of %d cells", n)
	}
	rng := newRand(seed, purposeRandom)
	out := make([]Spec, n)
	for i := range out {
		out[i] = RandomSpec(rng)
	}
	return out, nil
}

// pruned is Graph.Prune on the packed form; false where input and output are
// not connected.
func (s *Spec) pruned() (Spec, bool) {
	n := int(s.n)
	var from, to uint8 = 1, 1 << (n - 1)
	for v := 0; v < n; v++ {
		if from>>v&1 == 1 {
			from |= s.adj[v]
		}
	}
	for v := n - 1; v >= 0; v-- {
		if s.adj[v]&to != 0 {
			to |= 1 << v
		}
	}
	if from&to&1 == 0 {
		return Spec{}, false
	}
	var keep []int
	for v := 0; v < n; v++ {
		if from&to>>v&1 == 1 {
			keep = append(keep, v)
		}
	}
	p := Spec{n: uint8(len(keep))}
	for a, i := range keep {
		p.ops[a] = s.ops[i]
		for b, j := range keep {
			p.adj[a] |= (s.adj[i] >> j & 1) << b
		}
	}
	return p, true
}
