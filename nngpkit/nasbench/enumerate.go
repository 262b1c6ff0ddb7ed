package nasbench

import (
	"math/bits"
	"sync"
)

// Size is the number of different cells in the space.
const Size = 423624

// Enumerate returns every cell of the space once, up to isomorphism: each as
// its Canonical representative, in the order of NAS-Bench-101's generator
// (fewer vertices first). It is exact: no hash decides. The slice is the
// caller's; the work is done once and takes a fraction of a second.
func Enumerate() []Spec {
	return append([]Spec(nil), wholeSpace()...)
}

// wholeSpace is the enumeration, shared and read-only.
var wholeSpace = sync.OnceValue(func() []Spec {
	all := make([]Spec, 0, Size)
	for n := 2; n <= MaxVertices; n++ {
		all = enumerate(all, n)
	}
	return all
})

// enumerate appends the canonical cells of n vertices.
//
// A cell is kept if no other order of its vertices comes earlier. That is
// decided for the edges first: most matrices have a smaller reordering and go
// with all their operations. For the others, the reorderings with the same
// matrix are its automorphisms, and only operations that no automorphism
// makes smaller are kept.
func enumerate(all []Spec, n int) []Spec {
	forEachMatrix(n, func(s Spec) {
		autos, ok := automorphisms(&s)
		if !ok {
			return
		}
		forEachOps(&s, func() {
			if smallestOps(&s, autos) {
				all = append(all, s)
			}
		})
	})
	return all
}

// forEachMatrix visits every pruned graph of n vertices and at most MaxEdges
// edges, in ascending edge bits.
func forEachMatrix(n int, visit func(Spec)) {
	for b := uint32(0); b < 1<<(n*(n-1)/2); b++ {
		if bits.OnesCount32(b) > MaxEdges {
			continue
		}
		if s := fromEdgeBits(n, b); s.full() {
			visit(s)
		}
	}
}

// forEachOps sets the inner operations to all values in lexical order.
func forEachOps(s *Spec, visit func()) {
	last := int(s.n) - 2
	for {
		visit()
		v := last
		for ; v > 0 && int(s.ops[v]) == innerOps-1; v-- {
			s.ops[v] = 0
		}
		if v <= 0 {
			return
		}
		s.ops[v]++
	}
}

// automorphisms returns the orders of vertices that leave the matrix as it
// is, and false where some order makes it smaller.
func automorphisms(s *Spec) (autos [][MaxVertices]uint8, canonical bool) {
	own := s.edgeBits()
	canonical = true
	var w *topological
	w = &topological{s: s, visit: func(r *Spec) bool {
		switch b := r.edgeBits(); {
		case b < own:
			canonical = false
		case b == own:
			autos = append(autos, w.vertex)
		}
		return canonical
	}}
	for v := 0; v < int(s.n); v++ {
		w.preds[v] = s.preds(v)
	}
	w.place(1, 1)
	return autos, canonical
}

// smallestOps reports whether no automorphism gives smaller operations.
func smallestOps(s *Spec, autos [][MaxVertices]uint8) bool {
	for _, order := range autos {
		for v := 1; v < int(s.n)-1; v++ {
			o := s.ops[order[v]]
			if o < s.ops[v] {
				return false
			}
			if o > s.ops[v] {
				break
			}
		}
	}
	return true
}

// Counts are numbers of cells in the space.
type Counts struct {
	Unique  int // different cells
	Labeled int // pruned matrices with operations, isomorphic ones counted each

	// By number of vertices, index 0..7: exactly that many, and labeled.
	ByVertices        []int
	LabeledByVertices []int
	// By number of edges, index 0..9: different cells.
	ByEdges []int
}

// Count enumerates the space and counts it.
func Count() Counts {
	c := Counts{
		ByVertices:        make([]int, MaxVertices+1),
		LabeledByVertices: make([]int, MaxVertices+1),
		ByEdges:           make([]int, MaxEdges+1),
	}
	for _, s := range wholeSpace() {
		c.Unique++
		c.ByVertices[s.Vertices()]++
		c.ByEdges[s.Edges()]++
	}
	ops := 1
	for n := 2; n <= MaxVertices; n++ {
		forEachMatrix(n, func(Spec) { c.LabeledByVertices[n] += ops })
		c.Labeled += c.LabeledByVertices[n]
		ops *= innerOps
	}
	return c
}
