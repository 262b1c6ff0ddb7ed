package nngpkit

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// Estimate is a kernel on its way, as Kernels hands it out.
type Estimate struct {
	Members int             // that it is the mean of
	Kernel  *mat.SymDense   // over training then validation images, of the first view; the receiver may keep it
	Kernels []*mat.SymDense // of each of Config.Views; the first is Kernel
	Labels  []int           // classes of these images; zeros where the set has no labels
	Classes int             // 0 where the set has no labels

	Sensitivities []Sensitivity // at the places that Config.Perturb asks for
	Codes         *CodeScores   // of the images without noise, where Config.Codes asks for them

	FLOPs int64  // of the forward passes of these members
	Level string // of the processor's instructions that package forward used
}

// Kernels estimates the kernels of net, one for each of Config.Views, and what
// Config.Perturb and Config.Codes ask for, all from the same forward passes, and
// hands them to emit after each of the
// given numbers of members, which must rise; the last replaces Config.Members.
// It computes no score: Evaluate does, from the same kernels. An error of emit
// ends the call with that error.
func Kernels(ctx context.Context, net *arch.Network, set *imageset.Set, cfg Config, members []int, emit func(*Estimate) error) error {
	if len(members) == 0 {
		return fmt.Errorf("nngpkit: no number of members is asked for")
	}
	for i, m := range members {
		if m < 1 || i > 0 && m <= members[i-1] {
			return fmt.Errorf("nngpkit: the numbers of members %v: want numbers of at least 1 that rise", members)
		}
	}
	cfg.Members = members[len(members)-1]
	cfg = cfg.withDefaults()
	if err := cfg.Check(set); err != nil {
		return err
	}
	e, err := loaded(net, set, cfg)
	if err != nil {
		return err
	}
	views, next := e.estimators(), 0
	err = e.members(ctx, views, func(m int) error {
		if m != members[next] {
			return nil
		}
		next++
		return emit(e.estimate(views, m))
	})
	if err != nil {
		return fmt.Errorf("nngpkit: %s: %w", net.Name, err)
	}
	return nil
}

// estimate returns what is known after some members.
func (e *evaluation) estimate(views []*viewed, members int) *Estimate {
	kernels := make([]*mat.SymDense, len(views))
	for i, v := range views {
		kernels[i] = v.Kernel()
	}
	est := &Estimate{Members: members, Kernels: kernels, Labels: e.labels, FLOPs: e.flops(members), Level: e.plan.Level()}
	if len(kernels) > 0 {
		est.Kernel = kernels[0]
	}
	e.fill(est)
	if e.set.Labeled() {
		est.Classes = len(e.set.Classes)
	}
	return est
}

// draw is one of several measurements of a network: its images, those that set the
// normalization, and the seed of their choice and noise.
type draw struct {
	set, norm *imageset.Set
	seed      uint64
}

// kernelsOfDraws is Kernels on other images and other members for each draw: draw k
// has the members from k*cfg.Members on of one seed, cfg.Seed. The network is
// compiled once.
func kernelsOfDraws(ctx context.Context, net *arch.Network, draws []draw, cfg Config, emit func(*Estimate) error) error {
	cfg.NormSet = draws[0].norm
	cfg = cfg.withDefaults()
	if err := cfg.Check(draws[0].set); err != nil {
		return err
	}
	e, err := newEvaluation(net, draws[0].set, cfg)
	if err != nil {
		return err
	}
	for k, d := range draws {
		e.first, e.cfg.NormSet, e.cfg.Seed, e.cfg.SplitSeed = k*cfg.Members, d.norm, d.seed, d.seed
		if err := e.cfg.Check(d.set); err != nil {
			return err
		}
		if err := e.load(d.set); err != nil {
			return err
		}
		views := e.estimators()
		err := e.members(ctx, views, func(m int) error {
			if m < cfg.Members {
				return nil
			}
			return emit(e.estimate(views, m))
		})
		if err != nil {
			return fmt.Errorf("nngpkit: %s: %w", net.Name, err)
		}
	}
	return nil
}
