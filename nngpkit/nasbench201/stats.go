package nasbench201

// Stats are simple properties of a cell.
type Stats struct {
	None, Skip, Conv1x1, Conv3x3, AvgPool3x3 int // edges of each operation

	ShortestPath int // edges on the shortest path from input to output, 0 where there is none
	LongestPath  int // edges on the longest
	Paths        int // number of paths
	ConvDepth    int // most convolutions (3x3 and 1x1) on a path
	Conv3x3Depth int // most 3x3 convolutions on a path
	LiveConvs    int // convolutions on a path from input to output
}

// Stats returns the cell's properties. A path is a chain of edges whose
// operations are not none.
func (c Cell) Stats() Stats {
	var st Stats
	for _, o := range c {
		switch o {
		case None:
			st.None++
		case Skip:
			st.Skip++
		case Conv1x1:
			st.Conv1x1++
		case Conv3x3:
			st.Conv3x3++
		case AvgPool3x3:
			st.AvgPool3x3++
		default:
			panic("nasbench201: no count of " + o.String())
		}
	}
	st.walk(c, 0, path{})
	from, to := c.reached()
	for j := 1; j < Nodes; j++ {
		for i := 0; i < j; i++ {
			if o := c[edge(i, j)]; o.conv() && from[i] && to[j] {
				st.LiveConvs++
			}
		}
	}
	return st
}

// conv reports whether the operation is a convolution.
func (o Op) conv() bool { return o == Conv1x1 || o == Conv3x3 }

// reached says which nodes the input leads to, and which lead to the output.
func (c Cell) reached() (from, to [Nodes]bool) {
	from[0], to[Nodes-1] = true, true
	for j := 1; j < Nodes; j++ {
		for i := 0; i < j; i++ {
			from[j] = from[j] || from[i] && c[edge(i, j)] != None
		}
	}
	for i := Nodes - 2; i >= 0; i-- {
		for j := i + 1; j < Nodes; j++ {
			to[i] = to[i] || to[j] && c[edge(i, j)] != None
		}
	}
	return from, to
}

type path struct{ edges, convs, conv3 int }

// walk visits every path from node i to the output; there are at most four.
func (st *Stats) walk(c Cell, i int, p path) {
	if i == Nodes-1 {
		st.Paths++
		if st.ShortestPath == 0 || p.edges < st.ShortestPath {
			st.ShortestPath = p.edges
		}
		st.LongestPath = max(st.LongestPath, p.edges)
		st.ConvDepth = max(st.ConvDepth, p.convs)
		st.Conv3x3Depth = max(st.Conv3x3Depth, p.conv3)
		return
	}
	for j := i + 1; j < Nodes; j++ {
		o := c[edge(i, j)]
		if o == None {
			continue
		}
		q := path{p.edges + 1, p.convs, p.conv3}
		if o.conv() {
			q.convs++
		}
		if o == Conv3x3 {
			q.conv3++
		}
		st.walk(c, j, q)
	}
}
