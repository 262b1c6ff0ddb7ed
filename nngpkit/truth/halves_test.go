package truth

import (
	"math"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/frame"
)

// TestHalves checks that every cell is in one half, the same one in every table
// and whatever the order of the rows, and that the halves are as even as a fair
// coin makes them: a share of 1/2 within four standard deviations.
func TestHalves(t *testing.T) {
	c, err := SampleCells(2000, 3)
	if err != nil {
		t.Fatal(err)
	}
	choose, report, err := c.Halves()
	if err != nil {
		t.Fatal(err)
	}
	n := c.Len()
	if choose.Len()+report.Len() != n || choose.Frame.Nrow() != choose.Len() || report.Frame.Nrow() != report.Len() {
		t.Fatalf("%d cells are split into %d and %d, rows %d and %d", n, choose.Len(), report.Len(), choose.Frame.Nrow(), report.Frame.Nrow())
	}
	if off := math.Abs(float64(choose.Len())-float64(n)/2) / (math.Sqrt(float64(n)) / 2); off > 4 {
		t.Errorf("%d of %d cells are in the first half: %.1f standard deviations off", choose.Len(), n, off)
	}
	for _, half := range []*Cells{choose, report} {
		for i, h := range half.Frame.Col(frame.KeyColumn).Records() {
			if half.Architectures[i].Key() != h || Choosing(h) != (half == choose) {
				t.Fatalf("row %d of a half has hash %s and the cell of %s", i, h, half.Architectures[i].Key())
			}
		}
	}
	rows := dataframe.New(
		series.New([]string{"0f", "1e", "0f", "aa"}, series.String, frame.KeyColumn),
		series.New([]int{1, 2, 3, 4}, series.Int, "x"))
	a, b, err := Halves(rows)
	if err != nil || a.Nrow() != 2 || b.Nrow() != 2 || a.Col("x").Records()[0] != "2" || b.Col("x").Records()[1] != "3" {
		t.Errorf("halves %v and %v, %v", a, b, err)
	}
	// Parities of zlib.crc32 of Python, of keys that are no hashes.
	for key, want := range map[string]bool{"a|": true, "b|": false, "c|": true, "d|": false} {
		if Choosing(key) != want {
			t.Errorf("the half of %q is %v", key, !want)
		}
	}
	if _, _, err := Halves(rows.Drop(frame.KeyColumn)); err == nil {
		t.Error("a frame without hashes was split")
	}
	empty := dataframe.New(series.New([]string{"0f", ""}, series.String, frame.KeyColumn))
	if _, _, err := Halves(empty); err == nil {
		t.Error("a row without a hash was given a half")
	}
}
