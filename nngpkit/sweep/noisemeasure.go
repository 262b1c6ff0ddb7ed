package sweep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/proxy"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// naswotImages is how many images NASWOT compares.
const naswotImages = 32

// kernelImages is how many images the kernels of many classes train on, and how many
// they validate on.
const kernelImages = 200

// noiseMeasurer measures cells with one seed. It is made once a seed, for many
// cells: it has the images.
type noiseMeasurer struct {
	seed              uint64
	level             string // of the processor's instructions
	recommended, full nngpkit.NoiseConfig
	scores, codesOnly nngpkit.NoiseConfig
	kernels           nngpkit.Config
	parts             []noisePart
	set               *imageset.Set   // for peers; else nil
	batch             *imageset.Batch // of it, for NASWOT
}

// noiseNetwork is a network that is measured.
type noiseNetwork struct {
	a    space.Architecture
	net  *arch.Network // of it, as it is measured
	pool *forward.Pool
}

// noisePart is what is measured together.
type noisePart int

const (
	freePart noisePart = iota // counts, which need no measurement
	smallPart
	generalPart
	scorePart
	codesPart
	naswotPart
	zenPart
	pairPart
	kernelPart
)

// noiseParts say how each part is measured, and where its time goes.
var noiseParts = map[noisePart]struct {
	seconds string
	measure func(m *noiseMeasurer, ctx context.Context, n noiseNetwork, r *noiseRow) error
}{
	smallPart:   {"noise_seconds", (*noiseMeasurer).small},
	generalPart: {"general_seconds", (*noiseMeasurer).general},
	scorePart:   {"score_seconds", (*noiseMeasurer).score},
	codesPart:   {"agreement_seconds", (*noiseMeasurer).codes},
	naswotPart:  {"naswot_seconds", (*noiseMeasurer).naswot},
	zenPart:     {"zen_seconds", (*noiseMeasurer).zen},
	pairPart:    {"pair_seconds", (*noiseMeasurer).pair},
	kernelPart:  {"kernel_seconds", (*noiseMeasurer).kernel},
}

func newNoiseMeasurer(e NoiseTable, input arch.Shape, set *imageset.Set, seed uint64) (*noiseMeasurer, error) {
	m := &noiseMeasurer{seed: seed, set: set, parts: e.parts, full: nngpkit.GeneralNoise(), scores: nngpkit.GeneralNoise(), codesOnly: nngpkit.CodesNoise()}
	m.full.Draws = 1
	for part, c := range map[noisePart]*nngpkit.NoiseConfig{smallPart: &m.recommended, generalPart: &m.full, scorePart: &m.scores, codesPart: &m.codesOnly} {
		if !slices.Contains(e.parts, part) {
			continue
		}
		c.Seed, c.Threads = seed, 1
		var err error
		if c.Sets, err = c.DrawSets(input); err != nil {
			return nil, err
		}
	}
	if !e.Peers {
		return m, nil
	}
	if got := (arch.Shape{H: set.H, W: set.W, C: set.C}); got != input {
		return nil, fmt.Errorf("sweep: %s needs images of %v, those of %s are of %v", e.Name, input, set.Name, got)
	}
	if slices.Contains(e.parts, kernelPart) {
		m.kernels = nngpkit.Config{
			Train: kernelImages, Val: kernelImages, Members: 1, Balanced: true, Norm: forward.Batch, NormBatch: 50,
			Views: []nngpkit.View{nngpkit.Raw, nngpkit.Maxima}, Seed: seed, SplitSeed: seed, Threads: 1,
		}
		if !set.Labeled() {
			return nil, fmt.Errorf("sweep: %s needs images with classes, those of %s have none", e.Name, set.Name)
		}
		if err := m.kernels.Check(set); err != nil {
			return nil, fmt.Errorf("sweep: %s: %w", e.Name, err)
		}
	}
	if set.Len() < naswotImages {
		return nil, fmt.Errorf("sweep: %s needs at least %d images, %s has %d", e.Name, naswotImages, set.Name, set.Len())
	}
	var err error
	m.batch, err = set.Batch(imageset.Shuffled(set.Len(), seed)[:naswotImages], imageset.Normalization{})
	return m, err
}

// measure returns the row of a cell; its columns that are not defined are absent.
// The goroutine must be locked to its thread, for the processor time to be its own.
func (m *noiseMeasurer) measure(ctx context.Context, n noiseNetwork) (noiseRow, error) {
	r := noiseRow{Level: m.level, Values: map[string]float64{}}
	for _, p := range m.parts {
		if p == freePart {
			r.Values[truth.Parameters.Column], r.Values["mega_macs"] = float64(n.a.Parameters()), float64(n.a.MACs())*1e-6
			continue
		}
		part := noiseParts[p]
		start := cpuSeconds(false)
		if err := part.measure(m, ctx, n, &r); err != nil {
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

// signals takes MeasureNoise; nil of a network without signal, of which a table has
// nothing.
func (n noiseNetwork) signals(ctx context.Context, cfg nngpkit.NoiseConfig) (*nngpkit.NoiseSignals, error) {
	cfg.Pool = n.pool
	s, err := nngpkit.MeasureNoise(ctx, n.net, cfg)
	if errors.Is(err, nngpkit.ErrNoSignal) && ctx.Err() == nil {
		return nil, nil
	}
	return s, err
}

// small takes MeasureNoise in its recommended setting.
func (m *noiseMeasurer) small(ctx context.Context, n noiseNetwork, r *noiseRow) error {
	s, err := n.signals(ctx, m.recommended)
	if s == nil || err != nil {
		return err
	}
	r.Values["noise_entropy"], r.Values["noise_sensitivity"] = s.Entropy, s.Sensitivity
	r.Values["noise_sensitivity_means"], r.Values["noise_sensitivity_quarters"] = s.SensitivityMeans, s.SensitivityQuarters
	return nil
}

// general takes one draw of the recipe for several spaces.
func (m *noiseMeasurer) general(ctx context.Context, n noiseNetwork, r *noiseRow) error {
	s, err := n.signals(ctx, m.full)
	if s == nil || err != nil {
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

// score takes the recipe for several spaces in its own setting.
func (m *noiseMeasurer) score(ctx context.Context, n noiseNetwork, r *noiseRow) error {
	s, err := n.signals(ctx, m.scores)
	if s == nil || err != nil {
		return err
	}
	g := s.General
	for name, x := range map[string]float64{
		ScoreColumn: s.Score(n.a.Parameters()), "entropy": s.Entropy, "picture_entropy": g.PictureEntropy, "cell_sensitivity": g.Sensitivity,
		"noise_norm_entropy": g.NoiseEntropy, "noise_jacobian": g.Jacobian, "noise_naswot": g.NASWOT,
	} {
		r.Values[name] = x
	}
	return nil
}

// codes takes the agreement of codes.
func (m *noiseMeasurer) codes(ctx context.Context, n noiseNetwork, r *noiseRow) error {
	s, err := n.signals(ctx, m.codesOnly)
	if s == nil || err != nil {
		return err
	}
	g := s.General
	r.Values[AgreementColumn], r.Values["agreement_naswot"] = g.Agreement, g.NASWOT
	if len(g.PartAgreement) != len(partColumns) {
		return fmt.Errorf("%s has %d parts with codes, want %d", n.net.Name, len(g.PartAgreement), len(partColumns))
	}
	for i, c := range partColumns {
		r.Values[c.name] = g.PartAgreement[i]
	}
	return nil
}

func (m *noiseMeasurer) naswot(ctx context.Context, n noiseNetwork, r *noiseRow) error {
	var err error
	r.Values["naswot"], err = proxy.NASWOT(ctx, n.net, m.batch, proxy.Config{Seed: m.seed, Threads: 1, Pool: n.pool})
	return err
}

// zen takes the Zen-score. A network whose last images do not change has none.
func (m *noiseMeasurer) zen(ctx context.Context, n noiseNetwork, r *noiseRow) error {
	z, err := proxy.ZenScore(ctx, n.net, proxy.ZenConfig{Config: proxy.Config{Seed: m.seed, Threads: 1, Pool: n.pool}})
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
func (m *noiseMeasurer) pair(ctx context.Context, n noiseNetwork, r *noiseRow) error {
	cfg := nngpkit.Config{
		Train: 40, Val: 20, Seed: m.seed, SplitSeed: m.seed, Threads: 1, Pool: n.pool,
		Norm: forward.None, Views: []nngpkit.View{nngpkit.Maxima},
	}
	return nngpkit.Kernels(ctx, n.net, m.set, cfg, []int{2}, func(e *nngpkit.Estimate) error {
		s, err := gp.SpectraOf(ctx, e.Kernel, 0)
		if err != nil {
			return fmt.Errorf("the pair: %w", err)
		}
		r.Values["pair_log_det"], r.Values["pair_effective_dimension"] = s.LogDet, s.EffectiveDimension
		return nil
	})
}

// kernel takes scores of the kernels of many classes.
func (m *noiseMeasurer) kernel(ctx context.Context, n noiseNetwork, r *noiseRow) error {
	cfg := m.kernels
	cfg.Pool = n.pool
	return nngpkit.Kernels(ctx, n.net, m.set, cfg, []int{cfg.Members}, func(e *nngpkit.Estimate) error {
		raw, err := gp.Measure(ctx, e.Kernels[0], cfg.Train, e.Labels, e.Classes, gp.Config{Threads: 1, SkipDensity: true})
		if err != nil {
			return err
		}
		for name, v := range raw.Values() {
			if slices.ContainsFunc(kernelColumns, func(c noiseColumn) bool { return c.name == name }) {
				r.Values[name] = v
			}
		}
		maxima, err := gp.SpectraOf(ctx, e.Kernels[1], 0)
		if err != nil {
			return err
		}
		r.Values["maxima_log_det"], r.Values["maxima_effective_dimension"] = maxima.LogDet, maxima.EffectiveDimension
		return nil
	})
}
