package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"sort"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ScatterConfig describes a scatter of a truth against a signal.
type ScatterConfig struct {
	Title       string
	Subtitle    string // statistics of the pairs, for example
	SignalLabel string // of the x axis; "" means "signal"
	TruthLabel  string // of the y axis; "" means "truth"

	// TruthMin, if not zero, is where the y axis begins: points below are
	// drawn as triangles on the axis, and their number is stated.
	TruthMin float64

	NoMarginals bool // leave the histograms of both values out

	Width, Height float64 // inches; 0 means 6.4 x 4.6
}

// hexagonsFrom is the number of points from which Scatter draws hexagonal bins
// instead of points.
const hexagonsFrom = 4000

// Scatter draws truth against signal. Points take the color of the density
// around them, so that crowds show; from 4,000 points on, hexagonal bins take
// their place. Histograms of both values stand at the margins.
//
// Pairs with a value that is not finite are left out and counted in the
// subtitle.
func Scatter(signal, truth []float64, cfg ScatterConfig) (*Figure, error) {
	if len(signal) != len(truth) {
		return nil, fmt.Errorf("figure: Scatter: %d signals and %d truths", len(signal), len(truth))
	}
	xs, ys, dropped := finitePairs(signal, truth)
	if len(xs) == 0 {
		return nil, fmt.Errorf("figure: Scatter: no pair of finite values among %d", len(signal))
	}
	p := newPlot(orDefault(cfg.SignalLabel, "signal"), orDefault(cfg.TruthLabel, "truth"))
	p.X.Min, p.X.Max, _ = span(0.035, xs)
	p.Y.Min, p.Y.Max, _ = span(0.035, ys)
	f := &Figure{
		Title: cfg.Title, Subtitle: cfg.Subtitle, Plot: p,
		Width: inches(cfg.Width, defaultWidth), Height: inches(cfg.Height, 4.6),
	}
	counts := xs
	if areCounts(xs) {
		p.X.Min, p.X.Max = slices.Min(xs)-0.5, slices.Max(xs)+0.5 // whole bars of the histogram
		p.X.Tick.Marker = linearTicks{integer: true}
		if len(xs) < hexagonsFrom {
			xs = spread(xs)
			f.note("points of one count are spread sideways")
		}
	}
	if dropped > 0 {
		f.note(fmt.Sprintf("%s without a finite value left out", count(dropped, "pair")))
	}
	if cfg.TruthMin != 0 && cfg.TruthMin > p.Y.Min {
		p.Y.Min = cfg.TruthMin
		where := "triangles"
		if len(xs) >= hexagonsFrom {
			where = "lowest row"
		}
		if below := sort.SearchFloat64s(sorted(ys), cfg.TruthMin); below > 0 {
			f.note(fmt.Sprintf("%s: %s below %g", where, count(below, "point"), cfg.TruthMin))
		}
	}
	p.Add(gridLines{})
	if len(xs) >= hexagonsFrom {
		h := newHexagons(xs, ys, p)
		p.Add(h)
		f.bar = h.bar()
	} else {
		p.Add(newCloud(xs, ys, p))
	}
	if !cfg.NoMarginals && f.bar == nil {
		f.right = newHistogram(ys, p.Y.Min, p.Y.Max)
	}
	if !cfg.NoMarginals {
		f.top = newHistogram(counts, p.X.Min, p.X.Max)
	}
	return f, nil
}

// mostCounts is how many different counts an axis of counts has.
const mostCounts = 20

// areCounts reports whether values are small whole numbers of which many are the
// same.
func areCounts(xs []float64) bool {
	seen := map[float64]bool{}
	for _, x := range xs {
		if x != math.Trunc(x) || math.Abs(x) > 1e6 {
			return false
		}
		seen[x] = true
	}
	return len(seen) > 1 && slices.Max(xs)-slices.Min(xs) < mostCounts && 4*len(seen) <= len(xs)
}

// spread moves counts sideways by less than 0.3, always alike: by the multiples of
// the golden ratio, which fill an interval evenly.
func spread(xs []float64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		_, t := math.Modf(float64(i+1) * (math.Sqrt(5) - 1) / 2)
		out[i] = x + 0.6*(t-0.5)
	}
	return out
}

// note appends a remark to the subtitle.
func (f *Figure) note(s string) {
	if f.Subtitle != "" {
		f.Subtitle += "\n"
	}
	f.Subtitle += s
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func sorted(xs []float64) []float64 {
	out := append([]float64(nil), xs...)
	sort.Float64s(out)
	return out
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func finitePairs(x, y []float64) (xs, ys []float64, dropped int) {
	for i := range x {
		if finite(x[i]) && finite(y[i]) {
			xs, ys = append(xs, x[i]), append(ys, y[i])
		} else {
			dropped++
		}
	}
	return xs, ys, dropped
}

// gridLines draws faint lines at the labeled ticks.
type gridLines struct{ onlyY bool }

// Plot implements plot.Plotter.
func (g gridLines) Plot(c draw.Canvas, p *plot.Plot) {
	line := draw.LineStyle{Color: colGrid, Width: 0.6}
	x, y := p.Transforms(&c)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if !t.IsMinor() {
			c.StrokeLine2(line, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
		}
	}
	if g.onlyY {
		return
	}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if !t.IsMinor() {
			c.StrokeLine2(line, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
		}
	}
}

// cloud draws points colored by the density around them, the densest last.
type cloud struct {
	xs, ys []float64
	level  []int // of the color, 0..cloudLevels-1
	radius vg.Length
}

const cloudLevels = 20

func newCloud(xs, ys []float64, p *plot.Plot) *cloud {
	c := &cloud{xs: xs, ys: ys, level: make([]int, len(xs)), radius: cloudRadius(len(xs))}
	d := density(xs, ys, p)
	top := 0.0
	for _, v := range d {
		top = math.Max(top, v)
	}
	for i, v := range d {
		c.level[i] = min(cloudLevels-1, int(math.Sqrt(v/top)*cloudLevels))
	}
	return c
}

func cloudRadius(n int) vg.Length {
	return vg.Length(math.Max(1.5, math.Min(3.2, 3.6-0.75*math.Log10(float64(n)/30))))
}

// density returns a Gaussian kernel estimate at every point, with both axes
// scaled to the panel and Scott's bandwidth, at least 1.5 % of the panel.
func density(xs, ys []float64, p *plot.Plot) []float64 {
	n := len(xs)
	u, v := make([]float64, n), make([]float64, n)
	for i := range xs {
		u[i], v[i] = clamp(p.X.Norm(xs[i])), clamp(p.Y.Norm(ys[i]))
	}
	hu, hv := bandwidth(u), bandwidth(v)
	out := make([]float64, n)
	for i := range out {
		out[i]++
		for j := 0; j < i; j++ {
			a, b := (u[i]-u[j])/hu, (v[i]-v[j])/hv
			if q := a*a + b*b; q < 25 {
				k := math.Exp(-q / 2)
				out[i] += k
				out[j] += k
			}
		}
	}
	return out
}

func bandwidth(u []float64) float64 {
	var sum, sq float64
	for _, v := range u {
		sum += v
		sq += v * v
	}
	n := float64(len(u))
	sd := math.Sqrt(math.Max(0, sq/n-sum*sum/(n*n)))
	return math.Max(0.015, sd*math.Pow(n, -1.0/6))
}

// Plot implements plot.Plotter.
func (s *cloud) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	paths := make([]vg.Path, cloudLevels)
	var low vg.Path
	for i := range s.xs {
		if s.ys[i] < p.Y.Min {
			at := vg.Point{X: x(s.xs[i]), Y: c.Min.Y + s.radius + 1}
			low = append(low, downTriangle(at, s.radius)...)
			continue
		}
		at := vg.Point{X: x(s.xs[i]), Y: y(s.ys[i])}
		paths[s.level[i]] = append(paths[s.level[i]], disc.path(at, s.radius)...)
	}
	for l, path := range paths {
		if path != nil {
			c.SetColor(Sequential(0.92 * float64(l) / (cloudLevels - 1)))
			c.Fill(path)
		}
	}
	if low != nil { // above the points, which would hide it
		c.SetColor(palette[1])
		c.Fill(low)
	}
}

func downTriangle(at vg.Point, r vg.Length) vg.Path {
	var p vg.Path
	p.Move(vg.Point{X: at.X - 1.1*r, Y: at.Y + 0.8*r})
	p.Line(vg.Point{X: at.X + 1.1*r, Y: at.Y + 0.8*r})
	p.Line(vg.Point{X: at.X, Y: at.Y - r})
	p.Close()
	return p
}

// hexagons counts points in hexagonal bins.
type hexagons struct {
	at     []hexagon
	counts map[hexagon]int
	top    int
}

type hexagon struct{ col, row int }

// hexColumns is the number of hexagons across a panel.
const hexColumns = 44

// hexAspect is the assumed width to height of the panel, so that hexagons look
// regular.
const hexAspect = 1.45

func newHexagons(xs, ys []float64, p *plot.Plot) *hexagons {
	h := &hexagons{counts: map[hexagon]int{}}
	for i := range xs {
		u, v := p.X.Norm(xs[i]), p.Y.Norm(ys[i])
		if v < 0 {
			v = 0
		}
		b := nearestHexagon(u, v)
		if h.counts[b] == 0 {
			h.at = append(h.at, b)
		}
		h.counts[b]++
		h.top = max(h.top, h.counts[b])
	}
	sort.Slice(h.at, func(i, j int) bool {
		a, b := h.at[i], h.at[j]
		return a.row < b.row || a.row == b.row && a.col < b.col
	})
	return h
}

// hexStep returns the distances between columns and rows in panel units.
func hexStep() (dx, dy float64) {
	dx = 1.0 / hexColumns
	return dx, dx * hexAspect * math.Sqrt(3) / 2
}

func (h hexagon) center() (u, v float64) {
	dx, dy := hexStep()
	return (float64(h.col) + 0.5*float64(mod(h.row, 2))) * dx, float64(h.row) * dy
}

// nearestHexagon returns the bin whose center is nearest to a point.
func nearestHexagon(u, v float64) hexagon {
	dx, dy := hexStep()
	best, dist := hexagon{}, math.Inf(1)
	r0 := int(math.Floor(v / dy))
	for r := r0; r <= r0+1; r++ {
		c := int(math.Round(u/dx - 0.5*float64(mod(r, 2))))
		b := hexagon{c, r}
		cu, cv := b.center()
		// In units in which hexagons are regular.
		d := math.Hypot((u-cu)/dx, (v-cv)/dx/hexAspect)
		if d < dist {
			best, dist = b, d
		}
	}
	return best
}

func (h *hexagons) color(n int) color.NRGBA {
	if h.top <= 1 {
		return Sequential(0.3)
	}
	return Sequential(math.Log(float64(n)) / math.Log(float64(h.top)))
}

// Plot implements plot.Plotter.
func (h *hexagons) Plot(c draw.Canvas, p *plot.Plot) {
	dx, dy := hexStep()
	for _, b := range h.at {
		u, v := b.center()
		pts := make([]vg.Point, 6)
		for k := range pts {
			sin, cos := math.Sincos(math.Pi/6 + float64(k)*math.Pi/3)
			// A little larger than the tile, so that no seams show.
			pts[k] = vg.Point{
				X: c.X(u + 1.02*dx/math.Sqrt(3)*cos),
				Y: c.Y(v + 1.02*dy*2/3*sin),
			}
		}
		c.FillPolygon(h.color(h.counts[b]), c.ClipPolygonXY(pts))
	}
}

// bar returns the key of the counts.
func (h *hexagons) bar() *colorBar {
	b := &colorBar{label: "points per hexagon", colorAt: func(t float64) color.NRGBA { return Sequential(t) }}
	top := math.Log(float64(max(2, h.top)))
	for v := 1; v <= h.top; v *= 10 {
		if at := math.Log(float64(v)) / top; at < 0.94 {
			b.ticks = append(b.ticks, barTick{at, strconv.Itoa(v)})
		}
	}
	b.ticks = append(b.ticks, barTick{1, strconv.Itoa(max(2, h.top))})
	return b
}
