package show

import (
	"image"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// maxVector is how many segments, glyphs and texts a figure may have to be shown
// as SVG: a scatter of 100,000 points makes one of 13 MB, which stops a browser
// and swells a notebook.
const maxVector = 20_000

// tooLarge reports whether p, drawn in the given size, has more than maxVector
// parts. It draws p on a canvas that only counts.
func tooLarge(p *plot.Plot, w, h vg.Length) (large bool) {
	c := &counter{width: w, height: h}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(enough); !ok {
				panic(r)
			}
			large = true
		}
	}()
	p.Draw(draw.New(c))
	return false
}

// counter is a canvas that counts what is drawn and panics with enough.
type counter struct {
	width, height vg.Length
	parts         int
}

type enough struct{}

func (c *counter) add(n int) {
	if c.parts += n; c.parts > maxVector {
		panic(enough{})
	}
}

// Size returns the size of the canvas.
func (c *counter) Size() (w, h vg.Length) { return c.width, c.height }

// SetLineWidth and what follows are those of vg.Canvas.
func (c *counter) SetLineWidth(vg.Length)                          {}
func (c *counter) SetLineDash([]vg.Length, vg.Length)              {}
func (c *counter) SetColor(color.Color)                            {}
func (c *counter) Rotate(float64)                                  {}
func (c *counter) Translate(vg.Point)                              {}
func (c *counter) Scale(float64, float64)                          {}
func (c *counter) Push()                                           {}
func (c *counter) Pop()                                            {}
func (c *counter) Stroke(p vg.Path)                                { c.add(len(p)) }
func (c *counter) Fill(p vg.Path)                                  { c.add(len(p)) }
func (c *counter) FillString(f font.Face, pt vg.Point, str string) { c.add(1) }
func (c *counter) DrawImage(rect vg.Rectangle, img image.Image)    { c.add(1) }
