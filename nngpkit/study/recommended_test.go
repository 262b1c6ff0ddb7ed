package study

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// smallPair is the recommended setting on few images.
func smallPair() sweep.Setting {
	s := Recommended()
	s.Train, s.Val, s.Members = 30, 20, 3
	return s
}

// TestScorePairs compares the pair of cells with evaluations of one view at a
// time, and ScoreNetwork with both.
func TestScorePairs(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	set, cells := imageset.Drawn(60, 1), sampled(t, 3)
	df, err := ScorePairs(t.Context(), cells, set, smallPair(), nil)
	if err != nil {
		t.Fatal(err)
	}
	pair := RecommendedPair()
	logdet, dimension := mustFloats(t, &truth.Cells{Frame: df}, pair[0].Column), mustFloats(t, &truth.Cells{Frame: df}, pair[1].Column)
	for i, spec := range cells.Architectures {
		net, err := spec.Network(8, arch.Shape{H: set.H, W: set.W, C: set.C})
		if err != nil {
			t.Fatal(err)
		}
		r, err := nngpkit.Evaluate(t.Context(), net, set, nngpkit.Config{Train: 30, Val: 20, Members: 3, Norm: forward.None, Views: []nngpkit.View{nngpkit.Maxima}})
		if err != nil {
			t.Fatal(err)
		}
		wantL, wantD := spectrum(t, r.Kernel)
		got, err := ScoreNetwork(t.Context(), net, set, smallPair())
		if err != nil {
			t.Fatal(err)
		}
		// The logarithm of an eigenvalue, and its share, move by as much as rounding
		// moves the kernel, relative to the noise of 1e-3: n 2^-53 / 1e-3 < 1e-9.
		if math.Abs(got.LogDet-wantL) > 1e-9 || math.Abs(got.EffectiveDimension-wantD) > 1e-9*50 || got.GFLOPs != float64(net.FLOPs()*50*3)*1e-9 {
			t.Errorf("network %d has %+v, want %v and %v", i, got, wantL, wantD)
		}
		if logdet[i] != float64(float32(got.LogDet)) || dimension[i] != float64(float32(got.EffectiveDimension)) || df.Col(frame.KeyColumn).Records()[i] != spec.Key() {
			t.Errorf("cell %d has %v and %v, the network %+v", i, logdet[i], dimension[i], got)
		}
	}
	noise, err := imageset.Noise(imageset.NoiseConfig{Images: 60})
	if err != nil {
		t.Fatal(err)
	}
	bare, err := ScorePairs(t.Context(), cells, noise, smallPair(), nil)
	if err != nil || !slices.Contains(bare.Names(), pair[0].Column) {
		t.Errorf("without labels: %v, %v", bare.Names(), err)
	}
	for _, v := range bare.Col(pair[0].Column).Float() {
		if math.IsNaN(v) {
			t.Error("without labels there is no log-determinant")
		}
	}
	few := imageset.Drawn(40, 1)
	if _, err := ScorePairs(t.Context(), cells, few, smallPair(), nil); err == nil {
		t.Error("50 of 40 images, and no error")
	}
	net, err := cells.Architectures[0].Network(8, arch.Shape{H: 32, W: 32, C: 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ScoreNetwork(t.Context(), net, few, smallPair()); err == nil {
		t.Error("50 of 40 images for one network, and no error")
	}
}

// spectrum returns the log-determinant and the effective dimension of a kernel
// from the eigenvalues of its centered matrix.
func spectrum(t *testing.T, k *mat.SymDense) (logdet, dimension float64) {
	t.Helper()
	n := k.SymmetricDim()
	c := mat.NewSymDense(n, nil)
	mean := make([]float64, n)
	all := 0.0
	for i := range mean {
		for j := range mean {
			mean[i] += k.At(i, j) / float64(n)
		}
		all += mean[i] / float64(n)
	}
	for i := range mean {
		for j := i; j < n; j++ {
			c.SetSym(i, j, k.At(i, j)-mean[i]-mean[j]+all)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(c, false) {
		t.Fatal("no eigenvalues")
	}
	unit := mat.Trace(c) / float64(n)
	for _, l := range eigen.Values(nil) {
		logdet += math.Log(l/unit+1e-3) / float64(n)
		dimension += l / (l + 1e-3*unit)
	}
	return logdet, dimension
}

// TestRecommended ties the recommended setting to the table of scores that
// notebook 14 shows.
func TestRecommended(t *testing.T) {
	e, err := sweep.FindExperiment("views")
	if err != nil {
		t.Fatal(err)
	}
	p := e.Passes[0].Resolved()
	if p.Setting != Recommended().Resolved() {
		t.Errorf("recommended is %v, the table views has %v", Recommended(), p.Setting)
	}
}

// TestAmong counts the better rows by hand.
func TestAmong(t *testing.T) {
	pair := RecommendedPair()
	df := fixture.Frame(fixture.Text(frame.KeyColumn, "a", "b", "c", "d"), fixture.Floats(pair[0].Column, 4, 3, 2, 1), fixture.Floats(pair[1].Column, 10, 40, 20, 30))
	for _, c := range []struct {
		p    PairScore
		want int
	}{
		{PairScore{LogDet: 5, EffectiveDimension: 50}, 1},
		{PairScore{LogDet: 0, EffectiveDimension: 0}, 5},
		// Ranks with it: log-determinant 5, 4, 2, 1 and 3; dimension 1, 5, 2, 4 and 3:
		// sums 6, 9, 4, 5 and 6.
		{PairScore{LogDet: 2.5, EffectiveDimension: 25}, 2},
	} {
		if got, err := c.p.Among(df); err != nil || got != c.want {
			t.Errorf("%+v has place %d, want %d; %v", c.p, got, c.want, err)
		}
	}
	path := filepath.Join(t.TempDir(), "results")
	t.Setenv(report.ResultsEnv, path)
	if err := (PairScore{LogDet: 2.9999, EffectiveDimension: 25}).Record("09.x", df); err != nil {
		t.Fatal(err)
	}
	// Rounding could lift the log-determinant over the second row's, 3: the sums are 6,
	// 9, 4, 5 and 6 then 6, 8, 4, 5 and 7. No other row comes between.
	got := readFile(t, path)
	for _, want := range []string{`"09.x.log_det","value":2.9999`, `"09.x.effective_dimension","value":25`, `"09.x.place","value":2`} {
		if !strings.Contains(got, want) {
			t.Errorf("the file of results lacks %s: %s", want, got)
		}
	}
	if _, err := (PairScore{}).Among(fixture.Frame(fixture.Text(frame.KeyColumn, "a"))); err == nil {
		t.Error("a table without pairs gives no error")
	}
	if _, err := (PairScore{LogDet: math.NaN()}).Among(df); err == nil {
		t.Error("a score that is not a number has a place")
	}
}
