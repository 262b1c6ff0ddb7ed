package nasbench

import (
	"slices"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

func mustParse(t testing.TB, matrix, ops string) Spec {
	t.Helper()
	s, err := Parse(matrix, ops)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	inceptionMatrix = "0111010/0000001/0000001/0000100/0000001/0000001/0"
	inceptionOps    = "input,c1,c3,c3,c3,mp,output"
)

// Hashes and parameter counts of cells in the published table.
var published = []struct {
	name, matrix, ops, hash string
	parameters              int
}{
	{"inception-like", inceptionMatrix, inceptionOps, "28cfc7874f6d200472e1a9dcd8650aa0", 2694282},
	{"first of the table", "0100110/0010000/0001001/0000010/0000010/0000001/0", "input,c3,mp,c3,c3,c1,output", "00005c142e6f48ac74fdcf73e3439874", 8555530},
	{"resnet-like", "0101/0010/0001/0000", "input,c3,c3,output", "b5fb4f6193360330b6ff6a52cbf0cad7", 20346506},
	{"input to output", "01/00", "input,output", "043721b9c7fe8c5fad811d47d83132ec", 882570},
}

func TestPublishedCells(t *testing.T) {
	for _, c := range published {
		s := mustParse(t, c.matrix, c.ops)
		if h := s.Hash(); h != c.hash {
			t.Errorf("%s: hash %s, want %s", c.name, h, c.hash)
		}
		if h, err := s.Graph().Hash(); err != nil || h != c.hash {
			t.Errorf("%s: hash of the graph %s, want %s (%v)", c.name, h, c.hash, err)
		}
		if p := s.Parameters(StemWidth); p != c.parameters {
			t.Errorf("%s: %d parameters, want %d", c.name, p, c.parameters)
		}
		n, err := s.Network(StemWidth, ImageShape)
		if err != nil {
			t.Fatal(err)
		}
		if n.Parameters() != c.parameters {
			t.Errorf("%s: the network has %d parameters, want %d", c.name, n.Parameters(), c.parameters)
		}
	}
}

// Channels of google-research/nasbench's own tests.
func TestChannels(t *testing.T) {
	diamond := mustParse(t, "0110/0001/0001/0000", "input,c1,c1,output")
	three := mustParse(t, "01110/00001/00001/00001/00000", "input,c3,c3,c3,output")
	maxCase := mustParse(t, "01000/00110/00001/00001/00000", "input,c3,c3,c3,output")
	skip := mustParse(t, "01001/00110/00001/00001/00000", "input,c3,c3,c3,output")
	for _, c := range []struct {
		name    string
		s       Spec
		in, out int
		want    []int
	}{
		{"diamond", diamond, 8, 8, []int{8, 4, 4, 8}},
		{"diamond", diamond, 8, 15, []int{8, 8, 7, 15}},
		{"three branches", three, 8, 8, []int{8, 3, 3, 2, 8}},
		{"three branches", three, 8, 15, []int{8, 5, 5, 5, 15}},
		{"max", maxCase, 8, 9, []int{8, 5, 5, 4, 9}},
		{"skip", skip, 8, 15, []int{8, 8, 8, 7, 15}},
		{"input to output", mustParse(t, "01/00", "input,output"), 8, 16, []int{8, 16}},
	} {
		if got := c.s.Channels(c.in, c.out); !slices.Equal(got, c.want) {
			t.Errorf("%s %d -> %d: %v, want %v", c.name, c.in, c.out, got, c.want)
		}
	}
}

// The closed forms must count what the network, built node by node, holds.
func TestNetworkCounts(t *testing.T) {
	specs, err := Sample(400, 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range published {
		specs = append(specs, mustParse(t, c.matrix, c.ops))
	}
	for i, s := range specs {
		for _, stem := range []int{5, 8, 16, 43, 128} {
			n, err := s.Network(stem, arch.Shape{})
			if err != nil {
				t.Fatalf("%v: %v", s, err)
			}
			if n.Parameters() != s.Parameters(stem) || n.FLOPs() != s.FLOPs(stem) {
				t.Fatalf("%v at stem %d: network has %d parameters, %d FLOPs; cell says %d, %d", s, stem, n.Parameters(), n.FLOPs(), s.Parameters(stem), s.FLOPs(stem))
			}
			if n.Features() != 4*stem || n.InputShape() != ImageShape || n.Name != s.Hash() {
				t.Fatalf("cell %d: %d features of input %v", i, n.Features(), n.InputShape())
			}
		}
	}
}

func TestNetworkShape(t *testing.T) {
	s := mustParse(t, inceptionMatrix, inceptionOps)
	n, err := s.Network(16, arch.Shape{H: 20, W: 12, C: 1})
	if err != nil {
		t.Fatal(err)
	}
	last := n.Nodes[len(n.Nodes)-2].Out
	if last != (arch.Shape{H: 5, W: 3, C: 64}) {
		t.Errorf("before the global pool %v", last)
	}
	pools := 0
	for _, nd := range n.Nodes {
		switch nd.Kind {
		case arch.Conv:
			if !nd.Norm || nd.NormEpsilon != 1e-5 || nd.NormMomentum != 0.997 || nd.Act != arch.ReLU || nd.Bias || nd.Stride != 1 {
				t.Fatalf("%s: %+v", nd.Name, nd)
			}
		case arch.MaxPool:
			if nd.Stride == 2 {
				pools++
				if nd.Kernel != 2 {
					t.Errorf("downsampling by a window of %d", nd.Kernel)
				}
			}
		}
	}
	if pools != Stacks-1 {
		t.Errorf("%d poolings between stacks", pools)
	}
	if _, err := s.Network(3, ImageShape); err == nil || !strings.Contains(err.Error(), "needs 4") {
		t.Errorf("a stem of 3 for 4 branches: %v", err)
	}
	if _, err := (Spec{}).Network(16, ImageShape); err == nil {
		t.Error("a network of no cell")
	}
}

// A node fed by one wider vertex must be cut to its own channels.
func TestTruncation(t *testing.T) {
	// Vertex 1 feeds vertex 2 (9-5=4 channels) and vertex 3 (5): it has 5.
	s := mustParse(t, "01000/00110/00001/00001/00000", "input,c3,c3,c3,output")
	n, err := s.Network(9, ImageShape)
	if err != nil {
		t.Fatal(err)
	}
	cuts := 0
	for _, nd := range n.Nodes {
		if nd.Kind == arch.Sum && len(nd.In) == 1 && n.Nodes[nd.In[0]].Out.C == 5 && nd.Out.C == 4 {
			cuts++
		}
	}
	if cuts != StackModules { // 9 splits unevenly, 18 and 36 do not
		t.Errorf("%d cuts from 5 to 4 channels, want %d", cuts, StackModules)
	}
}

func TestPrune(t *testing.T) {
	// Vertex 2 leads nowhere, vertex 3 comes from nowhere; the rest is one chain.
	s := mustParse(t, "01100/00001/00000/00001/00000", "input,c3,mp,c1,output")
	if want := mustParse(t, "010/001/000", "input,c3,output"); s != want {
		t.Errorf("pruned to %v, want %v", s, want)
	}
	// More than 7 vertices and 9 edges before, fewer after.
	big := Graph{Ops: []string{"input", "c3", "c3", "c3", "c3", "c3", "c3", "c3", "output"}, Matrix: make([][]int, 9)}
	for i := range big.Matrix {
		big.Matrix[i] = make([]int, 9)
		for j := i + 1; j < 8; j++ {
			big.Matrix[i][j] = 1
		}
	}
	big.Matrix[0][8] = 1
	p, err := FromGraph(big)
	if err != nil || p != mustParse(t, "01/00", "input,output") {
		t.Errorf("pruned to %v: %v", p, err)
	}
}

func TestParseForms(t *testing.T) {
	want := mustParse(t, inceptionMatrix, inceptionOps)
	full := "input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output"
	for _, c := range [][2]string{
		{"0111010/0000001/0000001/0000100/0000001/0000001/0000000", full},
		{"0111010000000100000010000100000000100000010000000", full},
		{"0111010 0000001 0000001 0000100 0000001 0000001 0", strings.ReplaceAll(full, ",", ";")},
		{"0111010,0000001,0000001,0000100,0000001,0000001,0000000\n", strings.ReplaceAll(full, ",", ", ")},
		{want.MatrixString(), want.OpsString()},
		{want.Digits(), inceptionOps},
	} {
		if got, err := Parse(c[0], c[1]); err != nil || got != want {
			t.Errorf("%q %q: %v, %v", c[0], c[1], got, err)
		}
	}
}

func TestBadCells(t *testing.T) {
	for _, c := range []struct{ name, matrix, ops, reason string }{
		{"empty", "", "input,output", "empty matrix"},
		{"one vertex", "0", "input", "1 rows"},
		{"not square", "011/001", "input,c3,output", "not square"},
		{"ragged", "011/01/000", "input,c3,output", "not square"},
		{"digits", "01100", "input,output", "not square"},
		{"letters", "0x/00", "input,output", "digits 0 and 1"},
		{"two", "02/00", "input,output", "digits 0 and 1"},
		{"self loop", "011/011/000", "input,c3,output", "cyclic"},
		{"cycle", "0110/0011/0101/0000", "input,c3,c3,output", "not upper triangular"},
		{"unknown op", "011/001/000", "input,conv5x5,output", `unknown operation "conv5x5"`},
		{"no input", "011/001/000", "c3,c3,output", "want input"},
		{"no output", "011/001/000", "input,c3,c3", "want output"},
		{"input inside", "011/001/000", "input,input,output", "only the ends"},
		{"ops short", "011/001/000", "input,output", "2 operations for 3"},
		{"not connected", "010/000/000", "input,c3,output", "no path"},
		{"too many vertices", "01000000/00100000/00010000/00001000/00000100/00000010/00000001/00000000", "input,c3,c3,c3,c3,c3,c3,output", "8 vertices"},
		{"too many edges", "01111/00111/00011/00001/00000", "input,c3,c3,c3,output", "10 edges"},
		{"huge", strings.Repeat("01/", 100), "input,output", "too large"},
	} {
		s, err := Parse(c.matrix, c.ops)
		if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, error %v, want one with %q", c.name, s, err, c.reason)
		}
	}
	if _, err := New([][]int{{0, 3}, {0, 0}}, []string{"input", "output"}); err == nil || !strings.Contains(err.Error(), "is 3, want 0 or 1") {
		t.Errorf("an entry of 3: %v", err)
	}
	if err := (Spec{}).Validate(); err == nil {
		t.Error("the zero Spec is valid")
	}
	if Conv3x3.String() != "conv3x3-bn-relu" || Op(9).String() != "op(9)" {
		t.Error("names of operations")
	}
}

func TestCode(t *testing.T) {
	for i, s := range wholeSpace() {
		if i%11 != 0 {
			continue
		}
		if r, err := SpecFromCode(s.Code()); err != nil || r != s {
			t.Fatalf("%v: code %#x gives %v, %v", s, s.Code(), r, err)
		}
	}
	s := mustParse(t, inceptionMatrix, inceptionOps)
	for _, bad := range []uint64{0, 1, 2, 3, 7, 1 << 40, s.Code() | 3<<24, s.Code() | 1<<40, s.Code() &^ 7, 7 | (1<<21-1)<<3} {
		if r, err := SpecFromCode(bad); err == nil {
			t.Errorf("code %#x gives %v", bad, r)
		}
	}
}

// The paths of the Inception-like cell, counted by hand.
func TestStats(t *testing.T) {
	got := mustParse(t, inceptionMatrix, inceptionOps).Stats()
	want := Stats{
		Vertices: 7, Edges: 9, Conv3x3: 3, Conv1x1: 1, MaxPool3x3: 1, Convs: 4,
		ShortestPath: 2, LongestPath: 3, Paths: 4, ConvDepth: 2, Conv3x3Depth: 2,
		OutputDegree: 4, InputDegree: 4,
	}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	r := mustParse(t, "0101/0010/0001/0000", "input,c3,c1,output")
	st := r.Stats()
	if !st.Skip || st.ShortestPath != 1 || st.LongestPath != 3 || st.Paths != 2 || st.ConvDepth != 2 || st.Conv3x3Depth != 1 {
		t.Errorf("chain with a skip: %+v", st)
	}
	if r.Depth() != 3 || r.ShortestPath() != 1 || r.Conv3x3() != 1 || r.Conv1x1() != 1 || r.MaxPool3x3() != 0 {
		t.Error("short forms differ from Stats")
	}
}
