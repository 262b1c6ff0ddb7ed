package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Message returns a figure that says why there is nothing to draw: a study
// shows it where its data are not at hand.
func Message(title, text string) *Figure {
	p := newPlot("", "")
	p.HideAxes()
	p.Add(note(text))
	return &Figure{Title: title, Plot: p, Width: inches(0, defaultWidth), Height: inches(0, 1.6)}
}

// note is text in the middle of a panel.
type note string

// Plot implements plot.Plotter.
func (n note) Plot(c draw.Canvas, _ *plot.Plot) {
	sty := textStyle(labelSize, colFaint)
	sty.XAlign = draw.XCenter
	lines := wrap(sty, string(n), c.Size().X*0.9)
	step := sty.Font.Size * 1.4
	y := c.Center().Y + step*vg.Length(len(lines)-2)/2
	for _, line := range lines {
		c.FillText(sty, vg.Point{X: c.Center().X, Y: y}, line)
		y -= step
	}
}
