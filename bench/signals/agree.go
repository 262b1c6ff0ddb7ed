package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
	"github.com/nngplab/nngplab/nngpkit/proxy"
)

// agree prints how the peers, measured here on n cells, rank them beside what
// others published: NASLib's Zen-score of NAS-Bench-101, its Zen-score and NASWOT
// of NAS-Bench-201.
func (o options) agree(ctx context.Context, n int, w io.Writer) error {
	cells, names, err := o.published(ctx, n)
	if err != nil {
		return err
	}
	set, err := imageset.Load("cifar10")
	if err != nil {
		return err
	}
	images, err := set.Batch(imageset.Shuffled(set.Len(), 0)[:64], imageset.Normalization{})
	if err != nil {
		return err
	}
	own := map[string][]float64{}
	pool := new(forward.Pool)
	for _, c := range cells {
		net, err := c.network()
		if err != nil {
			return err
		}
		cfg := proxy.Config{Threads: o.threads, Pool: pool}
		z, err := proxy.ZenScore(ctx, net, proxy.ZenConfig{Config: cfg})
		if err != nil {
			return err
		}
		s, err := proxy.NASWOT(ctx, net, images, cfg)
		if err != nil {
			return err
		}
		own["Zen-score"] = append(own["Zen-score"], z.Score())
		own["Zen-score as published code"] = append(own["Zen-score as published code"], z.Published())
		own["NASWOT"] = append(own["NASWOT"], s)
	}
	fmt.Fprintf(w, "%d cells of %s, width %d: tau-b with published values\n", len(cells), o.space, o.width)
	for _, name := range []string{"Zen-score", "Zen-score as published code", "NASWOT"} {
		for _, p := range names {
			x := make([]float64, len(cells))
			for i, c := range cells {
				x[i] = c.counts[p]
			}
			iv, err := corr.Bootstrap(ctx, x, own[name], corr.Tau, corr.BootstrapConfig{Resamples: 500, Jackknife: 20})
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%-28s with %-11s %.3f [%.3f, %.3f]\n", name, p, iv.Estimate, iv.PercentileLower, iv.PercentileUpper)
		}
	}
	return nil
}

// published returns n cells spread over the table of published values, and the
// names of these.
func (o options) published(ctx context.Context, n int) ([]cell, []string, error) {
	if o.space == "nasbench201" {
		cells, err := readCells(o)
		if err != nil {
			return nil, nil, err
		}
		return spread(cells, n), []string{"zen", "nwot"}, nil
	}
	cells, err := read(filepath.Join("nasbench101", "zen_naslib.csv"), func(row map[string]string) (cell, error) {
		v, err := strconv.ParseFloat(row["zen"], 64)
		return cell{key: row["module_hash"], counts: map[string]float64{"zen": v}}, err
	})
	if err != nil {
		return nil, nil, err
	}
	cells = spread(cells, n)
	for i := range cells {
		spec, err := nasbench.ByHash(ctx, cells[i].key)
		if err != nil {
			return nil, nil, err
		}
		cells[i].network = func() (*arch.Network, error) { return spec.Canonical().Network(o.width, arch.Shape{}) }
	}
	return cells, []string{"zen"}, nil
}

// spread returns n of the cells, or all where there are fewer.
func spread(cells []cell, n int) []cell {
	var out []cell
	for i := range min(n, len(cells)) {
		out = append(out, cells[i*len(cells)/min(n, len(cells))])
	}
	return out
}
