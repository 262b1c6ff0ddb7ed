// Package forward runs a network at random initialization over a batch of
// images and returns the features whose products make an NNGP kernel.
//
// A network is compiled once; a plan then draws new weights for each member
// of the ensemble and evaluates the same images:
//
//	plan, err := forward.Compile(net, forward.Config{Seed: 1})
//	features, err := plan.Features(ctx, 0, images, normBatch)
//
// # Batch normalization
//
// gamma is 1 and beta 0, as part of a layer or as a node of its own. The batch normBatch runs through the network in
// training mode: every layer normalizes by the mean m and the biased variance
// of the values that this batch gives it, layer after layer. Then the images
// run with fixed statistics, which Config.Norm chooses: those of one
// moving-average update (EMA), those of the batch itself (Batch), or no
// normalization at all (None).
//
// # Reproducibility
//
// Weights come from counter-based streams keyed by seed, member and node; see
// Weights. On one machine the features of a member are the same bits for any
// number of threads, any way of asking for it (Features or Members), and any
// other images in the batch. Another instruction set rounds differently; the
// environment variable NNGPLAB_SIMD (portable, avx2, avx512) forces one. So do
// wide networks on a processor whose second-level cache has a megabyte or more,
// where they run another way.
package forward

import (
	"context"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// Norm says which statistics normalize the evaluated images.
type Norm int

const (
	// EMA uses the statistics that one training step leaves in the moving
	// averages, which start at mean 0 and variance 1: mean (1-mom)*m and
	// variance mom + (1-mom)*v with the layer's momentum mom and v the
	// variance with Bessel's correction. At momentum 0.997 it is close to no
	// normalization. It is what the published code of the paper does, and the
	// default.
	EMA Norm = iota
	// Batch uses the batch's own mean and biased variance.
	Batch
	// None leaves normalization out.
	None
)

var normNames = [...]string{"ema", "batch", "none"}

// String returns the lower-case name of the mode.
func (n Norm) String() string {
	if n >= 0 && int(n) < len(normNames) {
		return normNames[n]
	}
	return fmt.Sprintf("norm(%d)", int(n))
}

// ParseNorm returns the mode of the given name: ema, batch or none.
func ParseNorm(name string) (Norm, error) {
	for i, s := range normNames {
		if s == name {
			return Norm(i), nil
		}
	}
	return 0, fmt.Errorf("forward: unknown normalization %q (ema, batch or none)", name)
}

// Config says how a network is run. The zero value is the paper's published
// protocol.
type Config struct {
	Norm    Norm
	Draw    Draw
	Seed    uint64
	Threads int // 0: GOMAXPROCS

	// Codes are nodes whose signs are recorded, such as ReLUs of the network; they
	// come with the features. Features stay the same bits, but for networks so
	// wide that they would run another way, and where a node is asked for that
	// otherwise is computed together with a normalization behind it.
	Codes []int
	// Moments asks for the statistics of the normalization batch, too.
	Moments bool
}

// Features is a matrix of N images by D features, row by row.
type Features struct {
	N, D int
	Data []float32

	Codes   *Codes    // where Config.Codes asks for them; valid as long as Data
	Moments []Moments // where Config.Moments does, of a network that normalizes
}

// Compile prepares a network for running. The plan may be used by many
// goroutines.
func Compile(net *arch.Network, cfg Config) (*Plan, error) {
	return new(Pool).Compile(net, cfg)
}

// Compile is like the function Compile, with memory shared among the plans
// of the pool.
func (p *Pool) Compile(net *arch.Network, cfg Config) (*Plan, error) {
	level, err := simd.Best()
	if err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	if level.Channels != nil && len(cfg.Codes) == 0 && net.Check() == nil && sideways(fold(net, cfg.Norm, nil).net, level.Lanes) {
		level = level.Channels
	}
	return compile(net, cfg, p, level)
}

// Features returns the features of the images x for one member. normBatch is
// the batch that sets the normalization; it may be nil where Config.Norm is
// None or the network has no normalization.
//
// Canceling the context ends the call with the context's error.
func (p *Plan) Features(ctx context.Context, member int, x, normBatch *imageset.Batch) (*Features, error) {
	var out *Features
	err := p.Members(ctx, member, 1, x, normBatch, func(_ int, f *Features) error {
		c := *f
		c.Data = append([]float32(nil), f.Data...)
		if f.Codes != nil {
			own := *f.Codes
			own.masks, own.rows = append([]uint16(nil), own.masks...), nil
			c.Codes = &own
		}
		c.Moments = nil
		for _, m := range f.Moments {
			c.Moments = append(c.Moments, Moments{m.Node, append([]float64(nil), m.Mean...), append([]float64(nil), m.Variance...)})
		}
		out = &c
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
