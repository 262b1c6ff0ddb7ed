package truth_test

import (
	"math"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestMnasNetTruth compares correlations of published tables with a study in
// SciPy: short against long training, and free counts against both.
func TestMnasNetTruth(t *testing.T) {
	testdata.Path(t, "mnasnet", "accel_nasbench_imagenet.csv")
	fixture.WithData(t)
	tau := func(c *truth.Cells, column string) float64 {
		t.Helper()
		x, err := frame.Floats(c.Frame, column)
		if err != nil {
			t.Fatal(err)
		}
		y, err := frame.Floats(c.Frame, truth.TruthColumn)
		if err != nil {
			t.Fatal(err)
		}
		return corr.Tau(x, y)
	}
	open := func(name string) *truth.Cells {
		t.Helper()
		c, err := truth.OpenCells(t.Context(), name, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddTraining(t.Context(), 16); err != nil {
			t.Fatal(err)
		}
		return c
	}
	long := open("accel-long")
	for column, want := range map[string]float64{truth.Training(16).Column: .926, "parameters": .691, "stage_roots": .881, "log_expansion": .745, "thop_macs": .512} {
		if got := tau(long, column); math.Abs(got-want) > .0006 {
			t.Errorf("%s against long training: tau-b %.4f, want %.3f", column, got, want)
		}
	}
	all, err := truth.TablesOf(t.Context(), "mnasnet", 0)
	if err != nil || len(all) != 3 || all[0].Name != "accel" {
		t.Fatalf("%d tables, %v", len(all), err)
	}
	// The study has 4,110 rows, seven of which are second trainings.
	if got := tau(all[0], "parameters"); math.Abs(got-.620) > .0015 {
		t.Errorf("parameters against top-1: tau-b %.4f, want .620", got)
	}
	cells, err := truth.Tables(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cells {
		if c.Architectures[0].SpaceName() != "nasbench101" {
			t.Errorf("table %s is of %s", c.Name, c.Architectures[0].SpaceName())
		}
	}
}
