package gokernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// InstallOptions say what to build, where to install it, and under which name.
type InstallOptions struct {
	BuildOptions
	Location
	Name        string // "" for DefaultName
	DisplayName string // "" for DefaultDisplayName
}

// Installation is the result of Install.
type Installation struct {
	Dir     string `json:"spec"`    // folder of the kernel spec
	Name    string `json:"name"`    // of the kernel spec
	Rebuilt bool   `json:"rebuilt"` // false: the last build was still valid
	Changed bool   `json:"changed"` // false: everything was in place already
	*Build
}

// Install builds the kernel where something has changed and places its binary
// and its spec. The spec comes last and every file is placed in one step, so
// an interruption leaves the earlier kernel or the new one, never a half.
func Install(ctx context.Context, o InstallOptions) (*Installation, error) {
	if o.Name == "" {
		o.Name = DefaultName
	}
	if o.DisplayName == "" {
		o.DisplayName = DefaultDisplayName
	}
	dir, err := o.specDir(o.Name)
	if err != nil {
		return nil, err
	}
	b, err := BuildKernel(ctx, o.BuildOptions)
	if err != nil {
		return nil, err
	}
	inst := &Installation{Dir: dir, Name: o.Name, Rebuilt: b.Fresh, Build: b}
	inst.Changed, err = place(b, dir, o.DisplayName)
	return inst, err
}

// place installs a build as the kernel spec in dir and reports whether
// anything had to be changed.
func place(b *Build, dir, displayName string) (bool, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return false, err
	}
	binary := filepath.Join(dir, binaryName())
	want := spec{
		Argv:          []string{binary, "{connection_file}"},
		DisplayName:   displayName,
		Language:      "go",
		InterruptMode: "signal",
		Metadata:      map[string]any{"debugger": false},
	}
	if inPlace(dir, binary, want, b) {
		return false, nil
	}
	if err := placeCopy(b.Binary, binary); err != nil {
		return true, err
	}
	if err := writeJSON(filepath.Join(dir, buildFile), b); err != nil {
		return true, err
	}
	return true, writeJSON(filepath.Join(dir, "kernel.json"), want)
}

// inPlace reports whether dir holds the build b and the spec want already.
func inPlace(dir, binary string, want spec, b *Build) bool {
	have, err := readBuild(filepath.Join(dir, buildFile))
	if err != nil || have.Stamp != b.Stamp || !have.Built.Equal(b.Built) {
		return false
	}
	st, err := os.Stat(binary)
	if err != nil || st.Size() != b.Size || st.Mode()&0o100 == 0 {
		return false
	}
	s, err := readSpec(dir)
	return err == nil && s.DisplayName == want.DisplayName && len(s.Argv) == 2 && s.Argv[0] == binary && s.InterruptMode == want.InterruptMode
}

// placeCopy copies an executable to path in one step: a running kernel keeps
// the file that it was started from.
func placeCopy(from, path string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(path), ".kernel.*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return fmt.Errorf("copying the kernel to %s: %w", path, err)
	}
	if err := errors.Join(out.Chmod(0o755), out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), path)
}

// Uninstall removes the kernel spec of this name, and with purge also the
// build folder. It returns the folders removed. A folder that holds no kernel
// of this project's is left alone, with an error.
func Uninstall(l Location, name, buildDir string, purge bool) ([]string, error) {
	if name == "" {
		name = DefaultName
	}
	dir, err := l.specDir(name)
	if err != nil {
		return nil, err
	}
	var removed []string
	switch _, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		if !purge {
			return nil, &InputError{fmt.Errorf("no kernel %q in %s", name, filepath.Dir(dir))}
		}
	case err != nil:
		return nil, err
	default:
		if _, err := os.Stat(filepath.Join(dir, buildFile)); err != nil {
			return nil, &InputError{fmt.Errorf("%s was not installed by this program (it has no %s): remove it by hand", dir, buildFile)}
		}
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
		removed = append(removed, dir)
	}
	if purge {
		base, err := buildBase(buildDir)
		if err != nil {
			return removed, err
		}
		if err := os.RemoveAll(base); err != nil {
			return removed, err
		}
		removed = append(removed, base)
	}
	return removed, nil
}
