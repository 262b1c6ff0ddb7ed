package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// Noise is a measurement by nngpkit.MeasureNoise. Zeros mean its recommended
// numbers, at width 8.
type Noise struct {
	Width              int      `json:"width"`
	Draws              int      `json:"draws"`
	Images             int      `json:"images"`
	Members            int      `json:"members"`
	SensitivityImages  int      `json:"sensitivity_images"`
	SensitivityMembers int      `json:"sensitivity_members"`
	NormBatch          int      `json:"norm_batch"`
	Std                float64  `json:"std"`
	Values             []string `json:"values"` // of NoiseValues; none means entropy and sensitivity
}

// NoiseValues returns the names of what a Noise can measure: see
// nngpkit.NoiseSignals. The last two are the sensitivity's parts.
func NoiseValues() []string {
	return []string{"entropy", "sensitivity", "sensitivity_mean", "sensitivity_quarters"}
}

// noiseWidth is the recommended width of networks that look at noise.
const noiseWidth = 8

// resolved returns the measurement with the recommended numbers in place of zeros.
func (n Noise) resolved() Noise {
	def := nngpkit.NoiseConfig{}.Resolved()
	for _, f := range []struct {
		field *int
		value int
	}{
		{&n.Width, noiseWidth}, {&n.Draws, def.Draws}, {&n.Images, def.Images}, {&n.Members, def.Members}, {&n.SensitivityImages, def.SensitivityImages},
		{&n.SensitivityMembers, def.SensitivityMembers}, {&n.NormBatch, def.NormBatch},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	if n.Std == 0 {
		n.Std = def.Std
	}
	if len(n.Values) == 0 {
		n.Values = NoiseValues()[:2]
	}
	return n
}

// maxNoise bounds the images that are drawn.
const maxNoise = 1 << 12

// bounds returns the limits of the measurement's numbers.
func (n *Noise) bounds() []bound {
	return []bound{
		{"width", n.Width, 1, maxWidth}, {"draws", n.Draws, 1, maxMembers}, {"images", n.Images, 3, maxNoise}, {"members", n.Members, 1, maxMembers},
		{"sensitivity_images", n.SensitivityImages, 2, n.Images}, {"sensitivity_members", n.SensitivityMembers, 1, maxMembers},
		{"norm_batch", n.NormBatch, 1, maxNoise},
	}
}

// passes returns how many images run through the network.
func (n *Noise) passes() int64 {
	images := n.Images * n.Members
	if !n.entropyOnly() {
		images += (2*n.SensitivityImages + n.NormBatch) * n.SensitivityMembers
	}
	return int64(images) * int64(n.Draws)
}

// noiseImages are what a Noise looks at with one seed, a set for each draw.
type noiseImages = []*nngpkit.NoiseSets

// config returns the measurement of one seed as nngpkit takes it.
func (n *Noise) config(seed uint64) nngpkit.NoiseConfig {
	return nngpkit.NoiseConfig{
		Draws: n.Draws, Images: n.Images, Members: n.Members, SensitivityImages: n.SensitivityImages, SensitivityMembers: n.SensitivityMembers,
		NormBatch: n.NormBatch, Std: n.Std, Seed: seed, Threads: 1, EntropyOnly: n.entropyOnly(),
	}
}

// draw draws the images of a seed, and returns their digest.
func (n *Noise) draw(s arch.Shape, seed uint64) (noiseImages, string, error) {
	sets, err := n.config(seed).DrawSets(s)
	if err != nil {
		return nil, "", err
	}
	text := ""
	for _, d := range sets {
		text += sweep.Digest(d.Noise) + sweep.Digest(d.Norm)
	}
	sum := sha256.Sum256([]byte(text))
	return sets, hex.EncodeToString(sum[:16]), nil
}

// entropyOnly reports whether the sensitivity is not asked for.
func (n *Noise) entropyOnly() bool { return len(n.Values) == 1 && n.Values[0] == NoiseValues()[0] }

// with returns the measurement of one seed.
func (n *Noise) with(sets noiseImages, seed uint64) measure {
	cfg := n.config(seed)
	cfg.Sets = sets
	return func(ctx context.Context, a space.Architecture, pool *forward.Pool) ([]float64, error) {
		net, err := a.Network(n.Width, arch.Shape{})
		if err != nil {
			return nil, err
		}
		c := cfg
		c.Pool = pool
		s, err := nngpkit.MeasureNoise(ctx, net, c)
		if err != nil {
			return nil, err
		}
		all := []float64{s.Entropy, s.Sensitivity, s.SensitivityMeans, s.SensitivityQuarters}
		out := make([]float64, len(n.Values))
		for i, name := range n.Values {
			out[i] = all[slices.Index(NoiseValues(), name)]
		}
		return out, nil
	}
}
