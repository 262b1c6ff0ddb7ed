package forward

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// TestCodes compares the codes of every node of random networks with the signs of
// what the float64 oracle computes, at every level; values within rounding of
// zero may have either sign, so that agreement may differ on a few units. The
// features must be the same bits as without codes.
func TestCodes(t *testing.T) {
	for name, k := range everyLevel() {
		if k.Images == 1 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(40) {
				compareCodes(t, k, seed, randomNetwork, 0)
			}
		})
		t.Run(name+" all operations", func(t *testing.T) {
			for seed := range uint64(40) {
				compareCodes(t, k, seed, anyNetwork, 1e-4)
			}
		})
	}
}

// compareCodes allows features to differ by so much of their size: where a node's
// values are asked for, the normalization behind it cannot be computed with it.
func compareCodes(t *testing.T, k *simd.Kernels, seed uint64, network func(*rand.Rand) *arch.Network, differ float64) {
	r := rand.New(rand.NewPCG(seed, 7))
	net := network(r)
	cfg := Config{Norm: []Norm{EMA, None}[r.IntN(2)], Seed: seed, Threads: 1 + r.IntN(3), Moments: true}
	x := randomBatch(r, 1+r.IntN(40), net.InputShape())
	norm := randomBatch(r, 12+r.IntN(20), net.InputShape())
	run := func() *Features {
		plan, err := compile(net, cfg, new(Pool), k)
		if err != nil {
			t.Fatal(err)
		}
		f, err := plan.Features(t.Context(), 1, x, norm)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	want := run()
	if cfg.Codes = ReLUs(net); len(cfg.Codes) > 0 && !slices.Equal(run().Data, want.Data) {
		t.Fatalf("seed %d: recording the codes of ReLUs changes the features", seed)
	}
	cfg.Codes = nil
	for i := 1; i < len(net.Nodes); i++ {
		cfg.Codes = append(cfg.Codes, i)
	}
	r.Shuffle(len(cfg.Codes), func(i, j int) { cfg.Codes[i], cfg.Codes[j] = cfg.Codes[j], cfg.Codes[i] })
	every := seed%2 == 0 // then no node can be left out as one that nothing reads
	if !every {
		cfg.Codes = cfg.Codes[:1+r.IntN(len(cfg.Codes))]
	}
	got := run()
	var diff, size float64
	for i, v := range want.Data {
		diff, size = math.Hypot(diff, float64(got.Data[i])-float64(v)), math.Hypot(size, float64(v))
	}
	if !slices.Equal(got.Data, want.Data) && !(diff <= differ*size) {
		t.Fatalf("seed %d: recording codes changes the features by %v of %v", seed, diff, size)
	}
	if want.Codes != nil || got.Codes == nil {
		t.Fatalf("seed %d: codes %v without, %v with being asked for", seed, want.Codes, got.Codes)
	}
	o := &oracle{net: net, seed: seed, member: 1, norm: cfg.Norm}
	values := o.everyNode(x, norm)
	var others [][][]float64 // of all but the same images
	if differ > 0 {
		for range 4 {
			p := &oracle{net: net, seed: seed, member: 1, norm: cfg.Norm}
			others = append(others, p.everyNode(nearly(r, x), nearly(r, norm)))
		}
	}
	// unsure tells of which values of a node rounding may turn the sign: small
	// ones, and what comes from such, as zeros of a ReLU do.
	unsure := func(node int) []bool {
		scale := 0.0
		for _, v := range values[node] {
			scale = max(scale, math.Abs(v))
		}
		out := make([]bool, len(values[node]))
		for i, v := range values[node] {
			out[i] = math.Abs(v) < 1e-4*scale && v != 0
			for _, o := range others {
				out[i] = out[i] || (o[node][i] > 0) != (v > 0)
			}
		}
		return out
	}
	for c, node := range got.Codes.Nodes {
		v := values[node]
		units := net.Nodes[node].Out.Size()
		if got.Codes.Units[c] != units {
			t.Fatalf("seed %d: node %d has %d units, want %d", seed, node, got.Codes.Units[c], units)
		}
		either := unsure(node)
		n := 1 + r.IntN(x.N)
		equal := make([]int64, n*n)
		got.Codes.Equal(c, n, equal)
		for a := range n {
			for b := range n {
				same, open := 0, 0
				for u := range units {
					p, q := v[a*units+u], v[b*units+u]
					if (p > 0) == (q > 0) {
						same++
					}
					if either[a*units+u] || either[b*units+u] {
						open++
					}
				}
				if d := int(equal[a*n+b]) - same; d > open || -d > open {
					t.Fatalf("seed %d, node %d (%v), images %d and %d: %d of %d units agree, want %d, of which %d are within rounding",
						seed, node, net.Nodes[node].Kind, a, b, equal[a*n+b], units, same, open)
				}
			}
		}
	}
	if cfg.Norm == EMA {
		compareMoments(t, seed, got.Moments, o, every)
	}
}

// compareMoments compares with the statistics that the oracle kept.
func compareMoments(t *testing.T, seed uint64, got []Moments, o *oracle, every bool) {
	t.Helper()
	known := map[int]bool{}
	for _, m := range got {
		known[m.Node] = true
	}
	for node, s := range o.stats {
		same := func(m Moments) bool {
			return slices.Equal(o.stats[m.Node].mean, s.mean) && slices.Equal(o.stats[m.Node].variance, s.variance)
		}
		if every && !known[node] && !slices.ContainsFunc(got, same) && slices.Max(s.variance) > 0 {
			t.Fatalf("seed %d: no moments of node %d, nor of one like it", seed, node)
		}
	}
	for _, m := range got {
		want, ok := o.stats[m.Node]
		if !ok {
			t.Fatalf("seed %d: moments of node %d, which does not normalize", seed, m.Node)
		}
		for c := range m.Mean {
			tol := 1e-4 * (math.Sqrt(want.variance[c]) + math.Abs(want.mean[c]) + 1e-3)
			if math.Abs(m.Mean[c]-want.mean[c]) > tol || math.Abs(m.Variance[c]-want.variance[c]) > tol*(math.Sqrt(want.variance[c])+1e-3)*10 {
				t.Fatalf("seed %d, node %d, channel %d: mean %v variance %v, want %v %v", seed, m.Node, c, m.Mean[c], m.Variance[c], want.mean[c], want.variance[c])
			}
		}
	}
}

// TestTranspose16 compares with moving bit by bit.
func TestTranspose16(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 100 {
		m := [4]uint64{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()}
		bit := func(m [4]uint64, row, column int) uint64 { return m[row/4] >> (16*(row%4) + column) & 1 }
		got := m
		transpose16(&got)
		for row := range 16 {
			for column := range 16 {
				if bit(got, row, column) != bit(m, column, row) {
					t.Fatalf("%x: bit %d of row %d", m, column, row)
				}
			}
		}
	}
}

// TestCodesErrors: nodes that are not there are refused by name.
func TestCodesErrors(t *testing.T) {
	net := exampleNetwork(t, 4, 8)
	for _, nodes := range [][]int{{0}, {-1}, {len(net.Nodes)}, {2, 2}} {
		if _, err := Compile(net, Config{Codes: nodes}); err == nil {
			t.Errorf("codes of nodes %v are accepted", nodes)
		}
	}
	b := arch.NewBuilder("view", arch.Shape{H: 2, W: 2, C: 3})
	b.Sum(2, 0)
	view, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compile(view, Config{Codes: []int{1}}); err == nil {
		t.Error("a network of views alone has codes")
	}
}

// BenchmarkCodes runs a few images with and without the codes of all ReLUs.
func BenchmarkCodes(b *testing.B) {
	net := benchCells(b, 8)[1]
	x := randomBatch(rand.New(rand.NewPCG(1, 2)), 16, net.InputShape())
	for _, codes := range []bool{false, true} {
		b.Run(fmt.Sprint("codes=", codes), func(b *testing.B) {
			cfg := Config{Norm: None, Threads: 1}
			if codes {
				cfg.Codes = ReLUs(net)
			}
			plan, err := Compile(net, cfg)
			if err != nil {
				b.Fatal(err)
			}
			equal := make([]int64, x.N*x.N)
			err = plan.Members(b.Context(), 0, b.N, x, nil, func(_ int, f *Features) error {
				if codes {
					for i := range f.Codes.Nodes {
						f.Codes.Equal(i, x.N, equal)
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}

// nearly returns the batch with values that differ by what rounding may make.
func nearly(r *rand.Rand, b *imageset.Batch) *imageset.Batch {
	c := *b
	c.Data = slices.Clone(b.Data)
	for i, v := range c.Data {
		c.Data[i] = v * float32(1+1e-6*r.NormFloat64())
	}
	return &c
}

// layerMoments are what the oracle keeps of a layer's normalization batch.
type layerMoments struct{ mean, variance []float64 }

// everyNode returns the values of every node, image by image.
func (o *oracle) everyNode(x, norm *imageset.Batch) [][]float64 {
	o.features(x, norm)
	var out [][]float64
	for _, v := range o.values {
		out = append(out, v.v)
	}
	return out
}
