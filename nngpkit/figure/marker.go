package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// marker is the shape of a point. The first four are filled and mark signals;
// the rest are open and mark baselines.
type marker int

const (
	disc marker = iota
	square
	triangle
	diamond
	ring
	openSquare
	openTriangle
	openDiamond
)

// path returns the outline of a marker of radius r around the point at.
func (m marker) path(at vg.Point, r vg.Length) vg.Path {
	var p vg.Path
	var corners int
	var turn float64
	switch m % 4 {
	case disc:
		p.Move(vg.Point{X: at.X + r, Y: at.Y})
		p.Arc(at, r, 0, 2*math.Pi)
		p.Close()
		return p
	case square:
		corners, turn, r = 4, math.Pi/4, r*1.2
	case triangle:
		corners, turn, r = 3, math.Pi/2, r*1.25
	case diamond:
		corners, turn, r = 4, 0, r*1.25
	}
	for i := 0; i < corners; i++ {
		sin, cos := math.Sincos(turn + 2*math.Pi*float64(i)/float64(corners))
		q := vg.Point{X: at.X + r*vg.Length(cos), Y: at.Y + r*vg.Length(sin)}
		if i == 0 {
			p.Move(q)
		} else {
			p.Line(q)
		}
	}
	p.Close()
	return p
}

// draw draws the marker: filled with a thin white edge, or open on white.
func (m marker) draw(c vg.Canvas, at vg.Point, r vg.Length, col color.Color) {
	p := m.path(at, r)
	fill, edge, width := col, color.Color(colPaper), vg.Length(0.6)
	if m >= ring {
		fill, edge, width = colPaper, col, 1.3
	}
	c.SetColor(fill)
	c.Fill(p)
	c.SetLineDash(nil, 0)
	c.SetLineWidth(width)
	c.SetColor(edge)
	c.Stroke(p)
}

// glyphRect returns the box that a marker needs, for a plot's padding.
func glyphRect(r vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: -r, Y: -r}, Max: vg.Point{X: r, Y: r}}
}
