package study

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// partialSample returns cells whose truth is the sum of two hidden causes: size
// knows the first, own the second, copy nothing but size; some misses cells.
func partialSample(n int) *truth.Cells {
	r := rand.New(rand.NewPCG(5, 5))
	var truths, size, own, echo, some []float64
	var hash []string
	for i := 0; i < n; i++ {
		a, b := r.NormFloat64(), r.NormFloat64()
		truths = append(truths, a+b)
		size = append(size, a)
		own = append(own, -b-0.3*r.NormFloat64())
		echo = append(echo, a+0.5*r.NormFloat64())
		some = append(some, a+b+r.NormFloat64())
		if i%3 == 0 {
			some[i] = math.NaN()
		}
		hash = append(hash, strings.Repeat("0", 5)+string(rune('a'+i%6)))
	}
	return &truth.Cells{Name: "made", Truth: "a sum", Frame: fixture.Frame(fixture.Text(frame.KeyColumn, hash...), fixture.Floats(truth.TruthColumn, truths...),
		fixture.Floats("size", size...), fixture.Floats("own", own...), fixture.Floats("echo", echo...), fixture.Floats("some", some...))}
}

var (
	sizeSignal = truth.Signal{Column: "size", Baseline: true}
	ownSignal  = truth.Signal{Column: "own", Label: "own loss", Lower: true}
	echoSignal = truth.Signal{Column: "echo"}
	someSignal = truth.Signal{Column: "some"}
)

// TestPartialAll compares with the formula for one control, of tau by its
// definition.
func TestPartialAll(t *testing.T) {
	c := partialSample(150)
	p, err := PartialAll(t.Context(), []*truth.Cells{c, {Name: "without truth"}}, []truth.Signal{ownSignal, echoSignal, sizeSignal},
		[]Control{{Name: "nothing"}, {"size", []truth.Signal{sizeSignal}}, {"some", []truth.Signal{someSignal}}}, CompareConfig{Resamples: 60})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Of) != 1 {
		t.Fatalf("%d tables, want the one with a truth", len(p.Of))
	}
	truth, cols, err := truth.KnownColumns(c, []truth.Signal{ownSignal, echoSignal, sizeSignal})
	if err != nil {
		t.Fatal(err)
	}
	for j := range 2 {
		xy, xz, yz := naiveTau(truth, cols[j]), naiveTau(truth, cols[2]), naiveTau(cols[j], cols[2])
		if got := p.Of[0][0][j]; math.Abs(got.Kendall.Estimate-xy) > 1e-12 || got.N != 150 {
			t.Errorf("given nothing, signal %d has tau %v of %d cells, want %v", j, got.Kendall.Estimate, got.N, xy)
		}
		want := (xy - xz*yz) / math.Sqrt((1-xz*xz)*(1-yz*yz))
		if got := p.Of[0][1][j].Kendall.Estimate; math.Abs(got-want) > 1e-12 {
			t.Errorf("given size, signal %d has tau %v, want %v", j, got, want)
		}
	}
	// Kendall's partial tau of what only repeats size is small, not 0.
	if g := p.Of[0][1]; !g[0].Kendall.Excludes(0.3) || math.Abs(g[1].Kendall.Estimate) > 0.15 || math.Abs(g[1].Spearman.Value) > 0.2 || g[2] != nil {
		t.Errorf("given size, the intervals are %v and %v; size itself has %v", g[0].Kendall, g[1].Kendall, g[2])
	}
	if n := p.Of[0][2][0].N; n != 100 {
		t.Errorf("%d cells know some, want 100", n)
	}
	fig, err := p.Figure()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">own loss<", ">nothing held: plain τ-b (n = 150)<", ">size (n = 150)<"} {
		if !strings.Contains(fig.SVG(), want) {
			t.Errorf("the figure lacks %s", want)
		}
	}
	if s := p.HTML(); strings.Count(s, "<table>") != 2 || !strings.Contains(s, "own loss") {
		t.Errorf("tables: %s", s)
	}
}

func TestMixAll(t *testing.T) {
	c := partialSample(150)
	few := partialSample(20)
	few.Name = "few"
	all, err := MixAll(t.Context(), []*truth.Cells{c, few}, []Mixture{
		{"size", []truth.Signal{sizeSignal}, ownSignal}, {"size, echo", []truth.Signal{sizeSignal, echoSignal}, ownSignal},
	}, CompareConfig{Resamples: 60})
	if err != nil {
		t.Fatal(err)
	}
	if all.Of[1][0] != nil {
		t.Error("20 cells are taken for enough")
	}
	truth, cols, err := truth.KnownColumns(c, []truth.Signal{sizeSignal, ownSignal})
	if err != nil {
		t.Fatal(err)
	}
	mean := make([]float64, len(truth))
	for i := range mean {
		for _, x := range cols {
			for _, v := range x {
				if v < x[i] {
					mean[i]++
				}
			}
		}
	}
	r := all.Of[0][0]
	best := math.Max(naiveTau(truth, cols[0]), naiveTau(truth, cols[1]))
	if got, want := r.By[0].Tau.Estimate, naiveTau(truth, mean); math.Abs(got-want) > 1e-12 {
		t.Errorf("the mean of ranks has tau %v, want %v", got, want)
	}
	if got, want := r.By[0].OverBest.Estimate, naiveTau(truth, mean)-best; math.Abs(got-want) > 1e-12 {
		t.Errorf("it gains %v over the best part, want %v", got, want)
	}
	if r.BestTau.Estimate != corr.Tau(truth, cols[0]) && r.BestTau.Estimate != corr.Tau(truth, cols[1]) {
		t.Errorf("the best part has tau %v", r.BestTau.Estimate)
	}
	for _, m := range r.By {
		if !m.OverBest.Excludes(0) || !m.OverBase.Excludes(0) {
			t.Errorf("%s: two independent causes gain %v over the best, %v over the base", m.Method, m.OverBest, m.OverBase)
		}
	}
	// With a base of several signals its own mixture is what counts.
	mixed, err := corr.RankMix(cols[0], mustFloats(t, c, "echo"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := all.Of[0][1].Base.Estimate, naiveTau(truth, mixed); math.Abs(got-want) > 1e-12 {
		t.Errorf("the base has tau %v, want %v", got, want)
	}
	for name, f := range map[string]func() (string, error){
		"tau":  func() (string, error) { f, err := all.Figure(); return f.SVG(), err },
		"gain": func() (string, error) { f, err := all.GainFigure(); return f.SVG(), err },
	} {
		if svg, err := f(); err != nil || !strings.Contains(svg, "size, echo (n = 150)") {
			t.Errorf("figure of %s: %v", name, err)
		}
	}
}

func mustFloats(t *testing.T, c *truth.Cells, column string) []float64 {
	t.Helper()
	x, err := frame.Floats(c.Frame, column)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestMixColumn(t *testing.T) {
	c := &truth.Cells{Frame: fixture.Frame(fixture.Text(frame.KeyColumn, "a", "b", "c"), fixture.Floats("x", 1, 2, 3), fixture.Floats("y", 9, 8, 8))}
	s, err := c.Mix("mix", "a mixture", truth.Signal{Column: "x"}, truth.Signal{Column: "y", Lower: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Values(c.Frame)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1.0 / 3, 4.5 / 6, 5.5 / 6} {
		if math.Abs(got[i]-want) > 1e-15 {
			t.Errorf("row %d is %v, want %v", i, got[i], want)
		}
	}
	if _, err := c.Mix("mix2", "", truth.Signal{Column: "z"}); err == nil {
		t.Error("a column that is not there gives no error")
	}
}

// TestIndependenceRecord records what is known, and says so where nothing is.
func TestIndependenceRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results")
	t.Setenv(report.ResultsEnv, path)
	c := partialSample(60)
	c.Frame = c.Frame.Mutate(series.New(mustFloats(t, c, "size"), series.Float, truth.Parameters.Column))
	p, err := PartialAll(t.Context(), []*truth.Cells{c}, []truth.Signal{ownSignal}, []Control{{"parameters", []truth.Signal{truth.Parameters}}}, CompareConfig{Resamples: 20})
	if err != nil {
		t.Fatal(err)
	}
	m, err := MixAll(t.Context(), []*truth.Cells{c}, []Mixture{{"parameters", []truth.Signal{truth.Parameters}, ownSignal}}, CompareConfig{Resamples: 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Record("05"); err != nil {
		t.Fatal(err)
	}
	if err := m.Record("05"); err != nil {
		t.Fatal(err)
	}
	got := readFile(t, path)
	for _, want := range []string{`"05.made.partial_tau.own.given_parameters"`, `"05.made.gain_over_best.parameters.ranks"`, `"05.made.mixture.parameters.values_fitted"`} {
		if strings.Count(got, want) != 1 {
			t.Errorf("the file of results has %s %d times", want, strings.Count(got, want))
		}
	}
	for _, s := range []interface{ HTML() string }{&Partials{}, &MixtureResults{}} {
		if !strings.Contains(s.HTML(), "No table of trained accuracies") {
			t.Errorf("%T without a truth shows %q", s, s.HTML())
		}
	}
	if f, err := new(MixtureResults).Figure(); err != nil || !strings.Contains(f.SVG(), "No table") {
		t.Error("the figure without a truth does not say so")
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
