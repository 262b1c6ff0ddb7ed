package sweep

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
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

// TestNeeds: rows that another version kept, which did not know a statistic, are
// computed anew where the experiment needs it; rows of this version are what they
// are.
func TestNeeds(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(CacheEnv, dir)
	set, e := imageset.Drawn(60, 1), drawnExperiment(sampled(t, 3), tinyPass(1))
	whole, err := Compute(t.Context(), e, set, ComputeConfig{})
	if err != nil {
		t.Fatal(err)
	}
	mark, err := engineMark()
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(withoutSums(b)), "\n") // the header and three cells
	without := regexp.MustCompile(`"mean_cosine":[^,}]*,`)
	lines[1] = strings.Replace(without.ReplaceAllString(lines[1], ""), mark, "earlier", 1)
	lines[2] = strings.Replace(lines[2], mark, "earlier", 1)
	lines[3] = without.ReplaceAllString(lines[3], "")
	if err := os.WriteFile(files[0], []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	fresh := 0
	cfg := ComputeConfig{Progress: func(_, _, n int) { fresh = n }}
	if _, err := Compute(t.Context(), e, set, cfg); err != nil || fresh != 0 {
		t.Fatalf("%d cells computed where nothing is needed, %v", fresh, err)
	}
	e.Needs = []string{"log_det", "mean_cosine"}
	again, err := Compute(t.Context(), e, set, cfg)
	if err != nil || fresh != 1 {
		t.Fatalf("%d cells computed, want the first alone; %v", fresh, err)
	}
	for i, name := range again.Frame.Col("hash").Records() {
		got, want := again.Frame.Col("mean_cosine").Float()[i], whole.Frame.Col("mean_cosine").Float()[i]
		if left := strings.Contains(lines[3], again.Frame.Col("cell").Records()[i]); left != math.IsNaN(got) || !left && got != want {
			t.Errorf("cell %s has %v, want %v", name, got, want)
		}
	}
}
