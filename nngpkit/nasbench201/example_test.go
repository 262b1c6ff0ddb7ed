package nasbench201_test

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/nasbench201"
)

func ExampleParse() {
	c, err := nasbench201.Parse("|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|")
	if err != nil {
		fmt.Println(err)
		return
	}
	published := nasbench201.Skeleton{}
	fmt.Println(c.Parameters(published), "parameters,", c.MACs(published), "multiply-accumulates")
	fmt.Println(c.Topology())
	// Output:
	// 559386 parameters, 78561920 multiply-accumulates
	// #+#+((0)@nor_conv_3x3)@nor_conv_3x3+0
}

func ExampleCell_Network() {
	c, err := nasbench201.Parse("|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|")
	if err != nil {
		fmt.Println(err)
		return
	}
	// One cell in each stage, half as wide: what cheap signals need.
	net, err := c.Network(nasbench201.Skeleton{Width: 8, Cells: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(net.Features(), "features,", net.Parameters(), "parameters")
	// Output:
	// 32 features, 43154 parameters
}
