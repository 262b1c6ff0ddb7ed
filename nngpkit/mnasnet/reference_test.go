package mnasnet

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

// referenceCase is a network in reference.json, with its features by way of
// normalizing and by view.
type referenceCase struct {
	Space, Network, Act string
	Size, Width         int
	Images, Batch       int
	Member, Salt        int
	Features            map[string]map[string][][]float64
	Rounding            map[string]map[string]float64 // see reference.py
}

func readReference(t *testing.T) []referenceCase {
	t.Helper()
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []referenceCase }
	if err := json.Unmarshal(data, &file); err != nil || len(file.Cases) < 5 {
		t.Fatalf("%d cases, %v", len(file.Cases), err)
	}
	return file.Cases
}

// network builds the network of a case.
func (c *referenceCase) network(t *testing.T) *arch.Network {
	t.Helper()
	k := Skeleton{Width: c.Width, Input: arch.Shape{H: c.Size, W: c.Size, C: 3}}
	var err error
	if k.Act, err = arch.ParseActivation(c.Act); err != nil {
		t.Fatal(err)
	}
	var net *arch.Network
	if c.Space == Space.Name() {
		d, err := ParseDecisions(c.Network)
		if err != nil {
			t.Fatal(err)
		}
		net, err = d.Network(k)
		if err != nil {
			t.Fatal(err)
		}
		return net
	}
	d, err := ParseWide(c.Network)
	if err != nil {
		t.Fatal(err)
	}
	if net, err = d.Network(k); err != nil {
		t.Fatal(err)
	}
	return net
}

// TestReferenceCovers checks that the networks of the reference have every decision
// of their spaces.
func TestReferenceCovers(t *testing.T) {
	seen, words := map[[2]any]bool{}, map[[2]any]bool{}
	for _, c := range readReference(t) {
		if c.Space == Space.Name() {
			d, err := ParseDecisions(c.Network)
			if err != nil {
				t.Fatal(err)
			}
			for s := range Stages {
				for _, k := range decisionKinds {
					seen[[2]any{k.name, k.get(&d, s)}] = true
				}
			}
			continue
		}
		d, err := ParseWide(c.Network)
		if err != nil {
			t.Fatal(err)
		}
		for s, w := range d {
			for k, v := range map[string]any{"op": w.Conv, "e": w.Expansion, "k": w.Kernel, "se": w.SE, "l": w.Layers - mobileLayers[s], "f": w.Filters * 100 / mobileFilters[s]} {
				words[[2]any{k, v}] = true
			}
		}
	}
	// 3 expansions, 2 kernels, 4 numbers of layers, squeeze-and-excite or not; 2
	// kinds of block and, relative to MobileNetV2, 3 numbers of layers and filters.
	if len(seen) != 3+2+4+2 || len(words) != 2+3+2+2+3+3 {
		t.Errorf("%d and %d decisions: %v, %v", len(seen), len(words), seen, words)
	}
}

// TestReference compares features of every view with testdata/reference.py. The
// bound is that of package forward for networks of twenty layers (1e-5: rounding to
// single precision, 6e-8, of weights and sums, grown), and for the fifty layers here
// four times what rounding weights and values alone does to the reference.
func TestReference(t *testing.T) {
	worst := 0.0
	for _, c := range readReference(t) {
		net := c.network(t)
		probes := append(net.ScaleProbes(), arch.Probe{Name: arch.MaximumBlock, Node: net.End(), Pooling: arch.Maximum})
		all, blocks, err := net.Probed(probes...)
		if err != nil {
			t.Fatal(err)
		}
		x, b := fixture.HashedImages(c.Images, net.InputShape(), c.Salt), fixture.HashedImages(c.Batch, net.InputShape(), c.Salt+500)
		for norm := forward.EMA; norm <= forward.None; norm++ {
			n, own := net, []arch.Block{{Name: arch.FinalBlock, N: net.Features()}}
			if len(c.Features[norm.String()]) > 1 {
				n, own = all, blocks
			}
			plan, err := forward.Compile(n, forward.Config{Norm: norm, Seed: 0x0123456789ABCDEF})
			if err != nil {
				t.Fatal(err)
			}
			got, err := plan.Features(t.Context(), c.Member, x, b)
			if err != nil {
				t.Fatal(err)
			}
			if len(own) != len(c.Features[norm.String()]) {
				t.Fatalf("%s, %v: %d views, want %d", c.Network, norm, len(own), len(c.Features[norm.String()]))
			}
			for _, block := range own {
				want := c.Features[norm.String()][block.Name]
				if len(want) != got.N || len(want[0]) != block.N {
					t.Fatalf("%s, %v: %d x %d features %s, want %d x %d", c.Network, norm, got.N, block.N, block.Name, len(want), len(want[0]))
				}
				e := relativeError(got, block, want)
				r := c.Rounding[norm.String()][block.Name]
				worst = max(worst, e)
				if !(e <= 1e-5+4*r) || r > 1e-5 {
					t.Errorf("%s, %v, %s: relative error %.2g, of rounding %.2g", c.Network, norm, block.Name, e, r)
				}
			}
		}
	}
	t.Logf("largest relative error %.2g", worst)
}

// relativeError is the Frobenius norm of the difference over that of the
// expectation.
func relativeError(got *forward.Features, block arch.Block, want [][]float64) float64 {
	var diff, sum float64
	for i, row := range want {
		for j, v := range row {
			e := float64(got.Data[i*got.D+block.First+j]) - v
			diff, sum = diff+e*e, sum+v*v
		}
	}
	return math.Sqrt(diff / sum)
}
