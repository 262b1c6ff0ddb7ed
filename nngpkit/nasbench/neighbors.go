package nasbench

import (
	"cmp"
	"slices"
)

// Neighbors returns the different cells one change away, each as its Canonical
// representative, in the order of Enumerate, s itself apart. A change is:
//
//   - another operation for an inner vertex;
//   - an edge added, in either direction where that makes no cycle;
//   - an edge removed, and with it whatever then leads nowhere, as New prunes;
//   - an inner vertex of any operation added with one edge in and one out, the
//     reverse of removing an edge of such a vertex.
//
// Isomorphic cells have the same neighbors.
func (s Spec) Neighbors() []Spec {
	if s.n == 0 {
		return nil
	}
	w := neighborhood{own: s.Canonical(), found: map[Spec]bool{}}
	w.otherOps()
	w.otherEdges()
	w.oneVertexMore()
	return w.sorted()
}

type neighborhood struct {
	own   Spec
	found map[Spec]bool
}

// add keeps the cell that the graph of n vertices prunes to, where it is one.
// The graph may have edges that point backward, but no cycle.
func (w *neighborhood) add(s Spec) {
	p, ok := s.forward().pruned()
	if !ok || p.Edges() > MaxEdges {
		return
	}
	if p = p.Canonical(); p != w.own {
		w.found[p] = true
	}
}

func (w *neighborhood) otherOps() {
	for v := 1; v < int(w.own.n)-1; v++ {
		for o := range innerOps {
			s := w.own
			s.ops[v] = Op(o)
			w.add(s)
		}
	}
}

func (w *neighborhood) otherEdges() {
	n := int(w.own.n)
	reach := w.own.reach()
	for u := 0; u < n-1; u++ {
		for v := 1; v < n; v++ {
			if u == v || reach[v]>>u&1 == 1 { // v leads to u: a cycle
				continue
			}
			s := w.own
			s.adj[u] ^= 1 << v
			w.add(s)
		}
	}
}

func (w *neighborhood) oneVertexMore() {
	n := int(w.own.n)
	if n == MaxVertices || w.own.Edges()+2 > MaxEdges {
		return
	}
	reach := w.own.reach()
	for u := 0; u < n-1; u++ {
		for v := 1; v < n; v++ {
			if u == v || reach[v]>>u&1 == 1 {
				continue
			}
			for o := range innerOps {
				w.add(w.own.inserted(u, v, Op(o)))
			}
		}
	}
}

// inserted returns s with a vertex before the output that u leads to and that
// leads to v.
func (s Spec) inserted(u, v int, o Op) Spec {
	n := int(s.n)
	place := func(w int) int { // of an old vertex
		if w == n-1 {
			return n
		}
		return w
	}
	t := Spec{n: s.n + 1}
	for i := 0; i < n; i++ {
		t.ops[place(i)] = s.ops[i]
		for j := 0; j < n; j++ {
			if s.edge(i, j) {
				t.adj[place(i)] |= 1 << place(j)
			}
		}
	}
	t.ops[n-1] = o
	t.adj[place(u)] |= 1 << (n - 1)
	t.adj[n-1] |= 1 << place(v)
	return t
}

// reach returns the set of vertices that each vertex leads to, itself
// included.
func (s *Spec) reach() (r [MaxVertices]uint8) {
	for v := int(s.n) - 1; v >= 0; v-- {
		r[v] = 1 << v
		for w := v + 1; w < int(s.n); w++ {
			if s.edge(v, w) {
				r[v] |= r[w]
			}
		}
	}
	return r
}

// forward returns s, a graph without a cycle, with its vertices in an order in
// which every edge points forward; input first and output last.
func (s *Spec) forward() *Spec {
	n := int(s.n)
	w := topological{s: s}
	for u := 0; u < n; u++ {
		for v := 0; v < n; v++ {
			if s.adj[u]>>v&1 == 1 {
				w.preds[v] |= 1 << u
			}
		}
	}
	first := *s
	w.visit = func(r *Spec) bool { first = *r; return false }
	w.place(1, 1)
	return &first
}

// sorted returns what was found in the order of Enumerate.
func (w *neighborhood) sorted() []Spec {
	out := make([]Spec, 0, len(w.found))
	for s := range w.found {
		out = append(out, s)
	}
	slices.SortFunc(out, func(s, t Spec) int {
		return cmp.Or(cmp.Compare(s.n, t.n), cmp.Compare(s.edgeBits(), t.edgeBits()), cmp.Compare(s.opsCode(), t.opsCode()))
	})
	return out
}
