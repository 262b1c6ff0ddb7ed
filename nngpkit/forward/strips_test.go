package forward

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// TestStrips checks where channels lie in a network of the kind of
// NAS-Bench-101: a concatenation begins every part with a vector, and the
// convolution that is added to it is written likewise.
func TestStrips(t *testing.T) {
	b := arch.NewBuilder("strips", arch.Shape{H: 8, W: 8, C: 3})
	conv := func(in, channels int) int {
		return b.Conv(in, arch.Layer{Channels: channels, Kernel: 1, Act: arch.ReLU})
	}
	x := conv(0, 30)
	cat := b.Concat(conv(x, 11), conv(x, 10), conv(x, 9))
	project := conv(x, 30)
	sum := b.Sum(30, cat, project)
	cut := b.Sum(20, sum)
	pool := b.MaxPool(cut, 3, 1)
	b.GlobalAvgPool(pool)
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	strips, err := stripsOf(net, 8)
	if err != nil {
		t.Fatal(err)
	}
	parts := []strip{{0, 11}, {16, 10}, {32, 9}}
	for node, want := range map[int][]strip{0: {{0, 3}}, x: {{0, 30}}, cat: parts, project: parts, sum: parts, cut: {{0, 11}, {16, 9}}, pool: {{0, 11}, {16, 9}}} {
		if !slices.Equal(strips[node], want) {
			t.Errorf("node %d lies at %v, want %v", node, strips[node], want)
		}
	}
	if v := vectorsOf(parts, 8); v != 6 {
		t.Errorf("%d vectors, want 6", v)
	}
	if p := placesOf(strips[pool]); len(p) != 20 || p[10] != 10 || p[11] != 16 || p[19] != 24 {
		t.Errorf("places %v", p)
	}
}

// TestStripsRefused checks the networks that cannot lie so.
func TestStripsRefused(t *testing.T) {
	b := arch.NewBuilder("pools of different strips", arch.Shape{H: 8, W: 8, C: 3})
	x := b.Conv(0, arch.Layer{Channels: 9, Kernel: 1})
	y := b.Conv(0, arch.Layer{Channels: 18, Kernel: 1})
	b.GlobalAvgPool(b.Sum(18, b.Concat(x, x), b.MaxPool(y, 3, 1)))
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stripsOf(net, 8); err == nil || !strings.Contains(err.Error(), "different ways") {
		t.Errorf("error %v", err)
	}
	if sideways(net, 8) {
		t.Error("a network that cannot lie so is to")
	}
}

// TestSideways checks that the wide networks of the public experiment have
// channels side by side, and small ones images.
func TestSideways(t *testing.T) {
	usual := wide
	defer func() { wide = usual }()
	wide.cache = 0
	for stem, some := range map[int]bool{16: false, 128: true} {
		for _, lanes := range []int{8, 16} {
			nets, n := benchCells(t, stem), 0
			for _, net := range nets {
				if sideways(net, lanes) {
					n++
				}
			}
			if some && 6*n < 5*len(nets) || !some && n > 0 { // 20 of all 24
				t.Errorf("stem %d, %d lanes: %d networks of %d", stem, lanes, n, len(nets))
			}
		}
	}
	wide.cache = math.MaxInt
	for _, net := range benchCells(t, 128) {
		if sideways(net, 16) {
			t.Error("no cache is that large")
		}
	}
}
