package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestMean compares the closed forms with SciPy's adaptive quadrature in the
// plane (testdata/quadrature.py), which claims an absolute error of 1e-12 a
// strip; 1e-9 leaves room for its sums.
func TestMean(t *testing.T) {
	b, err := os.ReadFile("testdata/quadrature.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Rows []struct {
			UU, VV, UV, Relu, Erf float64
			ReluSquare            float64 `json:"relu_square"`
		}
	}
	if err := json.Unmarshal(b, &g); err != nil || len(g.Rows) == 0 {
		t.Fatal(err)
	}
	for _, r := range g.Rows {
		for _, v := range []struct {
			name      string
			got, want float64
		}{
			{"ReLU", ReLU.Mean(r.UU, r.VV, r.UV), r.Relu},
			{"ReLU squared", ReLU.MeanSquare(r.UU, r.VV, r.UV), r.ReluSquare},
			{"erf", Erf.Mean(r.UU, r.VV, r.UV), r.Erf},
		} {
			if math.Abs(v.got-v.want) > 1e-9*math.Max(1, math.Abs(v.want)) {
				t.Errorf("%s of (%g, %g, %g): got %.14g, want %.14g", v.name, r.UU, r.VV, r.UV, v.got, v.want)
			}
		}
	}
}

// TestMeanLimits holds values that need no integral: E[relu(u)^2] = uu/2,
// E[relu(u)^4] = 3uu^2/2, nothing for opposite inputs or a zero input.
func TestMeanLimits(t *testing.T) {
	for _, v := range [][2]float64{
		{ReLU.Mean(3, 3, 3), 1.5},
		{ReLU.Mean(3, 3, 3.0000001), 1.5},
		{ReLU.MeanSquare(3, 3, 3), 13.5},
		{ReLU.Mean(2, 2, -2), 0},
		{ReLU.Mean(0, 2, 0), 0},
		{ReLU.MeanSquare(0, 2, 0), 0},
		{Erf.Mean(0, 2, 0), 0},
		{Erf.Mean(1e100, 1e100, 1e100), 1},
		{Erf.Mean(1e100, 1e100, -1e100), -1},
	} {
		if math.Abs(v[0]-v[1]) > 1e-14 {
			t.Errorf("got %v, want %v", v[0], v[1])
		}
	}
	if !math.IsNaN(Erf.MeanSquare(1, 1, 0)) {
		t.Error("erf has no closed form here")
	}
}

// network is a finite fully connected network in plain float64: a Source whose
// members are independent draws of f at the given width.
func network(f FullyConnected, width int, x *mat.Dense, seed uint64) Source {
	return SourceFunc(func(_ context.Context, m int) (int, int, []float32, error) {
		rng := rand.New(rand.NewPCG(seed, uint64(m)))
		n, d := x.Dims()
		h := mat.DenseCopyOf(x)
		layers := max(f.Hidden, 1)
		for l := 0; l < layers; l++ {
			w := mat.NewDense(d, width, nil)
			raw := w.RawMatrix().Data
			wv := f.WeightVariance
			if wv == 0 {
				wv = 1
			}
			for i := range raw {
				raw[i] = rng.NormFloat64() * math.Sqrt(wv/float64(d))
			}
			bias := make([]float64, width)
			for i := range bias {
				bias[i] = rng.NormFloat64() * math.Sqrt(f.BiasVariance)
			}
			var z mat.Dense
			z.Mul(h, w)
			z.Apply(func(_, j int, v float64) float64 {
				v += bias[j]
				if f.Activation == Erf {
					return math.Erf(v)
				}
				return math.Max(v, 0)
			}, &z)
			h, d = mat.DenseCopyOf(&z), width
		}
		out := make([]float32, n*d)
		for i, v := range h.RawMatrix().Data {
			out[i] = float32(v)
		}
		return n, d, out, nil
	})
}

func inputs(n, d int) *mat.Dense {
	rng := rand.New(rand.NewPCG(11, 12))
	x := mat.NewDense(n, d, nil)
	for i := 0; i < n; i++ {
		for j := 0; j < d; j++ {
			x.Set(i, j, rng.NormFloat64())
		}
	}
	return x
}

// TestOneHiddenLayer checks the estimator's error against its exact theory. The
// units of one hidden layer are independent, so with M members of width W an
// entry of the Monte-Carlo kernel divided by W has the analytic kernel for its
// mean and (E[relu(u)^2 relu(v)^2] - E[relu(u) relu(v)]^2) / (M W) for its
// variance, both in closed form. Over R repetitions the mean error stays within
// five standard errors, and the mean squared error, whose relative standard
// error is about sqrt((2 + kurtosis/(MW)) / R), within 35 % of the variance.
func TestOneHiddenLayer(t *testing.T) {
	f := FullyConnected{WeightVariance: 1.7, BiasVariance: 0.2}
	x := inputs(5, 3)
	want, err := f.Kernel(x)
	if err != nil {
		t.Fatal(err)
	}
	// Pre-activation covariances, from which the variance follows.
	pre := mat.NewSymDense(5, nil)
	pre.SymOuterK(f.WeightVariance/3, x)
	const reps = 600
	for _, s := range []struct{ width, members int }{{32, 1}, {32, 4}, {128, 1}, {32, 16}, {128, 4}} {
		sum, sq := mat.NewSymDense(5, nil), mat.NewSymDense(5, nil)
		for r := 0; r < reps; r++ {
			mc := NewMonteCarlo(network(f, s.width, x, uint64(1000*s.width+10*s.members+r)<<8))
			if err := mc.Run(context.Background(), s.members); err != nil {
				t.Fatal(err)
			}
			k := mc.Kernel()
			for i := 0; i < 5; i++ {
				for j := i; j < 5; j++ {
					e := k.At(i, j)/float64(s.width) - want.At(i, j)
					sum.SetSym(i, j, sum.At(i, j)+e/reps)
					sq.SetSym(i, j, sq.At(i, j)+e*e/reps)
				}
			}
		}
		for i := 0; i < 5; i++ {
			for j := i; j < 5; j++ {
				uu, vv, uv := pre.At(i, i)+0.2, pre.At(j, j)+0.2, pre.At(i, j)+0.2
				variance := (ReLU.MeanSquare(uu, vv, uv) - want.At(i, j)*want.At(i, j)) / float64(s.width*s.members)
				if e := sum.At(i, j); math.Abs(e) > 5*math.Sqrt(variance/reps) {
					t.Errorf("width %d, members %d, (%d,%d): mean error %g, standard error %g", s.width, s.members, i, j, e, math.Sqrt(variance/reps))
				}
				if ratio := sq.At(i, j) / variance; math.Abs(ratio-1) > 0.35 {
					t.Errorf("width %d, members %d, (%d,%d): squared error is %.3f times the predicted %g", s.width, s.members, i, j, ratio, variance)
				}
			}
		}
	}
}

// TestDeep checks networks of three hidden layers, whose units are independent
// only given the layer below. The error then has a random part that falls as
// 1/sqrt(members*width) and a bias that falls as 1/width whatever the members
// (a kernel of layer l+1 is a curved function of the noisy kernel of layer l).
// So four times the width halves the rms error, four times the members nearly
// so, and at equal members*width the errors agree up to the bias.
func TestDeep(t *testing.T) {
	if testing.Short() {
		t.Skip("draws 50 million weights")
	}
	for _, f := range []FullyConnected{
		{Hidden: 3, WeightVariance: 2, BiasVariance: 0.1},
		{Hidden: 3, WeightVariance: 1.5, BiasVariance: 0.3, Activation: Erf},
	} {
		x := inputs(6, 4)
		want, err := f.Kernel(x)
		if err != nil {
			t.Fatal(err)
		}
		const reps = 120
		rms := func(width, members int) float64 {
			sum, count := 0.0, 0
			for r := 0; r < reps; r++ {
				mc := NewMonteCarlo(network(f, width, x, uint64(width*77+members*5+r)<<9))
				if err := mc.Run(context.Background(), members); err != nil {
					t.Fatal(err)
				}
				k := mc.Kernel()
				for i := 0; i < 6; i++ {
					for j := i; j < 6; j++ {
						e := k.At(i, j)/float64(width)/want.At(i, j) - 1
						if f.Activation == Erf { // entries may be near zero
							e = k.At(i, j)/float64(width) - want.At(i, j)
						}
						sum += e * e
						count++
					}
				}
			}
			return math.Sqrt(sum / float64(count))
		}
		base := rms(32, 1)
		for _, c := range []struct {
			width, members int
			ratio          float64
		}{{128, 1, 2}, {32, 4, 2}, {128, 4, 4}, {32, 16, 4}} {
			// The entries of one kernel move together, so the rms of 120 kernels is
			// known to about 10 %: 25 % is 2.5 of the ratio's standard errors, at a
			// fixed seed.
			if got := base / rms(c.width, c.members); math.Abs(got/c.ratio-1) > 0.25 {
				t.Errorf("%+v: from 32x1 to %dx%d the error fell by %.2f, want %.0f", f, c.width, c.members, got, c.ratio)
			}
		}
	}
}

// TestDepthAndReadout composes layers by hand.
func TestDepthAndReadout(t *testing.T) {
	x := inputs(4, 3)
	f := FullyConnected{Hidden: 2, Activation: Erf, WeightVariance: 1.3, BiasVariance: 0.4, Readout: true}
	got, err := f.Kernel(x)
	if err != nil {
		t.Fatal(err)
	}
	k := func(i, j int) float64 { return 0.4 + 1.3*mat.Dot(x.RowView(i), x.RowView(j))/3 }
	for l := 0; l < 2; l++ {
		k1 := k
		k = func(i, j int) float64 { return 0.4 + 1.3*Erf.Mean(k1(i, i), k1(j, j), k1(i, j)) }
	}
	for i := 0; i < 4; i++ {
		for j := 0; j < 4; j++ {
			if d := math.Abs(got.At(i, j) - k(i, j)); d > 1e-14 {
				t.Errorf("(%d,%d) is off by %g", i, j, d)
			}
		}
	}
	for _, bad := range []FullyConnected{{Hidden: -1}, {Activation: 7}, {WeightVariance: -1}, {BiasVariance: math.NaN()}} {
		if _, err := bad.Kernel(x); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
	x.Set(2, 1, math.NaN())
	if _, err := f.Kernel(x); err == nil || !strings.Contains(err.Error(), "value 1 of input 2") {
		t.Errorf("NaN input: %v", err)
	}
}

// TestRunningMean checks that the running mean over members is the kernel of
// their concatenated features divided by the members, and that products are
// those of float64 arithmetic to the rounding of the sums.
func TestRunningMean(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	const n, members = 67, 5
	dims := []int{64, 3, 100, 1, 33}
	var feats [][]float32
	total := 0
	for _, d := range dims {
		f := make([]float32, n*d)
		for i := range f {
			f[i] = float32(rng.NormFloat64())
		}
		feats = append(feats, f)
		total += d
	}
	src := SourceFunc(func(_ context.Context, m int) (int, int, []float32, error) {
		return n, dims[m], feats[m], nil
	})
	mc := NewMonteCarlo(src)
	if mc.Kernel() != nil || mc.Len() != 0 {
		t.Error("an estimator without members has a kernel")
	}
	all := make([]float32, 0, n*total)
	for i := 0; i < n; i++ {
		for m, d := range dims {
			all = append(all, feats[m][i*d:(i+1)*d]...)
		}
	}
	for m := 0; m < members; m++ {
		if err := mc.Next(context.Background()); err != nil {
			t.Fatal(err)
		}
		// Plain sums over the members so far.
		k := mc.Kernel()
		for i := 0; i < n; i++ {
			for j := 0; j < n; j++ {
				want := 0.0
				for q := 0; q <= m; q++ {
					for p := 0; p < dims[q]; p++ {
						want += float64(feats[q][i*dims[q]+p]) * float64(feats[q][j*dims[q]+p])
					}
				}
				want /= float64(m + 1)
				if math.Abs(k.At(i, j)-want) > 400*0x1p-53*400 {
					t.Fatalf("member %d, (%d,%d): got %v, want %v", m, i, j, k.At(i, j), want)
				}
			}
		}
	}
	g, err := Gram(all, n, total)
	if err != nil {
		t.Fatal(err)
	}
	g.ScaleSym(1.0/members, g)
	if !mat.EqualApprox(g, mc.Kernel(), 1e-12) {
		t.Error("concatenated members differ from the running mean")
	}
	if mc.Members() != members || mc.Len() != n {
		t.Errorf("Members %d, Len %d", mc.Members(), mc.Len())
	}
}

// TestThreads checks that the number of threads changes no bit.
func TestThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	const n, d = 301, 70
	f := make([]float32, n*d)
	for i := range f {
		f[i] = float32(rng.NormFloat64())
	}
	var ref *mat.SymDense
	for _, threads := range []int{1, 2, 4} {
		mc := NewMonteCarlo(SourceFunc(func(context.Context, int) (int, int, []float32, error) { return n, d, f, nil }))
		mc.Threads = threads
		if err := mc.Run(context.Background(), 3); err != nil {
			t.Fatal(err)
		}
		if k := mc.Kernel(); ref == nil {
			ref = k
		} else if !mat.Equal(k, ref) {
			t.Errorf("%d threads give other bits than 1", threads)
		}
	}
}

func TestMonteCarloErrors(t *testing.T) {
	broken := errors.New("broken")
	nan := float32(math.NaN())
	for _, c := range []struct {
		name string
		src  SourceFunc
		want string
	}{
		{"source", func(context.Context, int) (int, int, []float32, error) { return 0, 0, nil, broken }, "member 1: broken"},
		{"shape", func(context.Context, int) (int, int, []float32, error) { return 2, 2, make([]float32, 3), nil }, "member 1: feature matrix of 2 x 2 holds 3 values, want 4"},
		{"NaN", func(context.Context, int) (int, int, []float32, error) { return 2, 2, []float32{1, 2, 3, nan}, nil }, "member 1: feature 1 of image 1 is NaN"},
		{"Inf", func(context.Context, int) (int, int, []float32, error) {
			return 2, 2, []float32{1, float32(math.Inf(-1)), 3, 4}, nil
		}, "member 1: feature 1 of image 0 is -Inf"},
		{"images", func(context.Context, int) (int, int, []float32, error) { return 3, 1, make([]float32, 3), nil }, "member 1 has 3 images, the ones before had 2"},
		{"empty", func(context.Context, int) (int, int, []float32, error) { return 0, 1, nil, nil }, "0 x 1"},
	} {
		first := true
		mc := NewMonteCarlo(SourceFunc(func(ctx context.Context, m int) (int, int, []float32, error) {
			if first {
				first = false
				return 2, 1, []float32{1, 2}, nil
			}
			return c.src(ctx, m)
		}))
		err := mc.Run(context.Background(), 2)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
		if c.name == "source" && !errors.Is(err, broken) {
			t.Error("the source's error is not wrapped")
		}
		if k := mc.Kernel(); mc.Members() != 1 || k.At(0, 1) != 2 {
			t.Errorf("%s: the estimate changed", c.name)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	mc := NewMonteCarlo(SourceFunc(func(context.Context, int) (int, int, []float32, error) { return 1, 1, []float32{1}, nil }))
	if err := mc.Next(ctx); !errors.Is(err, context.Canceled) || mc.Members() != 0 {
		t.Errorf("canceled: %v", err)
	}
}

// TestCenteredCosine compares with the definitions.
func TestCenteredCosine(t *testing.T) {
	const n = 7
	x := inputs(n, 4)
	k := mat.NewSymDense(n, nil)
	k.SymOuterK(1, x)
	h := mat.NewDense(n, n, nil)
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			h.Set(i, j, -1.0/n)
		}
		h.Set(i, i, 1-1.0/n)
	}
	var want mat.Dense
	want.Product(h, k, h)
	if !mat.EqualApprox(Centered(k), &want, 1e-13) {
		t.Error("Centered is not HKH")
	}
	c, err := Cosine(k)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			w := mat.Dot(x.RowView(i), x.RowView(j)) / mat.Norm(x.RowView(i), 2) / mat.Norm(x.RowView(j), 2)
			if math.Abs(c.At(i, j)-w) > 1e-14 {
				t.Errorf("cosine (%d,%d): got %v, want %v", i, j, c.At(i, j), w)
			}
		}
	}
	k.SetSym(3, 3, 0)
	if _, err := Cosine(k); err == nil || !strings.Contains(err.Error(), "image 3") {
		t.Errorf("zero diagonal: %v", err)
	}
}

func BenchmarkMonteCarlo(b *testing.B) {
	const n, d, members = 750, 64, 8
	rng := rand.New(rand.NewPCG(1, 1))
	f := make([]float32, n*d)
	for i := range f {
		f[i] = float32(rng.NormFloat64())
	}
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		mc := NewMonteCarlo(SourceFunc(func(context.Context, int) (int, int, []float32, error) { return n, d, f, nil }))
		if err := mc.Run(context.Background(), members); err != nil {
			b.Fatal(err)
		}
	}
}
