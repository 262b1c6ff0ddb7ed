package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// TestSignals measures cells of a table made up here, resumes, and reports.
func TestSignals(t *testing.T) {
	if testing.Short() {
		t.Skip("measures thirty cells twice")
	}
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	if err := os.MkdirAll(filepath.Join(dir, "nasbench101"), 0o755); err != nil {
		t.Fatal(err)
	}
	specs, err := nasbench.Sample(30, 1)
	if err != nil {
		t.Fatal(err)
	}
	table := "module_hash,n_vertices,adjacency_rowmajor,ops,test108\n"
	for i, s := range specs {
		rows := strings.Split(s.MatrixString(), "/")
		table += fmt.Sprintf("%s,%d,%s,%s,0.9%02d\n", s.Hash(), len(rows), strings.Join(rows, ""), strings.Join(s.Ops(), ";"), i)
	}
	if err := os.WriteFile(filepath.Join(dir, "nasbench101", "uniform_subset.csv"), []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
	o := options{space: "nasbench101", seeds: 2, width: 8, half: "all", every: 1, threads: 2, out: filepath.Join(dir, "out"), need: "noise_entropy"}
	cells, err := readCells(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]cell{cells[:10], cells} { // the second resumes
		for seed := range uint64(2) {
			if err := o.measure(t.Context(), part, "recommended", seed); err != nil {
				t.Fatal(err)
			}
			rows, err := readRows(o.file("recommended", seed), groups["recommended"].columns)
			if err != nil || len(rows) != len(part) {
				t.Fatalf("seed %d: %d rows, want %d; %v", seed, len(rows), len(part), err)
			}
		}
	}
	data, err := os.ReadFile(o.file("recommended", 0))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "\n"); n != len(cells) {
		t.Errorf("%d lines for %d cells: some were measured twice", n, len(cells))
	}
	var text strings.Builder
	if err := o.report(t.Context(), cells, &text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"choose half", "report half", "2e + j + parameters, recommended"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, text.String())
		}
	}
	if err := os.WriteFile(o.file("recommended", 1), data[:len(data)-20], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := o.report(t.Context(), cells, &text); err == nil {
		t.Error("a file that is cut short is reported")
	}
}

// TestShortest counts edges by hand.
func TestShortest(t *testing.T) {
	for matrix, want := range map[string]int{"01/00": 1, "010/001/000": 2, "0111/0010/0001/0000": 1, "0110/0010/0001/0000": 2} {
		if got := shortest(strings.Split(matrix, "/")); got != want {
			t.Errorf("%s: %d edges, want %d", matrix, got, want)
		}
	}
}
