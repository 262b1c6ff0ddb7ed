package study

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// withData points NNGPLAB_DATA to the folders of real data, or skips.
func withData(t *testing.T) {
	t.Helper()
	file := testdata.Path(t, "nasbench101", "retrained.csv")
	t.Setenv("NNGPLAB_DATA", filepath.Dir(filepath.Dir(file)))
}

// TestPublishedCells checks the joined tables against figures computed from
// the same files with pandas and scipy.stats.kendalltau: the number of cells,
// and tau-b of the baselines with the truth.
func TestPublishedCells(t *testing.T) {
	withData(t)
	for _, want := range []struct {
		name                    string
		cells                   int
		parameters, conv3x3, at float64 // at: tolerance of the last digit given
	}{
		{"official", 268, 0.402, 0.566, 0.0005},
		{"retrained", 772, 0.541, 0.671, 0.0005},
	} {
		c, err := OpenCells(t.Context(), want.name, 0)
		if err != nil {
			t.Fatal(err)
		}
		if c.Len() != want.cells || c.Frame.Nrow() != want.cells || !c.HasTruth() {
			t.Errorf("%s has %d cells, want %d", want.name, c.Len(), want.cells)
		}
		truth, err := Floats(c.Frame, TruthColumn)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []struct {
			s   Signal
			tau float64
		}{{Parameters, want.parameters}, {Conv3x3, want.conv3x3}} {
			x, err := b.s.Values(c.Frame)
			if err != nil {
				t.Fatal(err)
			}
			if tau := corr.Tau(truth, x); math.Abs(tau-b.tau) > want.at {
				t.Errorf("%s: tau of %s is %.4f, want %.3f", want.name, b.s.Name(), tau, b.tau)
			}
		}
		for i, h := range c.Frame.Col(KeyColumn).Records() {
			if got := c.Specs[i].Hash(); got != h {
				t.Fatalf("%s: row %d has hash %s and the cell of %s", want.name, i, h, got)
			}
		}
		if f, err := OpenCells(t.Context(), want.name, 10); err != nil || f.Len() != 10 || f.Frame.Nrow() != 10 || f.Specs[9] != c.Specs[9] {
			t.Errorf("%s: the first 10 are %d, %v", want.name, f.Len(), err)
		}
	}
}

func TestNoTables(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	t.Setenv("HOME", dir)
	_, err := OpenCells(t.Context(), "official", 0)
	var missing *NoTableError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "official_subset.csv") {
		t.Errorf("error %v", err)
	}
	if _, err := OpenCells(t.Context(), "unknown", 0); err == nil || errors.As(err, &missing) {
		t.Errorf("an unknown table gives the error %v", err)
	}
	tables, err := Tables(t.Context(), 12)
	if err != nil || len(tables) != 1 || tables[0].Len() != 12 || tables[0].HasTruth() {
		t.Fatalf("tables %+v, %v", tables, err)
	}
	all, err := CompareAll(t.Context(), tables, Baselines(), CompareConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(all.HTML(), "nngplab data fetch") || all.Table("official") != nil {
		t.Errorf("without truth the comparison says %q", all.HTML())
	}
	if fig, err := all.TauFigure(); err != nil || !strings.Contains(fig.SVG(), "nasbench101") {
		t.Errorf("without truth the figure is %v", err)
	}
	if fig, err := all.ScatterFigure("parameters", 0); err != nil || fig == nil {
		t.Error(err)
	}
	// A table that is there but damaged is an error: nothing stands in for it.
	if err := os.MkdirAll(filepath.Join(dir, "nasbench101"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "nasbench101", "retrained.csv")
	if err := os.WriteFile(file, []byte("module_hash,epochs\nx,y\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Tables(t.Context(), 0); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a damaged table gives the error %v", err)
	}
}

// TestBenchmark opens a file in the layout of the whole benchmark, of known
// content, first from the file and then as it was kept.
func TestBenchmark(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	if _, err := OpenCells(t.Context(), "benchmark", 0); err == nil || !strings.Contains(err.Error(), "nngplab data fetch nasbench101") {
		t.Errorf("without the benchmark the error is %v", err)
	}
	b, err := nasbench.SyntheticFile(nasbench.SyntheticOptions{Cells: 50})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "nasbench101", "nasbench_only108.tfrecord")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"read", "kept"} {
		c, err := OpenCells(t.Context(), "benchmark", 20)
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		truth, err := Floats(c.Frame, TruthColumn)
		if err != nil || c.Len() != 20 || !c.HasTruth() {
			t.Fatalf("%s: %d cells, %v", how, c.Len(), err)
		}
		sum := 0.0
		for r := 0; r < 3; r++ {
			run, err := nasbench.SyntheticRun(c.Specs[7].Hash(), 108, r, 0)
			if err != nil {
				t.Fatal(err)
			}
			sum += run.End.Test
		}
		if math.Abs(truth[7]-sum/3) > 1e-12 {
			t.Errorf("%s: truth %v, want %v", how, truth[7], sum/3)
		}
		if err := os.RemoveAll(filepath.Dir(file)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFiguresOverTables(t *testing.T) {
	withData(t)
	tables, err := Tables(t.Context(), 60)
	if err != nil {
		t.Fatal(err)
	}
	all, err := CompareAll(t.Context(), tables, Baselines(), CompareConfig{Resamples: 20})
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() error{
		"scatter":    func() error { _, err := all.ScatterFigure("parameters", 0.8); return err },
		"pqetp":      func() error { _, err := all.PQETPFigure(corr.Thresholds()); return err },
		"discovered": func() error { _, err := all.DiscoveredFigure(t.Context(), 30); return err },
		"reduction":  func() error { _, err := all.ReductionFigure(); return err },
		"tau":        func() error { _, err := all.TauFigure(); return err },
	} {
		if err := f(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := all.ScatterFigure("nothing", 0); err == nil {
		t.Error("there is a scatter of a signal that was not compared")
	}
	if all.Table("retrained").N() != 60 || !strings.Contains(all.HTML(), "Official") && !strings.Contains(all.HTML(), "official") {
		t.Errorf("comparisons %v", all.Cells)
	}
}
