package nngpkit

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// signalsFile is what testdata/signals.py writes: signals in float64, from their
// definitions, by an implementation that shares nothing with this one.
type signalsFile struct {
	Side, Images, Members int
	Std                   float64
	NoiseSeed             uint64 `json:"noise_seed"`
	Pixels                []uint8
	Cases                 []struct {
		Name  string
		Nodes []struct {
			Kind           string
			H, W, C        int
			Inputs         []int
			Channels       int
			Kernel, Stride int
		}
		Mark               int
		Entropy            float64
		ParticipationRatio float64 `json:"participation_ratio"`

		Change, Variance, Square float64

		Agreement []float64
		NASWOT    float64
	}
}

const signalsSeed = 0x0123456789ABCDEF

// TestSignalsReference compares all signals with those of NumPy.
func TestSignalsReference(t *testing.T) {
	data, err := os.ReadFile("testdata/signals.json")
	if err != nil {
		t.Fatal(err)
	}
	var f signalsFile
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	set := noise(t, imageset.NoiseConfig{Images: f.Images, H: f.Side, W: f.Side, Seed: f.NoiseSeed})
	for i, v := range f.Pixels {
		if got := set.Pix(1)[i]; got != v {
			t.Fatalf("value %d of image 1 is %d, want %d", i, got, v)
		}
	}
	for _, c := range f.Cases {
		b := arch.NewBuilder(c.Name, arch.Shape{H: f.Side, W: f.Side, C: 3})
		for i, n := range c.Nodes[1:] {
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
			if i+1 == c.Mark {
				b.Mark(c.Mark, "middle")
			}
		}
		net, err := b.Network(0)
		if err != nil {
			t.Fatal(err)
		}
		base := Config{Train: f.Images - 2, Val: 2, Seed: signalsSeed, SplitSeed: signalsSeed}
		e := base
		e.Norm, e.Views = forward.None, []View{Maximum}
		k := estimate(t, net, set, e, f.Members).Kernel
		s, err := gp.SpectraOf(t.Context(), k, 0)
		if err != nil {
			t.Fatal(err)
		}
		// Features are right to 1e-5 (see package forward); shares of the spectrum
		// double that.
		near := func(what string, got, want, tol float64) {
			t.Helper()
			if !(math.Abs(got-want) <= tol*math.Abs(want)) {
				t.Errorf("%s: %s %v, want %v", c.Name, what, got, want)
			}
		}
		near("entropy", s.Entropy, c.Entropy, 2e-5)
		near("participation ratio", s.ParticipationRatio, c.ParticipationRatio, 4e-5)

		j := base
		j.Norm, j.NormSet, j.NormBatch, j.Codes = forward.Batch, set, f.Images, ReLUCodes
		j.Perturb = Perturbation{Std: f.Std, At: []Place{{Mark: "middle"}}}
		got := estimate(t, net, set, j, f.Members)
		// The change, some hundredths of the features, keeps fewer digits than they.
		near("change", got.Sensitivities[0].Change, c.Change, 3e-4)
		near("variance", got.Sensitivities[0].Variance, c.Variance, 1e-4)
		near("square", got.Sensitivities[0].Square, c.Square, 1e-4)
		if len(got.Codes.Agreement) != len(c.Agreement) {
			t.Fatalf("%s: %d nodes with codes, want %d", c.Name, len(got.Codes.Agreement), len(c.Agreement))
		}
		for i, v := range c.Agreement { // some unit may round to another sign
			near("agreement", got.Codes.Agreement[i], v, 1e-4)
		}
		near("NASWOT", got.Codes.LogDet, c.NASWOT, 1e-4)
	}
}
