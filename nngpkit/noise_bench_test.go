package nngpkit

import (
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// BenchmarkFewImages measures a cell at width 8 by the pair of the kernel of
// maxima on 40 + 20 images and 2 members, and by MeasureNoise and its parts: one
// thread, memory from a pool.
func BenchmarkFewImages(b *testing.B) {
	net := cell(b, 8)
	set := imageset.Drawn(60, 1)
	sets, err := DrawNoiseSets(net.InputShape(), 16, 16, 0)
	if err != nil {
		b.Fatal(err)
	}
	pool := new(forward.Pool)
	kernels := func(b *testing.B, set *imageset.Set, cfg Config, members int) {
		cfg.Threads, cfg.Pool = 1, pool
		for range b.N {
			err := Kernels(b.Context(), net, set, cfg, []int{members}, func(e *Estimate) error {
				if e.Kernel == nil {
					return nil
				}
				_, err := gp.SpectraOf(b.Context(), e.Kernel, 0)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("pair", func(b *testing.B) {
		kernels(b, set, Config{Train: 40, Val: 20, Norm: forward.None, Views: []View{Maxima}}, 2)
	})
	b.Run("entropy", func(b *testing.B) {
		kernels(b, sets.Noise, Config{Train: 12, Val: 4, Norm: forward.None, Views: []View{Maximum}}, 4)
	})
	b.Run("sensitivity", func(b *testing.B) {
		kernels(b, sets.Noise, Config{
			Train: 6, Val: 2, Norm: forward.Batch, NormSet: sets.Norm, NormBatch: 16, Views: []View{},
			Perturb: Perturbation{Std: 0.05, At: []Place{{}, {Pooling: arch.Quarters}}},
		}, 2)
	})
	b.Run("both", func(b *testing.B) {
		for range b.N {
			if _, err := MeasureNoise(b.Context(), net, NoiseConfig{Sets: sets, Threads: 1, Pool: pool}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
