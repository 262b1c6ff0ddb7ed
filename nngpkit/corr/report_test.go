package corr

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	truth, a, b := related(60, 10)
	flat := make([]float64, 60)
	r, err := Compare(t.Context(), truth, []Signal{{"a<b", a}, {"weak|one", b}, {"flat", flat}}, ReportConfig{
		TruthName: "acc & more", Thresholds: []float64{0, 50}, Top: 5, Bootstrap: 50,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := r.Signals[0]
	if k, _ := Kendall(truth, a); s.Kendall.Value != k.Value || s.Kendall.P != k.P {
		t.Errorf("Kendall %v, want %v", s.Kendall, k)
	}
	if d, _ := DiscoveredPerformance(truth, a, 5); s.Discovered != d {
		t.Errorf("Discovered %v, want %v", s.Discovered, d)
	}
	if s.KendallDifference != nil || r.Signals[1].KendallDifference == nil {
		t.Error("differences belong to the signals after the first")
	}
	if f := r.Signals[2]; !f.Constant || !math.IsNaN(f.Kendall.Value) || f.PQETP[0].Value != 0.5 {
		t.Errorf("constant signal: %+v", f)
	}

	text, html, md := r.String(), r.HTML(), r.Markdown()
	for _, want := range []string{"flat has one value only", "No row has acc & more > 50", "best of top 5"} {
		if !strings.Contains(text, want) {
			t.Errorf("text lacks %q:\n%s", want, text)
		}
	}
	if !strings.Contains(html, "a&lt;b") || !strings.Contains(html, "acc &amp; more") || strings.Contains(html, "a<b") {
		t.Errorf("HTML is not escaped:\n%s", html)
	}
	if !strings.Contains(md, `weak\|one`) || !strings.Contains(md, "a&lt;b") {
		t.Errorf("Markdown is not escaped:\n%s", md)
	}
	if n := strings.Count(html, "<table>"); n != 3 {
		t.Errorf("%d tables, want 3", n)
	}
	for _, line := range strings.Split(md, "\n") {
		if strings.HasPrefix(line, "|") && !strings.HasSuffix(line, "|") {
			t.Errorf("broken row %q", line)
		}
	}

	j, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		N       int
		Signals []struct {
			Signal  string
			Kendall struct{ Value, P *float64 }
			PQETP   []struct{ Value *float64 }
		}
	}
	if err := json.Unmarshal(j, &back); err != nil {
		t.Fatal(err)
	}
	if back.N != 60 || *back.Signals[0].Kendall.Value != s.Kendall.Value || back.Signals[2].Kendall.Value != nil || back.Signals[0].PQETP[1].Value != nil {
		t.Errorf("JSON %s", j)
	}
}

func TestCompareErrors(t *testing.T) {
	x := []float64{1, 2, 3}
	for want, f := range map[string]func() error{
		"no signals": func() error { _, err := Compare(t.Context(), x, nil, ReportConfig{}); return err },
		"top 10 of 3": func() error {
			_, err := Compare(t.Context(), x, []Signal{{"s", x}}, ReportConfig{})
			return err
		},
		"row 1 of s is NaN": func() error {
			_, err := Compare(t.Context(), x, []Signal{{"s", []float64{1, math.NaN(), 2}}}, ReportConfig{Top: 1})
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Compare(ctx, x, []Signal{{"s", x}}, ReportConfig{Top: 1, Bootstrap: 10}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// TestMix checks the mixtures on columns whose best mixture is known.
func TestMix(t *testing.T) {
	m, err := RankMix([]float64{1, 2, 3, 4}, []float64{10, 10, 30, 20})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{(1 + 1.5) / 8, (2 + 1.5) / 8, (3 + 4.0) / 8, (4 + 3.0) / 8} {
		if math.Abs(m[i]-want) > 1e-15 {
			t.Errorf("rank mix %d: got %v, want %v", i, m[i], want)
		}
	}
	truth, a, b := related(200, 12)
	n, err := WeightedRankMix([][]float64{a}, []float64{-2})
	if err != nil || Tau(n, a) != -1 {
		t.Errorf("a negative weight does not turn the order: %v", err)
	}

	// truth = 3u - 2v exactly: the fit finds it in every fold, past a constant
	// and a dependent signal.
	u, v := a, b
	exact, flat, twice := make([]float64, 200), make([]float64, 200), make([]float64, 200)
	for i := range exact {
		exact[i] = 3*u[i] - 2*v[i] + 1
		twice[i] = 2*u[i] + v[i]
	}
	mix, err := CrossValidatedMix(exact, [][]float64{flat, u, v, twice}, MixConfig{Raw: true, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range mix.Predicted {
		if math.Abs(p-exact[i]) > 1e-10 {
			t.Fatalf("row %d predicted as %v, is %v", i, p, exact[i])
		}
	}
	if mix.Weights[0] != 0 || mix.Weights[3] != 0 || len(mix.FoldWeights) != 5 {
		t.Errorf("weights %v", mix.Weights)
	}
	count := make([]int, 5)
	for _, f := range mix.Fold {
		count[f]++
	}
	for f, c := range count {
		if c != 40 {
			t.Errorf("fold %d has %d rows", f, c)
		}
	}

	// A strong and a weak view of one truth: the mixture is at least as good as
	// either, and pure noise predicts nothing out of fold.
	ranks, err := CrossValidatedMix(truth, [][]float64{a, b}, MixConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if got := Tau(truth, ranks.Predicted); got < Tau(truth, a)-0.02 {
		t.Errorf("mixture %v, strong signal alone %v", got, Tau(truth, a))
	}
	_, noise, _ := related(200, 77)
	ranks, err = CrossValidatedMix(truth, [][]float64{noise}, MixConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if got := Tau(truth, ranks.Predicted); math.Abs(got) > 0.2 {
		t.Errorf("noise predicts the truth with tau %v", got)
	}

	// Ridge shrinks by n/(n + ridge n) along each direction of uncorrelated
	// standardized signals; one signal is one direction.
	plain, err := CrossValidatedMix(truth, [][]float64{a}, MixConfig{Raw: true})
	if err != nil {
		t.Fatal(err)
	}
	ridge, err := CrossValidatedMix(truth, [][]float64{a}, MixConfig{Raw: true, Ridge: 3})
	if err != nil {
		t.Fatal(err)
	}
	if r := ridge.Weights[0] / plain.Weights[0]; math.Abs(r-0.25) > 1e-12 {
		t.Errorf("ridge 3 scales a weight by %v, want 1/4", r)
	}

	for want, f := range map[string]func() error{
		"no signals":           func() error { _, err := RankMix(); return err },
		"2 weights":            func() error { _, err := WeightedRankMix([][]float64{a}, []float64{1, 2}); return err },
		"all weights are zero": func() error { _, err := WeightedRankMix([][]float64{a}, []float64{0}); return err },
		"300 folds":            func() error { _, err := CrossValidatedMix(truth, [][]float64{a}, MixConfig{Folds: 300}); return err },
		"ridge is -1":          func() error { _, err := CrossValidatedMix(truth, [][]float64{a}, MixConfig{Ridge: -1}); return err },
		"signal 1 has 3":       func() error { _, err := RankMix(a, a[:3]); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestEvenCounts(t *testing.T) {
	for _, c := range []struct {
		n, points int
		want      []int
	}{{10, 5, []int{2, 4, 6, 8, 10}}, {11, 5, []int{2, 4, 6, 8, 10, 11}}, {3, 50, []int{1, 2, 3}}, {1, 1, []int{1}}} {
		if got := EvenCounts(c.n, c.points); !slices.Equal(got, c.want) {
			t.Errorf("%d of %d: %v, want %v", c.points, c.n, got, c.want)
		}
	}
}

func TestKeepCounts(t *testing.T) {
	k := KeepCounts(1000, 4)
	if len(k) != 4 || k[0] != 1 || k[1] != 10 || k[2] != 100 || k[3] != 1000 {
		t.Errorf("got %v", k)
	}
	k = KeepCounts(3, 50)
	if len(k) != 3 {
		t.Errorf("got %v", k)
	}
}
