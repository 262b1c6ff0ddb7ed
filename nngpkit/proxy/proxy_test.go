package proxy

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// file is what ../testdata/signals.py writes: proxies in float64, by an
// implementation that shares nothing with this one.
type file struct {
	Side, Images, Members int
	ZenImages             int    `json:"zen_images"`
	NoiseSeed             uint64 `json:"noise_seed"`
	Cases                 []struct {
		Name  string
		Nodes []struct {
			Kind           string
			Inputs         []int
			Channels       int
			Kernel, Stride int
		}
		NASWOT float64
		Zen    []float64
	}
}

const seed = 0x0123456789ABCDEF

func read(t *testing.T) *file {
	t.Helper()
	data, err := os.ReadFile("../testdata/signals.json")
	if err != nil {
		t.Fatal(err)
	}
	f := new(file)
	if err := json.Unmarshal(data, f); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *file) network(t *testing.T, i int) *arch.Network {
	t.Helper()
	c := f.Cases[i]
	b := arch.NewBuilder(c.Name, arch.Shape{H: f.Side, W: f.Side, C: 3})
	for _, n := range c.Nodes[1:] {
		switch n.Kind {
		case "conv":
			b.Conv(n.Inputs[0], arch.Layer{Channels: n.Channels, Kernel: n.Kernel, Norm: true, Act: arch.ReLU})
		case "maxpool":
			b.MaxPool(n.Inputs[0], n.Kernel, n.Stride)
		case "globalavgpool":
			b.GlobalAvgPool(n.Inputs[0])
		case "sum":
			b.Sum(n.Channels, n.Inputs...)
		case "concat":
			b.Concat(n.Inputs...)
		default:
			t.Fatalf("unknown kind %q", n.Kind)
		}
	}
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestReference compares with NumPy. Changes of one hundredth keep two digits
// less than the features, which are right to 1e-5; a unit near zero may round to
// another sign.
func TestReference(t *testing.T) {
	f := read(t)
	set, err := imageset.Noise(imageset.NoiseConfig{Images: f.Images, H: f.Side, W: f.Side, Seed: f.NoiseSeed})
	if err != nil {
		t.Fatal(err)
	}
	images, err := set.Batch(imageset.Shuffled(f.Images, seed), imageset.Normalization{})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range f.Cases {
		net := f.network(t, i)
		n, err := NASWOT(t.Context(), net, images, Config{Seed: seed, Members: f.Members})
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.Name+": NASWOT", n, c.NASWOT, 1e-4*math.Abs(c.NASWOT))
		z, err := ZenScore(t.Context(), net, ZenConfig{Config: Config{Seed: seed, Members: f.Members}, Images: f.ZenImages})
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.Name+": change", z.LogChange, c.Zen[0], 1e-3)
		near(t, c.Name+": change, L1", z.LogChangeL1, c.Zen[1], 1e-3)
		near(t, c.Name+": scale", z.LogScale, c.Zen[2], 1e-5*float64(z.Layers))
		near(t, c.Name+": running scale", z.LogScaleRunning, c.Zen[3], 1e-5*float64(z.Layers))
		if z.Score() != z.LogChange+z.LogScale || z.Published() != z.LogChangeL1+z.LogScaleRunning {
			t.Error("a score is not the sum of its parts")
		}
	}
}

// TestZenScaling: normalization takes away what a layer's weights are scaled by,
// so the score must not depend on the network's own initialization.
func TestZenScaling(t *testing.T) {
	f := read(t)
	net := f.network(t, 0)
	a, err := ZenScore(t.Context(), net, ZenConfig{Images: 4})
	if err != nil {
		t.Fatal(err)
	}
	for i := range net.Nodes {
		if net.Weights(i) == 0 {
			continue
		}
		net.Nodes[i].Init = arch.Init{Gain: 2, FanOut: true}
	}
	b, err := ZenScore(t.Context(), net, ZenConfig{Images: 4})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "score", b.Score(), a.Score(), 1e-6*math.Abs(a.Score()))
}

func TestRefuses(t *testing.T) {
	f := read(t)
	net := f.network(t, 0)
	set, err := imageset.Noise(imageset.NoiseConfig{Images: 2, H: f.Side, W: f.Side})
	if err != nil {
		t.Fatal(err)
	}
	two, err := set.Batch([]int{0, 1}, imageset.Normalization{})
	if err != nil {
		t.Fatal(err)
	}
	one, err := set.Batch([]int{0}, imageset.Normalization{})
	if err != nil {
		t.Fatal(err)
	}
	same, err := set.Batch([]int{0, 0}, imageset.Normalization{})
	if err != nil {
		t.Fatal(err)
	}
	smooth := f.network(t, 0)
	for i := range smooth.Nodes {
		smooth.Nodes[i].Act = arch.Identity
	}
	naswot := func(net *arch.Network, b *imageset.Batch, cfg Config) error {
		_, err := NASWOT(t.Context(), net, b, cfg)
		return err
	}
	zen := func(cfg ZenConfig) error {
		_, err := ZenScore(t.Context(), net, cfg)
		return err
	}
	for want, err := range map[string]error{
		"has no ReLU":           naswot(smooth, two, Config{}),
		"at least two":          naswot(net, one, Config{}),
		"-1 members":            naswot(net, two, Config{Members: -1}),
		"of -1 images":          zen(ZenConfig{Images: -1}),
		"want a positive":       zen(ZenConfig{Mix: -1}),
		"-2 members: at least":  zen(ZenConfig{Config: Config{Members: -2}}),
		"at least two are need": naswot(net, nil, Config{}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if s, err := NASWOT(t.Context(), net, same, Config{}); err != nil || !math.IsInf(s, -1) {
		t.Errorf("NASWOT of one image twice is %v, %v", s, err)
	}
}
