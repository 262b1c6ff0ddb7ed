package truth

import (
	"math"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

// TestAddTraining compares with figures computed from the same files with
// Python, tau-b by its definition: how many cells have a value, and tau-b of
// validation accuracy after 4, 12 and 36 epochs with test accuracy after 108.
func TestAddTraining(t *testing.T) {
	fixture.WithData(t)
	for _, c := range []struct {
		name  string
		known map[int]int
		tau   map[int]float64
	}{
		{"retrained", map[int]int{4: 772, 12: 91, 36: 91}, map[int]float64{4: 0.2796, 12: 0.6357, 36: 0.8621}},
		{"official", map[int]int{4: 178, 12: 57, 36: 57}, nil},
	} {
		cells, err := OpenCells(t.Context(), c.name, 0)
		if err != nil {
			t.Fatal(err)
		}
		n := cells.Len()
		if err := cells.AddTraining(t.Context(), 4, 12, 36); err != nil {
			t.Fatal(err)
		}
		if cells.Frame.Nrow() != n || len(cells.Architectures) != n {
			t.Errorf("%s: %d of %d cells are left", c.name, cells.Frame.Nrow(), n)
		}
		for epochs, want := range c.known {
			s := Training(epochs)
			df, err := frame.Known(cells.Frame, TruthColumn, s.Column)
			if err != nil {
				t.Fatal(err)
			}
			if df.Nrow() != want {
				t.Errorf("%s: %d cells have a value after %d epochs, want %d", c.name, df.Nrow(), epochs, want)
			}
			if c.tau == nil {
				continue
			}
			x, err := s.Values(df)
			if err != nil {
				t.Fatal(err)
			}
			truth, err := frame.Floats(df, TruthColumn)
			if err != nil {
				t.Fatal(err)
			}
			if tau := corr.Tau(truth, x); math.Abs(tau-c.tau[epochs]) > 0.00005 {
				t.Errorf("%s: tau after %d epochs is %.5f, want %.4f", c.name, epochs, tau, c.tau[epochs])
			}
		}
	}
}

func TestTrainingWithoutTables(t *testing.T) {
	dir := t.TempDir()
	for _, env := range []string{"NNGPLAB_DATA", "XDG_CACHE_HOME", "HOME"} {
		t.Setenv(env, dir)
	}
	cells, err := SampleCells(5, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := cells.AddTraining(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	if df, err := frame.Known(cells.Frame, "epochs4"); err != nil || df.Nrow() != 0 || cells.Frame.Nrow() != 5 {
		t.Errorf("%d of %d cells have a value, %v", df.Nrow(), cells.Frame.Nrow(), err)
	}
}
