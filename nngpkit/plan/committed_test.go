package plan

import (
	"reflect"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

// TestCommittedEvidence gathers the evidence again from the committed tables
// and the published accuracies: every tau must be the same, to the four digits
// that are written. Intervals are left out: they would take a minute.
func TestCommittedEvidence(t *testing.T) {
	fixture.WithData(t)
	want, err := OpenEvidence()
	if err != nil {
		t.Fatal(err)
	}
	got, err := GatherEvidence(t.Context(), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Tables, want.Tables) || len(got.Entries) != len(want.Entries) {
		t.Fatalf("evidence of %v, %d entries; the tables give %v, %d: gather it anew", want.Tables, len(want.Entries), got.Tables, len(got.Entries))
	}
	for i, e := range got.Entries {
		for j, m := range e.Mixes {
			for k, x := range m.Taus {
				y := want.Entries[i].Mixes[j].Taus[k]
				if x.Choosing != y.Choosing || x.Reporting != y.Reporting || x.ChoosingN != y.ChoosingN || x.ReportingN != y.ReportingN {
					t.Errorf("%v %s %s: %+v, the tables give %+v", e.Passes, e.Score, m.name(), y, x)
				}
				if !(y.Lo <= y.Reporting && y.Reporting <= y.Hi) {
					t.Errorf("%v %s %s: interval %+v", e.Passes, e.Score, m.name(), y)
				}
			}
		}
	}
}
