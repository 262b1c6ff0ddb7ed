package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// costLabels writes the labels of all points of a CostQuality figure in the color of
// their series, each at the first place around its point that covers nothing. A label
// for which there is no such place is left out.
type costLabels struct{ of []costPoints }

// Plot implements plot.Plotter.
func (l *costLabels) Plot(c draw.Canvas, p *plot.Plot) {
	taken := l.obstacles(c, p)
	sty := textStyle(textSize-1, colText)
	ext := sty.FontExtents()
	x, y := p.Transforms(&c)
	for _, q := range l.of {
		for i, text := range q.s.Labels {
			if text == "" || math.IsNaN(q.s.Y[i]) {
				continue
			}
			at := vg.Point{X: x(q.x(i)), Y: y(q.s.Y[i])}
			size := vg.Point{X: sty.Width(text), Y: ext.Ascent + ext.Descent}
			box, ok := bestPlace(c.Rectangle, taken, at, size)
			if !ok { // rather none than one that cannot be read
				continue
			}
			taken = append(taken, box)
			sty.Color = darker(q.look.color)
			c.FillText(sty, vg.Point{X: box.Min.X, Y: box.Min.Y + ext.Descent}, text)
		}
	}
}

// obstacles returns boxes around all markers, intervals and lines.
func (l *costLabels) obstacles(c draw.Canvas, p *plot.Plot) []vg.Rectangle {
	x, y := p.Transforms(&c)
	var out []vg.Rectangle
	for _, q := range l.of {
		var last *vg.Point
		for i, v := range q.s.Y {
			if math.IsNaN(v) {
				continue
			}
			at := vg.Point{X: x(q.x(i)), Y: y(v)}
			out = append(out, glyphRect(markerRadius+1).Add(at))
			if q.interval(i) {
				out = append(out, vg.Rectangle{
					Min: vg.Point{X: at.X - 2.5, Y: y(q.s.Lo[i])}, Max: vg.Point{X: at.X + 2.5, Y: y(q.s.Hi[i])},
				})
			}
			if last != nil && q.s.X[i] != 0 {
				out = append(out, alongLine(*last, at)...)
			}
			if q.s.X[i] != 0 {
				last = &at
			} else {
				out = append(out, vg.Rectangle{Min: vg.Point{X: at.X, Y: at.Y - 0.5}, Max: vg.Point{X: c.Max.X, Y: at.Y + 0.5}})
			}
		}
	}
	return out
}

// alongLine covers a line with small boxes.
func alongLine(a, b vg.Point) []vg.Rectangle {
	n := 1 + int(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))/4)
	out := make([]vg.Rectangle, n)
	for i := range out {
		t := (vg.Length(i) + 0.5) / vg.Length(n)
		out[i] = glyphRect(2).Add(vg.Point{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y)})
	}
	return out
}

// bestPlace returns the box of the given size near the point at, inside the
// area, that overlaps the least of what is taken; the first such place wins. ok is
// false where that covers more than a corner of something.
func bestPlace(area vg.Rectangle, taken []vg.Rectangle, at, size vg.Point) (best vg.Rectangle, ok bool) {
	least := vg.Length(math.Inf(1))
	for _, dist := range []vg.Length{6, 10, 15, 20, 26} {
		for _, d := range [][2]vg.Length{{0, 0.5}, {-0.2, 1}, {-1, 1}, {-1, 0.5}, {-1, 0}, {0, 0}, {-0.5, 1}, {-0.5, 0}} {
			b := placed(at, size, d, dist)
			cost := overlaps(b, taken)
			if b.Min.X < area.Min.X || b.Max.X > area.Max.X || b.Min.Y < area.Min.Y || b.Max.Y > area.Max.Y+8 {
				cost += 1e4
			}
			if cost < least {
				best, least = b, cost
			}
		}
	}
	return best, least <= 0.03*size.X*size.Y
}

// darker returns a color in which small letters can be read on white.
func darker(c color.NRGBA) color.NRGBA {
	return color.NRGBA{uint8(float64(c.R) * 0.75), uint8(float64(c.G) * 0.75), uint8(float64(c.B) * 0.75), c.A}
}

// placed returns the box beside a point: d is where the box begins, in its own
// sizes (0.5 is level with the point, 1 above it, 0 below it).
func placed(at, size vg.Point, d [2]vg.Length, dist vg.Length) vg.Rectangle {
	dx := dist
	switch {
	case d[0] == -1:
		dx = -dist
	case d[0] != 0:
		dx = 0
	}
	dy := (d[1] - 0.5) * 2 * dist * 0.8
	min := vg.Point{X: at.X + dx + d[0]*size.X, Y: at.Y + dy + (d[1]-1)*size.Y}
	return vg.Rectangle{Min: min, Max: min.Add(size)}
}

// overlaps returns the area that a box shares with others.
func overlaps(b vg.Rectangle, others []vg.Rectangle) vg.Length {
	var sum vg.Length
	for _, o := range others {
		w := min(b.Max.X, o.Max.X) - max(b.Min.X, o.Min.X)
		h := min(b.Max.Y, o.Max.Y) - max(b.Min.Y, o.Min.Y)
		if w > 0 && h > 0 {
			sum += w * h
		}
	}
	return sum
}
