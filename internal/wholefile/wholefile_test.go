package wholefile_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/faults"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// contents returns the files of a folder by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(b)
	}
	return all
}

// parts writes a text in several writes.
func parts(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		for i := 0; i < len(text); i += 10 {
			if _, err := io.WriteString(w, text[i:min(i+10, len(text))]); err != nil {
				return err
			}
		}
		return nil
	}
}

// TestEveryFault lets each operation of a write fail in each way: the file then
// is the old one or the new one, an error is returned where it is the old one,
// and no other file is left but after a crash.
func TestEveryFault(t *testing.T) {
	old, text := "the old contents", strings.Repeat("the new contents ", 5)
	for _, how := range []int{faults.Full, faults.Short, faults.Crash} {
		for at := 0; ; at++ {
			dir := t.TempDir()
			path := filepath.Join(dir, "f")
			if err := wholefile.Write(path, []byte(old)); err != nil {
				t.Fatal(err)
			}
			d := &faults.Disk{At: at, How: how}
			restore := wholefile.Use(d)
			err := wholefile.Place(path, parts(text))
			restore()
			got := contents(t, dir)
			if got["f"] != old && got["f"] != text {
				t.Errorf("way %d, operation %d: the file is %q", how, at, got["f"])
			}
			if err == nil && got["f"] != text {
				t.Errorf("way %d, operation %d: no error, and the file is the old one", how, at)
			}
			if how != faults.Crash && len(got) > 1 {
				t.Errorf("way %d, operation %d: left behind: %q", how, at, got)
			}
			if d.Operations() <= at {
				if at < 8 {
					t.Errorf("way %d: a write took %d operations, too few for this test", how, at)
				}
				break
			}
		}
	}
}

func TestPlace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b", "f")
	if err := wholefile.Write(path, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if err := wholefile.Write(link, []byte("two")); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "two" {
		t.Errorf("the link's file is %q", b)
	}
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link has become a file")
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("permissions %v, were 0600", info.Mode())
	}
	boom := errors.New("boom")
	if err := wholefile.Place(path, func(w io.Writer) error { io.WriteString(w, "x"); return boom }); err != boom {
		t.Error(err)
	}
	if got := contents(t, filepath.Dir(path)); len(got) != 1 || got["f"] != "two" {
		t.Errorf("after a failure: %q", got)
	}
}

// TestRefuses: nothing but a plain file is replaced.
func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "dangling")); err != nil {
		t.Skip(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"dangling": "leads nowhere", "folder": "is a folder"} {
		if err := wholefile.Write(filepath.Join(dir, name), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if err := wholefile.Write(os.DevNull, []byte("x")); err == nil || !strings.Contains(err.Error(), "plain file") {
		t.Errorf("%s: %v", os.DevNull, err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s is gone: %v, %v", os.DevNull, info, err)
	}
}

// TestLongName: names up to the system's limit can be written.
func TestLongName(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("n", 250))
	for i := range 2 {
		if err := wholefile.Write(path, fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAbandon: what a program removes that ends in the middle of a write.
func TestAbandon(t *testing.T) {
	dir := t.TempDir()
	err := wholefile.Place(filepath.Join(dir, "f"), func(w io.Writer) error {
		if n := len(contents(t, dir)); n != 1 {
			t.Errorf("%d files while writing", n)
		}
		wholefile.Abandon()
		if n := len(contents(t, dir)); n != 0 {
			t.Errorf("%d files after giving up", n)
		}
		return errors.New("stop")
	})
	if err == nil {
		t.Error("no error")
	}
}

// TestCheck: a place is good for Check exactly if a file can be placed there, and
// nothing is left behind or changed.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file, nowhere := filepath.Join(dir, "file"), filepath.Join(dir, "nowhere")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	links := t.TempDir() // contents reads what links lead to
	for name, to := range map[string]string{"link": file, "lost": nowhere, "lostdir": nowhere} {
		if err := os.Symlink(to, filepath.Join(links, name)); err != nil {
			t.Skip(err)
		}
	}
	before := contents(t, dir)
	for name, good := range map[string]bool{
		"new": true, "file": true, "link": true, "a/b/new": true, strings.Repeat("n", 250): true,
		"lost": false, "lostdir/new": false, "file/new": false, "file/a/new": false, ".": false, strings.Repeat("n", 300): false,
	} {
		path := filepath.Join(dir, name)
		if strings.HasPrefix(name, "l") {
			path = filepath.Join(links, name)
		}
		if err := wholefile.Check(path); (err == nil) != good {
			t.Errorf("%.20s: %v", name, err)
		}
		if now := contents(t, dir); !reflect.DeepEqual(now, before) {
			t.Errorf("%.20s: left %v, was %v", name, now, before)
		}
		if !good && wholefile.Write(path, []byte("y")) == nil {
			t.Errorf("%.20s: a file is written after all", name)
		}
	}
	defer wholefile.Use(noFiles{})()
	if err := wholefile.Check(filepath.Join(dir, "new")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a folder that takes no file: %v", err)
	}
}

// noFiles is a disk that takes no file.
type noFiles struct{ wholefile.OS }

func (noFiles) Create(name string) (wholefile.File, error) {
	return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrPermission}
}
