package nngpkit

import (
	"errors"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
)

// cellNetwork returns the network of a cell of NAS-Bench-101, in its text form.
func cellNetwork(t testing.TB, cell string, width int) *arch.Network {
	t.Helper()
	s, err := space.Find("nasbench101")
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Parse(cell)
	if err != nil {
		t.Fatal(err)
	}
	net, err := a.Network(width, arch.Shape{H: 32, W: 32, C: 3})
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// TestKernels compares the kernels on the way with those of an evaluation of
// as many members.
func TestKernels(t *testing.T) {
	net := cellNetwork(t, "011/001/000 input,conv3x3-bn-relu,output", 8)
	set := imageset.Drawn(60, 1)
	cfg := Config{Train: 30, Val: 20, NormBatch: 10}
	var seen []int
	err := Kernels(t.Context(), net, set, cfg, []int{1, 3}, func(e *Estimate) error {
		seen = append(seen, e.Members)
		c := cfg
		c.Members = e.Members
		r, err := Evaluate(t.Context(), net, set, c)
		if err != nil {
			return err
		}
		if !mat.Equal(r.Kernel, e.Kernel) || !slices.Equal(r.Labels, e.Labels) || r.FLOPs != e.FLOPs || e.Classes != 10 || e.Level == "" {
			t.Errorf("after %d members: the kernel, labels or costs differ from an evaluation's", e.Members)
		}
		return nil
	})
	if err != nil || !slices.Equal(seen, []int{1, 3}) {
		t.Errorf("kernels of %v members, %v", seen, err)
	}
	none := func(*Estimate) error { return nil }
	for _, bad := range [][]int{nil, {0}, {2, 2}, {3, 1}} {
		if err := Kernels(t.Context(), net, set, cfg, bad, none); err == nil {
			t.Errorf("members %v are taken", bad)
		}
	}
	stop := errors.New("enough")
	if err := Kernels(t.Context(), net, set, cfg, []int{1}, func(*Estimate) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v, want %v", err, stop)
	}
}
