package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/publishedtest"
)

// TestDataImportPlace: a table is kept where nothing is or an earlier table, and
// nowhere else; what is there stays, bit by bit.
func TestDataImportPlace(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", "")
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	one, err := publishedtest.File("nasbench101", 20)
	if err != nil {
		t.Fatal(err)
	}
	src := filepath.Join(dir, "x.tfrecord")
	if err := os.WriteFile(src, one, 0o644); err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(dir, "new", "table.parquet")
	if code, _, errs := runImportCommand("nasbench101", src, "--table", table); code != 0 {
		t.Fatal(errs)
	}
	kept, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	link, hard := filepath.Join(dir, "link"), filepath.Join(dir, "hard")
	if os.Symlink(src, link) != nil || os.Link(src, hard) != nil {
		t.Skip("no links here")
	}
	mine := map[string][]byte{
		"keep.txt": []byte("mine"), "empty": nil, "other.parquet": []byte("PAR1 somebody's PAR1"),
		"begins.parquet": kept[:len(kept)/2], "ends.parquet": append([]byte("mine"), kept[4:]...),
	}
	for name, data := range mine {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	places := []string{src, link, hard, dir, os.DevNull, filepath.Join(src, "below")}
	for name := range mine {
		places = append(places, filepath.Join(dir, name))
	}
	for _, place := range places {
		code, out, errs := runImportCommand("nasbench101", src, "--table", place)
		if code != exitUsage || out != "" || !strings.Contains(errs, place) {
			t.Errorf("%s: exit code %d, %q, %s", place, code, out, errs)
		}
	}
	if b, err := os.ReadFile(src); err != nil || !bytes.Equal(b, one) {
		t.Error("the source has changed")
	}
	for name, data := range mine {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(b, data) {
			t.Errorf("%s has changed", name)
		}
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s: %v, %v", os.DevNull, info, err)
	}
	// An earlier table, even a damaged one, makes room.
	damaged := bytes.Clone(kept)
	damaged[len(damaged)/2] ^= 1
	if err := os.WriteFile(table, damaged, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := runImportCommand("nasbench101", src, "--table", table); code != 0 {
		t.Error(errs)
	}
	if b, err := os.ReadFile(table); err != nil || !bytes.Equal(b, kept) {
		t.Error("the damaged table was not replaced")
	}
}
