package nasbench

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
)

// Every row of the real tables: the recomputed hash is the stored one, and
// the parameters, which depend on the order of the vertices, are exactly those
// stored. The representative that the enumeration keeps may split channels
// differently where a row has another order, by at most 1 % in parameters.
// The retrained cells, which google-research/nasbench's generator wrote, are
// all in the representative's order.
func TestRealTables(t *testing.T) {
	for _, name := range []string{"official_subset.csv", "retrained.csv"} {
		f, err := os.Open(testdata.Path(t, "nasbench101", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		reordered, off := map[Spec]bool{}, map[Spec]bool{}
		for i, row := range rows[1:] {
			s, err := Parse(row[3], row[4])
			if err != nil {
				t.Fatalf("%s row %d: %v", name, i+2, err)
			}
			if h := s.Hash(); h != row[1] {
				t.Errorf("%s row %d: hash %s, stored %s", name, i+2, h, row[1])
			}
			want, err := strconv.Atoi(row[5])
			if err != nil {
				t.Fatal(err)
			}
			if p := s.Parameters(StemWidth); p != want {
				t.Errorf("%s row %d (%s): %d parameters, stored %d", name, i+2, row[1], p, want)
			}
			if s.Canonical() == s {
				continue
			}
			reordered[s] = true
			p := s.Canonical().Parameters(StemWidth)
			if p != want {
				off[s] = true
			}
			if d := math.Abs(float64(p-want)) / float64(want); d > 0.01 {
				t.Errorf("%s row %d (%s): the representative has %d parameters, %.1f %% from the stored %d", name, i+2, row[1], p, 100*d, want)
			}
		}
		if name == "retrained.csv" && len(reordered) > 0 {
			t.Errorf("%s: %d cells are not the enumeration's representatives", name, len(reordered))
		}
		t.Logf("%s: %d rows; %d cells stored in another order than the representative's, %d with parameters that are not the representative's", name, len(rows)-1, len(reordered), len(off))
	}
}
