package study

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// parsed reads architectures of a space.
func parsed(t *testing.T, name string, texts ...string) []space.Architecture {
	t.Helper()
	s, err := space.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	var out []space.Architecture
	for _, text := range texts {
		a, err := s.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

// The cell of one 3x3 and one 1x1 convolution beside each other, written down in
// two orders of its vertices.
const (
	sideBySide = "0110/0001/0001/0000 input,conv3x3-bn-relu,conv1x1-bn-relu,output"
	turned     = "0110/0001/0001/0000 input,conv1x1-bn-relu,conv3x3-bn-relu,output"
	smallest   = "01/00 input,output"
	pooled     = "010/001/000 input,maxpool3x3,output"
)

// TestRank ranks a list with two spellings of one cell, and compares every number
// with that of an evaluation, and every place with one counted here.
func TestRank(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	set := imageset.Drawn(60, 1)
	all := parsed(t, "nasbench101", smallest, turned, pooled, sideBySide)
	df, err := Rank(t.Context(), all, set, RankConfig{Setting: smallPair()})
	if err != nil {
		t.Fatal(err)
	}
	if df.Nrow() != 4 {
		t.Fatalf("%d rows of 4", df.Nrow())
	}
	byRow := map[int]int{} // rows of the frame by the list's
	for i, r := range ints(t, df, RowColumn) {
		byRow[r] = i
	}
	got := func(column string, row int) float64 { return df.Col(column).Elem(byRow[row]).Float() }
	for row, a := range all {
		net, err := a.Network(8, arch.Shape{H: set.H, W: set.W, C: set.C})
		if err != nil {
			t.Fatal(err)
		}
		r, err := nngpkit.Evaluate(t.Context(), net, set, nngpkit.Config{Train: 30, Val: 20, Members: 3, Norm: forward.None, Views: []nngpkit.View{nngpkit.Maxima}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := r.Measure(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range m.Scores() {
			if want := float64(float32(s.Value)); got(s.Name, row) != want && !(math.IsNaN(want) && math.IsNaN(got(s.Name, row))) {
				t.Errorf("row %d: %s is %v, an evaluation has %v", row, s.Name, got(s.Name, row), want)
			}
		}
		for k, c := range space.AllCounts(space.Of(a)) {
			if want := space.CountsOf(a.Canonical())[k]; got(c.Name, row) != want {
				t.Errorf("row %d: %s is %v, want %v", row, c.Name, got(c.Name, row), want)
			}
		}
		if df.Col(frame.KeyColumn).Records()[byRow[row]] != a.Key() || got("gflops", row) != 2*float64(a.Canonical().MACs())*1e-9 {
			t.Errorf("row %d has hash %s and %v GFLOP", row, df.Col(frame.KeyColumn).Records()[byRow[row]], got("gflops", row))
		}
	}
	// The three different cells, ranked anew.
	better := func(a, b int) bool { return got(MixtureColumn, a) > got(MixtureColumn, b) }
	for _, row := range []int{0, 1, 2} {
		place, mixture := 1, 0.0
		for _, other := range []int{0, 1, 2} {
			if better(other, row) {
				place++
			}
			for _, name := range RecommendedMix() {
				switch x, y := got(name, other), got(name, row); {
				case x < y || other == row:
					mixture += 1.0 / 9
				case x == y: // ties have the mean of their ranks
					mixture += 0.5 / 9
				}
			}
		}
		if got(PlaceColumn, row) != float64(place) || math.Abs(got(MixtureColumn, row)-mixture) > 1e-12 {
			t.Errorf("row %d has place %v with %v, want %d with %v", row, got(PlaceColumn, row), got(MixtureColumn, row), place, mixture)
		}
	}
	if got(PlaceColumn, 1) != got(PlaceColumn, 3) || df.Col("matrix").Elem(byRow[1]).String() != df.Col("matrix").Elem(byRow[3]).String() {
		t.Error("two spellings of one cell do not share a place")
	}
	if places := ints(t, df, PlaceColumn); !slices.IsSorted(places) || places[0] != 1 {
		t.Errorf("places %v are not the best first", places)
	}
	for _, name := range df.Names() {
		if strings.Contains(name, "seconds") {
			t.Errorf("column %s changes from run to run", name)
		}
	}
}

// TestRankResumes checks that nothing is computed twice, and that a list scored in
// two parts is that scored at once.
func TestRankResumes(t *testing.T) {
	set, err := imageset.Noise(imageset.NoiseConfig{Images: 40, H: 8, W: 8})
	if err != nil {
		t.Fatal(err)
	}
	s, err := space.Find("nasbench201")
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Sample(5, 1)
	if err != nil {
		t.Fatal(err)
	}
	setting := Recommended()
	setting.Width, setting.Train, setting.Val, setting.Members = 4, 16, 8, 2
	fresh := 0
	cfg := RankConfig{Setting: setting, Progress: func(done, total, f int) { fresh = f }}
	csv := func(list []space.Architecture) string {
		t.Helper()
		df, err := Rank(t.Context(), list, set, cfg)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := frame.WriteCSV(&b, df); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	t.Setenv(sweep.CacheEnv, t.TempDir())
	whole := csv(all)
	t.Setenv(sweep.CacheEnv, t.TempDir())
	csv(all[:2])
	if fresh != 2 {
		t.Errorf("%d networks scored, want 2", fresh)
	}
	if csv(all) != whole || fresh != 3 {
		t.Errorf("the list in two parts is another, or %d more networks were scored, want 3", fresh)
	}
	fresh = 0
	if csv(all) != whole || fresh != 0 {
		t.Errorf("%d networks were scored again", fresh)
	}
	// Noise has no labels.
	for _, st := range gp.Catalogue() {
		if has := strings.Contains(whole, ","+st.Name+","); has == st.Labels {
			t.Errorf("without labels: column %s is there: %v", st.Name, has)
		}
	}
}

// TestPlaces compares places with those counted by hand: ties share the smallest,
// a missing value has none, and the direction of a signal counts.
func TestPlaces(t *testing.T) {
	nan := math.NaN()
	df := fixture.Frame(fixture.Floats("a", 1, 2, 2, nan, 5), fixture.Floats("b", 9, 8, 8, 1, 10))
	a, b := truth.Signal{Column: "a"}, truth.Signal{Column: "b"}
	turnedB := truth.Signal{Column: "b", Lower: true}
	for _, c := range []struct {
		mix  []truth.Signal
		want []float64
	}{
		{[]truth.Signal{a}, []float64{4, 2, 2, nan, 1}},
		{[]truth.Signal{b}, []float64{2, 3, 3, 5, 1}},
		// Ranks of a 1, 2.5, 2.5, -, 4; of b 3, 1.5, 1.5, -, 4: sums 4, 4, 4, 8.
		{[]truth.Signal{a, b}, []float64{2, 2, 2, nan, 1}},
		// Of b turned 2, 3.5, 3.5, -, 1: sums 3, 6, 6, 5.
		{[]truth.Signal{a, turnedB}, []float64{4, 1, 1, nan, 3}},
		{[]truth.Signal{a, {Column: "none of them has it"}}, []float64{nan, nan, nan, nan, nan}},
	} {
		got, mixture, err := places(df, c.mix)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if got[i] != c.want[i] && !(math.IsNaN(got[i]) && math.IsNaN(c.want[i])) || math.IsNaN(got[i]) != math.IsNaN(mixture[i]) {
				t.Errorf("%v: places %v, want %v; mixture %v", c.mix, got, c.want, mixture)
				break
			}
		}
	}
}

// TestRankDead ranks on images that are all the same: no network can tell them
// apart, so none has a place, and that is no error.
func TestRankDead(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	set := &imageset.Set{Name: "flat", H: 8, W: 8, C: 3, Pixels: make([]uint8, 30*8*8*3), Labels: make([]int, 30)}
	setting := smallPair()
	setting.Train, setting.Val, setting.Members = 16, 8, 1
	df, err := Rank(t.Context(), parsed(t, "nasbench101", smallest, pooled), set, RankConfig{Setting: setting})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range df.Col(PlaceColumn).IsNaN() {
		if !e || !math.IsNaN(df.Col(MixtureColumn).Float()[i]) {
			t.Errorf("row %d has place %v", i, df.Col(PlaceColumn).Elem(i))
		}
	}
}

func TestMixSignals(t *testing.T) {
	s, err := space.Find("nasbench101")
	if err != nil {
		t.Fatal(err)
	}
	got, err := MixSignals(s, true, []string{"whole_loo_squared_error", "-parameters", " macs ", "-train_loo_squared_error", "conv3x3", "gflops"})
	if err != nil {
		t.Fatal(err)
	}
	// Errors are better where they are small: their catalogue says so.
	for i, lower := range []bool{true, true, false, false, false, false} {
		if got[i].Lower != lower {
			t.Errorf("%s: small values are better: %v", got[i].Column, got[i].Lower)
		}
	}
	for _, c := range []struct {
		labeled bool
		names   []string
		reason  string
	}{
		{true, nil, "names no signal"},
		{true, []string{"log_det", "log_dett"}, `nothing called "log_dett"`},
		{true, []string{""}, `nothing called ""`},
		{true, []string{"log_det", "-log_det"}, "log_det twice"},
		{false, []string{"accuracy"}, "no labels"},
	} {
		if _, err := MixSignals(s, c.labeled, c.names); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%q: %v, want %q", c.names, err, c.reason)
		}
	}
	if _, err := MixSignals(s, false, RecommendedMix()); err != nil {
		t.Errorf("the recommended mixture needs labels: %v", err)
	}
}

// TestRankBadInput checks that nothing is computed for what cannot be ranked.
func TestRankBadInput(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	set := imageset.Drawn(60, 1)
	narrow := smallPair()
	narrow.Width = 2
	one := parsed(t, "nasbench101", smallest)
	other := parsed(t, "nasbench201", "|none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|")
	for _, c := range []struct {
		list   []space.Architecture
		cfg    RankConfig
		reason string
	}{
		{nil, RankConfig{}, "no architecture"},
		{append(one, nil), RankConfig{}, "architecture 1"},
		{[]space.Architecture{nil}, RankConfig{}, "architecture 0"},
		{append(one, other...), RankConfig{}, "none of nasbench101"},
		{parsed(t, "nasbench101", smallest, sideBySide, "01110/00001/00001/00001/00000 input,conv1x1-bn-relu,conv1x1-bn-relu,conv1x1-bn-relu,output"), RankConfig{Setting: narrow}, "architecture 2 of the list"},
		{one, RankConfig{Setting: smallPair(), Mix: []string{"speed"}}, `"speed"`},
		{one, RankConfig{Setting: smallPair(), View: "best"}, `"best"`},
		{one, RankConfig{}, "750"}, // 500 + 250 images of 60
	} {
		df, err := Rank(t.Context(), c.list, set, c.cfg)
		if err == nil {
			t.Errorf("%s: no error, %d rows", c.reason, df.Nrow())
			continue
		}
		if c.reason != "750" && !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), "study: rank") {
			t.Errorf("%v, want %q", err, c.reason)
		}
	}
}

func ints(t *testing.T, df dataframe.DataFrame, column string) []int {
	t.Helper()
	x, err := df.Col(column).Int()
	if err != nil {
		t.Fatal(err)
	}
	return x
}
