package nngpkit

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

func memoryNet(t *testing.T, width int) *arch.Network {
	t.Helper()
	return cellNetwork(t, "0101/0010/0001/0000 input,conv3x3-bn-relu,conv3x3-bn-relu,output", width)
}

// TestMemory: the estimate grows with what an evaluation takes, and stays a
// number at any width. Of this cell at stem 128 with 30 images, 2 members and 2
// threads a process held 861 MB at most (/usr/bin/time).
func TestMemory(t *testing.T) {
	set := imageset.Drawn(30, 0)
	cfg := Config{Train: 20, Val: 10, Members: 2, Threads: 2}
	at := cfg.Memory(memoryNet(t, 128), set)
	if at < 0.86e9/2 || at > 2*0.86e9 {
		t.Errorf("stem 128: %.3g bytes", at)
	}
	last := 0.0
	for _, w := range []int{8, 64, 1000, 3_500} {
		n := cfg.Memory(memoryNet(t, w), set)
		if !(n > last) || math.IsInf(n, 0) {
			t.Errorf("width %d: %g bytes, %g before", w, n, last)
		}
		last = n
	}
	for _, more := range []Config{{Train: 2000, Val: 10}, {Train: 20, Val: 10, Members: 2, Threads: 64}, {Train: 20, Val: 10, Views: []View{Raw, Maxima}}} {
		if more.Memory(memoryNet(t, 8), set) <= (Config{Train: 20, Val: 10, Members: 2, Threads: 1}).Memory(memoryNet(t, 8), set) {
			t.Errorf("%+v takes no more", more)
		}
	}
}

// TestMemoryRefused: what does not fit is refused before anything is reserved.
func TestMemoryRefused(t *testing.T) {
	set := imageset.Drawn(30, 0)
	net := memoryNet(t, 3_500)
	cfg := Config{Train: 2, Val: 1, Members: 1}
	var m *MemoryError
	if _, err := Evaluate(context.Background(), net, set, cfg); !errors.As(err, &m) || m.Need < 5e10 || m.Total <= 0 {
		t.Errorf("Evaluate: %v", err)
	}
	if err := Kernels(context.Background(), net, set, cfg, []int{1}, nil); !errors.As(err, &m) {
		t.Errorf("Kernels: %v", err)
	}
}
