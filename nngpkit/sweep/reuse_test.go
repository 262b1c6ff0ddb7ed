package sweep

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestReuse takes over the rows of a table, computes the cells that it wrote down
// in another vertex order, leaves out columns that it lacks, and refuses a table
// whose rows are not what the engine computes.
func TestReuse(t *testing.T) {
	set, cells := imageset.Drawn(60, 1), sampled(t, 6)
	e := drawnExperiment(cells, tinyPass(1, 2))
	t.Setenv(CacheEnv, t.TempDir())
	whole, err := Compute(t.Context(), e, set, ComputeConfig{})
	if err != nil {
		t.Fatal(err)
	}
	old := &ScoreTable{whole.Info, whole.Frame.Drop("mean_cosine")}
	texts := old.Frame.Col(truth.CellColumn).Records()
	rng, moved := rand.New(rand.NewPCG(1, 2)), map[string]string{}
	for i, text := range texts {
		other := moved[text]
		for _, a := range cells.Architectures {
			for try := 0; text == a.String() && len(moved) < 2 && other == "" && try < 20; try++ {
				if o := reordered(t, a, rng).String(); o != text {
					other, moved[text] = o, o
				}
			}
		}
		if other != "" {
			texts[i] = other
		}
	}
	old.Frame = old.Frame.Mutate(series.New(texts, series.String, truth.CellColumn))

	t.Setenv(CacheEnv, t.TempDir())
	fresh := 0
	again, err := Compute(t.Context(), e, set, ComputeConfig{Reuse: old, Progress: func(_, _, n int) { fresh = n }})
	if err != nil {
		t.Fatal(err)
	}
	if len(moved) != 2 || fresh != 2 || again.Info.CellsReused != 4 {
		t.Errorf("%d cells were written in another order, %d computed, %d reused", len(moved), fresh, again.Info.CellsReused)
	}
	for _, name := range []string{"accuracy", "whole_lml", "log_det"} {
		a, b := whole.Frame.Col(name).Float(), again.Frame.Col(name).Float()
		for i := range a {
			if a[i] != b[i] {
				t.Errorf("%s of row %d is %v, computed as a whole %v", name, i, b[i], a[i])
			}
		}
	}
	for _, name := range again.Frame.Names() {
		if name == "mean_cosine" {
			t.Error("a column that the old table lacks is there")
		}
	}

	t.Setenv(CacheEnv, t.TempDir())
	wrong := old.Frame.Col("whole_lml").Float()
	for i := range wrong {
		wrong[i] += 0.01
	}
	bad := &ScoreTable{old.Info, old.Frame.Mutate(series.New(wrong, series.Float, "whole_lml"))}
	if _, err := Compute(t.Context(), e, set, ComputeConfig{Reuse: bad}); err == nil || !strings.Contains(err.Error(), "whole_lml") {
		t.Errorf("rows that are not what the engine computes give the error %v", err)
	}
	t.Setenv(CacheEnv, t.TempDir())
	if _, err := Compute(t.Context(), e, imageset.Drawn(60, 2), ComputeConfig{Reuse: old}); err == nil || !strings.Contains(err.Error(), "other images") {
		t.Errorf("a table of other images gives the error %v", err)
	}
}
