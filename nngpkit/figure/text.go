package figure

import (
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

var plain = text.Plain{Fonts: font.NewCache(liberation.Collection())}

// markup is a text handler that understands ^{raised} and _{lowered} text and
// is otherwise plain: enough for powers of ten and indices.
type markup struct{ text.Plain }

// run is a piece of one line of text at one size and height.
type run struct {
	text  string
	scale vg.Length // of the font size
	rise  vg.Length // of the font size
}

const scriptScale = 0.72

func runs(line string) []run {
	var out []run
	for line != "" {
		i := strings.IndexAny(line, "^_")
		j := -1
		if i >= 0 && strings.HasPrefix(line[i+1:], "{") {
			j = strings.IndexByte(line[i:], '}')
		}
		if j < 0 {
			// No script, or a lone ^ or _: text up to the next one.
			end := len(line)
			if i >= 0 && i+1 < len(line) {
				end = i + 1
			}
			out = append(out, run{line[:end], 1, 0})
			line = line[end:]
			continue
		}
		if i > 0 {
			out = append(out, run{line[:i], 1, 0})
		}
		r := run{line[i+2 : i+j], scriptScale, 0.36}
		if line[i] == '_' {
			r.rise = -0.16
		}
		out = append(out, r)
		line = line[i+j+1:]
	}
	return out
}

func scaled(f font.Font, s vg.Length) font.Font {
	f.Size *= s
	return f
}

// Box implements text.Handler.
func (m markup) Box(txt string, fnt font.Font) (width, height, depth vg.Length) {
	ext := m.Extents(fnt)
	for _, r := range runs(txt) {
		f := scaled(fnt, r.scale)
		face := m.Fonts.Lookup(f, f.Size)
		width += face.Width(r.text)
	}
	return width, ext.Ascent, ext.Descent
}

// Draw implements text.Handler.
func (m markup) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	txt = strings.TrimRight(txt, "\n")
	if txt == "" {
		return
	}
	c.SetColor(sty.Color)
	c.Push()
	defer c.Pop()
	c.Translate(pt)
	if sty.Rotation != 0 {
		c.Rotate(sty.Rotation)
	}
	lines := m.Lines(txt)
	base := sty.Height(txt)*vg.Length(sty.YAlign) - m.Extents(sty.Font).Ascent
	for i, line := range lines {
		w, _, _ := m.Box(line, sty.Font)
		x := vg.Length(sty.XAlign) * w
		y := base + vg.Length(len(lines)-i)*sty.Font.Size
		for _, r := range runs(line) {
			f := scaled(sty.Font, r.scale)
			face := m.Fonts.Lookup(f, f.Size)
			c.FillString(face, vg.Point{X: x, Y: y + r.rise*sty.Font.Size}, r.text)
			x += face.Width(r.text)
		}
	}
}

// wrap breaks text at spaces so that no line is wider than width; line breaks
// in the text stay.
func wrap(sty text.Style, txt string, width vg.Length) []string {
	var out []string
	for _, line := range strings.Split(strings.TrimRight(txt, "\n"), "\n") {
		cur := ""
		for _, word := range strings.Fields(line) {
			next := word
			if cur != "" {
				next = cur + " " + word
			}
			if cur != "" && sty.Width(next) > width {
				out = append(out, strings.TrimSuffix(cur, " ·"))
				next = word
			}
			cur = next
		}
		out = append(out, cur)
	}
	return out
}
