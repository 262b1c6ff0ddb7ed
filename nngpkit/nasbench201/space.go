package nasbench201

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// Space is NAS-Bench-201 behind the face that all spaces share, registered as
// "nasbench201": the 14,125 cells that differ up to isomorphism. Its key is the
// text of the canonical form. It is Indexed, in the order of Enumerate; a
// Finder; Tabular; its architectures are Neighborers, Costers, Describers and
// Shallowers.
// Width is the number of channels of the stem.
var Space space.Space = nasbench201{}

func init() { space.Register(Space) }

// Architecture returns a cell as an architecture of Space. A cell with an
// unknown operation is a programmer's mistake: it panics.
func Architecture(c Cell) space.Architecture {
	if err := c.Validate(); err != nil {
		panic(err)
	}
	return architecture{c}
}

// CellOf returns the cell of an architecture of Space, and an error for one of
// another space.
func CellOf(a space.Architecture) (Cell, error) {
	if x, ok := a.(architecture); ok {
		return x.cell, nil
	}
	if a == nil {
		return Cell{}, fmt.Errorf("nasbench201: no architecture")
	}
	return Cell{}, fmt.Errorf("nasbench201: %s is an architecture of %s", clip(a.String()), a.SpaceName())
}

type nasbench201 struct{}

func (nasbench201) Name() string { return "nasbench201" }

func (nasbench201) Info() space.Info {
	return space.Info{
		Title:     "NAS-Bench-201",
		About:     "15,625 cells of four nodes, each pair joined by one of five operations; 14,125 differ up to isomorphism",
		Reference: "Dong and Yang 2020, arXiv:2001.00326",
		Noun:      "cell",
		KeyColumn: "key",
		Form:      "operations by node, such as |nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|skip_connect~2|",
		Width:     StemWidth, MinWidth: 1, Input: ImageShape, Classes: Classes,
	}
}

func (nasbench201) Parse(text string) (space.Architecture, error) {
	c, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return architecture{c}, nil
}

func (nasbench201) Size() *big.Int { return big.NewInt(Different) }

// purposeSample makes uses of one seed independent.
const purposeSample uint64 = 0x6e6173323031

func (s nasbench201) Sample(n int, seed uint64) ([]space.Architecture, error) {
	return space.SampleIndexed(s, n, seed, purposeSample)
}

// At implements space.Indexed.
func (nasbench201) At(i int64) (space.Architecture, error) {
	if i < 0 || i >= Different {
		return nil, fmt.Errorf("nasbench201: cell %d of %d", i, Different)
	}
	return architecture{different()[i]}, nil
}

// ByKey implements space.Finder: a key is a text form. That of a cell that is
// not canonical finds the canonical one.
func (nasbench201) ByKey(_ context.Context, key string) (space.Architecture, error) {
	c, err := Parse(key)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", err, space.ErrNotKey)
	}
	return architecture{c.Canonical()}, nil
}

// The columns that spell a cell: this project's, those of other tables, and
// NASLib's six numbers.
var cellColumns = [][]string{{"arch"}, {"arch_str"}, {"net_str"}, {"net"}}

// Columns implements space.Tabular.
func (nasbench201) Columns() [][]string { return cellColumns }

// ParseColumns implements space.Tabular. A value may be a text form, or six
// numbers as FromIndices takes them.
func (s nasbench201) ParseColumns(columns, values []string) (space.Architecture, error) {
	if len(columns) != 1 || len(values) != 1 {
		return nil, fmt.Errorf("nasbench201: %d values of columns %v: a cell is one text", len(values), columns)
	}
	if v := strings.TrimSpace(values[0]); strings.HasPrefix(v, "(") || strings.HasPrefix(v, "[") {
		c, err := parseIndices(v)
		if err != nil {
			return nil, err
		}
		return architecture{c}, nil
	}
	return s.Parse(values[0])
}

// parseIndices reads "(3, 1, 0, 2, 4, 0)".
func parseIndices(text string) (Cell, error) {
	fields := strings.Split(strings.Trim(text, "()[] "), ",")
	if len(fields) != Edges {
		return Cell{}, fmt.Errorf("nasbench201: %s has %d numbers, want %d", clip(text), len(fields), Edges)
	}
	var indices [Edges]int
	for k, f := range fields {
		n, err := strconv.Atoi(strings.TrimSpace(f))
		if err != nil {
			return Cell{}, fmt.Errorf("nasbench201: number %d of %s is none", k+1, clip(text))
		}
		indices[k] = n
	}
	return FromIndices(indices)
}

// Spell implements space.Tabular.
func (nasbench201) Spell(a space.Architecture) []string { return []string{a.String()} }

// architecture is a valid cell as a space.Architecture.
type architecture struct{ cell Cell }

func (a architecture) SpaceName() string { return Space.Name() }

func (a architecture) String() string { return a.cell.String() }

// Key returns the text of the canonical form.
func (a architecture) Key() string { return a.cell.Canonical().String() }

func (a architecture) Canonical() space.Architecture { return architecture{a.cell.Canonical()} }

func (a architecture) MinWidth() int { return 1 }

func (a architecture) Network(width int, input arch.Shape) (*arch.Network, error) {
	if width < 1 {
		return nil, fmt.Errorf("nasbench201: a width of %d: want at least 1", width)
	}
	return a.cell.Canonical().Network(Skeleton{Width: width, Input: input})
}

// Shallow implements space.Shallower: one cell in each of the three stages.
func (a architecture) Shallow(width int, input arch.Shape) (*arch.Network, error) {
	if width < 1 {
		return nil, fmt.Errorf("nasbench201: a width of %d: want at least 1", width)
	}
	return a.cell.Canonical().Network(Skeleton{Width: width, Cells: 1, Input: input})
}

func (a architecture) Parameters() int { return a.cell.Parameters(Skeleton{}) }

func (a architecture) MACs() int64 { return a.cell.MACs(Skeleton{}) }

// MACsAt implements space.Coster.
func (a architecture) MACsAt(width int, input arch.Shape) (int64, error) {
	if width < 1 {
		return 0, fmt.Errorf("nasbench201: a width of %d: want at least 1", width)
	}
	k := Skeleton{Width: width, Input: input}
	if err := k.withDefaults().check(); err != nil {
		return 0, err
	}
	return a.cell.MACs(k), nil
}

// spaceCounts are the free counts of the space.
var spaceCounts = []struct {
	space.Count
	of func(a architecture, s *Stats) int64
}{
	{space.Count{Name: "conv3x3", Label: "3x3 convolutions"}, func(_ architecture, s *Stats) int64 { return int64(s.Conv3x3) }},
	{space.Count{Name: "conv1x1", Label: "1x1 convolutions"}, func(_ architecture, s *Stats) int64 { return int64(s.Conv1x1) }},
	{space.Count{Name: "avgpool3x3", Label: "mean poolings"}, func(_ architecture, s *Stats) int64 { return int64(s.AvgPool3x3) }},
	{space.Count{Name: "skips", Label: "skips"}, func(_ architecture, s *Stats) int64 { return int64(s.Skip) }},
	{space.Count{Name: "nones", Label: "edges that carry nothing"}, func(_ architecture, s *Stats) int64 { return int64(s.None) }},
	{space.Count{Name: "shortest_path", Label: "edges on the shortest path"}, func(_ architecture, s *Stats) int64 { return int64(s.ShortestPath) }},
	{space.Count{Name: "longest_path", Label: "edges on the longest path"}, func(_ architecture, s *Stats) int64 { return int64(s.LongestPath) }},
	{space.Count{Name: "paths", Label: "paths from input to output"}, func(_ architecture, s *Stats) int64 { return int64(s.Paths) }},
	{space.Count{Name: "conv_depth", Label: "most convolutions on a path"}, func(_ architecture, s *Stats) int64 { return int64(s.ConvDepth) }},
	{space.Count{Name: "conv3x3_depth", Label: "most 3x3 convolutions on a path"}, func(_ architecture, s *Stats) int64 { return int64(s.Conv3x3Depth) }},
	{space.Count{Name: "live_convs", Label: "convolutions that reach the output"}, func(_ architecture, s *Stats) int64 { return int64(s.LiveConvs) }},
	{space.Count{Name: "published_flops", Label: "operations as published tables count"}, func(a architecture, _ *Stats) int64 { return a.cell.PublishedFLOPs(Skeleton{}) }},
}

func (nasbench201) Counts() []space.Count {
	out := make([]space.Count, len(spaceCounts))
	for i, c := range spaceCounts {
		out[i] = c.Count
	}
	return out
}

func (a architecture) Counts() []float64 {
	st := a.cell.Stats()
	out := make([]float64, len(spaceCounts))
	for i, c := range spaceCounts {
		out[i] = float64(c.of(a, &st))
	}
	return out
}

// Describe implements space.Describer.
func (a architecture) Describe(int) []space.Detail {
	return []space.Detail{{Name: "topology", Label: "topology", Value: a.cell.Topology()}}
}

// Neighbors implements space.Neighborer: see Cell.Neighbors.
func (a architecture) Neighbors() []space.Architecture {
	all := a.cell.Neighbors()
	out := make([]space.Architecture, len(all))
	for i, c := range all {
		out[i] = architecture{c}
	}
	return out
}

// Neighbors returns the different cells in which one edge has another
// operation, each as its Canonical form, in the order of All. Isomorphic cells
// have the same.
func (c Cell) Neighbors() []Cell {
	own := c.Canonical()
	found := map[Cell]bool{}
	for k := range own {
		for o := Op(0); o < ops; o++ {
			n := own
			n[k] = o
			if n = n.Canonical(); n != own {
				found[n] = true
			}
		}
	}
	out := make([]Cell, 0, len(found))
	for n := range found {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b Cell) int { return slices.Compare(a[:], b[:]) })
	return out
}
