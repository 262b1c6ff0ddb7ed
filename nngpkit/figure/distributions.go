package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sample is a named set of values.
type Sample struct {
	Name   string
	Values []float64

	// Weights, if given, say how much each value counts, such as its chance to be
	// in the sample: at least 0, not all 0. The legend's n is their sum.
	Weights []float64
}

// size returns the sum of the weights.
func (s Sample) size() float64 {
	if s.Weights == nil {
		return float64(len(s.Values))
	}
	sum := 0.0
	for _, w := range s.Weights {
		sum += w
	}
	return sum
}

func (s Sample) check() error {
	if len(s.Values) == 0 {
		return fmt.Errorf("figure: Distributions: sample %q is empty", s.Name)
	}
	for i, v := range s.Values {
		if !finite(v) {
			return fmt.Errorf("figure: Distributions: sample %q: value %d is %v", s.Name, i, v)
		}
	}
	if s.Weights == nil {
		return nil
	}
	if len(s.Weights) != len(s.Values) {
		return fmt.Errorf("figure: Distributions: sample %q has %d values and %d weights", s.Name, len(s.Values), len(s.Weights))
	}
	for i, w := range s.Weights {
		if !finite(w) || w < 0 {
			return fmt.Errorf("figure: Distributions: sample %q: weight %d is %v", s.Name, i, w)
		}
	}
	if s.size() == 0 {
		return fmt.Errorf("figure: Distributions: all weights of sample %q are 0", s.Name)
	}
	return nil
}

// DistributionConfig describes a figure of distributions.
type DistributionConfig struct {
	Title, Subtitle string
	XLabel          string  // "" means "truth"
	Min, Max        float64 // of the axis; both zero: from the data

	Width, Height float64 // inches; 0 means 6.4 x 3.8
}

// Distributions draws histograms of several samples over each other, each as
// shares of its own sample, so that samples of different sizes compare: the
// truth of a space before and after a signal has reduced it, say. Values
// outside of Min and Max count in a sample's size and are not drawn.
func Distributions(samples []Sample, cfg DistributionConfig) (*Figure, error) {
	if len(samples) == 0 {
		return nil, fmt.Errorf("figure: Distributions: there is no sample")
	}
	var all []float64
	for _, s := range samples {
		if err := s.check(); err != nil {
			return nil, err
		}
		for i, v := range s.Values {
			if s.Weights == nil || s.Weights[i] > 0 {
				all = append(all, v)
			}
		}
	}
	p := newPlot(orDefault(cfg.XLabel, "truth"), "share of the sample")
	lo, hi, _ := span(0.02, all)
	if cfg.Min != 0 || cfg.Max != 0 {
		lo, hi = cfg.Min, cfg.Max
	}
	p.X.Min, p.X.Max = lo, hi
	p.Y.Min = 0
	p.Y.Tick.Marker = linearTicks{percent: true}
	f := &Figure{
		Title: cfg.Title, Subtitle: cfg.Subtitle, Plot: p,
		Width: inches(cfg.Width, defaultWidth), Height: inches(cfg.Height, 3.8),
	}
	p.Add(gridLines{onlyY: true})
	edges := newHistogram(all, lo, hi).edges
	p.X.Min, p.X.Max = math.Min(lo, edges[0]), math.Max(hi, edges[len(edges)-1]) // whole bins
	top := 0.0
	for i, s := range samples {
		st := steps{edges: edges, shares: shares(s, edges), look: style{color: palette[i%len(palette)], width: 1.8}}
		if i%2 == 1 {
			st.look.dashes = []vg.Length{5, 2}
		}
		for _, v := range st.shares {
			top = math.Max(top, v)
		}
		p.Add(st)
		f.keys = append(f.keys, key{fmt.Sprintf("%s (n = %.0f)", s.Name, s.size()), keyRule, st.look})
	}
	p.Y.Max = top * 1.06
	return f, nil
}

func shares(s Sample, edges []float64) []float64 {
	out := make([]float64, len(edges)-1)
	w := edges[1] - edges[0]
	size := s.size()
	for j, v := range s.Values {
		i := int(math.Floor((v - edges[0]) / w))
		if i < 0 || i >= len(out) {
			continue
		}
		if s.Weights == nil {
			out[i] += 1 / size
		} else {
			out[i] += s.Weights[j] / size
		}
	}
	return out
}

// steps draws a histogram as a filled outline.
type steps struct {
	edges, shares []float64
	look          style
}

// Plot implements plot.Plotter.
func (s steps) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	pts := []vg.Point{{X: x(s.edges[0]), Y: y(0)}}
	for i, v := range s.shares {
		pts = append(pts, vg.Point{X: x(s.edges[i]), Y: y(v)}, vg.Point{X: x(s.edges[i+1]), Y: y(v)})
	}
	pts = append(pts, vg.Point{X: x(s.edges[len(s.edges)-1]), Y: y(0)})
	c.FillPolygon(withAlpha(s.look.color, 40), c.ClipPolygonXY(pts))
	c.StrokeLines(s.look.line(), c.ClipLinesXY(pts)...)
}
