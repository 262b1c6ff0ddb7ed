// Package proxy computes zero-cost proxies of other authors that need forward
// passes alone, as peers to compare with: NASWOT and the Zen-score. Both run any
// network on package forward.
//
// Proxies that need gradients (SynFlow, SNIP, gradient norm, the neural tangent
// kernel) are out of its reach.
package proxy

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// Config says how a proxy is computed. Its zero value is one draw of weights.
type Config struct {
	Seed    uint64
	Members int           // draws of weights, over which scores are averaged; 0 means 1
	Threads int           // 0 means GOMAXPROCS; no result depends on it
	Pool    *forward.Pool // memory shared by many networks; may be nil
}

func (c Config) resolved() (Config, error) {
	if c.Members == 0 {
		c.Members = 1
	}
	if c.Members < 0 {
		return c, fmt.Errorf("proxy: %d members: at least one is needed", c.Members)
	}
	if c.Pool == nil {
		c.Pool = new(forward.Pool)
	}
	return c, nil
}

// NASWOT returns log |det H|, where H counts for each two images the ReLU units
// of the network that are on for both or off for both: larger where units tell
// images apart (Mellor, Turner, Storkey & Crowley, "Neural Architecture Search
// without Training", ICML 2021). The network normalizes by the statistics of the
// images themselves, as in training; weights have the network's own variances,
// which normalization makes irrelevant. 128 images are usual.
//
// It is -Inf where two images have the same code. It returns an error for fewer
// than two images, and for networks without ReLU.
func NASWOT(ctx context.Context, net *arch.Network, images *imageset.Batch, cfg Config) (float64, error) {
	cfg, err := cfg.resolved()
	if err != nil {
		return 0, err
	}
	relus := forward.ReLUs(net)
	if len(relus) == 0 {
		return 0, fmt.Errorf("proxy: network %q has no ReLU, whose codes NASWOT compares", net.Name)
	}
	if images == nil || images.N < 2 {
		return 0, fmt.Errorf("proxy: NASWOT compares images: at least two are needed")
	}
	plan, err := cfg.Pool.Compile(net, forward.Config{Norm: forward.Batch, Seed: cfg.Seed, Threads: cfg.Threads, Codes: relus})
	if err != nil {
		return 0, err
	}
	n := images.N
	equal := make([]int64, n*n)
	sum := 0.0
	err = plan.Members(ctx, 0, cfg.Members, images, images, func(_ int, f *forward.Features) error {
		clear(equal)
		for i := range f.Codes.Nodes {
			f.Codes.Equal(i, n, equal)
		}
		sum += logDet(equal, n)
		return nil
	})
	return sum / float64(cfg.Members), err
}

// logDet returns log |det| of an n x n matrix, -Inf where it is singular.
func logDet(equal []int64, n int) float64 {
	h := mat.NewDense(n, n, nil)
	for i, v := range equal {
		h.Set(i/n, i%n, float64(v))
	}
	d, _ := mat.LogDet(h)
	if math.IsNaN(d) {
		return math.Inf(-1)
	}
	return d
}
