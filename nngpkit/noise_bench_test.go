package nngpkit

import (
	"testing"

	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// BenchmarkFewImages measures a cell at width 8 by the pair of the kernel of
// maxima on 40 + 20 images and 2 members, and by MeasureNoise in both settings: one
// thread, memory from a pool.
func BenchmarkFewImages(b *testing.B) {
	net := cell(b, 8)
	set := imageset.Drawn(60, 1)
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
	for name, cfg := range map[string]NoiseConfig{"recommended": {}, "general": GeneralNoise()} {
		b.Run(name, func(b *testing.B) {
			sets, err := cfg.DrawSets(net.InputShape())
			if err != nil {
				b.Fatal(err)
			}
			cfg.Sets, cfg.Threads, cfg.Pool = sets, 1, pool
			for range b.N {
				if _, err := MeasureNoise(b.Context(), net, cfg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
