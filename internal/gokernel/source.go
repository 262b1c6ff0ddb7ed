package gokernel

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"golang.org/x/mod/modfile"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// source is where this module's own packages come from: a checkout, or a
// published version in the module cache.
type source struct {
	root    string // folder that holds go.mod
	version string // "" for a checkout
}

// String names the source for people.
func (s source) String() string {
	if s.version == "" {
		return s.root
	}
	return modulePath + "@" + s.version
}

// findSource prefers explicit, then the checkout around the working folder,
// then the version that this program was installed as.
func findSource(ctx context.Context, g *goCommand, explicit, buildDir string) (source, error) {
	if explicit != "" {
		abs, err := filepath.Abs(explicit)
		if err != nil {
			return source{}, err
		}
		if !isCheckout(abs) {
			return source{}, &InputError{fmt.Errorf("%s is no checkout of %s: its go.mod is missing or names another module", abs, modulePath)}
		}
		return source{root: abs}, nil
	}
	if wd, err := os.Getwd(); err == nil {
		for dir := wd; ; dir = filepath.Dir(dir) {
			if isCheckout(dir) {
				return source{root: dir}, nil
			}
			if filepath.Dir(dir) == dir {
				break
			}
		}
	}
	v := installedVersion()
	if v == "" {
		return source{}, &InputError{fmt.Errorf("nothing to build from: run it inside a checkout of %s, name one with --source, or install this program with 'go install %s/cmd/nngplab@version'", modulePath, modulePath)}
	}
	root, _, err := g.download(ctx, buildDir, modulePath, v)
	return source{root: root, version: v}, err
}

// installedVersion is the version that this program was built as, "" where it
// was built from a checkout.
func installedVersion() string {
	bi, ok := debug.ReadBuildInfo()
	if !ok || bi.Main.Path != modulePath || bi.Main.Sum == "" {
		return "" // only a module from the module cache has a checksum
	}
	return bi.Main.Version
}

func isCheckout(dir string) bool {
	b, err := plainfile.Read(filepath.Join(dir, "go.mod"), maxModule)
	return err == nil && modfile.ModulePath(b) == modulePath
}
