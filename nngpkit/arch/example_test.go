package arch_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// A small network of one's own: two convolutions with a skip connection.
func ExampleBuilder() {
	b := arch.NewBuilder("tiny", arch.Shape{H: 32, W: 32, C: 3})
	stem := b.Conv(0, arch.Layer{Channels: 16, Kernel: 3, Norm: true, Act: arch.ReLU})
	conv := b.Conv(stem, arch.Layer{Channels: 16, Kernel: 3, Norm: true, Act: arch.ReLU})
	b.GlobalAvgPool(b.Sum(16, stem, conv))
	net, err := b.Network(10)
	if err != nil {
		panic(err)
	}
	fmt.Println(net.Features(), "features")
	fmt.Println(net.Parameters(), "parameters")
	fmt.Println(net.FLOPs(), "FLOPs per image")
	// Output:
	// 16 features
	// 2970 parameters
	// 5603648 FLOPs per image
}

// A network of NAS-Bench-201: cells with an operation on each edge, written as
// activation, convolution, normalization, and residual blocks between the
// stages. The number of parameters is the published one.
func Example_nasBench201() {
	const cell = "|nor_conv_3x3~0|+|avg_pool_3x3~0|skip_connect~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|"
	b := arch.NewBuilder(cell, arch.Shape{H: 32, W: 32, C: 3})
	reluConvNorm := func(in, kernel, stride, channels int) int {
		x := b.Activate(in, arch.ReLU)
		x = b.Conv(x, arch.Layer{Kernel: kernel, Stride: stride, Padding: arch.Padded(kernel / 2), Channels: channels})
		return b.BatchNorm(x, arch.Layer{NormMomentum: 0.9})
	}
	operation := func(name string, in, channels int) int {
		switch name {
		case "none":
			return b.Zero(in, channels, 1)
		case "skip_connect":
			return b.Skip(in)
		case "nor_conv_1x1":
			return reluConvNorm(in, 1, 1, channels)
		case "nor_conv_3x3":
			return reluConvNorm(in, 3, 1, channels)
		case "avg_pool_3x3": // padding does not count
			return b.AvgPoolOf(in, arch.Pooling{Kernel: 3, Padding: arch.Padded(1)})
		}
		panic("unknown operation " + name)
	}
	addCell := func(in, channels int) int {
		nodes := []int{in}
		for _, node := range strings.Split(cell, "+") {
			var edges []int
			for _, edge := range strings.Split(strings.Trim(node, "|"), "|") {
				name, from, _ := strings.Cut(edge, "~")
				edges = append(edges, operation(name, nodes[from[0]-'0'], channels))
			}
			nodes = append(nodes, b.Sum(channels, edges...))
		}
		return nodes[len(nodes)-1]
	}
	reduce := func(in, channels int) int {
		x := reluConvNorm(reluConvNorm(in, 3, 2, channels), 3, 1, channels)
		y := b.AvgPoolOf(in, arch.Pooling{Kernel: 2, Stride: 2, Padding: arch.Padded(0)})
		return b.Sum(channels, x, b.Conv(y, arch.Layer{Channels: channels}))
	}

	x := b.BatchNorm(b.Conv(0, arch.Layer{Kernel: 3, Channels: 16}), arch.Layer{NormMomentum: 0.9})
	for stage, channels := range []int{16, 32, 64} {
		if stage > 0 {
			x = reduce(x, channels)
		}
		for range 5 {
			x = addCell(x, channels)
		}
	}
	b.GlobalAvgPool(b.Activate(b.BatchNorm(x, arch.Layer{NormMomentum: 0.9}), arch.ReLU))
	net, err := b.Network(10)
	if err != nil {
		panic(err)
	}
	fmt.Println(net.Parameters(), "parameters")
	fmt.Println(net.FLOPs()/2, "multiply-accumulates")
	// Output:
	// 587386 parameters
	// 82494080 multiply-accumulates
}

// Networks are read from JSON; what follows from the inputs may be left out.
func ExampleNetwork_UnmarshalJSON() {
	const text = `{"name": "from a file", "classes": 10, "nodes": [
		{"kind": "input", "out": [32, 32, 3]},
		{"kind": "conv", "in": [0], "channels": 32, "kernel": 3, "stride": 2, "norm": {}, "act": "relu6"},
		{"kind": "conv", "in": [1], "channels": 32, "kernel": [1, 7], "groups": 4, "padding": [0, 3, 0, 3]},
		{"kind": "sum", "in": [1, 2], "channels": 32},
		{"kind": "activate", "in": [3], "act": "leakyrelu", "alpha": 0.1},
		{"kind": "globalavgpool", "in": [4]}]}`
	var net arch.Network
	if err := json.Unmarshal([]byte(text), &net); err != nil {
		panic(err)
	}
	fmt.Println(net.Parameters(), "parameters, features of", net.FeatureShape())
	bad := strings.Replace(text, `"groups": 4`, `"groups": 5`, 1)
	fmt.Println(json.Unmarshal([]byte(bad), &net))
	// Output:
	// 3050 parameters, features of 1x1x32
	// arch: network "from a file": node 2 (conv): 5 groups of 32 input and 32 output channels
}
