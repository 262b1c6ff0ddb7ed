// Command tables times the reading of a NAS-Bench-101 file and the reloading of
// the table that is kept of it, for bench/tables.py:
//
//	tables read FILE TABLE     parse FILE, verify it, and keep it at TABLE
//	tables load TABLE          load what is kept
//
// It prints one JSON object.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/nngplab/nngplab/bench/peak"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

type result struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	PeakMiB float64 `json:"peak_mib"`
	Cells   int     `json:"cells"`
	Records int     `json:"records"`
	Sum     float64 `json:"final_test_sum"`
	Go      string  `json:"go"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tables:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	start := time.Now()
	t, err := open(args)
	if err != nil {
		return err
	}
	r := result{Seconds: time.Since(start).Seconds(), Cells: t.Len(), Records: t.Records(), Go: runtime.Version()}
	if r.PeakMiB, err = peak.MiB(); err != nil {
		return err
	}
	if r.CPU, err = peak.CPUSeconds(); err != nil {
		return err
	}
	for _, epochs := range t.Budgets() {
		for i := 0; i < t.Len(); i++ {
			for _, v := range t.Values(i, epochs, nasbench.FinalTest) {
				r.Sum += v
			}
		}
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func open(args []string) (*nasbench.Table, error) {
	switch {
	case len(args) == 3 && args[0] == "read":
		return nasbench.Import(context.Background(), args[1], args[2], nil)
	case len(args) == 2 && args[0] == "load":
		return nasbench.OpenTable(args[1])
	}
	return nil, fmt.Errorf("usage: tables read FILE TABLE, or tables load TABLE")
}
