package figure

import (
	"image/color"
	"math"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of the common style, in points.
const (
	outerMargin  = 8 * vg.Length(1)
	marginalSize = 44 * vg.Length(1)
	titleSize    = 12 * vg.Length(1)
	labelSize    = 10.5 * vg.Length(1)
	textSize     = 9.5 * vg.Length(1)

	defaultWidth  = 6.4 // inches
	defaultHeight = 4.2

	svgFamilies = "'Liberation Sans',Arial,Helvetica,sans-serif"
)

// Neutral colors.
var (
	colPaper = color.NRGBA{255, 255, 255, 255}
	colText  = color.NRGBA{34, 34, 34, 255}
	colFaint = color.NRGBA{90, 90, 90, 255}
	colAxis  = color.NRGBA{110, 110, 110, 255}
	colGrid  = color.NRGBA{230, 230, 230, 255}
)

// palette begins with that of Okabe and Ito (2008) in an order in which
// neighbors differ in lightness too; its yellow, too light for a line on
// white, is left out. Six darker colors follow, for figures of many signals:
// bars and dots have no dashes that would tell one use of a color from another.
var palette = []color.NRGBA{
	{0, 114, 178, 255},   // blue
	{213, 94, 0, 255},    // vermilion
	{0, 158, 115, 255},   // bluish green
	{204, 121, 167, 255}, // reddish purple
	{230, 159, 0, 255},   // orange
	{86, 180, 233, 255},  // sky blue
	{95, 95, 150, 255},   // slate
	{115, 65, 45, 255},   // brown
	{125, 130, 0, 255},   // olive
	{60, 25, 120, 255},   // indigo
	{150, 95, 0, 255},    // dark orange
	{150, 20, 75, 255},   // wine
}

// baselineGrays colors the baselines, which are always dashed.
var baselineGrays = []color.NRGBA{
	{40, 40, 40, 255},
	{120, 120, 120, 255},
	{165, 165, 165, 255},
}

var baselineDashes = [][]vg.Length{{6, 3}, {2, 2}, {6, 2, 1.5, 2}, {10, 3}}

// style is how one series looks.
type style struct {
	color  color.NRGBA
	dashes []vg.Length
	width  vg.Length
	marker marker
}

// Colors is how many colors the palette has, for Series.Color.
func Colors() int { return len(palette) }

// colored returns the look of signal number k, from 0: its color, and dashes once
// the palette is used up.
func colored(k int) style {
	s := style{color: palette[k%len(palette)], width: 2, marker: marker(k % 4)}
	if k/len(palette)%2 == 1 {
		s.dashes = []vg.Length{8, 3}
	}
	return s
}

// styles gives each series its look: its own color, or else the next that no other
// has; gray dashes for baselines.
func styles(series []Series) []style {
	out := make([]style, len(series))
	signals, baselines := 0, 0
	taken := map[int]bool{}
	for _, s := range series {
		taken[s.Color-1] = true
	}
	for i, s := range series {
		if s.Baseline {
			out[i] = style{
				color:  baselineGrays[baselines%len(baselineGrays)],
				dashes: baselineDashes[baselines%len(baselineDashes)],
				width:  1.4,
				marker: marker(4 + baselines%4),
			}
			baselines++
			continue
		}
		if s.Color > 0 {
			out[i] = colored(s.Color - 1)
			continue
		}
		for taken[signals] {
			signals++
		}
		out[i] = colored(signals)
		signals++
	}
	return out
}

func (s style) line() draw.LineStyle {
	return draw.LineStyle{Color: s.color, Width: s.width, Dashes: s.dashes}
}

func withAlpha(c color.NRGBA, a uint8) color.NRGBA {
	c.A = a
	return c
}

func sans(size vg.Length, bold bool) font.Font {
	f := font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size)
	if bold {
		f.Weight = xfont.WeightBold
	}
	return f
}

func textStyle(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color: c, Font: sans(size, false), Handler: markup{plain},
		XAlign: draw.XLeft, YAlign: draw.YBottom,
	}
}

func boldStyle(size vg.Length, c color.Color) text.Style {
	s := textStyle(size, c)
	s.Font = sans(size, true)
	return s
}

// newPlot returns a plot in the common style.
func newPlot(xLabel, yLabel string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.TextHandler = markup{plain}
	p.Title.TextStyle = boldStyle(labelSize, colText)
	p.Title.TextStyle.XAlign, p.Title.TextStyle.YAlign = draw.XCenter, draw.YTop
	p.Title.Padding = 4
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle = textStyle(labelSize, colText)
		a.Label.TextStyle.XAlign = draw.XCenter
		a.Label.Padding = 4
		a.Tick.Label.Font = sans(textSize, false)
		a.Tick.Label.Color = colText
		a.Tick.Label.Handler = markup{plain}
		a.Tick.Length = 4
		a.Tick.Color, a.Tick.Width = colAxis, 0.7
		a.Color, a.Width = colAxis, 0.7
		a.Padding = 0
		a.Tick.Marker = linearTicks{}
	}
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	return p
}

// setLog gives an axis a logarithmic scale.
func setLog(a *plot.Axis) {
	a.Scale = plot.LogScale{}
	a.Tick.Marker = logTicks{}
}

// span returns the range of the finite values among xs, widened by the given
// share on both sides, and false when there is none.
func span(share float64, xs ...[]float64) (lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range xs {
		for _, x := range v {
			if !math.IsNaN(x) && !math.IsInf(x, 0) {
				lo, hi = math.Min(lo, x), math.Max(hi, x)
			}
		}
	}
	if lo > hi {
		return 0, 1, false
	}
	pad := (hi - lo) * share
	if pad == 0 {
		pad = math.Max(math.Abs(lo)*0.05, 1e-3)
	}
	return lo - pad, hi + pad, true
}

// logSpan is span on a logarithmic axis; it ignores what is not positive.
func logSpan(share float64, xs ...[]float64) (lo, hi float64, ok bool) {
	logs := make([][]float64, len(xs))
	for i, v := range xs {
		for _, x := range v {
			if x > 0 {
				logs[i] = append(logs[i], math.Log(x))
			}
		}
	}
	lo, hi, ok = span(share, logs...)
	return math.Exp(lo), math.Exp(hi), ok
}

func inches(v, def float64) vg.Length {
	if v <= 0 {
		v = def
	}
	return vg.Length(v) * vg.Inch
}
