package nasbench

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// architecture is a valid cell as a space.Architecture.
type architecture struct{ spec Spec }

func (a architecture) SpaceName() string { return Space.Name() }

func (a architecture) String() string { return a.spec.String() }

// Key returns the published hash.
func (a architecture) Key() string { return a.spec.Hash() }

func (a architecture) Canonical() space.Architecture { return architecture{a.spec.Canonical()} }

func (a architecture) MinWidth() int { return a.spec.MinStem() }

func (a architecture) Network(width int, input arch.Shape) (*arch.Network, error) {
	return a.spec.Canonical().Network(width, input)
}

func (a architecture) Parameters() int { return a.spec.Parameters(StemWidth) }

func (a architecture) MACs() int64 { return a.spec.FLOPs(StemWidth) / 2 }

// MACsAt implements space.Coster.
func (a architecture) MACsAt(width int, input arch.Shape) (int64, error) {
	c := a.spec.Canonical()
	if input == (arch.Shape{}) || input == ImageShape {
		if m := c.MinStem(); width < m {
			return 0, c.tooNarrow(width)
		}
		return c.FLOPs(width) / 2, nil
	}
	net, err := c.Network(width, input)
	if err != nil {
		return 0, err
	}
	return net.FLOPs() / 2, nil
}

// spaceCounts are the free counts of the space, from Stats.
var spaceCounts = []struct {
	space.Count
	of func(*Stats) int
}{
	{space.Count{Name: "conv3x3", Label: "3x3 convolutions"}, func(s *Stats) int { return s.Conv3x3 }},
	{space.Count{Name: "conv1x1", Label: "1x1 convolutions"}, func(s *Stats) int { return s.Conv1x1 }},
	{space.Count{Name: "maxpool3x3", Label: "max poolings"}, func(s *Stats) int { return s.MaxPool3x3 }},
	{space.Count{Name: "vertices", Label: "vertices"}, func(s *Stats) int { return s.Vertices }},
	{space.Count{Name: "edges", Label: "edges"}, func(s *Stats) int { return s.Edges }},
	{space.Count{Name: "shortest_path", Label: "edges on the shortest path"}, func(s *Stats) int { return s.ShortestPath }},
	{space.Count{Name: "longest_path", Label: "edges on the longest path"}, func(s *Stats) int { return s.LongestPath }},
	{space.Count{Name: "paths", Label: "paths from input to output"}, func(s *Stats) int { return s.Paths }},
	{space.Count{Name: "conv_depth", Label: "most convolutions on a path"}, func(s *Stats) int { return s.ConvDepth }},
	{space.Count{Name: "conv3x3_depth", Label: "most 3x3 convolutions on a path"}, func(s *Stats) int { return s.Conv3x3Depth }},
	{space.Count{Name: "input_degree", Label: "edges out of the input"}, func(s *Stats) int { return s.InputDegree }},
	{space.Count{Name: "output_degree", Label: "edges into the output"}, func(s *Stats) int { return s.OutputDegree }},
	{space.Count{Name: "skip", Label: "an edge from input to output"}, func(s *Stats) int {
		if s.Skip {
			return 1
		}
		return 0
	}},
}

func (nasbench101) Counts() []space.Count {
	out := make([]space.Count, len(spaceCounts))
	for i, c := range spaceCounts {
		out[i] = c.Count
	}
	return out
}

func (a architecture) Counts() []float64 {
	st := a.spec.Stats()
	out := make([]float64, len(spaceCounts))
	for i, c := range spaceCounts {
		out[i] = float64(c.of(&st))
	}
	return out
}

// Neighbors implements space.Neighborer: see Spec.Neighbors.
func (a architecture) Neighbors() []space.Architecture {
	return architectures(a.spec.Neighbors())
}

func (s *Spec) tooNarrow(stem int) error {
	m := s.MinStem()
	return fmt.Errorf("nasbench: a stem of %d channels: this cell splits the channels over %d vertices and needs %d", stem, m, m)
}

// Describe implements space.Describer: the channels of the vertices of each
// stack's first and later modules.
func (a architecture) Describe(width int) []space.Detail {
	c := func(in, out int) []int { return a.spec.Channels(in*width, out*width) }
	return []space.Detail{{
		Name: "channels", Label: "channels by vertex",
		Value: [][]int{c(1, 1), c(1, 2), c(2, 2), c(2, 4), c(4, 4)},
	}}
}
