package gp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

type ownRef struct {
	LogMarginal       []float64 `json:"log_marginal"`
	LogMarginalScaled []float64 `json:"log_marginal_scaled"`
	Scale             []float64 `json:"scale"`
	LOOSquaredError   []float64 `json:"loo_squared_error"`
	LOOAccuracy       []float64 `json:"loo_accuracy"`
	LOOLogDensity     []float64 `json:"loo_log_density"`
}

type sweepRef struct {
	Name          string
	Train         int
	Classes       int
	Features      int
	F             []float64
	Labels        []int
	Epsilons      []float64
	Accuracy      []float64
	SquaredError  []float64 `json:"squared_error"`
	LogDensity    []float64 `json:"log_density"`
	Means         [][][]float64
	OwnTrain      ownRef `json:"own_train"`
	OwnWhole      ownRef `json:"own_whole"`
	Alignment     *float64
	Participation float64
	LogDet        float64 `json:"log_det"`
	Effective     float64
	TopShare      float64 `json:"top_share"`
}

func (c *sweepRef) kernel() *mat.SymDense {
	n := len(c.Labels)
	k := mat.NewSymDense(n, nil)
	k.SymOuterK(1, mat.NewDense(n, c.Features, c.F))
	return k
}

func references(t *testing.T) []sweepRef {
	t.Helper()
	b, err := os.ReadFile("testdata/gp.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct{ Cases []sweepRef }
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g.Cases
}

// tolerance is 1e-10 wherever the conditioning allows it. The condition number
// of K + epsilon tr(K)/n I is at most n/epsilon + 1, and both ways of solving
// are backward stable, so what they return differs by up to a small multiple of
// the condition number times n * 2^-53 relative to values of order size.
func tolerance(n int, epsilon, size float64) float64 {
	return math.Max(1, size) * math.Max(1e-10, 20*(float64(n)/epsilon)*0x1p-53)
}

func compare(t *testing.T, name string, n int, eps, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tolerance(n, eps[i], math.Abs(want[i]))) {
			t.Errorf("%s at epsilon %.3g: got %.15g, want %.15g", name, eps[i], got[i], want[i])
		}
	}
}

// TestSweep compares every score with NumPy, SciPy and scikit-learn
// (testdata/gp.py), leave-one-out with leaving out.
func TestSweep(t *testing.T) {
	for _, c := range references(t) {
		t.Run(c.Name, func(t *testing.T) {
			n := len(c.Labels)
			k := c.kernel()
			r, err := Sweep(k, c.Train, c.Labels, c.Classes, Config{Epsilons: c.Epsilons, Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Failures) > 0 {
				t.Fatalf("failures: %v", r.Failures)
			}
			compare(t, "accuracy", n, c.Epsilons, r.Accuracy, c.Accuracy)
			compare(t, "squared error", n, c.Epsilons, r.SquaredError, c.SquaredError)
			compare(t, "log density", n, c.Epsilons, r.LogDensity, c.LogDensity)
			for _, s := range []struct {
				name string
				got  SelfScores
				want ownRef
			}{{"train", r.Train, c.OwnTrain}, {"whole", r.Whole, c.OwnWhole}} {
				compare(t, s.name+" log marginal", n, c.Epsilons, s.got.LogMarginal, s.want.LogMarginal)
				compare(t, s.name+" scaled log marginal", n, c.Epsilons, s.got.LogMarginalScaled, s.want.LogMarginalScaled)
				compare(t, s.name+" scale", n, c.Epsilons, s.got.Scale, s.want.Scale)
				compare(t, s.name+" loo squared error", n, c.Epsilons, s.got.LOOSquaredError, s.want.LOOSquaredError)
				compare(t, s.name+" loo accuracy", n, c.Epsilons, s.got.LOOAccuracy, s.want.LOOAccuracy)
				compare(t, s.name+" loo log density", n, c.Epsilons, s.got.LOOLogDensity, s.want.LOOLogDensity)
			}
			checkBest(t, r, &c)
			if c.Alignment == nil {
				if !math.IsNaN(r.Alignment) {
					t.Errorf("alignment %v, want NaN", r.Alignment)
				}
			} else if math.Abs(r.Alignment-*c.Alignment) > 1e-12 {
				t.Errorf("alignment %v, want %v", r.Alignment, *c.Alignment)
			}
			s, err := SpectraOf(context.Background(), k, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range [][2]float64{{s.ParticipationRatio, c.Participation}, {s.LogDet, c.LogDet}, {s.EffectiveDimension, c.Effective}, {s.TopShare, c.TopShare}} {
				if math.Abs(v[0]-v[1]) > 1e-10*math.Max(1, math.Abs(v[1])) {
					t.Errorf("spectra: got %v, want %v", v[0], v[1])
				}
			}
		})
	}
}

func checkBest(t *testing.T, r *Result, c *sweepRef) {
	t.Helper()
	best := 0
	for i, a := range c.Accuracy {
		if a > c.Accuracy[best] {
			best = i
		}
	}
	if r.Best != best || r.BestEpsilon != c.Epsilons[best] || r.BestAccuracy != r.Accuracy[best] {
		t.Errorf("best is %d (%v at %v), want %d", r.Best, r.BestAccuracy, r.BestEpsilon, best)
	}
	for i, row := range c.Means[best] {
		for j, v := range row {
			if d := math.Abs(r.Means.At(i, j) - v); d > tolerance(len(c.Labels), c.Epsilons[best], 1) {
				t.Errorf("mean (%d, %d) is off by %g", i, j, d)
			}
		}
		if r.Predicted[i] != argmax(row) {
			t.Errorf("image %d predicted as %d, want %d", i, r.Predicted[i], argmax(row))
		}
	}
}

// TestSkip checks that leaving scores out changes no other score by more than
// rounding, and that what was left out is NaN.
func TestSkip(t *testing.T) {
	c := references(t)[0]
	k := c.kernel()
	full, err := Sweep(k, c.Train, c.Labels, c.Classes, Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, cfg := range []Config{{SkipWhole: true}, {SkipLeaveOneOut: true}, {SkipDensity: true}, {SkipWhole: true, SkipLeaveOneOut: true, SkipDensity: true}} {
		r, err := Sweep(k, c.Train, c.Labels, c.Classes, cfg)
		if err != nil {
			t.Fatal(err)
		}
		n := len(c.Labels)
		compare(t, "accuracy", n, full.Epsilons, r.Accuracy, full.Accuracy)
		compare(t, "squared error", n, full.Epsilons, r.SquaredError, full.SquaredError)
		compare(t, "log marginal", n, full.Epsilons, r.Train.LogMarginal, full.Train.LogMarginal)
		if got := math.IsNaN(r.LogDensity[3]); got != cfg.SkipDensity {
			t.Errorf("%+v: log density %v", cfg, r.LogDensity[3])
		}
		if got := math.IsNaN(r.Train.LOOAccuracy[3]); got != cfg.SkipLeaveOneOut {
			t.Errorf("%+v: leave-one-out %v", cfg, r.Train.LOOAccuracy[3])
		}
		if got := math.IsNaN(r.Whole.LogMarginal[3]); got != cfg.SkipWhole {
			t.Errorf("%+v: whole %v", cfg, r.Whole.LogMarginal[3])
		}
	}
}

// TestScaleFree multiplies the kernel: only Scale may follow.
func TestScaleFree(t *testing.T) {
	c := references(t)[0]
	k := c.kernel()
	a, err := Sweep(k, c.Train, c.Labels, c.Classes, Config{})
	if err != nil {
		t.Fatal(err)
	}
	k.ScaleSym(0x1p-20, k) // exact, so all else is equal to the last bit but logarithms
	b, err := Sweep(k, c.Train, c.Labels, c.Classes, Config{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Epsilons {
		for _, p := range [][2]float64{
			{a.Accuracy[i], b.Accuracy[i]}, {a.SquaredError[i], b.SquaredError[i]}, {a.LogDensity[i], b.LogDensity[i]},
			{a.Train.LogMarginal[i], b.Train.LogMarginal[i]}, {a.Whole.LogMarginalScaled[i], b.Whole.LogMarginalScaled[i]},
			{a.Whole.LOOLogDensity[i], b.Whole.LOOLogDensity[i]}, {a.Train.Scale[i], b.Train.Scale[i] * 0x1p-20},
		} {
			if math.Abs(p[0]-p[1]) > 1e-12*math.Max(1, math.Abs(p[0])) {
				t.Errorf("epsilon %g: %v became %v", a.Epsilons[i], p[0], p[1])
			}
		}
	}
}

// TestThreads checks that the number of threads changes no bit.
func TestThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	n := 400
	f := mat.NewDense(n, 100, nil)
	labels := make([]int, n)
	for i := range labels {
		labels[i] = rng.IntN(10)
		for j := 0; j < 100; j++ {
			f.Set(i, j, rng.NormFloat64())
		}
	}
	k := mat.NewSymDense(n, nil)
	k.SymOuterK(1, f)
	var ref string
	for _, threads := range []int{1, 2, 4} {
		r, err := Sweep(k, 300, labels, 10, Config{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(r.SquaredError, r.LogDensity, r.Train, r.Whole, r.Means.RawMatrix().Data)
		if ref == "" {
			ref = got
		} else if got != ref {
			t.Errorf("%d threads give other values than 1", threads)
		}
	}
}

// TestFailures sweeps a kernel with an eigenvalue slightly below zero: small
// epsilons fail and are recorded, the others are scored.
func TestFailures(t *testing.T) {
	k := mat.NewSymDense(4, []float64{
		1, 0, 0, 0,
		0, 1, 0, 0,
		0, 0, 1, 1 + 1e-6,
		0, 0, 1 + 1e-6, 1,
	})
	r, err := Sweep(k, 3, []int{0, 1, 0, 1}, 2, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Failures) == 0 {
		t.Fatal("no failure recorded")
	}
	for i, e := range r.Epsilons {
		failed := e < 1e-6
		if math.IsNaN(r.Whole.LogMarginal[i]) != failed {
			t.Errorf("epsilon %g: whole log marginal %v", e, r.Whole.LogMarginal[i])
		}
		if math.IsNaN(r.Accuracy[i]) {
			t.Errorf("epsilon %g failed on the training kernel, which is the identity", e)
		}
	}
	for _, f := range r.Failures {
		if !f.Whole || f.Epsilon > 1e-6 || !strings.Contains(f.Reason, "positive definite") {
			t.Errorf("failure %+v", f)
		}
	}
	if _, err := Sweep(k, 3, []int{0, 1, 0, 1}, 2, Config{Epsilons: []float64{0, 1e-8}}); !errors.Is(err, ErrNotPositive) {
		t.Errorf("all epsilons fail, but the error is %v", err)
	}
}

func TestBadInput(t *testing.T) {
	id := func() *mat.SymDense { return mat.NewSymDense(3, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}) }
	set := func(i, j int, v float64) *mat.SymDense { k := id(); k.SetSym(i, j, v); return k }
	ok := []int{0, 1, 0}
	for _, c := range []struct {
		name   string
		k      *mat.SymDense
		train  int
		labels []int
		cls    int
		eps    []float64
		want   string
	}{
		{"nil", nil, 2, ok, 2, nil, "no kernel"},
		{"NaN", set(0, 1, math.NaN()), 2, ok, 2, nil, "entry (0, 1) of the kernel is NaN"},
		{"NaN outside the training block", set(1, 2, math.NaN()), 2, ok, 2, nil, "entry (1, 2) of the kernel is NaN"},
		{"Inf", set(1, 1, math.Inf(1)), 2, ok, 2, nil, "entry (1, 1) of the kernel is +Inf"},
		{"indefinite", set(0, 1, 3), 2, ok, 2, nil, "smallest eigenvalue of the kernel is -2"},
		{"negative diagonal", set(1, 1, -1), 2, ok, 2, nil, "diagonal entry 1 of the kernel is -1"},
		{"zero", mat.NewSymDense(3, nil), 2, ok, 2, nil, "trace of the kernel is 0"},
		{"no validation", id(), 3, ok, 2, nil, "3 of 3 images train"},
		{"no training", id(), 0, ok, 2, nil, "0 of 3 images train"},
		{"labels", id(), 2, ok[:2], 2, nil, "2 labels for a kernel of 3"},
		{"label", id(), 2, []int{0, 2, 0}, 2, nil, "label of image 1 is 2"},
		{"classes", id(), 2, []int{0, 0, 0}, 1, nil, "1 classes"},
		{"epsilon", id(), 2, ok, 2, []float64{1, -1}, "epsilon 1 is -1"},
		{"NaN epsilon", id(), 2, ok, 2, []float64{math.NaN()}, "epsilon 0 is NaN"},
		{"no epsilon", id(), 2, ok, 2, []float64{}, "no epsilon"},
	} {
		_, err := Sweep(c.k, c.train, c.labels, c.cls, Config{Epsilons: c.eps})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := SweepContext(ctx, id(), 2, ok, 2, Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled sweep: %v", err)
	}
}

func TestSymmetric(t *testing.T) {
	for _, c := range []struct {
		k    *mat.Dense
		want string
	}{
		{mat.NewDense(2, 3, nil), "kernel is 2 x 3"},
		{mat.NewDense(2, 2, []float64{1, 0.5, 0.4, 1}), "entry (0, 1) is 0.5, entry (1, 0) is 0.4"},
		{mat.NewDense(2, 2, []float64{1, 0.5, math.NaN(), 1}), "entry (0, 1)"},
	} {
		if _, err := Symmetric(c.k); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	s, err := Symmetric(mat.NewDense(2, 2, []float64{1, 0.5, 0.5 + 1e-7, 1}))
	if err != nil || math.Abs(s.At(0, 1)-(0.5+0.5e-7)) > 0x1p-52 {
		t.Errorf("got %v, %v", s, err)
	}
}

// TestFactorization checks the tools below Sweep against gonum's Cholesky.
func TestFactorization(t *testing.T) {
	c := references(t)[0]
	k := c.kernel()
	n := k.SymmetricDim()
	f, err := Factorize(context.Background(), k)
	if err != nil {
		t.Fatal(err)
	}
	noise := 0.1 * f.MeanTrace()
	a := mat.NewSymDense(n, nil)
	a.CopySym(k)
	for i := 0; i < n; i++ {
		a.SetSym(i, i, a.At(i, i)+noise)
	}
	var ch mat.Cholesky
	ch.Factorize(a)
	y := Targets(c.Labels, c.Classes)
	x, err := f.Solve(noise, y)
	if err != nil {
		t.Fatal(err)
	}
	var want mat.Dense
	ch.SolveTo(&want, y)
	if !mat.EqualApprox(x, &want, 1e-12) {
		t.Error("Solve differs from Cholesky")
	}
	ld, err := f.LogDet(noise)
	if err != nil || math.Abs(ld-ch.LogDet()) > 1e-10 {
		t.Errorf("LogDet %v, %v, want %v", ld, err, ch.LogDet())
	}
	lml, err := f.LogMarginalLikelihood(noise, y)
	if err != nil {
		t.Fatal(err)
	}
	for j := range lml {
		w := -0.5 * (mat.Dot(y.ColView(j), want.ColView(j)) + ch.LogDet() + float64(n)*math.Log(2*math.Pi))
		if math.Abs(lml[j]-w) > 1e-10 {
			t.Errorf("LogMarginalLikelihood %v, want %v", lml[j], w)
		}
	}
	ev, err := f.Eigenvalues()
	if err != nil {
		t.Fatal(err)
	}
	var es mat.EigenSym
	es.Factorize(k, false)
	for i, w := range es.Values(nil) {
		if math.Abs(ev[i]-w) > 1e-12*float64(n)*f.MeanTrace() {
			t.Errorf("eigenvalue %d is %v, want %v", i, ev[i], w)
		}
	}
	if math.Abs(ev[0]-f.MinEigenvalue()) > 1e-12*float64(n)*f.MeanTrace() {
		t.Errorf("smallest eigenvalue %v, want %v", f.MinEigenvalue(), ev[0])
	}
	if _, err := f.Solve(-2*f.MeanTrace(), y); !errors.Is(err, ErrNotPositive) {
		t.Errorf("negative noise: %v", err)
	}
}

// TestScores checks names, choices of epsilon, and JSON with NaN.
func TestScores(t *testing.T) {
	c := references(t)[0]
	r, err := Sweep(c.kernel(), c.Train, c.Labels, c.Classes, Config{SkipWhole: true})
	if err != nil {
		t.Fatal(err)
	}
	loo, lml := 0, 0
	for i := range c.Epsilons {
		if c.OwnTrain.LOOSquaredError[i] < c.OwnTrain.LOOSquaredError[loo] {
			loo = i
		}
		if c.OwnTrain.LogMarginalScaled[i] > c.OwnTrain.LogMarginalScaled[lml] {
			lml = i
		}
	}
	for name, want := range map[string]float64{
		"accuracy": r.BestAccuracy, "accuracy_loo": c.Accuracy[loo], "accuracy_lml": c.Accuracy[lml],
		"train_loo_squared_error": c.OwnTrain.LOOSquaredError[loo], "train_lml": c.OwnTrain.LogMarginalScaled[lml],
	} {
		if got := r.Score(name); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if !math.IsNaN(r.Score("whole_lml")) || !math.IsNaN(r.Score("no such score")) {
		t.Error("scores that do not exist must be NaN")
	}
	for _, s := range r.Scores() {
		if !math.IsNaN(s.Value) && s.Signal() != s.Value && (s.Larger || s.Signal() != -s.Value) {
			t.Errorf("signal of %+v is %v", s, s.Signal())
		}
	}
	j, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Accuracy []float64
		Whole    struct {
			LML []*float64 `json:"log_marginal"`
		}
		Scores []struct {
			Name  string
			Value *float64
		}
	}
	if err := json.Unmarshal(j, &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Accuracy) != 20 || back.Whole.LML[0] != nil || len(back.Scores) != len(r.Scores()) {
		t.Errorf("JSON %s", j)
	}
	for _, s := range []string{r.HTML(), r.Markdown(), r.String()} {
		if !strings.Contains(s, "train_lml") || strings.Contains(s, "whole_lml") || strings.Contains(s, "NaN") {
			t.Errorf("table:\n%s", s)
		}
	}
}

// TestSpectraOfNoise takes a kernel that is constant but for rounding: its
// centered part, in units of 2^-46, has by hand the direction
// (1, -1, 0) with the eigenvalue -2.
func TestSpectraOfNoise(t *testing.T) {
	k := mat.NewSymDense(3, nil)
	for i, row := range [][]float64{{3, 5, 0}, {5, 3, 0}, {0, 0, 3}} {
		for j := i; j < 3; j++ {
			k.SetSym(i, j, 1+row[j]*0x1p-46)
		}
	}
	s, err := SpectraOf(t.Context(), k, 0)
	if err != nil {
		t.Fatal(err)
	}
	// Centered: -2 along (1, -1, 0)/sqrt 2 and 14/3 along (1, 1, -2)/sqrt 6.
	if want := (8.0 / 3 * 8 / 3) / (4 + 196.0/9); math.Abs(s.ParticipationRatio-want) > 0.01 {
		t.Errorf("participation ratio %v, want %v", s.ParticipationRatio, want)
	}
	if !math.IsNaN(s.LogDet) || !math.IsNaN(s.EffectiveDimension) {
		t.Errorf("log determinant %v and effective dimension %v of noise", s.LogDet, s.EffectiveDimension)
	}
}
