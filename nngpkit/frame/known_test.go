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
	if _, err := Known(df, "z"); err == nil {
		t.Error("a column that is not there gives no error")
	}
	// Text is missing where it is empty, or what gota calls NaN.
	df = fixture.Frame(fixture.Text("op", "a", "", "NaN", "b"), fixture.Floats("x", 1, 2, 3, math.NaN()))
	if got, err := Known(df, "op"); err != nil || got.Nrow() != 2 || got.Col("op").Records()[1] != "b" {
		t.Errorf("Known(op) = %v, %v", got, err)
	}
	if got, err := Known(df, "op", "x"); err != nil || got.Nrow() != 1 {
		t.Errorf("Known(op, x) = %v, %v", got, err)
	}
}

func TestSelectAndWith(t *testing.T) {
	df := fixture.Frame(fixture.Text("hash", "a", "b"), fixture.Floats("x", 1, 2))
	got, err := Select(df, "x", "hash")
	if err != nil || got.Names()[0] != "x" || got.Ncol() != 2 {
		t.Errorf("%v, %v", got, err)
	}
	for _, names := range [][]string{{"no such column"}, {}} {
		if _, err := Select(df, names...); err == nil {
			t.Errorf("Select(%q) is no error", names)
		}
	}
	if got, err := With(df, "y", []float64{3, math.NaN()}); err != nil || got.Col("y").Float()[0] != 3 || df.Ncol() != 2 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := With(df, "x", []float64{3, 4}); err != nil || got.Ncol() != 2 || got.Col("x").Float()[1] != 4 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := With(df, "y", []float64{3}); err == nil {
		t.Error("a column of another length is no error")
	}
}
