//go:build unix

package datasets

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestVerifyPipe: a pipe or a device in place of a file is found to be none, at
// once.
func TestVerifyPipe(t *testing.T) {
	w := newWorld(t)
	at, err := w.fetch(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rel  string
		make func(path string) error
	}{
		{"images.bin", func(p string) error { return syscall.Mkfifo(p, 0o600) }},
		{"t.csv", func(p string) error { return os.Symlink("/dev/zero", p) }},
	} {
		path := filepath.Join(at.Dir, c.rel)
		os.Remove(path)
		if err := c.make(path); err != nil {
			t.Skip(err)
		}
	}
	rep, err := verify(context.Background(), w.set, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range rep.Problems() {
		if strings.Contains(c.Problem, "is no plain file") {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%+v", rep.Problems())
	}
	if err := CheckRecorded(context.Background(), at.Dir, "images.bin"); err == nil || !strings.Contains(err.Error(), "is no plain file") {
		t.Errorf("before reading: %v", err)
	}
}

// TestPipesOfAFetch: nobody waits for a pipe in the place of a lock or of a part.
func TestPipesOfAFetch(t *testing.T) {
	for _, name := range []string{".lock-SET", ".downloads/SET/FILE.part"} {
		w := newWorld(t)
		name = strings.NewReplacer("SET", w.set.Name, "FILE", w.set.Sources[0].File).Replace(name)
		path := filepath.Join(w.root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skip(err)
		}
		if _, err := w.fetch(nil); err == nil || !strings.Contains(err.Error(), "no plain file") {
			t.Errorf("%s: %v", name, err)
		}
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
			t.Errorf("%s: the pipe is gone", name)
		}
	}
}
