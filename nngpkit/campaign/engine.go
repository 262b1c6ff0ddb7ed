package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// Engine says what computed the scores of a store. Two engines of the same mark
// and level compute the same bits; the version is for people.
type Engine struct {
	Mark    string `json:"mark"`  // of small measurements, to the last bit
	Level   string `json:"level"` // of the processor's instructions
	Version string `json:"version"`
}

// same reports whether two engines compute the same bits.
func (e Engine) same(o Engine) bool { return e.Mark == o.Mark && e.Level == o.Level }

// String names the engine.
func (e Engine) String() string {
	return fmt.Sprintf("%s instructions, mark %s, version %s", e.Level, e.Mark, e.Version)
}

func version() string { return sweep.Version() }

// markWidth is that of the network whose noise signals are part of the mark.
const markWidth = 8

// ThisEngine returns the engine of this process. The first call takes some tenths of
// a second: it measures small networks.
func ThisEngine() (Engine, error) { return thisEngine() }

var thisEngine = sync.OnceValues(func() (Engine, error) {
	kernels, err := sweep.EngineMark()
	if err != nil {
		return Engine{}, fmt.Errorf("campaign: %w", err)
	}
	net, err := sweep.MarkNetwork(markWidth)
	if err != nil {
		return Engine{}, fmt.Errorf("campaign: %w", err)
	}
	s, err := nngpkit.MeasureNoise(context.Background(), net, nngpkit.NoiseConfig{Threads: 1})
	if err != nil {
		return Engine{}, fmt.Errorf("campaign: a first small measurement: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %x %x %x", kernels, s.Entropy, s.SensitivityMeans, s.SensitivityQuarters))
	return Engine{Mark: hex.EncodeToString(sum[:8]), Level: s.Level, Version: version()}, nil
})
