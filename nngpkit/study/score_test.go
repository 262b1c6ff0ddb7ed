package study

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// tiny is a setting that takes milliseconds a cell.
var tiny = Setting{Width: 8, Train: 30, Val: 20, Members: 2, NormBatch: 10}

func sampled(t *testing.T, n int) *Cells {
	t.Helper()
	c, err := SampleCells(n, 3)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestScoreCells(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(CacheEnv, dir)
	results := filepath.Join(t.TempDir(), "results")
	t.Setenv(ResultsEnv, results)
	set := imageset.Drawn(60, 1)
	cells := sampled(t, 4)
	df, err := ScoreCells(t.Context(), cells, set, tiny)
	if err != nil {
		t.Fatal(err)
	}
	// The same numbers as one evaluation at a time.
	for i, spec := range cells.Specs {
		net, err := spec.Network(8, arch.Shape{H: set.H, W: set.W, C: set.C})
		if err != nil {
			t.Fatal(err)
		}
		r, err := nngpkit.Evaluate(t.Context(), net, set, tiny.config())
		if err != nil {
			t.Fatal(err)
		}
		got := []float64{df.Col("nngp_accuracy").Float()[i], df.Col("nngp_loo").Float()[i], df.Col("nngp_lml").Float()[i], df.Col("nngp_gflops").Float()[i]}
		want := []float64{r.BestAccuracy, r.Whole.LOOSquaredError[r.Whole.BestLeaveOneOut()], r.Whole.LogMarginalScaled[r.Whole.BestLogMarginal()], float64(r.FLOPs) * 1e-9}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("cell %d scores %v, want %v", i, got, want)
		}
	}
	if b, err := os.ReadFile(results); err != nil || !strings.Contains(string(b), `{"kind":"work","name":"sample cells, stem 8, 30 + 20 images`) {
		t.Errorf("the work is recorded as %s, %v", b, err)
	}
	if err := cells.Add(df); err != nil {
		t.Fatal(err)
	}
	for _, s := range NNGPSignals() {
		if _, err := s.Values(cells.Frame); err != nil {
			t.Error(err)
		}
	}

	// A second call reads what the first kept, and computes only what is new.
	files, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if len(files) != 1 {
		t.Fatalf("%d files of scores", len(files))
	}
	before, _ := os.ReadFile(files[0])
	more := sampled(t, 6)
	again, err := ScoreCells(t.Context(), more, set, tiny)
	if err != nil {
		t.Fatal(err)
	}
	after, _ := os.ReadFile(files[0])
	if !bytes.HasPrefix(after, before) || bytes.Count(after, []byte("\n")) <= bytes.Count(before, []byte("\n")) {
		t.Error("the kept scores were not extended")
	}
	both, err := Join(df, again.Rename("nngp_again", "nngp_loo").Select([]string{"hash", "nngp_again"}), KeyColumn)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(both.Col("nngp_loo").Float(), both.Col("nngp_again").Float()) {
		t.Error("kept scores differ from computed ones")
	}

	// Another setting, and other images, have files of their own.
	other := tiny
	other.Seed = 1
	if _, err := ScoreCells(t.Context(), sampled(t, 1), set, other); err != nil {
		t.Fatal(err)
	}
	if _, err := ScoreCells(t.Context(), sampled(t, 1), imageset.Drawn(60, 2), tiny); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*.jsonl")); len(files) != 3 {
		t.Errorf("%d files of scores, want 3", len(files))
	}
}

func TestScoresSurviveDamage(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(CacheEnv, dir)
	set := imageset.Drawn(60, 1)
	cells := sampled(t, 3)
	if _, err := ScoreCells(t.Context(), cells, set, tiny); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	whole, _ := os.ReadFile(files[0])

	// Cut in the middle of the last line: that score is computed again.
	if err := os.WriteFile(files[0], whole[:len(whole)-20], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ScoreCells(t.Context(), cells, set, tiny); err != nil {
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
	_, err := ScoreCells(t.Context(), cells, set, tiny)
	if err == nil || !strings.Contains(err.Error(), files[0]+", line 2") {
		t.Errorf("damage gives the error %v", err)
	}
	if now, _ := os.ReadFile(files[0]); !bytes.Equal(now, bad) {
		t.Error("the damaged file was changed")
	}
}

func TestScoringStops(t *testing.T) {
	t.Setenv(CacheEnv, t.TempDir())
	set := imageset.Drawn(60, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ScoreCells(ctx, sampled(t, 3), set, tiny); err != context.Canceled {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	big := tiny
	big.Train = 50
	if _, err := ScoreCells(t.Context(), sampled(t, 1), set, big); err == nil || !strings.Contains(err.Error(), "which has 60") {
		t.Errorf("too many images give the error %v", err)
	}
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := newProgress("scored %d of %d cells", 10)
	p.w = &out
	p.step(1, 1) // too soon
	p.last = p.last.Add(-time.Minute)
	p.start = p.start.Add(-time.Minute)
	p.step(5, 5)
	p.end("scored 10 cells")
	if got, want := out.String(), "\rscored 5 of 10 cells, 60 s left\rscored 10 cells                \n"; got != want {
		t.Errorf("progress %q, want %q", got, want)
	}
	p.w = io.Discard
	for d, want := range map[time.Duration]string{30 * time.Second: "30 s", 10 * time.Minute: "10 min", 5 * time.Hour: "5.0 h"} {
		if got := roughly(d); got != want {
			t.Errorf("roughly(%v) = %q, want %q", d, got, want)
		}
	}
}
