package nngpkit

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// small is a network that takes milliseconds: two convolutions and a skip.
func small(t testing.TB, shape arch.Shape) *arch.Network {
	t.Helper()
	b := arch.NewBuilder("small", shape)
	l := arch.Layer{Channels: 8, Kernel: 3, Norm: true, Act: arch.ReLU}
	stem := b.Conv(0, l)
	l.Stride = 2
	down := b.Conv(stem, l)
	l.Stride = 1
	b.GlobalAvgPool(b.Sum(8, down, b.Conv(down, l)))
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

var color = arch.Shape{H: 32, W: 32, C: 3}

// TestEvaluateIsTheProtocol recomputes the kernel and the scores step by step
// from the parts, without the running mean.
func TestEvaluateIsTheProtocol(t *testing.T) {
	set := imageset.Drawn(80, 1)
	net := small(t, color)
	cfg := Config{Train: 40, Val: 20, Members: 3, NormBatch: 10, Seed: 7, SplitSeed: 5}
	got, err := Evaluate(context.Background(), net, set, cfg)
	if err != nil {
		t.Fatal(err)
	}

	split, err := imageset.NewSplit(set.Len(), 40, 20, 5)
	if err != nil {
		t.Fatal(err)
	}
	x, err := set.Batch(split.All(), imageset.CIFAR10Normalization)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := forward.Compile(net, forward.Config{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	want := mat.NewDense(60, 60, nil)
	seen := map[int]int{}
	for m := 0; m < 3; m++ {
		order := imageset.Shuffled(40, mix(7, uint64(m)))[:10]
		idx := make([]int, 10)
		for i, j := range order {
			idx[i] = split.Train[j]
			seen[j]++
		}
		norm, err := set.Batch(idx, imageset.CIFAR10Normalization)
		if err != nil {
			t.Fatal(err)
		}
		f, err := plan.Features(context.Background(), m, x, norm)
		if err != nil {
			t.Fatal(err)
		}
		d := mat.NewDense(f.N, f.D, nil)
		for i := range f.Data {
			d.RawMatrix().Data[i] = float64(f.Data[i])
		}
		var p mat.Dense
		p.Mul(d, d.T())
		p.Scale(1./3, &p)
		want.Add(want, &p)
	}
	// 3 members x 8 features in float64: a few units in the last place of the
	// mean diagonal.
	if !mat.EqualApprox(got.Kernel, want, 1e-13*mat.Trace(want)/60) {
		t.Error("the kernel is not the mean over members of the features' products")
	}
	if len(seen) < 15 {
		t.Errorf("the three normalization batches hold %d images of 30 drawn: they are not drawn anew", len(seen))
	}

	labels := append(set.LabelsOf(split.Train), set.LabelsOf(split.Val)...)
	scores, err := gp.Sweep(got.Kernel, 40, labels, 10, gp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if scores.BestAccuracy != got.BestAccuracy || scores.BestEpsilon != got.BestEpsilon {
		t.Errorf("score %v at %v, want %v at %v", got.BestAccuracy, got.BestEpsilon, scores.BestAccuracy, scores.BestEpsilon)
	}
	if want := net.FLOPs() * 3 * (40 + 20 + 10); got.FLOPs != want {
		t.Errorf("FLOPs = %d, want %d", got.FLOPs, want)
	}
}

// TestRunningIsEveryPrefix compares the scores on the way with evaluations of
// fewer members.
func TestRunningIsEveryPrefix(t *testing.T) {
	set := imageset.Drawn(60, 1)
	net := small(t, color)
	cfg := Config{Train: 30, Val: 20, Members: 4, Running: true}
	all, err := Evaluate(context.Background(), net, set, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Running) != 4 || all.Running[3] != all.Result {
		t.Fatalf("%d running results, the last being the result: %v", len(all.Running), all.Running[len(all.Running)-1] == all.Result)
	}
	for m := 1; m <= 4; m++ {
		cfg.Members, cfg.Running = m, false
		one, err := Evaluate(context.Background(), net, set, cfg)
		if err != nil {
			t.Fatal(err)
		}
		r := all.Running[m-1]
		for i := range one.Epsilons {
			if one.Whole.LOOSquaredError[i] != r.Whole.LOOSquaredError[i] || one.Accuracy[i] != r.Accuracy[i] {
				t.Errorf("%d members: epsilon %g differs: leave-one-out %v and %v", m, one.Epsilons[i], one.Whole.LOOSquaredError[i], r.Whole.LOOSquaredError[i])
			}
		}
	}
}

func TestThreadsDoNotMatter(t *testing.T) {
	set := imageset.Drawn(60, 1)
	net := small(t, color)
	var first *Result
	for _, threads := range []int{1, 2, 4} {
		r, err := Evaluate(context.Background(), net, set, Config{Train: 30, Val: 20, Members: 3, Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r
			continue
		}
		if !mat.Equal(first.Kernel, r.Kernel) {
			t.Errorf("%d threads: the kernel is not the same bits", threads)
		}
		for i := range r.Epsilons {
			if r.Whole.LogMarginal[i] != first.Whole.LogMarginal[i] {
				t.Errorf("%d threads, epsilon %g: likelihood %v, with one thread %v", threads, r.Epsilons[i], r.Whole.LogMarginal[i], first.Whole.LogMarginal[i])
			}
		}
	}
}

func TestSeedsMatter(t *testing.T) {
	set := imageset.Drawn(60, 1)
	net := small(t, color)
	kernelOf := func(c Config) *mat.SymDense {
		c.Train, c.Val, c.Members = 30, 20, 1
		r, err := Evaluate(context.Background(), net, set, c)
		if err != nil {
			t.Fatal(err)
		}
		return r.Kernel
	}
	base := kernelOf(Config{})
	for name, c := range map[string]Config{
		"seed":       {Seed: 1},
		"split seed": {SplitSeed: 1},
		"norm":       {Norm: forward.None},
		"norm batch": {NormBatch: 7},
	} {
		if mat.Equal(base, kernelOf(c)) {
			t.Errorf("another %s gave the same kernel", name)
		}
	}
}

// TestGreyImages scores images of one channel, which have no published
// normalization.
func TestGreyImages(t *testing.T) {
	rgb := imageset.Drawn(60, 1)
	gray := &imageset.Set{Name: "gray", H: 32, W: 32, C: 1, Labels: rgb.Labels, Classes: rgb.Classes}
	for i := 0; i < len(rgb.Pixels); i += 3 {
		gray.Pixels = append(gray.Pixels, rgb.Pixels[i])
	}
	r, err := Evaluate(context.Background(), small(t, arch.Shape{H: 32, W: 32, C: 1}), gray, Config{Train: 30, Val: 20, Members: 1})
	if err != nil {
		t.Fatal(err)
	}
	if math.IsNaN(r.BestAccuracy) {
		t.Error("no score")
	}
}

func TestEvaluateRefuses(t *testing.T) {
	set := imageset.Drawn(60, 1)
	net := small(t, color)
	cases := []struct {
		name string
		net  *arch.Network
		set  *imageset.Set
		cfg  Config
		want string
	}{
		{"too few images", net, set, Config{Train: 50, Val: 11}, "which has 60"},
		{"the default on a small set", net, set, Config{}, "500 training and 200 validation"},
		{"negative", net, set, Config{Train: -1, Val: 5}, "at least one of each"},
		{"members", net, set, Config{Train: 30, Val: 5, Members: -2}, "-2 members"},
		{"batch", net, set, Config{Train: 30, Val: 5, NormBatch: 31}, "normalization batch of 31"},
		{"shape", small(t, arch.Shape{H: 28, W: 28, C: 3}), set, Config{Train: 30, Val: 5}, "28x28x3"},
		{"normalization", net, set, Config{Train: 30, Val: 5, Normalization: imageset.Normalization{Mean: []float64{1}, Std: []float64{0}}}, "normalization"},
	}
	for _, c := range cases {
		if _, err := Evaluate(context.Background(), c.net, c.set, c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

// TestProgress: the start and every member are told.
func TestProgress(t *testing.T) {
	var told []int
	cfg := Config{Train: 30, Val: 20, Members: 3, NormBatch: 10, Progress: func(done, members int) { told = append(told, done, members) }}
	if _, err := Evaluate(t.Context(), small(t, color), imageset.Drawn(60, 1), cfg); err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 3, 1, 3, 2, 3, 3, 3}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

func TestEvaluateStops(t *testing.T) {
	set := imageset.Drawn(60, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cfg := Config{Train: 30, Val: 20, Members: 1000, Threads: 1, Progress: func(done, _ int) {
		if done == 2 {
			cancel()
		}
		if done > 4 {
			t.Errorf("still at work after %d members", done)
		}
	}}
	if _, err := Evaluate(ctx, small(t, color), set, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// TestBalanced chooses as many images of every class, and refuses what the set does
// not have.
func TestBalanced(t *testing.T) {
	set, err := imageset.Load("drawn")
	if err != nil {
		t.Fatal(err)
	}
	b := arch.NewBuilder("small", arch.Shape{H: set.H, W: set.W, C: set.C})
	b.GlobalAvgPool(b.Conv(0, arch.Layer{Kernel: 3, Stride: 4, Channels: 8, Act: arch.ReLU}))
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Train: 40, Val: 20, Members: 1, Norm: forward.None, Balanced: true}
	r, err := Evaluate(t.Context(), net, set, cfg)
	if err != nil {
		t.Fatal(err)
	}
	count := [2][10]int{}
	for i, l := range r.Labels {
		count[min(i/40, 1)][l]++
	}
	for l := range 10 {
		if count[0][l] != 4 || count[1][l] != 2 {
			t.Fatalf("classes have %v", count)
		}
	}
	cfg.Train = set.Len() - 20
	cfg.Val = 20
	few := *set
	few.Labels = append([]int(nil), set.Labels...)
	for i, l := range few.Labels {
		if l == 3 {
			few.Labels[i] = 4
		}
	}
	if err := cfg.Check(&few); err == nil || !strings.Contains(err.Error(), "class 3 has too few") {
		t.Errorf("a class without images: error %v", err)
	}
}
