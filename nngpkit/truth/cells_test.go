package truth

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// TestPublishedCells checks the joined tables against figures computed from
// the same files with pandas and scipy.stats.kendalltau: the number of cells,
// and tau-b of the baselines with the truth.
func TestPublishedCells(t *testing.T) {
	fixture.WithData(t)
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
		truth, err := frame.Floats(c.Frame, TruthColumn)
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
		for i, h := range c.Frame.Col(frame.KeyColumn).Records() {
			if got := c.Specs[i].Hash(); got != h {
				t.Fatalf("%s: row %d has hash %s and the cell of %s", want.name, i, h, got)
			}
		}
		if f, err := OpenCells(t.Context(), want.name, 10); err != nil || f.Len() != 10 || f.Frame.Nrow() != 10 || f.Specs[9] != c.Specs[9] {
			t.Errorf("%s: the first 10 are %d, %v", want.name, f.Len(), err)
		}
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
		truth, err := frame.Floats(c.Frame, TruthColumn)
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
