package show

import (
	"bytes"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/nngplab/nngplab/internal/printable"
)

// The size in which a plot is shown that does not say otherwise.
const (
	DefaultWidth  = 6 * vg.Inch
	DefaultHeight = 4 * vg.Inch
)

// Figure is a plot with the size in which it is shown.
type Figure struct {
	Plot          *plot.Plot
	Width, Height vg.Length
}

// Sized returns p to be shown in the given size in inches.
func Sized(p *plot.Plot, width, height float64) Figure {
	return Figure{p, vg.Length(width) * vg.Inch, vg.Length(height) * vg.Inch}
}

func (f Figure) bundle() Bundle {
	if f.Plot == nil {
		return Bundle{Data: map[string]any{typeText: "(no plot)"}}
	}
	return plotBundle(f.Plot, f.Width, f.Height)
}

func plotBundle(p *plot.Plot, w, h vg.Length) Bundle {
	text := plotText(p)
	b := Bundle{Data: map[string]any{typeText: text}}
	if tooLarge(p, w, h) {
		image, err := write(p, w, h, "png")
		if err != nil {
			b.Data[typeText] = Cut(text + ": " + err.Error())
			return b
		}
		b.Data[typePNG] = image
		return b
	}
	svg, err := write(p, w, h, "svg")
	if err != nil {
		b.Data[typeText] = Cut(text + ": " + err.Error())
		return b
	}
	b.Data[typeSVG] = printable.XML(string(svg))
	// JupyterLab shows no SVG of a notebook that came from elsewhere until its
	// reader trusts it, and this image instead.
	if image, err := write(p, w, h, "png"); err == nil {
		b.Data[typePNG] = image
	}
	return b
}

// plotText is a plot in words.
func plotText(p *plot.Plot) string {
	switch {
	case p == nil:
		return "(no plot)"
	case p.Title.Text != "":
		return Cut(fmt.Sprintf("plot %q", p.Title.Text))
	}
	return "plot"
}

func write(p *plot.Plot, w, h vg.Length, format string) ([]byte, error) {
	wt, err := p.WriterTo(w, h, format)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = wt.WriteTo(&b)
	return b.Bytes(), err
}
