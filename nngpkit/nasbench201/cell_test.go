package nasbench201

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/space/spacetest"
)

// The cell of the published documentation's example of a query.
const documented = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|"

// The authors' own ResNet-like cell (lib/models/cell_searchs/genotypes.py of
// D-X-Y/AutoDL-Projects), with the edges that it lacks as none.
const resnet = "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|"

func mustParse(t testing.TB, text string) Cell {
	t.Helper()
	c, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSpace(t *testing.T) {
	spacetest.Run(t, Space, spacetest.Options{
		Rewrite: func(a space.Architecture) []space.Architecture {
			c, err := CellOf(a)
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := c.swapped(); ok {
				return []space.Architecture{architecture{s}}
			}
			return nil
		},
		Bad: map[string]string{
			"0101/0010/0001/0000 input,conv3x3-bn-relu,conv3x3-bn-relu,output": "no cell",
			strings.Replace(documented, "nor_conv_3x3", "nor_conv_5x5", 1):     "on edge 0 of node 1",
			strings.Replace(documented, "avg_pool_3x3~1", "avg_pool_3x3~0", 1): "edge 1 of node 2",
			strings.Replace(documented, "+", "", 1):                            "2 nodes",
			strings.Replace(documented, "|skip_connect~2|", "|", 1):            "node 3 has 2 edges, want 3",
			documented + "|": "node 3 has 4 edges",
			documented[1:]:   "node 1",
			strings.Replace(documented, "~1|+", "|+", 1): "edge 1 of node 2",
			documented + "+" + documented:                "6 nodes",
		},
	})
}

// Counts of the enumeration: 5^6 as the authors state; 6,466 topologies, as
// they state too (section 2.1); up to isomorphism, 12,500 cells with an edge
// between the inner nodes, and of the 3,125 without one the 125 that exchange
// into themselves and half of the others.
func TestEnumeration(t *testing.T) {
	all := All()
	if len(all) != Size || Size != 5*5*5*5*5*5 {
		t.Errorf("%d cells", len(all))
	}
	if got := len(Enumerate()); got != Different || Different != 12500+125+(3125-125)/2 {
		t.Errorf("%d different cells", got)
	}
	topologies, texts := map[string]bool{}, map[string]bool{}
	for i, c := range all {
		if i > 0 && !all[i-1].less(c) {
			t.Fatalf("%v after %v", c, all[i-1])
		}
		topologies[c.Topology()] = true
		texts[c.String()] = true
	}
	if len(topologies) != 6466 || len(texts) != Size {
		t.Errorf("%d topologies, %d texts", len(topologies), len(texts))
	}
}

// Two cells are isomorphic where some order of their nodes makes the graphs
// equal: searched here over all four exchanges, with matrices.
func TestCanonicalIsExact(t *testing.T) {
	matrix := func(c Cell, order [Nodes]int) (m [Nodes][Nodes]Op, ok bool) {
		for j := 1; j < Nodes; j++ {
			for i := 0; i < j; i++ {
				a, b := order[i], order[j]
				if a > b {
					if c.Op(i, j) != None {
						return m, false // the edge would point backward
					}
					a, b = b, a
				}
				m[a][b] = c.Op(i, j)
			}
		}
		return m, true
	}
	own := [Nodes]int{0, 1, 2, 3}
	other := [Nodes]int{0, 2, 1, 3}
	classes := map[[Nodes][Nodes]Op]Cell{}
	for _, c := range All() {
		m, _ := matrix(c, own)
		if n, ok := matrix(c, other); ok {
			if d, there := classes[n]; there && d.Canonical() != c.Canonical() {
				t.Fatalf("%v and %v are isomorphic", c, d)
			}
		}
		classes[m] = c
	}
}

func TestIndices(t *testing.T) {
	// NASLib: convert_op_indices_to_str((2, 2, 0, 4, 2, 0)) of its
	// conversions.py, worked out by hand.
	c, err := FromIndices([Edges]int{2, 2, 0, 4, 2, 0})
	if err != nil || c.String() != documented {
		t.Errorf("%v, %v", c, err)
	}
	for _, bad := range [][Edges]int{{5}, {0, -1}} {
		if _, err := FromIndices(bad); err == nil {
			t.Errorf("%v is a cell", bad)
		}
	}
	for text, reason := range map[string]string{"(1, 2, 3)": "3 numbers", "(1, 2, 3, 4, 0, x)": "number 6", "(1, 2, 3, 4, 0, 9)": "is 9"} {
		if _, err := (nasbench201{}).ParseColumns([]string{"net"}, []string{text}); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", text, err)
		}
	}
	a, err := nasbench201{}.ParseColumns([]string{"net"}, []string{"(2, 2, 0, 4, 2, 0)"})
	if err != nil || a.String() != documented {
		t.Errorf("%v, %v", a, err)
	}
}

// No operation passes for another.
func TestUnknownOperation(t *testing.T) {
	for o := Op(0); o < ops; o++ {
		if p, err := ParseOp(o.String()); err != nil || p != o {
			t.Errorf("%v reads as %v, %v", o, p, err)
		}
	}
	for _, o := range []Op{ops, 9, 255} {
		c := mustParse(t, documented)
		c[3] = o
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "from node 0 to node 3") {
			t.Errorf("%v: %v", o, err)
		}
		if _, err := c.Network(Skeleton{}); err == nil {
			t.Errorf("a network with %v", o)
		}
		if c.Parameters(Skeleton{}) != 0 || c.MACs(Skeleton{}) != 0 || c.PublishedFLOPs(Skeleton{}) != 0 {
			t.Errorf("%v has a cost", o)
		}
		for name, f := range map[string]func(){"Stats": func() { c.Stats() }, "visit": func() { c.visitCell(1, 1, layers{}) }, "Architecture": func() { Architecture(c) }} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s of %v did not panic", name, o)
					}
				}()
				f()
			}()
		}
	}
}

func TestStats(t *testing.T) {
	// By hand: 0-1 c3, 0-2 c3, 1-2 mean, 0-3 skip, 1-3 c3, 2-3 skip: paths 0-3,
	// 0-1-3, 0-2-3, 0-1-2-3.
	got := mustParse(t, documented).Stats()
	want := Stats{Skip: 2, Conv3x3: 3, AvgPool3x3: 1, ShortestPath: 1, LongestPath: 3, Paths: 4, ConvDepth: 2, Conv3x3Depth: 2, LiveConvs: 3}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// A convolution that leads nowhere, and no path at all.
	got = mustParse(t, "|nor_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|nor_conv_1x1~2|").Stats()
	if got != (Stats{None: 4, Conv3x3: 1, Conv1x1: 1}) {
		t.Errorf("%+v", got)
	}
}

// The network of the ResNet-like cell, layer by layer as TinyNetwork of the
// authors builds it.
func TestNetworkLayers(t *testing.T) {
	net, err := mustParse(t, resnet).Network(Skeleton{Cells: 1})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range net.Nodes {
		text := fmt.Sprint(n.Kind, " ", n.Out)
		if n.Kind == arch.Conv || n.Kind == arch.AvgPool {
			text += fmt.Sprintf(" %dx%d/%d", n.Kernel, n.Kernel, n.Stride)
		}
		if n.Norm {
			text += " norm"
		}
		if n.Act != arch.Identity {
			text += " " + n.Act.String()
		}
		got = append(got, text)
	}
	cell := func(shape string) []string {
		return []string{"activate " + shape + " relu", "conv " + shape + " 3x3/1 norm", "activate " + shape + " relu", "conv " + shape + " 3x3/1 norm", "sum " + shape}
	}
	reduction := func(before, pooled, after string) []string {
		return []string{"activate " + before + " relu", "conv " + after + " 3x3/2 norm relu", "conv " + after + " 3x3/1 norm", "avgpool " + pooled + " 2x2/2", "conv " + after + " 1x1/1", "sum " + after}
	}
	want := []string{"input 32x32x3", "conv 32x32x16 3x3/1 norm"}
	want = append(want, cell("32x32x16")...)
	want = append(want, reduction("32x32x16", "16x16x16", "16x16x32")...)
	want = append(want, cell("16x16x32")...)
	want = append(want, reduction("16x16x32", "8x8x32", "8x8x64")...)
	want = append(want, cell("8x8x64")...)
	want = append(want, "batchnorm 8x8x64", "activate 8x8x64 relu", "globalavgpool 1x1x64")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, err := mustParse(t, resnet).Network(Skeleton{Input: arch.Shape{H: 32, W: 30, C: 3}}); err == nil || !strings.Contains(err.Error(), "multiples of 4") {
		t.Errorf("images of odd sides: %v", err)
	}
	for _, bad := range []Skeleton{{Width: -1}, {Cells: -1}, {Classes: -1}, {Width: 1 << 30}, {Cells: 1 << 30}, {Input: arch.Shape{H: 4}}} {
		if _, err := mustParse(t, resnet).Network(bad); err == nil || mustParse(t, resnet).Parameters(bad) != 0 {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// Costs are those of the network for every skeleton; a cell of nones and a
// cell whose inner nodes are zero too.
func TestCosts(t *testing.T) {
	for _, text := range []string{documented, resnet, Cell{}.String(), "|none~0|+|nor_conv_1x1~0|nor_conv_3x3~1|+|avg_pool_3x3~0|skip_connect~1|none~2|"} {
		c := mustParse(t, text)
		for _, k := range []Skeleton{{}, {Width: 1}, {Width: 8, Cells: 1}, {Cells: 2, Classes: 120, Input: arch.Shape{H: 16, W: 16, C: 3}}, {Input: arch.Shape{H: 4, W: 8, C: 1}}} {
			net, err := c.Network(k)
			if err != nil {
				t.Fatal(err)
			}
			if c.Parameters(k) != net.Parameters() || 2*c.MACs(k) != net.FLOPs() {
				t.Errorf("%v, %+v: %d parameters, %d MACs; network %d, %d FLOPs", c, k, c.Parameters(k), c.MACs(k), net.Parameters(), net.FLOPs())
			}
		}
	}
}
