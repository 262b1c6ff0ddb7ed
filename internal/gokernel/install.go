package gokernel

import (
	"bytes"
	"context"
	_ "embed" // the logo
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
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
	if err := checkSpecDir(dir); err != nil { // before minutes of building
		return nil, err
	}
	if strings.ContainsFunc(o.DisplayName, unicode.IsControl) {
		return nil, &InputError{fmt.Errorf("display name %q: control characters are not allowed", o.DisplayName)}
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
// anything had to be changed. Another kernel there is an *InputError.
func place(b *Build, dir, displayName string) (bool, error) {
	if err := checkSpecDir(dir); err != nil {
		return false, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return false, err
	}
	binary := filepath.Join(dir, binaryName())
	want := spec{
		Argv:          []string{binary, "{connection_file}"},
		DisplayName:   displayName,
		Language:      "go",
		InterruptMode: "signal",
		Env:           programEnv(),
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
	if err := writeJSON(filepath.Join(dir, "kernel.json"), want); err != nil {
		return true, err
	}
	return true, placeLogo(dir)
}

// programEnv tells the kernel which program installed it, for the commands in its
// messages.
func programEnv() map[string]string {
	exe, err := os.Executable()
	if base := filepath.Base(exe); err != nil || base != "nngplab" && base != "nngplab.exe" {
		return nil
	}
	return map[string]string{"NNGPLAB_PROGRAM": exe}
}

// logo is what JupyterLab shows for the kernel.
//
//go:embed logo-svg.svg
var logo []byte

const logoFile = "logo-svg.svg"

// placeLogo writes the logo where none is, or this one: another is its owner's.
func placeLogo(dir string) error {
	path := filepath.Join(dir, logoFile)
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	return wholefile.Place(path, func(w io.Writer) error {
		_, err := w.Write(logo)
		return err
	})
}

// removeLogo removes the logo where it is the one that placeLogo wrote.
func removeLogo(dir string) error {
	path := filepath.Join(dir, logoFile)
	if b, err := plainfile.Read(path, int64(len(logo))); err != nil || !bytes.Equal(b, logo) {
		return nil
	}
	return os.Remove(path)
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
	return err == nil && maps.Equal(s.Env, want.Env) && s.DisplayName == want.DisplayName && len(s.Argv) == 2 && s.Argv[0] == binary && s.InterruptMode == want.InterruptMode
}

// placeCopy copies an executable to path in one step: a running kernel keeps
// the file that it was started from.
func placeCopy(from, path string) error {
	in, err := plainfile.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	err = wholefile.PlaceMode(path, 0o755, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	if err != nil {
		return fmt.Errorf("copying the kernel to %s: %w", path, err)
	}
	return nil
}

// installed lists the files that place writes into the folder of a kernel spec.
func installed() []string { return []string{binaryName(), buildFile, "kernel.json"} }

// checkSpecDir returns an *InputError if the folder of a kernel spec holds
// something that is no kernel of this program's. A folder in which an
// installation was cut short is one: it holds no kernel.json yet.
func checkSpecDir(dir string) error {
	if ours(dir) {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); name != binaryName() && !strings.HasPrefix(name, "."+binaryName()+".nngplab-") && !strings.HasPrefix(name, "."+buildFile+".nngplab-") {
			return &InputError{fmt.Errorf("%s holds another kernel, or something else, that was not installed by this program: nothing there is touched; choose another --name, or remove it by hand", dir)}
		}
	}
	return nil
}

// ours reports whether the folder of a kernel spec carries the description that
// place leaves.
func ours(dir string) bool {
	b, err := readBuild(filepath.Join(dir, buildFile))
	return err == nil && b.Stamp != "" && b.Source != "" && !b.Built.IsZero()
}

// Uninstall removes the kernel spec of this name, and with purge also the
// builds. It returns what was removed. What this program did not write is left
// alone: a folder that holds no kernel of this project's, and no build, is an
// *InputError, before anything is removed; other files in a folder stay, and so
// does the folder then.
func Uninstall(l Location, name, buildDir string, purge bool) ([]string, error) {
	if name == "" {
		name = DefaultName
	}
	dir, err := l.specDir(name)
	if err != nil {
		return nil, err
	}
	_, serr := os.Lstat(dir)
	there := serr == nil
	switch {
	case serr != nil && !errors.Is(serr, fs.ErrNotExist):
		return nil, serr
	case there && !ours(dir):
		return nil, &InputError{fmt.Errorf("%s was not installed by this program (it has no %s of its making): remove it by hand", dir, buildFile)}
	case !there && !purge:
		return nil, &InputError{fmt.Errorf("no kernel %q in %s", name, filepath.Dir(dir))}
	}
	var builds []*folder
	if purge {
		if builds, err = buildFolders(buildDir); err != nil {
			return nil, err
		}
		if !there && len(builds) == 0 {
			return nil, &InputError{fmt.Errorf("no kernel %q in %s, and no build", name, filepath.Dir(dir))}
		}
	}
	var removed []string
	if there {
		if removed, err = removeSpec(dir); err != nil {
			return removed, err
		}
	}
	more, err := purgeAll(builds, buildDir)
	return append(removed, more...), err
}

// removeSpec removes what place wrote, the kernel.json first: a half-removed
// kernel is none.
func removeSpec(dir string) (removed []string, err error) {
	if err := removeLogo(dir); err != nil {
		return removed, err
	}
	files := installed()
	for i := len(files) - 1; i >= 0; i-- {
		path := filepath.Join(dir, files[i])
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, err
		}
		removed = append(removed, path)
	}
	if removeEmpty(dir) {
		return []string{dir}, nil
	}
	return removed, nil
}

// buildFolders returns the build folder of this name, or all those in the user
// cache. One that is named and carries no mark is an *InputError.
func buildFolders(dir string) ([]*folder, error) {
	base, err := buildBase(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(base); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if dir != "" {
		f, err := openFolder(base)
		if err == nil && len(f.files) == 0 {
			err = &InputError{fmt.Errorf("%s is no build folder of this program: nothing there is touched", base)}
		}
		return []*folder{f}, err
	}
	entries, err := os.ReadDir(base)
	if err != nil {
		return nil, err
	}
	var all []*folder
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		// What is no build is somebody's, and stays.
		if f, err := openFolder(filepath.Join(base, e.Name())); err == nil {
			all = append(all, f)
		}
	}
	return all, nil
}

// purgeAll removes builds, unless one is being made, and the folder around
// those in the user cache.
func purgeAll(builds []*folder, dir string) (removed []string, err error) {
	for _, f := range builds {
		lock, err := lockOf(f.dir)
		if err != nil {
			return removed, err
		}
		if ok, err := lock.TryLock(); err != nil {
			return removed, err
		} else if !ok {
			return removed, fmt.Errorf("a build is under way in %s: not removed", f.dir)
		}
		_, err = f.purge()
		lock.Unlock()
		if err != nil {
			return removed, err
		}
		removed = append(removed, f.dir)
	}
	if dir == "" && len(builds) > 0 {
		if base, err := buildBase(""); err == nil && removeEmpty(base) {
			return []string{base}, nil
		}
	}
	return removed, nil
}
