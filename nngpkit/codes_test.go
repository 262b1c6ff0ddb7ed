package nngpkit

import (
	"math"
	"slices"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/space"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
)

// squeezing returns a network of the MnasNet space with squeeze-and-excite in every
// stage.
func squeezing(t *testing.T) *arch.Network {
	t.Helper()
	s, err := space.Find("mnasnet")
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Parse("e6146646 k3533355 l1321212 se1111111")
	if err != nil {
		t.Fatal(err)
	}
	net, err := a.Network(4, arch.Shape{H: 32, W: 32, C: 3})
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// TestMapCodes: the ReLUs inside of squeeze-and-excite, one a block, are those that
// compute on one value a channel; all others stay.
func TestMapCodes(t *testing.T) {
	net := squeezing(t)
	all, err := ReLUCodes.nodes(net)
	if err != nil {
		t.Fatal(err)
	}
	maps, err := MapCodes.nodes(net)
	if err != nil {
		t.Fatal(err)
	}
	var inside []int
	for _, i := range all {
		if !slices.Contains(maps, i) {
			inside = append(inside, i)
		}
	}
	if len(inside) != 12 || len(maps)+len(inside) != len(all) { // 1 + 3 + 2 + 1 + 2 + 1 + 2 blocks
		t.Fatalf("%d of %d are inside of squeeze-and-excite", len(inside), len(all))
	}
	for _, i := range inside {
		if n := net.Nodes[i]; len(n.In) != 1 || net.Nodes[n.In[0]].Kind != arch.GlobalAvgPool {
			t.Errorf("node %d, %s, is not behind a global mean", i, n.Name)
		}
	}
}

// TestAgreementByPart takes the means over the nodes of each part by hand.
func TestAgreementByPart(t *testing.T) {
	net := &arch.Network{Marks: []arch.Mark{{Name: "a", Node: 2}, {Name: "b", Node: 5}, {Name: "c", Node: 6}}}
	c := &CodeScores{Nodes: []int{1, 2, 4, 8, 9}, Agreement: []float64{.2, .4, .7, .5, .9}}
	got := c.AgreementByPart(net)
	for i, want := range []float64{.3, .7, math.NaN(), .7} {
		if !(math.Abs(got[i]-want) < 1e-15) && !(math.IsNaN(got[i]) && math.IsNaN(want)) {
			t.Errorf("part %d has %v, want %v", i, got[i], want)
		}
	}
}

// TestCodesNoise compares what MeasureNoise takes with the codes of the same passes.
func TestCodesNoise(t *testing.T) {
	net := squeezing(t)
	cfg := CodesNoise()
	cfg.Seed = 3
	got, err := MeasureNoise(t.Context(), net, cfg)
	if err != nil {
		t.Fatal(err)
	}
	sets, err := cfg.DrawSets(net.InputShape())
	if err != nil {
		t.Fatal(err)
	}
	e := estimate(t, net, sets[0].Noise, Config{
		Train: 24, Val: 8, Seed: 3, SplitSeed: 3, Norm: forward.Batch, NormSet: sets[0].Plain, NormBatch: 32,
		Views: []View{}, Codes: MapCodes,
	}, 1)
	g := got.General
	if g.Agreement != e.Codes.MeanAgreement() || g.NASWOT != e.Codes.LogDet || got.FLOPs != e.FLOPs || !slices.Equal(g.PartAgreement, e.Codes.AgreementByPart(net)) {
		t.Errorf("%+v, want %v, %v", g, e.Codes.MeanAgreement(), e.Codes.LogDet)
	}
	if len(g.PartAgreement) != 9 || !math.IsNaN(got.Entropy) || !math.IsNaN(got.Sensitivity) || !math.IsNaN(g.Jacobian) {
		t.Errorf("%+v, %+v", got, g)
	}
	cfg.General = true
	if _, err := MeasureNoise(t.Context(), net, cfg); err == nil {
		t.Error("no error of codes only and everything")
	}
}
