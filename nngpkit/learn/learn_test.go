package learn

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// reference is what scikit-learn predicts (testdata/reference.py).
type reference struct {
	Rows    int                  `json:"rows_fitted"`
	Columns [][]float64          `json:"columns"`
	Target  []float64            `json:"target"`
	Ridge   map[string][]float64 `json:"ridge"`
	Chosen  map[string]float64   `json:"ridge_chosen"`
	Depth3  []float64            `json:"tree_depth3"`
	Leaf5   []float64            `json:"tree_leaf5"`
	Boosted []float64            `json:"boosted"`
	Trees   map[string]struct {
		Mean, SD float64
		Seeds    int
	} `json:"trees"`
}

func read(t *testing.T) (r reference, fit, test [][]float64) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Columns {
		fit, test = append(fit, c[:r.Rows]), append(test, c[r.Rows:])
	}
	return r, fit, test
}

func predict(t *testing.T, m Method, fit [][]float64, target []float64, test [][]float64) []float64 {
	t.Helper()
	model, err := m.Fit(fit, target)
	if err != nil {
		t.Fatal(err)
	}
	out, err := model.Predict(test)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func near(t *testing.T, name string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d predictions, want %d", name, len(got), len(want))
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > tolerance {
			t.Errorf("%s: row %d is %v, want %v", name, i, got[i], want[i])
			return
		}
	}
}

// TestRidge compares predictions, and the penalty that leave-one-out chooses, with
// scikit-learn. Rounding of two ways to solve a system with a condition of at most
// 1e3 leaves 1e-12.
func TestRidge(t *testing.T) {
	r, fit, test := read(t)
	target := r.Target[:r.Rows]
	for text, want := range r.Ridge {
		penalty, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "penalty "+text, predict(t, Ridge{Penalty: penalty}, fit, target, test), want, 1e-10)
	}
	m, err := Ridge{}.Fit(fit, target)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.(*RidgeModel).Penalty, r.Chosen["120"]; math.Abs(got-want) > 1e-9*want {
		t.Errorf("leave-one-out chooses %v, want %v", got, want)
	}
}

// TestLeftOut checks the closed form of the leave-one-out error by leaving rows out:
// the columns keep the standardization of all rows, as the closed form has it.
func TestLeftOut(t *testing.T) {
	r, fit, _ := read(t)
	const n = 15
	var z [][]float64
	for _, c := range fit {
		m, s := standard(c[:n])
		x := make([]float64, n)
		for i := range x {
			x[i] = (c[i] - m) / s
		}
		z = append(z, x)
	}
	target := r.Target[:n]
	best, least := 0.0, math.Inf(1)
	for _, penalty := range RidgePenalties() {
		loss := 0.0
		for i := range n {
			loss += square(target[i] - without(z, target, i, penalty))
		}
		if loss < least {
			best, least = penalty, loss
		}
	}
	short := make([][]float64, len(fit))
	for k, c := range fit {
		short[k] = c[:n]
	}
	m, err := Ridge{}.Fit(short, target)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.(*RidgeModel).Penalty; got != best {
		t.Errorf("the penalty is %v, leaving rows out says %v", got, best)
	}
}

func square(x float64) float64 { return x * x }

// without predicts row i by a ridge with a free intercept on the other rows, by
// Gaussian elimination.
func without(z [][]float64, target []float64, i int, penalty float64) float64 {
	p := len(z) + 1
	a := make([][]float64, p)
	for k := range a {
		a[k] = make([]float64, p+1)
		if k > 0 {
			a[k][k] = penalty
		}
	}
	at := func(k, row int) float64 {
		if k == 0 {
			return 1
		}
		return z[k-1][row]
	}
	for row := range target {
		if row == i {
			continue
		}
		for k := range p {
			for l := range p {
				a[k][l] += at(k, row) * at(l, row)
			}
			a[k][p] += at(k, row) * target[row]
		}
	}
	for k := range p {
		for l := range p {
			if l == k {
				continue
			}
			f := a[l][k] / a[k][k]
			for c := k; c <= p; c++ {
				a[l][c] -= f * a[k][c]
			}
		}
	}
	out := 0.0
	for k := range p {
		out += a[k][p] / a[k][k] * at(k, i)
	}
	return out
}

// TestTree compares single trees and boosted ones, in which nothing is random, with
// scikit-learn, to the rounding of sums of a hundred terms.
func TestTree(t *testing.T) {
	r, fit, test := read(t)
	target := r.Target[:r.Rows]
	near(t, "depth 3", predict(t, Boosting{Count: 1, Depth: 3, Rate: 1}, fit, target, test), r.Depth3, 1e-9)
	near(t, "leaves of 5", predict(t, Boosting{Count: 1, Depth: 100, MinLeaf: 5, Rate: 1}, fit, target, test), r.Leaf5, 1e-9)
	near(t, "boosted", predict(t, Boosting{MinLeaf: 8}, fit, target, test), r.Boosted, 1e-9)
}

// TestRandomTrees compares the error of random trees on other rows, over as many
// seeds as scikit-learn had: the means must agree within four standard errors of
// their difference.
func TestRandomTrees(t *testing.T) {
	r, fit, test := read(t)
	for name, m := range map[string]Trees{
		"extra": {}, "extra_leaf4": {MinLeaf: 4}, "forest_try2": {Bagged: true, Try: 2},
	} {
		want := r.Trees[name]
		sum, squares := 0.0, 0.0
		for seed := range want.Seeds {
			m.Seed = uint64(seed)
			e := 0.0
			for i, v := range predict(t, m, fit, r.Target[:r.Rows], test) {
				e += square(v - r.Target[r.Rows+i])
			}
			e = math.Sqrt(e / float64(len(r.Target)-r.Rows))
			sum, squares = sum+e, squares+e*e
		}
		n := float64(want.Seeds)
		mean := sum / n
		variance := (squares - sum*mean) / (n - 1)
		if off := math.Abs(mean-want.Mean) / math.Sqrt((variance+want.SD*want.SD)/n); off > 4 {
			t.Errorf("%s: error %.4f, scikit-learn's %.4f: %.1f standard errors apart", name, mean, want.Mean, off)
		}
	}
}

// TestDefinition checks what follows from the definitions alone.
func TestDefinition(t *testing.T) {
	r, fit, _ := read(t)
	target := r.Target[:r.Rows]
	// Trees that are grown to the end on all rows know them by heart.
	near(t, "extra trees", predict(t, Trees{Count: 5}, fit, target, fit), target, 1e-12)
	a, b := predict(t, Trees{Seed: 3}, fit, target, fit), predict(t, Trees{Seed: 3}, fit, target, fit)
	if !slices.Equal(a, b) {
		t.Error("the same seed gives other trees")
	}
	// What is constant says nothing, alone or beside others.
	flat := make([]float64, r.Rows)
	for i := range flat {
		flat[i] = 3
	}
	for _, m := range []Method{Ridge{}, Trees{}, Trees{Bagged: true}, Boosting{}} {
		got := predict(t, m, [][]float64{flat}, target, [][]float64{{3, 4}})
		if got[0] != got[1] || math.Abs(got[0]-mean(target)) > 0.2 {
			t.Errorf("%s: a constant column predicts %v", m.Name(), got)
		}
		same := predict(t, m, fit, flat, fit)
		near(t, m.Name()+", a constant target", same, flat, 1e-12)
	}
	with := predict(t, Ridge{Penalty: 1}, append([][]float64{flat}, fit...), target, append([][]float64{flat}, fit...))
	near(t, "ridge with a constant column", with, predict(t, Ridge{Penalty: 1}, fit, target, fit), 1e-12)
}

func TestErrors(t *testing.T) {
	ok, target := [][]float64{{1, 2, 3}, {4, 5, 7}}, []float64{1, 2, 4}
	for _, m := range []Method{Ridge{}, Trees{Count: 2}, Boosting{Count: 2}} {
		for name, f := range map[string]func() (Model, error){
			"no column":   func() (Model, error) { return m.Fit(nil, target) },
			"one row":     func() (Model, error) { return m.Fit([][]float64{{1}}, []float64{1}) },
			"short":       func() (Model, error) { return m.Fit([][]float64{{1, 2}, {1, 2, 3}}, target) },
			"NaN":         func() (Model, error) { return m.Fit([][]float64{{1, math.NaN(), 2}}, target) },
			"NaN target":  func() (Model, error) { return m.Fit(ok, []float64{1, math.NaN(), 2}) },
			"inf target":  func() (Model, error) { return m.Fit(ok, []float64{1, math.Inf(1), 2}) },
			"long column": func() (Model, error) { return m.Fit([][]float64{{1, 2, 3, 4}}, target) },
		} {
			if _, err := f(); err == nil {
				t.Errorf("%s: no error for %s", m.Name(), name)
			}
		}
		model, err := m.Fit(ok, target)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := model.Predict(ok[:1]); err == nil {
			t.Errorf("%s: predicts from one column of two", m.Name())
		}
		if _, err := model.Predict([][]float64{{1}, {math.NaN()}}); err == nil {
			t.Errorf("%s: predicts from NaN", m.Name())
		}
	}
	for _, m := range []Method{Ridge{Penalty: -1}, Trees{Count: -1}, Trees{Try: 3}, Boosting{Rate: -1}, Boosting{Depth: -1}} {
		if _, err := m.Fit(ok, target); err == nil {
			t.Errorf("%+v fits", m)
		}
	}
}
