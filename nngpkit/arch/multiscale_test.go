package arch_test

import (
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

func threeScales(t *testing.T) *arch.Network {
	t.Helper()
	b := arch.NewBuilder("three", arch.Shape{H: 16, W: 16, C: 3})
	x := b.Conv(0, arch.Layer{Channels: 4, Kernel: 3, Act: arch.ReLU})
	x = b.Conv(b.MaxPool(x, 2, 2), arch.Layer{Channels: 6, Kernel: 3, Act: arch.ReLU})
	squeezed := b.Conv(b.GlobalAvgPool(x), arch.Layer{Channels: 6, Act: arch.Sigmoid})
	x = b.Scale(x, squeezed)
	x = b.Conv(x, arch.Layer{Channels: 8, Kernel: 3, Stride: 2, Act: arch.ReLU})
	b.GlobalAvgPool(x)
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func TestMultiScale(t *testing.T) {
	net := threeScales(t)
	wide, blocks, err := net.MultiScale()
	if err != nil {
		t.Fatal(err)
	}
	want := []arch.Block{{Name: "scale 1", First: 0, N: 4}, {Name: "scale 2", First: 4, N: 6}, {Name: "final", First: 10, N: 8}, {Name: "maxima", First: 18, N: 8}}
	if len(blocks) != len(want) {
		t.Fatalf("blocks %v, want %v", blocks, want)
	}
	for i, b := range blocks {
		if b != want[i] {
			t.Errorf("block %d is %v, want %v", i, b, want[i])
		}
	}
	if f := wide.Features(); f != 26 {
		t.Errorf("%d features, want 26", f)
	}
	for i, nd := range net.Nodes[:len(net.Nodes)-1] {
		if wide.Nodes[i].Kind != nd.Kind || wide.Weights(i) != net.Weights(i) {
			t.Errorf("node %d is %v, was %v: its weights are others now", i, wide.Nodes[i].Kind, nd.Kind)
		}
	}
	for i := len(net.Nodes) - 1; i < len(wide.Nodes); i++ {
		if wide.MACs(i) != 0 {
			t.Errorf("node %d, a %v, costs multiplications", i, wide.Nodes[i].Kind)
		}
	}
}

func TestMultiScaleNeedsAnAverage(t *testing.T) {
	b := arch.NewBuilder("open", arch.Shape{H: 4, W: 4, C: 3})
	b.Conv(0, arch.Layer{Channels: 4})
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := net.MultiScale(); err == nil {
		t.Error("a network without a global average got features of several scales")
	}
}

// TestMultiScaleOfOtherEnds has networks that end in normalization, activation,
// a concatenation and a pooling, with the head's average kept by a Skip.
func TestMultiScaleOfOtherEnds(t *testing.T) {
	for name, end := range map[string]func(b *arch.Builder, x int) int{
		"batchnorm": func(b *arch.Builder, x int) int { return b.BatchNorm(x, arch.Layer{}) },
		"activate":  func(b *arch.Builder, x int) int { return b.Activate(x, arch.Swish) },
		"concat":    func(b *arch.Builder, x int) int { return b.Concat(x, b.MaxPool(x, 3, 1)) },
		"avgpool":   func(b *arch.Builder, x int) int { return b.AvgPool(x, 3, 1) },
		"sum":       func(b *arch.Builder, x int) int { return b.Sum(8, x, b.Skip(x)) },
		"slice":     func(b *arch.Builder, x int) int { return b.Slice(x, 2, 6) },
		"shuffle":   func(b *arch.Builder, x int) int { return b.Shuffle(x, 2) },
		"zero":      func(b *arch.Builder, x int) int { return b.Zero(x, 4, 1) },
	} {
		b := arch.NewBuilder(name, arch.Shape{H: 16, W: 16, C: 3})
		stem := b.Conv(0, arch.Layer{Channels: 8, Kernel: 3})
		relu := b.Activate(stem, arch.ReLU)
		x := b.BatchNorm(b.Conv(relu, arch.Layer{Channels: 8, Kernel: 3, Stride: 2}), arch.Layer{})
		last := end(b, x)
		c := b.Shape(last).C
		b.Skip(b.GlobalAvgPool(last))
		net, err := b.Network(10)
		if err != nil {
			t.Fatal(err)
		}
		wide, blocks, err := net.MultiScale()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := []arch.Block{{Name: "scale 1", First: 0, N: 8}, {Name: arch.FinalBlock, First: 8, N: c}, {Name: arch.MaximaBlock, First: 8 + c, N: c}}
		if len(blocks) != 3 || blocks[0] != want[0] || blocks[1] != want[1] || blocks[2] != want[2] {
			t.Errorf("%s: blocks %v, want %v", name, blocks, want)
		}
		if err := wide.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
