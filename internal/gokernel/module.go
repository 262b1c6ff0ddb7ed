package gokernel

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// copied is a module of which a part is copied into the kernel's.
type copied struct {
	path, to string // to is a folder of the kernel module, "." for its own
	keep     func(rel string) bool
	edits    []edit
	overlay  string // folder of the overlay that is added; "" for none
	from     fs.FS  // its sources
}

// writeModule fills dir with the kernel module, except for its tables: go.mod,
// go.sum, the edited gophernotes as package main, what it needs of gomacro, and the
// overlay. What an earlier build wrote there is removed, other than tables; what
// it did not write is left alone, and an *InputError where it is in the way.
func writeModule(ctx context.Context, g *goCommand, src source, dir string) error {
	pins, err := readPins(src.root)
	if err != nil {
		return err
	}
	copies := []copied{
		{path: gophernotesPath, to: ".", keep: keepGophernotes, edits: gophernotesEdits, overlay: "_overlay/notebook"},
		{path: gomacroPath, to: "gomacro", keep: keepGomacro},
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := openFolder(dir)
	if err != nil {
		return err
	}
	// The module comes first: the go command then looks for none around it.
	files := []string{"go.mod", "go.sum"}
	if err := f.claim(files); err != nil {
		return err
	}
	if err := pins.writeMod(src, dir); err != nil {
		return err
	}
	for i := range copies {
		c := &copies[i]
		version, err := pins.version(c.path)
		if err != nil {
			return err
		}
		from, err := pins.fetch(ctx, g, dir, c.path, version)
		if err != nil {
			return err
		}
		c.from = os.DirFS(from)
		list, err := c.files()
		if err != nil {
			return err
		}
		files = append(files, list...)
	}
	old := folder{dir, slices.DeleteFunc(slices.Clone(f.files), func(rel string) bool {
		// What serves until there is a new one stays.
		return slices.Contains([]string{"go.mod", "go.sum", binaryName(), buildFile}, rel)
	})}
	if err := f.claim(files); err != nil {
		return err
	}
	if err := old.clear(); err != nil {
		return err
	}
	for _, c := range copies {
		if err := c.write(dir); err != nil {
			return err
		}
	}
	return nil
}

// files lists what is written, by its place in the kernel module.
func (c *copied) files() ([]string, error) {
	var list []string
	add := func(rel string) error {
		list = append(list, path.Join(c.to, rel))
		return nil
	}
	if err := walkFiles(c.from, c.keep, add); err != nil || c.overlay == "" {
		return list, err
	}
	sub, err := fs.Sub(overlay, c.overlay)
	if err != nil {
		return nil, err
	}
	return list, walkFiles(sub, all, add)
}

func all(string) bool { return true }

// write copies the sources, edits them, and adds the overlay.
func (c *copied) write(dir string) error {
	to := filepath.Join(dir, filepath.FromSlash(c.to))
	if err := copyTree(c.from, to, c.keep); err != nil {
		return fmt.Errorf("copying %s: %w", c.path, err)
	}
	if err := applyEdits(to, c.edits); err != nil || c.overlay == "" {
		return err
	}
	sub, err := fs.Sub(overlay, c.overlay)
	if err != nil {
		return err
	}
	return copyTree(sub, to, all)
}

// pins are the versions and checksums of a source tree's go.mod and go.sum.
type pins struct {
	mod *modfile.File
	sum []byte
}

func readPins(root string) (*pins, error) {
	path := filepath.Join(root, "go.mod")
	b, err := plainfile.Read(path, maxModule)
	if err != nil {
		return nil, err
	}
	mod, err := modfile.Parse(path, b, nil)
	if err != nil {
		return nil, err
	}
	sum, err := plainfile.Read(filepath.Join(root, "go.sum"), maxModule)
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
	if err := wholefile.Write(filepath.Join(dir, "go.mod"), b); err != nil {
		return err
	}
	return wholefile.Write(filepath.Join(dir, "go.sum"), p.sum)
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

// walkFiles visits the regular files of a tree for which keep holds.
func walkFiles(tree fs.FS, keep func(rel string) bool, visit func(rel string) error) error {
	return fs.WalkDir(tree, ".", func(rel string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() || !keep(rel) {
			return err
		}
		return visit(rel)
	})
}

// copyTree copies the regular files of from for which keep holds into to.
func copyTree(from fs.FS, to string, keep func(rel string) bool) error {
	return walkFiles(from, keep, func(rel string) error {
		b, err := fs.ReadFile(from, rel)
		if err != nil {
			return err
		}
		name := filepath.Join(to, filepath.FromSlash(rel))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		return os.WriteFile(name, b, 0o644)
	})
}
