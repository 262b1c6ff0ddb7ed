package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// Noise is a measurement by nngpkit.MeasureNoise, in the networks of space.Shallow.
// Zeros mean the recommended numbers for what it measures, at width 8: those of the
// zero nngpkit.NoiseConfig, of nngpkit.GeneralNoise for the score, and of
// nngpkit.CodesNoise for the agreement.
type Noise struct {
	Width              int      `json:"width"`
	Draws              int      `json:"draws"`
	Images             int      `json:"images"`
	Members            int      `json:"members"`
	SensitivityImages  int      `json:"sensitivity_images"`
	SensitivityMembers int      `json:"sensitivity_members"`
	NormBatch          int      `json:"norm_batch"`
	Std                float64  `json:"std"`
	Values             []string `json:"values"` // of NoiseValues, all of one kind; none means entropy and sensitivity
}

// The values of a Noise, by kind. The last two of the first kind are the
// sensitivity's parts.
var (
	pairValues  = []string{"entropy", "sensitivity", "sensitivity_mean", "sensitivity_quarters"}
	scoreValues = []string{"score"}
	codeValues  = []string{"agreement", lastAgreement}
)

// lastAgreement is the value that only networks of the MnasNet spaces have.
const lastAgreement = "last_agreement"

// NoiseValues returns the names of what a Noise can measure: see
// nngpkit.NoiseSignals. The score is that of NoiseSignals.Score; agreement is that of
// ReLU codes, and last_agreement that of the last stage of a MnasNet network. Values of
// one measurement are all of one kind: entropy and sensitivities, score, or agreements.
func NoiseValues() []string { return slices.Concat(pairValues, scoreValues, codeValues) }

// kind returns what is measured.
func (n *Noise) kind() sweep.NoiseKind {
	if len(n.Values) == 0 {
		return sweep.NoisePair
	}
	return kindOf(n.Values[0])
}

// kindOf returns of which kind a value is.
func kindOf(value string) sweep.NoiseKind {
	switch {
	case slices.Contains(scoreValues, value):
		return sweep.NoiseScore
	case slices.Contains(codeValues, value):
		return sweep.NoiseCodes
	}
	return sweep.NoisePair
}

// usual returns the recommended setting of what is measured.
func (n *Noise) usual() nngpkit.NoiseConfig {
	switch n.kind() {
	case sweep.NoiseScore:
		return nngpkit.GeneralNoise().Resolved()
	case sweep.NoiseCodes:
		return nngpkit.CodesNoise().Resolved()
	}
	return nngpkit.NoiseConfig{}.Resolved()
}

// mixed returns why the values are not of one kind, or nil.
func (n *Noise) mixed() error {
	for _, v := range n.Values {
		if kindOf(v) != n.kind() {
			return fmt.Errorf("%s and %s are measured in different settings: want them in measurements of their own", n.Values[0], v)
		}
	}
	return nil
}

// noiseWidth is the recommended width of networks that look at noise.
const noiseWidth = 8

// resolved returns the measurement with the recommended numbers in place of zeros.
func (n Noise) resolved() Noise {
	def := n.usual()
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
		n.Values = pairValues[:2]
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
	moved := (2*n.SensitivityImages + n.NormBatch) * n.SensitivityMembers
	switch {
	case n.kind() == sweep.NoiseCodes:
		images += n.NormBatch * n.Members
	case n.kind() == sweep.NoiseScore:
		images += 2 * moved
	case !n.entropyOnly():
		images += moved
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
		General: n.kind() == sweep.NoiseScore, CodesOnly: n.kind() == sweep.NoiseCodes,
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
		if n.kind() != sweep.NoisePair {
			text += sweep.Digest(d.Plain)
		}
	}
	sum := sha256.Sum256([]byte(text))
	return sets, hex.EncodeToString(sum[:16]), nil
}

// entropyOnly reports whether the sensitivity is not asked for.
func (n *Noise) entropyOnly() bool { return len(n.Values) == 1 && n.Values[0] == pairValues[0] }

// with returns the measurement of one seed.
func (n *Noise) with(sets noiseImages, seed uint64) measure {
	cfg := n.config(seed)
	cfg.Sets = sets
	return func(ctx context.Context, a space.Architecture, pool *forward.Pool) ([]float64, error) {
		net, err := space.Shallow(a, n.Width, sweep.SignalInput(space.Of(a)))
		if err != nil {
			return nil, err
		}
		c := cfg
		c.Pool = pool
		s, err := nngpkit.MeasureNoise(ctx, net, c)
		if err != nil {
			return nil, err
		}
		out := make([]float64, len(n.Values))
		for i, name := range n.Values {
			if out[i], err = noiseValue(s, name, a); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// noiseValue returns a value of an architecture by its name.
func noiseValue(s *nngpkit.NoiseSignals, name string, a space.Architecture) (float64, error) {
	switch name {
	case "entropy":
		return s.Entropy, nil
	case "sensitivity":
		return s.Sensitivity, nil
	case "sensitivity_mean":
		return s.SensitivityMeans, nil
	case "sensitivity_quarters":
		return s.SensitivityQuarters, nil
	case "score":
		return s.Score(a.Parameters()), nil
	case "agreement":
		return s.General.Agreement, nil
	case lastAgreement:
		return s.General.PartAgreement[sweep.MobileStages], nil // after the stem and the other stages
	}
	return 0, fmt.Errorf("there is no value %q", name)
}
