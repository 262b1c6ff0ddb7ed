package onnx

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
)

// filled returns the file with the engine's weights of member 0 in the place of its
// initializers, and what normalizes: the given moments of each normalization.
func filled(t *testing.T, raw []byte, m *Model, cfg forward.Config, moments []forward.Moments) []byte {
	t.Helper()
	values := map[string][]float32{}
	norms := map[int]forward.Moments{}
	for _, x := range moments {
		norms[x.Node] = x
	}
	asDrawn := inputsFirst(t, raw)
	for i, o := range m.Origins {
		nd := &m.Network.Nodes[i]
		if o.Weights != "" {
			if values[o.Weights] = forward.WeightsOf(m.Network, i, cfg, 0); !asDrawn[o.Weights] {
				values[o.Weights] = inOrder(m.Network, i, values[o.Weights])
			}
		}
		if o.Bias != "" {
			values[o.Bias] = make([]float32, nd.Out.C)
		}
		if o.Scale == "" {
			continue
		}
		mom, ok := norms[i]
		if !ok {
			t.Fatalf("node %d, %s, has no moments", i, o.Node)
		}
		ones := make([]float32, nd.Out.C)
		for k := range ones {
			ones[k] = 1
		}
		values[o.Scale], values[o.Shift] = ones, make([]float32, nd.Out.C)
		values[o.Mean], values[o.Variance] = float32s(mom.Mean), float32s(mom.Variance)
	}
	return replaced(t, raw, values)
}

// inputsFirst returns the names of the weights that are a matrix of inputs by
// outputs, as the engine draws them.
func inputsFirst(t *testing.T, raw []byte) map[string]bool {
	t.Helper()
	f, err := parse(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, n := range f.nodes {
		if n.op == "MatMul" || n.op == "Gemm" && n.int("transB", 0) == 0 {
			out[n.in[1]] = true
		}
	}
	return out
}

func float32s(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// inOrder brings weights from [ky][kx][input][output] to ONNX's order
// [output][input][ky][kx].
func inOrder(net *arch.Network, i int, w []float32) []float32 {
	nd := &net.Nodes[i]
	taps := nd.Kernel
	if nd.KernelW == 0 {
		taps *= nd.Kernel
	} else {
		taps *= nd.KernelW
	}
	outputs := nd.Out.C
	inputs := len(w) / taps / outputs
	out := make([]float32, len(w))
	for tap := range taps {
		for in := range inputs {
			for o := range outputs {
				out[(o*inputs+in)*taps+tap] = w[(tap*inputs+in)*outputs+o]
			}
		}
	}
	return out
}

// replaced returns the file with values for these initializers; others, of what was
// cut off, get zeros.
func replaced(t *testing.T, raw []byte, values map[string][]float32) []byte {
	t.Helper()
	return rebuilt(t, raw, func(field protowire.Number, body []byte) []byte {
		if field != 7 {
			return body
		}
		return rebuilt(t, body, func(field protowire.Number, body []byte) []byte {
			if field != 5 {
				return body
			}
			f, err := parseTensor(body)
			if err != nil {
				t.Fatal(err)
			}
			if f.values != nil || !f.floating() {
				return body
			}
			x, ok := values[f.name]
			if !ok {
				x = make([]float32, f.size())
			}
			if int64(len(x)) != f.size() {
				t.Fatalf("%s: %d values for %v", f.name, len(x), f.dims)
			}
			data := make([]byte, 0, 4*len(x))
			for _, v := range x {
				data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
			}
			body = append([]byte(nil), body...)
			body = protowire.AppendTag(body, 9, protowire.BytesType)
			return protowire.AppendBytes(body, data)
		})
	})
}

// rebuilt passes the length-delimited fields of a message through a function.
func rebuilt(t *testing.T, b []byte, change func(field protowire.Number, body []byte) []byte) []byte {
	t.Helper()
	var out []byte
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		size := protowire.ConsumeFieldValue(number, kind, b[n:])
		if size < 0 {
			t.Fatal(protowire.ParseError(size))
		}
		if kind != protowire.BytesType {
			out = append(out, b[:n+size]...)
		} else {
			body, _ := protowire.ConsumeBytes(b[n:])
			out = protowire.AppendTag(out, number, kind)
			out = protowire.AppendBytes(out, change(number, body))
		}
		b = b[n+size:]
	}
	return out
}
