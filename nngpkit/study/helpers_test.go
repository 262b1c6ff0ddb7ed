package study

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// sampled returns cells drawn from the space, without truth.
func sampled(t *testing.T, n int) *truth.Cells {
	t.Helper()
	c, err := truth.SampleCells(n, 3)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tinyPass is a pass of milliseconds per cell.
func tinyPass(members ...int) sweep.Pass {
	return sweep.Pass{Setting: sweep.Setting{Width: 8, Train: 30, Val: 20, NormBatch: 10}, At: members}
}

// recorded returns what a function appends to the file of results.
func recorded(t *testing.T, f func() error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "results.jsonl")
	t.Setenv(report.ResultsEnv, path)
	if err := f(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
