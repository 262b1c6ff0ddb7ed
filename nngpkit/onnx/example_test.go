package onnx_test

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/onnx"
)

// A network that was exported with PyTorch: its features are what the last pooling
// gives, and its last layer counts as one with classes.
func ExampleReadFile() {
	m, err := onnx.ReadFile("testdata/resnet18.onnx", onnx.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	net := m.Network
	fmt.Printf("%s: images of %v, %d features, %d parameters, %.2f GFLOP\n", net.Name, net.InputShape(), net.Features(), net.Parameters(), float64(net.FLOPs())*1e-9)
	// Output: resnet18: images of 224x224x3, 512 features, 11689512 parameters, 3.63 GFLOP
}
