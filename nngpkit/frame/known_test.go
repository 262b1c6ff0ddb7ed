package frame

import (
	"math"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

func TestKnown(t *testing.T) {
	df := fixture.Frame(fixture.Text("hash", "a", "b", "c"), fixture.Floats("x", 1, math.NaN(), 3), fixture.Floats("y", 1, 2, math.NaN()))
	got, err := Known(df, "x")
	if err != nil || got.Nrow() != 2 || got.Col("hash").Records()[1] != "c" {
		t.Errorf("Known(x) = %v, %v", got, err)
	}
	if got, err := Known(df, "x", "y"); err != nil || got.Nrow() != 1 {
		t.Errorf("Known(x, y) = %v, %v", got, err)
	}
	for _, name := range []string{"z", "hash"} {
		if _, err := Known(df, name); err == nil {
			t.Errorf("column %q gives no error", name)
		}
	}
}
