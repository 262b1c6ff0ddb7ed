package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/nasbench"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestCurves measures two cells of a table made up here, and checks that what is
// measured twice in different ways is the same.
func TestCurves(t *testing.T) {
	if testing.Short() {
		t.Skip("measures two cells in all settings")
	}
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	if err := os.MkdirAll(filepath.Join(dir, "nasbench101"), 0o755); err != nil {
		t.Fatal(err)
	}
	specs, err := nasbench.Sample(8, 2)
	if err != nil {
		t.Fatal(err)
	}
	rows := "module_hash,n_vertices,adjacency_rowmajor,ops,trainable_parameters,test108\n"
	choosing := 0
	for _, s := range specs {
		m := strings.Split(s.MatrixString(), "/")
		rows += fmt.Sprintf("%s,%d,%s,%s,%d,0.9\n", s.Hash(), len(m), strings.Join(m, ""), strings.Join(s.Ops(), ";"), s.Parameters(nasbench.StemWidth))
		if truth.Choosing(s.Hash()) {
			choosing++
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "nasbench101", "uniform_subset.csv"), []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "curves.csv")
	every := (choosing + 1) / 2
	if err := run(t.Context(), every, 1, 2, out); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + (choosing+every-1)/every; len(table) != want {
		t.Fatalf("%d lines, want %d", len(table), want)
	}
	value := func(row []string, name string) string {
		k := slices.Index(table[0], name)
		if k < 0 {
			t.Fatalf("there is no column %s", name)
		}
		return row[k]
	}
	for _, row := range table[1:] {
		if !truth.Choosing(row[0]) {
			t.Errorf("%s is a cell for reporting", row[0])
		}
		for _, same := range [][]string{
			{"entropy/members/4", "entropy/images/16", "entropy/width/8", "entropy/spread/0", "entropy/kind/white"},
			{"sensitivity/members/2", "sensitivity/images/8", "sensitivity/std/0.05", "sensitivity/width/8"},
		} {
			for _, name := range same[1:] {
				if a, b := value(row, same[0]), value(row, name); a != b || a == "" {
					t.Errorf("%s: %s is %s, %s is %s", row[0], same[0], a, name, b)
				}
			}
		}
		if value(row, "entropy/members/4") == value(row, "entropy/members/1") {
			t.Errorf("%s: one member is as good as four", row[0])
		}
	}
	if slices.Contains(table[0], "entropy/kind/cifar10") {
		t.Error("CIFAR-10 was measured without its images")
	}
	if err := run(t.Context(), 0, 1, 1, out); err == nil {
		t.Error("every zeroth cell")
	}
}
