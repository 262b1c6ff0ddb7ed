package corr

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"sort"
	"strings"
	"testing"
)

// num is a number of a golden file, NaN where that has null.
type num float64

func (n *num) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = num(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

type golden struct {
	Pairs []struct {
		Name        string
		X, Y, Ranks []float64
		Tau         num
		TauP        num `json:"tau_p"`
		R           num
		RP          num `json:"r_p"`
		RLower      num `json:"r_lower"`
		RUpper      num `json:"r_upper"`
		Rho         num
		RhoP        num `json:"rho_p"`
		AUC         []struct {
			Threshold, Value, SE num
			Positives            int
		}
	}
	Partials []struct {
		Name                       string
		X, Y                       []float64
		Controls                   [][]float64
		Pearson, Spearman, Kendall struct {
			Value, P, Lower, Upper num
			Controls               int
		}
	}
	Tops []struct {
		Name          string
		Truth, Signal []float64
		Rows          []struct {
			K                               int
			Discovered, Overlap, Mean, Top3 float64
		}
	}
	Bootstraps []struct {
		Estimate, SE            float64
		Distribution, Jackknife []float64
		Percentile, BCa         []float64
	}
}

func load(t *testing.T) *golden {
	t.Helper()
	b, err := os.ReadFile("testdata/corr.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return &g
}

// near compares to 1e-10, relative for p-values in the tails; NaN equals NaN.
func near(t *testing.T, name string, got float64, want num) {
	t.Helper()
	w := float64(want)
	if math.IsNaN(w) != math.IsNaN(got) || math.Abs(got-w) > 1e-10 {
		t.Errorf("%s: got %.15g, want %.15g", name, got, w)
	}
}

// nearP also asks for relative agreement of small p-values: 1e-7, because
// both sides evaluate a tail of order exp(-z^2/2) at a z known to 1e-15.
func nearP(t *testing.T, name string, got float64, want num) {
	t.Helper()
	near(t, name, got, want)
	if w := float64(want); w > 1e-280 && math.Abs(got/w-1) > 1e-7 {
		t.Errorf("%s: got %.15g, want %.15g", name, got, w)
	}
}

// TestPairs compares with SciPy and scikit-learn (testdata/corr.py).
func TestPairs(t *testing.T) {
	for _, c := range load(t).Pairs {
		t.Run(c.Name, func(t *testing.T) {
			k, err := Kendall(c.X, c.Y)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "tau", k.Value, c.Tau)
			nearP(t, "tau p", k.P, c.TauP)
			p, err := Pearson(c.X, c.Y)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "r", p.Value, c.R)
			nearP(t, "r p", p.P, c.RP)
			near(t, "r lower", p.Lower, c.RLower)
			near(t, "r upper", p.Upper, c.RUpper)
			s, err := Spearman(c.X, c.Y)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "rho", s.Value, c.Rho)
			nearP(t, "rho p", s.P, c.RhoP)
			for i, r := range Ranks(c.Y) {
				if r != c.Ranks[i] {
					t.Errorf("rank %d: got %v, want %v", i, r, c.Ranks[i])
				}
			}
			var ts []float64
			for _, a := range c.AUC {
				ts = append(ts, float64(a.Threshold))
			}
			aucs, err := PQETP(c.X, c.Y, ts)
			if err != nil {
				t.Fatal(err)
			}
			for i, a := range aucs {
				near(t, "auc", a.Value, c.AUC[i].Value)
				near(t, "auc se", a.SE, c.AUC[i].SE)
				if a.Positives != c.AUC[i].Positives || a.Positives+a.Negatives != len(c.X) {
					t.Errorf("auc %d: %d positives, want %d", i, a.Positives, c.AUC[i].Positives)
				}
				near(t, "auc statistic", AUCAbove(ts[i])(c.X, c.Y), c.AUC[i].Value)
			}
		})
	}
}

// TestPartials compares with residuals of least squares and the inverse of the
// matrix of tau-b.
func TestPartials(t *testing.T) {
	for _, c := range load(t).Partials {
		t.Run(c.Name, func(t *testing.T) {
			p, err := PartialPearson(c.X, c.Y, c.Controls...)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "pearson", p.Value, c.Pearson.Value)
			nearP(t, "pearson p", p.P, c.Pearson.P)
			near(t, "pearson lower", p.Lower, c.Pearson.Lower)
			near(t, "pearson upper", p.Upper, c.Pearson.Upper)
			s, err := PartialSpearman(c.X, c.Y, c.Controls...)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "spearman", s.Value, c.Spearman.Value)
			nearP(t, "spearman p", s.P, c.Spearman.P)
			k, err := PartialKendall(c.X, c.Y, c.Controls...)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "kendall", k.Value, c.Kendall.Value)
			nearP(t, "kendall p", k.P, c.Kendall.P)
			if p.Controls != c.Pearson.Controls || k.Controls != c.Kendall.Controls {
				t.Errorf("controls %d and %d, want %d and %d", p.Controls, k.Controls, c.Pearson.Controls, c.Kendall.Controls)
			}
		})
	}
}

// TestPartialDegenerate has controls that determine a column.
func TestPartialDegenerate(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6}
	y := []float64{2, 1, 4, 3, 6, 5}
	z := []float64{3, 5, 7, 9, 11, 13} // 2x + 1
	for name, f := range map[string]func(x, y []float64, c ...[]float64) (Correlation, error){
		"pearson": PartialPearson, "spearman": PartialSpearman, "kendall": PartialKendall,
	} {
		c, err := f(x, y, z)
		if err != nil || !math.IsNaN(c.Value) || !math.IsNaN(c.P) {
			t.Errorf("%s given what determines x: %v, %v", name, c, err)
		}
		c, err = f([]float64{7, 7, 7, 7, 7, 7}, y, x)
		if err != nil || !math.IsNaN(c.Value) {
			t.Errorf("%s of a constant: %v, %v", name, c, err)
		}
		if _, err = f(x, y, x[:5]); err == nil || !strings.Contains(err.Error(), "control 0 has 5") {
			t.Errorf("%s with a short control: %v", name, err)
		}
		if _, err = f(x[:3], y[:3], []float64{1, 0, 0}, []float64{0, 1, 0}); err == nil {
			t.Errorf("%s with too few rows was accepted", name)
		}
	}
}

// TestTops compares with every choice of tied rows, enumerated in exact
// fractions.
func TestTops(t *testing.T) {
	for _, c := range load(t).Tops {
		t.Run(c.Name, func(t *testing.T) {
			var keep []int
			for _, r := range c.Rows {
				keep = append(keep, r.K)
				d, err := DiscoveredPerformance(c.Truth, c.Signal, r.K)
				if err != nil {
					t.Fatal(err)
				}
				near(t, "discovered", d, num(r.Discovered))
				o, err := Overlap(c.Truth, c.Signal, r.K)
				if err != nil {
					t.Fatal(err)
				}
				near(t, "overlap", o, num(r.Overlap))
				if Discovered(r.K)(c.Truth, c.Signal) != d || OverlapAt(r.K)(c.Truth, c.Signal) != o {
					t.Error("a Statistic differs from its function")
				}
			}
			for _, k := range keep { // Inclusion, by what it is to be: the mean of the rows kept
				in, sum := Inclusion(c.Signal, k), 0.0
				for i, p := range in {
					sum += p * c.Truth[i] / float64(k)
				}
				sh, err := Shares(c.Truth, c.Signal, 3, []int{k})
				if err != nil {
					t.Fatal(err)
				}
				if math.Abs(sum-sh[0].Mean) > 1e-12 {
					t.Errorf("top %d: mean by inclusion %v, want %v", k, sum, sh[0].Mean)
				}
			}
			sh, err := Shares(c.Truth, c.Signal, 3, keep)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range c.Rows {
				near(t, "share", sh[i].TopShare, num(r.Top3))
				near(t, "mean", sh[i].Mean, num(r.Mean))
				near(t, "best", sh[i].Best, num(r.Discovered))
			}
		})
	}
}

// TestDiscoveredLarge checks the expectation where binomial coefficients would
// overflow: among g tied rows with truths 0..g-1, the largest of r taken has
// mean r(g+1)/(r+1) - 1.
func TestDiscoveredLarge(t *testing.T) {
	const g = 20000
	truth, signal := make([]float64, g), make([]float64, g)
	for i := range truth {
		truth[i] = float64(i)
	}
	for _, r := range []int{1, 2, 10, 500, 19999, 20000} {
		got, err := DiscoveredPerformance(truth, signal, r)
		if err != nil {
			t.Fatal(err)
		}
		want := float64(r)*(g+1)/(float64(r)+1) - 1
		if math.Abs(got-want) > 1e-10*g {
			t.Errorf("r = %d: got %.12g, want %.12g", r, got, want)
		}
	}
}

// TestIntervals gives SciPy's bootstrap distributions to our intervals.
func TestIntervals(t *testing.T) {
	for i, c := range load(t).Bootstraps {
		iv := intervals(c.Estimate, c.Distribution, c.Jackknife, 0.9)
		near(t, "percentile lower", iv.PercentileLower, num(c.Percentile[0]))
		near(t, "percentile upper", iv.PercentileUpper, num(c.Percentile[1]))
		near(t, "BCa lower", iv.BCaLower, num(c.BCa[0]))
		near(t, "BCa upper", iv.BCaUpper, num(c.BCa[1]))
		near(t, "se", iv.SE, num(c.SE))
		if iv.Method != "BCa" || iv.Lower != iv.BCaLower {
			t.Errorf("case %d: method %s", i, iv.Method)
		}
	}
}

// slowTau is tau-b from its definition over all pairs.
func slowTau(x, y []float64) float64 {
	var num, tx, ty float64
	for i := range x {
		for j := range i {
			a, b := sign(x[i]-x[j]), sign(y[i]-y[j])
			num += a * b
			tx += a * a
			ty += b * b
		}
	}
	return num / math.Sqrt(tx) / math.Sqrt(ty)
}

func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// TestTauDefinition compares with all pairs, over sizes that use every path:
// comparing and counting sorts, one and two goroutines.
func TestTauDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{2, 3, 11, 12, 13, 25, 399, 400, 401, 1500} {
		for _, levels := range []int{2, 20, 1 << 30} {
			x, y := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = float64(rng.IntN(levels)) - float64(levels)/2
				y[i] = float64(rng.IntN(levels)) + 0.3*x[i]
			}
			want := slowTau(x, y)
			if got := Tau(x, y); math.IsNaN(want) != math.IsNaN(got) || math.Abs(got-want) > 1e-12 {
				t.Errorf("n %d, levels %d: got %v, want %v", n, levels, got, want)
			}
		}
	}
}

// TestTauLarge takes columns for two goroutines: blocks of 40 rows, increasing in
// both columns from block to block, so that only pairs within a block can be
// discordant and all others can be counted without looking.
func TestTauLarge(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const block, blocks = 40, parallelPairs/20 + 3
	n := block * blocks
	perm := rng.Perm(n)
	x, y := make([]float64, n), make([]float64, n)
	within := pairs{}
	for b := 0; b < blocks; b++ {
		u, v := make([]float64, block), make([]float64, block)
		for i := range u {
			u[i] = float64(rng.IntN(30)) + 1000*float64(b)
			v[i] = float64(rng.IntN(30)) + 1000*float64(b)
			x[perm[b*block+i]], y[perm[b*block+i]] = u[i], v[i]
		}
		for i := range u {
			for j := range i {
				a, b := sign(u[i]-u[j]), sign(v[i]-v[j])
				if a == 0 {
					within.tiedX++
				}
				if b == 0 {
					within.tiedY++
				}
				if a == 0 && b == 0 {
					within.tiedBoth++
				}
				if a*b < 0 {
					within.discordant++
				}
			}
		}
	}
	p := countPairs(x, y)
	if p.discordant != within.discordant || p.tiedX != within.tiedX || p.tiedY != within.tiedY || p.tiedBoth != within.tiedBoth {
		t.Errorf("got %+v, want %+v", p, within)
	}
}

// TestOrder compares with the standard library's sort over columns that take
// every path: few and many rows, all signs and sizes, both zeros, values that
// differ only in their last bits, and outliers that push all others into one
// prefix.
func TestOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	columns := map[string]func(i int) float64{
		"sizes":    func(int) float64 { return math.Ldexp(rng.NormFloat64(), rng.IntN(600)-300) },
		"normal":   func(int) float64 { return rng.NormFloat64() },
		"zeros":    func(i int) float64 { return math.Copysign(float64(i%3-1), float64(i%2)-0.5) * float64(i%2) },
		"last bit": func(int) float64 { return 1 + 0x1p-52*float64(rng.IntN(9)) },
		"outlier": func(i int) float64 {
			if i == 7 {
				return -1e300
			}
			return 0.9 + 0.01*math.Floor(100*rng.Float64())*rng.Float64()
		},
		"ties beside an outlier": func(i int) float64 {
			if i == 7 {
				return 1e300
			}
			return float64(rng.IntN(4))
		},
		"constant": func(int) float64 { return 0.1 },
	}
	for name, f := range columns {
		for _, n := range []int{1, 2, smallSort - 1, smallSort, 1000} {
			x := make([]float64, n)
			want := make([]int, n)
			for i := range x {
				x[i], want[i] = f(i), i
			}
			sort.SliceStable(want, func(a, b int) bool { return x[want[a]] < x[want[b]] })
			o := sortColumn(x)
			g := int32(0)
			for i, w := range want {
				if i > 0 && x[w] != x[want[i-1]] {
					g++
				}
				if int(o.row[i]) != w || o.group[i] != g {
					t.Fatalf("%s, n %d: position %d is row %d in group %d, want %d in %d", name, n, i, o.row[i], o.group[i], w, g)
				}
			}
		}
	}
}

func TestColumnErrors(t *testing.T) {
	ok := []float64{1, 2, 3}
	for _, c := range []struct {
		x, y []float64
		want string
	}{
		{ok, ok[:2], "has 3 rows"},
		{[]float64{1, math.NaN(), 3}, ok, "row 1 of"},
		{ok, []float64{1, 2, math.Inf(1)}, "row 2 of"},
		{nil, nil, "0 rows"},
	} {
		errs := map[string]error{}
		_, errs["Kendall"] = Kendall(c.x, c.y)
		_, errs["Pearson"] = Pearson(c.x, c.y)
		_, errs["Spearman"] = Spearman(c.x, c.y)
		_, errs["PQETP"] = PQETP(c.x, c.y, []float64{1})
		_, errs["Discovered"] = DiscoveredPerformance(c.x, c.y, 1)
		_, errs["Overlap"] = Overlap(c.x, c.y, 1)
		_, errs["Shares"] = Shares(c.x, c.y, 1, []int{1})
		_, errs["Bootstrap"] = Bootstrap(t.Context(), c.x, c.y, Tau, BootstrapConfig{})
		_, errs["BootstrapDifference"] = BootstrapDifference(t.Context(), c.x, c.y, c.y, Tau, BootstrapConfig{})
		_, errs["Compare"] = Compare(t.Context(), c.x, []Signal{{"s", c.y}}, ReportConfig{Top: 1})
		for name, err := range errs {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s(%v, %v): error %v, want one with %q", name, c.x, c.y, err, c.want)
			}
		}
	}
	for name, f := range map[string]func() error{
		"top 0":        func() error { _, err := DiscoveredPerformance(ok, ok, 0); return err },
		"top 4 of 3":   func() error { _, err := Overlap(ok, ok, 4); return err },
		"keep 4 of 3":  func() error { _, err := Shares(ok, ok, 1, []int{4}); return err },
		"NaN":          func() error { _, err := PQETP(ok, ok, []float64{math.NaN()}); return err },
		"1 rows":       func() error { _, err := Kendall(ok[:1], ok[:1]); return err },
		"2 classes":    func() error { _, err := AUC([]bool{true, false}, ok); return err },
		"no rows":      func() error { _, err := AUC(nil, nil); return err },
		"row 0 of sco": func() error { _, err := AUC([]bool{true}, []float64{math.NaN()}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func benchColumns(n int) (x, y []float64) {
	rng := rand.New(rand.NewPCG(1, 1))
	x, y = make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
		y[i] = math.Round((x[i]+rng.NormFloat64())*100) / 100
	}
	return x, y
}

func BenchmarkKendall(b *testing.B) {
	for _, s := range []struct {
		name string
		n    int
	}{{"n=250", 250}, {"n=772", 772}, {"n=423624", 423624}} {
		x, y := benchColumns(s.n)
		b.Run(s.name, func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				if _, err := Kendall(x, y); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAUC(b *testing.B) {
	x, y := benchColumns(423624)
	for i := 0; i < b.N; i++ {
		if _, err := PQETP(x, y, []float64{0.5}); err != nil {
			b.Fatal(err)
		}
	}
}
