package arch

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestJSONRoundTrip(t *testing.T) {
	net := everything(t)
	text, err := json.Marshal(net)
	if err != nil {
		t.Fatal(err)
	}
	var back Network
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(net, &back) {
		t.Errorf("%+v\nbecame %+v by way of %s", net, &back, text)
	}
	for _, name := range []string{`"kind":"batchnorm"`, `"act":"hardswish"`, `"padding":[2,1,2,1]`, `"kernel":[3,1]`} {
		if !strings.Contains(string(text), name) {
			t.Errorf("no %s in %s", name, text)
		}
	}
}

func TestJSONDefaults(t *testing.T) {
	const text = `{"nodes": [
		{"kind": "input", "out": [8, 8, 3]},
		{"kind": "conv", "in": [0], "channels": 4, "norm": {"momentum": 0.9}, "act": "silu"},
		{"kind": "batchnorm", "in": [1]},
		{"kind": "activate", "in": [2], "act": "clip", "beta": 1},
		{"kind": "activate", "in": [3], "act": "hardsigmoid"},
		{"kind": "dense", "in": [4], "channels": 2}]}`
	var net Network
	if err := json.Unmarshal([]byte(text), &net); err != nil {
		t.Fatal(err)
	}
	c, n, clip, hard := net.Nodes[1], net.Nodes[2], net.Nodes[3], net.Nodes[4]
	if c.Kernel != 1 || c.Stride != 1 || !c.Norm || c.NormEpsilon != 1e-5 || c.NormMomentum != 0.9 || c.Act != Swish || c.Out != (Shape{8, 8, 4}) {
		t.Errorf("%+v", c)
	}
	if n.Norm || n.NormEpsilon != 1e-5 || n.NormMomentum != 0.997 {
		t.Errorf("%+v", n)
	}
	if !math.IsInf(clip.Alpha, -1) || clip.Beta != 1 || hard.Alpha != 1./6 || hard.Beta != 0.5 {
		t.Errorf("%+v %+v", clip, hard)
	}
}

func TestJSONRefuses(t *testing.T) {
	good := `{"nodes": [{"kind": "input", "out": [8, 8, 3]}, {"kind": "conv", "in": [0], "channels": 4, "kernel": 3, "act": "relu"}]}`
	var net Network
	if err := json.Unmarshal([]byte(good), &net); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{`"conv"`, `"convolution"`, `node 1 (): arch: unknown operation "convolution"`},
		{`"relu"`, `"rely"`, `unknown activation "rely"`},
		{`"kind": "conv", `, ``, "no kind"},
		{`"channels": 4`, `"channles": 4`, "unknown field"},
		{`"channels": 4`, `"channels": 4, "out": [8, 8, 5]`, "with 4 channels"},
		{`"channels": 4`, `"out": [9, 8, 4]`, "expected 8x8x4"},
		{`"channels": 4`, `"out": [8, 8]`, "[height, width, channels]"},
		{`"channels": 4, `, ``, "0 channels"},
		{`"kernel": 3`, `"kernel": [3, 3, 3]`, "neither a number nor [rows, columns]"},
		{`"kernel": 3`, `"kernel": 3, "padding": "valid"`, `neither "same" nor`},
		{`"kernel": 3`, `"kernel": 3, "padding": [1, 1]`, `neither "same" nor`},
		{`"in": [0]`, `"in": [1]`, "reads node 1"},
		{`"out": [8, 8, 3]`, `"out": [8, -8, 3]`, "not positive"},
		{`"relu"`, `"relu", "alpha": 1`, "no parameters"},
		{`"relu"`, `"clip", "alpha": 2, "beta": 1`, "clip with alpha 2"},
		{`{"kind": "conv"`, `{"kind": "depthwise"`, "follow from its input"},
		{`{"nodes": [`, `{"nodes": [7, `, "node 0"},
		{`{"nodes": [`, `{"classes": -3, "nodes": [`, "-3 classes"},
	} {
		kept := Network{Name: "kept"}
		err := json.Unmarshal([]byte(strings.Replace(good, c.from, c.to, 1)), &kept)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.to, err, c.want)
		}
		if kept.Name != "kept" || kept.Nodes != nil {
			t.Errorf("%s: the network was changed", c.to)
		}
	}
	if _, err := json.Marshal(&Network{}); err == nil {
		t.Error("an empty network was written")
	}
}

// TestNames checks that every name is read back, and that what has none says so.
func TestNames(t *testing.T) {
	for k := range Kind(len(kindNames)) {
		if got, err := ParseKind(k.String()); got != k || err != nil {
			t.Errorf("%v: %v, %v", k, got, err)
		}
	}
	for a := range Activation(len(activationNames)) {
		if got, err := ParseActivation(a.String()); got != a || err != nil {
			t.Errorf("%v: %v, %v", a, got, err)
		}
	}
	if _, err := ParseKind("attention"); err == nil {
		t.Error("an unknown operation was accepted")
	}
	if _, err := Kind(99).MarshalText(); err == nil {
		t.Error("an operation without a name was written")
	}
	if _, err := Activation(99).MarshalText(); err == nil {
		t.Error("an activation without a name was written")
	}
}
