package study

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// DrawErrors is how far the estimates of kernels are off when weights are drawn
// in other ways at the same cost.
type DrawErrors struct {
	Setting sweep.Setting
	Cells   int
	Seeds   int
	Draws   []forward.Draw // the first is forward.Independent
	Views   []nngpkit.View

	// Error is the relative error (see LawPoint), the geometric mean over cells,
	// by draw and kernel. Variance is the square of its ratio to that of
	// independent weights, with Student's 95 % interval over cells, of logarithms.
	Error    [][]float64
	Variance [][]*corr.Interval
}

// ErrorByDraw measures the variance of the kernels of a pass between seeds, of
// each of sweep.TableViews, for every draw of weights. It needs no truth and no reference.
func ErrorByDraw(ctx context.Context, specs []space.Architecture, set *imageset.Set, s sweep.Setting, seeds int) (*DrawErrors, error) {
	if len(specs) < 2 || seeds < 2 {
		return nil, fmt.Errorf("study: %d cells and %d seeds, want two of each at least", len(specs), seeds)
	}
	d := &DrawErrors{
		Setting: s.Resolved(), Cells: len(specs), Seeds: seeds,
		Views: []nngpkit.View{nngpkit.Raw, nngpkit.Standardized, nngpkit.Depths, nngpkit.Maxima},
		Draws: []forward.Draw{forward.Independent, forward.Antithetic, forward.Orthogonal},
	}
	logs := make([][][]float64, len(d.Draws)) // by draw, kernel and cell
	pool := new(forward.Pool)
	for i, draw := range d.Draws {
		logs[i] = make([][]float64, len(d.Views))
		for _, spec := range specs {
			errs, err := d.ofCell(ctx, spec, set, draw, pool)
			if err != nil {
				return nil, fmt.Errorf("study: cell %s, %v weights: %w", spec.Key(), draw, err)
			}
			for k, e := range errs {
				logs[i][k] = append(logs[i][k], math.Log(e))
			}
		}
	}
	for i := range d.Draws {
		var means []float64
		var ratios []*corr.Interval
		for k := range d.Views {
			x := make([]float64, len(specs))
			for c := range x {
				x[c] = 2 * (logs[i][k][c] - logs[0][k][c])
			}
			iv := student(x)
			iv.Estimate, iv.Lower, iv.Upper, iv.SE = math.Exp(iv.Estimate), math.Exp(iv.Lower), math.Exp(iv.Upper), math.NaN()
			means, ratios = append(means, math.Exp(student(logs[i][k]).Estimate)), append(ratios, iv)
		}
		d.Error, d.Variance = append(d.Error, means), append(d.Variance, ratios)
	}
	return d, nil
}

// ofCell returns the relative error of every kernel of one cell.
func (d *DrawErrors) ofCell(ctx context.Context, spec space.Architecture, set *imageset.Set, draw forward.Draw, pool *forward.Pool) ([]float64, error) {
	net, err := spec.Network(d.Setting.Width, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		return nil, err
	}
	cfg := d.Setting.Config()
	cfg.Draw, cfg.Pool = draw, pool
	cfg.Views = d.Views
	kernels := make([][]*mat.SymDense, len(d.Views))
	for seed := 0; seed < d.Seeds; seed++ {
		cfg.Seed = uint64(seed)
		err := nngpkit.Kernels(ctx, net, set, cfg, []int{d.Setting.Members}, func(e *nngpkit.Estimate) error {
			for i, k := range e.Kernels {
				k.ScaleSym(float64(k.SymmetricDim())/mat.Trace(k), k)
				kernels[i] = append(kernels[i], k)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var out []float64
	for _, k := range kernels {
		out = append(out, relativeError(k))
	}
	return out, nil
}

// Sheets returns the errors as tables.
func (d *DrawErrors) Sheets() report.Sheets {
	about := fmt.Sprintf("width %d, %s, %d + %d images, norm %v; n = %d cells, %d seeds each",
		d.Setting.Width, report.Plural(d.Setting.Members, "member"), d.Setting.Train, d.Setting.Val, d.Setting.Norm, d.Cells, d.Seeds)
	size := &corr.Table{Title: "Relative error of the kernel: " + about, Columns: []string{"weights"}}
	ratio := &corr.Table{Title: "Its variance over that of independent weights, 95 % intervals over cells", Columns: []string{"weights"}}
	for _, k := range d.Views {
		size.Columns, ratio.Columns = append(size.Columns, k.Label()), append(ratio.Columns, k.Label())
	}
	for i, draw := range d.Draws {
		a, b := []string{draw.String()}, []string{draw.String()}
		for k := range d.Views {
			a = append(a, fmt.Sprintf("%.3f", d.Error[i][k]))
			b = append(b, report.Bracket(d.Variance[i][k], 2))
		}
		size.Rows = append(size.Rows, a)
		if i > 0 {
			ratio.Rows = append(ratio.Rows, b)
		}
	}
	return report.Sheets{size, ratio}
}

// HTML returns the errors as tables.
func (d *DrawErrors) HTML() string { return d.Sheets().HTML() }

// String returns the errors for a terminal.
func (d *DrawErrors) String() string { return d.Sheets().String() }

// Record appends the errors and ratios of variances to the file of results,
// under names such as prefix.variance.orthogonal.maxima, within what another
// processor's rounding may change.
func (d *DrawErrors) Record(prefix string) error {
	for i, draw := range d.Draws {
		for k, name := range d.Views {
			e := d.Error[i][k]
			if err := report.RecordWithin(fmt.Sprintf("%s.error.%v.%s", prefix, draw, name), e, math.NaN(), math.NaN(), d.Cells, 1e-3*e); err != nil {
				return err
			}
			if i == 0 {
				continue
			}
			v := d.Variance[i][k]
			if err := report.RecordWithin(fmt.Sprintf("%s.variance.%v.%s", prefix, draw, name), v.Estimate, v.Lower, v.Upper, d.Cells, 2e-3*v.Estimate); err != nil {
				return err
			}
		}
	}
	return nil
}
