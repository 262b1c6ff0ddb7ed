package sweep

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestCommittedTables checks what every committed table claims of itself, and
// that the index beside them is theirs.
func TestCommittedTables(t *testing.T) {
	if len(datasets.ScoreTables()) == 0 {
		t.Fatal("there is no table of scores")
	}
	for _, name := range datasets.ScoreTables() {
		if _, err := FindNoiseTable(name); err == nil {
			continue // TestCommittedNoise
		}
		e, err := FindExperiment(name)
		if err != nil {
			t.Fatal(err)
		}
		table, err := CommittedScores(name)
		if err != nil {
			t.Fatal(err)
		}
		perCell := 0
		for _, p := range e.Passes {
			perCell += p.rows()
		}
		i := table.Info
		if i.Name != name || i.CellsDone > i.CellsOf || i.Rows != i.CellsDone*perCell || i.Rows != table.Frame.Nrow() {
			t.Errorf("%s: %d rows of %d a cell; %+v", name, table.Frame.Nrow(), perCell, i)
		}
		hashes, cells := table.Frame.Col(frame.KeyColumn).Records(), table.Frame.Col(truth.CellColumn).Records()
		for r := 0; r < i.Rows; r += perCell {
			if r > 0 && hashes[r] <= hashes[r-1] {
				t.Fatalf("%s: row %d is out of order", name, r)
			}
			if s, err := truth.NewCell(cells[r]); err != nil || s.Key() != hashes[r] || hashes[r+perCell-1] != hashes[r] {
				t.Fatalf("%s: row %d: cell %q has not the hash %s, %v", name, r, cells[r], hashes[r], err)
			}
		}
	}
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(file), "..", "..", "datasets", "scores")
	want, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var tables []*ScoreTable
	for _, name := range tableNames() {
		if table, err := LoadScores(filepath.Join(dir, name+".parquet")); err == nil {
			tables = append(tables, table)
		}
	}
	if got := indexOf(tables); !bytes.Equal(got, want) {
		t.Error("datasets/scores/README.md is not what 'nngplab scores compute' writes")
	}
}

// recomputed names the tables of which TestCommittedScores computes cells, and
// how many.
var recomputed = []struct {
	table string
	cells int
	long  bool // only with NNGPLAB_LONG
}{{"cheap", 2, false}, {"members8", 1, false}, {"norms", 1, true}, {"seeds", 1, true}, {"sizes", 1, true}, {"members16", 1, true}}

// TestCommittedScores computes a few rows of committed tables again, from the
// images, of those cells that take the least, and compares every score. The
// table rounds to float32, and another processor's sums round differently; see
// roundingTolerance.
func TestCommittedScores(t *testing.T) {
	fixture.WithData(t)
	set, err := ScoreImages()
	if err != nil {
		t.Skip(err)
	}
	for _, c := range recomputed {
		table, err := CommittedScores(c.table)
		if err != nil || c.long && os.Getenv("NNGPLAB_LONG") == "" {
			continue
		}
		t.Setenv(CacheEnv, t.TempDir())
		e, err := FindExperiment(c.table)
		if err != nil {
			t.Fatal(err)
		}
		if table.Info.Pixels != digest(set) {
			t.Fatalf("%s is of other images", c.table)
		}
		specs := cheapest(t, table, c.cells)
		e.Choose = func(context.Context) ([]space.Architecture, error) { return specs, nil }
		again, err := Compute(t.Context(), e, set, ComputeConfig{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range specs {
			compareCell(t, c.table, s.Key(), table, again)
		}
	}
}

// cheapest returns the cells with the fewest FLOPs of the first hundred, in
// order of hash.
func cheapest(t *testing.T, table *ScoreTable, n int) []space.Architecture {
	t.Helper()
	specs, ok := committedSpecs(table.Info.Name)
	if !ok {
		t.Fatal("no cells")
	}
	specs = specs[:min(100, len(specs))]
	for len(specs) > n {
		worst := 0
		for i, s := range specs {
			if s.MACs() > specs[worst].MACs() {
				worst = i
			}
		}
		specs = append(specs[:worst], specs[worst+1:]...)
	}
	return specs
}

func compareCell(t *testing.T, name, hash string, want, got *ScoreTable) {
	t.Helper()
	a, err := frame.Where(want.Frame, frame.KeyColumn, hash)
	if err != nil {
		t.Fatal(err)
	}
	b, err := frame.Where(got.Frame, frame.KeyColumn, hash)
	if err != nil {
		t.Fatal(err)
	}
	if a.Nrow() != b.Nrow() {
		t.Fatalf("%s, cell %s: %d rows, computed %d", name, hash, a.Nrow(), b.Nrow())
	}
	members, val := a.Col(MembersColumn).Float(), a.Col(ValColumn).Float()
	for _, c := range scoreColumns {
		x, y := a.Col(c).Float(), b.Col(c).Float()
		for i := range x {
			tol := RoundingTolerance * (1 + math.Abs(x[i]))
			if c == "accuracy" || c == "whole_loo_accuracy" {
				tol = imagesTolerance / val[i]
			}
			if !(math.Abs(x[i]-y[i]) <= tol) && !(math.IsNaN(x[i]) && math.IsNaN(y[i])) {
				t.Errorf("%s, cell %s, %v members: %s is %v, computed %v", name, hash, members[i], c, x[i], y[i])
			}
		}
	}
}

// scoreColumns are the columns that TestCommittedScores compares: those that
// are well determined by the kernel. The epsilon of a flat optimum is not.
var scoreColumns = []string{
	"accuracy", "squared_error", "log_density", "train_loo_squared_error", "train_lml", "whole_loo_squared_error", "whole_loo_accuracy",
	"whole_lml", "whole_lml_unit", "alignment", "participation_ratio", "log_det", "top_share", "diagonal_cv", "mean_cosine", GFLOPsColumn,
}
