package nngpkit

import (
	"sync"

	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// preparedImages keeps batches of images that many networks look at: chosen,
// normalized, with noise. Batches are read only. The nil pointer keeps nothing.
type preparedImages struct {
	mu      sync.Mutex
	batches map[preparedKey]*imageset.Batch
}

// preparedKey says what a batch holds. It is the zero value where that depends on
// what a key cannot hold.
type preparedKey struct {
	set        *imageset.Set
	norm       bool
	seed       uint64 // of the choice
	train, val int    // or images of the normalization, and of how many
	noiseSeed  uint64
	noise      int // images with noise; 0 means all
	std        float64
	shared     bool
	balanced   bool
}

// batch returns the batch of that key, which it makes where it has none.
func (p *preparedImages) batch(key preparedKey, make func() (*imageset.Batch, error)) (*imageset.Batch, error) {
	if p == nil || key == (preparedKey{}) {
		return make()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if b := p.batches[key]; b != nil {
		return b, nil
	}
	b, err := make()
	if err != nil {
		return nil, err
	}
	if p.batches == nil {
		p.batches = map[preparedKey]*imageset.Batch{}
	}
	p.batches[key] = b
	return b, nil
}

// usual reports whether pixels are normalized as images of three channels are without
// being told.
func (e *evaluation) usual() bool { return e.nz.Mean == nil && e.nz.Std == nil }

// imagesKey returns the key of the images that the kernels are of.
func (e *evaluation) imagesKey() preparedKey {
	if !e.usual() {
		return preparedKey{}
	}
	k := preparedKey{set: e.set, seed: e.cfg.SplitSeed, train: e.cfg.Train, val: e.cfg.Val, balanced: e.cfg.Balanced}
	if p := e.cfg.Perturb; p.Std != 0 {
		k.noiseSeed, k.noise, k.std, k.shared = e.cfg.Seed, p.Images, p.Std, p.Shared
	}
	return k
}

// normKey returns the key of images that set a normalization, whose choice has the
// seed. Those of the training images are not kept.
func (e *evaluation) normKey(seed uint64) preparedKey {
	if !e.usual() || e.cfg.NormSet == nil {
		return preparedKey{}
	}
	return preparedKey{set: e.cfg.NormSet, norm: true, seed: seed, train: e.cfg.NormBatch, val: e.cfg.normImages()}
}
