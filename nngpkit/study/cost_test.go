package study

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// naiveTau is tau-b from its definition, over all pairs.
func naiveTau(a, b []float64) float64 {
	var s, na, nb float64
	sign := func(x float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return 0
	}
	for i := range a {
		for j := 0; j < i; j++ {
			u, v := sign(a[i]-a[j]), sign(b[i]-b[j])
			s, na, nb = s+u*v, na+u*u, nb+v*v
		}
	}
	return s / math.Sqrt(na*nb)
}

// naivePQETP is the share of pairs of a good and another cell that a signal
// orders rightly, ties counting half.
func naivePQETP(truth, x []float64, p float64) float64 {
	right, pairs := 0.0, 0.0
	for i := range truth {
		for j := range truth {
			if truth[i] > p && truth[j] <= p {
				pairs++
				if x[i] > x[j] {
					right++
				} else if x[i] == x[j] {
					right += 0.5
				}
			}
		}
	}
	return right / pairs
}

// costSample returns cells with a drawn truth, and a table of scores of most of
// them after 1 and 4 members.
func costSample(t *testing.T, n int) (*truth.Cells, dataframe.DataFrame) {
	t.Helper()
	c, err := truth.SampleCells(n, 5)
	if err != nil {
		t.Fatal(err)
	}
	c.Name, c.Truth = "sampled", "drawn"
	r := rand.New(rand.NewPCG(3, 4))
	var truths, acc, cost []float64
	var hash []string
	var members []int
	for i, h := range c.Frame.Col(frame.KeyColumn).Records() {
		z := r.NormFloat64()
		truths = append(truths, 0.91+0.01*z)
		for _, m := range []int{1, 4} {
			if i%10 == 3 && m == 4 {
				continue // not scored
			}
			hash, members = append(hash, h), append(members, m)
			acc = append(acc, math.Round(20*(z+2*r.NormFloat64()/math.Sqrt(float64(m)))))
			cost = append(cost, float64(m)*(1+0.1*float64(i)))
		}
	}
	c.Frame = c.Frame.Mutate(series.New(truths, series.Float, truth.TruthColumn))
	return c, dataframe.New(series.New(hash, series.String, frame.KeyColumn), series.New(members, series.Int, sweep.MembersColumn),
		series.New(acc, series.Float, "accuracy"), series.New(cost, series.Float, sweep.GFLOPsColumn))
}

// TestCompareCosts compares every number with one computed from its definition,
// on the cells that all points have.
func TestCompareCosts(t *testing.T) {
	cells, scores := costSample(t, 120)
	curve, err := ScoreCurve("a score", scores, sweep.PaperScore(), sweep.MembersColumn)
	if err != nil {
		t.Fatal(err)
	}
	c, err := CompareCosts(t.Context(), cells, []Curve{curve}, CostConfig{Resamples: 100})
	if err != nil {
		t.Fatal(err)
	}
	at := map[string][]float64{} // by hash: truth, conv3x3, and score and cost after 1 and 4 members
	truth, _ := frame.Floats(cells.Frame, truth.TruthColumn)
	conv, _ := frame.Floats(cells.Frame, "conv3x3")
	for i, h := range cells.Frame.Col(frame.KeyColumn).Records() {
		at[h] = []float64{truth[i], conv[i]}
	}
	for i, h := range scores.Col(frame.KeyColumn).Records() {
		at[h] = append(at[h], scores.Col("accuracy").Float()[i], scores.Col(sweep.GFLOPsColumn).Float()[i])
	}
	var cols [6][]float64
	for _, v := range at {
		if len(v) == 6 {
			for k := range v {
				cols[k] = append(cols[k], v[k])
			}
		}
	}
	if c.N() != len(cols[0]) || c.N() == len(truth) {
		t.Fatalf("compared on %d cells, want %d of %d", c.N(), len(cols[0]), len(truth))
	}
	for _, want := range []struct {
		curve, label string
		x, cost      []float64
	}{{"a score", "1 member", cols[2], cols[3]}, {"a score", "4 members", cols[4], cols[5]}, {"number of conv3x3", "number of conv3x3", cols[1], nil}} {
		p, err := c.At(want.curve, want.label)
		if err != nil {
			t.Fatal(err)
		}
		cost := 0.0
		for _, v := range want.cost {
			cost += v / float64(len(want.cost))
		}
		for _, v := range []struct {
			what      string
			got, want float64
		}{
			{"tau", p.Tau.Estimate, naiveTau(cols[0], want.x)}, {"PQETP", p.PQETP.Estimate, naivePQETP(cols[0], want.x, 0.91)}, {"GFLOP", p.GFLOPs, cost},
		} {
			if !(math.Abs(v.got-v.want) < 1e-12*math.Max(1, v.want)) {
				t.Errorf("%s, %s: %s is %v, want %v", want.curve, want.label, v.what, v.got, v.want)
			}
		}
		if !(p.Tau.Lower < p.Tau.Estimate && p.Tau.Estimate < p.Tau.Upper) {
			t.Errorf("%s: interval %v", want.label, p.Tau)
		}
	}
	one, _ := c.At("a score", "1 member")
	four, _ := c.At("a score", "4 members")
	g, err := c.Gap(t.Context(), four, one)
	if err != nil || math.Abs(g.Tau.Estimate-(four.Tau.Estimate-one.Tau.Estimate)) > 1e-15 || math.Abs(g.CostRatio-one.GFLOPs/four.GFLOPs) > 1e-15 {
		t.Errorf("gap %v, %v", g, err)
	}
	if rows, _ := c.Frame().Dims(); rows != 5 {
		t.Errorf("the frame has %d rows", rows)
	}
	checkCostFigure(t, c)
	checkCostRecord(t, c)
}

func checkCostFigure(t *testing.T, c *CostComparison) {
	t.Helper()
	f, err := c.Figure("a title")
	if err != nil {
		t.Fatal(err)
	}
	svg := f.SVG()
	for _, want := range []string{"a title", "a score", "parameters", "FLOPs", "number of conv3x3", fmt.Sprintf("n = %d", c.N()), "1 member", "4 members", "τ-b", "PQETP, truth above 0.91", "floating-point operations"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the figure does not say %q", want)
		}
	}
}

func checkCostRecord(t *testing.T, c *CostComparison) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "results.jsonl")
	t.Setenv(report.ResultsEnv, path)
	if err := c.Record("03.x"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]report.ResultLine{}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		var r report.ResultLine
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		found[r.Name] = r
	}
	p, _ := c.At("a score", "4 members")
	r, ok := found["03.x.tau.a_score.4_members"]
	if !ok || *r.Value != p.Tau.Estimate || *r.Lo != p.Tau.Lower || r.N != c.N() {
		t.Errorf("recorded %+v of %v", r, found)
	}
	for _, name := range []string{"03.x.pqetp.number_of_conv3x3", "03.x.gflops.a_score.1_member"} {
		if _, ok := found[name]; !ok {
			t.Errorf("%s is not recorded", name)
		}
	}
}

// TestTrainingCurve compares the mean of tau-b over single runs with the same
// computed from the file by the definition (in Python): 91 cells, three runs of
// 12 and of 36 epochs against the mean test accuracy after 108.
func TestTrainingCurve(t *testing.T) {
	fixture.WithData(t)
	cells, err := truth.OpenCells(t.Context(), "retrained", 0)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := TrainingCurve(t.Context(), []*truth.Cells{cells}, 4, 12, 36)
	if err != nil {
		t.Fatal(err)
	}
	all, err := CompareAllCosts(t.Context(), []*truth.Cells{cells}, []Curve{curve}, CostConfig{Resamples: 100})
	if err != nil {
		t.Fatal(err)
	}
	c := all.Table("retrained")
	if c == nil || c.N() != 91 {
		t.Fatalf("comparison %v", c)
	}
	for label, want := range map[string]float64{"12 epochs": 0.6195282747334342, "36 epochs": 0.8540370485682646} {
		p, err := c.At("shortened training", label)
		if err != nil {
			t.Fatal(err)
		}
		if p.Runs != 3 || math.Abs(p.Tau.Estimate-want) > 1e-12 {
			t.Errorf("%s: tau of one run %v over %d runs, want %v over 3", label, p.Tau.Estimate, p.Runs, want)
		}
	}
	a, _ := c.At("shortened training", "4 epochs")
	b, _ := c.At("shortened training", "36 epochs")
	if math.Abs(b.GFLOPs/a.GFLOPs-9) > 1e-12 {
		t.Errorf("36 epochs cost %v of 4", b.GFLOPs/a.GFLOPs)
	}
	if gaps, err := all.Gaps(t.Context(), "shortened training", "36 epochs", "shortened training", "4 epochs"); err != nil || len(gaps.Of) != 1 || !strings.Contains(gaps.String(), "n = 91") {
		t.Errorf("gaps %v, %v", gaps, err)
	}
}

// TestTrainingGFLOPs computes the cost of one cell by hand: the Inception-like
// cell's 0.804 GFLOP per image (twice its multiply-adds), times 3 x 40,000 x 4.
func TestTrainingGFLOPs(t *testing.T) {
	s, err := truth.NewCell("0111010/0000001/0000001/0000100/0000001/0000001/0000000 " +
		"input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output")
	if err != nil {
		t.Fatal(err)
	}
	if got := TrainingGFLOPs(s, 4); math.Abs(got-0.804*3*40000*4) > 0.0005*3*40000*4 {
		t.Errorf("4 epochs cost %v GFLOP", got)
	}
}

func TestCurvesRefuse(t *testing.T) {
	_, scores := costSample(t, 20)
	twice := scores.Concat(scores)
	if _, err := ScoreCurve("twice", twice, sweep.PaperScore(), sweep.MembersColumn); err == nil || !strings.Contains(err.Error(), "several rows") {
		t.Errorf("a table of two settings gives the error %v", err)
	}
	if _, err := ScoreCurve("none", scores, sweep.LeaveOneOut(), sweep.MembersColumn); err == nil {
		t.Error("a curve of a missing column")
	}
	cells, _ := costSample(t, 20)
	cells.Truth = ""
	all, err := CompareAllCosts(t.Context(), []*truth.Cells{cells}, nil, CostConfig{})
	if err != nil || len(all.Of) != 0 || !strings.Contains(all.HTML(), "nngplab data fetch") {
		t.Errorf("without truth: %v, %v", all, err)
	}
	if f, err := all.Figure("x"); err != nil || !strings.Contains(f.SVG(), "No table of trained accuracies") {
		t.Errorf("without truth the figure is %v", err)
	}
	if gaps, err := all.Gaps(t.Context(), "a", "b", "c", "d"); err != nil || gaps.Lines()[0] != report.NoTruth {
		t.Errorf("without truth: %v, %v", gaps, err)
	}
}

// TestOpenCurve opens a committed table, and leaves out by name one that is none.
func TestOpenCurve(t *testing.T) {
	there, err := OpenCurve(t.Context(), "there", "cheap", sweep.PaperScore(), sweep.MembersColumn)
	if err != nil || len(there.Points) != 6 || there.Missing != "" {
		t.Fatalf("a committed table gives %d points, %q, %v", len(there.Points), there.Missing, err)
	}
	gone, err := OpenCurve(t.Context(), "gone", "tomorrow", sweep.PaperScore(), sweep.MembersColumn)
	if err != nil || len(gone.Points) != 0 || gone.Missing == "" {
		t.Fatalf("a table that is not computed yet gives %+v, %v", gone, err)
	}
	cells, scores := costSample(t, 20)
	curve, err := ScoreCurve("a score", scores, sweep.PaperScore(), sweep.MembersColumn)
	if err != nil {
		t.Fatal(err)
	}
	all, err := CompareAllCosts(t.Context(), []*truth.Cells{cells}, []Curve{gone, curve}, CostConfig{Resamples: 10})
	if err != nil {
		t.Fatal(err)
	}
	want := "Left out: gone, because the table tomorrow is not computed yet."
	if len(all.Of) != 1 || !strings.Contains(all.HTML(), want) || !strings.Contains(all.String(), want) {
		t.Errorf("the comparison says %q", all.HTML())
	}
	if gaps, err := all.Gaps(t.Context(), "a score", "1 member", "gone", "1 member"); err != nil || len(gaps.Lines()) != 1 || gaps.Lines()[0] != want {
		t.Errorf("the gap to a missing curve is %q, %v", gaps, err)
	}
	if _, err := all.Gaps(t.Context(), "a score", "1 member", "nowhere", "1 member"); err == nil {
		t.Error("a gap to a curve that was not asked for")
	}
}

func TestGapText(t *testing.T) {
	p := func(curve, label string, cost float64) CostPoint {
		return CostPoint{Curve: curve, Label: label, Baseline: cost == 0, GFLOPs: cost, Tau: &corr.Interval{Estimate: 0.5}}
	}
	gap := func(a, b CostPoint) string {
		return Gap{A: a, B: b, Tau: &corr.Interval{}, CostRatio: b.GFLOPs / a.GFLOPs, N: 9}.String()
	}
	cheap, expensive := p("score", "1 member", 2), p("training", "4 epochs", 8432)
	const difference = "difference 0.000 [0.000, 0.000] (n = 9)"
	for got, want := range map[string]string{
		gap(cheap, expensive):            "score, 1 member: tau 0.500; training, 4 epochs: 0.500; " + difference + ", at 1/4\u202f220 of the operations",
		gap(expensive, cheap):            "training, 4 epochs: tau 0.500; score, 1 member: 0.500; " + difference + ", at 4\u202f220 times the operations",
		gap(cheap, p("free", "free", 0)): "score, 1 member: tau 0.500; free: 0.500; " + difference,
	} {
		if got != want {
			t.Errorf("the gap is %q, want %q", got, want)
		}
	}
}

// TestGapRecord: a ratio of costs is recorded where there are two.
func TestGapRecord(t *testing.T) {
	cells, scores := costSample(t, 20)
	curve, err := ScoreCurve("a score", scores, sweep.PaperScore(), sweep.MembersColumn)
	if err != nil {
		t.Fatal(err)
	}
	all, err := CompareAllCosts(t.Context(), []*truth.Cells{cells}, []Curve{curve}, CostConfig{Resamples: 10})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "results")
	t.Setenv(report.ResultsEnv, file)
	for prefix, to := range map[string][2]string{"free": {truth.Conv3x3.Label, truth.Conv3x3.Label}, "paid": {"a score", "4 members"}} {
		gaps, err := all.Gaps(t.Context(), "a score", "1 member", to[0], to[1])
		if err == nil {
			err = gaps.Record(prefix)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"free." + cells.Name + ".tau", "paid." + cells.Name + ".tau", "paid." + cells.Name + ".cost_ratio"} {
		if !strings.Contains(string(b), `"`+want+`"`) {
			t.Errorf("%s was not recorded", want)
		}
	}
	if strings.Contains(string(b), "free."+cells.Name+".cost_ratio") {
		t.Error("a ratio to a cost of nothing was recorded")
	}
}

func TestCosts(t *testing.T) {
	_, scores := costSample(t, 20)
	curve, err := ScoreCurve("a score", scores, sweep.PaperScore(), sweep.MembersColumn)
	if err != nil {
		t.Fatal(err)
	}
	df, err := Costs([]Curve{curve})
	if err != nil {
		t.Fatal(err)
	}
	// 20 cells cost 1, 1.1, ... 2.9 with one member.
	if df.Nrow() != 2 || math.Abs(df.Col("mean_gflops").Float()[0]-1.95) > 1e-12 || math.Abs(df.Col("median_gflops").Float()[0]-1.95) > 1e-12 || df.Col("cells").Records()[1] != "18" {
		t.Errorf("costs %v", df)
	}
}

// TestChooseCosts repeats the choice from its definition: on the cells whose hash
// ends in an even digit, the setting with the larger tau; its tau on the others.
func TestChooseCosts(t *testing.T) {
	cells, scores := costSample(t, 150)
	curve, err := ScoreCurve("a score", scores, sweep.PaperScore(), sweep.MembersColumn)
	if err != nil {
		t.Fatal(err)
	}
	choices, err := ChooseCosts(t.Context(), []*truth.Cells{cells}, []Curve{curve}, []float64{0.5, 20, 1e6}, CostConfig{Resamples: 50})
	if err != nil {
		t.Fatal(err)
	}
	truths := map[string]float64{}
	x, _ := frame.Floats(cells.Frame, truth.TruthColumn)
	for i, h := range cells.Frame.Col(frame.KeyColumn).Records() {
		truths[h] = x[i]
	}
	var tau [2][2]float64 // by members (1, 4) and half
	four := map[string]bool{}
	for i, m := range scores.Col(sweep.MembersColumn).Records() {
		four[scores.Col(frame.KeyColumn).Records()[i]] = four[scores.Col(frame.KeyColumn).Records()[i]] || m == "4"
	}
	for k, m := range []string{"1", "4"} {
		var a, b [2][]float64
		for i, h := range scores.Col(frame.KeyColumn).Records() {
			if scores.Col(sweep.MembersColumn).Records()[i] == m && four[h] {
				half := strings.IndexByte("0123456789abcdef", h[len(h)-1]) % 2
				a[half], b[half] = append(a[half], truths[h]), append(b[half], scores.Col("accuracy").Float()[i])
			}
		}
		for half := range a {
			tau[k][half] = naiveTau(a[half], b[half])
		}
	}
	if tau[1][0] <= tau[0][0] {
		t.Fatalf("tau of 1 and 4 members is %v: the sample is no test", tau)
	}
	if err := choices.Record("03.chosen"); err != nil {
		t.Fatal(err)
	}
	rows := choices.Sheets()[0].Rows
	if len(rows) != 3 || rows[0][1] != "none" || rows[1][1] != "a score, 1 member" || rows[2][1] != "a score, 4 members" {
		t.Fatalf("chosen %v", rows)
	}
	for i, row := range rows[1:] {
		if row[3] != report.Minus(tau[i][0], 3) || !strings.HasPrefix(row[4], report.Minus(tau[i][1], 3)) {
			t.Errorf("tau %v and %v, want %.3f and %.3f", row[3], row[4], tau[i][0], tau[i][1])
		}
	}
	cells.Truth = ""
	if none, err := ChooseCosts(t.Context(), []*truth.Cells{cells}, []Curve{curve}, []float64{1}, CostConfig{}); err != nil || !strings.Contains(none.HTML(), "nngplab data fetch") {
		t.Errorf("without truth: %v, %v", none, err)
	}
}
