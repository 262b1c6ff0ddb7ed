package frame

import (
	"math"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

// TestDays: 2024-03-05 is 19,787 days after 1970-01-01: 54 years of 365 days, 13 leap
// days (1972 to 2020), 31 + 29 days of January and February, and 4.
func TestDays(t *testing.T) {
	df := fixture.Frame(fixture.Text("day", "2024-03-05", "", "1969-12-31", "2024-03-05T18:00:00"), fixture.Floats("x", 1, 2, 3, 4))
	got, err := Days(df, "day")
	want := []float64{54*365 + 13 + 31 + 29 + 4, math.NaN(), -1, 54*365 + 13 + 31 + 29 + 4 + .75}
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if v != want[i] && !(math.IsNaN(v) && math.IsNaN(want[i])) {
			t.Errorf("row %d: %v, want %v", i, v, want[i])
		}
	}
	if _, err := Floats(df, "day"); err == nil || !strings.Contains(err.Error(), "Days makes numbers") {
		t.Errorf("Floats of dates: %v", err)
	}
	for column, want := range map[string]string{"x": "holds numbers", "y": `no column "y"`} {
		if _, err := Days(df, column); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	df = fixture.Frame(fixture.Text("day", "2024-03-05", "soon"))
	if _, err := Days(df, "day"); err == nil || !strings.Contains(err.Error(), `no date in row 1: "soon"`) {
		t.Error(err)
	}
}
