package mnasnet

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/space/spacetest"
)

func TestSpace(t *testing.T) {
	spacetest.Run(t, Space, spacetest.Options{Bad: map[string]string{
		"e6146646 k3533355 l1321212":                    "3 words",
		"e6146646 k3533355 l1321212 se000000":           "word 4",
		"e6146646 k3533355 l1321212 se0000002":          "stage 6",
		"e6146656 k3533355 l1321212 se0000000":          "stage 5: expansion 5",
		"e6146646 k3533345 l1321212 se0000000":          "stage 5: kernel 4",
		"e6146646 k3533355 l1321412 se0000000":          "stage 4: 4 layers",
		"e6146646 k3533355 l0321212 se0000000":          "stage 0: 0 layers",
		"k3533355 e6146646 l1321212 se0000000":          "word 1",
		"e6146646 k3533355 l1321212 se0000000 and more": "6 words",
	}})
}

func TestWideSpace(t *testing.T) {
	spacetest.Run(t, WideSpace, spacetest.Options{
		Rewrite: func(a space.Architecture) []space.Architecture {
			d, err := WideDecisionsOf(a)
			if err != nil {
				t.Fatal(err)
			}
			var out []space.Architecture
			for s, w := range d {
				if w.Conv {
					d[s].Expansion, d[s].SE = 6, s%2 == 0
					out = append(out, WideArchitecture(d))
				}
			}
			return out
		},
		Bad: map[string]string{
			"mb1k3l1f16": "1 words",
			"mb1k3l1f16 mb6k3l2f24 conv1k5l3f32 mb6k3l4f64se mb6k3l3f96 mb6k3l3f160 mb6k3l3f320":  "stage 6: 3 layers",
			"mb1k3l1f16 mb6k3l2f24 conv1k5l3f32 mb6k3l4f64se mb6k3l3f96 mb6k3l3f160 mb6k3l1f321":  "stage 6: 321 filters",
			"mb1k3l1f16 mb4k3l2f24 conv1k5l3f32 mb6k3l4f64se mb6k3l3f96 mb6k3l3f160 mb6k3l1f320":  "stage 1: expansion 4",
			"mb1k3l1f16 mb6k03l2f24 conv1k5l3f32 mb6k3l4f64se mb6k3l3f96 mb6k3l3f160 mb6k3l1f320": "stage 1",
			"mb1k3l1f16 mb6k3l2f24 cnv1k5l3f32 mb6k3l4f64se mb6k3l3f96 mb6k3l3f160 mb6k3l1f320":   "stage 2",
		},
	})
}

// The sizes are products of the numbers of choices, and so are the tallies' sums;
// 9.7e15 is what the wider space is said to have.
func TestSizes(t *testing.T) {
	product := func(of func(s int) int) int64 {
		n := int64(1)
		for s := range Stages {
			n *= int64(of(s))
		}
		return n
	}
	if n := product(func(s int) int { return 3 * 2 * maxLayers(s) * 2 }); n != Size {
		t.Errorf("%d networks, want %d", int64(Size), n)
	}
	repeats := func(s int) int { return map[bool]int{true: 2, false: 3}[mobileLayers[s] == 1] }
	if n := product(func(s int) int { return 2 * 3 * 2 * 2 * 3 * repeats(s) }); n != WideSize || math.Abs(float64(n)/9.7e15-1) > 0.01 {
		t.Errorf("%d decisions, want %d", int64(WideSize), n)
	}
	if n := product(func(s int) int { return (3*2*2 + 2) * 3 * repeats(s) }); n != WideDifferent {
		t.Errorf("%d networks, want %d", int64(WideDifferent), n)
	}
	for _, s := range []space.Space{Space, WideSpace} {
		for _, y := range s.(space.Tallier).OwnTallies() {
			want := s.Size()
			if y.Name == "labeled" {
				want = big.NewInt(WideSize)
			}
			if big.NewInt(y.Total()).Cmp(want) != 0 {
				t.Errorf("%s: %s by %s: %d in all, want %v", s.Name(), y.Name, y.By.Name, y.Total(), want)
			}
		}
	}
}

// Every number of a space of few stages' choices is another network, and the
// numbers of the whole come back in order.
func TestNumbers(t *testing.T) {
	last, err := Space.(space.Indexed).At(Size - 1)
	if err != nil || last.String() != "e6666666 k5555555 l3333343 se1111111" {
		t.Errorf("the last network is %v, %v", last, err)
	}
	second, err := Space.(space.Indexed).At(1)
	if err != nil || second.String() != "e1111111 k3333333 l1111111 se0000001" {
		t.Errorf("network 1 is %v, %v", second, err)
	}
	seen := map[WideStage]bool{}
	for _, w := range wideDifferent[1] {
		seen[w] = true
	}
	if len(wideWritten[1]) != 216 || len(seen) != 126 {
		t.Errorf("%d and %d choices of a stage", len(wideWritten[1]), len(seen))
	}
}

// Neighbors are mutual, and as many as decisions allow.
func TestNeighbors(t *testing.T) {
	d, err := ParseDecisions("e6146646 k3533355 l1321212 se0000000")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(d.Neighbors()); n != 7*(2+1+2+1)+1 {
		t.Errorf("%d neighbors", n)
	}
	all, err := WideSpace.Sample(20, 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		own, _ := WideDecisionsOf(a)
		want := 0
		for s, w := range own {
			want += 1 + len(wideLayers(s)) - 1 + 2 // kernel, layers, filters
			if w.Conv {
				want += 6 // any inverted residual
			} else {
				want += 2 + 1 + 1 // expansion, squeeze-and-excite, plain
			}
		}
		near := own.Neighbors()
		if len(near) != want {
			t.Fatalf("%v: %d neighbors, want %d", own, len(near), want)
		}
		for _, n := range near {
			found := false
			for _, back := range n.Neighbors() {
				found = found || back == own
			}
			if !found {
				t.Fatalf("%v is a neighbor of %v, and not the other way round", n, own)
			}
		}
	}
}

// Parameters that are published elsewhere: EfficientNet-B0, which lies in the
// space, has 5,288,548 (torchvision's table of weights); MobileNetV2 has 3,504,872
// there, of which the wider space has all but the head of 1,280 channels and its
// 1,000 classes.
func TestKnownNetworks(t *testing.T) {
	b0, err := ParseDecisions("e1666666 k3353553 l1223341 se1111111")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := b0.Cost(Skeleton{}); err != nil || c.Parameters != 5_288_548 {
		t.Errorf("EfficientNet-B0: %d parameters, %v", c.Parameters, err)
	}
	v2, err := ParseWide("mb1k3l1f16 mb6k3l2f24 mb6k3l3f32 mb6k3l4f64 mb6k3l3f96 mb6k3l3f160 mb6k3l1f320")
	if err != nil {
		t.Fatal(err)
	}
	want := 3_504_872 - (320*1280 + 2*1280 + 1280*1000 + 1000) + 320*256 + 2*256 + 256*1001 + 1001
	if c, err := v2.Cost(Skeleton{}); err != nil || c.Parameters != want {
		t.Errorf("MobileNetV2: %d parameters, want %d, %v", c.Parameters, want, err)
	}
}

// TestTablesCosts compares parameters and multiply-accumulates by thop's rule with
// every row of the published tables.
func TestTablesCosts(t *testing.T) {
	files := []string{"accel_nasbench_imagenet.csv"}
	for seed := 1; seed <= 3; seed++ {
		files = append(files, fmt.Sprintf("multiseed_short16_seed%d.csv", seed), fmt.Sprintf("multiseed_long_seed%d.csv", seed))
	}
	for _, f := range files {
		tab, err := ReadTableFile(testdata.Path(t, "mnasnet", f))
		if err != nil {
			t.Fatal(err)
		}
		wrong := 0
		for i := range tab.Rows {
			r := &tab.Rows[i]
			c, err := r.Cost(Skeleton{})
			if err != nil {
				t.Fatal(err)
			}
			if float64(c.Parameters) != r.Params || float64(c.ThopMACs) != r.MACs {
				if wrong++; wrong < 5 {
					t.Errorf("%s: %v: %d parameters and %d MACs, the table has %.0f and %.0f", f, r.Decisions, c.Parameters, c.ThopMACs, r.Params, r.MACs)
				}
			}
		}
		t.Logf("%s: parameters and MACs equal on %d of %d rows", f, tab.Len()-wrong, tab.Len())
	}
}

// TestFreeCounts compares the correlations of free counts with top-1 with a study
// of the same table in SciPy: even and odd rows, tau-b.
func TestFreeCounts(t *testing.T) {
	tab, err := ReadTableFile(testdata.Path(t, "mnasnet", "accel_nasbench_imagenet.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]float64{
		"blocks": {.251, .264}, "se_blocks": {.188, .208}, "kernel5_blocks": {.131, .176}, "expanding_blocks": {.659, .651},
		"expansion_sum": {.658, .652}, "log_expansion": {.665, .658}, "stage_roots": {.813, .807},
	} {
		k := -1
		for i, c := range Space.Counts() {
			if c.Name == name {
				k = i
			}
		}
		var x, y [2][]float64
		for _, r := range tab.Rows {
			h := r.ID % 2
			x[h], y[h] = append(x[h], Architecture(r.Decisions).Counts()[k]), append(y[h], r.Top1)
		}
		for h := range 2 {
			if got := tauB(x[h], y[h]); math.Abs(got-want[h]) > 0.00051 {
				t.Errorf("%s, half %d: tau-b %.4f, want %.3f", name, h, got, want[h])
			}
		}
	}
}

func TestSkeletons(t *testing.T) {
	d, err := ParseDecisions("e1666666 k3353553 l1223341 se1111111")
	if err != nil {
		t.Fatal(err)
	}
	// Any multiplier and size that Network takes, Cost counts the same.
	for _, k := range []Skeleton{
		{}, {Width: 8}, {Width: 1}, {Multiplier: 0.35}, {Multiplier: 1.4, Classes: 200}, {Multiplier: 0.001},
		{Input: arch.Shape{H: 160, W: 160, C: 3}}, {Width: 16, Input: arch.Shape{H: 97, W: 33, C: 1}}, {Act: arch.Swish}, {Input: arch.Shape{H: 1, W: 1, C: 3}},
		{Init: &arch.Init{Gain: 2}},
	} {
		net, err := d.Network(k)
		if err != nil {
			t.Fatal(err)
		}
		c, err := d.Cost(k)
		if err != nil || c.Parameters != net.Parameters() || 2*c.MACs != net.FLOPs() {
			t.Errorf("%+v: counted %+v, built %d parameters, %d FLOPs (%v)", k, c, net.Parameters(), net.FLOPs(), err)
		}
		if k.Multiplier == 0.35 && (net.Nodes[1].Out.C != 11 || net.Features() != 448) {
			t.Errorf("multiplier 0.35: a stem of %d channels, %d features", net.Nodes[1].Out.C, net.Features())
		}
		if len(net.Marks) != 1+Stages {
			t.Errorf("%d marks", len(net.Marks))
		}
	}
	for _, c := range []struct {
		k    Skeleton
		word string
	}{
		{Skeleton{Width: -1}, "width"}, {Skeleton{Width: 5000}, "width"}, {Skeleton{Multiplier: -1}, "multiplier"},
		{Skeleton{Multiplier: math.NaN()}, "multiplier"}, {Skeleton{Multiplier: math.Inf(1)}, "multiplier"},
		{Skeleton{Width: 8, Multiplier: .25}, "both"}, {Skeleton{Classes: -1}, "classes"}, {Skeleton{Act: arch.Tanh}, "tanh"},
		{Skeleton{Input: arch.Shape{H: 1, W: -1, C: 1}}, "images"}, {Skeleton{Input: arch.Shape{H: 1 << 14, W: 1 << 14, C: 3}}, ""},
		{Skeleton{Width: 4096, Input: arch.Shape{H: 2048, W: 2048, C: 3}}, ""},
	} {
		_, err := d.Network(c.k)
		_, err2 := d.Cost(c.k)
		if err == nil || err2 == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%+v: errors %v and %v", c.k, err, err2)
		}
	}
	if _, err := new(Decisions).Network(Skeleton{}); err == nil {
		t.Error("a network of no decisions")
	}
	if _, err := new(WideDecisions).Cost(Skeleton{}); err == nil {
		t.Error("a cost of no decisions")
	}
}

// The published columns are read in the forms in which tables write them.
func TestColumns(t *testing.T) {
	x := Space.(space.Tabular)
	values := space.Spell(Architecture(Decisions{
		Expansion: [7]int{6, 1, 6, 6, 4, 6, 4}, Kernel: [7]int{3, 5, 3, 3, 3, 5, 5}, Layers: [7]int{1, 3, 2, 1, 2, 1, 2}, SE: [7]bool{3: true},
	}))
	if x.Columns()[0][3] != "block3_e" || x.Columns()[0][27] != "block6_se" || values[3] != "6" || values[24] != "1" {
		t.Fatalf("columns %v, values %v", x.Columns()[0], values)
	}
	values[24] = "True"
	a, err := x.ParseColumns(x.Columns()[1], values)
	if err != nil || a.String() != "e6166464 k3533355 l1321212 se0001000" {
		t.Errorf("%v, %v", a, err)
	}
	values[2] = "5"
	if _, err := x.ParseColumns(x.Columns()[0], values); err == nil || !strings.Contains(err.Error(), "stage 2") {
		t.Errorf("expansion 5: error %v", err)
	}
	values[2] = "x"
	if _, err := x.ParseColumns(x.Columns()[0], values); err == nil || !strings.Contains(err.Error(), "block2_e") {
		t.Errorf("no number: error %v", err)
	}
	y := WideSpace.(space.Tabular)
	first, err := WideSpace.Sample(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	values = space.Spell(first[0])
	for i, bad := range map[int]string{0: "depthwise", 7: "2", 29: "0.5", 35: "17"} {
		damaged := append([]string(nil), values...)
		damaged[i] = bad
		if _, err := y.ParseColumns(y.Columns()[0], damaged); err == nil {
			t.Errorf("%s in column %s", bad, y.Columns()[0][i])
		}
	}
}
