package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestFeatureFigure reads tau off the same frames that the figure is drawn from.
func TestFeatureFigure(t *testing.T) {
	c, df := estimatorSample(t, 60)
	curve, err := featureCurve(t.Context(), c, df, sweep.PaperScore(), CompareConfig{Resamples: 20})
	if err != nil {
		t.Fatal(err)
	}
	at, err := frame.Where(df, sweep.MembersColumn, 4)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := frame.Join(c.Frame, at, frame.KeyColumn)
	if err != nil {
		t.Fatal(err)
	}
	truth, x := joined.Col(truth.TruthColumn).Float(), joined.Col("accuracy").Float()
	if curve.X[1] != 32 || math.Abs(curve.Y[1]-naiveTau(truth, x)) > 1e-12 {
		t.Errorf("at 32 features tau is %v, want %v", curve.Y[1], naiveTau(truth, x))
	}
	dir := t.TempDir()
	for _, env := range []string{"NNGPLAB_DATA", "XDG_CACHE_HOME", "HOME"} {
		t.Setenv(env, dir)
	}
	fig, err := FeatureFigure(t.Context(), sweep.PaperScore(), CompareConfig{Resamples: 10}, df)
	if err != nil || !strings.Contains(fig.SVG(), "No table") {
		t.Errorf("without a truth: %v", err)
	}
}

// TestFeatureCurves: all points and the baselines are of the cells that every
// point has.
func TestFeatureCurves(t *testing.T) {
	c, df := estimatorSample(t, 60) // a tenth of the cells has no score at 4 members
	at4, err := frame.Where(df, sweep.MembersColumn, 4)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := frame.Join(c.Frame, at4.Select([]string{frame.KeyColumn}), frame.KeyColumn)
	if err != nil {
		t.Fatal(err)
	}
	truths := joined.Col(truth.TruthColumn).Float()
	convs, err := truth.Conv3x3.Values(joined)
	if err != nil {
		t.Fatal(err)
	}
	curves, n, err := featureCurves(t.Context(), c, sweep.PaperScore(), CompareConfig{Resamples: 20}, []dataframe.DataFrame{df})
	if err != nil {
		t.Fatal(err)
	}
	if n != 54 || len(curves) != 4 {
		t.Fatalf("%d curves of %d cells, want 4 of 54", len(curves), n)
	}
	if most := mostFeatures(curves); most != 32 {
		t.Errorf("the curves go up to %v features, want 32", most)
	}
	if got, want := curves[3].Y[0], naiveTau(truths, convs); math.Abs(got-want) > 1e-12 {
		t.Errorf("tau of %s is %v, want %v", curves[3].Name, got, want)
	}
	at1, err := frame.Where(df, sweep.MembersColumn, 1)
	if err != nil {
		t.Fatal(err)
	}
	if joined, err = frame.Join(joined, at1.Select([]string{frame.KeyColumn, "accuracy"}), frame.KeyColumn); err != nil {
		t.Fatal(err)
	}
	if got, want := curves[0].Y[0], naiveTau(truths, joined.Col("accuracy").Float()); math.Abs(got-want) > 1e-12 {
		t.Errorf("tau after one member is %v, want %v", got, want)
	}
}

// widthSample returns drawn cells with scores of width 8 after 4 members and of
// width 32 after 1.
func widthSample(t *testing.T) (*truth.Cells, dataframe.DataFrame) {
	c, df := estimatorSample(t, 60)
	narrow, err := frame.Where(df, sweep.MembersColumn, 4)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := frame.Where(df, sweep.MembersColumn, 1)
	if err != nil {
		t.Fatal(err)
	}
	return c, narrow.RBind(wide.Mutate(constantColumn(wide.Nrow(), 32, sweep.WidthColumn)))
}

func TestWidthTaus(t *testing.T) {
	c, df := widthSample(t)
	got, err := WidthTaus(t.Context(), []*truth.Cells{c}, df, sweep.PaperScore(), CompareConfig{Resamples: 10, Top: 5})
	if err != nil {
		t.Fatal(err)
	}
	of := got.Of[0]
	if of.N() != 54 || of.Signals[0].Label != "NNGP accuracy (the paper's score), width 8 × 4" || !strings.HasSuffix(of.Signals[1].Label, "width 32 × 1") {
		t.Errorf("%d cells, signals %v", of.N(), of.Signals)
	}
	x, y, truths := paperScores(t, c, df)
	for i, v := range [][]float64{x, y} {
		if tau, want := of.Report.Signals[i].Kendall.Value, naiveTau(truths, v); math.Abs(tau-want) > 1e-12 {
			t.Errorf("tau of %s is %v, want %v", of.Signals[i].Label, tau, want)
		}
	}
	gaps, err := got.Gaps(t.Context(), "accuracy_width8", "accuracy_width32")
	if err != nil || len(gaps.Of) != 1 {
		t.Fatalf("gaps %v, %v", gaps, err)
	}
	if err := gaps.Record("07"); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("width 32 × 1: %.3f [", naiveTau(truths, x)-naiveTau(truths, y)); !strings.Contains(strings.ReplaceAll(gaps.Of[0].Text, "−", "-"), want) {
		t.Errorf("gap %q, want %q", gaps.Of[0].Text, want)
	}
	if none, err := (&Comparisons{}).Gaps(t.Context(), "a", "b"); err != nil || len(none.Lines()) != 1 || none.Lines()[0] != report.NoTruth {
		t.Errorf("without a truth: %q, %v", none, err)
	}
	two := df.Mutate(constantColumn(df.Nrow(), 8, sweep.WidthColumn)) // all rows of one width
	if _, err := WidthTaus(t.Context(), []*truth.Cells{c}, two, sweep.PaperScore(), CompareConfig{}); err == nil {
		t.Error("two numbers of members of a width give no error")
	}
}

// paperScores returns the scores of width 8 and 32 and the truth of the cells
// that both have.
func paperScores(t *testing.T, c *truth.Cells, df dataframe.DataFrame) (x, y, truths []float64) {
	t.Helper()
	joined := c.Frame
	for _, width := range []int{8, 32} {
		at, err := frame.Where(df, sweep.WidthColumn, width)
		if err != nil {
			t.Fatal(err)
		}
		if at, err = frame.Suffixed(at.Select([]string{frame.KeyColumn, "accuracy"}), fmt.Sprintf("_%d", width)); err != nil {
			t.Fatal(err)
		}
		if joined, err = frame.Join(joined, at, frame.KeyColumn); err != nil {
			t.Fatal(err)
		}
	}
	return joined.Col("accuracy_8").Float(), joined.Col("accuracy_32").Float(), joined.Col(truth.TruthColumn).Float()
}

func TestWidthAgreement(t *testing.T) {
	c, df := widthSample(t)
	curves, err := WidthAgreement(t.Context(), df, []truth.Signal{sweep.PaperScore()}, CompareConfig{Resamples: 30})
	if err != nil {
		t.Fatal(err)
	}
	x, y, _ := paperScores(t, c, df)
	got := curves[0]
	if len(got.X) != 1 || got.X[0] != 8 || math.Abs(got.Y[0]-naiveTau(x, y)) > 1e-12 || !(got.Lo[0] < got.Y[0] && got.Y[0] < got.Hi[0]) {
		t.Errorf("agreement %+v, want %v at width 8", got, naiveTau(x, y))
	}
	one, err := frame.Where(df, sweep.WidthColumn, 8)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := WidthAgreement(t.Context(), one, []truth.Signal{sweep.PaperScore()}, CompareConfig{}); err == nil {
		t.Error("one width gives no error")
	}
}
