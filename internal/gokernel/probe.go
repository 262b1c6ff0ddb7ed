package gokernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
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

// runProbe starts the binary without Jupyter and lets it import every linked
// package. PATH is empty: a kernel must not need a Go toolchain. It is an error
// if the kernel does not start, or cannot import a package other than one of
// the standard library: of those, a later Go may add some that the interpreter
// does not understand, and the kernel is of use without them.
func runProbe(ctx context.Context, binary string) (*probeResult, error) {
	cmd := command(ctx, binary, "-probe")
	cmd.Env = append(withoutPath(os.Environ()), "PATH=")
	var stdout, stderr tail
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var res probeResult
	if jerr := json.Unmarshal(stdout.b, &res); jerr != nil {
		return nil, fmt.Errorf("the kernel %s does not start: %w\n%s", binary, errors.Join(err, jerr), lastLines(stderr.String(), 20))
	}
	if fatal := res.failures(false); len(fatal) > 0 {
		return &res, fmt.Errorf("the kernel cannot import %d of its packages:\n%s", len(fatal), strings.Join(fatal, "\n"))
	}
	if err != nil && len(res.Failed) == 0 {
		return &res, err
	}
	return &res, nil
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

// failures lists the packages that cannot be imported and why: those of the
// standard library, or the others.
func (r *probeResult) failures(standard bool) []string {
	var msgs []string
	for p, m := range r.Failed {
		first, _, _ := strings.Cut(p, "/")
		if standard != strings.Contains(first, ".") {
			msgs = append(msgs, p+": "+m)
		}
	}
	sort.Strings(msgs)
	return msgs
}
