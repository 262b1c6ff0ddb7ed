package gokernel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strings"
)

// probeResult is what a kernel prints when started with -probe.
type probeResult struct {
	Packages      int               `json:"packages"`
	Failed        map[string]string `json:"failed"`
	ReadySeconds  float64           `json:"ready_seconds"`
	ImportSeconds float64           `json:"import_seconds"`
}

// probeKernel starts the binary without Jupyter and lets it import every
// linked package. PATH is empty: a kernel must not need a Go toolchain.
func probeKernel(ctx context.Context, binary string) error {
	_, err := runProbe(ctx, binary)
	return err
}

func runProbe(ctx context.Context, binary string) (*probeResult, error) {
	cmd := exec.CommandContext(ctx, binary, "-probe")
	cmd.Env = append(withoutPath(os.Environ()), "PATH=")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var res probeResult
	if jerr := json.Unmarshal(stdout.Bytes(), &res); jerr != nil {
		return nil, fmt.Errorf("the kernel %s does not start: %w\n%s", binary, errors.Join(err, jerr), lastLines(stderr.String(), 20))
	}
	if len(res.Failed) > 0 {
		var msgs []string
		for p, m := range res.Failed {
			msgs = append(msgs, p+": "+m)
		}
		sort.Strings(msgs)
		return &res, fmt.Errorf("the kernel cannot import %d of its packages:\n%s", len(res.Failed), strings.Join(msgs, "\n"))
	}
	return &res, err
}

func withoutPath(env []string) []string {
	var out []string
	for _, kv := range env {
		if !strings.HasPrefix(kv, "PATH=") {
			out = append(out, kv)
		}
	}
	return out
}
