package nasbench201

import (
	"fmt"
	"sort"
	"strings"
)

// Op is the operation of an edge, numbered as the published list of operations.
type Op uint8

// The operations.
const (
	None       Op = iota // zeros
	Skip                 // the identity
	Conv1x1              // ReLU, 1x1 convolution, batch normalization
	Conv3x3              // ReLU, 3x3 convolution, batch normalization
	AvgPool3x3           // 3x3 mean of the pixels inside the image, stride 1
	ops                  // the number of operations
)

var opNames = [ops]string{"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"}

// String returns the published name, such as nor_conv_3x3.
func (o Op) String() string {
	if o < ops {
		return opNames[o]
	}
	return fmt.Sprintf("op(%d)", uint8(o))
}

// ParseOp returns the operation of a published name.
func ParseOp(name string) (Op, error) {
	for o, known := range opNames {
		if name == known {
			return Op(o), nil
		}
	}
	return 0, fmt.Errorf("nasbench201: unknown operation %s (known: %s)", clip(name), strings.Join(opNames[:], ", "))
}

// Nodes and Edges are the numbers of nodes and edges of a cell. Node 0 is the
// input, node 3 the output.
const (
	Nodes = 4
	Edges = 6
)

// Size is the number of cells as written down; Different that of cells up to
// isomorphism.
const (
	Size      = 15625
	Different = 14125
)

// Cell is the operations of the six edges, in the order of the text form:
// 0 to 1; 0 to 2, 1 to 2; 0 to 3, 1 to 3, 2 to 3. Cells are values: compare
// them with ==, use them as map keys. Every value with known operations is a
// cell; the zero Cell has no connection at all.
type Cell [Edges]Op

// edge returns the place of the edge from node i to node j, i < j.
func edge(i, j int) int { return j*(j-1)/2 + i }

// Op returns the operation of the edge from node i to node j, 0 <= i < j < 4.
func (c Cell) Op(i, j int) Op {
	if i < 0 || i >= j || j >= Nodes {
		panic(fmt.Sprintf("nasbench201: no edge from node %d to node %d", i, j))
	}
	return c[edge(i, j)]
}

// Validate returns an error for a cell with an operation that is none.
func (c Cell) Validate() error {
	for j := 1; j < Nodes; j++ {
		for i := 0; i < j; i++ {
			if o := c[edge(i, j)]; o >= ops {
				return fmt.Errorf("nasbench201: %v on the edge from node %d to node %d is no operation", o, i, j)
			}
		}
	}
	return nil
}

// String returns the text form of the published tables, such as
// |nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|none~1|none~2|.
func (c Cell) String() string {
	var b strings.Builder
	for j := 1; j < Nodes; j++ {
		if j > 1 {
			b.WriteByte('+')
		}
		b.WriteByte('|')
		for i := 0; i < j; i++ {
			fmt.Fprintf(&b, "%v~%d|", c[edge(i, j)], i)
		}
	}
	return b.String()
}

// Parse reads a cell from the text that String writes. Spaces around names do
// not count. The error names the node and what is wrong with it.
func Parse(text string) (Cell, error) {
	var c Cell
	text = strings.TrimSpace(text)
	if text == "" {
		return c, fmt.Errorf("nasbench201: an empty text")
	}
	if !strings.Contains(text, "|") || !strings.Contains(text, "~") {
		return c, fmt.Errorf("nasbench201: %s is no cell: want |op~0|+|op~0|op~1|+|op~0|op~1|op~2|", clip(text))
	}
	nodes := strings.Split(text, "+")
	if len(nodes) != Nodes-1 {
		return Cell{}, fmt.Errorf("nasbench201: %s has %d nodes beside the input, want %d, separated by +", clip(text), len(nodes), Nodes-1)
	}
	for k, node := range nodes {
		if err := c.parseNode(k+1, strings.TrimSpace(node)); err != nil {
			return Cell{}, err
		}
	}
	return c, nil
}

// parseNode reads |op~0|op~1| for node j.
func (c *Cell) parseNode(j int, text string) error {
	if len(text) < 2 || text[0] != '|' || text[len(text)-1] != '|' {
		return fmt.Errorf("nasbench201: node %d is %s: want |op~0|, a bar at both ends", j, clip(text))
	}
	edges := strings.Split(text[1:len(text)-1], "|")
	if len(edges) != j {
		return fmt.Errorf("nasbench201: node %d has %d edges, want %d, one from every node before it", j, len(edges), j)
	}
	for i, e := range edges {
		name, from, ok := strings.Cut(e, "~")
		if !ok || strings.TrimSpace(from) != fmt.Sprint(i) {
			return fmt.Errorf("nasbench201: edge %d of node %d is %s: want an operation and ~%d", i, j, clip(e), i)
		}
		o, err := ParseOp(strings.TrimSpace(name))
		if err != nil {
			return fmt.Errorf("%w on edge %d of node %d", err, i, j)
		}
		c[edge(i, j)] = o
	}
	return nil
}

// clip quotes s for a message, cut to a readable length.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%q... (%d bytes)", s[:most], len(s))
	}
	return fmt.Sprintf("%q", s)
}

// swapped returns the cell with its two inner nodes exchanged, and false where
// an edge between them fixes their order.
func (c Cell) swapped() (Cell, bool) {
	if c[edge(1, 2)] != None {
		return c, false
	}
	s := c
	s[edge(0, 1)], s[edge(0, 2)] = c[edge(0, 2)], c[edge(0, 1)]
	s[edge(1, 3)], s[edge(2, 3)] = c[edge(2, 3)], c[edge(1, 3)]
	return s, true
}

// less orders cells as All does.
func (c Cell) less(d Cell) bool {
	for k := range c {
		if c[k] != d[k] {
			return c[k] < d[k]
		}
	}
	return false
}

// Canonical returns the cell that stands for all isomorphic to c: of c and c
// with its inner nodes exchanged, where nothing fixes their order, the first in
// the order of All. Isomorphic cells have equal numbers of parameters and
// operations, and the same network up to the order of its nodes.
//
// What only computes the same at initialization, such as a skip on a zero, is
// not isomorphic: its parameters may differ. See Topology.
func (c Cell) Canonical() Cell {
	if s, ok := c.swapped(); ok && s.less(c) {
		return s
	}
	return c
}

// Topology returns the text by which the authors tell apart topologies: node by
// node its incoming edges in sorted order, skips replaced by their sources, and
// zeros, also of zeros, by #. 6,466 different texts remain of 15,625 cells.
// Cells of one text compute the same up to trained shifts of zeros.
func (c Cell) Topology() string {
	nodes := [Nodes]string{"0"}
	for j := 1; j < Nodes; j++ {
		terms := make([]string, j)
		for i := range terms {
			switch o := c[edge(i, j)]; {
			case o == None || nodes[i] == "#":
				terms[i] = "#"
			case o == Skip:
				terms[i] = nodes[i]
			default:
				terms[i] = "(" + nodes[i] + ")@" + o.String()
			}
		}
		sort.Strings(terms)
		nodes[j] = strings.Join(terms, "+")
	}
	return nodes[Nodes-1]
}

// FromIndices returns the cell that NASLib writes as six numbers: the edges in
// the order 0-1, 0-2, 0-3, 1-2, 1-3, 2-3; 0 for skip_connect, 1 none, 2
// nor_conv_3x3, 3 nor_conv_1x1, 4 avg_pool_3x3. The error names the first
// number that is none.
func FromIndices(indices [Edges]int) (Cell, error) {
	named := [...]Op{Skip, None, Conv3x3, Conv1x1, AvgPool3x3}
	var c Cell
	for k, at := range [Edges][2]int{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}} {
		n := indices[k]
		if n < 0 || n >= len(named) {
			return Cell{}, fmt.Errorf("nasbench201: number %d of %v is %d, want 0 to %d", k+1, indices, n, len(named)-1)
		}
		c[edge(at[0], at[1])] = named[n]
	}
	return c, nil
}
