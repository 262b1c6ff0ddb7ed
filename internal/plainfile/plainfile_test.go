package plainfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("12345"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int64{5, 6, 1 << 40} {
		if b, err := Read(path, limit); err != nil || string(b) != "12345" {
			t.Errorf("limit %d: %q, %v", limit, b, err)
		}
	}
	if _, err := Read(path, 4); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("limit 4: %v", err)
	}
	if _, err := Read(filepath.Join(dir, "none"), 4); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Error(err)
	}
	// A file whose size is a mere claim.
	sparse := filepath.Join(dir, "sparse")
	f, err := os.Create(sparse)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(1 << 40); err != nil {
		t.Skip(err)
	}
	if _, err := Read(sparse, 1<<20); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Error(err)
	}
}

// TestDevice: a device that never ends is refused, and so is a link to one.
func TestDevice(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{"/dev/zero", link} {
		if _, err := os.Stat(path); err != nil {
			t.Skip(err)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "is no plain file") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestBeginsWith(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := BeginsWith(path, "head"); err != nil {
		t.Error(err)
	}
	for text, ok := range map[string]bool{"": false, "he": false, "mine": false, "head": true, "head and more": true} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := BeginsWith(path, "head"); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := BeginsWith(os.DevNull, "head"); err == nil {
		t.Error("a device")
	}
}
