package figure

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// BarGroup is one set of bars, with a bar for every label: the qualities of
// all signals on one table of truths, say.
type BarGroup struct {
	Name   string
	Values []float64 // NaN: no bar
	Lo, Hi []float64 // optional intervals
	Color  int       // in the palette, from 1, as Series.Color; 0 means by the group's place

	Baseline bool // what costs nothing, as Series.Baseline: gray
}

// BarsConfig describes a bar chart.
type BarsConfig struct {
	Title, Subtitle string
	XLabel          string // "" means "Kendall's τ with truth"
	Baseline        []bool // which labels are baselines: paler bars
	Decimals        int    // of the written values; 0 means 2

	Width, Height float64 // inches; a height of 0 follows the number of bars
}

// Bars draws horizontal bars, the first label on top, each with its interval
// and its value in figures.
func Bars(labels []string, groups []BarGroup, cfg BarsConfig) (*Figure, error) {
	if len(labels) == 0 || len(groups) == 0 {
		return nil, fmt.Errorf("figure: Bars: %d labels and %d groups", len(labels), len(groups))
	}
	if len(cfg.Baseline) != 0 && len(cfg.Baseline) != len(labels) {
		return nil, fmt.Errorf("figure: Bars: %d labels and %d baseline marks", len(labels), len(cfg.Baseline))
	}
	all := [][]float64{{0}}
	for _, g := range groups {
		if len(g.Values) != len(labels) || len(g.Lo) != len(g.Hi) || len(g.Lo) != 0 && len(g.Lo) != len(labels) {
			return nil, fmt.Errorf("figure: Bars: group %q has %d values, %d lo and %d hi for %d labels",
				g.Name, len(g.Values), len(g.Lo), len(g.Hi), len(labels))
		}
		all = append(all, g.Values, g.Lo, g.Hi)
	}
	p := newPlot(orDefault(cfg.XLabel, "Kendall's τ with truth"), "")
	lo, hi, _ := span(0, all...)
	p.X.Min, p.X.Max = math.Min(0, lo), math.Max(0, hi)
	pad := (p.X.Max - p.X.Min) * 0.02
	if p.X.Min < 0 {
		p.X.Min -= pad
	}
	p.X.Max += pad
	nominalY(p, labels)
	f := &Figure{Title: cfg.Title, Subtitle: cfg.Subtitle, Plot: p}
	bars := float64(len(labels) * len(groups))
	f.Width = inches(cfg.Width, defaultWidth)
	f.Height = inches(cfg.Height, 1.25+0.21*bars+0.09*float64(len(labels)))
	p.Add(barGrid{})
	for i, g := range groups {
		look := style{color: palette[i%len(palette)]}
		if g.Color > 0 {
			look.color = colored(g.Color - 1).color
		}
		if g.Baseline {
			look.color = baselineGrays[1]
		}
		p.Add(barSet{g, look, i, len(groups), cfg.Baseline, cfg.Decimals})
		if len(groups) > 1 || g.Name != "" {
			f.keys = append(f.keys, key{g.Name, keyFill, look})
		}
	}
	for _, b := range cfg.Baseline {
		if b {
			f.keys = append(f.keys, key{"paler: baseline", keyFill, style{color: paler(baselineGrays[1])}})
			break
		}
	}
	return f, nil
}

func nominalY(p *plot.Plot, labels []string) {
	ticks := make(plot.ConstantTicks, len(labels))
	for i, l := range labels {
		ticks[i] = plot.Tick{Value: -float64(i), Label: l}
	}
	p.Y.Tick.Marker = ticks
	p.Y.Tick.Length = 0
	p.Y.Width = 0
	p.Y.Min, p.Y.Max = -float64(len(labels))+0.5, 0.5
}

// barGrid draws vertical lines at the ticks and a stronger one at zero.
type barGrid struct{}

// Plot implements plot.Plotter.
func (barGrid) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	line := draw.LineStyle{Color: colGrid, Width: 0.6}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if !t.IsMinor() {
			c.StrokeLine2(line, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
		}
	}
	c.StrokeLine2(draw.LineStyle{Color: colAxis, Width: 0.8}, x(0), c.Min.Y, x(0), c.Max.Y)
}

// barSet draws the bars of one group.
type barSet struct {
	g        BarGroup
	look     style
	index    int
	groups   int
	baseline []bool
	decimals int
}

// slot returns the range on the y axis of bar i.
func (b barSet) slot(i int) (y0, y1 float64) {
	const used = 0.78
	h := used / float64(b.groups)
	top := -float64(i) + used/2 - float64(b.index)*h
	return top - h*0.92, top
}

// paler mixes a color with white.
func paler(c color.NRGBA) color.NRGBA {
	mix := func(v uint8) uint8 { return uint8(255 - (255-float64(v))*0.45) }
	return color.NRGBA{R: mix(c.R), G: mix(c.G), B: mix(c.B), A: 255}
}

// Plot implements plot.Plotter.
func (b barSet) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	sty := textStyle(textSize-0.5, colText)
	sty.YAlign = draw.YCenter
	for i, v := range b.g.Values {
		if math.IsNaN(v) {
			continue
		}
		col := b.look.color
		if len(b.baseline) > 0 && b.baseline[i] {
			col = paler(col)
		}
		y0, y1 := b.slot(i)
		fillRect(c, col, x(math.Min(0, v)), y(y0), x(math.Max(0, v)), y(y1))
		mid := y((y0 + y1) / 2)
		if lo, hi, ok := b.interval(i); ok {
			line := draw.LineStyle{Color: colText, Width: 1}
			c.StrokeLine2(line, x(lo), mid, x(hi), mid)
			c.StrokeLine2(line, x(lo), mid-2.2, x(lo), mid+2.2)
			c.StrokeLine2(line, x(hi), mid-2.2, x(hi), mid+2.2)
		}
		c.FillText(sty, vg.Point{X: x(b.end(i)) + 5, Y: mid + sty.FontExtents().Descent*0.6}, b.text(v))
	}
}

func (b barSet) interval(i int) (lo, hi float64, ok bool) {
	if len(b.g.Lo) == 0 || !finite(b.g.Lo[i]) || !finite(b.g.Hi[i]) {
		return 0, 0, false
	}
	return b.g.Lo[i], b.g.Hi[i], true
}

// end returns where bar i and its interval end at the right.
func (b barSet) end(i int) float64 {
	v := math.Max(0, b.g.Values[i])
	if _, hi, ok := b.interval(i); ok {
		v = math.Max(v, hi)
	}
	return v
}

func (b barSet) text(v float64) string {
	d := b.decimals
	if d == 0 {
		d = 2
	}
	return signed(strconv.FormatFloat(v, 'f', d, 64))
}

// GlyphBoxes implements plot.GlyphBoxer: the written values need room.
func (b barSet) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	sty := textStyle(textSize-0.5, colText)
	var out []plot.GlyphBox
	for i, v := range b.g.Values {
		if math.IsNaN(v) {
			continue
		}
		r := vg.Rectangle{Max: vg.Point{X: 6 + sty.Width(b.text(v))}}
		out = append(out, plot.GlyphBox{X: p.X.Norm(b.end(i)), Y: 0.5, Rectangle: r})
	}
	return out
}
