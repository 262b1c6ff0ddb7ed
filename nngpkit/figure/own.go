package figure

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// NewPlot returns an empty gonum plot in the style of all figures: their fonts, colors,
// ticks and grid. What gonum/plot can draw may be added to it; Of makes a figure of it.
func NewPlot(xLabel, yLabel string) *plot.Plot {
	p := newPlot(xLabel, yLabel)
	p.Add(gridLines{})
	return p
}

// Of returns a figure of any gonum plot, as wide and high as the others.
func Of(p *plot.Plot, title string) *Figure {
	return &Figure{Title: title, Plot: p, Width: defaultWidth * vg.Inch, Height: defaultHeight * vg.Inch}
}

// Color returns a color of the palette by its number, from 1, as Series.Color: the palette
// begins anew where it is used up. opacity is from 0 to 1, for crowds of points. It panics
// for a number below 1.
func Color(number int, opacity float64) color.NRGBA {
	if number < 1 {
		panic("figure: colors are numbered from 1")
	}
	return withAlpha(palette[(number-1)%len(palette)], uint8(255*min(max(opacity, 0), 1)+0.5))
}
