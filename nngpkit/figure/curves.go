package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Series is one curve: a signal's quality over something, or the like.
type Series struct {
	Name string
	X, Y []float64 // of equal length; a Y that is NaN leaves a gap

	// Lo and Hi, if given, bound an interval around each Y, such as a 95 %
	// confidence interval; it is drawn as a band.
	Lo, Hi []float64

	// Labels, if given, are written beside the points of a CostQuality figure.
	Labels []string

	// Baseline marks what the others are compared with (parameters, FLOPs):
	// gray, dashed, with open markers.
	Baseline bool

	// Bare leaves the markers out: a reference, not a measurement.
	Bare bool

	// Color, if not 0, is the number of its color in the palette, from 1 (see
	// Colors; beyond, lines are dashed): what is drawn in many figures keeps its
	// own. 0 means the first that no other series has.
	Color int
}

func (s Series) check(fn string) error {
	switch {
	case len(s.X) == 0:
		return fmt.Errorf("figure: %s: series %q is empty", fn, s.Name)
	case s.Color < 0:
		return fmt.Errorf("figure: %s: series %q has color %d", fn, s.Name, s.Color)
	case len(s.X) != len(s.Y):
		return fmt.Errorf("figure: %s: series %q has %d x and %d y", fn, s.Name, len(s.X), len(s.Y))
	case len(s.Labels) != 0 && len(s.Labels) != len(s.X):
		return fmt.Errorf("figure: %s: series %q has %d x and %d labels", fn, s.Name, len(s.X), len(s.Labels))
	case len(s.Lo) != len(s.Hi) || len(s.Lo) != 0 && len(s.Lo) != len(s.Y):
		return fmt.Errorf("figure: %s: series %q has %d y, %d lo and %d hi", fn, s.Name, len(s.Y), len(s.Lo), len(s.Hi))
	}
	for i, x := range s.X {
		if !finite(x) {
			return fmt.Errorf("figure: %s: series %q: x[%d] is %v", fn, s.Name, i, x)
		}
		if math.IsInf(s.Y[i], 0) {
			return fmt.Errorf("figure: %s: series %q: y[%d] is %v", fn, s.Name, i, s.Y[i])
		}
	}
	return nil
}

// CurveConfig describes a figure of curves. Fields left zero get what suits
// the figure.
type CurveConfig struct {
	Title, Subtitle string
	XLabel, YLabel  string

	YMin, YMax float64 // both zero: from the data
	LogY       bool    // a logarithmic y axis, of values above 0

	// XMark, if not zero, is a value of x to be marked by a vertical line, which
	// the legend calls XMarkName.
	XMark     float64
	XMarkName string

	Width, Height float64 // inches; 0 means 6.4 x 4.2
}

// axes are the fixed traits of one kind of curve figure.
type axes struct {
	fn             string
	xLabel, yLabel string
	logX           bool
	xTicks, yTicks plot.Ticker
	rules          []rule
}

// rule is a straight reference line: horizontal at y, vertical at x where that
// is not 0, or diagonal.
type rule struct {
	name     string
	y, x     float64
	diagonal bool // y = x
}

// Curves draws curves over a common linear axis.
func Curves(series []Series, cfg CurveConfig) (*Figure, error) {
	return curves(series, cfg, axes{fn: "Curves"})
}

// PQETP draws, for each signal, the area under the ROC curve of "truth is
// above the threshold" over the threshold: 1 is perfect, 1/2 is chance.
// Series.X holds the thresholds.
func PQETP(series []Series, cfg CurveConfig) (*Figure, error) {
	return curves(series, cfg, axes{
		fn: "PQETP", xLabel: "truth above this threshold counts as good", yLabel: "PQETP (area under the ROC curve)",
		rules: []rule{{name: "chance", y: 0.5}},
	})
}

// Discovered draws the best truth among the k candidates that each signal
// ranks highest, over k on a logarithmic axis; best is the best truth of all,
// drawn as a line unless NaN or 0.
func Discovered(series []Series, best float64, cfg CurveConfig) (*Figure, error) {
	a := axes{fn: "Discovered", xLabel: "candidates kept, k", yLabel: "best truth among the top k", logX: true}
	if best != 0 && finite(best) {
		a.rules = []rule{{name: "best of all", y: best}}
	}
	return curves(series, cfg, a)
}

// Epsilon draws scores over the regularizer epsilon, on a logarithmic axis.
func Epsilon(series []Series, cfg CurveConfig) (*Figure, error) {
	return curves(series, cfg, axes{
		fn: "Epsilon", xLabel: "regularizer ε, relative to the mean diagonal of the kernel", yLabel: "validation accuracy", logX: true,
	})
}

// Members draws a score or a quality over the number of Monte-Carlo members,
// on an axis of doublings.
func Members(series []Series, cfg CurveConfig) (*Figure, error) {
	return curves(series, cfg, axes{
		fn: "Members", xLabel: "members of the Monte-Carlo estimate", yLabel: "validation accuracy", logX: true, xTicks: doublingTicks{},
	})
}

// Reduction draws the share of the truly best candidates that survive over
// the share of all candidates that a signal keeps; the diagonal is what a
// choice at random keeps. Both are shares from 0 to 1.
func Reduction(series []Series, cfg CurveConfig) (*Figure, error) {
	return curves(series, cfg, axes{
		fn: "Reduction", xLabel: "share of the space kept", yLabel: "share of the best kept",
		xTicks: linearTicks{percent: true}, yTicks: linearTicks{percent: true},
		rules: []rule{{name: "at random", diagonal: true}},
	})
}

func curves(series []Series, cfg CurveConfig, a axes) (*Figure, error) {
	if len(series) == 0 {
		return nil, fmt.Errorf("figure: %s: there is no series", a.fn)
	}
	var xs, ys [][]float64
	for _, s := range series {
		if err := s.check(a.fn); err != nil {
			return nil, err
		}
		if a.logX {
			for i, x := range s.X {
				if x <= 0 {
					return nil, fmt.Errorf("figure: %s: series %q: x[%d] = %v on a logarithmic axis", a.fn, s.Name, i, x)
				}
			}
		}
		if cfg.LogY {
			for _, of := range [][]float64{s.Y, s.Lo, s.Hi} {
				for i, y := range of {
					if y <= 0 {
						return nil, fmt.Errorf("figure: %s: series %q: %v at point %d on a logarithmic axis", a.fn, s.Name, y, i)
					}
				}
			}
		}
		xs = append(xs, s.X)
		ys = append(ys, s.Y, s.Lo, s.Hi)
	}
	p := newPlot(orDefault(cfg.XLabel, a.xLabel), orDefault(cfg.YLabel, a.yLabel))
	a.setX(p, xs)
	a.setY(p, cfg, ys)
	f := &Figure{
		Title: cfg.Title, Subtitle: cfg.Subtitle, Plot: p,
		Width: inches(cfg.Width, defaultWidth), Height: inches(cfg.Height, defaultHeight),
	}
	p.Add(gridLines{onlyY: true})
	if cfg.XMark != 0 {
		a.rules = append(a.rules, rule{name: cfg.XMarkName, x: cfg.XMark})
	}
	for _, r := range a.rules {
		p.Add(r)
		f.keys = append(f.keys, key{r.name, keyRule, r.style()})
	}
	looks := styles(series)
	for i, s := range series {
		p.Add(band{s, looks[i]})
	}
	var keys []key
	for i, s := range series {
		p.Add(curve{s, looks[i]})
		kind := keyLine
		if s.Bare {
			kind = keyRule
		}
		keys = append(keys, key{s.Name, kind, looks[i]})
	}
	f.keys = append(keys, f.keys...)
	return f, nil
}

func (a axes) setX(p *plot.Plot, xs [][]float64) {
	if a.logX {
		setLog(&p.X)
		p.X.Min, p.X.Max, _ = logSpan(0.03, xs...)
	} else {
		p.X.Min, p.X.Max, _ = span(0.03, xs...)
	}
	if a.xTicks != nil {
		p.X.Tick.Marker = a.xTicks
	}
}

func (a axes) setY(p *plot.Plot, cfg CurveConfig, ys [][]float64) {
	for _, r := range a.rules {
		if !r.diagonal && r.x == 0 {
			ys = append(ys, []float64{r.y})
		}
	}
	p.Y.Min, p.Y.Max, _ = span(0.05, ys...)
	if cfg.LogY {
		setLog(&p.Y)
		p.Y.Min, p.Y.Max, _ = logSpan(0.05, ys...)
	}
	if cfg.YMin != 0 || cfg.YMax != 0 {
		p.Y.Min, p.Y.Max = cfg.YMin, cfg.YMax
	}
	if a.yTicks != nil {
		p.Y.Tick.Marker = a.yTicks
	}
}

var (
	ruleStyle = style{color: colAxis, width: 1, dashes: []vg.Length{1.5, 2.5}}
	markStyle = style{color: colGrid, width: 4}
)

func (r rule) style() style {
	if r.x != 0 {
		return markStyle
	}
	return ruleStyle
}

// Plot implements plot.Plotter.
func (r rule) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	ends := []vg.Point{{X: c.Min.X, Y: y(r.y)}, {X: c.Max.X, Y: y(r.y)}}
	switch {
	case r.x != 0:
		ends = []vg.Point{{X: x(r.x), Y: c.Min.Y}, {X: x(r.x), Y: c.Max.Y}}
	case r.diagonal:
		lo, hi := math.Max(p.X.Min, p.Y.Min), math.Min(p.X.Max, p.Y.Max)
		ends = []vg.Point{{X: x(lo), Y: y(lo)}, {X: x(hi), Y: y(hi)}}
	}
	c.StrokeLines(r.style().line(), c.ClipLinesXY(ends)...)
}

// band draws the interval around a curve.
type band struct {
	s    Series
	look style
}

// Plot implements plot.Plotter.
func (b band) Plot(c draw.Canvas, p *plot.Plot) {
	if len(b.s.Lo) == 0 {
		return
	}
	x, y := p.Transforms(&c)
	for _, r := range segments(b.s.X, b.s.Lo, b.s.Hi) {
		var pts []vg.Point
		for i := r[0]; i < r[1]; i++ {
			pts = append(pts, vg.Point{X: x(b.s.X[i]), Y: y(b.s.Lo[i])})
		}
		for i := r[1] - 1; i >= r[0]; i-- {
			pts = append(pts, vg.Point{X: x(b.s.X[i]), Y: y(b.s.Hi[i])})
		}
		alpha := uint8(46)
		if b.s.Baseline {
			alpha = 26
		}
		c.FillPolygon(withAlpha(b.look.color, alpha), c.ClipPolygonXY(pts))
	}
}

// segments returns the half-open ranges of indices in which all values are
// numbers.
func segments(values ...[]float64) [][2]int {
	var out [][2]int
	start := -1
	n := len(values[0])
	for i := 0; i <= n; i++ {
		ok := i < n
		for _, v := range values {
			ok = ok && !math.IsNaN(v[i])
		}
		if ok && start < 0 {
			start = i
		}
		if !ok && start >= 0 {
			out = append(out, [2]int{start, i})
			start = -1
		}
	}
	return out
}

// curve draws a line with at most twenty markers.
type curve struct {
	s    Series
	look style
}

const markerRadius = 2.9 * vg.Length(1)

// Plot implements plot.Plotter.
func (l curve) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	every := 1 + (len(l.s.X)-1)/20
	for _, r := range segments(l.s.X, l.s.Y) {
		var pts []vg.Point
		for i := r[0]; i < r[1]; i++ {
			pts = append(pts, vg.Point{X: x(l.s.X[i]), Y: y(l.s.Y[i])})
		}
		c.StrokeLines(l.look.line(), c.ClipLinesXY(pts)...)
		for i, pt := range pts {
			if (r[0]+i)%every == 0 && c.Contains(pt) && !l.s.Bare {
				l.look.marker.draw(c, pt, markerRadius, l.look.color)
			}
		}
	}
}

// GlyphBoxes implements plot.GlyphBoxer: markers at the edge are not cut.
func (l curve) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	var out []plot.GlyphBox
	for i := range l.s.X {
		if !math.IsNaN(l.s.Y[i]) {
			out = append(out, plot.GlyphBox{
				X: p.X.Norm(l.s.X[i]), Y: p.Y.Norm(l.s.Y[i]), Rectangle: glyphRect(markerRadius + 1),
			})
		}
	}
	return out
}
