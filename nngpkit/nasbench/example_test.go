package nasbench_test

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

func ExampleParse() {
	s, err := nasbench.Parse("0111010/0000001/0000001/0000100/0000001/0000001/0000000",
		"input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Hash())
	fmt.Println(s.Parameters(nasbench.StemWidth), "parameters")
	fmt.Println(s.Channels(128, 256))
	// Output:
	// 28cfc7874f6d200472e1a9dcd8650aa0
	// 2694282 parameters
	// [128 64 64 64 64 64 256]
}

func ExampleParse_error() {
	_, err := nasbench.Parse("011/001/000", "input,conv5x5,output")
	fmt.Println(err)
	// Output:
	// nasbench: unknown operation "conv5x5" (known: conv3x3-bn-relu, conv1x1-bn-relu, maxpool3x3, input, output) at vertex 1
}

func ExampleSpec_Network() {
	s, _ := nasbench.Parse("0101/0010/0001/0000", "input,c3,c3,output")
	net, err := s.Network(16, nasbench.ImageShape)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(net.Features(), "features,", net.Parameters(), "parameters")
	// Output:
	// 64 features, 321242 parameters
}

func ExampleCount() {
	c := nasbench.Count()
	fmt.Println(c.Unique, "cells,", c.Labeled, "labeled graphs")
	// Output:
	// 423624 cells, 1293208 labeled graphs
}
