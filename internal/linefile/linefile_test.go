package linefile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nngplab/nngplab/internal/faults"
)

// TestEveryBit: a change of any bit of a line, another salt, and a cut are errors.
func TestEveryBit(t *testing.T) {
	object := []byte(`{"item":3,"values":[0.25,null]}`)
	line := Seal(nil, "salt", object)
	if got, err := Open("salt", line); err != nil || !bytes.Equal(got, object) {
		t.Fatalf("%s, %v", got, err)
	}
	if _, err := Open("other", line); !errors.Is(err, ErrSum) {
		t.Errorf("another salt: %v", err)
	}
	for at := range len(line) - 1 {
		for bit := range 8 {
			bad := bytes.Clone(line)
			bad[at] ^= 1 << bit
			if _, err := Open("salt", bad); err == nil {
				t.Errorf("byte %d, bit %d: no error", at, bit)
			}
		}
		if _, err := Open("salt", line[:at]); err == nil {
			t.Errorf("cut to %d bytes: no error", at)
		}
	}
	if a, b := SumOf(line), SumOf(Seal(nil, "salt", []byte(`{"item":4}`))); a == 0 || a == b {
		t.Errorf("checksums %x and %x", a, b)
	}
}

// TestScan: whole lines are visited with their places, what is cut off is counted,
// and a line without end is refused before it fills the memory.
func TestScan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if _, _, err := Scan(path, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("a\nbcd\ne")
	var got []string
	whole, cut, err := Scan(path, func(l Line) error {
		got = append(got, string(l.Text))
		if l.Number != len(got) || l.Offset != int64([]int{0, 2}[len(got)-1]) {
			t.Errorf("line %d at %d", l.Number, l.Offset)
		}
		return nil
	})
	if err != nil || whole != 6 || cut != 1 || strings.Join(got, "|") != "a\n|bcd\n" {
		t.Errorf("%d, %d, %q, %v", whole, cut, got, err)
	}
	boom := errors.New("boom")
	if _, _, err := Scan(path, func(l Line) error { return boom }); !errors.Is(err, boom) || !strings.Contains(err.Error(), path+": line 1: ") {
		t.Error(err)
	}
	write(strings.Repeat("x", MaxLine+1))
	if _, _, err := Scan(path, func(Line) error { return nil }); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Error(err)
	}
}

// failing is a file whose writer takes so many bytes.
type failing struct {
	File
	w *faults.Writer
}

func (f failing) Write(b []byte) (int, error) { return f.w.Write(b) }

// TestLog: lines are appended whole or not at all; after a full disk the file holds
// whole lines, and nothing more is written.
func TestLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("one\ntw"), 0o666); err != nil {
		t.Fatal(err)
	}
	defer Use(func(f File) File {
		return failing{f, &faults.Writer{W: f, N: 10, Err: syscall.ENOSPC}}
	})()
	l, err := Append(path, 4)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Write([]byte("two\n")); err != nil {
		t.Fatal(err)
	}
	if err := l.Write([]byte("number three\n")); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if err := l.Write([]byte("4\n")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("written after an error: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "one\ntwo\n" {
		t.Errorf("the file holds %q", b)
	}
}

// TestLock: one at a time.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	one, err := Acquire(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(path); !errors.Is(err, ErrLocked) {
		t.Errorf("twice: %v", err)
	}
	if err := one.Release(); err != nil {
		t.Fatal(err)
	}
	two, err := Acquire(path)
	if err != nil {
		t.Fatal(err)
	}
	two.Release()
}
