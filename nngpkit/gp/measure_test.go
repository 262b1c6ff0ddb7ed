package gp

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestMeasureZeroKernel checks that a kernel that no regression can use, here
// that of members that are 0 on all images, has a shape and no score.
func TestMeasureZeroKernel(t *testing.T) {
	m, err := Measure(t.Context(), mat.NewSymDense(8, nil), 6, []int{0, 1, 0, 1, 0, 1, 0, 1}, 2, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := m.Values()["mean_trace"]; !ok || v != 0 || len(m.Values()) != 1 {
		t.Errorf("values %v", m.Values())
	}
}

// TestCatalogue checks what everything that lists statistics relies on: names and
// labels that tell them apart, and a value of every entry for a kernel of full
// rank.
func TestCatalogue(t *testing.T) {
	k := mat.NewSymDense(12, nil)
	labels := make([]int, 12)
	for i := range labels {
		labels[i] = i % 6
		for j := i; j < 12; j++ {
			k.SetSym(i, j, math.Exp(-0.5*float64(j-i)))
		}
		k.SetSym(i, i, 1+0.1*float64(i))
	}
	m, err := Measure(t.Context(), k, 8, labels, 6, Config{})
	if err != nil {
		t.Fatal(err)
	}
	bare, err := Measure(t.Context(), k, 8, nil, 0, Config{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range Catalogue() {
		for _, text := range []string{"name " + s.Name, "label " + s.Label, "short " + s.Short} {
			if seen[text] {
				t.Errorf("two statistics have the %s", text)
			}
			seen[text] = true
		}
		if s.Name == "" || s.Label == "" || s.Short == "" || s.About == "" {
			t.Errorf("%+v lacks a text", s)
		}
		if v := m.Score(s).Value; math.IsNaN(v) {
			t.Errorf("%s has no value", s.Name)
		}
		if v := bare.Score(s).Value; math.IsNaN(v) != s.Labels || !s.Labels && v != m.Score(s).Value {
			t.Errorf("%s is %v without labels, with them %v; it needs them: %v", s.Name, v, m.Score(s).Value, s.Labels)
		}
		found, err := Find(s.Name)
		if err != nil || found.Name != s.Name {
			t.Errorf("Find(%q) gives %q, %v", s.Name, found.Name, err)
		}
	}
	if _, err := Find("nothing"); err == nil {
		t.Error("there is a statistic called nothing")
	}
	for i, e := range NoiseLevels() {
		for name, want := range map[string]float64{"effective_dimension": m.Spectra.Levels[i].EffectiveDimension, "log_det": m.Spectra.Levels[i].LogDet} {
			if e != 1e-3 { // which the name alone means
				name = fmt.Sprintf("%s_%v", name, e)
			}
			if s, err := Find(name); err != nil || math.Abs(m.Score(s).Value-want) > 1e-12 {
				t.Errorf("%s is %v, the spectrum has %v: %v", name, m.Score(s).Value, want, err)
			}
		}
	}
	if m.Score(Catalogue()[0]).Value != m.Result.BestAccuracy {
		t.Error("the first entry is not the published score")
	}
}
