package study

import (
	"math"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// stacked is a network of two convolutions, without a global average at its end
// where open.
func stacked(t *testing.T, name string, channels int, s arch.Shape, open bool) NamedNetwork {
	t.Helper()
	b := arch.NewBuilder(name, s)
	x := b.Conv(0, arch.Layer{Channels: channels, Kernel: 3, Norm: true, Act: arch.ReLU})
	x = b.MaxPool(b.Conv(x, arch.Layer{Channels: channels, Kernel: 3, Norm: true, Act: arch.ReLU}), 2, 2)
	if !open {
		b.GlobalAvgPool(x)
	}
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	return NamedNetwork{name, net}
}

// TestRankNetworksOnNoise compares the signals with those of MeasureNoise, and the
// places with ranks counted here.
func TestRankNetworksOnNoise(t *testing.T) {
	s := arch.Shape{H: 8, W: 8, C: 3}
	nets := []NamedNetwork{stacked(t, "small", 4, s, false), stacked(t, "large", 12, s, true), stacked(t, "middle", 8, s, false)}
	df, err := RankNetworks(t.Context(), nets, nil, RankConfig{})
	if err != nil {
		t.Fatal(err)
	}
	names := df.Col(NetworkColumn).Records()
	values := map[string][3]float64{}
	for _, n := range nets {
		m, err := nngpkit.MeasureNoise(t.Context(), n.Network.Averaged(), nngpkit.NoiseConfig{Seed: Recommended().Seed})
		if err != nil {
			t.Fatal(err)
		}
		values[n.Name] = [3]float64{m.Entropy, m.Sensitivity, float64(n.Network.Parameters())}
	}
	for i, name := range names {
		want := 0.0
		for k, weight := range [3]float64{2, 1, 1} {
			want += weight / 3 / 4 // ranks from 1 to 3, of three, weights of 4
			for _, other := range nets {
				if values[other.Name][k] < values[name][k] {
					want += weight / 3 / 4
				}
			}
		}
		if got := df.Col(MixtureColumn).Float()[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: mixture %v, want %v", name, got, want)
		}
		for k, column := range []string{EntropyColumn, SensitivityColumn} {
			if got := df.Col(column).Float()[i]; got != float64(float32(values[name][k])) {
				t.Errorf("%s: %s %v, want %v", name, column, got, values[name][k])
			}
		}
	}
}

// TestRankNetworksByScore: the score of noise is measured where the mixture names it.
func TestRankNetworksByScore(t *testing.T) {
	n := stacked(t, "small", 4, arch.Shape{H: 8, W: 8, C: 3}, false)
	df, err := RankNetworks(t.Context(), []NamedNetwork{n}, nil, RankConfig{Mix: []string{ScoreColumn}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := nngpkit.GeneralNoise()
	cfg.Seed = Recommended().Seed
	m, err := nngpkit.MeasureNoise(t.Context(), n.Network, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := df.Col(ScoreColumn).Float()[0], float64(float32(m.Score(n.Network.Parameters()))); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	b := arch.NewBuilder("linear", arch.Shape{H: 8, W: 8, C: 3})
	b.GlobalAvgPool(b.Conv(0, arch.Layer{Channels: 4, Kernel: 3, Norm: true}))
	linear, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = RankNetworks(t.Context(), []NamedNetwork{n, {"linear.onnx", linear}}, nil, RankConfig{Mix: []string{ScoreColumn}})
	if err == nil || !strings.Contains(err.Error(), "linear.onnx: it has no ReLU units") {
		t.Errorf("a network without ReLU units: %v", err)
	}
}

// TestRankNetworksOnImages scores networks that read other sizes than the images.
func TestRankNetworksOnImages(t *testing.T) {
	set := imageset.Drawn(40, 1)
	nets := []NamedNetwork{stacked(t, "eight", 6, arch.Shape{H: 8, W: 8, C: 3}, false), stacked(t, "twelve", 6, arch.Shape{H: 12, W: 10, C: 3}, true)}
	cfg := RankConfig{Setting: sweep.Setting{Train: 20, Val: 10, Members: 2}}
	df, err := RankNetworks(t.Context(), nets, set, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if df.Nrow() != 2 || df.Col("accuracy").Err != nil || df.Col(InputColumn).Err != nil {
		t.Error(df)
	}
	gray := stacked(t, "gray", 4, arch.Shape{H: 8, W: 8, C: 1}, false)
	if _, err := RankNetworks(t.Context(), []NamedNetwork{gray}, set, cfg); err == nil || !strings.Contains(err.Error(), "gray: the network reads images of 1 channels") {
		t.Error(err)
	}
	if _, err := RankNetworks(t.Context(), nets, set, RankConfig{Mix: []string{EntropyColumn}}); err == nil {
		t.Error("an entropy of noise without noise")
	}
	if _, err := RankNetworks(t.Context(), nil, set, cfg); err == nil {
		t.Error("no networks")
	}
}
