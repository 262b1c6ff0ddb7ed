package forward

import (
	"context"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

// apart returns the network with every normalization and activation of a layer
// as a node of its own, and with identities between.
func apart(t *testing.T, net *arch.Network) *arch.Network {
	t.Helper()
	out := &arch.Network{Name: net.Name, Classes: net.Classes}
	add := func(nd arch.Node) int {
		out.Nodes = append(out.Nodes, nd)
		return len(out.Nodes) - 1
	}
	at := make([]int, len(net.Nodes))
	for i, nd := range net.Nodes {
		in := make([]int, len(nd.In))
		for k, j := range nd.In {
			in[k] = at[j]
		}
		layer := nd
		layer.In, layer.Norm, layer.NormEpsilon, layer.NormMomentum = in, false, 0, 0
		layer.Act, layer.Alpha, layer.Beta = arch.Identity, 0, 0
		at[i] = add(layer)
		if nd.Norm {
			at[i] = add(arch.Node{Kind: arch.BatchNorm, In: []int{at[i]}, NormEpsilon: nd.NormEpsilon, NormMomentum: nd.NormMomentum, Out: nd.Out})
		}
		if nd.Act != arch.Identity {
			at[i] = add(arch.Node{Kind: arch.Activate, In: []int{at[i]}, Act: nd.Act, Alpha: nd.Alpha, Beta: nd.Beta, Out: nd.Out})
		}
		if i > 0 && i < len(net.Nodes)-1 {
			at[i] = add(arch.Node{Kind: arch.Skip, In: []int{at[i]}, Out: nd.Out})
		}
	}
	if err := out.Check(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFoldJoins checks that a network in single nodes becomes the steps of the
// one with fused layers, over the same memory, and that this one stays as it is:
// for the cells of NAS-Bench-101, whose speed and bits this keeps.
func TestFoldJoins(t *testing.T) {
	nets := benchCells(t, 8)
	for _, k := range everyLevel() {
		for i, net := range nets {
			for norm := EMA; norm <= Batch; norm++ { // None has no normalization to fold
				f := fold(net, norm, nil)
				for j, nd := range f.net.Nodes {
					if f.origin[j] != j || !reflect.DeepEqual(nd, net.Nodes[j]) {
						t.Fatalf("cell %d: node %d became node %d, %+v", i, f.origin[j], j, nd)
					}
				}
				single := apart(t, net)
				if g := fold(single, norm, nil); len(g.net.Nodes) != len(f.net.Nodes) {
					t.Errorf("cell %d: %d nodes, %d where they are single", i, len(f.net.Nodes), len(g.net.Nodes))
				}
				want, err := compile(net, Config{Norm: norm}, new(Pool), k)
				if err != nil {
					continue // channels cannot lie side by side
				}
				got, err := compile(single, Config{Norm: norm}, new(Pool), k)
				if err != nil {
					t.Fatal(err)
				}
				if len(got.steps) != len(want.steps) || got.eval.size != want.eval.size || got.weightSize != want.weightSize {
					t.Errorf("cell %d, %s: %d steps over %d floats, want %d over %d", i, k.Name, len(got.steps), got.eval.size, len(want.steps), want.eval.size)
				}
			}
		}
	}
}

// TestFoldDrops counts the steps of networks with parts that cost nothing.
func TestFoldDrops(t *testing.T) {
	stem := func(b *arch.Builder) int {
		return b.Conv(0, arch.Layer{Channels: 8, Kernel: 3, Norm: true, Act: arch.ReLU})
	}
	for name, c := range map[string]struct {
		build func(b *arch.Builder)
		norm  Norm
		ops   string // of the steps, in order; a sum is done with its convolution
	}{
		"zero in a sum":       {func(b *arch.Builder) { x := stem(b); b.GlobalAvgPool(b.Sum(8, x, b.Zero(x, 8, 1))) }, EMA, "conv mean"},
		"skip":                {func(b *arch.Builder) { b.GlobalAvgPool(b.Skip(b.Skip(stem(b)))) }, EMA, "conv mean"},
		"identity activation": {func(b *arch.Builder) { b.GlobalAvgPool(b.Activate(stem(b), arch.Identity)) }, EMA, "conv mean"},
		"normalization":       {func(b *arch.Builder) { b.GlobalAvgPool(b.BatchNorm(stem(b), arch.Layer{})) }, EMA, "conv norm mean"},
		"none":                {func(b *arch.Builder) { b.GlobalAvgPool(b.BatchNorm(stem(b), arch.Layer{})) }, None, "conv mean"},
		"what nobody reads":   {func(b *arch.Builder) { x := stem(b); b.MaxPool(x, 5, 2); b.GlobalAvgPool(x) }, EMA, "conv mean"},
		"convolutions of zero": {func(b *arch.Builder) {
			x := stem(b)
			z := b.Zero(x, 8, 1)
			y := b.Conv(z, arch.Layer{Channels: 8, Kernel: 3, Act: arch.ReLU})
			b.GlobalAvgPool(b.Sum(8, x, b.BatchNorm(y, arch.Layer{})))
		}, EMA, "conv mean"},
		"sigmoid of zero": {func(b *arch.Builder) {
			x := stem(b)
			b.GlobalAvgPool(b.Sum(8, x, b.Activate(b.Zero(x, 8, 1), arch.Sigmoid)))
		}, EMA, "zero activate conv mean"},
		"equal activations": {func(b *arch.Builder) {
			x := b.Sum(8, stem(b))
			y := b.Activate(x, arch.Tanh)
			z := b.Activate(x, arch.Tanh)
			b.GlobalAvgPool(b.Sum(8, x, y, z))
		}, EMA, "conv activate sum mean"},
		"relu(x + f(x))": {func(b *arch.Builder) {
			x := stem(b)
			y := b.BatchNorm(b.Conv(x, arch.Layer{Channels: 8, Kernel: 3}), arch.Layer{})
			b.GlobalAvgPool(b.Activate(b.Sum(8, x, y), arch.ReLU))
		}, EMA, "conv conv mean"},
		"slices": {func(b *arch.Builder) {
			p := b.Split(stem(b), 3, 5)
			b.GlobalAvgPool(b.Sum(3, p[0], p[1]))
		}, EMA, "conv sum mean"},
		"groups of one": {func(b *arch.Builder) { b.GlobalAvgPool(b.Conv(stem(b), arch.Layer{Channels: 8, Kernel: 3, Groups: 8})) }, EMA, "conv depthwise mean"},
	} {
		b := arch.NewBuilder(name, arch.Shape{H: 9, W: 9, C: 3})
		c.build(b)
		net, err := b.Network(0)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range everyLevel() {
			if k.Images == 1 {
				continue
			}
			p, err := compile(net, Config{Norm: c.norm}, new(Pool), k)
			if err != nil {
				t.Fatal(err)
			}
			names := map[opKind]string{opConv: "conv", opDepthwise: "depthwise", opMean: "mean", opSum: "sum", opNorm: "norm", opActivate: "activate", opZero: "zero"}
			var ops []string
			for _, s := range p.steps {
				ops = append(ops, names[s.op])
			}
			if got := strings.Join(ops, " "); got != c.ops {
				t.Errorf("%s, %s: steps %q, want %q", name, k.Name, got, c.ops)
			}
		}
	}
}

// TestGroupsAsDepthwise checks that a convolution of groups of one channel is a
// depthwise one, with the same weights and bits.
func TestGroupsAsDepthwise(t *testing.T) {
	features := func(add func(b *arch.Builder) int) *Features {
		b := arch.NewBuilder("groups", arch.Shape{H: 9, W: 7, C: 12})
		add(b)
		net, err := b.Network(0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Compile(net, Config{Draw: Orthogonal})
		if err != nil {
			t.Fatal(err)
		}
		x := fixture.HashedImages(5, net.InputShape(), 0)
		f, err := p.Features(context.Background(), 1, x, x)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	l := arch.Layer{Kernel: 3, Stride: 2, Norm: true, Act: arch.ReLU}
	want := features(func(b *arch.Builder) int { return b.Depthwise(0, l) })
	l.Channels, l.Groups = 12, 12
	equalBits(t, "groups of one channel", features(func(b *arch.Builder) int { return b.Conv(0, l) }), want)
}

// TestOrthogonalGroups checks that the outputs of each group are orthogonal, and
// keep the lengths of the independent draw.
func TestOrthogonalGroups(t *testing.T) {
	b := arch.NewBuilder("groups", arch.Shape{H: 4, W: 4, C: 12})
	b.Conv(0, arch.Layer{Channels: 9, Kernel: 3, Groups: 3})
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	raw, turned := WeightsOf(net, 1, Config{}, 0), WeightsOf(net, 1, Config{Draw: Orthogonal}, 0)
	product := func(w []float32, i, j int) (sum float64) {
		for r := range len(w) / 9 {
			sum += float64(w[r*9+i]) * float64(w[r*9+j])
		}
		return sum
	}
	for i := range 9 {
		for j := range 9 {
			switch want := product(raw, i, i); {
			case i == j && !(abs(product(turned, i, i)-want) <= 1e-6*want):
				t.Errorf("output %d has the length %v, want %v", i, product(turned, i, i), want)
			case i != j && i/3 == j/3 && !(abs(product(turned, i, j)) <= 1e-6*want):
				t.Errorf("outputs %d and %d of a group have the product %v", i, j, product(turned, i, j))
			}
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

// TestUnknownIsRefused checks that no operation or activation is taken for
// another one.
func TestUnknownIsRefused(t *testing.T) {
	net := exampleNetwork(t, 8, 8)
	for what, spoil := range map[string]func(nd *arch.Node){
		"unknown operation kind(77)":        func(nd *arch.Node) { nd.Kind = 77 },
		"unknown activation activation(77)": func(nd *arch.Node) { nd.Act = 77 },
		"concat has no activation relu":     func(nd *arch.Node) { nd.Kind = arch.Concat },
	} {
		bad := *net
		bad.Nodes = append([]arch.Node(nil), net.Nodes...)
		spoil(&bad.Nodes[1])
		_, err := Compile(&bad, Config{})
		if err == nil || !strings.HasPrefix(what, "unknown") && !strings.Contains(err.Error(), "node 1") || strings.HasPrefix(what, "unknown") && !strings.Contains(err.Error(), what) {
			t.Errorf("%s: error %v", what, err)
		}
	}
	for a := range activations { // arch.Activation.MarshalText knows which there are
		_, err := arch.Activation(a).MarshalText()
		if known := err == nil; known != activations[a].known {
			t.Errorf("activation %v: known to arch: %v, to the engine: %v", arch.Activation(a), known, activations[a].known)
		}
	}
}

// BenchmarkOperations runs one layer of each kind, 64 channels of 32 x 32 on 64
// images: GFLOP/s by multiply-accumulates, and seconds.
func BenchmarkOperations(b *testing.B) {
	conv := func(l arch.Layer) func(*arch.Builder, int) int {
		l.Channels, l.Kernel = 64, 3
		return func(b *arch.Builder, x int) int { return b.Conv(x, l) }
	}
	act := func(a arch.Activation) func(*arch.Builder, int) int {
		return func(b *arch.Builder, x int) int { return b.Activate(x, a) }
	}
	for _, c := range []struct {
		name string
		add  func(*arch.Builder, int) int
	}{
		{"conv", conv(arch.Layer{})},
		{"dilated", conv(arch.Layer{Dilation: 2})},
		{"groups=2", conv(arch.Layer{Groups: 2})},
		{"groups=8", conv(arch.Layer{Groups: 8})},
		{"groups=32", conv(arch.Layer{Groups: 32})},
		{"groups=64", conv(arch.Layer{Groups: 64})},
		{"batchnorm", func(b *arch.Builder, x int) int { return b.BatchNorm(x, arch.Layer{}) }},
		{"relu", act(arch.ReLU)},
		{"hardswish", act(arch.HardSwish)},
		{"swish", act(arch.Swish)},
		{"tanh", act(arch.Tanh)},
		{"gelutanh", act(arch.GELUTanh)},
		{"gelu", act(arch.GELU)},
		{"avgpool", func(b *arch.Builder, x int) int { return b.AvgPool(x, 3, 1) }},
		{"shuffle", func(b *arch.Builder, x int) int { return b.Shuffle(x, 8) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			builder := arch.NewBuilder(c.name, arch.Shape{H: 32, W: 32, C: 64})
			last := c.add(builder, 0)
			builder.GlobalAvgPool(last)
			net, err := builder.Network(0)
			if err != nil {
				b.Fatal(err)
			}
			x := randomBatch(rand.New(rand.NewPCG(1, 2)), 64, net.InputShape())
			plan, err := Compile(net, Config{Threads: 1})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := plan.Members(context.Background(), 0, 8, x, x, func(int, *Features) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(flopsOf(net)*64*8/(b.Elapsed().Seconds()/float64(b.N))*1e-9, "GFLOP/s")
		})
	}
}
