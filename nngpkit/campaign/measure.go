package campaign

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/nngplab/nngplab/internal/machine"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// Failure is why a measurement of an architecture has no values.
type Failure struct {
	Measurement string `json:"measurement"`
	Seed        uint64 `json:"seed"`
	Reason      string `json:"reason"`
}

// maxReason bounds a reason, in bytes.
const maxReason = 400

// measure takes one measurement of a network with one seed. Tests put others in.
type measure func(ctx context.Context, a space.Architecture, pool *forward.Pool) ([]float64, error)

// measures returns the plan's measurements in the order of its columns.
func (g *gallery) measures() ([]measure, error) {
	var out []measure
	for i, seed := range g.plan.Seeds {
		for m := range g.plan.Measurements {
			ms := &g.plan.Measurements[m]
			if ms.Noise != nil {
				out = append(out, ms.Noise.with(g.noise[[2]int{m, i}], seed))
				continue
			}
			f, err := ms.Kernel.with(g.sets[ms.Kernel.Images], seed)
			if err != nil {
				return nil, fmt.Errorf("campaign: measurement %s: %w", ms.Name, err)
			}
			out = append(out, f)
		}
	}
	return out, nil
}

// fits returns why a kernel cannot be had of a set, or nil.
func (k *Kernel) fits(set *imageset.Set) error {
	s, err := k.setting(0)
	if err != nil {
		return err
	}
	cfg := s.Config()
	cfg.Views = []nngpkit.View{nngpkit.View(k.View)}
	if err := cfg.Check(set); err != nil {
		return err
	}
	for _, name := range k.Statistics {
		st, err := gp.Find(name)
		if err != nil {
			return err
		}
		if st.Labels && !set.Labeled() {
			return fmt.Errorf("%s needs the classes of the images, and those of %s have no labels", name, set.Name)
		}
	}
	return nil
}

// with returns the measurement of one seed.
func (k *Kernel) with(set *imageset.Set, seed uint64) (measure, error) {
	s, err := k.setting(seed)
	if err != nil {
		return nil, err
	}
	pass := sweep.Pass{Setting: s, At: []int{s.Members}, Views: []nngpkit.View{nngpkit.View(k.View)}}.Resolved()
	shape := arch.Shape{H: set.H, W: set.W, C: set.C}
	return func(ctx context.Context, a space.Architecture, pool *forward.Pool) ([]float64, error) {
		net, err := a.Network(k.Width, shape)
		if err != nil {
			return nil, err
		}
		rows, err := sweep.MeasureNetwork(ctx, net, set, pass, 1, pool, "")
		if err != nil {
			return nil, err
		}
		out := make([]float64, len(k.Statistics))
		for i, name := range k.Statistics {
			v, ok := rows[0].Values[name]
			if !ok {
				return nil, fmt.Errorf("%s has no value: the features of all images are the same, or no kernel is positive definite", name)
			}
			out[i] = v
		}
		return out, nil
	}, nil
}

// guarded takes a measurement, and turns a panic of the engine and values that
// are no numbers into errors.
func guarded(ctx context.Context, f measure, a space.Architecture, pool *forward.Pool) (values []float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			values, err = nil, &panicError{r}
		}
	}()
	if values, err = f(ctx, a, pool); err != nil {
		return nil, err
	}
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("a value is %v, which is no number", v)
		}
	}
	return values, nil
}

type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// reason returns an error as a store holds it. That of memory leaves out how much
// was free.
func reason(err error) string {
	var memory *nngpkit.MemoryError
	if errors.As(err, &memory) {
		return fmt.Sprintf("memory: it needs about %s, more than was free", machine.Bytes(memory.Need))
	}
	return printable.Clip(printable.Text(strings.TrimSpace(err.Error())), maxReason)
}
