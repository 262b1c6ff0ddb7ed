package figure

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// CostQuality draws the quality of signals over their cost on a logarithmic
// axis: Series.X is the cost (FLOPs per network), Series.Y the quality (tau),
// with Labels beside the points. Series of several points are joined by lines.
// Intervals are bars, or bands around series of more than three points. What costs nothing (X = 0: parameters, FLOPs,
// counts of operations) stands in a column of its own at the left, and a faint
// line carries its height across.
func CostQuality(series []Series, cfg CurveConfig) (*Figure, error) {
	if len(series) == 0 {
		return nil, fmt.Errorf("figure: CostQuality: there is no series")
	}
	var xs, ys [][]float64
	free := false
	for _, s := range series {
		if err := s.check("CostQuality"); err != nil {
			return nil, err
		}
		for i, x := range s.X {
			if x < 0 {
				return nil, fmt.Errorf("figure: CostQuality: series %q: cost %v of point %d", s.Name, x, i)
			}
			free = free || x == 0
		}
		xs = append(xs, s.X)
		ys = append(ys, s.Y, s.Lo, s.Hi)
	}
	p := newPlot(orDefault(cfg.XLabel, "cost, floating-point operations per network"), orDefault(cfg.YLabel, "Kendall's τ with truth"))
	setLog(&p.X)
	lo, hi, ok := logSpan(0.06, xs...)
	if !ok {
		lo, hi = 1, 10
	}
	p.X.Min, p.X.Max = lo, hi
	at := freePlaces(series, lo, hi)
	if free {
		p.X.Min = lo * math.Pow(lo/hi, freeShare)
		p.X.Tick.Marker = costTicks{free: lo * math.Pow(lo/hi, freeShare*0.6), from: lo}
	}
	p.Y.Min, p.Y.Max, _ = span(0.06, ys...)
	if cfg.YMin != 0 || cfg.YMax != 0 {
		p.Y.Min, p.Y.Max = cfg.YMin, cfg.YMax
	}
	f := &Figure{
		Title: cfg.Title, Subtitle: cfg.Subtitle, Plot: p,
		Width: inches(cfg.Width, defaultWidth), Height: inches(cfg.Height, defaultHeight),
	}
	p.Add(gridLines{onlyY: true})
	looks := styles(series)
	labels := &costLabels{}
	for i, s := range series {
		kind := keyLine
		if len(s.X) == 1 {
			kind = keyDot
		}
		f.keys = append(f.keys, key{s.Name, kind, looks[i]})
		q := costPoints{s, looks[i], at[i]}
		labels.of = append(labels.of, q)
	}
	for _, q := range labels.of {
		if q.banded() {
			p.Add(band{q.s, q.look})
		}
	}
	for _, q := range labels.of {
		p.Add(q)
	}
	p.Add(labels)
	return f, nil
}

// freeShare is the part of the axis, of its length for costs above zero, that
// belongs to what costs nothing.
const freeShare = 0.16

// freePlaces spreads the series that have points of cost zero over their part
// of the axis, so that their intervals do not hide each other.
func freePlaces(series []Series, lo, hi float64) []float64 {
	n := 0
	out := make([]float64, len(series))
	for i, s := range series {
		for _, x := range s.X {
			if x == 0 {
				n++
				out[i] = float64(n)
				break
			}
		}
	}
	for i, k := range out {
		if k > 0 {
			t := 0.6
			if n > 1 {
				t = 0.92 - 0.64*(k-1)/float64(n-1)
			}
			out[i] = lo * math.Pow(lo/hi, freeShare*t)
		}
	}
	return out
}

// costTicks is a logarithmic axis with a place for zero before it.
type costTicks struct{ free, from float64 }

// Ticks implements plot.Ticker.
func (t costTicks) Ticks(lo, hi float64) []plot.Tick {
	out := []plot.Tick{{Value: t.free, Label: "none"}}
	return append(out, logTicks{}.Ticks(t.from, hi)...)
}

// costPoints draws one series of a CostQuality figure.
type costPoints struct {
	s    Series
	look style
	free float64 // where a cost of zero is drawn
}

// banded reports whether the intervals are drawn as a band: bars of several
// curves would hide each other.
func (q costPoints) banded() bool {
	for _, x := range q.s.X {
		if x == 0 {
			return false
		}
	}
	return len(q.s.X) > 3
}

// interval reports whether point i has an interval to be drawn as a bar.
func (q costPoints) interval(i int) bool {
	return !q.banded() && len(q.s.Lo) > 0 && finite(q.s.Lo[i]) && finite(q.s.Hi[i])
}

func (q costPoints) x(i int) float64 {
	if q.s.X[i] == 0 {
		return q.free
	}
	return q.s.X[i]
}

// Plot implements plot.Plotter.
func (q costPoints) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var pts []vg.Point
	for i, v := range q.s.Y {
		if math.IsNaN(v) {
			continue
		}
		at := vg.Point{X: x(q.x(i)), Y: y(v)}
		if q.s.X[i] == 0 {
			faint := draw.LineStyle{Color: withAlpha(q.look.color, 110), Width: 0.8, Dashes: q.look.dashes}
			c.StrokeLine2(faint, at.X, at.Y, c.Max.X, at.Y)
		} else {
			pts = append(pts, at)
		}
		if q.interval(i) {
			whisker(c, q.look.color, at.X, y(q.s.Lo[i]), y(q.s.Hi[i]))
		}
	}
	if len(pts) > 1 {
		c.StrokeLines(q.look.line(), c.ClipLinesXY(pts)...)
	}
	for i, v := range q.s.Y {
		if !math.IsNaN(v) {
			q.look.marker.draw(c, vg.Point{X: x(q.x(i)), Y: y(v)}, markerRadius+0.6, q.look.color)
		}
	}
}

// GlyphBoxes implements plot.GlyphBoxer.
func (q costPoints) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	var out []plot.GlyphBox
	for i, v := range q.s.Y {
		if !math.IsNaN(v) {
			out = append(out, plot.GlyphBox{X: p.X.Norm(q.x(i)), Y: p.Y.Norm(v), Rectangle: glyphRect(markerRadius + 2)})
		}
	}
	return out
}

// whisker draws a vertical interval with short caps.
func whisker(c draw.Canvas, col color.Color, x, lo, hi vg.Length) {
	line := draw.LineStyle{Color: col, Width: 1}
	lo, hi = max(lo, c.Min.Y), min(hi, c.Max.Y)
	c.StrokeLine2(line, x, lo, x, hi)
	c.StrokeLine2(line, x-2.5, lo, x+2.5, lo)
	c.StrokeLine2(line, x-2.5, hi, x+2.5, hi)
}
