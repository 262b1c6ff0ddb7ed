package show

import (
	"bytes"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
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
	text := "plot"
	if p.Title.Text != "" {
		text = fmt.Sprintf("plot %q", p.Title.Text)
	}
	var svg bytes.Buffer
	wt, err := p.WriterTo(w, h, "svg")
	if err == nil {
		_, err = wt.WriteTo(&svg)
	}
	if err != nil {
		return Bundle{Data: map[string]any{typeText: text + ": " + err.Error()}}
	}
	b := Bundle{Data: map[string]any{typeText: text, typeSVG: svg.String()}}
	if image, err := plotImage(p, w, h); err == nil {
		b.Data[typePNG] = image
	}
	return b
}

// imageDPI is the resolution of the image beside the SVG document.
const imageDPI = 100

// plotImage returns a PNG image: JupyterLab shows no SVG of a notebook that came
// from elsewhere until its reader trusts it, and the image instead.
func plotImage(p *plot.Plot, w, h vg.Length) ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(imageDPI))
	p.Draw(draw.New(c))
	var b bytes.Buffer
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(&b)
	return b.Bytes(), err
}
