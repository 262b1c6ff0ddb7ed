package plan

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

// TestCommittedNoise gathers the evidence again from the committed tables: every tau
// must be the same, to the four digits that are written.
func TestCommittedNoise(t *testing.T) {
	fixture.WithData(t)
	want, err := OpenNoiseEvidence()
	if err != nil {
		t.Fatal(err)
	}
	got, err := GatherNoise(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d entries, the tables give %d", len(want), len(got))
	}
	for i, g := range got {
		w := want[i]
		if g.Signal != w.Signal || g.Truth != w.Truth || g.Cells != w.Cells || g.Seeds != w.Seeds || g.SD != w.SD || g.Tau != w.Tau || !(w.Lo <= w.Tau && w.Tau <= w.Hi) {
			t.Errorf("%+v, the tables give %+v: gather it anew", w, g)
		}
	}
}

// TestNoiseChoice: times by hand, and the text says what fits.
func TestNoiseChoice(t *testing.T) {
	p := &Plan{Budget: 100, Cells: 1000, Threads: 2, Speed: &Speed{Threads: 2}}
	p.AddNoise(0.02, []NoiseEvidence{
		{Signal: "e", Truth: "uniform", Cells: 600, Seeds: 5, SD: .004, Tau: .57, Lo: .53, Hi: .6},
		{Signal: "score", Truth: "uniform", Cells: 600, Seeds: 3, Averaged: true, Tau: .6, Lo: .5, Hi: .7},
		{Signal: "parameters", Truth: "uniform", Cells: 600, Tau: .28, Lo: .2, Hi: .3},
	})
	if p.Noise.Seconds != 10 {
		t.Errorf("%v s, want 10", p.Noise.Seconds)
	}
	for _, want := range []string{"MeasureNoise", "0.570 [0.530, 0.600] n 600, 5 seeds, sd 0.004", "n 600, 3 seeds averaged", "n 600, a count", "; fits the budget"} {
		if !strings.Contains(p.String(), want) {
			t.Errorf("no %q in\n%s", want, p)
		}
	}
	if p.AddNoise(1, nil); !strings.Contains(p.String(), "does not fit") {
		t.Errorf("500 s fit 100 s:\n%s", p)
	}
	if s, err := MeasureNoiseSpeed(t.Context()); err != nil || !(s > 0) {
		t.Errorf("%v s a cell, %v", s, err)
	}
}

// TestSaveNoise keeps what is not its own.
func TestSaveNoise(t *testing.T) {
	path := filepath.Join(t.TempDir(), NoiseFile)
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := SaveNoise(path, nil); err == nil {
		t.Error("a file of the user's was overwritten")
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for range 2 {
		if err := SaveNoise(path, []NoiseEvidence{{Signal: "e"}}); err != nil {
			t.Fatal(err)
		}
	}
	if x := lowest([]float64{3, math.NaN(), 2, math.NaN()}); x[1] != 2 || x[3] != 2 || x[0] != 3 {
		t.Errorf("%v", x)
	}
}
