// Package figure draws the figures of a study of training-free signals: a
// signal against a truth, quality over thresholds, budgets, members and cost,
// kernels, and comparisons with intervals.
//
// Every function takes plain slices and a configuration struct whose zero
// value is usable, and returns a Figure: one gonum plot, or several side by
// side, with a title, a legend that never covers data, and a size. A notebook
// shows a Figure as SVG; Save writes SVG, PNG or PDF.
//
// The style is one for all figures: a palette that color-blind readers can
// tell apart, with markers and dashes that say the same without color,
// sequential colors of even perceptual steps, and labeled axes.
package figure

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// DirEnv names the environment variable that holds the folder into which
// Publish writes. Where it is unset, Publish writes nothing.
const DirEnv = "NNGPLAB_FIGURES"

// The resolution of saved PNG files, and that of maps, whose many small cells
// compress badly.
const (
	savedDPI    = 160
	savedMapDPI = 110
)

// Figure is a drawing ready to be shown or saved: one plot with its heading,
// legend and side panels, or several figures side by side (see Beside).
//
// The exported fields may be changed before the figure is shown.
type Figure struct {
	Title    string // bold, above everything; wrapped to the width
	Subtitle string // smaller, below the title; lines are wrapped too
	Number   string // such as 9.1, before the title; Publish sets it where the name begins as a notebook's does

	Width, Height vg.Length

	// Plot is the main panel; nil in a figure made of several.
	Plot *plot.Plot

	keys       []key
	top, right *histogram
	bar        *colorBar
	parts      []*Figure
	columns    int
	part       bool // of another figure: a smaller title
}

// Beside returns a figure that shows the given figures in rows of as many
// columns. A legend that all of them share is drawn once, above them. The
// width in inches is that of all columns; 0 keeps that of the figures. Rows
// are as high as the highest figure.
func Beside(title string, columns int, width float64, figs ...*Figure) (*Figure, error) {
	if len(figs) == 0 || columns < 1 {
		return nil, errors.New("figure: Beside needs one figure and one column at least")
	}
	for i, f := range figs {
		if f == nil {
			return nil, fmt.Errorf("figure: Beside: figure %d is nil", i)
		}
	}
	columns = min(columns, len(figs))
	g := &Figure{Title: title, columns: columns}
	for _, f := range figs {
		g.Width = max(g.Width, f.Width)
		g.Height = max(g.Height, f.Height)
	}
	if width > 0 {
		g.Width = vg.Length(width) * vg.Inch
	} else {
		g.Width *= vg.Length(columns)
	}
	rows := (len(figs) + columns - 1) / columns
	g.Height *= vg.Length(rows)
	shared := sharedKeys(figs)
	if shared {
		g.keys = figs[0].keys
	}
	for _, f := range figs {
		c := *f
		c.part, c.Number = true, ""
		if shared {
			c.keys = nil
		}
		g.parts = append(g.parts, &c)
	}
	return g, nil
}

func sharedKeys(figs []*Figure) bool {
	for _, f := range figs {
		if len(f.keys) == 0 || !reflect.DeepEqual(f.keys, figs[0].keys) {
			return false
		}
	}
	return true
}

// Must returns f, or panics with err when it is not nil: for a notebook's
// cell, where the panic is shown as the cell's error.
func Must(f *Figure, err error) *Figure {
	if err != nil {
		panic(err)
	}
	return f
}

// Draw draws the figure on c.
func (f *Figure) Draw(c draw.Canvas) {
	c.SetColor(colPaper)
	c.Fill(c.Rectangle.Path())
	f.draw(draw.Crop(c, outerMargin, -outerMargin, outerMargin, -outerMargin), 0)
}

// draw draws below a heading of at least the given height, so that the panels
// of a row line up.
func (f *Figure) draw(c draw.Canvas, head vg.Length) {
	head = max(head, f.headHeight(c.Size().X))
	f.drawHead(c)
	c = draw.Crop(c, 0, 0, 0, -head)
	switch {
	case f.parts != nil:
		f.drawParts(c)
	case f.Plot != nil:
		f.drawPanel(c)
	}
}

func (f *Figure) drawParts(c draw.Canvas) {
	const gap = 14 * vg.Length(1)
	rows := (len(f.parts) + f.columns - 1) / f.columns
	w := (c.Size().X - gap*vg.Length(f.columns-1)) / vg.Length(f.columns)
	h := (c.Size().Y - gap*vg.Length(rows-1)) / vg.Length(rows)
	for r := 0; r < rows; r++ {
		row := f.parts[r*f.columns : min((r+1)*f.columns, len(f.parts))]
		var head vg.Length
		for _, p := range row {
			head = max(head, p.headHeight(w))
		}
		for i, p := range row {
			x := c.Min.X + vg.Length(i)*(w+gap)
			y := c.Max.Y - vg.Length(r)*(h+gap)
			p.draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: x, Y: y - h}, Max: vg.Point{X: x + w, Y: y},
			}}, head)
		}
	}
}

// drawPanel draws the plot and what stands beside it.
func (f *Figure) drawPanel(c draw.Canvas) {
	var data draw.Canvas
	if f.bar != nil {
		w := f.bar.width()
		side := draw.Crop(c, c.Size().X-w, 0, 0, 0)
		c = draw.Crop(c, 0, -w, 0, 0)
		defer func() {
			side.Min.Y, side.Max.Y = data.Min.Y, data.Max.Y
			f.bar.draw(side)
		}()
	}
	if f.top != nil {
		c = draw.Crop(c, 0, 0, 0, -marginalSize)
	}
	if f.right != nil {
		c = draw.Crop(c, 0, -marginalSize, 0, 0)
	}
	data = drawPlot(f.Plot, c)
	if f.top != nil {
		f.top.drawAbove(data, f.Plot)
	}
	if f.right != nil {
		f.right.drawRight(data, f.Plot)
	}
}

// drawPlot draws a plot and returns its data area. It places the labels of the
// axes itself, centered along the data: gonum/plot reserves the room of the x
// label at the arithmetic middle of the axis, which on a logarithmic axis is
// near the end, and makes a plot smaller to fit a long y label, which here
// takes several lines.
func drawPlot(p *plot.Plot, c draw.Canvas) draw.Canvas {
	xLabel, yLabel := p.X.Label.Text, p.Y.Label.Text
	p.X.Label.Text, p.Y.Label.Text = "", ""
	defer func() { p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel }()
	inner := c
	xs, ys := p.X.Label.TextStyle, p.Y.Label.TextStyle
	if xLabel != "" {
		inner = draw.Crop(inner, 0, 0, xs.Height(xLabel)+p.X.Label.Padding, 0)
	}
	var lines []string
	if yLabel != "" {
		lines = wrap(ys, yLabel, p.DataCanvas(inner).Size().Y)
		inner = draw.Crop(inner, vg.Length(len(lines))*labelLeading(ys)+p.Y.Label.Padding, 0, 0, 0)
	}
	marker := p.X.Tick.Marker
	defer func() { p.X.Tick.Marker = marker }()
	p.X.Tick.Marker = thinned(p.X, p.DataCanvas(inner).Size().X)
	p.Draw(inner)
	data := p.DataCanvas(inner)
	if xLabel != "" {
		x := within(data.Center().X, xs.Width(xLabel), c.Min.X, c.Max.X)
		c.FillText(xs, vg.Point{X: x, Y: c.Min.Y + xs.FontExtents().Descent}, xLabel)
	}
	ys.Rotation += math.Pi / 2
	for i, line := range lines {
		y := within(data.Center().Y, p.Y.Label.TextStyle.Width(line), c.Min.Y, c.Max.Y)
		c.FillText(ys, vg.Point{X: c.Min.X + vg.Length(i+1)*labelLeading(ys) - ys.FontExtents().Descent, Y: y}, line)
	}
	return data
}

func labelLeading(sty text.Style) vg.Length { return sty.Font.Size * 1.2 }

// within moves the middle of something of the given length so that it lies
// between two ends.
func within(mid, length, lo, hi vg.Length) vg.Length {
	return max(lo+length/2, min(hi-length/2, mid))
}

// SVG returns the figure as an SVG document. Text is text, in a family that is
// metric-compatible on every platform (Liberation Sans, Arial, Helvetica).
func (f *Figure) SVG() string {
	c := vgsvg.New(f.Width, f.Height)
	f.Draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		panic(err) // a bytes.Buffer does not fail
	}
	return portableSVG(printable.XML(b.String()))
}

// PNG returns the figure as a PNG image of the given dots per inch.
func (f *Figure) PNG(dpi int) ([]byte, error) {
	if dpi < 1 {
		return nil, fmt.Errorf("figure: %d dots per inch", dpi)
	}
	var b bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: f.pixels(dpi)}).WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (f *Figure) pixels(dpi int) *vgimg.Canvas {
	c := vgimg.NewWith(vgimg.UseWH(f.Width, f.Height), vgimg.UseDPI(dpi))
	f.Draw(draw.New(c))
	return c
}

// PDF returns the figure as a PDF document with its fonts embedded.
func (f *Figure) PDF() ([]byte, error) {
	c := vgpdf.New(f.Width, f.Height)
	c.EmbedFonts(true)
	f.Draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Save writes the figure to a file; the extension (.svg, .png or .pdf) says
// how. The file appears whole or not at all, and replaces a plain file of that
// name.
func (f *Figure) Save(path string) error {
	var data []byte
	var err error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".svg":
		data = []byte(f.SVG())
	case ".png":
		data, err = f.PNG(f.dpi())
	case ".pdf":
		data, err = f.PDF()
	default:
		err = fmt.Errorf("figure: %s: the extension must be .svg, .png or .pdf, not %q", path, ext)
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil { // a misspelled folder is not made
		return err
	}
	return wholefile.Write(path, data)
}

// Publish writes name.svg and name.png into the folder that the environment
// variable NNGPLAB_FIGURES names, if it is set, and returns the figure, so
// that a notebook cell may end in it. The name is a file name without folders. One such
// as 09_signals makes it a figure of notebook 9: the first that was published is number 9.1,
// and one that is published again keeps its number.
func (f *Figure) Publish(name string) (*Figure, error) {
	if f == nil {
		return nil, fmt.Errorf("figure: there is no figure to publish as %q", name)
	}
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `/\:`) || strings.ContainsFunc(name, unicode.IsControl) {
		return f, fmt.Errorf("figure: %q is no plain file name", name)
	}
	if f.Number == "" {
		f.Number = numbers.of(name)
	}
	dir := os.Getenv(DirEnv)
	if dir == "" {
		return f, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return f, err
	}
	for _, ext := range []string{".svg", ".png"} {
		if err := f.Save(filepath.Join(dir, name+ext)); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (f *Figure) dpi() int {
	if f.bar != nil {
		return savedMapDPI
	}
	for _, p := range f.parts {
		if p.bar != nil {
			return savedMapDPI
		}
	}
	return savedDPI
}

// portableSVG gives text a family list that every viewer can satisfy, names
// the embedded images' type as it is and lets them fill their rectangle, and
// drops what says nothing.
func portableSVG(svg string) string {
	return strings.NewReplacer(
		"font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;",
		"font-family:"+svgFamilies+";",
		"font-family:Liberation Sans;font-variant:normal;font-weight:bold;font-style:normal;",
		"font-family:"+svgFamilies+";font-weight:bold;",
		"data:image/jpg;base64", "data:image/png;base64",
		"<image x=", `<image preserveAspectRatio="none" x=`,
		"<!-- Generated by SVGo and Plotinum VG -->\n", "",
	).Replace(svg)
}
