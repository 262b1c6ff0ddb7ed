//go:build unix

package gokernel

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestLinkedFile: a file of a build that has become a link, or a pipe, is written
// through by nobody.
func TestLinkedFile(t *testing.T) {
	dir := t.TempDir()
	theirs := filepath.Join(t.TempDir(), "theirs.mod")
	write(t, theirs, "module theirs\n")
	f := &folder{dir: dir}
	if err := f.claim([]string{"go.mod", "go.sum"}); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(theirs, filepath.Join(dir, "go.mod")); err != nil {
		t.Skip(err)
	}
	var in *InputError
	if err := f.claim([]string{"go.mod"}); !errors.As(err, &in) {
		t.Error(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "go.sum"), 0o600); err != nil {
		t.Skip(err)
	}
	if err := f.claim([]string{"go.sum"}); !errors.As(err, &in) {
		t.Error(err)
	}
	// A hard link: the file of that name is another one afterwards.
	if err := os.Remove(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(theirs, filepath.Join(dir, "go.mod")); err != nil {
		t.Skip(err)
	}
	if err := os.Remove(filepath.Join(dir, "go.sum")); err != nil {
		t.Fatal(err)
	}
	pins, err := readPins(repoRoot(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := pins.writeMod(source{root: repoRoot(t)}, dir); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(theirs); err != nil || string(b) != "module theirs\n" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestPipesOfAFolder: nobody waits for a pipe in the place of a mark, a lock or a
// description.
func TestPipesOfAFolder(t *testing.T) {
	for _, name := range []string{markFile, lockFile, buildFile, "go.mod"} {
		dir := t.TempDir()
		if name == "go.mod" { // as an earlier version left it
			write(t, filepath.Join(dir, buildFile), `{"stamp":"`+strings.Repeat("a", 32)+`"}`)
		}
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Skip(err)
		}
		_, err := BuildKernel(t.Context(), BuildOptions{Dir: dir, Source: repoRoot(t)})
		if err == nil {
			t.Errorf("%s: a build", name)
		}
		if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
			t.Errorf("%s: the pipe is gone", name)
		}
	}
}
