package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"

	"golang.org/x/sys/unix"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
	"github.com/nngplab/nngplab/nngpkit/proxy"
)

// costs prints the time of one core that n cells of NAS-Bench-101, drawn uniformly,
// take by each signal at width 8, and what the whole space would take: medians
// of three rounds, in turns, of processor time.
func costs(ctx context.Context, n int, w io.Writer) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cells, err := nasbench.Sample(n, 1)
	if err != nil {
		return err
	}
	set := imageset.Drawn(60, 0)
	batch, err := set.Batch(imageset.Shuffled(60, 0)[:32], imageset.Normalization{})
	if err != nil {
		return err
	}
	pool := new(forward.Pool)
	noise := func(cfg nngpkit.NoiseConfig) func(net *arch.Network) error {
		cfg.Threads, cfg.Pool = 1, pool
		return func(net *arch.Network) error {
			if cfg.Sets == nil {
				var err error
				if cfg.Sets, err = cfg.DrawSets(net.InputShape()); err != nil {
					return err
				}
			}
			_, err := nngpkit.MeasureNoise(ctx, net, cfg)
			return err
		}
	}
	ways := []struct {
		name string
		run  func(net *arch.Network) error
	}{
		{"present pair: 40 + 20 images, 2 members", func(net *arch.Network) error {
			cfg := nngpkit.Config{Train: 40, Val: 20, Threads: 1, Pool: pool, Norm: forward.None, Views: []nngpkit.View{nngpkit.Maxima}}
			return nngpkit.Kernels(ctx, net, set, cfg, []int{2}, func(e *nngpkit.Estimate) error {
				_, err := gp.SpectraOf(ctx, e.Kernel, 0)
				return err
			})
		}},
		{"MeasureNoise, recommended", noise(nngpkit.NoiseConfig{})},
		{"MeasureNoise, general", noise(nngpkit.GeneralNoise())},
		{"Zen-score", func(net *arch.Network) error {
			_, err := proxy.ZenScore(ctx, net, proxy.ZenConfig{Config: proxy.Config{Threads: 1, Pool: pool}})
			return err
		}},
		{"NASWOT, 32 images", func(net *arch.Network) error {
			_, err := proxy.NASWOT(ctx, net, batch, proxy.Config{Threads: 1, Pool: pool})
			return err
		}},
	}
	times := make([][]float64, len(ways))
	for range 4 { // the first warms up
		for i, way := range ways {
			start := processor()
			for _, c := range cells {
				net, err := c.Canonical().Network(8, arch.Shape{})
				if err != nil {
					return err
				}
				// A network that passes nothing on costs what it costs.
				if err := way.run(net); err != nil && !errors.Is(err, nngpkit.ErrNoSignal) {
					return err
				}
			}
			times[i] = append(times[i], (processor()-start)/float64(n))
		}
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%d cells, width 8\tms a cell, one core\tof the pair\tall %d cells, hours of one core\n", n, nasbench.Size)
	pair := 0.0
	for i, way := range ways {
		slices.Sort(times[i][1:])
		t := times[i][2]
		if i == 0 {
			pair = t
		}
		fmt.Fprintf(tw, "%s\t%.1f\t%.2f\t%.1f\n", way.name, t*1e3, t/pair, t*nasbench.Size/3600)
	}
	return tw.Flush()
}

// processor returns the processor time of this thread in seconds.
func processor() float64 {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return float64(t.Nano()) * 1e-9
}
