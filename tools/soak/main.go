// Command soak does for long what users do for days, and looks at what must not
// grow: fetches from a server that fails at random, sweeps that are killed, resumed
// and merged, and cells in one kernel.
//
//	go run ./tools/soak -time 1h [-program bin/nngplab] [-python .venv/bin/python] [-only fetch|sweep|cells]
//
// It prints a line a minute with memory and open files, and fails if they rise from
// the end of the first quarter to the end, or if anything is lost.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"time"
)

func main() {
	length := flag.Duration("time", time.Hour, "how long each part runs")
	cells := flag.Int("cells", 10_000, "cells in one kernel, at least")
	program := flag.String("program", "", "nngplab, for the sweeps; empty leaves them out")
	python := flag.String("python", "", "Python with jupyter_client, for the cells; empty leaves them out")
	only := flag.String("only", "", "fetch, sweep or cells")
	flag.Parse()
	ok := true
	for _, p := range []struct {
		name string
		runs bool
		run  func() error
	}{
		{"fetch", true, func() error { return soakFetch(*length, os.Stdout) }},
		{"sweep", *program != "", func() error { return soakSweep(*program, *length, os.Stdout) }},
		{"cells", *python != "", func() error {
			cmd := exec.Command(*python, "tools/soak_cells.py", "--seconds", fmt.Sprint(length.Seconds()), "--cells", fmt.Sprint(*cells))
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			return cmd.Run()
		}},
	} {
		if !p.runs || *only != "" && *only != p.name {
			continue
		}
		if err := p.run(); err != nil {
			fmt.Fprintf(os.Stderr, "soak: %s: %v\n", p.name, err)
			ok = false
		}
	}
	if !ok {
		os.Exit(1)
	}
}
