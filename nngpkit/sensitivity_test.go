package nngpkit

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// noise returns label-free images.
func noise(t *testing.T, cfg imageset.NoiseConfig) *imageset.Set {
	t.Helper()
	s, err := imageset.Noise(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// estimate returns the last estimate of Kernels.
func estimate(t *testing.T, net *arch.Network, set *imageset.Set, cfg Config, members int) *Estimate {
	t.Helper()
	var got *Estimate
	if err := Kernels(t.Context(), net, set, cfg, []int{members}, func(e *Estimate) error { got = e; return nil }); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestSensitivityLinear compares with the Jacobian of a linear network, whose
// columns are the features of images with one value 1: the change is exactly that
// of the noise that was drawn, and its expectation |J|^2/D.
func TestSensitivityLinear(t *testing.T) {
	b := arch.NewBuilder("linear", arch.Shape{H: 6, W: 6, C: 3})
	x := b.Conv(0, arch.Layer{Channels: 5, Kernel: 3})
	b.Mark(x, "first")
	x = b.Conv(b.AvgPool(x, 2, 2), arch.Layer{Channels: 7, Kernel: 3})
	b.GlobalAvgPool(x)
	net, err := b.Network(0)
	if err != nil {
		t.Fatal(err)
	}
	const images, std, members = 400, 0.05, 2
	set := noise(t, imageset.NoiseConfig{Images: images, H: 6, W: 6, Seed: 3})
	cfg := Config{Train: images - 1, Val: 1, Norm: forward.None, Seed: 9, Views: []View{Raw},
		Perturb: Perturbation{Std: std, At: []Place{{}, {Mark: "first"}}}}
	got := estimate(t, net, set, cfg, members)
	e, err := loaded(net, set, cfg.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if e.images.N != 2*images {
		t.Fatalf("%d images run, want %d", e.images.N, 2*images)
	}
	for k, node := range []int{net.End(), net.Marks[0].Node} {
		exact, expected, variance, square := 0.0, 0.0, 0.0, 0.0
		for m := range members {
			j := jacobian(t, net, node, cfg.Seed, m)
			d, size := j.Dims()
			mean := mat.NewVecDense(d, nil)
			expected += mat.Norm(j, 2) * mat.Norm(j, 2) / float64(d) / members
			for i := range images {
				x, n := mat.NewVecDense(size, nil), mat.NewVecDense(size, nil)
				for p := range size {
					x.SetVec(p, float64(e.images.Data[i*size+p]))
					n.SetVec(p, float64(e.images.Data[(images+i)*size+p])-x.AtVec(p))
				}
				var y mat.VecDense
				y.MulVec(j, n)
				exact += mat.Dot(&y, &y) / float64(d) / images / members / (std * std)
				y.MulVec(j, x)
				square += mat.Dot(&y, &y) / float64(d) / images / members
				mean.AddScaledVec(mean, 1./images, &y)
			}
			variance -= mat.Dot(mean, mean) / float64(d) / members
		}
		s := got.Sensitivities[k]
		// The features' rounding, 2^-24 of some units, enters the change of some .05.
		if math.Abs(s.Change-exact) > 1e-4*exact {
			t.Errorf("%v: change %v, want %v", s.Place, s.Change, exact)
		}
		// A mean over 400 images of sums of at least five squares of normal variables
		// has a relative standard deviation of sqrt(2/2000) at most.
		if math.Abs(s.Change-expected) > 5*math.Sqrt(2./2000)*expected {
			t.Errorf("%v: change %v, expected value %v", s.Place, s.Change, expected)
		}
		if s.Signal() != -math.Log(s.Change) {
			t.Errorf("%v: signal %v of change %v", s.Place, s.Signal(), s.Change)
		}
		variance += square
		if math.Abs(s.Square-square) > 1e-4*square || math.Abs(s.Variance-variance) > 1e-4*variance {
			t.Errorf("%v: mean square %v and variance %v, want %v and %v", s.Place, s.Square, s.Variance, square, variance)
		}
	}
}

// jacobian returns the matrix of the mean-pooled values of a node of a linear
// network, a row a channel.
func jacobian(t *testing.T, net *arch.Network, node int, seed uint64, member int) *mat.Dense {
	t.Helper()
	cut, _, err := net.Probed(arch.Probe{Node: node})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := forward.Compile(cut, forward.Config{Norm: forward.None, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	s := net.InputShape()
	x := &imageset.Batch{N: s.Size(), H: s.H, W: s.W, C: s.C, Data: make([]float32, s.Size()*s.Size())}
	for i := range x.N {
		x.Data[i*s.Size()+i] = 1
	}
	f, err := plan.Features(t.Context(), member, x, nil)
	if err != nil {
		t.Fatal(err)
	}
	j := mat.NewDense(f.D, f.N, nil)
	for i := range f.N {
		for d := range f.D {
			j.Set(d, i, float64(f.Data[i*f.D+d]))
		}
	}
	return j
}

// TestOnePass: sensitivities and codes beside kernels leave the kernels alone,
// and are the same whatever else is asked for.
func TestOnePass(t *testing.T) {
	net := cell(t, 8)
	set := noise(t, imageset.NoiseConfig{Images: 40, Seed: 1})
	base := Config{Train: 12, Val: 8, Norm: forward.Batch, NormSet: set, NormBatch: 24, Seed: 4}
	at := []Place{{Mark: "stack2/module1"}, {Pooling: arch.Maximum}, {Pooling: arch.Quarters}}
	everything := base
	everything.Views, everything.Codes = Views(), ReLUCodes
	everything.Perturb = Perturbation{Std: 0.05, Images: 9, At: at}
	all := estimate(t, net, set, everything, 2)
	for i, v := range Views() {
		alone := base
		alone.Views = []View{v}
		if k := estimate(t, net, set, alone, 2).Kernel; !mat.Equal(k, all.Kernels[i]) {
			t.Errorf("the %s kernel depends on what else is asked for", v)
		}
	}
	for i, p := range at {
		alone := base
		alone.Views, alone.Perturb = []View{}, Perturbation{Std: 0.05, Images: 9, At: []Place{p}}
		got := estimate(t, net, set, alone, 2)
		if got.Sensitivities[0] != all.Sensitivities[i] {
			t.Errorf("%v: %+v alone, %+v with everything", p, got.Sensitivities[0], all.Sensitivities[i])
		}
		if got.Kernel != nil {
			t.Error("a kernel that nobody asked for")
		}
		if full := 2 * (20 + 9 + 24) * net.FLOPs(); i == 0 && got.FLOPs >= full || got.FLOPs > full {
			t.Errorf("%v: %d FLOPs, the whole network takes %d", p, got.FLOPs, full)
		}
	}
	codes := base
	codes.Views, codes.Codes = []View{}, ReLUCodes
	got := estimate(t, net, set, codes, 2).Codes
	if !mat.Equal(got.Kernel, all.Codes.Kernel) || got.LogDet != all.Codes.LogDet {
		t.Error("codes depend on what else is asked for")
	}
}

// cell returns the network of a cell with a sum that convolutions are computed
// together with.
func cell(t testing.TB, stem int) *arch.Network {
	t.Helper()
	return cellNetwork(t, "01101/00110/00011/00001/00000 input,conv3x3-bn-relu,conv1x1-bn-relu,conv3x3-bn-relu,output", stem)
}

// TestWithoutLabels: sets of no class or of one give kernels and what follows
// from them; scores of labels are NaN, not made up.
func TestWithoutLabels(t *testing.T) {
	one := imageset.Drawn(40, 1)
	one.Classes = one.Classes[:1]
	clear(one.Labels)
	for _, set := range []*imageset.Set{noise(t, imageset.NoiseConfig{Images: 40}), one} {
		r, err := Evaluate(t.Context(), cell(t, 4), set, Config{Train: 12, Val: 8, Members: 2, Norm: forward.None, Running: true, Views: []View{Maximum}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Labeled() || len(r.Running) != 2 || r.Kernel.SymmetricDim() != 20 || len(r.Labels) != 20 {
			t.Errorf("%s: labeled %v, %d running results, %d labels", set.Name, r.Labeled(), len(r.Running), len(r.Labels))
		}
		for _, s := range r.Scores() {
			if !math.IsNaN(s.Value) {
				t.Errorf("%s: %s is %v", set.Name, s.Name, s.Value)
			}
		}
		m, err := r.Measure(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want, err := gp.SpectraOf(t.Context(), r.Kernel, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range gp.Catalogue() {
			if v := m.Score(s).Value; math.IsNaN(v) != s.Labels {
				t.Errorf("%s: %s is %v; it needs labels: %v", set.Name, s.Name, v, s.Labels)
			}
		}
		if v := m.Values()["spectral_entropy"]; v != want.Entropy {
			t.Errorf("%s: the spectral entropy is %v, want %v", set.Name, v, want.Entropy)
		}
	}
}

// TestNormalizationNodes: a network with normalization and activation as nodes of
// their own, and a Skip at its end, gives what the same network of joined layers
// gives, in every view, sensitivity and code. Weights are drawn by the number of a
// node, so that those with weights must keep theirs.
func TestNormalizationNodes(t *testing.T) {
	build := func(apart bool) *arch.Network {
		b := arch.NewBuilder("net", arch.Shape{H: 8, W: 8, C: 3})
		x := 0
		for _, stride := range []int{1, 2} {
			if apart {
				x = b.Conv(x, arch.Layer{Channels: 6, Kernel: 3, Stride: stride})
				x = b.Activate(b.BatchNorm(x, arch.Layer{}), arch.ReLU)
			} else {
				x = b.Conv(x, arch.Layer{Channels: 6, Kernel: 3, Stride: stride, Norm: true, Act: arch.ReLU})
				x = b.Skip(b.Skip(x))
			}
		}
		b.Mark(x, "last")
		x = b.GlobalAvgPool(x)
		if apart {
			b.Skip(x)
		}
		net, err := b.Network(0)
		if err != nil {
			t.Fatal(err)
		}
		return net
	}
	set := noise(t, imageset.NoiseConfig{Images: 40, H: 8, W: 8})
	cfg := Config{Train: 12, Val: 8, Norm: forward.Batch, Views: Views(), Codes: ReLUCodes,
		Perturb: Perturbation{Std: 0.1, At: []Place{{}, {Mark: "last", Pooling: arch.Quarters}}}}
	got, want := estimate(t, build(true), set, cfg, 2), estimate(t, build(false), set, cfg, 2)
	for i, v := range Views() {
		// Both compute the same up to float32 rounding, 6e-8 a value.
		if !mat.EqualApprox(got.Kernels[i], want.Kernels[i], 1e-4*mat.Norm(want.Kernels[i], 2)) {
			t.Errorf("the %s kernel differs", v)
		}
	}
	for i, s := range got.Sensitivities {
		if w := want.Sensitivities[i]; math.Abs(s.Change-w.Change) > 1e-3*w.Change {
			t.Errorf("%v: change %v, want %v", s.Place, s.Change, w.Change)
		}
	}
	if math.Abs(got.Codes.MeanAgreement()-want.Codes.MeanAgreement()) > 1e-3 {
		t.Errorf("agreement %v, want %v", got.Codes.MeanAgreement(), want.Codes.MeanAgreement())
	}
	if _, err := Evaluate(t.Context(), nil, set, Config{Train: 12, Val: 8}); err == nil {
		t.Error("no network, and no error")
	}
}

func TestSensitivityRefuses(t *testing.T) {
	net := cell(t, 4)
	set := noise(t, imageset.NoiseConfig{Images: 40})
	for want, change := range map[string]func(*Config){
		"stack2/module2":     func(c *Config) { c.Perturb.At = []Place{{Mark: "stack9/module9"}} },
		"noise on 21 images": func(c *Config) { c.Perturb.Images = 21 },
		"standard deviation": func(c *Config) { c.Perturb.Std = -1 },
		"deviation 0":        func(c *Config) { c.Perturb.Std, c.Perturb.Images = 0, 3 },
		"only one":           func(c *Config) { c.Perturb.At = []Place{{Pooling: arch.Unpooled}} },
		"no codes":           func(c *Config) { c.Codes = "morse" },
		"whole network": func(c *Config) {
			c.Views, c.Codes, c.Perturb.At = []View{}, ReLUCodes, []Place{{Mark: "stack0/module0"}}
		},
		"28x28x3": func(c *Config) { c.NormSet = noise(t, imageset.NoiseConfig{Images: 4, H: 28, W: 28}) },
		"1 to 40": func(c *Config) { c.NormSet, c.NormBatch = set, 41 },
	} {
		cfg := Config{Train: 12, Val: 8, Norm: forward.Batch, Perturb: Perturbation{Std: 0.1}}
		change(&cfg)
		err := Kernels(t.Context(), net, set, cfg, []int{1}, func(*Estimate) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
