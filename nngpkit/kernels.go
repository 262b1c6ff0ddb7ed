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
	e, err := newEvaluation(net, set, cfg)
	if err != nil {
		return err
	}
	views, next := e.estimators(), 0
	err = e.members(ctx, views, func(m int) error {
		if m != members[next] {
			return nil
		}
		next++
		kernels := make([]*mat.SymDense, len(views))
		for i, v := range views {
			kernels[i] = v.Kernel()
		}
		est := &Estimate{Members: m, Kernels: kernels, Labels: e.labels, FLOPs: e.flops(m), Level: e.plan.Level()}
		if len(kernels) > 0 {
			est.Kernel = kernels[0]
		}
		e.fill(est)
		if set.Labeled() {
			est.Classes = len(set.Classes)
		}
		return emit(est)
	})
	if err != nil {
		return fmt.Errorf("nngpkit: %s: %w", net.Name, err)
	}
	return nil
}
