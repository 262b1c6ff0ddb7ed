package gokernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// goCommand runs the go command in the environment of a kernel build.
type goCommand struct {
	path string
	env  []string
}

// errNoGo says that a build was asked for and there is no Go toolchain.
var errNoGo = errors.New("no go command found: install Go 1.26 or later (https://go.dev/dl) or put it on PATH; a kernel that is already built needs none")

// findGo looks for the go command on PATH, in GOROOT, and where the
// distributions of Go put it.
func findGo() (*goCommand, error) {
	candidates := []string{}
	if p, err := exec.LookPath("go"); err == nil {
		candidates = append(candidates, p)
	}
	if r := os.Getenv("GOROOT"); r != "" {
		candidates = append(candidates, filepath.Join(r, "bin", "go"))
	}
	candidates = append(candidates, "/usr/local/go/bin/go", "/usr/lib/go/bin/go")
	for _, c := range candidates {
		if st, err := os.Stat(c); err == nil && !st.IsDir() {
			return &goCommand{path: c, env: buildEnv(os.Environ())}, nil
		}
	}
	return nil, errNoGo
}

// buildEnv is env with the settings of a kernel build. They hold for the
// commands of the build only:
//   - the kernel module may add what it misses to its go.mod and go.sum;
//   - a workspace, a vendor folder, cgo or a GODEBUG of the caller's has no
//     say in it;
//   - gomacro's pinned version is not in the checksum database; go.sum vouches
//     for it.
func buildEnv(env []string) []string {
	out := make([]string, 0, len(env)+8)
	nosum := gomacroPath
	for _, kv := range env {
		k, v, _ := strings.Cut(kv, "=")
		switch k {
		case "GOFLAGS", "GOWORK", "GO111MODULE", "CGO_ENABLED", "GODEBUG", "GOOS", "GOARCH", "GOEXPERIMENT":
			continue
		case "GONOSUMDB":
			if v != "" {
				nosum = v + "," + nosum
			}
			continue
		}
		out = append(out, kv)
	}
	return append(out, "GOFLAGS=-mod=mod -buildvcs=false -trimpath", "GOWORK=off", "GO111MODULE=on",
		"CGO_ENABLED=0", "GONOSUMDB="+nosum)
}

// output runs the go command in dir and returns its standard output. The
// error carries what it printed on standard error.
func (g *goCommand) output(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := command(ctx, g.path, args...)
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		cmd.Dir = dir // a folder for builds need not be there yet
	}
	cmd.Env = g.env
	var stdout, stderr tail
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		msg := strings.TrimSpace(stderr.String())
		if msg == "" {
			msg = strings.TrimSpace(stdout.String())
		}
		return stdout.String(), fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, lastLines(msg, 30))
	}
	return stdout.String(), nil
}

// version returns the toolchain's version, such as go1.26.8, as it is in dir.
func (g *goCommand) version(ctx context.Context, dir string) (string, error) {
	out, err := g.output(ctx, dir, "env", "GOVERSION")
	return strings.TrimSpace(out), err
}

// download brings a module into the module cache and returns its folder.
func (g *goCommand) download(ctx context.Context, dir, path, version string) (folder, sum string, err error) {
	out, err := g.output(ctx, dir, "mod", "download", "-json", path+"@"+version)
	var info struct{ Dir, Sum, Error string }
	if jerr := json.Unmarshal([]byte(out), &info); jerr == nil && info.Error != "" {
		return "", "", fmt.Errorf("module %s@%s: %s", path, version, info.Error)
	}
	if err != nil {
		return "", "", err
	}
	if info.Dir == "" {
		return "", "", fmt.Errorf("module %s@%s: the go command names no folder", path, version)
	}
	return info.Dir, info.Sum, nil
}

// lastLines returns at most the last n lines of s.
func lastLines(s string, n int) string {
	lines := strings.Split(s, "\n")
	if len(lines) > n {
		lines = append([]string{"..."}, lines[len(lines)-n:]...)
	}
	return strings.Join(lines, "\n")
}
