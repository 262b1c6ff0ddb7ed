package nasbench

// Canonical returns the cell's representative among the cells isomorphic to
// it: the first in the order in which NAS-Bench-101's generator counts
// through all graphs (ascending edge bits, column by column; then operations
// in lexical order, conv3x3 before conv1x1 before maxpool3x3). That is the
// cell that the generator kept, so its channels and its parameters are those
// of the published tables.
func (s Spec) Canonical() Spec {
	if s.n == 0 {
		return s
	}
	best, bestBits, bestOps := s, s.edgeBits(), s.opsCode()
	s.reorderings(func(r *Spec) bool {
		b := r.edgeBits()
		if b > bestBits {
			return true
		}
		if o := r.opsCode(); b < bestBits || o < bestOps {
			best, bestBits, bestOps = *r, b, o
		}
		return true
	})
	return best
}

// Isomorphic reports whether an order of t's vertices makes it equal to s,
// operations included. It compares representatives, not hashes.
func (s Spec) Isomorphic(t Spec) bool { return s.Canonical() == t.Canonical() }

// opsCode returns the inner operations as a number in lexical order.
func (s *Spec) opsCode() uint32 {
	var c uint32
	for v := 1; v < int(s.n)-1; v++ {
		c = c*uint32(innerOps) + uint32(s.ops[v])
	}
	return c
}

// Reorderings returns every cell isomorphic to s, each once: the vertices in
// all orders that keep edges pointing forward.
func (s Spec) Reorderings() []Spec {
	seen := map[Spec]bool{}
	var all []Spec
	if s.n == 0 {
		return nil
	}
	s.reorderings(func(r *Spec) bool {
		if !seen[*r] {
			seen[*r] = true
			all = append(all, *r)
		}
		return true
	})
	return all
}

// reorderings calls visit with s under every order of its inner vertices that
// keeps edges pointing forward, until visit returns false.
func (s *Spec) reorderings(visit func(*Spec) bool) {
	w := topological{s: s, visit: visit}
	for v := 0; v < int(s.n); v++ {
		w.preds[v] = s.preds(v)
	}
	w.place(1, 1)
}

// topological walks the topological orders of s.
type topological struct {
	s      *Spec
	visit  func(*Spec) bool
	preds  [MaxVertices]uint8
	at     [MaxVertices]uint8 // at[v] is the new position of vertex v
	vertex [MaxVertices]uint8 // vertex[p] is the vertex now at position p
}

// place fills position p given the set of vertices placed before; it returns
// false where the walk is to end.
func (w *topological) place(p int, placed uint8) bool {
	n := int(w.s.n)
	if p == n-1 {
		w.at[n-1], w.vertex[p] = uint8(p), uint8(n-1)
		r := w.result()
		return w.visit(&r)
	}
	for v := 1; v < n-1; v++ {
		if placed>>v&1 == 1 || w.preds[v]&^placed != 0 {
			continue
		}
		w.at[v], w.vertex[p] = uint8(p), uint8(v)
		if !w.place(p+1, placed|1<<v) {
			return false
		}
	}
	return true
}

func (w *topological) result() Spec {
	n := int(w.s.n)
	r := Spec{n: w.s.n}
	for i := 0; i < n; i++ {
		v := w.vertex[i]
		r.ops[i] = w.s.ops[v]
		for j := i + 1; j < n; j++ {
			r.adj[i] |= (w.s.adj[v] >> w.vertex[j] & 1) << j
		}
	}
	return r
}
