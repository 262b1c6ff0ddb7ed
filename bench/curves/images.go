package main

import (
	"context"
	"errors"
	"sync"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// pools are the memory that cells take turns with.
var pools = sync.Pool{New: func() any { return new(forward.Pool) }}

// The recommended numbers of images.
const (
	entropyImages     = 16
	sensitivityImages = 8
	normPictures      = 16
	mostImages        = 64
)

// images are the sets of one seed.
type images struct {
	seed           uint64
	noise          *imageset.Set            // as many as the most that is asked for
	pictures, same *imageset.Set            // that normalize: drawn pictures, and noise
	kinds          map[string]*imageset.Set // 16 images of each kind
	spread         map[float64]*imageset.Set
}

// choosingCells returns every so-manyth cell of the uniform sample that settings are
// chosen on, in order of hash.
func choosingCells(ctx context.Context, every int) ([]space.Architecture, error) {
	all, err := truth.OpenCells(ctx, "uniform", 0)
	if err != nil {
		return nil, err
	}
	choose, _, err := all.Halves()
	if err != nil {
		return nil, err
	}
	var out []space.Architecture
	for i := 0; i < choose.Len(); i += every {
		out = append(out, choose.Architectures[i])
	}
	return out, nil
}

// drawImages draws the sets of one seed. Without CIFAR-10 the kinds that need it are
// left out.
func drawImages(seed uint64) (*images, error) {
	sets, err := nngpkit.DrawNoiseSets(arch.Shape{H: 32, W: 32, C: 3}, mostImages, normPictures, seed)
	if err != nil {
		return nil, err
	}
	im := &images{seed: seed, noise: sets.Noise, pictures: sets.Norm, kinds: map[string]*imageset.Set{}, spread: map[float64]*imageset.Set{}}
	if im.same, err = imageset.Noise(imageset.NoiseConfig{Images: normPictures, Seed: ^seed}); err != nil {
		return nil, err
	}
	for name, kind := range map[string]imageset.NoiseKind{"blurred": imageset.BlurredNoise, "gray": imageset.GrayNoise} {
		if im.kinds[name], err = imageset.Noise(imageset.NoiseConfig{Kind: kind, Images: entropyImages, Seed: seed}); err != nil {
			return nil, err
		}
	}
	first := make([]int, entropyImages)
	for i := range first {
		first[i] = i
	}
	white, err := im.noise.Subset(first)
	if err != nil {
		return nil, err
	}
	for _, by := range spreads {
		if im.spread[by], err = white.Spread(by); err != nil {
			return nil, err
		}
	}
	return im, im.cifar(white)
}

// cifar adds CIFAR-10's images as they are and at the contrast of the noise, and the
// noise at theirs.
func (im *images) cifar(white *imageset.Set) error {
	set, err := imageset.Load("cifar10")
	var missing *datasets.MissingError
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return err
	}
	set, err = set.Subset(imageset.Shuffled(set.Len(), im.seed)[:entropyImages])
	if err != nil {
		return err
	}
	im.kinds["cifar10"] = set
	if im.kinds["cifar10-equal"], err = set.WithContrastOf(white); err != nil {
		return err
	}
	im.kinds["white-varied"], err = white.WithContrastOf(set)
	return err
}
