package nasbench

import "fmt"

// Graph is a labeled directed acyclic graph as NAS-Bench-101 writes one: an
// upper triangular adjacency matrix (Matrix[i][j] = 1 for an edge from i to
// j) and the name of each vertex's operation. It may be of any size and need
// not be pruned; New makes a Spec of it where it is a cell of the space.
type Graph struct {
	Matrix [][]int
	Ops    []string
}

// Validate reports the first thing that makes g no graph of the kind: a
// matrix that is not square, an entry other than 0 and 1, an edge on or below
// the diagonal (which is how a cycle shows), fewer than two vertices, an
// unknown operation, a first vertex other than the input or a last one other
// than the output. It says nothing of size and connection: New does.
func (g Graph) Validate() error {
	n := len(g.Matrix)
	if n < 2 {
		return fmt.Errorf("nasbench: a matrix of %d rows: a cell has an input and an output at least", n)
	}
	for i, row := range g.Matrix {
		if len(row) != n {
			return fmt.Errorf("nasbench: the matrix is not square: row %d of %d has %d entries", i+1, n, len(row))
		}
		for j, e := range row {
			switch {
			case e != 0 && e != 1:
				return fmt.Errorf("nasbench: entry %d of matrix row %d is %d, want 0 or 1", j+1, i+1, e)
			case e == 1 && i == j:
				return fmt.Errorf("nasbench: the graph is cyclic: vertex %d has an edge to itself", i)
			case e == 1 && j < i:
				return fmt.Errorf("nasbench: the matrix is not upper triangular: edge from vertex %d back to vertex %d (a cycle, or vertices out of order)", i, j)
			}
		}
	}
	if len(g.Ops) != n {
		return fmt.Errorf("nasbench: %d operations for %d vertices", len(g.Ops), n)
	}
	for v, name := range g.Ops {
		o, err := ParseOp(name)
		switch {
		case err != nil:
			return fmt.Errorf("%w at vertex %d", err, v)
		case v == 0 && o != Input:
			return fmt.Errorf("nasbench: the first operation is %s, want input", o)
		case v == n-1 && o != Output:
			return fmt.Errorf("nasbench: the last operation is %s, want output", o)
		case v > 0 && v < n-1 && !o.inner():
			return fmt.Errorf("nasbench: operation %s at vertex %d: only the ends of a cell may be %s", o, v, o)
		}
	}
	return nil
}

// Edges returns the number of edges.
func (g Graph) Edges() int {
	k := 0
	for _, row := range g.Matrix {
		for _, e := range row {
			if e != 0 {
				k++
			}
		}
	}
	return k
}

// Prune returns g without the vertices that the input does not reach or that
// do not reach the output, the others in order, as NAS-Bench-101 does before
// it counts or hashes anything. An invalid graph, and one whose input and
// output are not connected, is an error.
func (g Graph) Prune() (Graph, error) {
	if err := g.Validate(); err != nil {
		return Graph{}, err
	}
	n := len(g.Matrix)
	fromInput, toOutput := make([]bool, n), make([]bool, n)
	fromInput[0], toOutput[n-1] = true, true
	for i := 0; i < n; i++ {
		for j := i + 1; j < n; j++ {
			if fromInput[i] && g.Matrix[i][j] == 1 {
				fromInput[j] = true
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			if toOutput[j] && g.Matrix[i][j] == 1 {
				toOutput[i] = true
			}
		}
	}
	if !fromInput[n-1] {
		return Graph{}, fmt.Errorf("nasbench: no path leads from the input to the output")
	}
	var keep []int
	for v := 0; v < n; v++ {
		if fromInput[v] && toOutput[v] {
			keep = append(keep, v)
		}
	}
	p := Graph{Matrix: make([][]int, len(keep)), Ops: make([]string, len(keep))}
	for a, i := range keep {
		p.Ops[a] = g.Ops[i]
		p.Matrix[a] = make([]int, len(keep))
		for b, j := range keep {
			p.Matrix[a][b] = g.Matrix[i][j]
		}
	}
	return p, nil
}

// labels returns each vertex's number in hashes; g must be valid.
func (g Graph) labels() []int {
	l := make([]int, len(g.Ops))
	for v, name := range g.Ops {
		o, err := ParseOp(name)
		if err != nil {
			panic(err)
		}
		l[v] = o.label()
	}
	return l
}

// Isomorphic reports whether an order of h's vertices makes h equal to g,
// operations included. It searches: exact, unlike equality of hashes, and
// exponential in the worst case. Both graphs are compared as they are,
// unpruned; invalid graphs are an error.
func (g Graph) Isomorphic(h Graph) (bool, error) {
	for _, x := range []Graph{g, h} {
		if err := x.Validate(); err != nil {
			return false, err
		}
	}
	n := len(g.Matrix)
	if n != len(h.Matrix) || g.Edges() != h.Edges() {
		return false, nil
	}
	m := matcher{g: g, h: h, gl: g.profiles(), hl: h.profiles(), image: make([]int, n), used: make([]bool, n)}
	return m.extend(0), nil
}

// profile is what isomorphic vertices share at sight.
type profile struct{ label, in, out int }

func (g Graph) profiles() []profile {
	p := make([]profile, len(g.Matrix))
	for v, l := range g.labels() {
		p[v].label = l
	}
	for i, row := range g.Matrix {
		for j, e := range row {
			p[i].out += e
			p[j].in += e
		}
	}
	return p
}

// matcher searches a mapping of g's vertices onto h's by backtracking.
type matcher struct {
	g, h   Graph
	gl, hl []profile
	image  []int
	used   []bool
}

func (m *matcher) extend(v int) bool {
	if v == len(m.image) {
		return true
	}
	for w := range m.used {
		if m.used[w] || m.gl[v] != m.hl[w] || !m.fits(v, w) {
			continue
		}
		m.image[v], m.used[w] = w, true
		if m.extend(v + 1) {
			return true
		}
		m.used[w] = false
	}
	return false
}

// fits reports whether mapping v to w keeps the edges between v and the
// vertices mapped before it.
func (m *matcher) fits(v, w int) bool {
	for u := 0; u < v; u++ {
		x := m.image[u]
		if m.g.Matrix[u][v] != m.h.Matrix[x][w] || m.g.Matrix[v][u] != m.h.Matrix[w][x] {
			return false
		}
	}
	return true
}
