// Command soak does for long what users do for days, and looks at what must not
// grow: fetches from a server that fails at random, and cells in one kernel.
//
//	go run ./tools/soak -time 1h [-python .venv/bin/python] [-only fetch|cells]
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
	python := flag.String("python", "", "Python with jupyter_client, for the cells; empty leaves them out")
	only := flag.String("only", "", "fetch or cells")
	flag.Parse()
	ok := true
	if *only != "cells" {
		ok = part("fetch", func() error { return soakFetch(*length, os.Stdout) })
	}
	if *only != "fetch" && *python != "" {
		ok = part("cells", func() error {
			cmd := exec.Command(*python, "tools/soak_cells.py", "--seconds", fmt.Sprint(length.Seconds()), "--cells", fmt.Sprint(*cells))
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			return cmd.Run()
		}) && ok
	}
	if !ok {
		os.Exit(1)
	}
}

func part(name string, run func() error) bool {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "soak: %s: %v\n", name, err)
		return false
	}
	return true
}
