package published_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestBenchmark opens a file in the layout of the whole benchmark, of known
// content, first from the file and then as it was kept.
func TestBenchmark(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	if _, err := truth.OpenCells(t.Context(), "benchmark", 0); err == nil || !strings.Contains(err.Error(), "nngplab data fetch nasbench101") {
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
		c, err := truth.OpenCells(t.Context(), "benchmark", 20)
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		values, err := frame.Floats(c.Frame, truth.TruthColumn)
		if err != nil || c.Len() != 20 || !c.HasTruth() {
			t.Fatalf("%s: %d cells, %v", how, c.Len(), err)
		}
		sum := 0.0
		for r := 0; r < 3; r++ {
			run, err := nasbench.SyntheticRun(c.Architectures[7].Key(), 108, r, 0)
			if err != nil {
				t.Fatal(err)
			}
			sum += run.End.Test
		}
		if math.Abs(values[7]-sum/3) > 1e-12 {
			t.Errorf("%s: truth %v, want %v", how, values[7], sum/3)
		}
		if err := os.RemoveAll(filepath.Dir(file)); err != nil {
			t.Fatal(err)
		}
	}
}
