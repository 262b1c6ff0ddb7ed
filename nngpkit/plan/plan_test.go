package plan

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// taus returns a mixture with the same tau on two truths: a on the cells for
// choosing, r on the others.
func taus(a, r float64, n int, with ...string) EvidenceMix {
	t := EvidenceTau{"official", n, a, n, r, r - 0.1, r + 0.1}
	u := t
	u.Truth = "retrained"
	return EvidenceMix{with, []EvidenceTau{t, u}}
}

// planEvidence is a space of three settings: 1 and 4 members of 8 images, and
// the public one.
func planEvidence() (*Evidence, *Speed) {
	one := EvidencePass{Width: 8, Members: 1, Train: 4, Val: 2, Norm: "ema", NormBatch: 2}
	four := one
	four.Members = 4
	ev := &Evidence{Tables: []EvidenceTable{{"members8", 300, 951}}, Entries: []EvidenceEntry{
		{Mixes: []EvidenceMix{taus(.3, .31, 150, "parameters"), taus(.4, .38, 150, "conv3x3")}},
		{[]EvidencePass{one}, "whole_lml", []EvidenceMix{taus(.2, .2, 150), taus(.45, .44, 150, "parameters")}},
		{[]EvidencePass{four}, "whole_lml", []EvidenceMix{taus(.5, .41, 150), taus(.6, .55, 150, "parameters")}},
		{[]EvidencePass{four}, "accuracy", []EvidenceMix{taus(.9, .9, 40)}}, // of too few cells
		{[]EvidencePass{publicPass}, "accuracy", []EvidenceMix{taus(.1, .12, 40)}},
	}}
	// A member of one of 8 images: 8 x 0.25 = 2 s; scores 1 s: 3 s and 9 s a cell.
	sp := &Speed{Threads: 2, Forward: map[int]float64{8: 0.25, 128: 10}, Scoring: map[int]float64{6: 1, 300: 5}}
	return ev, sp
}

// TestMake works out the times by hand: 100 cells on 2 threads take 150 s
// with 1 member, 450 s with 4, and (2 x 400 x 10 + 5) x 50 s with the public
// setting.
func TestMake(t *testing.T) {
	ev, sp := planEvidence()
	for _, c := range []struct {
		budget, threads             int
		tenth, recommended, tenfold string
	}{
		{149, 0, "conv3x3", "conv3x3", "4 parameters"},
		{150, 2, "conv3x3", "1 parameters", "4 parameters"},
		{449, 0, "conv3x3", "1 parameters", "4 parameters"},
		{450, 0, "conv3x3", "4 parameters", "4 parameters"},
		{1500, 0, "1 parameters", "4 parameters", "4 parameters"},
		{225, 4, "conv3x3", "4 parameters", "4 parameters"},
		{45, 2, "conv3x3", "conv3x3", "4 parameters"},
		{44, 2, "conv3x3", "conv3x3", "1 parameters"},
	} {
		p, err := Make(ev, sp, Config{Budget: time.Duration(c.budget) * time.Second, Cells: 100, Threads: c.threads, Mix: MixAny})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			name string
			got  Choice
			want string
		}{{"tenth", p.Tenth, c.tenth}, {"recommended", p.Recommended, c.recommended}, {"tenfold", p.TenTimes, c.tenfold}} {
			got := strings.Join(x.got.Best.With, " ")
			if len(x.got.Passes) > 0 {
				got = string(rune('0'+x.got.Passes[0].Members)) + " " + got
			}
			if got != x.want {
				t.Errorf("budget %d s on %d threads, %s: %q, want %q", c.budget, c.threads, x.name, got, x.want)
			}
		}
	}
	p, err := Make(ev, sp, Config{Budget: 450 * time.Second, Cells: 100, Mix: MixAny})
	if err != nil {
		t.Fatal(err)
	}
	if p.Recommended.Seconds != 450 || p.Recommended.Best.Taus[0].Reporting != .55 || p.SecondsACell != 9 || p.Public.Seconds != 8005*50 {
		t.Errorf("plan %+v", p)
	}
	for mix, want := range map[string]string{MixNone: "1 alone", MixParameters: "1 with parameters", "": "1 with parameters"} {
		q, err := Make(ev, sp, Config{Budget: 150 * time.Second, Cells: 100, Mix: mix})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(q.Recommended.Passes[0].Members, " ", q.Recommended.Best.name()); got != want {
			t.Errorf("mixtures %q: %s, want %s", mix, got, want)
		}
		if q.Tenth.Passes != nil || (mix == MixNone) != (q.Tenth.Mixes == nil) {
			t.Errorf("mixtures %q: a tenth buys %+v", mix, q.Tenth)
		}
	}
	if p.Next != nil {
		t.Errorf("better than the best is %+v", p.Next)
	}
	// In 149 s of the 150 that 1 member takes, 99 of the 100 cells.
	q, err := Make(ev, sp, Config{Budget: 149 * time.Second, Cells: 100, Mix: MixAny})
	if err != nil || q.Next == nil || q.Next.Passes[0].Members != 1 || q.NextCells != 99 || !strings.Contains(q.String(), "it scores 99 cells") {
		t.Errorf("next %+v, %d cells, %v", q.Next, q.NextCells, err)
	}
	for _, want := range []string{"width 8, 4 members, 4 + 2 images, norm ema", "whole_lml, with parameters", "official 0.550 [0.450, 0.650] n 150", "takes    8 min",
		"public notebook", "note: the table members8 has 300 of its 951 cells"} {
		if !strings.Contains(p.String(), want) {
			t.Errorf("the plan lacks %q:\n%s", want, p)
		}
	}
}

func TestMakeRefuses(t *testing.T) {
	ev, sp := planEvidence()
	for _, cfg := range []Config{{Cells: 1, Threads: 1}, {Budget: time.Hour}, {Budget: time.Hour, Cells: 1, Threads: -1}, {Budget: time.Hour, Cells: 1, Mix: "gold"}} {
		if _, err := Make(ev, sp, cfg); err == nil {
			t.Errorf("%+v makes a plan", cfg)
		}
	}
	good := Config{Budget: time.Hour, Cells: 1, Threads: 1}
	if _, err := Make(&Evidence{}, sp, good); err == nil {
		t.Error("no evidence makes a plan")
	}
	delete(sp.Forward, 128)
	if _, err := Make(ev, sp, good); err == nil || !strings.Contains(err.Error(), "width 128") {
		t.Errorf("an unknown speed gives the error %v", err)
	}
}

// TestEvidenceTau compares a mixture's tau with one worked out from the same
// columns here, without gathering, and checks that the halves do not mix.
// TestMakeExtremes: whatever the budget, the cells and the threads, a plan has no
// number that is none, negative or rolled over, and says what fits.
func TestMakeExtremes(t *testing.T) {
	ev, sp := planEvidence()
	bad, small := regexp.MustCompile(`NaN|Inf|[ (:[]-[0-9]`), regexp.MustCompile(`e-[0-9]+`)
	for _, budget := range []time.Duration{1, time.Microsecond, time.Second, 1000 * time.Hour, math.MaxInt64} {
		for _, cells := range []int{1, 423624, math.MaxInt32, math.MaxInt64} {
			for _, threads := range []int{0, 1, 1 << 20, math.MaxInt64} {
				p, err := Make(ev, sp, Config{Budget: budget, Cells: cells, Threads: threads})
				if err != nil {
					t.Fatal(err)
				}
				p.AddNoise(0.05, []NoiseEvidence{{Signal: "e", Truth: "uniform", Tau: .5, Lo: .4, Hi: .6, Cells: 100}})
				text := p.String()
				js, err := json.Marshal(p)
				if err != nil {
					t.Fatal(err)
				}
				if bad.MatchString(small.ReplaceAllString(text+string(js), "")) {
					t.Errorf("%v, %d cells, %d threads:\n%s%s", budget, cells, threads, text, js)
				}
				used := float64(p.Threads) * budget.Seconds() / float64(cells)
				if got := p.SecondsACell; math.Abs(got/used-1) > 1e-12 {
					t.Errorf("%v, %d cells, %d threads: %g s a cell, want %g", budget, cells, threads, got, used)
				}
				if fits := used >= 3; fits != (len(p.Recommended.Passes) > 0) { // a member takes 3 s a cell
					t.Errorf("%v, %d cells, %d threads: recommends %v", budget, cells, threads, p.Recommended.Passes)
				}
				if p.Next != nil && (p.NextCells < 0 || p.NextCells > cells || p.Next.Seconds <= p.Budget) {
					t.Errorf("%v, %d cells, %d threads: next %d cells, %v", budget, cells, threads, p.NextCells, *p.Next)
				}
			}
		}
	}
	for _, seconds := range []float64{math.NaN(), math.Inf(1), -1} {
		sp.Forward[8] = seconds
		if p, err := Make(ev, sp, Config{Budget: time.Hour, Cells: 10}); err == nil {
			t.Errorf("a speed of %v: %v", seconds, p)
		}
	}
}

func TestEvidenceTau(t *testing.T) {
	cells := sampled(t, 120)
	hashes := cells.Frame.Col(frame.KeyColumn).Records()
	truths := make([]float64, len(hashes))
	pass := EvidencePass{Width: 8, Members: 2, Train: 4, Val: 2, Norm: "ema", NormBatch: 2}
	p := part{pass, "whole_loo_squared_error", true}
	q := part{pass, "whole_lml", false}
	g := &gathering{resamples: 200, truths: []*truth.Cells{cells}, values: map[string]map[string]float64{p.key(): {}, q.key(): {}}}
	parameters := cells.Frame.Col(truth.Parameters.Column).Float()
	var y, x, z [2][]float64
	for i, h := range hashes {
		noise := math.Mod(float64(i)*0.61803398875, 1)
		truths[i] = noise + math.Mod(float64(i)*0.7548776662, 1)
		g.values[q.key()][h] = math.Mod(float64(i)*0.5698402910, 1)
		if i == 5 {
			continue // never scored
		}
		g.values[p.key()][h] = -noise
		half := 1
		if truth.Choosing(h) {
			half = 0
		}
		y[half], x[half], z[half] = append(y[half], truths[i]), append(x[half], noise), append(z[half], parameters[i])
	}
	cells.Frame = cells.Frame.Mutate(fixture.FloatSeries(truths, truth.TruthColumn))
	e, ok, err := g.measure(t.Context(), recipe{[]part{p}, p.column})
	if err != nil || !ok || len(e.Mixes) != 4 {
		t.Fatalf("%+v, %v, %v", e, ok, err)
	}
	for i, free := range [][][]float64{nil, {z[0], z[1]}} {
		var want [2]float64
		for half := range want {
			cols := [][]float64{x[half]}
			if len(free) > 0 {
				cols = append(cols, free[half])
			}
			mixed, err := corr.RankMix(cols...)
			if err != nil {
				t.Fatal(err)
			}
			want[half] = corr.Tau(y[half], mixed)
		}
		got := e.Mixes[i].Taus[0]
		if math.Abs(got.Choosing-want[0]) > 5e-5 || math.Abs(got.Reporting-want[1]) > 5e-5 || got.ChoosingN+got.ReportingN != len(hashes)-1 {
			t.Errorf("%s: %+v, want %v", e.Mixes[i].name(), got, want)
		}
		if !(got.Lo < got.Reporting && got.Reporting < got.Hi && got.Lo > got.Reporting-0.4) {
			t.Errorf("%s: interval %+v", e.Mixes[i].name(), got)
		}
	}
	if _, ok, err := g.measure(t.Context(), recipe{[]part{p, {pass, "log_det", false}}, ""}); ok || err != nil {
		t.Errorf("a recipe that no cell has is measured: %v, %v", ok, err)
	}
}

// TestEvidencePairs mixes two kernels of one pass, and two scores of one kernel,
// and counts the pass once.
func TestEvidencePairs(t *testing.T) {
	cells := sampled(t, 120)
	pass := EvidencePass{Width: 8, Members: 2, Train: 4, Val: 2, Norm: "none"}
	depths, maxima := pass, pass
	depths.Views, maxima.Views = string(nngpkit.Depths), string(nngpkit.Maxima)
	other := depths
	other.Members = 4 // without maxima
	g := &gathering{resamples: 50, truths: []*truth.Cells{cells}, values: map[string]map[string]float64{}}
	for _, p := range []part{{depths, "whole_lml", false}, {maxima, "log_det", false}, {maxima, "effective_dimension", false}, {other, "whole_lml", false}} {
		g.known = append(g.known, p)
		at := map[string]float64{}
		g.values[p.key()] = at
		for i, h := range cells.Frame.Col(frame.KeyColumn).Records() {
			at[h] = math.Mod(float64(i+len(g.known))*0.61803398875, 1)
		}
	}
	truths := make([]float64, cells.Len())
	for i := range truths {
		truths[i] = float64(i % 17)
	}
	cells.Frame = cells.Frame.Mutate(fixture.FloatSeries(truths, truth.TruthColumn))
	pairs := g.pairs()
	if len(pairs) != 2 {
		t.Fatalf("%d pairs, want those of which both parts are known", len(pairs))
	}
	e, ok, err := g.measure(t.Context(), pairs[0])
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	want := pass
	want.Views = "depths+maxima"
	if len(e.Passes) != 1 || e.Passes[0] != want || want.views() != 2 {
		t.Errorf("passes %+v, want %+v", e.Passes, want)
	}
	two, ok, err := g.measure(t.Context(), pairs[1])
	if err != nil || !ok || len(two.Passes) != 1 || two.Passes[0] != maxima || two.Score != "mean rank of log_det, effective_dimension (maxima)" {
		t.Errorf("two scores of one kernel: %+v, %v, %v", two, ok, err)
	}
	if text := want.String(); text != "width 8, 2 members, 4 + 2 images, norm none, view depths and maxima" {
		t.Errorf("described as %q", text)
	}
}

func TestEvidenceFile(t *testing.T) {
	ev, _ := planEvidence()
	path := filepath.Join(t.TempDir(), EvidenceFile)
	if err := ev.Save(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := new(Evidence)
	if err := json.Unmarshal(b, read); err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	if !reflect.DeepEqual(read.Entries[1:], ev.Entries[1:]) || len(read.Entries) != 5 || !reflect.DeepEqual(read.Tables, ev.Tables) {
		t.Errorf("read %+v, wrote %+v", read, ev)
	}
}

// TestCheckEvidenceFile: evidence is not written over what something else wrote.
func TestCheckEvidenceFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), EvidenceFile)
	ev, _ := planEvidence()
	ev.Command = evidenceCommand
	for range 2 {
		if err := CheckEvidenceFile(path); err != nil {
			t.Error(err)
		}
		if err := ev.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"", "mine", "{}"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := CheckEvidenceFile(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", text, err)
		}
		if err := CheckNoiseFile(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("noise: %q: %v", text, err)
		}
	}
	// One command's evidence is not the other's, and a place that takes none is known
	// before anything is measured.
	if err := os.WriteFile(path, []byte(`{"command":"`+noiseCommand+`","entries":[]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := CheckEvidenceFile(path); err == nil {
		t.Error("evidence is written over that of noise")
	}
	if err := CheckNoiseFile(path); err != nil {
		t.Error(err)
	}
	for _, check := range []func(string) error{CheckEvidenceFile, CheckNoiseFile} {
		if err := check(filepath.Join(path, "below", "a", "file")); err == nil {
			t.Error("a file below a file")
		}
	}
}

// TestMeasureSpeed checks signs and orders only: a clock says no more in a test.
func TestMeasureSpeed(t *testing.T) {
	sp, err := MeasureSpeed(t.Context(), []int{8}, []int{60, 240}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if sp.Threads != 1 || !(sp.Forward[8] > 0) || !(sp.Scoring[60] > 0) || !(sp.Scoring[240] > 0) {
		t.Errorf("speed %+v", sp)
	}
	// The mean GFLOP per image of the whole space is 2.50 at width 128; it falls
	// almost with the square of the width. 1,000 cells know it within 8 %.
	if g := sp.GFLOPs[8]; g < 2.5/256*0.92 || g > 2.5/256*1.3 {
		t.Errorf("%v GFLOP per image of a mean cell at width 8", g)
	}
}
