package sweep

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/proxy"
)

// naswotImages is how many images NASWOT compares.
const naswotImages = 32

// noiseMeasurer measures cells with one seed. It is made once a seed, for many
// cells: it has the images.
type noiseMeasurer struct {
	seed              uint64
	level             string // of the processor's instructions
	recommended, full nngpkit.NoiseConfig
	peers             bool            // those instead
	only              bool            // the recommended setting
	set               *imageset.Set   // of CIFAR-10, for peers
	batch             *imageset.Batch // of it, for NASWOT
}

func newNoiseMeasurer(e NoiseTable, input arch.Shape, set *imageset.Set, seed uint64) (*noiseMeasurer, error) {
	m := &noiseMeasurer{seed: seed, set: set, peers: e.Peers, only: e.small, full: nngpkit.GeneralNoise()}
	m.full.Draws = 1
	for _, c := range []*nngpkit.NoiseConfig{&m.recommended, &m.full} {
		c.Seed, c.Threads = seed, 1
		var err error
		if c.Sets, err = c.DrawSets(input); err != nil {
			return nil, err
		}
	}
	if !e.Peers {
		return m, nil
	}
	var err error
	m.batch, err = set.Batch(imageset.Shuffled(set.Len(), seed)[:naswotImages], imageset.Normalization{})
	return m, err
}

// measure returns the row of a cell; its columns that are not defined are absent.
// The goroutine must be locked to its thread, for the processor time to be its own.
func (m *noiseMeasurer) measure(ctx context.Context, net *arch.Network, pool *forward.Pool) (noiseRow, error) {
	r := noiseRow{Level: m.level, Values: map[string]float64{}}
	type part struct {
		seconds string
		f       func(context.Context, *arch.Network, *forward.Pool, *noiseRow) error
	}
	parts := []part{{"noise_seconds", m.small}, {"general_seconds", m.general}}
	switch {
	case m.only:
		parts = parts[:1]
	case m.peers:
		parts = []part{{"naswot_seconds", m.naswot}, {"zen_seconds", m.zen}, {"pair_seconds", m.pair}}
	}
	for _, part := range parts {
		start := cpuSeconds(false)
		if err := part.f(ctx, net, pool, &r); err != nil {
			return r, err
		}
		r.Values[part.seconds] = cpuSeconds(false) - start
	}
	for name, x := range r.Values {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			delete(r.Values, name)
		}
	}
	return r, nil
}

// dead reports whether an error is of a network without signal, of which a table
// has nothing, or another one.
func dead(ctx context.Context, err error) bool {
	return errors.Is(err, nngpkit.ErrNoSignal) && ctx.Err() == nil
}

// small takes MeasureNoise in its recommended setting.
func (m *noiseMeasurer) small(ctx context.Context, net *arch.Network, pool *forward.Pool, r *noiseRow) error {
	cfg := m.recommended
	cfg.Pool = pool
	s, err := nngpkit.MeasureNoise(ctx, net, cfg)
	if err != nil {
		if dead(ctx, err) {
			return nil
		}
		return err
	}
	r.Values["noise_entropy"], r.Values["noise_sensitivity"] = s.Entropy, s.Sensitivity
	r.Values["noise_sensitivity_means"], r.Values["noise_sensitivity_quarters"] = s.SensitivityMeans, s.SensitivityQuarters
	return nil
}

// general takes one draw of the recipe for several spaces.
func (m *noiseMeasurer) general(ctx context.Context, net *arch.Network, pool *forward.Pool, r *noiseRow) error {
	cfg := m.full
	cfg.Pool = pool
	s, err := nngpkit.MeasureNoise(ctx, net, cfg)
	if err != nil {
		if dead(ctx, err) {
			return nil
		}
		return err
	}
	g := s.General
	for name, x := range map[string]float64{
		"entropy": s.Entropy, "entropy_means": s.EntropyMeans,
		"sensitivity_means": s.SensitivityMeans, "sensitivity_quarters": s.SensitivityQuarters,
		"picture_entropy": g.PictureEntropy, "picture_jacobian": g.JacobianPictures, "picture_naswot": g.NASWOTPictures,
		"cell_sensitivity": g.Sensitivity, "noise_norm_entropy": g.NoiseEntropy, "noise_jacobian": g.Jacobian,
		"noise_agreement": g.Agreement, "noise_naswot": g.NASWOT,
	} {
		r.Values[name] = x
	}
	return nil
}

func (m *noiseMeasurer) naswot(ctx context.Context, net *arch.Network, pool *forward.Pool, r *noiseRow) error {
	var err error
	r.Values["naswot"], err = proxy.NASWOT(ctx, net, m.batch, proxy.Config{Seed: m.seed, Threads: 1, Pool: pool})
	return err
}

// zen takes the Zen-score. A network whose last images do not change has none.
func (m *noiseMeasurer) zen(ctx context.Context, net *arch.Network, pool *forward.Pool, r *noiseRow) error {
	z, err := proxy.ZenScore(ctx, net, proxy.ZenConfig{Config: proxy.Config{Seed: m.seed, Threads: 1, Pool: pool}})
	if errors.Is(err, proxy.ErrNoScore) && ctx.Err() == nil {
		return nil
	}
	if err != nil {
		return err
	}
	r.Values["zen"], r.Values["zen_published"] = z.Score(), z.Published()
	return nil
}

// pair takes the two scores of the kernel of maxima.
func (m *noiseMeasurer) pair(ctx context.Context, net *arch.Network, pool *forward.Pool, r *noiseRow) error {
	cfg := nngpkit.Config{
		Train: 40, Val: 20, Seed: m.seed, SplitSeed: m.seed, Threads: 1, Pool: pool,
		Norm: forward.None, Views: []nngpkit.View{nngpkit.Maxima},
	}
	return nngpkit.Kernels(ctx, net, m.set, cfg, []int{2}, func(e *nngpkit.Estimate) error {
		s, err := gp.SpectraOf(ctx, e.Kernel, 0)
		if err != nil {
			return fmt.Errorf("the pair: %w", err)
		}
		r.Values["pair_log_det"], r.Values["pair_effective_dimension"] = s.LogDet, s.EffectiveDimension
		return nil
	})
}
