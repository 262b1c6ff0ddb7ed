package datasets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckRecorded(t *testing.T) {
	w := newWorld(t)
	at, err := w.fetch(nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	all := []string{"t.csv", "images.bin", "in/labels.txt"}
	if err := CheckRecorded(ctx, at.Dir, append(all, "mine.bin")...); err != nil {
		t.Errorf("a sound set: %v", err)
	}
	bad := bytes.Clone(w.table)
	bad[7] ^= 1
	touch(t, at.Dir, "t.csv")
	for what, data := range map[string][]byte{"flipped": bad, "cut": w.table[:12], "longer": append(bytes.Clone(w.table), 0)} {
		if err := os.WriteFile(filepath.Join(at.Dir, "t.csv"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		rec, err := ReadRecord(at.Dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{CheckRecorded(ctx, at.Dir, all...), rec.CheckData(at.Dir, "t.csv", data)} {
			var wrong *WrongFileError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), filepath.Join(at.Dir, "t.csv")) || !strings.Contains(err.Error(), "nngplab data fetch toy --force") {
				t.Errorf("%s: error %v", what, err)
			}
		}
		if err := CheckRecorded(ctx, at.Dir, "images.bin"); err != nil {
			t.Errorf("%s: another file: %v", what, err)
		}
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if err := CheckRecorded(canceled, at.Dir, all...); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if err := os.Remove(filepath.Join(at.Dir, "images.bin")); err != nil {
		t.Fatal(err)
	}
	if err := CheckRecorded(ctx, at.Dir, "images.bin"); !os.IsNotExist(err) {
		t.Errorf("a file that is gone: %v", err)
	}
	if err := CheckRecorded(ctx, t.TempDir(), "images.bin"); err != nil {
		t.Errorf("a folder that was not fetched: %v", err)
	}
}

// FuzzRecord checks that whatever is accepted as a record names files within
// its folder, and reads the same again from its own text.
func FuzzRecord(f *testing.F) {
	good := Record{Set: "toy", Sources: []Source{{URL: "https://x/y", Bytes: 3, File: "y"}}, Files: []File{{"a/b", 3, sha([]byte("abc"))}}}
	data, err := json.Marshal(&good)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"files":[{"path":"../x"}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parseRecord(data, "fuzz.json")
		if err != nil {
			if !strings.Contains(err.Error(), "fuzz.json") {
				t.Errorf("error %q does not name the file", err)
			}
			return
		}
		for _, x := range r.Files {
			if !filepath.IsLocal(filepath.FromSlash(x.Path)) {
				t.Errorf("%q leaves its folder", x.Path)
			}
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseRecord(text, "again")
		if err != nil || len(again.Files) != len(r.Files) || again.Set != r.Set {
			t.Errorf("%s: %v", text, err)
		}
	})
}
