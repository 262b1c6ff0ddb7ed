package figure

import (
	"image/color"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// keyKind says what a key of the legend shows before its name.
type keyKind int

const (
	keyLine keyKind = iota // a line with its marker
	keyFill                // a filled box
	keyDot                 // the marker alone
	keyRule                // a line alone
)

// key is one entry of a legend.
type key struct {
	name string
	kind keyKind
	look style
}

const (
	sampleWidth = 26 * vg.Length(1)
	sampleGap   = 5 * vg.Length(1)
	keyGap      = 16 * vg.Length(1)
)

func (k key) width(sty text.Style) vg.Length {
	return k.sampleWidth() + sampleGap + sty.Width(k.name)
}

func (k key) sampleWidth() vg.Length {
	if k.kind == keyFill || k.kind == keyDot {
		return 11
	}
	return sampleWidth
}

// keyRows distributes the legend over lines of at most the given width.
func keyRows(keys []key, sty text.Style, width vg.Length) [][]key {
	var rows [][]key
	var used vg.Length
	for _, k := range keys {
		w := k.width(sty)
		if len(rows) == 0 || used+keyGap+w > width {
			rows = append(rows, nil)
			used = -keyGap
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], k)
		used += keyGap + w
	}
	return rows
}

// block is one paragraph of a heading, already wrapped.
type block struct {
	lines []string
	sty   text.Style
}

func (b block) leading() vg.Length { return b.sty.Font.Size * 1.3 }

func (f *Figure) blocks(width vg.Length) []block {
	var out []block
	if f.Title != "" {
		size := titleSize
		if f.part {
			size = labelSize
		}
		sty := boldStyle(size, colText)
		title := f.Title
		if f.Number != "" {
			title = "Figure " + f.Number + ". " + title
		}
		out = append(out, block{wrap(sty, title, width), sty})
	}
	if f.Subtitle != "" {
		sty := textStyle(textSize, colFaint)
		out = append(out, block{wrap(sty, f.Subtitle, width), sty})
	}
	return out
}

const (
	headPad    = 6 * vg.Length(1)
	keyLeading = textSize * 1.55
)

// headHeight returns the height of the heading: title, subtitle and legend.
func (f *Figure) headHeight(width vg.Length) vg.Length {
	var h vg.Length
	for _, b := range f.blocks(width) {
		h += b.leading() * vg.Length(len(b.lines))
	}
	rows := keyRows(f.keys, textStyle(textSize, colText), width)
	if len(rows) > 0 {
		if h > 0 {
			h += 3
		}
		h += keyLeading * vg.Length(len(rows))
	}
	if h > 0 {
		h += headPad
	}
	return h
}

// drawHead draws the heading at the top of c.
func (f *Figure) drawHead(c draw.Canvas) {
	y := c.Max.Y
	blocks := f.blocks(c.Size().X)
	for _, b := range blocks {
		for _, line := range b.lines {
			y -= b.leading()
			c.FillText(b.sty, vg.Point{X: c.Min.X, Y: y + b.sty.Font.Size*0.05}, line)
		}
	}
	if len(blocks) > 0 {
		y -= 3
	}
	sty := textStyle(textSize, colText)
	for _, row := range keyRows(f.keys, sty, c.Size().X) {
		y -= keyLeading
		x := c.Min.X
		for _, k := range row {
			k.draw(c, vg.Point{X: x, Y: y + textSize*0.55})
			x += k.sampleWidth() + sampleGap
			c.FillText(sty, vg.Point{X: x, Y: y + textSize*0.02}, k.name)
			x += sty.Width(k.name) + keyGap
		}
	}
}

// draw draws the sample of a key with its left end at the point at.
func (k key) draw(c draw.Canvas, at vg.Point) {
	w := k.sampleWidth()
	mid := vg.Point{X: at.X + w/2, Y: at.Y}
	switch k.kind {
	case keyFill:
		fillRect(c, k.look.color, at.X, at.Y-4, at.X+w, at.Y+4)
	case keyDot:
		k.look.marker.draw(c, mid, markerRadius, k.look.color)
	default:
		c.StrokeLine2(k.look.line(), at.X, at.Y, at.X+w, at.Y)
		if k.kind == keyLine {
			k.look.marker.draw(c, mid, markerRadius, k.look.color)
		}
	}
}

func fillRect(c draw.Canvas, col color.Color, x0, y0, x1, y1 vg.Length) {
	c.FillPolygon(col, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
}
