package nasbench

import (
	"context"
	"math"
	"math/bits"
	"slices"
	"sort"
	"testing"
)

// The numbers of cells were found by an independent enumeration that removes
// duplicates by hash, and the total is the published one (arXiv:1902.09635).
func TestCount(t *testing.T) {
	c := Count()
	if c.Unique != Size || c.Labeled != 1293208 {
		t.Errorf("%d unique and %d labeled cells, want %d and 1293208", c.Unique, c.Labeled, Size)
	}
	if want := []int{0, 0, 1, 6, 84, 2441, 62010, 359082}; !slices.Equal(c.ByVertices, want) {
		t.Errorf("unique by vertices %v, want %v", c.ByVertices, want)
	}
	if want := []int{0, 1, 3, 12, 60, 339, 2134, 13984, 78822, 328269}; !slices.Equal(c.ByEdges, want) {
		t.Errorf("unique by edges %v, want %v", c.ByEdges, want)
	}
	uniqueUpTo := []int{1, 7, 91, 2532, 64542, 423624}
	labeledUpTo := []int{1, 7, 97, 3364, 128509, 1293208}
	u, l := 0, 0
	for n := 2; n <= MaxVertices; n++ {
		u += c.ByVertices[n]
		l += c.LabeledByVertices[n]
		if u != uniqueUpTo[n-2] || l != labeledUpTo[n-2] {
			t.Errorf("up to %d vertices: %d unique, %d labeled, want %d, %d", n, u, l, uniqueUpTo[n-2], labeledUpTo[n-2])
		}
	}
}

// Every cell of the enumeration must have its own hash, and every labeled
// graph of up to six vertices the hash of a cell of the enumeration: the
// enumeration by isomorphism and the published one by hash agree.
func TestEnumerationAgreesWithHashes(t *testing.T) {
	if testing.Short() {
		t.Skip("hashes the whole space")
	}
	specs := Enumerate()
	sums, err := hashAll(context.Background(), specs, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[[16]byte]Spec, len(sums))
	for i, h := range sums {
		if other, ok := seen[h]; ok {
			t.Fatalf("%v and %v have one hash", specs[i], other)
		}
		seen[h] = specs[i]
		if i%97 == 0 && specs[i].Canonical() != specs[i] {
			t.Fatalf("%v is not canonical", specs[i])
		}
	}
	for n := 2; n <= 6; n++ {
		forEachMatrix(n, func(s Spec) {
			forEachOps(&s, func() {
				if rep, ok := seen[s.hash()]; !ok || s.Canonical() != rep {
					t.Fatalf("%v: representative by hash %v, by isomorphism %v", s, rep, s.Canonical())
				}
			})
		})
	}
}

func TestEnumerateOrder(t *testing.T) {
	specs := Enumerate()
	for i := 1; i < len(specs); i++ {
		a, b := &specs[i-1], &specs[i]
		if a.n > b.n || a.n == b.n && (a.edgeBits() > b.edgeBits() || a.edgeBits() == b.edgeBits() && a.opsCode() >= b.opsCode()) {
			t.Fatalf("cells %d and %d out of order: %v, %v", i-1, i, a, b)
		}
	}
}

// GFLOP per image over all cells, from the independent enumeration.
func TestFLOPsOverSpace(t *testing.T) {
	specs := wholeSpace()
	for _, c := range []struct {
		stem              int
		mean, median, max float64
		digit             float64 // of the last digit given
	}{
		{128, 2.495, 1.576, 14.670, 1e-3},
		{64, 0.625, 0.396, 3.669, 1e-3},
		{32, 0.157, 0.100, 0.918, 1e-3},
		{16, 0.040, 0.025, 0.230, 1e-3},
	} {
		v := make([]float64, len(specs))
		sum := 0.0
		for i, s := range specs {
			v[i] = float64(s.FLOPs(c.stem)) * 1e-9
			sum += v[i]
		}
		sort.Float64s(v)
		// Half a unit of the last digit, and the head (10 kFLOP at most).
		tol := c.digit/2 + 2e-5
		for _, x := range []struct {
			name      string
			got, want float64
		}{{"mean", sum / float64(len(v)), c.mean}, {"median", v[len(v)/2], c.median}, {"max", v[len(v)-1], c.max}} {
			if math.Abs(x.got-x.want) > tol {
				t.Errorf("stem %d: %s %.5f GFLOP, want %.3f", c.stem, x.name, x.got, x.want)
			}
		}
	}
}

func TestSmallestAndLargest(t *testing.T) {
	var lo, hi Spec
	for _, s := range wholeSpace() {
		if lo.n == 0 || s.Parameters(StemWidth) < lo.Parameters(StemWidth) {
			lo = s
		}
		if hi.n == 0 || s.Parameters(StemWidth) > hi.Parameters(StemWidth) {
			hi = s
		}
	}
	if lo.Hash() != "7f2863c47ff14c903849cf2057842782" || lo.Parameters(StemWidth) != 227274 {
		t.Errorf("smallest is %v, %s, %d parameters", lo, lo.Hash(), lo.Parameters(StemWidth))
	}
	if hi.Hash() != "99e297f5fada30d669294070ed1df4a9" || hi.Parameters(StemWidth) != 49979274 {
		t.Errorf("largest is %v, %s, %d parameters", hi, hi.Hash(), hi.Parameters(StemWidth))
	}
}

// Sampling must be uniform over cells. The chi-square statistic over the
// numbers of edges, of nine classes, has mean 8 and standard deviation 4.
func TestSampleIsUniform(t *testing.T) {
	const n = 20000
	s, err := Sample(n, 3)
	if err != nil {
		t.Fatal(err)
	}
	count := make([]float64, MaxEdges+1)
	seen := map[Spec]bool{}
	for _, c := range s {
		if seen[c] {
			t.Fatalf("%v drawn twice", c)
		}
		seen[c] = true
		count[c.Edges()]++
	}
	byEdges := Count().ByEdges
	chi := 0.0
	for e := 1; e <= MaxEdges; e++ {
		want := n * float64(byEdges[e]) / Size
		chi += (count[e] - want) * (count[e] - want) / want
	}
	if chi > 8+5*4 {
		t.Errorf("chi-square over edges %.1f", chi)
	}
	few, err := Sample(10, 3)
	if err != nil || !slices.Equal(few, s[:10]) {
		t.Errorf("a smaller sample is not the start of a larger one: %v", err)
	}
	other, _ := Sample(10, 4)
	if slices.Equal(few, other) {
		t.Error("two seeds, one sample")
	}
}

func TestSampleBounds(t *testing.T) {
	for _, n := range []int{-1, Size + 1} {
		if _, err := Sample(n, 1); err == nil {
			t.Errorf("a sample of %d", n)
		}
	}
	all, err := Sample(Size, 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[Spec]bool, Size)
	for _, s := range all {
		seen[s] = true
	}
	if len(seen) != Size {
		t.Errorf("a sample of all holds %d different cells", len(seen))
	}
	if _, err := RandomSpecs(-1, 1); err == nil {
		t.Error("-1 random cells")
	}
}

// RandomSpec must follow the distribution of the notebook's rejection
// sampling: over all 2^21 matrices the accepted ones are equally likely. The
// exact shares of numbers of vertices are counted here by trying every
// matrix.
func TestRandomSpecDistribution(t *testing.T) {
	var share [MaxVertices + 1]float64
	total := 0.0
	for b := uint32(0); b < 1<<21; b++ {
		s := fromEdgeBits(MaxVertices, b)
		if p, ok := s.pruned(); ok && p.Edges() <= MaxEdges {
			share[p.n]++
			total++
		}
	}
	const n = 20000
	specs, err := RandomSpecs(n, 5)
	if err != nil {
		t.Fatal(err)
	}
	var got [MaxVertices + 1]float64
	for _, s := range specs {
		got[s.n]++
		if q, err := FromGraph(s.Graph()); err != nil || q != s {
			t.Fatalf("%v is not valid: %v", s, err)
		}
	}
	for v := 2; v <= MaxVertices; v++ {
		p := share[v] / total
		sigma := math.Sqrt(n * p * (1 - p))
		if math.Abs(got[v]-n*p) > 5*sigma {
			t.Errorf("%d vertices: %.0f of %d, expected %.0f +- %.0f", v, got[v], n, n*p, sigma)
		}
	}
}

func TestEdgeBits(t *testing.T) {
	for b := uint32(0); b < 1<<21; b += 977 {
		s := fromEdgeBits(MaxVertices, b)
		if s.edgeBits() != b || s.Edges() != bits.OnesCount32(b) {
			t.Fatalf("edge bits %#x came back as %#x", b, s.edgeBits())
		}
	}
}

func BenchmarkEnumerate(b *testing.B) {
	for b.Loop() {
		n := 0
		for v := 2; v <= MaxVertices; v++ {
			n += len(enumerate(nil, v))
		}
		if n != Size {
			b.Fatal(n)
		}
	}
}

func BenchmarkHashSpace(b *testing.B) {
	specs := wholeSpace()
	for b.Loop() {
		if _, err := hashAll(context.Background(), specs, nil); err != nil {
			b.Fatal(err)
		}
	}
}
