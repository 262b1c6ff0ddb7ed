package study

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// NoiseWidth is the number of channels of the stem at which the tables of signals
// were measured (see sweep.NoiseTables).
const NoiseWidth = 8

// CellSignals are the signals of noise of one architecture, and the place that
// each has among the cells of a table of signals.
type CellSignals struct {
	Entropy, Sensitivity Placed // of nngpkit.MeasureNoise in its recommended setting
	Score                Placed // of nngpkit.GeneralNoise: NoiseSignals.Score

	Cells int    // with which places compare; 0 where no table has cells of the space at this width
	Of    string // what these cells are
}

// Placed is a number with the share of the table's cells that have a smaller one,
// NaN where there is no table.
type Placed struct{ Value, Share float64 }

// MeasureCell measures an architecture on images of noise by both settings of
// nngpkit.MeasureNoise, in the network of space.Shallow at that width, and places
// it among the cells of the committed table of its space: a uniform sample of
// NAS-Bench-101, or cells of NAS-Bench-201. The error wraps nngpkit.ErrNoSignal for
// a network that passes nothing on.
func MeasureCell(ctx context.Context, a space.Architecture, width int, seed uint64, threads int) (*CellSignals, error) {
	net, err := space.Shallow(a.Canonical(), width, sweep.SignalInput(space.Of(a)))
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	s, err := nngpkit.MeasureNoise(ctx, net, nngpkit.NoiseConfig{Seed: seed, Threads: threads})
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	cfg := nngpkit.GeneralNoise()
	cfg.Seed, cfg.Threads = seed, threads
	g, err := nngpkit.MeasureNoise(ctx, net, cfg)
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	nan := math.NaN()
	out := &CellSignals{
		Entropy: Placed{s.Entropy, nan}, Sensitivity: Placed{s.Sensitivity, nan},
		Score: Placed{g.Score(a.Canonical().Parameters()), nan},
	}
	if width == NoiseWidth {
		err = out.place(a.SpaceName(), cfg.Draws)
	}
	return out, err
}

// place compares with the committed table of a space, where there is one. Scores
// are means over as many seeds as there were draws.
func (c *CellSignals) place(spaceName string, draws int) error {
	for _, e := range sweep.NoiseTables() {
		if e.Peers || e.Truth == "" {
			continue
		}
		t, err := sweep.CommittedScores(e.Name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("study: %w", err)
		}
		first, err := truth.NewCell(t.Frame.Col(truth.CellColumn).Records()[0])
		if err != nil {
			return fmt.Errorf("study: %w", err)
		}
		if first.SpaceName() != spaceName {
			continue
		}
		seed0, err := frame.Where(t.Frame, sweep.SeedColumn, 0)
		if err != nil {
			return fmt.Errorf("study: %w", err)
		}
		for column, p := range map[string]*Placed{"noise_entropy": &c.Entropy, "noise_sensitivity": &c.Sensitivity} {
			if seed0.Col(column).Err != nil { // measured only where it is recommended
				continue
			}
			x, err := frame.FloatsOrNaN(seed0, column)
			if err != nil {
				return fmt.Errorf("study: %w", err)
			}
			p.Share = shareBelow(x, p.Value)
		}
		scores, err := sweep.NoiseScores(t.Frame, draws)
		if err != nil {
			return fmt.Errorf("study: %w", err)
		}
		c.Score.Share = shareBelow(scores, c.Score.Value)
		c.Cells, c.Of = seed0.Nrow(), e.Sample
		return nil
	}
	return nil
}

// shareBelow returns the share of x that is below v; what is not defined is.
func shareBelow(x []float64, v float64) float64 {
	n := 0
	for _, w := range x {
		if math.IsNaN(w) || w < v {
			n++
		}
	}
	return float64(n) / float64(len(x))
}
