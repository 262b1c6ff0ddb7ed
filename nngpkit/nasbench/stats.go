package nasbench

import (
	"fmt"
	"math/bits"
)

// Stats are simple properties of a cell that predict accuracy surprisingly
// well or badly, and so are baselines for any cleverer signal.
type Stats struct {
	Vertices, Edges              int
	Conv3x3, Conv1x1, MaxPool3x3 int  // vertices of each operation
	Convs                        int  // Conv3x3 + Conv1x1
	ShortestPath                 int  // edges on the shortest path from input to output
	LongestPath                  int  // edges on the longest
	Paths                        int  // number of paths from input to output
	ConvDepth                    int  // most convolutions (3x3 and 1x1) on a path, projections apart
	Conv3x3Depth                 int  // most 3x3 convolutions on a path
	OutputDegree                 int  // edges into the output
	InputDegree                  int  // edges out of the input
	Skip                         bool // an edge leads from the input to the output
}

// Stats returns the cell's properties.
func (s Spec) Stats() Stats {
	var st Stats
	if s.n == 0 {
		return st
	}
	last := int(s.n) - 1
	st.Vertices, st.Edges = s.Vertices(), s.Edges()
	st.Conv3x3, st.Conv1x1, st.MaxPool3x3 = s.count(Conv3x3), s.count(Conv1x1), s.count(MaxPool3x3)
	st.Convs = st.Conv3x3 + st.Conv1x1
	st.InputDegree = bits.OnesCount8(s.adj[0])
	st.OutputDegree = bits.OnesCount8(s.preds(last))
	st.Skip = s.edge(0, last)
	st.paths(&s)
	return st
}

// paths fills what is found by walking the vertices in order.
func (st *Stats) paths(s *Spec) {
	type walk struct{ short, long, paths, convs, conv3 int }
	var at [MaxVertices]walk
	at[0].paths = 1
	for v := 1; v < int(s.n); v++ {
		w := walk{short: MaxVertices}
		for u := 0; u < v; u++ {
			if !s.edge(u, v) {
				continue
			}
			p := at[u]
			w.short = min(w.short, p.short+1)
			w.long = max(w.long, p.long+1)
			w.convs = max(w.convs, p.convs)
			w.conv3 = max(w.conv3, p.conv3)
			w.paths += p.paths
		}
		switch s.ops[v] {
		case Conv3x3:
			w.convs++
			w.conv3++
		case Conv1x1:
			w.convs++
		case MaxPool3x3, Output: // no convolution
		default:
			panic(fmt.Sprintf("nasbench: no path through %v", s.ops[v]))
		}
		at[v] = w
	}
	w := at[s.n-1]
	st.ShortestPath, st.LongestPath, st.Paths = w.short, w.long, w.paths
	st.ConvDepth, st.Conv3x3Depth = w.convs, w.conv3
}

func (s *Spec) count(o Op) int {
	k := 0
	for v := 1; v < int(s.n)-1; v++ {
		if s.ops[v] == o {
			k++
		}
	}
	return k
}

// Conv3x3 returns the number of 3x3 convolution vertices: the best of the
// trivial predictors of accuracy in this space.
func (s Spec) Conv3x3() int { return s.count(Conv3x3) }

// Conv1x1 returns the number of 1x1 convolution vertices, projections apart.
func (s Spec) Conv1x1() int { return s.count(Conv1x1) }

// MaxPool3x3 returns the number of max pooling vertices.
func (s Spec) MaxPool3x3() int { return s.count(MaxPool3x3) }

// Depth returns the number of edges on the longest path from input to output.
func (s Spec) Depth() int { return s.Stats().LongestPath }

// ShortestPath returns the number of edges on the shortest path from input to
// output.
func (s Spec) ShortestPath() int { return s.Stats().ShortestPath }
