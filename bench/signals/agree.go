package main

import (
	"context"
	"fmt"
	"io"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/proxy"
	"github.com/nngplab/nngplab/nngpkit/truth"
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
	for _, a := range cells.Architectures {
		net, err := o.network(a)
		if err != nil {
			return err
		}
		cfg := proxy.Config{Pool: pool}
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
	fmt.Fprintf(w, "%d cells of %s, width %d: tau-b with published values\n", cells.Len(), o.space, o.width)
	for _, name := range []string{"Zen-score", "Zen-score as published code", "NASWOT"} {
		for _, p := range names {
			x, err := frame.Floats(cells.Frame, p)
			if err != nil {
				return err
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

// published returns n cells spread over those of which values are published, and
// the columns of these.
func (o options) published(ctx context.Context, n int) (*truth.Cells, []string, error) {
	cells, err := o.cells(ctx)
	if err != nil {
		return nil, nil, err
	}
	names := []string{"proxy_zen"}
	if o.space == "nasbench201" {
		names = append(names, "proxy_nwot")
	}
	known, err := frame.Known(cells.Frame, names...)
	if err != nil {
		return nil, nil, err
	}
	known, err = frame.Checked(known.Subset(spread(known.Nrow(), n)))
	if err != nil {
		return nil, nil, err
	}
	out := *cells
	return &out, names, out.Add(known.Select([]string{frame.KeyColumn}))
}
