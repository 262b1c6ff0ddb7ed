package sweep

import (
	"testing"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestScoredTables joins the committed scores with what is published, and
// stands in for what is not.
func TestScoredTables(t *testing.T) {
	table, err := CommittedScores("members8")
	if err != nil {
		t.Fatal(err)
	}
	at, err := ScoresAt(table.Frame, 8, 32, 500, "ema")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, env := range []string{"NNGPLAB_DATA", "XDG_CACHE_HOME", "HOME"} {
		t.Setenv(env, dir)
	}
	tables, err := truth.ScoredTables(t.Context(), at)
	if err != nil || len(tables) != 1 || tables[0].HasTruth() || tables[0].Len() != at.Nrow() || tables[0].Frame.Nrow() != at.Nrow() {
		t.Fatalf("without published tables: %v, %v", tables, err)
	}
	fixture.WithData(t)
	tables, err = truth.ScoredTables(t.Context(), at)
	if err != nil || len(tables) != 2 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	scored := map[string]bool{}
	for _, h := range at.Col(frame.KeyColumn).Records() {
		scored[h] = true
	}
	for _, c := range tables {
		all, err := truth.OpenCells(t.Context(), c.Name, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, h := range all.Frame.Col(frame.KeyColumn).Records() {
			if scored[h] {
				want++
			}
		}
		if c.Len() != want || c.Frame.Nrow() != want || !c.HasTruth() {
			t.Errorf("%s: %d cells, want %d", c.Name, c.Len(), want)
		}
	}
}
