package docindex

import (
	"bytes"
	"errors"
	"testing"
)

func archive(t *testing.T, pkgs map[string]Package) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	for path, p := range pkgs {
		if err := w.Add(path, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLookup(t *testing.T) {
	ix, err := Open(archive(t, map[string]Package{
		"a/b": {"": {Sig: "package b", Doc: "Package b."}, "T.M": {Ref: "c:U.M"}, "X": {Sig: "type X = c.U", Ref: "gone:U"}, "L": {Ref: "a/b:L"}},
		"c":   {"U.M": {Sig: "func (U) M()", Doc: "M does."}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, name, sig, doc string }{
		{"a/b", "", "package b", "Package b."},
		{"a/b", "T.M", "func (U) M()", "M does."}, // by reference to the other package
		{"a/b", "X", "type X = c.U", ""},          // the reference leads out of the archive
	} {
		e, err := ix.Lookup(c.path, c.name)
		if err != nil || e.Sig != c.sig || e.Doc != c.doc {
			t.Errorf("Lookup(%q, %q) = %+v, %v", c.path, c.name, e, err)
		}
	}
	for _, c := range [][2]string{{"a/b", "Nothing"}, {"no/such", "T"}, {"a/b", "L"}} {
		if _, err := ix.Lookup(c[0], c[1]); !errors.Is(err, ErrNotFound) {
			t.Errorf("Lookup(%q, %q): error %v, want ErrNotFound", c[0], c[1], err)
		}
	}
}

func TestOpenDamaged(t *testing.T) {
	good := archive(t, map[string]Package{"c": {"F": {Sig: "func F()"}}})
	for _, bad := range [][]byte{nil, []byte("no archive"), good[:len(good)-5]} {
		if _, err := Open(bad); err == nil {
			t.Errorf("Open of %d damaged bytes: no error", len(bad))
		}
	}
	flipped := bytes.Replace(good, []byte("{"), []byte("["), 1)
	if ix, err := Open(flipped); err == nil {
		if _, err := ix.Lookup("c", "F"); err == nil && !bytes.Equal(good, flipped) {
			t.Error("Lookup in a damaged package: no error")
		}
	}
}
