package sweep

import "slices"

// NoiseKind says which signals of noise are recommended for the networks of a space.
type NoiseKind int

const (
	// NoiseScore is the score of nngpkit.GeneralNoise, by the one recipe that serves
	// several spaces.
	NoiseScore NoiseKind = iota
	// NoisePair are e and j of the zero nngpkit.NoiseConfig: to be mixed with the number of
	// parameters.
	NoisePair
	// NoiseCodes is the agreement of ReLU codes of nngpkit.CodesNoise: to be mixed with
	// free counts.
	NoiseCodes
)

// NoiseKindOf returns what is recommended in a space, by its name: NoisePair in
// NAS-Bench-101 and NoiseCodes in the MnasNet spaces, where these do better or cost less
// (see docs/SIGNALS.md), and NoiseScore in all others.
func NoiseKindOf(spaceName string) NoiseKind {
	switch {
	case spaceName == "nasbench101":
		return NoisePair
	case slices.Contains([]string{"mnasnet", "mnasnetwide"}, spaceName):
		return NoiseCodes
	}
	return NoiseScore
}
