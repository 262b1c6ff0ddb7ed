package mnasnet_test

import (
	"fmt"
	"strings"

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
