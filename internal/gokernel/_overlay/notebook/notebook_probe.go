package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/library"
)

var probe = flag.Bool("probe", false, "import every linked package, report on standard output, and exit")

// runProbe answers the flag -probe, by which nngplab kernel install and doctor
// check a kernel without Jupyter.
func runProbe() {
	if !*probe {
		return
	}
	start := time.Now()
	n := newNotebook()
	paths := library.Paths()
	failed := map[string]string{}
	ready := time.Since(start)
	for _, p := range paths {
		if err := tryImport(n, p); err != "" {
			failed[p] = err
		}
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"packages":       len(paths),
		"failed":         failed,
		"ready_seconds":  ready.Seconds(),
		"import_seconds": (time.Since(start) - ready).Seconds(),
	})
	if len(failed) > 0 {
		os.Exit(1)
	}
	os.Exit(0)
}

func tryImport(n *notebook, path string) (msg string) {
	defer func() {
		if p := recover(); p != nil {
			msg = fmt.Sprint(p)
		}
	}()
	if _, err := n.session.Import(path); err != nil {
		return err.Error()
	}
	return ""
}
