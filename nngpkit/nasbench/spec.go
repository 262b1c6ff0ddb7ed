package nasbench

import (
	"fmt"
	"math/bits"
	"strings"
)

// The limits of the space, both of the pruned cell.
const (
	MaxVertices = 7
	MaxEdges    = 9
)

// Spec is a cell of the space: pruned, within the limits, its vertices in the
// order given. Specs are values: compare them with ==, use them as map keys.
// Two Specs that differ only in the order of their vertices are different
// values of the same network up to a rounding of channels; see Canonical.
//
// The zero Spec is no cell; its methods say so or return zero.
type Spec struct {
	n   uint8
	adj [MaxVertices]uint8 // bit j of adj[i]: edge from i to j
	ops [MaxVertices]Op    // Input first, Output last; zero beyond n
}

// New checks a matrix and its operations, prunes them as NAS-Bench-101 does,
// and returns the cell. The error names the first thing wrong: see
// Graph.Validate and Graph.Prune, and the limits of 7 vertices and 9 edges,
// which hold after pruning.
func New(matrix [][]int, ops []string) (Spec, error) {
	return FromGraph(Graph{Matrix: matrix, Ops: ops})
}

// FromGraph is New for a Graph.
func FromGraph(g Graph) (Spec, error) {
	p, err := g.Prune()
	if err != nil {
		return Spec{}, err
	}
	n, pruned := len(p.Matrix), ""
	if n < len(g.Matrix) {
		pruned = " after pruning"
	}
	if n > MaxVertices {
		return Spec{}, fmt.Errorf("nasbench: %d vertices%s, at most %d allowed", n, pruned, MaxVertices)
	}
	if e := p.Edges(); e > MaxEdges {
		return Spec{}, fmt.Errorf("nasbench: %d edges%s, at most %d allowed", e, pruned, MaxEdges)
	}
	s := Spec{n: uint8(n)}
	for i, row := range p.Matrix {
		if s.ops[i], err = ParseOp(p.Ops[i]); err != nil {
			return Spec{}, fmt.Errorf("%w at vertex %d", err, i)
		}
		for j, e := range row {
			s.adj[i] |= uint8(e) << j
		}
	}
	return s, nil
}

// Validate returns an error for the zero Spec, and nil for every Spec that
// this package made.
func (s Spec) Validate() error {
	if s.n == 0 {
		return fmt.Errorf("nasbench: the zero Spec is no cell")
	}
	for v := 1; v < int(s.n)-1; v++ {
		if !s.ops[v].inner() {
			return fmt.Errorf("nasbench: operation %v at vertex %d: only the ends of a cell may be other than %s", s.ops[v], v, innerNames())
		}
	}
	return nil
}

// Graph returns the cell as a matrix and operation names, a copy.
func (s Spec) Graph() Graph {
	g := Graph{Matrix: make([][]int, s.n), Ops: make([]string, s.n)}
	for i := range g.Matrix {
		g.Ops[i] = s.ops[i].String()
		g.Matrix[i] = make([]int, s.n)
		for j := range g.Matrix[i] {
			g.Matrix[i][j] = int(s.adj[i] >> j & 1)
		}
	}
	return g
}

// Vertices returns the number of vertices, input and output included.
func (s Spec) Vertices() int { return int(s.n) }

// Edges returns the number of edges.
func (s Spec) Edges() int {
	k := 0
	for _, a := range s.adj {
		k += bits.OnesCount8(a)
	}
	return k
}

// HasEdge reports whether an edge leads from vertex i to vertex j.
func (s Spec) HasEdge(i, j int) bool {
	return i >= 0 && j >= 0 && i < int(s.n) && j < int(s.n) && s.edge(i, j)
}

func (s *Spec) edge(i, j int) bool { return s.adj[i]>>uint(j)&1 == 1 }

// preds returns the set of predecessors of vertex v as bits.
func (s *Spec) preds(v int) uint8 {
	var p uint8
	for u := 0; u < v; u++ {
		p |= (s.adj[u] >> uint(v) & 1) << uint(u)
	}
	return p
}

// Op returns the operation of vertex v, 0 <= v < Vertices().
func (s Spec) Op(v int) Op {
	if v < 0 || v >= int(s.n) {
		panic(fmt.Sprintf("nasbench: vertex %d of %d", v, s.n))
	}
	return s.ops[v]
}

// Ops returns the names of the operations, a new slice.
func (s Spec) Ops() []string { return s.Graph().Ops }

// Matrix returns the adjacency matrix, a new one.
func (s Spec) Matrix() [][]int { return s.Graph().Matrix }

// MatrixString returns the matrix as rows of digits separated by slashes,
// which Parse reads.
func (s Spec) MatrixString() string {
	rows := make([]string, s.n)
	for i := range rows {
		rows[i] = s.row(i)
	}
	return strings.Join(rows, "/")
}

func (s Spec) row(i int) string {
	b := make([]byte, s.n)
	for j := range b {
		b[j] = '0' + s.adj[i]>>j&1
	}
	return string(b)
}

// Digits returns the matrix as V*V digits, row after row, as the published
// files store it.
func (s Spec) Digits() string { return strings.ReplaceAll(s.MatrixString(), "/", "") }

// OpsString returns the operations separated by commas, which Parse reads.
func (s Spec) OpsString() string { return strings.Join(s.Ops(), ",") }

// String returns the matrix and the operations on one line.
func (s Spec) String() string {
	if s.n == 0 {
		return "(no cell)"
	}
	return s.MatrixString() + " " + s.OpsString()
}

// codeBits is the room of an inner operation in a Code.
const codeBits = 2

// A Code has room for every inner operation: one too many would not compile.
var _ [1<<codeBits - innerOps]struct{}

// Code returns the cell packed into 34 bits, vertex order included: a stable
// key for files. SpecFromCode reverses it.
func (s Spec) Code() uint64 {
	code := uint64(s.n)
	code |= uint64(s.edgeBits()) << 3
	for v := 1; v < int(s.n)-1; v++ {
		code |= uint64(s.ops[v]) << (24 + codeBits*(v-1))
	}
	return code
}

// SpecFromCode returns the cell of a Code, and an error where code is none.
func SpecFromCode(code uint64) (Spec, error) {
	n := int(code & 7)
	var s Spec
	if n >= 2 {
		s = fromEdgeBits(n, uint32(code>>3&(1<<21-1)))
		for v := 1; v < n-1; v++ {
			s.ops[v] = Op(code >> (24 + codeBits*(v-1)) & (1<<codeBits - 1))
		}
	}
	if n < 2 || s.Code() != code || !s.full() || s.Edges() > MaxEdges {
		return Spec{}, fmt.Errorf("nasbench: %#x is no cell's code", code)
	}
	for v := 1; v < n-1; v++ {
		if !s.ops[v].inner() {
			return Spec{}, fmt.Errorf("nasbench: %#x is no cell's code", code)
		}
	}
	return s, nil
}

// edgeIndex numbers the places above the diagonal column by column, as
// NAS-Bench-101's generator does: edge x -> y, x < y.
func edgeIndex(x, y int) int { return x + y*(y-1)/2 }

// edgeBits returns the matrix as one number, bit edgeIndex(x, y) for edge
// x -> y: the number by which the generator counts through all graphs.
func (s *Spec) edgeBits() uint32 {
	var b uint32
	for y := 1; y < int(s.n); y++ {
		b |= uint32(s.preds(y)) << edgeIndex(0, y)
	}
	return b
}

// fromEdgeBits returns the cell of n vertices with those edges and every
// inner operation zero.
func fromEdgeBits(n int, b uint32) Spec {
	s := Spec{n: uint8(n)}
	for y := 1; y < n; y++ {
		for x := 0; x < y; x++ {
			s.adj[x] |= uint8(b>>edgeIndex(x, y)&1) << y
		}
	}
	s.ops[0], s.ops[n-1] = Input, Output
	return s
}

// full reports whether pruning would remove nothing: every vertex but the
// output has a successor and every vertex but the input a predecessor, which
// in a graph without backward edges is the same.
func (s *Spec) full() bool {
	var reached uint8 = 1
	for i := 0; i < int(s.n)-1; i++ {
		if s.adj[i] == 0 {
			return false
		}
		reached |= s.adj[i]
	}
	return reached == uint8(1<<s.n-1)
}
