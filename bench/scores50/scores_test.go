package main

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// TestScoresStay scores the two cheapest of the 50 cells anew, at every level
// that runs here, and compares with before.csv. In plain Go a cell takes most
// of a minute, so that level has its turn with NNGPLAB_LONG only.
func TestScoresStay(t *testing.T) {
	if testing.Short() {
		t.Skip("scores cells")
	}
	testdata.Path(t, "cifar10")
	set, err := imageset.Load("cifar10")
	if err != nil {
		t.Skip(err)
	}
	rows := cheapest(t, 2, small)
	for _, level := range []string{"portable", "avx2", "avx512"} {
		t.Run(level, func(t *testing.T) {
			t.Setenv("NNGPLAB_SIMD", level)
			if err := use(level); err != nil {
				t.Skip(err)
			}
			if level == "portable" && os.Getenv("NNGPLAB_LONG") == "" {
				t.Skip("set NNGPLAB_LONG=1")
			}
			for _, want := range rows {
				stays(t, set, want, small)
			}
		})
	}
}

// TestWideScoresStay scores the cheapest of the wide networks anew, at the
// fastest level.
func TestWideScoresStay(t *testing.T) {
	if testing.Short() {
		t.Skip("scores a wide network")
	}
	testdata.Path(t, "cifar10")
	set, err := imageset.Load("cifar10")
	if err != nil {
		t.Skip(err)
	}
	stays(t, set, cheapest(t, 1, wide)[0], wide)
}

// stays scores a cell anew and compares.
func stays(t *testing.T, set *imageset.Set, want row, s setting) {
	got := want
	result, err := got.score(context.Background(), set, s)
	if err != nil {
		t.Fatal(err)
	}
	allowed, err := rounding(context.Background(), result, len(set.Classes), s)
	if err != nil {
		t.Fatal(err)
	}
	for k, name := range scoreNames {
		if d := math.Abs(got.score3[k] - want.score3[k]); !(d <= allowed[k]) {
			t.Errorf("cell %s: %s is %v, was %v: off by %.2g, of which rounding explains %.2g", want.hash, name, got.score3[k], want.score3[k], d, allowed[k])
		}
	}
}

// cheapest returns the n cells of the table with the fewest operations.
func cheapest(t *testing.T, n int, s setting) []row {
	f, err := os.Open(s.before)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := readRows(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != s.cells {
		t.Fatalf("%d cells, want %d", len(rows), s.cells)
	}
	flops := func(r row) int64 {
		spec, err := nasbench.Parse(r.matrix, r.ops)
		if err != nil {
			t.Fatal(err)
		}
		return spec.FLOPs(s.stem)
	}
	for i := range n {
		for j := i + 1; j < len(rows); j++ {
			if flops(rows[j]) < flops(rows[i]) {
				rows[i], rows[j] = rows[j], rows[i]
			}
		}
	}
	return rows[:n]
}

// TestReadRows checks that rows survive writing and that other tables are
// refused.
func TestReadRows(t *testing.T) {
	want := []row{{"aa", "01/0", "input,output", [scores]float64{0.5, 1e-3, -2}}, {"bb", "01/0", "input,output", [scores]float64{0, 1, 2}}}
	var b strings.Builder
	if err := writeRows(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := readRows(strings.NewReader(b.String()))
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("read %v, error %v", got, err)
	}
	for _, bad := range []string{"", "a,b\n1,2\n", strings.Replace(b.String(), "0.001", "x", 1)} {
		if _, err := readRows(strings.NewReader(bad)); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
