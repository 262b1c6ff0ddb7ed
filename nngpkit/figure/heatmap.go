package figure

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"sort"
	"strconv"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/nngplab/nngplab/nngpkit/kernel"
)

// KernelScale says which entries of a kernel a KernelMap shows.
type KernelScale int

const (
	// KernelCosine shows k(x, y) / sqrt(k(x, x) k(y, y)): the norms of the
	// features do not hide their directions.
	KernelCosine KernelScale = iota
	// KernelRaw shows the entries as they are.
	KernelRaw
	// KernelCentered shows the cosines after subtracting the mean feature:
	// what is left when the part that all images share is taken out, positive
	// for images that are more alike than the average pair.
	KernelCentered
)

// KernelMapConfig describes a map of a kernel.
type KernelMapConfig struct {
	Title, Subtitle string
	Scale           KernelScale
	Classes         []string // names of the labels; nil: numbers

	Width, Height float64 // inches; 0 means 6.0 x 5.2
}

// maxMapSide is the largest number of cells a side of a drawn map; larger
// kernels are averaged over blocks.
const maxMapSide = 400

// KernelMap draws a kernel matrix with its images ordered by class, the first
// class at the top left, and lines between classes. Labels count from 0.
// Colors end at the 1st and 99th percentile of the entries off the diagonal.
func KernelMap(k mat.Symmetric, labels []int, cfg KernelMapConfig) (*Figure, error) {
	n := k.SymmetricDim()
	if n != len(labels) {
		return nil, fmt.Errorf("figure: KernelMap: the kernel has %d images and there are %d labels", n, len(labels))
	}
	if n < 2 {
		return nil, fmt.Errorf("figure: KernelMap: %d images are too few", n)
	}
	order := make([]int, n)
	for i := range order {
		if labels[i] < 0 {
			return nil, fmt.Errorf("figure: KernelMap: label %d of image %d", labels[i], i)
		}
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return labels[order[a]] < labels[order[b]] })
	values, err := scaledKernel(k, order, cfg.Scale)
	if err != nil {
		return nil, err
	}
	m := &kernelMap{n: n, values: values, diverging: cfg.Scale == KernelCentered}
	m.setRange()
	p := newPlot("", "")
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, float64(n), 0, float64(n)
	m.cuts = classTicks(p, labels, order, cfg.Classes)
	p.Add(m)
	return &Figure{
		Title: cfg.Title, Subtitle: cfg.Subtitle, Plot: p, bar: m.bar(cfg.Scale),
		Width: inches(cfg.Width, 6.0), Height: inches(cfg.Height, 5.2),
	}, nil
}

// scaledKernel returns the entries in the given order, row by row.
func scaledKernel(k mat.Symmetric, order []int, scale KernelScale) ([]float64, error) {
	n := len(order)
	for i := 0; i < n; i++ {
		for j := i; j < n; j++ {
			if x := k.At(i, j); !finite(x) {
				return nil, fmt.Errorf("figure: KernelMap: entry (%d, %d) is %v", i, j, x)
			}
		}
	}
	if scale == KernelCentered {
		k = kernel.Centered(k)
	}
	if scale != KernelRaw {
		c, err := kernel.Cosine(k)
		if err != nil {
			return nil, fmt.Errorf("figure: KernelMap: %w", err)
		}
		k = c
	}
	v := make([]float64, 0, n*n)
	for _, a := range order {
		for _, b := range order {
			v = append(v, k.At(a, b))
		}
	}
	return v, nil
}

// classTicks names each class at the middle of its block, on both axes, and
// returns the boundaries between blocks.
func classTicks(p *plot.Plot, labels, order []int, names []string) (cuts []float64) {
	n := len(order)
	var xt, yt plot.ConstantTicks
	for from := 0; from < n; {
		to := from
		for to < n && labels[order[to]] == labels[order[from]] {
			to++
		}
		c := labels[order[from]]
		name := strconv.Itoa(c)
		if c < len(names) {
			name = names[c]
		}
		mid := float64(from+to) / 2
		xt = append(xt, plot.Tick{Value: mid, Label: name})
		yt = append(yt, plot.Tick{Value: float64(n) - mid, Label: name})
		if to < n {
			cuts = append(cuts, float64(to))
		}
		from = to
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = xt, yt
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	p.X.Width, p.Y.Width = 0, 0
	p.X.Padding, p.Y.Padding = 8, 2
	p.X.Tick.Label.Rotation = math.Pi / 4
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
	return cuts
}

// kernelMap draws the scaled entries as an image.
type kernelMap struct {
	n         int
	values    []float64 // row 0 on top
	cuts      []float64
	lo, hi    float64
	diverging bool
}

func (m *kernelMap) setRange() {
	var off []float64
	step := 1 + m.n*m.n/200000
	for i := 0; i < m.n; i++ {
		for j := i % step; j < m.n; j += step {
			if i != j {
				off = append(off, m.values[i*m.n+j])
			}
		}
	}
	if len(off) == 0 {
		off = []float64{0, 1}
	}
	sort.Float64s(off)
	m.lo, m.hi = off[len(off)/100], off[len(off)-1-len(off)/100]
	if m.diverging {
		m.hi = math.Max(math.Abs(m.lo), math.Abs(m.hi))
		m.lo = -m.hi
	}
	if m.hi <= m.lo {
		m.hi = m.lo + 1
	}
}

func (m *kernelMap) color(t float64) color.NRGBA {
	if m.diverging {
		return Diverging(2*t - 1)
	}
	return Sequential(t)
}

// Plot implements plot.Plotter.
func (m *kernelMap) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	c.DrawImage(vg.Rectangle{
		Min: vg.Point{X: x(0), Y: y(0)}, Max: vg.Point{X: x(float64(m.n)), Y: y(float64(m.n))},
	}, m.image())
	line := draw.LineStyle{Color: withAlpha(colPaper, 200), Width: 0.6}
	for _, v := range m.cuts {
		c.StrokeLine2(line, x(v), c.Min.Y, x(v), c.Max.Y)
		c.StrokeLine2(line, c.Min.X, y(float64(m.n)-v), c.Max.X, y(float64(m.n)-v))
	}
}

// mapLevels is the number of colors of the image: few enough for a small
// file, more than the eye tells apart.
const mapLevels = 96

// image returns the map with one pixel a cell, or a block of cells.
func (m *kernelMap) image() image.Image {
	block := (m.n + maxMapSide - 1) / maxMapSide
	side := (m.n + block - 1) / block
	palette := make(color.Palette, mapLevels)
	for i := range palette {
		palette[i] = m.color(float64(i) / (mapLevels - 1))
	}
	// Viewers blend neighboring pixels; cells of several pixels stay cells.
	zoom := max(1, maxMapSide/side)
	img := image.NewPaletted(image.Rect(0, 0, side*zoom, side*zoom), palette)
	for r := 0; r < side; r++ {
		for c := 0; c < side; c++ {
			t := clamp((m.blockMean(r*block, c*block, block) - m.lo) / (m.hi - m.lo))
			level := uint8(math.Round(t * (mapLevels - 1)))
			for p := 0; p < zoom*zoom; p++ {
				img.SetColorIndex(c*zoom+p%zoom, r*zoom+p/zoom, level)
			}
		}
	}
	return img
}

func (m *kernelMap) blockMean(r0, c0, block int) float64 {
	sum, count := 0.0, 0.0
	for r := r0; r < min(r0+block, m.n); r++ {
		for c := c0; c < min(c0+block, m.n); c++ {
			sum += m.values[r*m.n+c]
			count++
		}
	}
	return sum / count
}

func (m *kernelMap) bar(scale KernelScale) *colorBar {
	b := &colorBar{colorAt: m.color, label: "cosine of the kernel"}
	switch scale {
	case KernelRaw:
		b.label = "kernel"
	case KernelCentered:
		b.label = "cosine of the centered kernel"
	}
	for _, t := range (linearTicks{}).Ticks(m.lo, m.hi) {
		at := (t.Value - m.lo) / (m.hi - m.lo)
		if at > 0.06 && at < 0.94 { // the ends have values of their own
			b.ticks = append(b.ticks, barTick{at, t.Label})
		}
	}
	b.ticks = append(b.ticks, barTick{0, "≤ " + decimals(m.lo, 0.01)}, barTick{1, "≥ " + decimals(m.hi, 0.01)})
	return b
}
