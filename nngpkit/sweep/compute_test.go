package sweep

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// drawnExperiment is an experiment of milliseconds per cell.
func drawnExperiment(cells *truth.Cells, passes ...Pass) Experiment {
	return Experiment{Name: "drawn", About: "a test", Cells: "a sample", Passes: passes,
		Choose: func(context.Context) ([]space.Architecture, error) { return cells.Architectures, nil }}
}

func sampled(t *testing.T, n int) *truth.Cells {
	t.Helper()
	c, err := truth.SampleCells(n, 3)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tinyPass(members ...int) Pass {
	return Pass{Setting: Setting{Width: 8, Train: 30, Val: 20, NormBatch: 10}, At: members}
}

// TestCompute compares a table with evaluations of one cell at a time, and with
// gp on a part of the kernel cut out by hand.
func TestCompute(t *testing.T) {
	t.Setenv(CacheEnv, t.TempDir())
	set, cells := imageset.Drawn(60, 1), sampled(t, 3)
	p := tinyPass(1, 3)
	p.Sizes, p.Views = []int{12, 30}, []nngpkit.View{nngpkit.Raw, nngpkit.Standardized}
	none := tinyPass(2)
	none.Norm = forward.None
	table, err := Compute(t.Context(), drawnExperiment(cells, p, none), set, ComputeConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := table.Frame.Nrow(), 3*(2*2*2+1); got != want || table.Info.Rows != want || !table.Info.Whole() {
		t.Fatalf("%d rows, want %d; %v", got, want, table.Info)
	}
	df, err := frame.Where(table.Frame, ViewColumn, nngpkit.Raw)
	if err != nil {
		t.Fatal(err)
	}
	for i, spec := range cells.Architectures {
		net, err := spec.Network(8, arch.Shape{H: set.H, W: set.W, C: set.C})
		if err != nil {
			t.Fatal(err)
		}
		r, err := nngpkit.Evaluate(t.Context(), net, set, nngpkit.Config{Train: 30, Val: 20, NormBatch: 10, Members: 3})
		if err != nil {
			t.Fatal(err)
		}
		same(t, df, i, 3, 30, "ema", r.Result)
		// Images 0 to 11 train, 30 to 49 validate.
		k := mat.NewSymDense(32, nil)
		at := func(a int) int {
			if a >= 12 {
				return a + 18
			}
			return a
		}
		labels := make([]int, 32)
		for a := 0; a < 32; a++ {
			labels[a] = r.Labels[at(a)]
			for b := a; b < 32; b++ {
				k.SetSym(a, b, r.Kernel.At(at(a), at(b)))
			}
		}
		part, err := gp.Sweep(k, 12, labels, 10, gp.Config{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, df, i, 3, 12, "ema", part)
		r, err = nngpkit.Evaluate(t.Context(), net, set, nngpkit.Config{Train: 30, Val: 20, NormBatch: 10, Members: 2, Norm: forward.None})
		if err != nil {
			t.Fatal(err)
		}
		same(t, df, i, 2, 30, "none", r.Result)
	}
	// Another view is another kernel.
	other, err := frame.Where(table.Frame, ViewColumn, nngpkit.Standardized)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := other.Col("whole_lml").Float()[0], df.Col("whole_lml").Float()[0]; a == b || math.IsNaN(a) {
		t.Errorf("the likelihood of the standardized view is %v, the raw one's %v", a, b)
	}
}

// same compares one row with the scores that it should have.
func same(t *testing.T, df dataframe.DataFrame, cell, members, train int, norm string, r *gp.Result) {
	t.Helper()
	at, err := ScoresAt(df, 8, members, train, norm)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Scores() {
		if got, want := at.Col(s.Name).Float()[cell], float64(float32(s.Value)); got != want {
			t.Errorf("cell %d, %d members, %d images, %s: %s is %v, want %v", cell, members, train, norm, s.Name, got, want)
		}
	}
}

// TestComputeGoesOn checks that nothing is computed twice, that a table can be
// read while it is computed, and that more members join those that are kept.
func TestComputeGoesOn(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(CacheEnv, dir)
	set, cells := imageset.Drawn(60, 1), sampled(t, 5)
	e := drawnExperiment(cells, tinyPass(1, 2))
	if _, err := Compute(t.Context(), e, set, ComputeConfig{KeptOnly: true}); err == nil {
		t.Error("there is a table before any cell")
	}
	two, err := Compute(t.Context(), e, set, ComputeConfig{Cells: 2})
	if err != nil {
		t.Fatal(err)
	}
	if two.Info.Whole() || two.Info.CellsDone != 2 || two.Info.CellsOf != 5 || !strings.Contains(two.Info.String(), "2 cells of 5: not whole") {
		t.Errorf("two cells of five: %v", two.Info)
	}
	calls := 0
	all, err := Compute(t.Context(), e, set, ComputeConfig{Progress: func(done, total, fresh int) {
		calls++
		if done != 2+calls || total != 5 || fresh != calls {
			t.Errorf("progress %d of %d, %d fresh, in call %d", done, total, fresh, calls)
		}
	}})
	if err != nil || calls != 3 {
		t.Fatalf("%d cells computed, want 3; %v", calls, err)
	}
	if !equalFrames(all.Frame.Subset([]int{0, 1, 2, 3}), two.Frame) {
		t.Error("the first cells' rows, seconds included, changed")
	}

	// Another process writes: KeptOnly reads all the same, a second writer
	// does not.
	p := tinyPass(1, 2).Resolved()
	h := measuredHeader{"scores", set.Name, digest(set), p.Setting}
	h.Setting.Members = 0
	f, err := openKept[[]measured](h)
	if err != nil {
		t.Fatal(err)
	}
	read, err := Compute(t.Context(), e, set, ComputeConfig{KeptOnly: true})
	if err != nil || !equalFrames(read.Frame, all.Frame) {
		t.Errorf("kept rows read beside a writer differ, %v", err)
	}
	if _, err := Compute(t.Context(), e, set, ComputeConfig{}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("two writers: %v", err)
	}
	f.close()

	more := drawnExperiment(cells, tinyPass(3))
	if _, err := Compute(t.Context(), more, set, ComputeConfig{}); err != nil {
		t.Fatal(err)
	}
	again, err := Compute(t.Context(), e, set, ComputeConfig{Progress: func(int, int, int) { t.Error("a cell is computed twice") }})
	if err != nil || !equalFrames(again.Frame, all.Frame) {
		t.Errorf("rows of fewer members changed, %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Compute(ctx, drawnExperiment(sampled(t, 8), tinyPass(1)), set, ComputeConfig{}); err != context.Canceled {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// withoutSums returns a file of kept scores without checksums, as earlier versions
// wrote it, so that a test can change the scores.
func withoutSums(b []byte) []byte {
	return regexp.MustCompile(`,"sum":"[0-9a-f]{8}"}\n`).ReplaceAll(b, []byte("}\n"))
}

// TestComputeChecksEngines takes over rows of another engine only where they
// agree.
func TestComputeChecksEngines(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(CacheEnv, dir)
	set, cells := imageset.Drawn(60, 1), sampled(t, 2)
	e := drawnExperiment(cells, tinyPass(2))
	table, err := Compute(t.Context(), e, set, ComputeConfig{})
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	whole, _ := os.ReadFile(files[0])
	whole = withoutSums(whole)
	mark, err := engineMark()
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.ReplaceAll(whole, []byte(mark), []byte("another"))
	if err := os.WriteFile(files[0], other, 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := Compute(t.Context(), e, set, ComputeConfig{})
	if err != nil || !equalFrames(again.Frame, table.Frame) {
		t.Errorf("rows of another engine that agree: %v", err)
	}
	wrong := bytes.Replace(other, []byte(`"whole_lml":-`), []byte(`"whole_lml":-1`), -1)
	if err := os.WriteFile(files[0], wrong, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Compute(t.Context(), e, set, ComputeConfig{}); err == nil || !strings.Contains(err.Error(), "whole_lml after 2 members") {
		t.Errorf("rows of another engine that differ give the error %v", err)
	}
}

// TestScoreFile writes a table and reads it, with its description.
func TestScoreFile(t *testing.T) {
	t.Setenv(CacheEnv, t.TempDir())
	table, err := Compute(t.Context(), drawnExperiment(sampled(t, 2), tinyPass(1, 2)), imageset.Drawn(60, 1), ComputeConfig{Cells: 1})
	if err != nil {
		t.Fatal(err)
	}
	table.Frame = table.Frame.Mutate(fixture.FloatSeries([]float64{math.NaN(), math.NaN()}, "alignment"))
	path := filepath.Join(t.TempDir(), "new", "members8.parquet")
	table.Info.Name = "members8"
	if err := table.Save(path); err != nil {
		t.Fatal(err)
	}
	read, err := LoadScores(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read.Info, table.Info) || !equalFrames(read.Frame, table.Frame) {
		t.Errorf("read %+v, wrote %+v", read.Info, table.Info)
	}
	spec, err := truth.NewCell(read.Frame.Col(truth.CellColumn).Records()[0])
	if err != nil || spec.Key() != read.Frame.Col(frame.KeyColumn).Records()[0] {
		t.Errorf("the cell of the first row is %v, %v", spec, err)
	}
	if err := IndexScores(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	index, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "README.md"))
	for _, want := range []string{"[members8](members8.parquet)", "1 of 2, **not whole**", "`nngplab scores compute drawn`", "`whole_lml`"} {
		if !bytes.Contains(index, []byte(want)) {
			t.Errorf("the index lacks %q:\n%s", want, index)
		}
	}
	whole, _ := os.ReadFile(path)
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadScores(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("half a table gives the error %v", err)
	}
}

func TestScoresAt(t *testing.T) {
	df := dataframe.New(
		series.New([]string{"a", "b", "a", "b", "a"}, series.String, frame.KeyColumn),
		series.New([]int{8, 8, 16, 16, 8}, series.Int, WidthColumn), series.New([]int{2, 2, 2, 2, 2}, series.Int, MembersColumn),
		series.New([]int{9, 9, 9, 9, 9}, series.Int, TrainColumn), series.New([]string{"ema", "ema", "ema", "ema", "ema"}, series.String, NormColumn),
		series.New([]string{"e", "e", "e", "e", "e"}, series.String, DrawColumn), series.New([]string{"raw", "raw", "raw", "raw", "raw"}, series.String, ViewColumn),
		series.New([]int{0, 0, 0, 0, 1}, series.Int, SeedColumn), series.New([]int{0, 0, 0, 0, 0}, series.Int, SplitSeedColumn),
		series.New([]float64{1, 2, 3, 4, 5}, series.Float, "accuracy"),
	)
	at, err := ScoresAt(df, 16, 2, 9, "ema")
	if err != nil || !reflect.DeepEqual(at.Col("accuracy").Float(), []float64{3, 4}) {
		t.Errorf("width 16: %v, %v", at, err)
	}
	if _, err := ScoresAt(df, 8, 2, 9, "ema"); err == nil || !strings.Contains(err.Error(), "several rows") || !strings.Contains(err.Error(), "seed 1") {
		t.Errorf("two seeds give the error %v", err)
	}
	one, err := frame.Where(df, SeedColumn, 1)
	if err != nil || one.Nrow() != 1 {
		t.Fatalf("seed 1: %v, %v", one, err)
	}
	if _, err := ScoresAt(df, 8, 3, 9, "ema"); err == nil || !strings.Contains(err.Error(), "no row has members 3") {
		t.Errorf("no such number of members gives the error %v", err)
	}
	if _, err := frame.Where(df, "accuracy", "much"); err == nil {
		t.Error("a number is compared with a word")
	}
	s, err := frame.Suffixed(one, "_1")
	if err != nil || s.Names()[0] != frame.KeyColumn || s.Names()[9] != "accuracy_1" {
		t.Errorf("suffixed %q, %v", s.Names(), err)
	}
}

// equalFrames compares names and values; NaN equals NaN.
func equalFrames(a, b dataframe.DataFrame) bool {
	return reflect.DeepEqual(a.Names(), b.Names()) && reflect.DeepEqual(a.Records(), b.Records())
}
