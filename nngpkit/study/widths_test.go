package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
)

// TestFeatureFigure reads tau off the same frames that the figure is drawn from.
func TestFeatureFigure(t *testing.T) {
	c, df := estimatorSample(t, 60)
	curve, err := featureCurve(t.Context(), c, df, PaperScore(), CompareConfig{Resamples: 20})
	if err != nil {
		t.Fatal(err)
	}
	at, err := Where(df, membersColumn, 4)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := Join(c.Frame, at, KeyColumn)
	if err != nil {
		t.Fatal(err)
	}
	truth, x := joined.Col(TruthColumn).Float(), joined.Col("accuracy").Float()
	if curve.X[1] != 32 || math.Abs(curve.Y[1]-naiveTau(truth, x)) > 1e-12 {
		t.Errorf("at 32 features tau is %v, want %v", curve.Y[1], naiveTau(truth, x))
	}
	dir := t.TempDir()
	for _, env := range []string{"NNGPLAB_DATA", "XDG_CACHE_HOME", "HOME"} {
		t.Setenv(env, dir)
	}
	fig, err := FeatureFigure(t.Context(), PaperScore(), CompareConfig{Resamples: 10}, df)
	if err != nil || !strings.Contains(fig.SVG(), "No table") {
		t.Errorf("without a truth: %v", err)
	}
}

// TestFeatureCurves: all points and the baselines are of the cells that every
// point has.
func TestFeatureCurves(t *testing.T) {
	c, df := estimatorSample(t, 60) // a tenth of the cells has no score at 4 members
	at4, err := Where(df, membersColumn, 4)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := Join(c.Frame, at4.Select([]string{KeyColumn}), KeyColumn)
	if err != nil {
		t.Fatal(err)
	}
	truth := joined.Col(TruthColumn).Float()
	convs, err := Conv3x3.Values(joined)
	if err != nil {
		t.Fatal(err)
	}
	curves, n, err := featureCurves(t.Context(), c, PaperScore(), CompareConfig{Resamples: 20}, []dataframe.DataFrame{df})
	if err != nil {
		t.Fatal(err)
	}
	if n != 54 || len(curves) != 4 {
		t.Fatalf("%d curves of %d cells, want 4 of 54", len(curves), n)
	}
	if got, want := curves[3].Y[0], naiveTau(truth, convs); math.Abs(got-want) > 1e-12 {
		t.Errorf("tau of %s is %v, want %v", curves[3].Name, got, want)
	}
	at1, err := Where(df, membersColumn, 1)
	if err != nil {
		t.Fatal(err)
	}
	if joined, err = Join(joined, at1.Select([]string{KeyColumn, "accuracy"}), KeyColumn); err != nil {
		t.Fatal(err)
	}
	if got, want := curves[0].Y[0], naiveTau(truth, joined.Col("accuracy").Float()); math.Abs(got-want) > 1e-12 {
		t.Errorf("tau after one member is %v, want %v", got, want)
	}
}

// widthSample returns drawn cells with scores of stem 8 after 4 members and of
// stem 32 after 1.
func widthSample(t *testing.T) (*Cells, dataframe.DataFrame) {
	c, df := estimatorSample(t, 60)
	narrow, err := Where(df, membersColumn, 4)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := Where(df, membersColumn, 1)
	if err != nil {
		t.Fatal(err)
	}
	return c, narrow.RBind(wide.Mutate(constantColumn(wide.Nrow(), 32, stemColumn)))
}

func TestWidthTaus(t *testing.T) {
	c, df := widthSample(t)
	got, err := WidthTaus(t.Context(), []*Cells{c}, df, PaperScore(), CompareConfig{Resamples: 10, Top: 5})
	if err != nil {
		t.Fatal(err)
	}
	of := got.Of[0]
	if of.N() != 54 || of.Signals[0].Label != "NNGP accuracy (the paper's score), stem 8 × 4" || !strings.HasSuffix(of.Signals[1].Label, "stem 32 × 1") {
		t.Errorf("%d cells, signals %v", of.N(), of.Signals)
	}
	x, y, truth := paperScores(t, c, df)
	for i, v := range [][]float64{x, y} {
		if tau, want := of.Report.Signals[i].Kendall.Value, naiveTau(truth, v); math.Abs(tau-want) > 1e-12 {
			t.Errorf("tau of %s is %v, want %v", of.Signals[i].Label, tau, want)
		}
	}
	gaps, err := got.Gaps(t.Context(), "07", "accuracy_stem8", "accuracy_stem32")
	if err != nil || len(gaps) != 1 {
		t.Fatalf("gaps %q, %v", gaps, err)
	}
	if want := fmt.Sprintf("stem 32 × 1: %.3f [", naiveTau(truth, x)-naiveTau(truth, y)); !strings.Contains(strings.ReplaceAll(gaps[0], "−", "-"), want) {
		t.Errorf("gap %q, want %q", gaps[0], want)
	}
	if none, err := (&Comparisons{}).Gaps(t.Context(), "07", "a", "b"); err != nil || len(none) != 1 || none[0] != noTruth {
		t.Errorf("without a truth: %q, %v", none, err)
	}
	two := df.Mutate(constantColumn(df.Nrow(), 8, stemColumn)) // all rows of one stem
	if _, err := WidthTaus(t.Context(), []*Cells{c}, two, PaperScore(), CompareConfig{}); err == nil {
		t.Error("two numbers of members of a stem give no error")
	}
}

// paperScores returns the scores of stem 8 and 32 and the truth of the cells
// that both have.
func paperScores(t *testing.T, c *Cells, df dataframe.DataFrame) (x, y, truth []float64) {
	t.Helper()
	joined := c.Frame
	for _, stem := range []int{8, 32} {
		at, err := Where(df, stemColumn, stem)
		if err != nil {
			t.Fatal(err)
		}
		if at, err = Suffixed(at.Select([]string{KeyColumn, "accuracy"}), fmt.Sprintf("_%d", stem)); err != nil {
			t.Fatal(err)
		}
		if joined, err = Join(joined, at, KeyColumn); err != nil {
			t.Fatal(err)
		}
	}
	return joined.Col("accuracy_8").Float(), joined.Col("accuracy_32").Float(), joined.Col(TruthColumn).Float()
}

func TestWidthAgreement(t *testing.T) {
	c, df := widthSample(t)
	curves, err := WidthAgreement(t.Context(), df, []Signal{PaperScore()}, CompareConfig{Resamples: 30})
	if err != nil {
		t.Fatal(err)
	}
	x, y, _ := paperScores(t, c, df)
	got := curves[0]
	if len(got.X) != 1 || got.X[0] != 8 || math.Abs(got.Y[0]-naiveTau(x, y)) > 1e-12 || !(got.Lo[0] < got.Y[0] && got.Y[0] < got.Hi[0]) {
		t.Errorf("agreement %+v, want %v at stem 8", got, naiveTau(x, y))
	}
	one, err := Where(df, stemColumn, 8)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := WidthAgreement(t.Context(), one, []Signal{PaperScore()}, CompareConfig{}); err == nil {
		t.Error("one stem gives no error")
	}
}
