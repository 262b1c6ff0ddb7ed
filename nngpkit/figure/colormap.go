package figure

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// anchor is a point of a sequential color map: lightness is fixed by the
// position, so only chroma and hue (degrees) are given, in Oklab's polar form.
type anchor struct{ chroma, hue float64 }

// sequential runs from a dark violet over blue and green to a light yellow
// with a lightness that grows in even steps, so that equal differences of
// value look equal, in print without color too.
var sequential = []anchor{
	{0.085, 305}, {0.125, 295}, {0.120, 268}, {0.100, 235}, {0.095, 205}, {0.110, 172}, {0.140, 150}, {0.165, 128}, {0.170, 105},
}

const (
	darkest  = 0.22 // Oklab lightness at 0
	lightest = 0.93 // and at 1
)

// Sequential returns the color of a value between 0 (dark violet) and 1
// (light yellow) on the package's perceptually even scale. Values outside are
// cut; NaN is a light gray.
func Sequential(v float64) color.NRGBA {
	if math.IsNaN(v) {
		return colGrid
	}
	v = math.Max(0, math.Min(1, v))
	pos := v * float64(len(sequential)-1)
	i := int(math.Min(pos, float64(len(sequential)-2)))
	t := pos - float64(i)
	t = t * t * (3 - 2*t) // no kinks in hue
	a, b := sequential[i], sequential[i+1]
	chroma := a.chroma + t*(b.chroma-a.chroma)
	hue := (a.hue + t*(b.hue-a.hue)) * math.Pi / 180
	l := darkest + v*(lightest-darkest)
	return oklab(l, chroma*math.Cos(hue), chroma*math.Sin(hue))
}

// Diverging returns the color of a value between -1 (blue) and 1 (vermilion)
// with a near-white middle, both sides equally light.
func Diverging(v float64) color.NRGBA {
	if math.IsNaN(v) {
		return colGrid
	}
	v = math.Max(-1, math.Min(1, v))
	m := math.Abs(v)
	l := 0.97 - 0.52*m
	chroma := 0.155 * math.Sin(math.Min(m*1.25, 1)*math.Pi/2)
	hue := 252.0
	if v > 0 {
		hue = 42
	}
	hue *= math.Pi / 180
	return oklab(l, chroma*math.Cos(hue), chroma*math.Sin(hue))
}

// oklab converts from Oklab (Ottosson 2020) to sRGB. A color outside of sRGB
// loses chroma until it fits, so that its lightness stays.
func oklab(l, a, b float64) color.NRGBA {
	for s := 1.0; ; s -= 0.02 {
		rgb, ok := linearRGB(l, a*s, b*s)
		if ok || s <= 0 {
			return color.NRGBA{gamma(rgb[0]), gamma(rgb[1]), gamma(rgb[2]), 255}
		}
	}
}

func linearRGB(l, a, b float64) (rgb [3]float64, inside bool) {
	cube := func(x float64) float64 { return x * x * x }
	p := cube(l + 0.3963377774*a + 0.2158037573*b)
	q := cube(l - 0.1055613458*a - 0.0638541728*b)
	r := cube(l - 0.0894841775*a - 1.2914855480*b)
	rgb = [3]float64{
		4.0767416621*p - 3.3077115913*q + 0.2309699292*r,
		-1.2684380046*p + 2.6097574011*q - 0.3413193965*r,
		-0.0041960863*p - 0.7034186147*q + 1.7076147010*r,
	}
	inside = true
	for _, v := range rgb {
		inside = inside && v >= -1e-6 && v <= 1+1e-6
	}
	return rgb, inside
}

func gamma(v float64) uint8 {
	v = math.Max(0, math.Min(1, v))
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(255 * v))
}

// colorBar is the key of a color scale, drawn right of the panel.
type colorBar struct {
	label   string
	ticks   []barTick
	colorAt func(t float64) color.NRGBA // of the position 0..1
}

type barTick struct {
	at    float64 // 0..1
	label string
}

const barWidth = 11 * vg.Length(1)

func (b *colorBar) width() vg.Length {
	sty := textStyle(textSize, colText)
	var w vg.Length
	for _, t := range b.ticks {
		w = max(w, sty.Width(t.label))
	}
	w += 16 + barWidth + 6
	if b.label != "" {
		w += labelSize * 1.5
	}
	return w
}

func (b *colorBar) draw(c draw.Canvas) {
	const steps = 256
	img := image.NewNRGBA(image.Rect(0, 0, 1, steps))
	for i := 0; i < steps; i++ {
		img.SetNRGBA(0, i, b.colorAt(1-(float64(i)+0.5)/steps))
	}
	x0 := c.Min.X + 16
	c.DrawImage(vg.Rectangle{
		Min: vg.Point{X: x0, Y: c.Min.Y}, Max: vg.Point{X: x0 + barWidth, Y: c.Max.Y},
	}, img)
	sty := textStyle(textSize, colText)
	sty.YAlign = draw.YCenter
	line := draw.LineStyle{Color: colAxis, Width: 0.7}
	for _, t := range b.ticks {
		y := c.Min.Y + vg.Length(t.at)*(c.Max.Y-c.Min.Y)
		c.StrokeLine2(line, x0+barWidth, y, x0+barWidth+3, y)
		c.FillText(sty, vg.Point{X: x0 + barWidth + 6, Y: y + sty.FontExtents().Descent*0.6}, t.label)
	}
	if b.label != "" {
		lab := textStyle(labelSize, colText)
		lab.XAlign, lab.Rotation = draw.XCenter, math.Pi/2
		c.FillText(lab, vg.Point{X: c.Max.X - 2, Y: c.Center().Y}, b.label)
	}
}
