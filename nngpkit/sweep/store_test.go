package sweep

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/imageset"
)

func TestScoresSurviveDamage(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(CacheEnv, dir)
	set := imageset.Drawn(60, 1)
	cells := sampled(t, 3)
	if _, err := Compute(t.Context(), drawnExperiment(cells, tinyPass(2)), set, ComputeConfig{}); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	whole, _ := os.ReadFile(files[0])

	// Cut in the middle of the last line: that score is computed again.
	if err := os.WriteFile(files[0], whole[:len(whole)-20], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Compute(t.Context(), drawnExperiment(cells, tinyPass(2)), set, ComputeConfig{}); err != nil {
		t.Fatal(err)
	}
	// The line that is written anew says how long it took this time.
	lines := func(b []byte) [][]byte { return bytes.SplitAfter(b, []byte("\n")) }
	mended, _ := os.ReadFile(files[0])
	if got, want := lines(mended), lines(whole); len(got) != len(want) || !bytes.Equal(bytes.Join(got[:3], nil), bytes.Join(want[:3], nil)) {
		t.Errorf("%d lines after mending, want %d, the first three as they were", len(got), len(want))
	}

	// Damage in the middle is an error that names file and line, and changes
	// nothing.
	bad := bytes.Replace(whole, []byte(`{"cell":`), []byte(`{"call":`), 1)
	if err := os.WriteFile(files[0], bad, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Compute(t.Context(), drawnExperiment(cells, tinyPass(2)), set, ComputeConfig{})
	if err == nil || !strings.Contains(err.Error(), files[0]+", line 2") {
		t.Errorf("damage gives the error %v", err)
	}
	if now, _ := os.ReadFile(files[0]); !bytes.Equal(now, bad) {
		t.Error("the damaged file was changed")
	}
}

func TestComputeStops(t *testing.T) {
	t.Setenv(CacheEnv, t.TempDir())
	set := imageset.Drawn(60, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Compute(ctx, drawnExperiment(sampled(t, 3), tinyPass(2)), set, ComputeConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	big := tinyPass(2)
	big.Train = 50
	if _, err := Compute(t.Context(), drawnExperiment(sampled(t, 1), big), set, ComputeConfig{}); err == nil || !strings.Contains(err.Error(), "which has 60") {
		t.Errorf("too many images give the error %v", err)
	}
}
