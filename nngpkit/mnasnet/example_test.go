package mnasnet_test

import (
	"fmt"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/mnasnet"
)

// A table of trained networks is read from CSV: what was decided for each of the
// seven stages, and what came of it.
func ExampleReadTable() {
	var header, row []string
	add := func(column, value string) { header, row = append(header, column), append(row, value) }
	for _, c := range [][2]string{{"id", "7"}, {"val_top1", "60"}, {"val_top5", "80"}, {"train_time_s", "100"}, {"macs_M", "300.5"}, {"params_M", "3.25"}} {
		add(c[0], c[1])
	}
	for _, decision := range []struct{ name, value string }{{"e", "6"}, {"k", "3"}, {"l", "2"}, {"se", "0"}} {
		for stage := range mnasnet.Stages {
			add(fmt.Sprintf("block%d_%s", stage, decision.name), decision.value)
		}
	}
	t, err := mnasnet.ReadTable(strings.NewReader(strings.Join(header, ",")+"\n"+strings.Join(row, ",")+"\n"), "table.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	r := t.Rows[0]
	fmt.Println(t.Len(), "network,", r.Top1, "% top-1,", r.MACs, "MACs, kernels", r.Kernel)
	// Output: 1 network, 60 % top-1, 3.005e+08 MACs, kernels [3 3 3 3 3 3 3]
}

// Parameters and multiply-accumulates of a network, by both rules, and what is left
// of them at a quarter of the width and 64 pixels.
func ExampleDecisions_Cost() {
	d, err := mnasnet.ParseDecisions("e6146646 k3533355 l1321212 se0000000")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, k := range []mnasnet.Skeleton{{}, {Multiplier: 0.25, Input: arch.Shape{H: 64, W: 64, C: 3}}} {
		c, err := d.Cost(k)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(c.Parameters, "parameters,", c.MACs, "MACs,", c.ThopMACs, "by thop's rule")
	}
	// Output:
	// 4080424 parameters, 370167680 MACs, 401416064 by thop's rule
	// 521056 parameters, 2907776 MACs, 3545792 by thop's rule
}

// A network of the wider space, narrower, for small images and with another
// activation than published.
func ExampleWideDecisions_Network() {
	d, err := mnasnet.ParseWide("mb1k3l1f16 mb6k3l2f24 conv1k5l3f32 mb6k3l4f64se mb6k3l3f96 mb6k3l3f160 mb6k3l1f320")
	if err != nil {
		fmt.Println(err)
		return
	}
	net, err := d.Network(mnasnet.Skeleton{Width: 8, Input: arch.Shape{H: 96, W: 96, C: 3}, Act: arch.Swish})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(net.Features(), "features,", len(net.Marks), "marks, the last of", net.Nodes[net.Marks[7].Node].Out)
	// Output: 64 features, 8 marks, the last of 3x3x80
}
