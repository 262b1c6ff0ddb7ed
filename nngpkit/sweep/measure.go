package sweep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/kernel"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// kernelVariant says how a kernel of the tables comes about: from a view of the
// network, and what is made of its kernel then.
type kernelVariant struct {
	view nngpkit.View
	make func(k *mat.SymDense) (*mat.SymDense, error) // nil: nothing
}

var kernelVariants = map[string]kernelVariant{
	RawKernel:          {view: nngpkit.Raw},
	CosineKernel:       {view: nngpkit.Raw, make: func(k *mat.SymDense) (*mat.SymDense, error) { return kernel.Cosine(k) }},
	StandardisedKernel: {view: nngpkit.Standardised},
	DepthsKernel:       {view: nngpkit.Depths},
	MaximaKernel:       {view: nngpkit.Maxima},
}

// ViewsOf returns the views that kernels of these names are made from, each once.
func ViewsOf(kernels []string) ([]nngpkit.View, error) {
	var out []nngpkit.View
	for _, name := range kernels {
		v, ok := kernelVariants[name]
		if !ok {
			return nil, fmt.Errorf("there is no kernel %q", name)
		}
		if !slices.Contains(out, v.view) {
			out = append(out, v.view)
		}
	}
	return out, nil
}

// measured is one row of a table of scores, as it is kept.
type measured struct {
	Members int    `json:"members"`
	Train   int    `json:"train"`
	Kernel  string `json:"kernel"`
	Level   string `json:"level"` // of the processor's instructions
	Mark    string `json:"mark"`  // see engineMark

	// Values by column; what is not a number is absent.
	Values map[string]float64 `json:"values"`
}

// rowKey tells the rows of a cell in one setting apart.
type rowKey struct {
	members, train int
	kernel         string
}

func (m measured) key() rowKey { return rowKey{m.Members, m.Train, m.Kernel} }

// Columns of measured values that are no scores of package gp.
const (
	GflopsColumn  = "nngp_gflops"
	forwardColumn = "forward_seconds"
	secondsColumn = "seconds"
)

// epsilonsOf are the scores whose epsilon is a column, too.
var epsilonsOf = []string{"accuracy", "whole_loo_squared_error", "whole_lml"}

func EpsilonColumn(score string) string { return score + "_epsilon" }

// valueColumns returns the names of all measured values, in the order of the
// tables.
func valueColumns() []string {
	var out []string
	for _, s := range new(gp.Result).Scores() {
		out = append(out, s.Name)
	}
	for _, s := range epsilonsOf {
		out = append(out, EpsilonColumn(s))
	}
	return append(out, "participation_ratio", "log_det", "effective_dimension", "top_share",
		"mean_trace", "diagonal_cv", "mean_cosine", GflopsColumn, forwardColumn, secondsColumn)
}

// measurement is one cell being measured in one pass.
type measurement struct {
	pass    Pass
	threads int
	mark    string
	norm    int // images of the normalisation batch that were run
	forward float64
	views   []nngpkit.View
	rows    []measured
}

// measure runs a cell through one pass, in its canonical vertex order: weights
// are drawn vertex by vertex, and channels are split by their order, so that
// isomorphic cells get the same scores only if they are brought into one order
// first. The goroutine must be locked to its
// thread if threads is 1, for the processor time to be its own.
func measure(ctx context.Context, spec nasbench.Spec, set *imageset.Set, p Pass, threads int, pool *forward.Pool, mark string) ([]measured, error) {
	net, err := spec.Canonical().Network(p.Width, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		return nil, err
	}
	return MeasureNetwork(ctx, net, set, p, threads, pool, mark)
}

// MeasureNetwork runs a network through one pass, whose width is the network's
// own.
func MeasureNetwork(ctx context.Context, net *arch.Network, set *imageset.Set, p Pass, threads int, pool *forward.Pool, mark string) ([]measured, error) {
	draw, err := forward.ParseDraw(p.Estimator)
	if err != nil {
		return nil, err
	}
	cfg := p.Config()
	cfg.Draw = draw
	cfg.Threads, cfg.Pool = threads, pool
	views, err := ViewsOf(p.Kernels)
	if err != nil {
		return nil, err
	}
	cfg.Views = views
	m := &measurement{pass: p, threads: threads, mark: mark, views: cfg.Views}
	if p.Norm != forward.None {
		m.norm = p.NormBatch
	}
	clock := m.now()
	err = nngpkit.Kernels(ctx, net, set, cfg, p.At, func(e *nngpkit.Estimate) error {
		m.forward += m.now() - clock
		err := m.scoreAll(ctx, e)
		clock = m.now()
		return err
	})
	return m.rows, err
}

func (m *measurement) now() float64 { return cpuSeconds(m.threads > 1) }

// scoreAll scores every part and variant of the kernel after some members.
func (m *measurement) scoreAll(ctx context.Context, e *nngpkit.Estimate) error {
	for _, n := range m.pass.Sizes {
		idx := leading(n, m.pass.Train, m.pass.Val)
		labels := make([]int, len(idx))
		for i, j := range idx {
			labels[i] = e.Labels[j]
		}
		// The part's share of what all images took.
		share := float64(n+m.pass.Val+m.norm) / float64(m.pass.Train+m.pass.Val+m.norm)
		for _, name := range m.pass.Kernels {
			start := m.now()
			part := e.Kernels[slices.Index(m.views, kernelVariants[name].view)]
			if n != m.pass.Train {
				part = submatrix(part, idx)
			}
			row := measured{Members: e.Members, Train: n, Kernel: name, Level: e.Level, Mark: m.mark, Values: map[string]float64{}}
			if err := m.score(ctx, row, part, labels, e.Classes); err != nil {
				return fmt.Errorf("after %d members, %d training images, %s kernel: %w", e.Members, n, name, err)
			}
			row.Values[GflopsColumn] = float64(e.FLOPs) * share * 1e-9
			row.Values[forwardColumn] = m.forward * share
			row.Values[secondsColumn] = m.forward*share + m.now() - start
			m.rows = append(m.rows, row)
		}
	}
	return nil
}

// leading returns the first n training images and all validation images.
func leading(n, train, val int) []int {
	idx := make([]int, 0, n+val)
	for i := 0; i < n; i++ {
		idx = append(idx, i)
	}
	for i := 0; i < val; i++ {
		idx = append(idx, train+i)
	}
	return idx
}

func submatrix(k *mat.SymDense, idx []int) *mat.SymDense {
	s := mat.NewSymDense(len(idx), nil)
	for a, i := range idx {
		for b := a; b < len(idx); b++ {
			s.SetSym(a, b, k.At(i, idx[b]))
		}
	}
	return s
}

// score fills the values of one kernel.
func (m *measurement) score(ctx context.Context, row measured, k *mat.SymDense, labels []int, classes int) error {
	put := func(name string, v float64) {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			row.Values[name] = v
		}
	}
	put("mean_trace", mat.Trace(k)/float64(k.SymmetricDim()))
	cv, cos := shape(k)
	put("diagonal_cv", cv)
	put("mean_cosine", cos)
	if change := kernelVariants[row.Kernel].make; change != nil {
		var err error
		if k, err = change(k); err != nil {
			return err
		}
	}
	r, err := gp.SweepContext(ctx, k, row.Train, labels, classes, gp.Config{Threads: m.threads})
	if errors.Is(err, gp.ErrNotPositive) {
		return nil // such as of a few narrow members that are 0 on all images: there is no score
	}
	if err != nil {
		return err
	}
	for _, s := range r.Scores() {
		put(s.Name, s.Value)
		for _, name := range epsilonsOf {
			if s.Name == name {
				put(EpsilonColumn(name), s.Epsilon)
			}
		}
	}
	s, err := gp.SpectraOf(ctx, k, 0)
	if err != nil {
		return err
	}
	put("participation_ratio", s.ParticipationRatio)
	put("log_det", s.LogDet)
	put("effective_dimension", s.EffectiveDimension)
	put("top_share", s.TopShare)
	return nil
}

// shape returns the coefficient of variation of the kernel's diagonal, and the
// mean cosine between different images.
func shape(k *mat.SymDense) (cv, cos float64) {
	n := k.SymmetricDim()
	root := make([]float64, n)
	sum, squares := 0.0, 0.0
	for i := range root {
		v := k.At(i, i)
		root[i] = math.Sqrt(v)
		sum += v
		squares += v * v
	}
	mean := sum / float64(n)
	cv = math.Sqrt(math.Max(0, squares/float64(n)-mean*mean)) / mean
	for i := 0; i < n; i++ {
		for j := i + 1; j < n; j++ {
			cos += k.At(i, j) / (root[i] * root[j])
		}
	}
	return cv, cos / (float64(n) * float64(n-1) / 2)
}
