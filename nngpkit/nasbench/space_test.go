package nasbench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/space/spacetest"
)

func TestSpace(t *testing.T) {
	spacetest.Run(t, Space, spacetest.Options{
		Rewrite: func(a space.Architecture) []space.Architecture {
			s, err := SpecOf(a)
			if err != nil {
				t.Fatal(err)
			}
			return architectures(s.Reorderings())
		},
		Bad: map[string]string{
			"0101/0010/0001/0000":                                 "names no operations",
			"input,output":                                        "no matrix",
			"011/001/000 input,conv5x5,output":                    `unknown operation "conv5x5"`,
			"010/001/000 input,conv3x3":                           "2 operations for 3 vertices",
			"010/001/100 input,c3,output":                         "upper triangular",
			"010/000/000 input,c3,output":                         "no path",
			"020/001/000 input,c3,output":                         "row 1",
			"[[0,1,0],[0,0,1] ['input','c3','output']":            "no list",
			"[[0,1,0],[0,0,1]] ['input','c3','output']":           "not square",
			"[[0,1,2],[0,0,1],[0,0,0]] input,c3,output":           "entry 3",
			"01111/00111/00011/00001/00000 input,c3,c3,c3,output": "at most 9",
		},
	})
}

// The face's numbers are the published ones: FACTS of google-research/nasbench
// as in TestPublishedCells.
func TestSpacePublished(t *testing.T) {
	a, err := Space.Parse(inceptionMatrix + " " + inceptionOps)
	if err != nil {
		t.Fatal(err)
	}
	if a.Key() != "28cfc7874f6d200472e1a9dcd8650aa0" || a.Parameters() != 2694282 {
		t.Errorf("key %s, %d parameters", a.Key(), a.Parameters())
	}
	if Space.Size().Int64() != 423624 {
		t.Errorf("size %v", Space.Size())
	}
}

// A cell as Python, NumPy and JSON print it.
func TestParseLists(t *testing.T) {
	want := Architecture(mustParse(t, "0110/0001/0001/0000", "input,c3,mp,output"))
	for _, text := range []string{
		"[[0,1,1,0],[0,0,0,1],[0,0,0,1],[0,0,0,0]] ['input', 'conv3x3-bn-relu', 'maxpool3x3', 'output']",
		"[[0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]], [\"input\",\"conv3x3-bn-relu\",\"maxpool3x3\",\"output\"]",
		"((0, 1, 1, 0), (0, 0, 0, 1), (0, 0, 0, 1), (0, 0, 0, 0)) ('input', 'conv3x3-bn-relu', 'maxpool3x3', 'output')",
		"[[0 1 1 0]\n [0 0 0 1]\n [0 0 0 1]\n [0 0 0 0]] input;conv3x3-bn-relu;maxpool3x3;output",
		"0110 0001 0001 0 input c3 mp output",
		"0110000100010000\tinput,c3,mp,output",
	} {
		if a, err := Space.Parse(text); err != nil || a != want {
			t.Errorf("%q read as %v, %v", text, a, err)
		}
	}
}

// No operation passes for another: one that nobody knows is refused wherever a
// cell could carry it.
func TestUnknownOperation(t *testing.T) {
	known := map[string]bool{}
	for o := range Op(allOps) {
		p, err := ParseOp(o.String())
		if err != nil || p != o || known[o.String()] {
			t.Errorf("%v reads as %v, %v", o, p, err)
		}
		known[o.String()] = true
	}
	for o := range innerOps {
		s := mustParse(t, "010/001/000", "input,c3,output")
		s.ops[1] = Op(o)
		net, err := s.Network(8, ImageShape)
		if err != nil {
			t.Fatal(err)
		}
		kinds := ""
		for _, n := range net.Nodes {
			if strings.HasSuffix(n.Name, "vertex1") || n.Kind == arch.MaxPool && n.Stride == 1 {
				kinds = fmt.Sprint(n.Kind, n.Kernel)
			}
		}
		if want := [innerOps]string{"conv 3", "conv 1", "maxpool 3"}[o]; kinds != want {
			t.Errorf("%v became %s, want %s", Op(o), kinds, want)
		}
	}
	for _, o := range []Op{Input, Output, Op(allOps), 7, 255} {
		s := mustParse(t, "010/001/000", "input,c3,output")
		s.ops[1] = o
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), "vertex 1") {
			t.Errorf("%v at an inner vertex: %v", o, err)
		}
		if net, err := s.Network(8, ImageShape); err == nil {
			t.Errorf("%v made a network of %d parameters", o, net.Parameters())
		}
		if o == Output {
			continue // whose row has no weights and no label of its own
		}
		for name, f := range map[string]func(){
			"parameters": func() { s.Parameters(8) }, "FLOPs": func() { s.FLOPs(8) }, "statistics": func() { s.Stats() },
		} {
			if !panics(f) {
				t.Errorf("%s of a cell with %v", name, o)
			}
		}
	}
	if !panics(func() { Op(allOps).label() }) {
		t.Error("an unknown operation has a label")
	}
	if !panics(func() { Architecture(Spec{}) }) {
		t.Error("the zero Spec is an architecture")
	}
}

func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}

// Neighbors against counts by hand, and against their own reverse.
func TestNeighbors(t *testing.T) {
	// Counted by hand for the smallest cell, input -> output: no operation to
	// change, no edge to add, the only edge cannot go, and one vertex of three
	// operations beside the edge.
	smallest := mustParse(t, "01/00", "input,output")
	if got := smallest.Neighbors(); len(got) != 3 || got[0].Vertices() != 3 || got[0].Edges() != 3 {
		t.Errorf("neighbors of the smallest cell: %v", got)
	}
	// input -> c3 -> output: two other operations; an edge input -> output; a
	// vertex of three operations on input -> output, input -> c3 and c3 ->
	// output.
	chain := mustParse(t, "010/001/000", "input,c3,output")
	if got := chain.Neighbors(); len(got) != 2+1+9 {
		t.Errorf("%d neighbors of a chain: %v", len(got), got)
	}
	// One vertex more is undone by removing an edge, and one edge by removing
	// it: a neighbor with more edges has s for a neighbor.
	all, err := Sample(200, 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		for _, n := range s.Neighbors() {
			if n.Edges() < s.Edges() {
				continue
			}
			back := false
			for _, m := range n.Neighbors() {
				back = back || m == s
			}
			if !back {
				t.Fatalf("%v leads to %v, not back", s, n)
			}
		}
	}
}

func TestSpaceForeign(t *testing.T) {
	ctx := context.Background()
	if _, err := SpecOf(nil); err == nil {
		t.Error("a Spec of nothing")
	}
	if _, err := space.ByKey(ctx, Space, "28cfc7874f6d200472e1a9dcd8650aa1"); !errors.Is(err, space.ErrUnknownKey) || !errors.Is(err, ErrUnknownHash) {
		t.Errorf("an unknown hash: %v", err)
	}
	if _, err := space.ByKey(ctx, Space, "28cfc7874f6d"); !errors.Is(err, space.ErrNotKey) {
		t.Errorf("half a hash: %v", err)
	}
	a, err := space.ByKey(ctx, Space, " 28CFC7874F6D200472E1A9DCD8650AA0 ")
	if err != nil || a.Parameters() != 2694282 {
		t.Errorf("a hash in capitals: %v, %v", a, err)
	}
}

// A seed draws what it drew when the committed tables were made: the first n
// steps of a Fisher-Yates shuffle of the enumeration, by PCG.
func TestSampleIsStable(t *testing.T) {
	order := make([]int, Size)
	for i := range order {
		order[i] = i
	}
	rng := rand.New(rand.NewPCG(1, 0x6e617362656e6368))
	got, err := Sample(1000, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		j := i + rng.IntN(Size-i)
		order[i], order[j] = order[j], order[i]
		if got[i] != wholeSpace()[order[i]] {
			t.Fatalf("cell %d of the sample is %v, want %v", i, got[i], wholeSpace()[order[i]])
		}
	}
}

// TestNeitherHashNorMatrix: a word says what would be read in its place.
func TestNeitherHashNorMatrix(t *testing.T) {
	for _, text := range []string{"deadbeef", "foo"} {
		if _, err := Space.Parse(text); err == nil || !strings.Contains(err.Error(), "neither a hash of 32 hexadecimal digits nor") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
