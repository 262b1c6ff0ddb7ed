package figure

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ForestRow is one row of a Forest.
type ForestRow struct {
	Name     string
	Baseline bool // gray, with an open marker
	Color    int  // in the palette, from 1, as Series.Color; 0 means gray
}

// ForestColumn is one panel of a Forest, with a value for every row.
type ForestColumn struct {
	Title  string
	Values []float64 // NaN: nothing is drawn
	Lo, Hi []float64 // intervals; may be nil
}

// ForestConfig describes a forest plot.
type ForestConfig struct {
	Title, Subtitle string
	XLabel          string // "" means "Kendall's τ with truth"
	Decimals        int    // of the written values; 0 means 2

	Width, Height float64 // inches; a height of 0 follows the number of rows
}

// Forest draws values with their intervals as points, a row each, in panels side by
// side that share the rows' names and one scale. The values stand in figures at the
// right of each panel, where no marker is.
func Forest(rows []ForestRow, columns []ForestColumn, cfg ForestConfig) (*Figure, error) {
	if len(rows) == 0 || len(columns) == 0 {
		return nil, fmt.Errorf("figure: Forest: %d rows and %d columns", len(rows), len(columns))
	}
	all := [][]float64{{0}}
	for _, c := range columns {
		if len(c.Values) != len(rows) || len(c.Lo) != len(c.Hi) || len(c.Lo) != 0 && len(c.Lo) != len(rows) {
			return nil, fmt.Errorf("figure: Forest: column %q has %d values, %d lo and %d hi for %d rows",
				c.Title, len(c.Values), len(c.Lo), len(c.Hi), len(rows))
		}
		all = append(all, c.Values, c.Lo, c.Hi)
	}
	for _, r := range rows {
		if r.Color < 0 {
			return nil, fmt.Errorf("figure: Forest: row %q has color %d", r.Name, r.Color)
		}
	}
	lo, hi, _ := span(0.04, all...)
	f := &forest{rows: rows, columns: columns, lo: lo, hi: hi, decimals: cfg.Decimals}
	if f.decimals == 0 {
		f.decimals = 2
	}
	p := newPlot(orDefault(cfg.XLabel, "Kendall's τ with truth"), "")
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.Name
	}
	nominalY(p, names)
	p.Y.Max = forestTop
	p.X.Min, p.X.Max = 0, float64(len(columns))-forestGap
	p.X.Tick.Marker = f
	p.X.Width = 0
	p.Add(f)
	g := &Figure{Title: cfg.Title, Subtitle: cfg.Subtitle, Plot: p}
	g.Width = inches(cfg.Width, 3+2.4*float64(len(columns)))
	g.Height = inches(cfg.Height, 1.35+0.22*float64(len(rows)))
	return g, nil
}

// Of the unit that a panel takes on the axis, from 0 to forestPlot shows values, and
// what follows, up to the gap, the figures.
const (
	forestPlot = 0.76
	forestGap  = 0.06
	forestTop  = 1.5 // on the y axis, whose rows are at 0, -1, ...: above stand the titles
)

// forest draws all panels.
type forest struct {
	rows     []ForestRow
	columns  []ForestColumn
	lo, hi   float64
	decimals int
}

// at returns the place of a value on the axis of one panel.
func (f *forest) at(column int, v float64) float64 {
	return float64(column) + forestPlot*(v-f.lo)/(f.hi-f.lo)
}

// ticks returns the ticks of one panel on its own scale.
func (f *forest) ticks() []plot.Tick { return linearTicks{count: 4}.Ticks(f.lo, f.hi) }

// Ticks implements plot.Ticker.
func (f *forest) Ticks(float64, float64) []plot.Tick {
	var out []plot.Tick
	for c := range f.columns {
		for _, t := range f.ticks() {
			out = append(out, plot.Tick{Value: f.at(c, t.Value), Label: t.Label})
		}
	}
	return out
}

// Plot implements plot.Plotter.
func (f *forest) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	top := y(0.62)
	for k, column := range f.columns {
		for _, t := range f.ticks() {
			line := draw.LineStyle{Color: colGrid, Width: 0.6}
			if math.Abs(t.Value) < 1e-12*(f.hi-f.lo) {
				line = draw.LineStyle{Color: colAxis, Width: 0.8}
			}
			c.StrokeLine2(line, x(f.at(k, t.Value)), c.Min.Y, x(f.at(k, t.Value)), top)
		}
		sty := boldStyle(textSize, colText)
		c.FillText(sty, vg.Point{X: x(f.at(k, f.lo)), Y: top + sty.FontExtents().Descent + 2}, column.Title)
		for i := range f.rows {
			f.point(c, p, k, i)
		}
	}
}

func (f *forest) point(c draw.Canvas, p *plot.Plot, k, i int) {
	column, row := f.columns[k], f.rows[i]
	v := column.Values[i]
	if !finite(v) {
		return
	}
	x, y := p.Transforms(&c)
	look := style{color: colFaint, marker: disc}
	switch {
	case row.Baseline:
		look = style{color: baselineGrays[1], marker: ring}
	case row.Color > 0:
		look.color = colored(row.Color - 1).color
	}
	mid := y(-float64(i))
	if len(column.Lo) > 0 && finite(column.Lo[i]) && finite(column.Hi[i]) {
		c.StrokeLine2(draw.LineStyle{Color: look.color, Width: 1.6}, x(f.at(k, column.Lo[i])), mid, x(f.at(k, column.Hi[i])), mid)
	}
	look.marker.draw(c, vg.Point{X: x(f.at(k, v)), Y: mid}, markerRadius+0.3, look.color)
	sty := textStyle(textSize-0.5, colText)
	sty.XAlign, sty.YAlign = draw.XRight, draw.YCenter
	at := vg.Point{X: x(float64(k) + 1 - forestGap), Y: mid + sty.FontExtents().Descent*0.6}
	c.FillText(sty, at, signed(strconv.FormatFloat(v, 'f', f.decimals, 64)))
}
