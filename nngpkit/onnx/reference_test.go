package onnx

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// writeFilled is a folder for the graphs with weights: with it, TestONNXRuntime
// writes them there for testdata/make_features.py, which runs onnxruntime and
// writes the golden features.
var writeFilled = flag.String("write-filled", "", "write graphs with weights into this folder")

// exported are the graphs of testdata/make_graphs.py with what torchvision
// publishes: parameters, and multiply-accumulates of an image of 224 x 224 pixels
// in units of 1e9, rounded (its pages of models).
var exported = []struct {
	name       string
	parameters int
	gmacs      float64
	features   int
	norms      int
}{
	{"resnet18", 11_689_512, 1.81, 512, 20},
	{"mobilenet_v2", 3_504_872, 0.30, 1280, 52},
	{"efficientnet_b0", 5_288_548, 0.39, 1280, 49},
	{"densenet121", 7_978_856, 2.83, 1024, 121},
	{"shufflenet_v2_x1_0", 2_278_604, 0.14, 1024, 56},
	{"squeezenet1_0", 1_248_424, 0.82, 1000, 0},
	{"squeezenet1_1", 1_235_496, 0.35, 1000, 0},
}

// TestExported compares parameters and operations with the published ones.
func TestExported(t *testing.T) {
	for _, e := range exported {
		m, err := ReadFile(filepath.Join("testdata", e.name+".onnx"), Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		macs := float64(m.Network.FLOPs()) / 2e9
		if m.Network.Parameters() != e.parameters || math.Abs(macs-e.gmacs) > 0.0051 || m.Network.Features() != e.features || m.Normalizations != e.norms || m.HeadParameters != 0 {
			t.Errorf("%s: %d parameters, %.4f G multiply-accumulates, %d features, %d normalizations, %d parameters of the head left",
				e.name, m.Network.Parameters(), macs, m.Network.Features(), m.Normalizations, m.HeadParameters)
		}
	}
}

// pattern is an image batch that Go and Python compute alike.
func pattern(first, n, side int) *imageset.Batch {
	return sized(first, n, arch.Shape{H: side, W: side, C: 3})
}

func sized(first, n int, s arch.Shape) *imageset.Batch {
	b := &imageset.Batch{N: n, H: s.H, W: s.W, C: s.C, Data: make([]float32, n*s.Size())}
	at := 0
	for i := first; i < first+n; i++ {
		for y := range s.H {
			for x := range s.W {
				for c := range s.C {
					h := uint32(i*1000003+c*10007+y*211+x*31+12345) * 2654435761
					b.Data[at] = float32(h>>16)/32768 - 1
					at++
				}
			}
		}
	}
	return b
}

// TestONNXRuntime compares features with onnxruntime 1.32.0, which ran the same
// graphs with the engine's weights and its normalization written into them
// (testdata/make_features.py). Both add float32 numbers in orders of their own: a
// sum of k products is off by about sqrt(k) 6e-8 of its terms' norm, k being up to
// 4,608 here, 4e-6; normalized layers pass relative errors on without enlarging
// them much, and those of the some 50 to 120 layers add up like a random walk,
// to 3e-5 and 5e-5. The bound is 1e-4 of the features' root mean square.
func TestONNXRuntime(t *testing.T) {
	if testing.Short() {
		t.Skip("runs seven networks on images of 224 x 224 pixels")
	}
	for _, e := range exported {
		t.Run(e.name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", e.name+".onnx"))
			if err != nil {
				t.Fatal(err)
			}
			m, err := Read(bytes.NewReader(raw), int64(len(raw)), e.name, Options{})
			if err != nil {
				t.Fatal(err)
			}
			cfg := forward.Config{Norm: forward.Batch, Seed: 18, Moments: true}
			plan, err := forward.Compile(m.Network, cfg)
			if err != nil {
				t.Fatal(err)
			}
			got, err := plan.Features(context.Background(), 0, pattern(0, 2, 224), pattern(2, 4, 224))
			if err != nil {
				t.Fatal(err)
			}
			if *writeFilled != "" {
				path := filepath.Join(*writeFilled, e.name+".onnx")
				if err := os.WriteFile(path, filled(t, raw, m, cfg, got.Moments), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			compare(t, got, golden(t, e.name))
		})
	}
}

// golden reads features that onnxruntime computed: float32 numbers, little-endian.
func golden(t *testing.T, name string) []float32 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "features", name+".f32"))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

func compare(t *testing.T, got *forward.Features, want []float32) {
	t.Helper()
	if len(got.Data) != len(want) {
		t.Fatalf("%d features, and %d of onnxruntime", len(got.Data), len(want))
	}
	square, worst := 0.0, 0.0
	for i, v := range want {
		square += float64(v) * float64(v)
		worst = max(worst, math.Abs(float64(v)-float64(got.Data[i])))
	}
	scale := math.Sqrt(square / float64(len(want)))
	t.Logf("root mean square %.4g, largest difference %.2g of it", scale, worst/scale)
	if !(worst <= 1e-4*scale) || scale == 0 {
		t.Errorf("largest difference %.3g of a root mean square of %.3g", worst, scale)
	}
}

func parseTensor(b []byte) (*tensor, error) {
	src := &source{r: bytes.NewReader(b)}
	p := &parser{}
	return p.tensor(field{number: 5, kind: protowire.BytesType, body: message{src, 0, int64(len(b))}})
}

// TestOperations compares every operation and way of writing it of
// testdata/make_operations.py with onnxruntime, as TestONNXRuntime does.
func TestOperations(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "operations", "*.onnx"))
	if err != nil || len(paths) < 50 {
		t.Fatal(len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".onnx")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			m, err := Read(bytes.NewReader(raw), int64(len(raw)), name, Options{Features: "features"})
			if err != nil {
				t.Fatal(err)
			}
			cfg := forward.Config{Norm: forward.Batch, Seed: 18, Moments: true}
			plan, err := forward.Compile(m.Network, cfg)
			if err != nil {
				t.Fatal(err)
			}
			s := m.Network.InputShape()
			got, err := plan.Features(context.Background(), 0, sized(0, 2, s), sized(2, 4, s))
			if err != nil {
				t.Fatal(err)
			}
			if *writeFilled != "" {
				if err := os.WriteFile(filepath.Join(*writeFilled, name+".onnx"), filled(t, raw, m, cfg, got.Moments), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			compare(t, got, golden(t, name))
		})
	}
}
