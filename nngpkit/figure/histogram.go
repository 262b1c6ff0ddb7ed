package figure

import (
	"image/color"
	"math"
	"sort"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var colHistogram = color.NRGBA{148, 170, 190, 255}

// histogram counts values in bins of equal width.
type histogram struct {
	edges  []float64 // len(counts) + 1
	counts []float64
}

// newHistogram bins the values that lie in [lo, hi]. Values on a grid (an
// accuracy out of 200 images) get one bin for one or several grid steps, so
// that no bin is empty by rounding alone.
func newHistogram(values []float64, lo, hi float64) *histogram {
	var in []float64
	for _, v := range values {
		if v >= lo && v <= hi {
			in = append(in, v)
		}
	}
	sort.Float64s(in)
	if len(in) == 0 || !(hi > lo) {
		return &histogram{edges: []float64{lo, hi}, counts: []float64{0}}
	}
	width := binWidth(in, hi-lo)
	start := lo
	if step := gridStep(in); step > 0 && step > width/8 {
		width = step * math.Max(1, math.Round(width/step))
		start = in[0] - step/2 - width*math.Ceil((in[0]-step/2-lo)/width-1e-9)
	}
	bins := int(math.Ceil((hi-start)/width - 1e-9))
	h := &histogram{edges: make([]float64, bins+1), counts: make([]float64, bins)}
	for i := range h.edges {
		h.edges[i] = start + float64(i)*width
	}
	for _, v := range in {
		i := int((v - start) / width)
		h.counts[max(0, min(i, bins-1))]++
	}
	return h
}

// binWidth returns Freedman and Diaconis' width, between 1/60 and 1/8 of the
// whole range.
func binWidth(sorted []float64, whole float64) float64 {
	n := len(sorted)
	iqr := sorted[min(n-1, 3*n/4)] - sorted[n/4]
	w := 2 * iqr / math.Cbrt(float64(n))
	return math.Max(whole/60, math.Min(whole/8, w))
}

// gridStep returns the step of the grid on which all sorted values lie, or 0.
func gridStep(sorted []float64) float64 {
	step := math.Inf(1)
	for i := 1; i < len(sorted); i++ {
		if d := sorted[i] - sorted[i-1]; d > 1e-9 && d < step {
			step = d
		}
	}
	if math.IsInf(step, 1) {
		return 0
	}
	for _, v := range sorted {
		k := (v - sorted[0]) / step
		if math.Abs(k-math.Round(k)) > 0.02 {
			return 0
		}
	}
	return step
}

func (h *histogram) peak() float64 {
	m := 1.0
	for _, c := range h.counts {
		m = math.Max(m, c)
	}
	return m
}

// drawAbove draws the histogram over the x axis of p, in the margin above its
// data area.
func (h *histogram) drawAbove(data draw.Canvas, p *plot.Plot) {
	const gap = 5
	full := marginalSize - gap - 2
	for i, n := range h.counts {
		if n == 0 {
			continue
		}
		x0 := data.X(clamp(p.X.Norm(h.edges[i])))
		x1 := data.X(clamp(p.X.Norm(h.edges[i+1])))
		y := data.Max.Y + gap
		fillRect(data, colHistogram, x0+0.25, y, x1-0.25, y+full*vg.Length(n/h.peak()))
	}
	line := draw.LineStyle{Color: colAxis, Width: 0.5}
	data.StrokeLine2(line, data.Min.X, data.Max.Y+gap, data.Max.X, data.Max.Y+gap)
}

// drawRight draws the histogram beside the y axis of p, in the margin right
// of its data area.
func (h *histogram) drawRight(data draw.Canvas, p *plot.Plot) {
	const gap = 5
	full := marginalSize - gap - 2
	for i, n := range h.counts {
		if n == 0 {
			continue
		}
		y0 := data.Y(clamp(p.Y.Norm(h.edges[i])))
		y1 := data.Y(clamp(p.Y.Norm(h.edges[i+1])))
		x := data.Max.X + gap
		fillRect(data, colHistogram, x, y0+0.25, x+full*vg.Length(n/h.peak()), y1-0.25)
	}
	line := draw.LineStyle{Color: colAxis, Width: 0.5}
	data.StrokeLine2(line, data.Max.X+gap, data.Min.Y, data.Max.X+gap, data.Max.Y)
}

func clamp(t float64) float64 { return math.Max(0, math.Min(1, t)) }
