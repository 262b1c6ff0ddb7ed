package study

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// LawConfig says how the error of kernels is measured. Its zero value takes
// widths 8, 16 and 32, up to 8 members, 4 seeds, and 60 + 40 images.
type LawConfig struct {
	Widths     []int
	Members    []int // rising
	Seeds      int
	Train, Val int
}

func (c LawConfig) resolved() LawConfig {
	if c.Widths == nil {
		c.Widths = []int{8, 16, 32}
	}
	if c.Members == nil {
		c.Members = []int{1, 2, 4, 8}
	}
	if c.Seeds == 0 {
		c.Seeds = 4
	}
	if c.Train == 0 {
		c.Train = 60
	}
	if c.Val == 0 {
		c.Val = 40
	}
	return c
}

// LawPoint is the relative error of one cell's kernel in one setting: the root
// of its variance, summed over all entries, over its norm. Kernels are divided by
// their mean trace first, as inference does: it sees no common scale.
type LawPoint struct {
	Cell           int
	Width, Members int
	Error          float64
}

// Law is how the error of the Monte-Carlo kernel falls with the width of the
// width and the number of members.
type Law struct {
	Points []LawPoint
	Cells  int
	Seeds  int

	// Exponents of the error in width x members, in the width, and in the members,
	// each the mean of a fit to each cell, with Student's 95 % interval over cells.
	// For errors that fall as 1/sqrt(width x members) all are -1/2.
	Product, Width, Members *corr.Interval
}

// ErrorLaw measures the variance of kernels between seeds, which needs no
// reference, and fits power laws to the error of each cell.
func ErrorLaw(ctx context.Context, specs []space.Architecture, set *imageset.Set, cfg LawConfig) (*Law, error) {
	cfg = cfg.resolved()
	if len(specs) < 2 || cfg.Seeds < 2 || len(cfg.Widths) < 2 || len(cfg.Members) < 2 {
		return nil, fmt.Errorf("study: %d cells, %d seeds, %d widths and %d numbers of members, want two of each at least",
			len(specs), cfg.Seeds, len(cfg.Widths), len(cfg.Members))
	}
	law := &Law{Cells: len(specs), Seeds: cfg.Seeds}
	var product, width, members []float64
	pool := new(forward.Pool)
	for i, s := range specs {
		var points []LawPoint
		for _, w := range cfg.Widths {
			p, err := kernelErrors(ctx, s, set, w, cfg, pool)
			if err != nil {
				return nil, err
			}
			points = append(points, p...)
		}
		for j := range points {
			points[j].Cell = i
		}
		a, b, c := exponents(points)
		product, width, members = append(product, a), append(width, b), append(members, c)
		law.Points = append(law.Points, points...)
	}
	law.Product, law.Width, law.Members = student(product), student(width), student(members)
	return law, nil
}

// kernelErrors returns the error of one cell's kernel at one width.
func kernelErrors(ctx context.Context, s space.Architecture, set *imageset.Set, width int, cfg LawConfig, pool *forward.Pool) ([]LawPoint, error) {
	net, err := s.Network(width, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		return nil, err
	}
	kernels := map[int][]*mat.SymDense{}
	for seed := 0; seed < cfg.Seeds; seed++ {
		c := nngpkit.Config{Train: cfg.Train, Val: cfg.Val, Seed: uint64(seed), Pool: pool}
		err := nngpkit.Kernels(ctx, net, set, c, cfg.Members, func(e *nngpkit.Estimate) error {
			e.Kernel.ScaleSym(float64(e.Kernel.SymmetricDim())/mat.Trace(e.Kernel), e.Kernel)
			kernels[e.Members] = append(kernels[e.Members], e.Kernel)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var out []LawPoint
	for _, m := range cfg.Members {
		out = append(out, LawPoint{Width: width, Members: m, Error: relativeError(kernels[m])})
	}
	return out, nil
}

// relativeError returns the root of the unbiased variance of independent
// estimates, summed over all entries, over the norm of their mean.
func relativeError(k []*mat.SymDense) float64 {
	n := k[0].SymmetricDim()
	var variance, norm float64
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			mean := 0.0
			for _, m := range k {
				mean += m.At(i, j) / float64(len(k))
			}
			for _, m := range k {
				d := m.At(i, j) - mean
				variance += d * d / float64(len(k)-1)
			}
			norm += mean * mean
		}
	}
	return math.Sqrt(variance / norm)
}

// exponents fits log error by least squares: to the logarithm of width x
// members, and to those of both.
func exponents(points []LawPoint) (product, width, members float64) {
	n := len(points)
	x, y := make([]float64, n), make([]float64, n)
	a := mat.NewDense(n, 3, nil)
	for i, p := range points {
		lw, lm := math.Log(float64(p.Width)), math.Log(float64(p.Members))
		x[i], y[i] = lw+lm, math.Log(p.Error)
		a.SetRow(i, []float64{1, lw, lm})
	}
	_, product = stat.LinearRegression(x, y, nil, false)
	var fit mat.Dense
	if err := fit.Solve(a, mat.NewDense(n, 1, y)); err != nil {
		return product, math.NaN(), math.NaN()
	}
	return product, fit.At(1, 0), fit.At(2, 0)
}

// student returns the mean of independent values with Student's 95 % interval.
func student(x []float64) *corr.Interval {
	mean, sd := stat.MeanStdDev(x, nil)
	half := distuv.StudentsT{Sigma: 1, Nu: float64(len(x) - 1)}.Quantile(0.975) * sd / math.Sqrt(float64(len(x)))
	return &corr.Interval{N: len(x), Estimate: mean, SE: sd / math.Sqrt(float64(len(x))), Level: 0.95, Lower: mean - half, Upper: mean + half, Method: "Student"}
}

// String says the exponents in a line each.
func (l *Law) String() string { return l.lines().String() }

// Markdown returns the exponents as a list.
func (l *Law) Markdown() string { return l.lines().Markdown() }

func (l *Law) lines() report.Lines {
	of := fmt.Sprintf("n = %d cells, %d seeds each", l.Cells, l.Seeds)
	return report.Lines{
		fmt.Sprintf("exponent of the kernel's error in width x members: %s (%s)", report.Bracket(l.Product, 3), of),
		fmt.Sprintf("in the width alone: %s", report.Bracket(l.Width, 3)),
		fmt.Sprintf("in the members alone: %s", report.Bracket(l.Members, 3)),
	}
}

// Record appends the exponents to the file of results, within what another
// processor's rounding may change.
func (l *Law) Record(prefix string) error {
	for _, e := range []struct {
		name string
		iv   *corr.Interval
	}{{"product", l.Product}, {"width", l.Width}, {"members", l.Members}} {
		if err := report.RecordWithin(prefix+".error_exponent."+e.name, e.iv.Estimate, e.iv.Lower, e.iv.Upper, e.iv.N, 1e-3); err != nil {
			return err
		}
	}
	return nil
}

// Figure draws the error over width x members, a curve a width, geometric means
// over cells with Student's intervals, beside the law.
func (l *Law) Figure() (*figure.Figure, error) {
	logs := map[[2]int][]float64{}
	var order [][2]int
	var all, size []float64
	for _, p := range l.Points {
		k := [2]int{p.Width, p.Members}
		if logs[k] == nil {
			order = append(order, k)
		}
		logs[k] = append(logs[k], math.Log2(p.Error))
		all, size = append(all, math.Log2(p.Error)), append(size, math.Log2(float64(p.Width*p.Members)))
	}
	var series []figure.Series
	for _, k := range order {
		name := fmt.Sprintf("width %d", k[0])
		if len(series) == 0 || series[len(series)-1].Name != name {
			series = append(series, figure.Series{Name: name})
		}
		iv := student(logs[k])
		add(&series[len(series)-1], float64(k[0]*k[1]), iv.Estimate, iv.Lower, iv.Upper)
	}
	law := figure.Series{Name: "1/√(width × members)", Baseline: true, Bare: true}
	level := stat.Mean(all, nil) + stat.Mean(size, nil)/2
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, s := range size {
		lo, hi = math.Min(lo, s), math.Max(hi, s)
	}
	for _, s := range []float64{lo, hi} {
		law.X, law.Y = append(law.X, math.Exp2(s)), append(law.Y, level-s/2)
	}
	series = append(series, law)
	for i := range series { // of logarithms
		for _, of := range [][]float64{series[i].Y, series[i].Lo, series[i].Hi} {
			for k := range of {
				of[k] = math.Exp2(of[k])
			}
		}
	}
	return figure.Members(series, figure.CurveConfig{
		Title:  fmt.Sprintf("Relative error of the kernel (%d cells, %d seeds each)", l.Cells, l.Seeds),
		XLabel: "width × members", YLabel: "relative error of the kernel", LogY: true,
	})
}
