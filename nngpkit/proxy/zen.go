package proxy

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// ZenConfig says how the Zen-score is computed. Its zero value is that of the
// authors: 16 images of standard normal values, mixed with 0.01 times others.
type ZenConfig struct {
	Config
	Images int     // 0 means 16
	Mix    float64 // 0 means 0.01
}

// Zen holds the parts of a Zen-score, means over members.
type Zen struct {
	// LogChange is the logarithm of the mean over images of the Euclidean norm of
	// the change of the last images before they are pooled; LogChangeL1 of the sum of
	// the changes' absolute values, as in the authors' code.
	LogChange, LogChangeL1 float64
	// LogScale is the sum over normalized layers of the logarithm of the root of the
	// mean variance of their channels; LogScaleRunning takes the moving averages that
	// two steps of momentum 0.1 from variance 1 leave, as in the authors' code.
	LogScale, LogScaleRunning float64
	Layers                    int // that normalize
}

// Score is the Zen-score as its paper defines it.
func (z Zen) Score() float64 { return z.LogChange + z.LogScale }

// Published is the Zen-score as the authors' code, and NASLib's, computes it. It
// differs by about -0.83 a layer, and by the norm.
func (z Zen) Published() float64 { return z.LogChangeL1 + z.LogScaleRunning }

// ErrNoScore is wrapped where a network that passes nothing on has no Zen-score.
var ErrNoScore = errors.New("there is no Zen-score")

// ZenScore computes the Zen-score of a network (Lin, Wang, Sun, Chen, Sun, Qian,
// Li & Jin, "Zen-NAS", ICCV 2021): how much the last images change with small
// changes of the input, in a network of standard normal weights in which every
// layer is normalized, as in training, by the statistics of the batch, and what
// these normalizations take away. Larger is taken to be better.
//
// Two batches run, each normalized by itself: x of standard normal values
// (nearly: sums of eight uniform ones), and x + Mix e.
func ZenScore(ctx context.Context, net *arch.Network, cfg ZenConfig) (*Zen, error) {
	base, err := cfg.Config.resolved()
	if err != nil {
		return nil, err
	}
	cfg.Config = base
	if cfg.Images == 0 {
		cfg.Images = 16
	}
	if cfg.Mix == 0 {
		cfg.Mix = 0.01
	}
	if cfg.Images < 1 {
		return nil, fmt.Errorf("proxy: Zen-score of %d images", cfg.Images)
	}
	if !(cfg.Mix > 0) || math.IsInf(cfg.Mix, 0) {
		return nil, fmt.Errorf("proxy: Zen-score of images mixed with %v times others: want a positive number", cfg.Mix)
	}
	run, err := zenNetwork(net)
	if err != nil {
		return nil, err
	}
	x, y, err := zenImages(net.InputShape(), cfg)
	if err != nil {
		return nil, err
	}
	plan, err := cfg.Pool.Compile(run, forward.Config{Norm: forward.Batch, Seed: cfg.Seed, Threads: cfg.Threads, Moments: true})
	if err != nil {
		return nil, err
	}
	sum := new(Zen)
	for m := range cfg.Members {
		f, err := plan.Features(ctx, m, x, x)
		if err != nil {
			return nil, err
		}
		g, err := plan.Features(ctx, m, y, y)
		if err != nil {
			return nil, err
		}
		if err := sum.add(run, f, g); err != nil {
			return nil, fmt.Errorf("proxy: network %q, member %d: %w", net.Name, m, err)
		}
	}
	k := 1 / float64(cfg.Members)
	return &Zen{
		LogChange: sum.LogChange * k, LogChangeL1: sum.LogChangeL1 * k,
		LogScale: sum.LogScale * k, LogScaleRunning: sum.LogScaleRunning * k, Layers: sum.Layers,
	}, nil
}

// zenNetwork returns the network with standard normal weights, up to its last
// images.
func zenNetwork(net *arch.Network) (*arch.Network, error) {
	run, _, err := net.Probed(arch.Probe{Name: "last", Node: net.End(), Pooling: arch.Unpooled})
	if err != nil {
		return nil, err
	}
	for i := range run.Nodes {
		nd := &run.Nodes[i]
		if run.Weights(i) == 0 {
			continue
		}
		nd.Init = arch.Init{Gain: 1, Normal: true}
		nd.Init.Gain = 1 / run.WeightVariance(i)
	}
	return run, nil
}

// zenImages returns the two batches.
func zenImages(s arch.Shape, cfg ZenConfig) (x, y *imageset.Batch, err error) {
	zero := &imageset.Batch{N: cfg.Images, H: s.H, W: s.W, C: s.C, Data: make([]float32, cfg.Images*s.Size())}
	if x, err = zero.Perturbed(cfg.Images, 1, cfg.Seed); err != nil {
		return nil, nil, err
	}
	y, err = x.Perturbed(cfg.Images, cfg.Mix, ^cfg.Seed)
	return x, y, err
}

// add adds a member, whose features and statistics of both batches are given.
func (z *Zen) add(net *arch.Network, f, g *forward.Features) error {
	norm, l1 := 0.0, 0.0
	for i := range f.N {
		squares := 0.0
		for k, v := range f.Data[i*f.D:][:f.D] {
			d := math.Abs(float64(v) - float64(g.Data[i*f.D+k]))
			squares += d * d
			l1 += d
		}
		norm += math.Sqrt(squares)
	}
	n := float64(f.N)
	if norm == 0 || math.IsNaN(norm) || math.IsInf(norm, 0) {
		return fmt.Errorf("the last images change by %v: %w", norm/n, ErrNoScore)
	}
	z.LogChange += math.Log(norm / n)
	z.LogChangeL1 += math.Log(l1 / n)
	for i, m := range f.Moments {
		s := net.Nodes[m.Node].Out
		count := n * float64(s.H*s.W)
		bessel := 1.0
		if count > 1 {
			bessel = count / (count - 1)
		}
		mean, running := 0.0, 0.0
		for c, v := range m.Variance {
			mean += v
			running += 0.9*(0.9+0.1*bessel*v) + 0.1*bessel*g.Moments[i].Variance[c]
		}
		channels := float64(len(m.Variance))
		if mean == 0 {
			return fmt.Errorf("node %d has no variance: %w", m.Node, ErrNoScore)
		}
		z.LogScale += 0.5 * math.Log(mean/channels)
		z.LogScaleRunning += 0.5 * math.Log(running/channels)
	}
	z.Layers = len(f.Moments)
	return nil
}
