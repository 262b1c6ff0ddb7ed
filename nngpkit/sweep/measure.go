package sweep

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// measured is one row of a table of scores, as it is kept.
type measured struct {
	Members int          `json:"members"`
	Train   int          `json:"train"`
	View    nngpkit.View `json:"view"`
	Level   string       `json:"level"` // of the processor's instructions
	Mark    string       `json:"mark"`  // see engineMark

	// Values by column; what is not a number is absent.
	Values map[string]float64 `json:"values"`
}

// rowKey tells the rows of a cell in one setting apart.
type rowKey struct {
	members, train int
	view           nngpkit.View
}

func (m measured) key() rowKey { return rowKey{m.Members, m.Train, m.View} }

// Columns of measured values that are no statistics of package gp.
const (
	GFLOPsColumn  = "nngp_gflops"
	forwardColumn = "forward_seconds"
	secondsColumn = "seconds"
)

// valueColumns returns the names of all measured values, in the order of the
// tables.
func valueColumns() []string {
	var out []string
	for _, s := range gp.Catalogue() {
		out = append(out, s.Name)
		if s.Epsilon {
			out = append(out, gp.EpsilonName(s.Name))
		}
	}
	return append(out, GFLOPsColumn, forwardColumn, secondsColumn)
}

// measurement is one cell being measured in one pass.
type measurement struct {
	pass    Pass
	threads int
	mark    string
	norm    int // images of the normalization batch that were run
	forward float64
	rows    []measured
}

// measure runs an architecture through one pass. The goroutine must be locked to its
// thread if threads is 1, for the processor time to be its own.
func measure(ctx context.Context, a space.Architecture, set *imageset.Set, p Pass, threads int, pool *forward.Pool, mark string) ([]measured, error) {
	net, err := a.Network(p.Width, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		return nil, err
	}
	return MeasureNetwork(ctx, net, set, p, threads, pool, mark)
}

// MeasureNetwork runs a network through one pass, whose width is the network's
// own.
func MeasureNetwork(ctx context.Context, net *arch.Network, set *imageset.Set, p Pass, threads int, pool *forward.Pool, mark string) ([]measured, error) {
	cfg := p.Config()
	cfg.Threads, cfg.Pool = threads, pool
	cfg.Views = p.Views
	m := &measurement{pass: p, threads: threads, mark: mark}
	if p.Norm != forward.None {
		m.norm = p.NormBatch
	}
	clock := m.now()
	err := nngpkit.Kernels(ctx, net, set, cfg, p.At, func(e *nngpkit.Estimate) error {
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
		var labels []int // nil where the set has none
		if e.Classes > 0 {
			labels = make([]int, len(idx))
			for i, j := range idx {
				labels[i] = e.Labels[j]
			}
		}
		if e.Classes == 0 { // the images have no labels
			labels = nil
		}
		// The part's share of what all images took.
		share := float64(n+m.pass.Val+m.norm) / float64(m.pass.Train+m.pass.Val+m.norm)
		for v, view := range m.pass.Views {
			start := m.now()
			part := e.Kernels[v]
			if n != m.pass.Train {
				part = submatrix(part, idx)
			}
			k, err := gp.Measure(ctx, part, n, labels, e.Classes, gp.Config{Threads: m.threads})
			if err != nil {
				return fmt.Errorf("after %d members, %d training images, view %s: %w", e.Members, n, view, err)
			}
			row := measured{Members: e.Members, Train: n, View: view, Level: e.Level, Mark: m.mark, Values: k.Values()}
			row.Values[GFLOPsColumn] = float64(e.FLOPs) * share * 1e-9
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
