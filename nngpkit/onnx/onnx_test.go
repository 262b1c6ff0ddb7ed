package onnx

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

func gap(in, out string) msg {
	return op("GlobalAveragePool", "gap", []string{in}, []string{out})
}

// TestBad: what cannot be read is an error that says where and why.
func TestBad(t *testing.T) {
	whole := one("y", gap("c", "y"))
	other := func(inputs, initializers []msg, nodes ...msg) msg {
		return modelOf(inputs, initializers, "y", nodes...)
	}
	x := info("x", 1, 3, 8, 8)
	conv := op("Conv", "conv", []string{"x", "w"}, []string{"c"})
	for _, c := range []struct {
		name string
		file msg
		o    Options
		want []string
	}{
		{"empty", nil, Options{}, []string{"an empty file"}},
		{"text", msg("hello, this is no model\n"), Options{}, []string{"no ONNX file"}},
		{"no graph", msg{}.num(1, 8), Options{}, []string{"no graph"}},
		{"no nodes", modelOf([]msg{x}, nil, "y"), Options{}, []string{"no nodes"}},
		{"unknown operation", one("y", op("Einsum", "mixer", []string{"c"}, []string{"e"}), gap("e", "y")), Options{}, []string{`"mixer" (Einsum)`, "not known"}},
		{"unnamed node", one("y", op("LRN", "", []string{"c"}, []string{"e"}), gap("e", "y")), Options{}, []string{`node 1 (LRN), which makes "e"`}},
		{"unknown attribute", one("y", op("Relu", "act", []string{"c"}, []string{"e"}, integer("fast", 1)), gap("e", "y")), Options{}, []string{`"act"`, "attribute fast"}},
		{"other domain", one("y", op("Conv", "fused", []string{"c"}, []string{"e"}).text(7, "com.microsoft"), gap("e", "y")), Options{}, []string{`"fused"`, "com.microsoft"}},
		{"cycle", one("y", op("Add", "a", []string{"c", "q"}, []string{"p"}), op("Relu", "b", []string{"p"}, []string{"q"}), gap("q", "y")), Options{}, []string{"cycle"}},
		{"missing value", one("y", op("Add", "a", []string{"c", "nowhere"}, []string{"p"}), gap("p", "y")), Options{}, []string{`"nowhere"`, "no node"}},
		{"two producers", one("y", op("Relu", "a", []string{"c"}, []string{"p"}), op("Tanh", "b", []string{"c"}, []string{"p"}), gap("p", "y")), Options{}, []string{`"p"`, "two nodes"}},
		{"weights without shape", other([]msg{x}, []msg{shaped("w")}, conv, gap("c", "y")), Options{}, []string{`"conv"`, "input 1 has the shape []"}},
		{"weights of zeros", other([]msg{x}, []msg{shaped("w", 0, 3, 3, 3)}, conv, gap("c", "y")), Options{}, []string{`"conv"`, "positive"}},
		{"huge weights", other([]msg{x}, []msg{shaped("w", 1<<30, 3, 1<<30, 3)}, conv, gap("c", "y")), Options{}, []string{`"conv"`}},
		{"negative size", other([]msg{x}, []msg{shaped("w", -4, 3, 3, 3)}, conv, gap("c", "y")), Options{}, []string{`"w"`, "-4"}},
		{"channels", other([]msg{x}, []msg{shaped("w", 4, 5, 3, 3)}, conv, gap("c", "y")), Options{}, []string{`"conv"`, "3 channels"}},
		{"huge image", other([]msg{info("x", 1, 3, 1<<40, 8)}, []msg{shaped("w", 4, 3, 3, 3)}, conv, gap("c", "y")), Options{}, []string{"rows"}},
		{"open image", other([]msg{info("x", -1, 3, -1, -1)}, []msg{shaped("w", 4, 3, 3, 3)}, conv, gap("c", "y")), Options{}, []string{`"x"`, "open"}},
		{"too small an image", other([]msg{info("x", 1, 3, 2, 2)}, []msg{shaped("w", 4, 3, 3, 3)}, conv, gap("c", "y")), Options{}, []string{`"conv"`, "does not fit"}},
		{"sequence", other([]msg{info("x", 1, 77)}, []msg{shaped("w", 4, 77)}, op("Gemm", "g", []string{"x", "w"}, []string{"y"})), Options{}, []string{"no input is an image", `"x" of 2 axes`}},
		{"two images", other([]msg{x, info("z", 1, 3, 8, 8)}, nil, op("Add", "a", []string{"x", "z"}, []string{"p"}), gap("p", "y")), Options{}, []string{`"x"`, `"z"`}},
		{"shared weights", one("y", op("Conv", "one", []string{"c", "v"}, []string{"d"}), op("Conv", "two", []string{"d", "v"}, []string{"e"}), gap("e", "y")), Options{}, []string{`"v"`}},
		{"scaling", one("y", op("Mul", "scaling", []string{"c", "half"}, []string{"d"}), op("Constant", "", nil, []string{"half"}, float("value_float", 0.5)), gap("d", "y")), Options{}, []string{`"scaling"`, "no activation"}},
		{"elu", one("y", op("Elu", "act", []string{"c"}, []string{"d"}), gap("d", "y")), Options{}, []string{`"act" (Elu)`, "no activation"}},
		{"no pooling", one("y", op("Relu", "act", []string{"c"}, []string{"y"})), Options{}, []string{"no pooling", "act"}},
		{"head of images", one("y", op("MaxPool", "pool", []string{"c"}, []string{"d"}, ints("kernel_shape", 2, 2)), op("Conv", "more", []string{"d", "v"}, []string{"y"})), Options{}, []string{`"pool"`, `"more"`}},
		{"no such features", whole, Options{Features: "layer9"}, []string{`"layer9"`, "gap"}},
		{"other channels", whole, Options{Input: arch.Shape{C: 1}}, []string{"3 channels"}},
		{"twice an attribute", one("y", op("Relu", "act", []string{"c"}, []string{"d"}, integer("a", 1), integer("a", 2)), gap("d", "y")), Options{}, []string{"two attributes"}},
		{"second graph", append(append(msg{}, whole...), whole...), Options{}, []string{"second graph"}},
		{"kernel and weights", other([]msg{x}, []msg{shaped("w", 4, 3, 3, 3)}, op("Conv", "conv", []string{"x", "w"}, []string{"c"}, ints("kernel_shape", 5, 5)), gap("c", "y")), Options{}, []string{"kernel_shape"}},
		{"one axis", other([]msg{x}, []msg{shaped("w", 4, 3, 3)}, conv, gap("c", "y")), Options{}, []string{`"conv"`, "4 positive sizes"}},
		{"parameter product", one("y", op("Mul", "gamma", []string{"c", "g"}, []string{"d"}), gap("d", "y")), Options{}, []string{`"g"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := c.file
			_, err := readBytes(file, c.o)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%v: want %s", err, w)
				}
			}
		})
	}
}

// TestTruncated: every beginning of a file is an error, and does not panic.
func TestTruncated(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "squeezenet1_1.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range raw {
		if _, err := readBytes(raw[:n], Options{}); err == nil {
			t.Fatalf("the first %d bytes of %d read without an error", n, len(raw))
		}
	}
}

// TestSharedWeights names both nodes.
func TestSharedWeights(t *testing.T) {
	file := modelOf([]msg{info("x", 1, 3, 8, 8)}, []msg{shaped("w", 3, 3, 1, 1)}, "y",
		op("Conv", "one", []string{"x", "w"}, []string{"d"}), op("Conv", "two", []string{"d", "w"}, []string{"e"}), gap("e", "y"))
	if _, err := readBytes(file, Options{}); err == nil || !strings.Contains(err.Error(), `"one"`) || !strings.Contains(err.Error(), `"two"`) {
		t.Error(err)
	}
}

// zeros is a file whose weights are 8 GB of zeros behind a beginning.
type zeros struct {
	head []byte
	size int64
}

func (z zeros) ReadAt(p []byte, at int64) (int, error) {
	clear(p)
	if at < int64(len(z.head)) {
		copy(p, z.head[at:])
	}
	if at+int64(len(p)) > z.size {
		return int(max(0, z.size-at)), io.EOF
	}
	return len(p), nil
}

// TestWeightsStayBehind reads a graph whose weights take 8 GB: memory is that of
// the graph.
func TestWeightsStayBehind(t *testing.T) {
	const bytes = 8 << 30
	tensor := func(data int64) msg {
		m := shaped("w", 4, 3, 3, 3)
		m = protowire.AppendTag(m, 9, protowire.BytesType)
		return protowire.AppendVarint(m, uint64(data))
	}
	var g msg
	g = g.sub(1, op("Conv", "conv", []string{"x", "w"}, []string{"c"})).sub(1, gap("c", "y"))
	g = g.sub(11, info("x", 1, 3, 8, 8)).sub(12, info("y"))
	w := tensor(bytes)
	g = protowire.AppendTag(g, 5, protowire.BytesType)
	g = protowire.AppendVarint(g, uint64(len(w)+bytes))
	g = append(g, w...)
	m := msg{}.num(1, 8).sub(8, msg{}.num(2, 17))
	m = protowire.AppendTag(m, 7, protowire.BytesType)
	m = protowire.AppendVarint(m, uint64(len(g)+bytes))
	m = append(m, g...)
	z := zeros{m, int64(len(m)) + bytes}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	model, err := Read(z, z.size, "zeros", Options{})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if got := model.Network.Parameters(); got != 108 {
		t.Errorf("%d parameters", got)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("%d bytes were allocated", took)
	}
}

// TestOtherFile reads graphs whose weights lie in another file: of weights nothing
// is needed; a shape is read where the file is there, and taken from what the graph
// states of its values where it is not.
func TestOtherFile(t *testing.T) {
	outside := func(name string, kind int64, file string, offset string, dims ...int64) msg {
		m := msg{}.num(2, kind).text(8, name).num(14, 1)
		for _, d := range dims {
			m = m.num(1, d)
		}
		return m.sub(13, msg{}.text(1, "location").text(2, file)).sub(13, msg{}.text(1, "offset").text(2, offset))
	}
	build := func(file string, known ...msg) msg {
		var g msg
		g = g.sub(1, op("Conv", "conv", []string{"x", "w"}, []string{"c"}))
		g = g.sub(1, op("Reshape", "r1", []string{"c", "s"}, []string{"d"}))
		g = g.sub(1, op("Transpose", "t", []string{"d"}, []string{"e"}, ints("perm", 0, 2, 1, 3, 4)))
		g = g.sub(1, op("Reshape", "r2", []string{"e", "s2"}, []string{"f"})).sub(1, gap("f", "y"))
		g = g.sub(5, outside("w", typeFloat, file, "0", 4, 3, 1, 1))
		g = g.sub(5, outside("s", typeInt64, file, "48", 5)).sub(5, outside("s2", typeInt64, file, "88", 4))
		for _, k := range known {
			g = g.sub(13, k)
		}
		g = g.sub(11, info("x", 1, 3, 8, 8)).sub(12, info("y"))
		return msg{}.num(1, 8).sub(8, msg{}.num(2, 17)).sub(7, g)
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "net.onnx")
	var data []byte
	data = append(data, make([]byte, 48)...)
	for _, v := range []byte{1, 2, 2, 8, 8, 1, 4, 8, 8} {
		data = append(data, v, 0, 0, 0, 0, 0, 0, 0)
	}
	write := func(path string, b []byte) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const want = "input conv shuffle globalavgpool"
	write(path, build("net.data"))
	write(filepath.Join(folder, "net.data"), data)
	m, err := ReadFile(path, Options{})
	if err != nil || kinds(m.Network) != want {
		t.Errorf("beside it: %v", err)
	}
	write(path, build("../net.data"))
	if _, err := ReadFile(path, Options{}); err == nil || !strings.Contains(err.Error(), "left out") {
		t.Errorf("outside of the folder: %v", err)
	}
	write(path, build("gone.data"))
	if _, err := ReadFile(path, Options{}); err == nil || !strings.Contains(err.Error(), `"r1"`) {
		t.Errorf("without: %v", err)
	}
	write(path, build("gone.data", info("d", -1, 2, 2, 8, 8), info("f", -1, 4, 8, 8)))
	if m, err := ReadFile(path, Options{}); err != nil || kinds(m.Network) != want {
		t.Errorf("with stated shapes: %v", err)
	}
}

// TestParametersAsInputs reads what exporters write without parameters: these are
// inputs of the graph.
func TestParametersAsInputs(t *testing.T) {
	file := modelOf([]msg{info("x", -1, 3, -1, -1), info("w", 4, 3, 3, 3), info("k", 10, 4), info("b", 10)}, nil, "y",
		op("Identity", "i", []string{"w"}, []string{"v"}),
		op("Conv", "conv", []string{"x", "v"}, []string{"c"}), gap("c", "p"), op("Flatten", "f", []string{"p"}, []string{"q"}),
		op("Gemm", "fc", []string{"q", "k", "b"}, []string{"y"}, integer("transB", 1)))
	m, err := readBytes(file, Options{Open: arch.Shape{H: 9, W: 7}})
	if err != nil {
		t.Fatal(err)
	}
	if m.Network.InputShape() != (arch.Shape{H: 9, W: 7, C: 3}) || m.Network.Classes != 10 || m.Network.Parameters() != 108+50 {
		t.Errorf("input %v, %d classes, %d parameters", m.Network.InputShape(), m.Network.Classes, m.Network.Parameters())
	}
}

// TestFeatures takes features where they are asked for, by the node's name and by
// the value's.
func TestFeatures(t *testing.T) {
	path := filepath.Join("testdata", "resnet18.onnx")
	for _, c := range []struct {
		features string
		want     arch.Shape
		classes  int
	}{
		{"", arch.Shape{H: 1, W: 1, C: 512}, 1000},
		{"/layer2/layer2.1/relu/Relu", arch.Shape{H: 28, W: 28, C: 128}, 0},
		{"/layer2/layer2.1/relu/Relu_output_0", arch.Shape{H: 28, W: 28, C: 128}, 0},
		{"/maxpool/MaxPool", arch.Shape{H: 56, W: 56, C: 64}, 0},
		{"/Flatten", arch.Shape{H: 1, W: 1, C: 512}, 1000},
		{"/fc/Gemm", arch.Shape{H: 1, W: 1, C: 1000}, 0},
	} {
		m, err := ReadFile(path, Options{Features: c.features})
		if err != nil {
			t.Error(c.features, err)
			continue
		}
		if m.Network.FeatureShape() != c.want || m.Network.Classes != c.classes {
			t.Errorf("%q: features of %v, %d classes", c.features, m.Network.FeatureShape(), m.Network.Classes)
		}
	}
}

// TestOtherSize builds networks for images of another size, where the file allows.
func TestOtherSize(t *testing.T) {
	o := Options{Input: arch.Shape{H: 32, W: 32}}
	m, err := ReadFile(filepath.Join("testdata", "resnet18.onnx"), o)
	if err != nil || m.Network.InputShape() != (arch.Shape{H: 32, W: 32, C: 3}) || m.Network.Parameters() != 11_689_512 {
		t.Error(err)
	}
	_, err = ReadFile(filepath.Join("testdata", "shufflenet_v2_x1_0.onnx"), o)
	if err == nil || !strings.Contains(err.Error(), "images of another size") {
		t.Error(err)
	}
}

// TestHeadOfSeveralLayers: parameters that were cut off are counted.
func TestHeadOfSeveralLayers(t *testing.T) {
	file := modelOf([]msg{info("x", 1, 3, 8, 8)}, []msg{shaped("w", 4, 3, 3, 3), shaped("k", 6, 36), shaped("b", 6), shaped("l", 2, 6), shaped("m", 2)}, "y",
		op("Conv", "conv", []string{"x", "w"}, []string{"c"}),
		op("MaxPool", "pool", []string{"c"}, []string{"p"}, ints("kernel_shape", 2, 2), ints("strides", 2, 2)),
		op("Flatten", "flat", []string{"p"}, []string{"q"}),
		op("Gemm", "fc1", []string{"q", "k", "b"}, []string{"r"}, integer("transB", 1)), op("Relu", "act", []string{"r"}, []string{"s"}),
		op("Gemm", "fc2", []string{"s", "l", "m"}, []string{"y"}, integer("transB", 1)))
	m, err := readBytes(file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Network.FeatureShape() != (arch.Shape{H: 3, W: 3, C: 4}) || m.Network.Classes != 0 || m.HeadParameters != 6*36+6+2*6+2 || len(m.Head) != 2 {
		t.Errorf("%v, %d classes, %d parameters of the head: %v", m.Network.FeatureShape(), m.Network.Classes, m.HeadParameters, m.Head)
	}
}

// FuzzRead: no file makes it panic, or take memory without bound.
func FuzzRead(f *testing.F) {
	paths, _ := filepath.Glob(filepath.Join("testdata", "operations", "*.onnx"))
	for _, p := range append(paths, filepath.Join("testdata", "squeezenet1_1.onnx")) {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, o := range []Options{{}, {Features: "features", Open: arch.Shape{H: 9, W: 9, C: 3}}} {
			m, err := Read(bytes.NewReader(b), int64(len(b)), "fuzz", o)
			if err != nil {
				continue
			}
			if err := m.Network.Check(); err != nil {
				t.Error(err)
			}
			if len(m.Origins) != len(m.Network.Nodes) {
				t.Errorf("%d origins of %d nodes", len(m.Origins), len(m.Network.Nodes))
			}
		}
	})
}
