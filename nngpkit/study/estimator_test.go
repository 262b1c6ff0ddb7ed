package study

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestRelativeError: n independent estimates with unit noise on every entry of a
// kernel whose entries are 10 have the relative error 0.1.
func TestRelativeError(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	var k []*mat.SymDense
	for range 5 {
		s := mat.NewSymDense(60, nil)
		for i := range 60 {
			for j := i; j < 60; j++ {
				s.SetSym(i, j, 10+r.NormFloat64())
			}
		}
		k = append(k, s)
	}
	// 1830 entries, 4 degrees of freedom each: the root of the variance is known to
	// 1/sqrt(2 x 7320) = 0.8 %; five of those.
	if got := relativeError(k); math.Abs(got-0.1) > 0.1*0.04 {
		t.Errorf("the relative error is %v, want 0.1", got)
	}
	var points []LawPoint
	for _, w := range []int{8, 16, 64} {
		for _, m := range []int{1, 3} {
			points = append(points, LawPoint{Width: w, Members: m, Error: 7 * math.Pow(float64(w), -0.4) * math.Pow(float64(m), -0.5)})
		}
	}
	if _, w, m := exponents(points); math.Abs(w+0.4) > 1e-12 || math.Abs(m+0.5) > 1e-12 {
		t.Errorf("exponents %v and %v, want -0.4 and -0.5", w, m)
	}
	// The 97.5 % quantile of Student's t with 2 degrees of freedom is 4.302653.
	if iv := student([]float64{1, 2, 3}); math.Abs(iv.Upper-(2+4.302653/math.Sqrt(3))) > 1e-5 || iv.N != 3 {
		t.Errorf("interval %v", iv)
	}
}

// TestErrorLaw compares one point with kernels evaluated one by one.
func TestErrorLaw(t *testing.T) {
	c, set := sampled(t, 2), imageset.Drawn(40, 1)
	cfg := LawConfig{Widths: []int{4, 8}, Members: []int{1, 2}, Seeds: 3, Train: 20, Val: 10}
	law, err := ErrorLaw(t.Context(), c.Architectures, set, cfg)
	if err != nil {
		t.Fatal(err)
	}
	net, err := c.Architectures[1].Network(8, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		t.Fatal(err)
	}
	var k []*mat.SymDense
	for seed := range 3 {
		r, err := nngpkit.Evaluate(t.Context(), net, set, nngpkit.Config{Train: 20, Val: 10, Members: 2, Seed: uint64(seed)})
		if err != nil {
			t.Fatal(err)
		}
		r.Kernel.ScaleSym(30/mat.Trace(r.Kernel), r.Kernel)
		k = append(k, r.Kernel)
	}
	want := relativeError(k)
	if p := law.Points[7]; len(law.Points) != 8 || p.Cell != 1 || p.Width != 8 || p.Members != 2 || math.Abs(p.Error-want) > 1e-9*want {
		t.Errorf("%d points, the last %+v, want the error %v", len(law.Points), p, want)
	}
	fig, err := law.Figure()
	if err != nil || !strings.Contains(fig.SVG(), ">width 4<") || !strings.Contains(law.String(), "n = 2 cells, 3 seeds") {
		t.Errorf("%v, figure: %v", law, err)
	}
	if _, err := ErrorLaw(t.Context(), c.Architectures[:1], set, cfg); err == nil {
		t.Error("one cell gives no error")
	}
}

// estimatorSample returns the scores of drawn cells by two seeds after 1 and 4
// members.
func estimatorSample(t *testing.T, n int) (*truth.Cells, dataframe.DataFrame) {
	c, df := costSample(t, n)
	return c, df.Mutate(series.New(make([]int, df.Nrow()), series.Int, sweep.SeedColumn)).Mutate(constantColumn(df.Nrow(), 8, sweep.WidthColumn))
}

func constantColumn(n, v int, name string) series.Series {
	x := make([]int, n)
	for i := range x {
		x[i] = v
	}
	return series.New(x, series.Int, name)
}

func TestAgreement(t *testing.T) {
	_, df := estimatorSample(t, 40)
	curves, err := Agreement(t.Context(), df, df, []truth.Signal{sweep.PaperScore()}, CompareConfig{Resamples: 30})
	if err != nil {
		t.Fatal(err)
	}
	if c := curves[0]; len(c.X) != 2 || c.X[1] != 4 || c.Y[0] != 1 || c.Y[1] != 1 {
		t.Errorf("a score agrees with itself by %v at %v members", c.Y, c.X)
	}
	other := df.Copy()
	x, err := frame.Floats(other, "accuracy")
	if err != nil {
		t.Fatal(err)
	}
	for i := range x {
		x[i] = -x[i]
	}
	if curves, err = Agreement(t.Context(), df, other.Mutate(fixture.Floats("accuracy", x...)), []truth.Signal{sweep.PaperScore()}, CompareConfig{Resamples: 30}); err != nil || curves[0].Y[0] != -1 {
		t.Errorf("a score and what is turned agree by %v, %v", curves, err)
	}
	if _, err := Agreement(t.Context(), df, df, []truth.Signal{{Column: "other"}}, CompareConfig{}); err == nil {
		t.Error("a column that is not there gives no error")
	}
}

func TestEpsilons(t *testing.T) {
	df := fixture.Frame(fixture.Text(frame.KeyColumn, "a", "b", "c", "d"), fixture.Floats("accuracy", .4, .5, .6, .3), fixture.Floats("accuracy_loo", .3, .5, .4, .3), fixture.Floats("accuracy_lml", .4, .5, .6, .3),
		fixture.Floats("accuracy_epsilon", 1e-3, 1e-2, 1e-1, 1), fixture.Floats("whole_loo_squared_error_epsilon", 1, 1, 1, 1), fixture.Floats("whole_lml_epsilon", 1, 1, 1, 10))
	got, err := Epsilons(t.Context(), df, CompareConfig{Resamples: 50})
	if err != nil {
		t.Fatal(err)
	}
	loss := got.Col("loss").Float()
	if loss[0] != 0 || math.Abs(loss[1]-0.075) > 1e-15 || loss[2] != 0 || !math.IsNaN(loss[3]) {
		t.Errorf("losses %v, want 0, 0.075, 0 and none", loss)
	}
	if m := got.Col("median").Float(); math.Abs(m[0]+1) > 1e-12 || m[3] != 0 {
		t.Errorf("medians of log10 epsilon %v", m)
	}
	path := filepath.Join(t.TempDir(), "results")
	t.Setenv(report.ResultsEnv, path)
	if err := RecordEpsilons("07", got, 4); err != nil {
		t.Fatal(err)
	}
	if s := readFile(t, path); strings.Count(s, "\n") != 2 || !strings.Contains(s, "07.accuracy_lost.leave_one_out_error_training_images") {
		t.Errorf("results: %s", s)
	}
}

// chosenSample returns cells of real hashes with a score, a statistic that
// counts the other way round, and noise.
func chosenSample(t *testing.T, n int) *truth.Cells {
	t.Helper()
	c, err := truth.SampleCells(n, 9)
	if err != nil {
		t.Fatal(err)
	}
	c.Name, c.Truth = "sampled", "drawn"
	r := rand.New(rand.NewPCG(8, 8))
	var truths, acc, trace, lml []float64
	for range c.Architectures {
		z := r.NormFloat64()
		truths, acc = append(truths, z), append(acc, z+2*r.NormFloat64())
		trace, lml = append(trace, -z+0.2*r.NormFloat64()), append(lml, r.NormFloat64())
	}
	for _, s := range []series.Series{fixture.Floats(truth.TruthColumn, truths...), fixture.Floats("accuracy", acc...), fixture.Floats("mean_trace", trace...), fixture.Floats("whole_lml", lml...)} {
		c.Frame = c.Frame.Mutate(s)
	}
	return c
}

func TestBestSignals(t *testing.T) {
	c := chosenSample(t, 200)
	signals := []truth.Signal{sweep.PaperScore(), sweep.ScoreSignal("whole_lml"), {Column: "mean_trace", Label: "mean trace"}}
	got, err := BestSignals(t.Context(), []*truth.Cells{c, {Name: "without truth"}}, signals, CompareConfig{Resamples: 40})
	if err != nil {
		t.Fatal(err)
	}
	if s := got.Signals[0]; s.Column != "mean_trace" || !s.Lower {
		t.Fatalf("the first signal is %+v, want the trace turned", s)
	}
	if n := len(got.Signals); n != 6 || !got.Signals[3].Baseline || got.Signals[2].Baseline {
		t.Errorf("%d signals, want the baselines last", n)
	}
	choose, report, err := c.Halves()
	if err != nil {
		t.Fatal(err)
	}
	x, y := mustFloats(t, choose, truth.TruthColumn), mustFloats(t, choose, "mean_trace")
	if tau := naiveTau(x, y); math.Abs(got.Choosing[0][0]+tau) > 1e-12 {
		t.Errorf("tau on the choosing half is %v, want %v", got.Choosing[0][0], -tau)
	}
	x, y = mustFloats(t, report, truth.TruthColumn), mustFloats(t, report, "mean_trace")
	tau := naiveTau(x, y)
	if r := got.Reporting.Of[0].Report.Signals[0]; math.Abs(r.Kendall.Value+tau) > 1e-12 || r.N != len(x) {
		t.Errorf("tau on the reporting half is %v of %d, want %v of %d", r.Kendall.Value, r.N, -tau, len(x))
	}
	gaps, err := got.Gaps(t.Context(), "accuracy")
	if err != nil || len(gaps.Of) != 1 || !strings.Contains(gaps.Of[0].Text, "tau of − mean trace minus that of") {
		t.Errorf("gaps %v, %v", gaps, err)
	}
	if err := gaps.Record("07"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.HTML(), "reporting (n = ") {
		t.Errorf("table %s", got.HTML())
	}
	older, err := BestSignals(t.Context(), []*truth.Cells{c}, append(signals, sweep.ScoreSignal("spectral_entropy")), CompareConfig{Resamples: 40})
	if err != nil || len(older.Signals) != 6 || len(older.LeftOut) != 1 || older.LeftOut[0].Column != "spectral_entropy" || !strings.Contains(older.HTML(), "spectral entropy") {
		t.Errorf("with a statistic that the table lacks: %+v, %v", older, err)
	}
	if _, err := BestSignals(t.Context(), []*truth.Cells{c}, []truth.Signal{{Column: "nowhere"}}, CompareConfig{}); err == nil {
		t.Error("a choice among no signals")
	}
	none, err := BestSignals(t.Context(), []*truth.Cells{{Name: "without truth"}}, signals, CompareConfig{})
	if err != nil || !strings.Contains(none.HTML(), "No table of trained accuracies") {
		t.Errorf("without a truth: %v", err)
	}
}

// TestScorePasses computes two passes of cells of a table, and compares modes of
// normalization on them.
func TestScorePasses(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	c := sampled(t, 4)
	c.Name, c.Truth = "sampled", "drawn"
	c.Frame = c.Frame.Mutate(fixture.Floats(truth.TruthColumn, 1, 2, 3, 4))
	a, b, n := tinyPass(1, 2), tinyPass(1, 2), tinyPass(1, 2)
	b.Norm, n.Norm = forward.Batch, forward.None
	df, err := sweep.ScorePasses(t.Context(), []*truth.Cells{c, c}, 3, imageset.Drawn(60, 1), nil, a, b, n)
	if err != nil {
		t.Fatal(err)
	}
	if df.Nrow() != 3*3*2 {
		t.Fatalf("%d rows of 3 cells in 3 passes with 2 numbers of members", df.Nrow())
	}
	norms, err := NormTaus(t.Context(), []*truth.Cells{c}, df, sweep.PaperScore(), 2, CompareConfig{Resamples: 10, Top: 2})
	if err != nil {
		t.Fatal(err)
	}
	if of := norms.Of[0]; of.N() != 3 || len(of.Signals) != 6 || !strings.HasSuffix(of.Signals[1].Label, "batch statistics") {
		t.Errorf("%d cells, signals %v", of.N(), of.Signals)
	}
	if norm, err := frame.Where(df, sweep.NormColumn, "batch"); err != nil || norm.Nrow() != 6 {
		t.Errorf("rows of batch statistics: %v", err)
	}
}

func TestRecordCurves(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results")
	t.Setenv(report.ResultsEnv, path)
	curve := figure.Series{Name: "a curve", X: []float64{1, 2}, Y: []float64{2, 4}, Lo: []float64{1, 3}, Hi: []float64{3, 5}}
	if err := RecordCurves("x", []figure.Series{curve}, 3, 0); err != nil {
		t.Fatal(err)
	}
	if s := readFile(t, path); strings.Count(s, "\n") != 2 || !strings.Contains(s, "x.a_curve.2") {
		t.Errorf("results: %s", s)
	}
}
