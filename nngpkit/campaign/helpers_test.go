package campaign

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/space"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
)

// small is a noise measurement that takes few milliseconds.
var small = Measurement{Name: "noise", Noise: &Noise{Width: 8, Images: 6, Members: 2, SensitivityImages: 2, SensitivityMembers: 1, NormBatch: 2}}

// planned returns a plan of a sample of NAS-Bench-101.
func planned(t testing.TB, n int, seeds ...uint64) *Plan {
	t.Helper()
	if len(seeds) == 0 {
		seeds = []uint64{0}
	}
	p, err := NewPlan("nasbench101", SampleOf(n, 3), []Measurement{small}, seeds, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// faked puts a measurement by arithmetic in, which costs nothing: the counts of the
// cell, or what fail returns.
func faked(t testing.TB, fail func(a space.Architecture) error) {
	t.Helper()
	old := measuresOf
	t.Cleanup(func() { measuresOf = old })
	measuresOf = func(g *gallery) ([]measure, error) {
		var out []measure
		for _, seed := range g.plan.Seeds {
			for range g.plan.Measurements {
				out = append(out, func(_ context.Context, a space.Architecture, _ *forward.Pool) ([]float64, error) {
					if fail != nil {
						if err := fail(a); err != nil {
							return nil, err
						}
					}
					return []float64{float64(a.Parameters()) / 3, float64(seed) + a.Counts()[0]}, nil
				})
			}
		}
		return out, nil
	}
}

// whole runs a plan undisturbed and returns the bytes of its store.
func whole(t testing.TB, p *Plan, cfg RunConfig) string {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	got, err := Run(context.Background(), p, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got.Done+got.Failed != got.Total {
		t.Fatalf("%d and %d of %d are there", got.Done, got.Failed, got.Total)
	}
	return read(t, cfg.Shard.StorePath(cfg.Dir))
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

var (
	errBoom    = errors.New("boom")
	errNoSpace = syscall.ENOSPC
)
