package arch

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// everything builds a network with every operation and most parameters.
func everything(t testing.TB) *Network {
	t.Helper()
	b := NewBuilder("everything", Shape{12, 10, 6})
	x := b.Conv(0, Layer{Name: "stem", Channels: 12, Kernel: 3, KernelW: 1, Stride: 2, StrideW: 1, Norm: true, Bias: true, Act: LeakyReLU, Alpha: 0.2})
	y := b.Conv(x, Layer{Channels: 8, Kernel: 3, Dilation: 2, DilationW: 1, Groups: 4, Padding: PaddedSides(2, 1, 2, 1), Act: Clip, Alpha: math.Inf(-1), Beta: 1.5, Init: Init{Gain: 2, FanOut: true, Normal: true}})
	z := b.Depthwise(y, Layer{Kernel: 3, Act: HardSigmoid, NormEpsilon: 1e-3, Norm: true})
	s := b.Activate(b.BatchNorm(b.Sum(8, x, y, z, b.Zero(x, 9, 1)), Layer{}), HardSwish)
	parts := b.Split(b.Shuffle(s, 4), 3, 5)
	c := b.Concat(parts[1], b.Skip(parts[0]), b.AvgPoolOf(s, Pooling{Kernel: 3, Padding: Padded(1), CountPad: true}))
	p := b.MaxPoolOf(b.Pad(c, 1, 0, 1, 2), Pooling{Kernel: 2, KernelW: 3, Stride: 2, Dilation: 1, Padding: PaddedSides(0, 1, 1, 0)})
	m := b.Scale(p, b.Activate(p, Sigmoid))
	m = b.Scale(m, b.Dense(m, Layer{Channels: 16, Act: Sigmoid, Bias: true}))
	b.Mark(p, "pooled")
	b.GlobalAvgPool(b.Mark(b.MaxPool(b.AvgPool(b.Activate(m, Clip, 0, 6), 2, 1), 3, 1), "end"))
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// TestEverything has every operation, and every count by hand.
func TestEverything(t *testing.T) {
	net := everything(t)
	seen := map[Kind]bool{}
	for _, nd := range net.Nodes {
		seen[nd.Kind] = true
	}
	if len(seen) != len(kindNames) {
		t.Errorf("%d operations of %d", len(seen), len(kindNames))
	}
	if err := net.Check(); err != nil {
		t.Error(err)
	}
	// 6x10 after the stem; Pad makes 8x12 of it, and the pooling 4 rows of
	// (8+1-2)/2+1 and 6 columns of (12+1-3)/2+1.
	stem, grouped, depth, norm := 3*6*12+12+2*12, 9*3*8, 9*8+2*8, 2*8
	dense := 4*6*16*16 + 16
	if got, want := net.Parameters(), stem+grouped+depth+norm+dense+16*10+10; got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
	macs := 60*(3*6*12+9*3*8+9*8) + 4*6*16*16 + 160
	if got := net.FLOPs(); got != int64(2*macs) {
		t.Errorf("%d FLOPs, want %d", got, 2*macs)
	}
}

// TestMarks: a mark of no node is refused, wherever it comes from.
func TestMarks(t *testing.T) {
	net := everything(t)
	if want := []Mark{{"pooled", net.Marks[0].Node}, {"end", net.End()}}; !reflect.DeepEqual(net.Marks, want) || net.Nodes[want[0].Node].Kind != MaxPool {
		t.Errorf("marks %v", net.Marks)
	}
	for _, node := range []int{-1, len(net.Nodes)} {
		bad := *net
		bad.Marks = []Mark{{"far", node}}
		if err := bad.Check(); err == nil || !strings.Contains(err.Error(), "far") {
			t.Errorf("a mark of node %d: %v", node, err)
		}
		b := NewBuilder("marked", Shape{2, 2, 1})
		b.Mark(b.MaxPool(0, 2, 1), "near")
		b.Mark(node, "far")
		if _, err := b.Network(0); err == nil || !strings.Contains(err.Error(), "far") {
			t.Errorf("a mark of node %d, which the builder does not have: %v", node, err)
		}
	}
	if err := new(Network).UnmarshalJSON([]byte(`{"nodes": [{"kind": "input", "out": [2, 2, 1]}, {"kind": "skip", "in": [0]}], "marks": [{"name": "far", "node": 2}]}`)); err == nil {
		t.Error("a mark of node 2 of 2 is read")
	}
}

// TestVariances checks fans of groups: those of one group, by hand.
func TestVariances(t *testing.T) {
	b := NewBuilder("fans", Shape{8, 8, 12})
	for _, c := range []struct {
		l    Layer
		want float64
	}{
		{Layer{Channels: 6, Kernel: 3, KernelW: 5, Groups: 3}, 1. / (15 * 4)},
		{Layer{Channels: 6, Kernel: 3, Groups: 3, Init: Init{Gain: 2, FanOut: true}}, 2. / (9 * 2)},
		{Layer{Channels: 12, Kernel: 3, Groups: 12}, 1. / 9},
		{Layer{Channels: 24, Kernel: 3, Groups: 12, Init: Init{FanOut: true}}, 1. / 18},
	} {
		i := b.Conv(0, c.l)
		if b.err != nil {
			t.Fatal(b.err)
		}
		if got := b.net.WeightVariance(i); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%+v: variance %g, want %g", c.l, got, c.want)
		}
	}
}

// TestWindows compares shapes with PyTorch's formula
// floor((n + 2p - d(k-1) - 1)/s) + 1, whose values stand here.
func TestWindows(t *testing.T) {
	for _, c := range []struct {
		l    Layer
		h, w int
	}{
		{Layer{Kernel: 3, Stride: 2, Padding: Padded(1)}, 112, 28},
		{Layer{Kernel: 7, Stride: 2, Padding: Padded(3)}, 112, 28},
		{Layer{Kernel: 3, Padding: Padded(0)}, 222, 53},
		{Layer{Kernel: 3, Dilation: 2, Padding: Padded(2)}, 224, 55},
		{Layer{Kernel: 3, Dilation: 4, Padding: Padded(1)}, 218, 49},
		{Layer{Kernel: 1, KernelW: 7, Padding: PaddedSides(0, 3, 0, 3)}, 224, 55},
		{Layer{Kernel: 2, Stride: 3, StrideW: 1, Padding: PaddedSides(0, 0, 1, 2)}, 75, 56},
		{Layer{Kernel: 4, Stride: 3}, 75, 19}, // same: ceil(224/3), ceil(55/3)
	} {
		c.l.Channels = 1
		b := NewBuilder("windows", Shape{224, 55, 1})
		if got := b.Shape(b.Conv(0, c.l)); got != (Shape{c.h, c.w, 1}) || b.err != nil {
			t.Errorf("%+v: %v, want %dx%d (%v)", c.l, got, c.h, c.w, b.err)
		}
	}
	// TensorFlow pads 3x3 of stride 2 on an even side by 0 before and 1 after.
	n := Node{Kind: Conv, Kernel: 3, Stride: 2, Out: Shape{112, 27, 1}}
	if rows, columns := n.Window(Shape{224, 53, 1}); rows.Before != 0 || columns.Before != 1 {
		t.Errorf("padding before: %d and %d, want 0 and 1", rows.Before, columns.Before)
	}
}

// TestCheck spoils a good network in each way and wants the node and the reason.
func TestCheck(t *testing.T) {
	find := func(n *Network, k Kind) *Node {
		for i := range n.Nodes {
			if n.Nodes[i].Kind == k {
				return &n.Nodes[i]
			}
		}
		t.Fatalf("no %v", k)
		return nil
	}
	for _, c := range []struct {
		kind  Kind
		spoil func(nd *Node)
		want  string
	}{
		{Conv, func(nd *Node) { nd.Kind = 200 }, "node 1 (stem): unknown operation kind(200)"},
		{Conv, func(nd *Node) { nd.Kind = Input }, "no other must be the input"},
		{Conv, func(nd *Node) { nd.In = []int{1} }, "reads node 1, which is not an earlier one"},
		{Conv, func(nd *Node) { nd.In = []int{-1} }, "reads node -1"},
		{Conv, func(nd *Node) { nd.In = nil }, "conv of 0 inputs, not 1"},
		{Conv, func(nd *Node) { nd.In = []int{0, 0} }, "conv of 2 inputs, not 1"},
		{Conv, func(nd *Node) { nd.Out.H++ }, "output shape 7x10x12, expected 6x10x12"},
		{Conv, func(nd *Node) { nd.Out.C = 0 }, "0 channels"},
		{Conv, func(nd *Node) { nd.Out.C = 1 << 40 }, "too large"},
		{Conv, func(nd *Node) { nd.Kernel = 1 << 23; nd.KernelW = 1 << 23 }, "too large"},
		{Conv, func(nd *Node) { nd.Kernel, nd.KernelW, nd.Out.C = 40000, 40000, 1<<20 }, "too"},
		{Conv, func(nd *Node) { nd.Stride = 0 }, "stride 0"},
		{Conv, func(nd *Node) { nd.StrideW = -1 }, "stride along rows -1"},
		{Conv, func(nd *Node) { nd.Dilation = -2 }, "dilation -2"},
		{Conv, func(nd *Node) { nd.Groups = 5 }, "5 groups of 6"},
		{Conv, func(nd *Node) { nd.Groups = -1 }, "groups -1"},
		{Conv, func(nd *Node) { nd.Padding = PaddedSides(0, -1, 0, 0) }, "padding"},
		{Conv, func(nd *Node) { nd.Padding.Left = 1 }, "not explicit"},
		{Conv, func(nd *Node) { nd.Kernel, nd.Padding = 30, Padded(0) }, "does not fit"},
		{Conv, func(nd *Node) { nd.Act = 99 }, "unknown activation activation(99)"},
		{Conv, func(nd *Node) { nd.Alpha = math.NaN() }, "leakyrelu with alpha NaN"},
		{Conv, func(nd *Node) { nd.Act = ReLU }, "has no parameters"},
		{Conv, func(nd *Node) { nd.Act, nd.Alpha, nd.Beta = Clip, 1, 1 }, "clip with alpha 1 and beta 1"},
		{Conv, func(nd *Node) { nd.NormEpsilon = math.NaN() }, "epsilon NaN"},
		{Conv, func(nd *Node) { nd.NormMomentum = 2 }, "momentum 2 out of range"},
		{Conv, func(nd *Node) { nd.Norm = false }, "no normalization epsilon"},
		{Conv, func(nd *Node) { nd.Init.Gain = math.Inf(1) }, "gain +Inf"},
		{Conv, func(nd *Node) { nd.CountPad = true }, "conv has no count"},
		{Conv, func(nd *Node) { nd.First = 2 }, "conv has no first channel"},
		{Sum, func(nd *Node) { nd.Act = ReLU }, "sum has no activation"},
		{Sum, func(nd *Node) { nd.Bias = true }, "sum has no bias"},
		{Sum, func(nd *Node) { nd.Out.C = 100 }, "fewer than 100 channels"},
		{Sum, func(nd *Node) { nd.In = nil }, "no inputs"},
		{Concat, func(nd *Node) { nd.In = append([]int{0}, nd.In...) }, "differ in size"},
		{Skip, func(nd *Node) { nd.Kernel = 3 }, "skip has no kernel"},
		{Zero, func(nd *Node) { nd.Stride = 0 }, "stride 0"},
		{Slice, func(nd *Node) { nd.First = 7 }, "channels 7 to 9"},
		{Slice, func(nd *Node) { nd.First = math.MinInt }, "channels"},
		{Slice, func(nd *Node) { nd.First = math.MaxInt }, "channels"},
		{Shuffle, func(nd *Node) { nd.Groups = 3 }, "8 channels in 3 groups"},
		{Shuffle, func(nd *Node) { nd.Groups = 0 }, "8 channels in 0 groups"},
		{Pad, func(nd *Node) { nd.Padding = Padding{} }, "not explicit"},
		{Pad, func(nd *Node) { nd.Padding.Top = math.MaxInt }, "out of range"},
		{Scale, func(nd *Node) { nd.In[1] = 0 }, "factor of shape"},
		{MaxPool, func(nd *Node) { nd.Padding = Padded(5) }, "in the padding alone"},
		{Dense, func(nd *Node) { nd.Kernel = 3 }, "dense has no kernel"},
	} {
		net := everything(t)
		c.spoil(find(net, c.kind))
		err := net.Check()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `arch: network "everything": node `) {
			t.Errorf("%v: error %v, want one with %q", c.kind, err, c.want)
		}
	}
	var none *Network
	if none.Check() == nil || (&Network{}).Check() == nil {
		t.Error("a network without nodes was accepted")
	}
	net := everything(t)
	net.Nodes[0].Kind = Conv
	if net.Check() == nil {
		t.Error("a network without an input was accepted")
	}
	net = everything(t)
	net.Classes = -1
	if net.Check() == nil {
		t.Error("a negative number of classes was accepted")
	}
}

// spoil changes random fields of random nodes, by reflection, to values that
// often are out of range.
func spoil(r *rand.Rand, net *Network) {
	values := []int{0, -1, 1, 2, 3, 7, 100, 1 << 20, 1 << 31, 1 << 40, math.MaxInt, math.MinInt}
	var set func(v reflect.Value)
	set = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Int:
			v.SetInt(int64(values[r.IntN(len(values))]))
		case reflect.Uint8:
			v.SetUint(r.Uint64N(20))
		case reflect.Bool:
			v.SetBool(r.IntN(2) == 0)
		case reflect.Float64:
			v.SetFloat([]float64{0, -1, 1e-3, 2, 1e300, math.NaN(), math.Inf(1), math.Inf(-1)}[r.IntN(8)])
		case reflect.Slice:
			var in []int
			for range r.IntN(4) {
				in = append(in, r.IntN(len(net.Nodes)+2)-1)
			}
			v.Set(reflect.ValueOf(in))
		case reflect.Struct:
			set(v.Field(r.IntN(v.NumField())))
		}
	}
	for range 1 + r.IntN(3) {
		set(reflect.ValueOf(&net.Nodes[r.IntN(len(net.Nodes))]).Elem())
	}
}

// TestNothingPanics spoils networks at random: each is refused, or what it says
// of itself is what comes back from JSON.
func TestNothingPanics(t *testing.T) {
	good := 0
	for seed := range uint64(5000) {
		net := everything(t)
		spoil(rand.New(rand.NewPCG(seed, 9)), net)
		err := net.Check()
		net.Parameters()
		net.FLOPs()
		for i := range net.Nodes {
			net.WeightVariance(i)
		}
		_ = net.InputShape().String() + net.FeatureShape().String()
		_, _, scaleErr := net.MultiScale()
		_, _, probeErr := net.Probed(append(net.ScaleProbes(), Probe{Node: net.End()})...)
		text, jsonErr := json.Marshal(net)
		if err != nil {
			if jsonErr == nil || scaleErr == nil || probeErr == nil {
				t.Fatalf("seed %d: refused (%v), but written or given scales or probes", seed, err)
			}
			continue
		}
		good++
		var back Network
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(&back, net) {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
	}
	if good < 50 {
		t.Errorf("%d of the spoiled networks are good", good)
	}
}
