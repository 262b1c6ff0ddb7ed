package gokernel

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// writeModule fills dir with the kernel module, except for its tables: go.mod,
// go.sum, the edited gophernotes as package main, what it needs of gomacro, and the
// overlay. What an earlier build left there is removed, other than tables.
func writeModule(ctx context.Context, g *goCommand, src source, dir string) error {
	pins, err := readPins(src.root)
	if err != nil {
		return err
	}
	gomacroVersion, err := pins.version(gomacroPath)
	if err != nil {
		return err
	}
	gophernotesVersion, err := pins.version(gophernotesPath)
	if err != nil {
		return err
	}
	if err := clearModule(dir); err != nil {
		return err
	}
	if err := pins.writeMod(src, dir); err != nil {
		return err
	}
	copies := []struct {
		path, version, to string
		keep              func(rel string) bool
		edits             []edit
		overlay           string
	}{
		{gophernotesPath, gophernotesVersion, dir, keepGophernotes, gophernotesEdits, "_overlay/notebook"},
		{gomacroPath, gomacroVersion, filepath.Join(dir, "gomacro"), keepGomacro, nil, ""},
	}
	for _, c := range copies {
		from, err := pins.fetch(ctx, g, dir, c.path, c.version)
		if err != nil {
			return err
		}
		if err := copyTree(os.DirFS(from), c.to, c.keep); err != nil {
			return fmt.Errorf("copying %s: %w", c.path, err)
		}
		if err := applyEdits(c.to, c.edits); err != nil {
			return err
		}
		if c.overlay == "" {
			continue
		}
		sub, err := fs.Sub(overlay, c.overlay)
		if err != nil {
			return err
		}
		if err := copyTree(sub, c.to, func(string) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

// clearModule empties dir but for the tables and what is not of the module.
func clearModule(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if name == "gomacro" || name == "go.mod" || name == "go.sum" || strings.HasSuffix(name, ".go") {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// pins are the versions and checksums of a source tree's go.mod and go.sum.
type pins struct {
	mod *modfile.File
	sum []byte
}

func readPins(root string) (*pins, error) {
	path := filepath.Join(root, "go.mod")
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	mod, err := modfile.Parse(path, b, nil)
	if err != nil {
		return nil, err
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	return &pins{mod, sum}, err
}

// version returns the required version of the module at path.
func (p *pins) version(path string) (string, error) {
	for _, r := range p.mod.Require {
		if r.Mod.Path == path {
			return r.Mod.Version, nil
		}
	}
	return "", fmt.Errorf("%s requires no %s", p.mod.Syntax.Name, path)
}

// fetch brings a pinned module into the module cache and returns its folder.
// A checksum other than the pinned one is an error.
func (p *pins) fetch(ctx context.Context, g *goCommand, dir, path, version string) (string, error) {
	want := ""
	for _, line := range bytes.Split(p.sum, []byte("\n")) {
		if f := strings.Fields(string(line)); len(f) == 3 && f[0] == path && f[1] == version {
			want = f[2]
		}
	}
	if want == "" {
		return "", fmt.Errorf("go.sum holds no checksum of %s %s", path, version)
	}
	folder, sum, err := g.download(ctx, dir, path, version)
	if err != nil {
		return "", err
	}
	if sum != want {
		return "", fmt.Errorf("%s %s: checksum %s, go.sum says %s", path, version, sum, want)
	}
	return folder, nil
}

// writeMod writes go.mod and go.sum of the kernel module: every version of
// the source's, this module itself, and the copied gomacro by a replace. The
// modules that the source only uses as tools stay, for their pins.
func (p *pins) writeMod(src source, dir string) error {
	f := new(modfile.File)
	if err := f.AddModuleStmt(kernelModule); err != nil {
		return err
	}
	if p.mod.Go != nil {
		if err := f.AddGoStmt(p.mod.Go.Version); err != nil {
			return err
		}
	}
	for _, r := range p.mod.Require {
		f.AddNewRequire(r.Mod.Path, r.Mod.Version, r.Indirect)
	}
	version := src.version
	if version == "" {
		version = "v0.0.0"
		if err := f.AddReplace(modulePath, "", src.root, ""); err != nil {
			return err
		}
	}
	f.AddNewRequire(modulePath, version, false)
	if err := f.AddReplace(gomacroPath, "", "./gomacro", ""); err != nil {
		return err
	}
	f.Cleanup()
	b, err := f.Format()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), b, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "go.sum"), p.sum, 0o644)
}

// keepGophernotes selects its package main.
func keepGophernotes(rel string) bool {
	return !strings.Contains(rel, "/") && isSource(rel)
}

// keepGomacro selects the interpreter without its command, its tests, its old
// interpreter, its tables of itself (x_package.go) and those of the standard
// library of 2022.
func keepGomacro(rel string) bool {
	top, _, nested := strings.Cut(rel, "/")
	if !nested {
		return rel == "go.mod" || rel == "LICENSE"
	}
	switch top {
	case "ast2", "atomic", "base", "fast", "gls", "go", "xreflect":
		name := rel[strings.LastIndex(rel, "/")+1:]
		return (isSource(name) || strings.HasSuffix(name, ".s")) && name != "x_package.go" && !strings.Contains(rel, "/testdata/")
	case "imports":
		return rel == "imports/a_package.go" || rel == "imports/syscall/a_package.go" ||
			rel == "imports/thirdparty/a_package.go" || strings.HasPrefix(rel, "imports/util/")
	}
	return false
}

// copyTree copies the regular files of from for which keep holds into to.
func copyTree(from fs.FS, to string, keep func(rel string) bool) error {
	return fs.WalkDir(from, ".", func(rel string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() || !keep(rel) {
			return err
		}
		b, err := fs.ReadFile(from, rel)
		if err != nil {
			return err
		}
		path := filepath.Join(to, filepath.FromSlash(rel))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, b, 0o644)
	})
}
