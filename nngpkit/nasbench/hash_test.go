package nasbench

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// decode makes a cell of arbitrary bytes, for fuzzing: false where they make
// none.
func decode(bits uint32, ops uint16, vertices uint8) (Spec, bool) {
	n := 2 + int(vertices)%(MaxVertices-1)
	s := fromEdgeBits(n, bits&(1<<(n*(n-1)/2)-1))
	for v := 1; v < n-1; v++ {
		s.ops[v] = Op(ops % 3)
		ops /= 3
	}
	p, ok := s.pruned()
	return p, ok && p.Edges() <= MaxEdges
}

// FuzzHashInvariance: every reordering of a cell has its hash, its
// representative and, up to the rounding of channels, its size; a cell with
// one operation changed is another cell unless the change is a reordering.
func FuzzHashInvariance(f *testing.F) {
	f.Add(uint32(0x1fffff), uint16(121), uint8(5))
	f.Add(uint32(0b1), uint16(0), uint8(0))
	rng := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < 300; i++ {
		f.Add(rng.Uint32()&rng.Uint32(), uint16(rng.Uint32()), uint8(5))
	}
	f.Fuzz(func(t *testing.T, bits uint32, ops uint16, vertices uint8) {
		s, ok := decode(bits, ops, vertices)
		if !ok {
			return
		}
		checkInvariance(t, s)
	})
}

func checkInvariance(t *testing.T, s Spec) {
	h, g, rep := s.hash(), s.Graph(), s.Canonical()
	if text, err := g.Hash(); err != nil || text != s.Hash() {
		t.Fatalf("%v: hash %s, of its graph %s (%v)", s, s.Hash(), text, err)
	}
	all := s.Reorderings()
	if len(all) > 120 {
		t.Fatalf("%v: %d orders of at most 5 inner vertices", s, len(all))
	}
	for _, r := range all {
		if r.hash() != h {
			t.Fatalf("%v and its reordering %v: hashes differ", s, r)
		}
		if r.Canonical() != rep || !r.Isomorphic(s) {
			t.Fatalf("%v and its reordering %v: representatives %v and %v", s, r, rep, r.Canonical())
		}
		if q, err := FromGraph(r.Graph()); err != nil || q != r {
			t.Fatalf("%v does not come back from its graph: %v, %v", r, q, err)
		}
		if same, err := g.Isomorphic(r.Graph()); err != nil || !same {
			t.Fatalf("%v and its reordering %v: not isomorphic (%v)", s, r, err)
		}
	}
	for v := 1; v < s.Vertices()-1; v++ {
		o := s
		o.ops[v] = (o.ops[v] + 1) % 3
		same := o.Isomorphic(s)
		if byGraph, err := g.Isomorphic(o.Graph()); err != nil || byGraph != same {
			t.Fatalf("%v and %v: isomorphic %v by representative, %v by search (%v)", s, o, same, byGraph, err)
		}
		if (o.hash() == h) != same {
			t.Fatalf("%v and %v: isomorphic %v, equal hashes %v", s, o, same, o.hash() == h)
		}
	}
}

// bipartite returns the 10-vertex graph in which the input feeds four
// vertices, each of these two of four others as next says, and all of the
// latter the output.
func bipartite(next [4][2]int) Graph {
	g := Graph{Matrix: make([][]int, 10), Ops: make([]string, 10)}
	for i := range g.Matrix {
		g.Matrix[i], g.Ops[i] = make([]int, 10), "conv3x3-bn-relu"
	}
	g.Ops[0], g.Ops[9] = "input", "output"
	for a := 0; a < 4; a++ {
		g.Matrix[0][1+a] = 1
		g.Matrix[5+a][9] = 1
		for _, b := range next[a] {
			g.Matrix[1+a][5+b] = 1
		}
	}
	return g
}

// The hash refines colors by neighborhoods, which cannot tell one cycle of
// eight vertices from two cycles of four: known of google-research/nasbench.
func TestHashCollision(t *testing.T) {
	one := bipartite([4][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 0}})
	two := bipartite([4][2]int{{0, 1}, {0, 1}, {2, 3}, {2, 3}})
	h1, err1 := one.Hash()
	h2, err2 := two.Hash()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if h1 != h2 {
		t.Errorf("the pair has hashes %s and %s", h1, h2)
	}
	if same, err := one.Isomorphic(two); err != nil || same {
		t.Errorf("one cycle of eight is isomorphic to two of four: %v, %v", same, err)
	}
	shifted := bipartite([4][2]int{{1, 3}, {2, 3}, {0, 2}, {0, 1}})
	if same, err := one.Isomorphic(shifted); err != nil || !same {
		t.Errorf("a cycle of eight in another order: %v, %v", same, err)
	}
	if _, err := FromGraph(one); err == nil {
		t.Error("ten vertices are no cell")
	}
	if _, err := one.Isomorphic(Graph{}); err == nil {
		t.Error("an empty graph compared")
	}
	if _, err := (Graph{}).Hash(); err == nil {
		t.Error("an empty graph hashed")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(inceptionMatrix, inceptionOps)
	f.Add("0110000100010000", "input;c3;c1;output")
	f.Add("01/00", "input,output")
	f.Add("0110/0011/0101/0000", "input,,c3,output")
	f.Fuzz(func(t *testing.T, matrix, ops string) {
		s, err := Parse(matrix, ops)
		if err != nil {
			if s != (Spec{}) {
				t.Fatalf("an error and %v", s)
			}
			return
		}
		if r, err := Parse(s.MatrixString(), s.OpsString()); err != nil || r != s {
			t.Fatalf("%v does not parse back: %v, %v", s, r, err)
		}
		if r, err := SpecFromCode(s.Code()); err != nil || r != s {
			t.Fatalf("%v does not come back from its code: %v", s, err)
		}
	})
}

func TestHashIndex(t *testing.T) {
	if testing.Short() {
		t.Skip("hashes the whole space")
	}
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "sub", "hashes.idx")
	find := func(c *cachedIndex) {
		t.Helper()
		idx, err := c.get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range published {
			h, _ := parseHash(p.hash)
			i, ok := idx.find(h)
			if !ok {
				t.Fatalf("%s not found", p.hash)
			}
			if s, err := SpecFromCode(idx.code(i)); err != nil || !s.Isomorphic(mustParse(t, p.matrix, p.ops)) {
				t.Fatalf("%s is %v: %v", p.hash, s, err)
			}
		}
		if _, ok := idx.find([16]byte{1, 2, 3}); ok {
			t.Fatal("found a hash that no cell has")
		}
	}
	newCache := func() *cachedIndex { return &cachedIndex{path: func() (string, error) { return path, nil }} }
	find(newCache())
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readIndex(path); err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"flipped bit": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"truncated":   func(b []byte) []byte { return b[:len(b)-1] },
		"empty":       func([]byte) []byte { return nil },
	} {
		if err := os.WriteFile(path, damage(append([]byte(nil), good...)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readIndex(path); err == nil {
			t.Errorf("%s: the index was read", name)
		}
	}
	// A damaged file is rebuilt in place; an interrupted build leaves it.
	damaged := []byte(indexMagic + "cut")
	if err := os.WriteFile(path, damaged, 0o644); err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := newCache().get(canceled); err == nil {
		t.Error("a canceled build gave an index")
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != string(damaged) {
		t.Errorf("a canceled build touched the file: %v", err)
	}
	find(newCache())
	if again, err := os.ReadFile(path); err != nil || string(again) != string(good) {
		t.Errorf("the index was not rebuilt: %v", err)
	}
	find(newCache())
	// What somebody else put there stays, and the index serves from memory.
	if err := os.WriteFile(path, []byte("no index"), 0o644); err != nil {
		t.Fatal(err)
	}
	find(newCache())
	if data, err := os.ReadFile(path); err != nil || string(data) != "no index" {
		t.Errorf("another file was overwritten: %v", err)
	}
}

func TestByHashBadInput(t *testing.T) {
	for _, h := range []string{"", "28cf", "zz" + published[0].hash[2:]} {
		if _, err := ByHash(context.Background(), h); err == nil {
			t.Errorf("hash %q was looked up", h)
		}
	}
}

func TestHashAll(t *testing.T) {
	specs := []Spec{}
	for _, p := range published {
		specs = append(specs, mustParse(t, p.matrix, p.ops))
	}
	var last int64
	got, err := HashAll(context.Background(), specs, func(done, total int64) { last = done })
	if err != nil || last != int64(len(specs)) {
		t.Fatal(err, last)
	}
	for i, p := range published {
		if got[i] != p.hash {
			t.Errorf("%s: %s", p.name, got[i])
		}
	}
}
