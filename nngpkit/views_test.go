package nngpkit

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// TestViews compares the kernels of all views with products that the test
// takes itself from the features of the multi-scale network.
func TestViews(t *testing.T) {
	net := cellNetwork(t, "0111/0010/0001/0000 input,conv3x3-bn-relu,maxpool3x3,output", 8)
	set := imageset.Drawn(60, 1)
	cfg := Config{Train: 30, Val: 20, NormBatch: 10, Norm: forward.None, Views: Views()}
	var got *Estimate
	if err := Kernels(t.Context(), net, set, cfg, []int{2}, func(e *Estimate) error { got = e; return nil }); err != nil {
		t.Fatal(err)
	}
	if got.FLOPs != net.FLOPs()*50*2 {
		t.Errorf("views cost %d FLOPs, the network alone %d", got.FLOPs, net.FLOPs()*50*2)
	}
	raw, err := Evaluate(t.Context(), net, set, Config{Train: 30, Val: 20, Norm: forward.None, Members: 2})
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(raw.Kernel, got.Kernel) {
		t.Error("the raw kernel beside other views is not the one that an evaluation without them gives")
	}
	want := viewKernels(t, net, set, cfg, 2)
	for i, v := range Views() {
		k := got.Kernels[i]
		// Standardized features are rounded to float32 and their products
		// averaged over images: 2^-23 of the mean trace is what that leaves.
		tol := 0x1p-22 * mat.Trace(k) / 50
		for a := 0; a < 50; a++ {
			for b := a; b < 50; b++ {
				if d := math.Abs(k.At(a, b) - want[v].At(a, b)); !(d <= tol) {
					t.Fatalf("%s kernel at %d, %d is %g, want %g", v, a, b, k.At(a, b), want[v].At(a, b))
				}
			}
		}
	}
}

// viewKernels computes the kernels of all views in float64.
func viewKernels(t *testing.T, net *arch.Network, set *imageset.Set, cfg Config, members int) map[View]*mat.SymDense {
	t.Helper()
	wide, blocks, err := net.MultiScale()
	if err != nil {
		t.Fatal(err)
	}
	e, err := loaded(net, set, cfg.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	plan, err := forward.Compile(wide, forward.Config{Norm: cfg.Norm})
	if err != nil {
		t.Fatal(err)
	}
	names := map[View][]string{
		Raw: {"final"}, Standardized: {"final"}, Depths: {"scale 1", "scale 2", "final"}, Maxima: {"maxima"},
	}
	out := map[View]*mat.SymDense{}
	for v, take := range names {
		sum := mat.NewSymDense(50, nil)
		for m := range members {
			f, err := plan.Features(t.Context(), m, e.images, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range take {
				for _, b := range blocks {
					if b.Name != name {
						continue
					}
					for j := b.First; j < b.First+b.N; j++ {
						addFeature(sum, f, j, v != Raw)
					}
				}
			}
		}
		sum.ScaleSym(1/float64(members), sum)
		out[v] = sum
	}
	out[Maximum] = maximumKernel(t, net, e.images, cfg, members)
	return out
}

// maximumKernel takes the maxima itself, from the last images as they are.
func maximumKernel(t *testing.T, net *arch.Network, images *imageset.Batch, cfg Config, members int) *mat.SymDense {
	t.Helper()
	last, _, err := net.Probed(arch.Probe{Node: net.End(), Pooling: arch.Unpooled})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := forward.Compile(last, forward.Config{Norm: cfg.Norm})
	if err != nil {
		t.Fatal(err)
	}
	sum := mat.NewSymDense(images.N, nil)
	c := net.Nodes[net.End()].Out.C
	for m := range members {
		f, err := plan.Features(t.Context(), m, images, nil)
		if err != nil {
			t.Fatal(err)
		}
		top := &forward.Features{N: f.N, D: c, Data: make([]float32, f.N*c)}
		for i := range f.N {
			for k, v := range f.Data[i*f.D:][:f.D] {
				to := &top.Data[i*c+k%c]
				if k < c || v > *to {
					*to = v
				}
			}
		}
		for j := range c {
			addFeature(sum, top, j, true)
		}
	}
	sum.ScaleSym(1/float64(members), sum)
	return sum
}

// addFeature adds the products of one feature, standardized where asked.
func addFeature(sum *mat.SymDense, f *forward.Features, j int, standardize bool) {
	x := mat.NewVecDense(f.N, nil)
	mean, most, squares := 0.0, 0.0, 0.0
	for i := range f.N {
		v := float64(f.Data[i*f.D+j])
		x.SetVec(i, v)
		mean += v / float64(f.N)
		most = max(most, math.Abs(v))
	}
	if standardize {
		for i := range f.N {
			x.SetVec(i, x.AtVec(i)-mean)
			squares += x.AtVec(i) * x.AtVec(i) / float64(f.N)
		}
		if math.Sqrt(squares) <= 1e-5*most {
			return
		}
		x.ScaleVec(1/math.Sqrt(squares), x)
	}
	sum.SymRankOne(sum, 1, x)
}

func TestViewsRefused(t *testing.T) {
	set := imageset.Drawn(60, 1)
	for _, views := range [][]View{{"sideways"}, {Raw, Raw}} {
		if err := (Config{Train: 30, Val: 20, Views: views}).Check(set); err == nil {
			t.Errorf("views %q are taken", views)
		}
	}
}
