package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

type entry struct {
	name, data string
	kind       byte // tar.Type...
}

func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o644, Size: int64(len(e.data))}
		if e.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if e.kind == tar.TypeSymlink || e.kind == tar.TypeLink {
			h.Linkname, h.Size = e.data, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			w.Write([]byte(e.data))
		}
	}
	w.Close()
	return b.Bytes()
}

func gz(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.kind == tar.TypeSymlink {
			h.SetMode(os.ModeSymlink | 0o777)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(e.data))
	}
	w.Close()
	return b.Bytes()
}

// unpackBytes unpacks an archive into a folder within an otherwise empty one
// and returns the names found in the latter.
func unpackBytes(t testing.TB, kind string, data []byte, l Limits) (files []File, names []string, err error) {
	t.Helper()
	outer := t.TempDir()
	src, dst := filepath.Join(outer, "a"), filepath.Join(outer, "in", "dst")
	if err := os.MkdirAll(dst, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(src, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if l.Bytes == 0 {
		l.Bytes = 1 << 20
	}
	files, err = Archive(context.Background(), src, kind, dst, l, nil)
	filepath.WalkDir(outer, func(p string, e os.DirEntry, _ error) error {
		if !e.IsDir() && p != src {
			rel, _ := filepath.Rel(dst, p)
			names = append(names, filepath.ToSlash(rel))
		}
		return nil
	})
	return files, names, err
}

func TestUnpack(t *testing.T) {
	entries := []entry{{"set/", "", tar.TypeDir}, {"set/b.txt", "beta", 0}, {"set/in/a.txt", "alpha", 0}}
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	want := []File{{"b.txt", 4, sum("beta")}, {"in/a.txt", 5, sum("alpha")}}
	for kind, data := range map[string][]byte{"tar": tarOf(t, entries...), "tar.gz": gz(tarOf(t, entries...)), "zip": zipOf(t, entries...)} {
		files, names, err := unpackBytes(t, kind, data, Limits{Strip: 1})
		if err != nil || !reflect.DeepEqual(files, want) || !reflect.DeepEqual(names, []string{"b.txt", "in/a.txt"}) {
			t.Errorf("%s: %v, %v, %v", kind, files, names, err)
		}
	}
}

func TestUnpackRejects(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		entries []entry
		limits  Limits
		want    string
	}{
		"parent":         {[]entry{{"../evil", "x", 0}}, Limits{}, "leads out"},
		"deep parent":    {[]entry{{"a/../../evil", "x", 0}}, Limits{}, "leads out"},
		"absolute":       {[]entry{{"/evil", "x", 0}}, Limits{}, "leads out"},
		"backslash":      {[]entry{{`..\evil`, "x", 0}}, Limits{}, "leads out"},
		"drive":          {[]entry{{`C:evil`, "x", 0}}, Limits{}, "leads out"},
		"stripped":       {[]entry{{"../../evil", "x", 0}}, Limits{Strip: 1}, "leads out"},
		"symlink":        {[]entry{{"link", "/etc", tar.TypeSymlink}, {"link/evil", "x", 0}}, Limits{}, "only files and folders"},
		"twice":          {[]entry{{"a", "x", 0}, {"a", "y", 0}}, Limits{}, "exists"},
		"too large":      {[]entry{{"a", long, 0}}, Limits{Bytes: 4999}, "more than 4999 bytes"},
		"large together": {[]entry{{"a", long, 0}, {"b", long, 0}}, Limits{Bytes: 9999}, "more than 9999 bytes"},
		"too many":       {[]entry{{"a", "x", 0}, {"b", "x", 0}, {"c", "x", 0}}, Limits{Files: 2}, "more than 2 entries"},
		"too shallow":    {[]entry{{"a", "x", 0}}, Limits{Strip: 1}, "leading folders"},
		"nothing":        {nil, Limits{}, "holds no files"},
	} {
		for kind, data := range map[string][]byte{"tar": tarOf(t, c.entries...), "zip": zipOf(t, c.entries...)} {
			_, names, err := unpackBytes(t, kind, data, c.limits)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s as %s: error %v does not say %q", name, kind, err, c.want)
			}
			for _, n := range names {
				if strings.HasPrefix(n, "..") {
					t.Errorf("%s as %s: %s was written", name, kind, n)
				}
			}
		}
	}
	if _, _, err := unpackBytes(t, "tar", tarOf(t, entry{"a", "b", tar.TypeLink}), Limits{}); err == nil {
		t.Error("a hard link: no error")
	}
}

func TestUnpackDamaged(t *testing.T) {
	entries := []entry{{"a.txt", strings.Repeat("some text ", 1000), 0}, {"b.txt", "beta", 0}}
	tgz, z := gz(tarOf(t, entries...)), zipOf(t, entries...)
	whole, _, err := unpackBytes(t, "tar.gz", tgz, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range tgz {
		b := bytes.Clone(tgz)
		b[i] ^= 0x10
		// A few bits mean nothing: the date, and what fills the last byte.
		if files, _, err := unpackBytes(t, "tar.gz", b, Limits{}); err == nil && !reflect.DeepEqual(files, whole) {
			t.Errorf("tar.gz with byte %d flipped: no error, %v", i, files)
		}
	}
	for _, cut := range []int{0, 5, len(tgz) / 2, len(tgz) - 1} {
		if _, _, err := unpackBytes(t, "tar.gz", tgz[:cut], Limits{}); err == nil {
			t.Errorf("tar.gz cut to %d of %d bytes: no error", cut, len(tgz))
		}
	}
	b := bytes.Clone(z)
	b[60] ^= 0x10 // within the compressed data of a.txt
	if _, _, err := unpackBytes(t, "zip", b, Limits{}); err == nil {
		t.Error("zip with a byte flipped: no error")
	}
	if _, _, err := unpackBytes(t, "zip", z[:len(z)-5], Limits{}); err == nil {
		t.Error("zip cut short: no error")
	}
	if _, _, err := unpackBytes(t, "rar", z, Limits{}); err == nil {
		t.Error("kind rar: no error")
	}
}

func TestUnpackStops(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "a")
	if err := os.WriteFile(src, tarOf(t, entry{"a", "x", 0}), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Archive(ctx, src, "tar", dir, Limits{Bytes: 10}, nil); err == nil || ctx.Err() == nil {
		t.Errorf("error %v", err)
	}
}

// FuzzUnpack checks that no archive writes outside its folder or more than it
// may.
func FuzzUnpack(f *testing.F) {
	kinds := []string{"tar", "tar.gz", "zip"}
	entries := []entry{{"set/a.txt", "alpha", 0}, {"set/in/b.txt", "beta", 0}}
	f.Add(0, tarOf(f, entries...))
	f.Add(1, gz(tarOf(f, entries...)))
	f.Add(2, zipOf(f, entries...))
	f.Add(0, tarOf(f, entry{"../x", "y", 0}))
	f.Fuzz(func(t *testing.T, kind int, data []byte) {
		k := kinds[int(uint(kind)%3)]
		files, names, err := unpackBytes(t, k, data, Limits{Bytes: 4096, Files: 50, Strip: 1})
		var total int64
		for _, x := range files {
			total += x.Bytes
		}
		if total > 4096 {
			t.Errorf("%d bytes were written", total)
		}
		for _, n := range names {
			if strings.HasPrefix(n, "..") {
				t.Errorf("%s was written (error %v)", n, err)
			}
		}
	})
}

// TestKeep writes what the patterns match alone, whatever else an archive holds.
func TestKeep(t *testing.T) {
	entries := []entry{{name: "top/a/x.json", data: "1"}, {name: "top/a/x:y.log", data: "2"}, {name: "top/link", data: "/etc/passwd", kind: tar.TypeSymlink},
		{name: "top/b/x.json", data: "3"}, {name: "README", data: "4"}}
	src := filepath.Join(t.TempDir(), "a.tar.gz")
	if err := os.WriteFile(src, gz(tarOf(t, entries...)), 0o600); err != nil {
		t.Fatal(err)
	}
	dst := t.TempDir()
	files, err := Archive(context.Background(), src, "tar.gz", dst, Limits{Bytes: 10, Strip: 1, Keep: []string{"a/*.json"}}, nil)
	if err != nil || len(files) != 1 || files[0].Path != "a/x.json" {
		t.Fatalf("%v, %v", files, err)
	}
	if found, err := os.ReadDir(dst); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := Archive(context.Background(), src, "tar.gz", t.TempDir(), Limits{Bytes: 10, Files: 3, Strip: 1, Keep: []string{"a/*.json"}}, nil); err == nil {
		t.Error("more entries than allowed")
	}
}
