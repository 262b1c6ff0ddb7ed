package forward

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

// referenceFile is what testdata/reference.py writes: features in float64, by
// an implementation that shares nothing with this one.
type referenceFile struct {
	Philox            []uint32
	Truncated, Normal []float64
	Cases             []referenceCase
}

type referenceCase struct {
	Name       string
	Nodes      []referenceNode
	Images     int
	Salt       int
	NormImages int `json:"norm_images"`
	NormSalt   int `json:"norm_salt"`
	Member     int
	Features   map[string][][]float64
}

type referenceNode struct {
	Kind           string
	H, W, C        int
	Inputs         []int
	Channels       int
	Kernel, Stride int
	Norm           bool
	Eps, Mom       float64
	Act            string
	Gain           float64
	FanOut         bool `json:"fan_out"`
	Normal         bool
}

const referenceSeed = 0x0123456789ABCDEF

func readReference(t *testing.T) *referenceFile {
	t.Helper()
	b, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var f referenceFile
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return &f
}

func (c *referenceCase) network(t *testing.T) *arch.Network {
	t.Helper()
	acts := map[string]arch.Activation{"identity": arch.Identity, "relu": arch.ReLU, "swish": arch.Swish, "sigmoid": arch.Sigmoid, "erf": arch.Erf}
	in := c.Nodes[0]
	b := arch.NewBuilder(c.Name, arch.Shape{H: in.H, W: in.W, C: in.C})
	for _, n := range c.Nodes[1:] {
		l := arch.Layer{
			Channels: n.Channels, Kernel: n.Kernel, Stride: n.Stride, Norm: n.Norm, NormEpsilon: n.Eps, NormMomentum: n.Mom,
			Act: acts[n.Act], Init: arch.Init{Gain: n.Gain, FanOut: n.FanOut, Normal: n.Normal},
		}
		switch n.Kind {
		case "conv":
			b.Conv(n.Inputs[0], l)
		case "depthwise":
			b.Depthwise(n.Inputs[0], l)
		case "dense":
			b.Dense(n.Inputs[0], l)
		case "maxpool":
			b.MaxPool(n.Inputs[0], n.Kernel, n.Stride)
		case "avgpool":
			b.AvgPool(n.Inputs[0], n.Kernel, n.Stride)
		case "globalavgpool":
			b.GlobalAvgPool(n.Inputs[0])
		case "sum":
			b.Sum(n.Channels, n.Inputs...)
		case "concat":
			b.Concat(n.Inputs...)
		case "scale":
			b.Scale(n.Inputs[0], n.Inputs[1])
		default:
			t.Fatalf("unknown kind %q", n.Kind)
		}
	}
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// relativeError returns the Frobenius norm of the difference of features and
// expectation over that of the expectation.
func relativeError(got []float32, want [][]float64) float64 {
	d := len(want[0])
	var diff, norm float64
	for i, row := range want {
		for j, v := range row {
			e := float64(got[i*d+j]) - v
			diff += e * e
			norm += v * v
		}
	}
	return math.Sqrt(diff / norm)
}

// TestReference compares with the float64 reference on every wiring and every
// kind of node. The bound of 1e-5 is on the relative Frobenius norm of the
// error of a whole feature matrix: float32 rounding (6e-8) of weights and
// sums, grown by some twenty layers.
func TestReference(t *testing.T) { eachLayout(t, reference) }

func reference(t *testing.T) {
	f := readReference(t)
	worst := 0.0
	for i := range f.Cases {
		if raceEnabled && i%4 > 0 { // ten times slower
			continue
		}
		c := &f.Cases[i]
		net := c.network(t)
		x := fixture.HashedImages(c.Images, net.InputShape(), c.Salt)
		b := fixture.HashedImages(c.NormImages, net.InputShape(), c.NormSalt)
		for norm := EMA; norm <= None; norm++ {
			plan, err := Compile(net, Config{Norm: norm, Seed: referenceSeed})
			if err != nil {
				t.Fatal(err)
			}
			got, err := plan.Features(context.Background(), c.Member, x, b)
			if err != nil {
				t.Fatal(err)
			}
			want := c.Features[norm.String()]
			if got.N != len(want) || got.D != len(want[0]) {
				t.Fatalf("%s, %v: %d x %d features, want %d x %d", c.Name, norm, got.N, got.D, len(want), len(want[0]))
			}
			e := relativeError(got.Data, want)
			worst = max(worst, e)
			if !(e <= 1e-5) {
				t.Errorf("%s, %v: relative error %.2g", c.Name, norm, e)
			}
		}
	}
	t.Logf("largest relative error %.2g", worst)
}

// TestStreamReference compares random words bit by bit, and the variables made
// of them to the approximation's accuracy, with the reference.
func TestStreamReference(t *testing.T) {
	f := readReference(t)
	s := newStream(referenceSeed, 5, 7)
	for i := 0; i < len(f.Philox); i += 4 {
		r0, r1, r2, r3 := s.next()
		for j, r := range []uint32{r0, r1, r2, r3} {
			if i+j >= len(f.Philox) {
				break
			}
			if r != f.Philox[i+j] {
				t.Errorf("word %d: %08x, want %08x", i+j, r, f.Philox[i+j])
			}
			if x := truncated(r) / truncatedStd; math.Abs(x/f.Truncated[i+j]-1) > 1.3e-8 {
				t.Errorf("truncated normal %d: %v, want %v", i+j, x, f.Truncated[i+j])
			}
			if x := normal(r); math.Abs(x/f.Normal[i+j]-1) > 1e-14 {
				t.Errorf("normal %d: %v, want %v", i+j, x, f.Normal[i+j])
			}
		}
	}
}
