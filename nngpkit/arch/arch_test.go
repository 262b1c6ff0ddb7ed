package arch

import (
	"math"
	"strings"
	"testing"
)

// residual builds stem, a strided block with a projection, and the head: by
// hand its counts are easy to write down.
func residual(t *testing.T) *Network {
	t.Helper()
	b := NewBuilder("residual", Shape{5, 7, 3})
	stem := b.Conv(0, Layer{Channels: 4, Kernel: 3, Norm: true, Act: ReLU})
	a := b.Conv(stem, Layer{Channels: 8, Kernel: 3, Stride: 2, Norm: true, Act: ReLU})
	p := b.Conv(stem, Layer{Channels: 8, Kernel: 1, Stride: 2, Bias: true})
	s := b.Sum(8, a, p)
	d := b.Depthwise(s, Layer{Kernel: 5, Norm: true, Act: Swish})
	g := b.GlobalAvgPool(d)
	q := b.Dense(g, Layer{Channels: 2, Act: Swish, Bias: true})
	e := b.Dense(q, Layer{Channels: 8, Act: Sigmoid, Bias: true})
	m := b.Scale(d, e)
	c := b.Concat(m, s)
	cut := b.Sum(3, c)
	b.GlobalAvgPool(b.MaxPool(cut, 2, 2))
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func TestCountsByHand(t *testing.T) {
	net := residual(t)
	conv1 := 3*3*3*4 + 2*4
	conv2 := 3*3*4*8 + 2*8
	proj := 4*8 + 8
	depth := 5*5*8 + 2*8
	se := 8*2 + 2 + 2*8 + 8
	head := 3*10 + 10
	if got, want := net.Parameters(), conv1+conv2+proj+depth+se+head; got != want {
		t.Errorf("Parameters() = %d, want %d", got, want)
	}
	// 5x7 before the stride, ceil(5/2) x ceil(7/2) = 3x4 after it.
	macs := 35*(3*3*3*4) + 12*(3*3*4*8) + 12*(4*8) + 12*(5*5*8) + 8*2 + 2*8 + 3*10
	if got, want := net.FLOPs(), int64(2*macs); got != want {
		t.Errorf("FLOPs() = %d, want %d", got, want)
	}
	if got, want := net.FeatureShape(), (Shape{1, 1, 3}); got != want {
		t.Errorf("FeatureShape() = %v, want %v", got, want)
	}
	if got, want := net.Nodes[len(net.Nodes)-2].Out, (Shape{2, 2, 3}); got != want {
		t.Errorf("shape after the pool = %v, want %v", got, want)
	}
}

func TestWeightVariance(t *testing.T) {
	b := NewBuilder("variances", Shape{8, 8, 6})
	fanIn := b.Conv(0, Layer{Channels: 10, Kernel: 3})
	he := b.Conv(0, Layer{Channels: 10, Kernel: 3, Init: Init{Gain: 2, FanOut: true, Normal: true}})
	depth := b.Depthwise(0, Layer{Kernel: 3, Init: Init{Gain: 2, FanOut: true}})
	dense := b.Dense(0, Layer{Channels: 5})
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		node int
		want float64
	}{{0, 0}, {fanIn, 1. / 54}, {he, 2. / 90}, {depth, 2. / 9}, {dense, 1. / 384}} {
		if got := net.WeightVariance(c.node); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("WeightVariance(%d) = %g, want %g", c.node, got, c.want)
		}
	}
}

func TestBuilderNamesTheFirstMistake(t *testing.T) {
	cases := []struct {
		name  string
		build func(b *Builder)
		want  string
	}{
		{"no layers", func(b *Builder) {}, "has no layers"},
		{"missing input", func(b *Builder) { b.Conv(3, Layer{Name: "c1", Channels: 4}) }, "node 1 (c1): input 3 does not exist"},
		{"negative input", func(b *Builder) { b.MaxPool(-1, 3, 1) }, "node 1 (maxpool): input -1 does not exist"},
		{"no channels", func(b *Builder) { b.Conv(0, Layer{Name: "c1"}) }, "0 channels"},
		{"no dense outputs", func(b *Builder) { b.Dense(0, Layer{}) }, "0 channels"},
		{"negative stride", func(b *Builder) { b.Conv(0, Layer{Channels: 1, Stride: -1}) }, "stride -1 must be positive"},
		{"zero window", func(b *Builder) { b.AvgPool(0, 0, 1) }, "kernel 0"},
		{"too few channels to cut", func(b *Builder) { b.Sum(4, 0) }, "fewer than 4 channels"},
		{"no channels left", func(b *Builder) { b.Sum(0, 0) }, "0 channels"},
		{"nothing to add", func(b *Builder) { b.Sum(3) }, "no inputs"},
		{"sizes differ in a sum", func(b *Builder) { b.Sum(3, 0, b.MaxPool(0, 2, 2)) }, "differ in size"},
		{"sizes differ in a concat", func(b *Builder) { b.Concat(0, b.MaxPool(0, 2, 2)) }, "differ in size"},
		{"scale of another width", func(b *Builder) { b.Scale(0, b.Dense(0, Layer{Channels: 2})) }, "factor of shape 1x1x2"},
		{"momentum out of range", func(b *Builder) { b.Conv(0, Layer{Channels: 2, Norm: true, NormMomentum: 1.5}) }, "momentum 1.5 out of range"},
		{"the first mistake stays", func(b *Builder) { b.Conv(0, Layer{Name: "first"}); b.Conv(9, Layer{Name: "second"}) }, "(first)"},
	}
	for _, c := range cases {
		b := NewBuilder("bad", Shape{8, 8, 3})
		c.build(b)
		if _, err := b.Network(10); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
	if _, err := NewBuilder("flat", Shape{0, 8, 3}).Network(1); err == nil {
		t.Error("an empty image was accepted")
	}
	b := NewBuilder("classes", Shape{8, 8, 3})
	b.GlobalAvgPool(0)
	if _, err := b.Network(-1); err == nil {
		t.Error("a negative number of classes was accepted")
	}
}

func TestNetworkIsACopy(t *testing.T) {
	b := NewBuilder("copy", Shape{4, 4, 3})
	b.GlobalAvgPool(0)
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	b.Dense(1, Layer{Channels: 7})
	if len(net.Nodes) != 2 {
		t.Errorf("a later node changed the finished network: %d nodes", len(net.Nodes))
	}
}
