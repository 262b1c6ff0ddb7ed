package figure

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/nngplab/nngplab/internal/testdata"
)

// gallery returns one figure of each kind on data of realistic size and
// shape. To look at them, set NNGPLAB_FIGURES to a folder and run
// TestGallery.
func gallery(t *testing.T) map[string]*Figure {
	t.Helper()
	out := map[string]*Figure{}
	add := func(name string, f *Figure, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = f
	}
	r := rand.New(rand.NewPCG(1, 2))

	signal, truth := cells(r, 772)
	add2 := func(name string) func(*Figure, error) { return func(f *Figure, err error) { add(name, f, err) } }
	add2("scatter")(Scatter(signal, truth, ScatterConfig{
		Title:       "NNGP accuracy against trained accuracy, 772 NAS-Bench-101 cells",
		Subtitle:    "Kendall's τ-b 0.302 [0.258, 0.347] · Pearson 0.31 [0.25, 0.37] · n = 772 · 2.4 % of the pairs tied in the signal",
		SignalLabel: "NNGP validation accuracy, 200 images", TruthLabel: "test accuracy after 108 epochs", TruthMin: 0.8,
	}))
	ownPlot := NewPlot("a signal", "seconds")
	line, err := plotter.NewScatter(plotter.XYs{{X: 0.1, Y: 1}, {X: 0.2, Y: 3}, {X: 0.4, Y: 2}, {X: 0.7, Y: 5.5}})
	if err != nil {
		t.Fatal(err)
	}
	line.GlyphStyle.Shape, line.GlyphStyle.Radius, line.GlyphStyle.Color = draw.CircleGlyph{}, 3, Color(1, 0.6)
	ownPlot.Add(line)
	ownPlot.X.Min, ownPlot.Y.Min = 0, 0
	out["own"] = Of(ownPlot, "A gonum plot of one's own")
	big, bigTruth := cells(r, 40000)
	add2("hexagons")(Scatter(big, bigTruth, ScatterConfig{
		Title: "40,000 cells", SignalLabel: "NNGP validation accuracy", TruthLabel: "test accuracy", TruthMin: 0.8,
	}))
	counts := make([]float64, 268)
	for i, v := range signal[:268] {
		counts[i] = math.Floor(12 * (v - 0.24))
	}
	add2("counts")(Scatter(counts, truth[:268], ScatterConfig{
		Title: "A count against trained accuracy", SignalLabel: "number of conv3x3", TruthLabel: "validation accuracy", TruthMin: 0.85,
	}))
	add2("curves-log")(Members([]Series{
		{Name: "width 8", X: []float64{8, 16, 32}, Y: []float64{0.3, 0.24, 0.19}, Lo: []float64{0.23, 0.18, 0.15}, Hi: []float64{0.4, 0.31, 0.25}},
		{Name: "1/√(width × members)", Baseline: true, Bare: true, X: []float64{8, 32}, Y: []float64{0.35, 0.175}},
	}, CurveConfig{Title: "An error that falls like a square root", XLabel: "width × members", YLabel: "relative error of the kernel", LogY: true}))
	a := Must(Scatter(signal[:268], truth[:268], ScatterConfig{Title: "Official cells", Subtitle: "n = 268", Width: 4.4, Height: 3.9, TruthMin: 0.8}))
	b := Must(Scatter(signal, truth, ScatterConfig{Title: "Retrained cells", Subtitle: "n = 772", Width: 4.4, Height: 3.9, TruthMin: 0.8}))
	add2("beside")(Beside("NNGP against truth on two tables", 2, 8.4, a, b))

	tall := Must(Scatter(signal, truth, ScatterConfig{TruthLabel: strings.Repeat("a long label of the truth ", 4), Height: 3}))
	add2("beside-long")(Beside("Labels that have to be wrapped", 2, 7, tall, tall))

	names := []string{"NNGP accuracy", "NNGP leave-one-out error", "parameters", "FLOPs", "conv3x3 vertices"}
	add2("pqetp")(PQETP(rising(names, linspace(0.85, 0.94, 10), false), CurveConfig{Title: "PQETP over thresholds, retrained cells"}))
	add2("discovered")(Discovered(discovered(names, r), 0.9432, CurveConfig{Title: "Discovered performance", XMark: 10, XMarkName: "k = 10"}))
	add2("reduction")(Reduction(reduction(names), CurveConfig{Title: "How much of the best 5 % survives a reduction"}))
	add2("epsilon")(Epsilon(epsilon(r), CurveConfig{Title: "Accuracy against epsilon", Subtitle: "Inception-like cell, 500 + 200 CIFAR-10 images, stem 128"}))
	add2("members")(Members(rising([]string{"best accuracy over ε", "accuracy at ε chosen by leave-one-out"}, []float64{1, 2, 4, 8, 16, 32}, true), CurveConfig{Title: "Accuracy against members"}))
	add2("cost")(CostQuality(costs(), CurveConfig{Title: "Cost against quality", Subtitle: "268 official cells; bars are 95 % bootstrap intervals"}))
	add2("bars")(Bars([]string{"NNGP accuracy (paper's score)", "log marginal likelihood", "leave-one-out error", "parameters", "FLOPs", "conv3x3 vertices"},
		[]BarGroup{
			{Name: "official (n = 268)", Values: []float64{.347, .436, .455, .402, .38, .566}, Lo: []float64{.27, .36, .38, .33, .31, .50}, Hi: []float64{.42, .51, .53, .48, .45, .63}},
			{Name: "retrained (n = 772)", Values: []float64{.302, .450, .489, .541, .52, .671}, Lo: []float64{.26, .41, .45, .50, .48, .64}, Hi: []float64{.35, .49, .53, .58, .56, .70}},
		}, BarsConfig{Title: "Which signal predicts trained accuracy?", Subtitle: "Kendall's τ-b with 95 % intervals", Baseline: []bool{false, false, false, true, true, true}}))
	add2("bars-negative")(Bars([]string{"batch statistics", "moving average"}, []BarGroup{{Values: []float64{-0.12, 0.3}, Lo: []float64{-0.2, 0.2}, Hi: []float64{-0.04, 0.4}}}, BarsConfig{}))
	add2("forest")(Forest(forestRows, forestColumns, ForestConfig{Title: "Which signal predicts trained accuracy?", Subtitle: "Kendall's τ-b, means over five seeds, 95 % intervals over cells"}))
	own := rising(names, linspace(0, 10, 11), false)
	for i, c := range []int{5, 0, 7, 1, 0} { // numbers 2 and 5 take what is free
		own[i].Color, own[i].Baseline = c, i == 4
	}
	add2("curves-own-colors")(Curves(own, CurveConfig{Title: "Series with colors of their own"}))
	k, labels, classes := sampleKernel(r, 700)
	for name, s := range map[string]KernelScale{"kernel-cosine": KernelCosine, "kernel-raw": KernelRaw, "kernel-centered": KernelCentered} {
		add2(name)(KernelMap(k, labels, KernelMapConfig{Title: "NNGP kernel of 700 images", Classes: classes, Scale: s}))
	}
	add2("distributions")(Distributions([]Sample{{Name: "all cells", Values: truth}, {Name: "best tenth by signal", Values: truth[:77]}}, DistributionConfig{
		Title: "Truth before and after a reduction", XLabel: "test accuracy after 108 epochs", Min: 0.8, Max: 0.95}))
	out["message"] = Message("NNGP against truth", "No published accuracies of NAS-Bench-101 were found. Fetch them with the command that nngplab data shows, or name their folder in NNGPLAB_DATA.")
	add2("curves")(Curves(rising(names, linspace(0, 10, 50), false), CurveConfig{Title: strings.Repeat("A long title that has to be wrapped ", 5), XLabel: "x, units", YLabel: "y, units"}))
	return out
}

var (
	forestRows = []ForestRow{
		{Name: "2e + j + parameters", Color: 1}, {Name: "e: entropy on noise", Color: 6}, {Name: "j: sensitivity to noise", Color: 3},
		{Name: "Zen-score"}, {Name: "parameters", Baseline: true}, {Name: "number of conv3x3", Baseline: true},
	}
	forestColumns = []ForestColumn{
		{Title: "uniform (n = 601)", Values: []float64{.65, .567, .123, .42, .285, .406}, Lo: []float64{.62, .53, .07, .38, .23, .36}, Hi: []float64{.68, .60, .17, .47, .33, .45}},
		{Title: "official (n = 147)", Values: []float64{.70, .60, -.1, math.NaN(), .43, .60}, Lo: []float64{.63, .53, -.21, math.NaN(), .34, .52}, Hi: []float64{.74, .67, .02, math.NaN(), .52, .67}},
	}
)

// cells returns a signal on a grid of 1/200 and a truth with a long lower
// tail, correlated as such pairs are.
func cells(r *rand.Rand, n int) (signal, truth []float64) {
	for i := 0; i < n; i++ {
		z := r.NormFloat64()
		t := 0.945 - 0.03*math.Exp(0.8*r.NormFloat64()-0.5*z)
		signal = append(signal, math.Round(200*(0.33+0.03*z+0.02*r.NormFloat64()))/200)
		truth = append(truth, math.Max(0.1, t))
	}
	return signal, truth
}

func linspace(lo, hi float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo + (hi-lo)*float64(i)/float64(n-1)
	}
	return x
}

func rising(names []string, x []float64, log bool) []Series {
	var out []Series
	for k, name := range names {
		s := Series{Name: name, X: x, Baseline: k >= 2}
		for i := range x {
			t := float64(i) / float64(len(x)-1)
			y := 0.58 + 0.05*float64(k) + 0.12*t - 0.08*t*t*float64(k%3)
			s.Y = append(s.Y, y)
			s.Lo = append(s.Lo, y-0.02-0.03*t)
			s.Hi = append(s.Hi, y+0.02+0.03*t)
		}
		out = append(out, s)
	}
	return out
}

func discovered(names []string, r *rand.Rand) []Series {
	var out []Series
	for k, name := range names {
		s := Series{Name: name, Baseline: k >= 2}
		y := 0.90 + 0.01*r.Float64()
		for n := 1.0; n <= 772; n = math.Ceil(n * 1.3) {
			s.X = append(s.X, n)
			s.Y = append(s.Y, y)
			y += (0.9432 - y) * 0.25 * r.Float64()
		}
		out = append(out, s)
	}
	return out
}

func reduction(names []string) []Series {
	var out []Series
	for k, name := range names {
		s := Series{Name: name, X: linspace(0, 1, 41), Baseline: k >= 2}
		for _, x := range s.X {
			s.Y = append(s.Y, 1-math.Pow(1-x, 1.3+0.5*float64(k)))
		}
		out = append(out, s)
	}
	return out
}

func epsilon(r *rand.Rand) []Series {
	var out []Series
	for _, m := range []int{1, 2, 4} {
		s := Series{Name: count(m, "member")}
		for i := 0; i < 20; i++ {
			e := math.Pow(10, -7+9*float64(i)/19)
			s.X = append(s.X, e)
			s.Y = append(s.Y, 0.2+0.02*float64(m)+0.12*math.Exp(-math.Pow((math.Log10(e)+1.5)/2.4, 2))+0.004*r.NormFloat64())
		}
		out = append(out, s)
	}
	return out
}

func costs() []Series {
	s := Series{Name: "NNGP leave-one-out", X: []float64{2e10, 4e10, 8e10, 1.6e11, 3.2e11}, Y: []float64{.36, .41, .455, .50, .54}, Labels: []string{"1 member", "2", "4", "8", "16 members"}}
	a := Series{Name: "NNGP accuracy", X: []float64{2e10, 4e10, 8e10, 1.6e11, 3.2e11}, Y: []float64{.2, .24, .29, .347, .36}}
	tr := Series{Name: "shortened training, 4, 12 and 36 epochs", X: []float64{1.5e15, 4.5e15, 1.35e16}, Y: []float64{.237, .568, .855}, Labels: []string{"4 epochs", "12", "36"}}
	out := []Series{s, a, tr}
	for i, n := range []string{"parameters", "FLOPs", "conv3x3 vertices"} {
		out = append(out, Series{Name: n, X: []float64{0}, Y: []float64{[]float64{.402, .385, .566}[i]}, Baseline: true})
	}
	for i := range out {
		for _, y := range out[i].Y {
			out[i].Lo = append(out[i].Lo, y-0.06)
			out[i].Hi = append(out[i].Hi, y+0.06)
		}
	}
	return out
}

func sampleKernel(r *rand.Rand, n int) (*mat.SymDense, []int, []string) {
	const d = 64
	classes := []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
	centers := mat.NewDense(10, d, nil)
	for c := 0; c < 10; c++ {
		for j := 0; j < d; j++ {
			centers.Set(c, j, math.Abs(1+0.35*r.NormFloat64()))
		}
	}
	f := mat.NewDense(n, d, nil)
	labels := make([]int, n)
	for i := range labels {
		labels[i] = r.IntN(10)
		for j := 0; j < d; j++ {
			f.Set(i, j, centers.At(labels[i], j)+0.5*r.NormFloat64())
		}
	}
	k := mat.NewSymDense(n, nil)
	k.SymOuterK(1, f)
	return k, labels, classes
}

// TestGallery renders every kind of figure: the SVG is well-formed XML without
// foreign fonts, and no ink reaches the frame of the PNG, as it would if
// something were cut off.
func TestGallery(t *testing.T) {
	for name, f := range gallery(t) {
		t.Run(name, func(t *testing.T) {
			svg := f.SVG()
			if err := wellFormed(svg); err != nil {
				t.Errorf("SVG: %v", err)
			}
			if badNumber.MatchString(svg) {
				t.Error("SVG has coordinates that are no numbers")
			}
			if strings.Count(svg, "font-family:") != strings.Count(svg, "font-family:"+svgFamilies) {
				t.Error("SVG has text without the portable families")
			}
			if len(svg) > 600<<10 {
				t.Errorf("SVG has %d bytes", len(svg))
			}
			b, err := f.PNG(60)
			if err != nil {
				t.Fatal(err)
			}
			checkFrame(t, b)
			if again := f.SVG(); again != svg {
				t.Error("a second rendering differs")
			}
			if _, err := f.Publish(name); err != nil {
				t.Error(err)
			}
		})
	}
}

// badNumber finds coordinates that are no numbers; embedded images, which may
// hold the letters by chance, have none of the characters before them.
var badNumber = regexp.MustCompile(`["(, MLAQC][-+]?(NaN|Inf)`)

func wellFormed(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func checkFrame(t *testing.T, b []byte) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	box := img.Bounds()
	ink := 0
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			if r == 0xffff && g == 0xffff && b == 0xffff {
				continue
			}
			ink++
			if x < 2 || y < 2 || x >= box.Max.X-2 || y >= box.Max.Y-2 {
				t.Fatalf("ink at (%d, %d) in the frame of %v", x, y, box)
			}
		}
	}
	if ink < 1000 {
		t.Errorf("only %d pixels of ink", ink)
	}
}

// TestScatterOnPublishedTable draws the number of parameters against the
// published accuracy, which is what a user does first.
func TestScatterOnPublishedTable(t *testing.T) {
	file, err := os.Open(testdata.Path(t, "nasbench101", "official_subset.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	col := map[string]int{}
	for i, h := range rows[0] {
		col[h] = i
	}
	var x, y []float64
	for _, r := range rows[1:] {
		p, err1 := strconv.ParseFloat(r[col["trainable_parameters"]], 64)
		v, err2 := strconv.ParseFloat(r[col["val108"]], 64)
		if err1 == nil && err2 == nil {
			x, y = append(x, p/1e6), append(y, v)
		}
	}
	f, err := Scatter(x, y, ScatterConfig{SignalLabel: "parameters, millions", TruthLabel: "validation accuracy after 108 epochs", TruthMin: 0.8})
	if err != nil {
		t.Fatal(err)
	}
	b, err := f.PNG(60)
	if err != nil {
		t.Fatal(err)
	}
	checkFrame(t, b)
	if _, err := f.Publish("official"); err != nil {
		t.Error(err)
	}
}

func TestBadInput(t *testing.T) {
	nan := math.NaN()
	one := []float64{1}
	cases := map[string]func() (*Figure, error){
		"lengths":       func() (*Figure, error) { return Scatter(one, nil, ScatterConfig{}) },
		"no pair":       func() (*Figure, error) { return Scatter([]float64{nan}, one, ScatterConfig{}) },
		"no series":     func() (*Figure, error) { return PQETP(nil, CurveConfig{}) },
		"empty series":  func() (*Figure, error) { return Curves([]Series{{Name: "a"}}, CurveConfig{}) },
		"y missing":     func() (*Figure, error) { return Curves([]Series{{Name: "a", X: one}}, CurveConfig{}) },
		"lo without hi": func() (*Figure, error) { return Curves([]Series{{X: one, Y: one, Lo: one}}, CurveConfig{}) },
		"x not finite":  func() (*Figure, error) { return Curves([]Series{{X: []float64{nan}, Y: one}}, CurveConfig{}) },
		"y infinite":    func() (*Figure, error) { return Curves([]Series{{X: one, Y: []float64{math.Inf(1)}}}, CurveConfig{}) },
		"log of zero":   func() (*Figure, error) { return Epsilon([]Series{{X: []float64{0}, Y: one}}, CurveConfig{}) },
		"negative cost": func() (*Figure, error) { return CostQuality([]Series{{X: []float64{-1}, Y: one}}, CurveConfig{}) },
		"labels": func() (*Figure, error) {
			return CostQuality([]Series{{X: one, Y: one, Labels: []string{"a", "b"}}}, CurveConfig{})
		},
		"no bars":   func() (*Figure, error) { return Bars(nil, nil, BarsConfig{}) },
		"bars":      func() (*Figure, error) { return Bars([]string{"a", "b"}, []BarGroup{{Values: one}}, BarsConfig{}) },
		"color":     func() (*Figure, error) { return Curves([]Series{{X: one, Y: one, Color: -1}}, CurveConfig{}) },
		"no forest": func() (*Figure, error) { return Forest(nil, nil, ForestConfig{}) },
		"forest": func() (*Figure, error) {
			return Forest(make([]ForestRow, 2), []ForestColumn{{Values: one}}, ForestConfig{})
		},
		"forest color": func() (*Figure, error) {
			return Forest([]ForestRow{{Color: -1}}, []ForestColumn{{Values: one}}, ForestConfig{})
		},
		"kernel labels": func() (*Figure, error) { return KernelMap(mat.NewSymDense(2, nil), []int{1}, KernelMapConfig{}) },
		"kernel NaN": func() (*Figure, error) {
			return KernelMap(mat.NewSymDense(2, []float64{1, nan, nan, 1}), []int{0, 1}, KernelMapConfig{})
		},
		"kernel label": func() (*Figure, error) { return KernelMap(mat.NewSymDense(2, nil), []int{0, -1}, KernelMapConfig{}) },
		"kernel zero":  func() (*Figure, error) { return KernelMap(mat.NewSymDense(2, nil), []int{0, 1}, KernelMapConfig{}) },
		"weights": func() (*Figure, error) {
			return Distributions([]Sample{{Name: "a", Values: one, Weights: []float64{-1}}}, DistributionConfig{})
		},
		"no weight": func() (*Figure, error) {
			return Distributions([]Sample{{Name: "a", Values: one, Weights: []float64{0}}}, DistributionConfig{})
		},
		"few weights": func() (*Figure, error) {
			return Distributions([]Sample{{Name: "a", Values: one, Weights: []float64{}}}, DistributionConfig{})
		},
		"empty sample":  func() (*Figure, error) { return Distributions([]Sample{{Name: "a"}}, DistributionConfig{}) },
		"beside none":   func() (*Figure, error) { return Beside("", 2, 0) },
		"beside nil":    func() (*Figure, error) { return Beside("", 2, 0, nil) },
		"bad name":      func() (*Figure, error) { return (&Figure{}).Publish("a/b") },
		"nothing there": func() (*Figure, error) { return (*Figure)(nil).Publish("a") },
	}
	for name, f := range cases {
		if _, err := f(); err == nil {
			t.Errorf("%s: no error", name)
		} else if !strings.HasPrefix(err.Error(), "figure: ") {
			t.Errorf("%s: error %q does not say where it comes from", name, err)
		}
	}
}

// TestDegenerate draws what barely exists: one point, constant values, a
// curve of gaps, a kernel of zeros.
func TestDegenerate(t *testing.T) {
	nan := math.NaN()
	figs := []*Figure{
		Must(Scatter([]float64{1}, []float64{2}, ScatterConfig{})),
		Must(Scatter([]float64{1, 1, 1}, []float64{2, 2, nan}, ScatterConfig{})),
		Must(Curves([]Series{{Name: "a", X: []float64{1, 2, 3}, Y: []float64{nan, nan, nan}}}, CurveConfig{})),
		Must(Curves([]Series{{Name: "a", X: []float64{1}, Y: []float64{1}}}, CurveConfig{})),
		Must(KernelMap(mat.NewSymDense(3, nil), []int{0, 0, 1}, KernelMapConfig{Scale: KernelRaw})),
		Must(Bars([]string{"a"}, []BarGroup{{Values: []float64{nan}}}, BarsConfig{})),
		Must(CostQuality([]Series{{X: []float64{0}, Y: []float64{1}}}, CurveConfig{})),
		Must(Distributions([]Sample{{Name: "a", Values: []float64{1}}}, DistributionConfig{})),
	}
	for i, f := range figs {
		if svg := f.SVG(); wellFormed(svg) != nil || badNumber.MatchString(svg) {
			t.Errorf("figure %d: broken SVG", i)
		}
		if _, err := f.PNG(50); err != nil {
			t.Errorf("figure %d: %v", i, err)
		}
	}
}

func TestSave(t *testing.T) {
	f := Must(Curves([]Series{{Name: "a", X: []float64{1, 2}, Y: []float64{1, 2}}}, CurveConfig{}))
	dir := t.TempDir()
	for ext, magic := range map[string]string{"svg": "<?xml", "png": "\x89PNG", "pdf": "%PDF"} {
		path := filepath.Join(dir, "a."+ext)
		if err := f.Save(path); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(b), magic) {
			t.Errorf("%s: %v, begins %q", ext, err, b[:min(8, len(b))])
		}
	}
	if err := f.Save(filepath.Join(dir, "a.gif")); err == nil {
		t.Error("a .gif was written")
	}
	if err := f.Save(filepath.Join(dir, "none", "a.svg")); err == nil {
		t.Error("written into a missing folder")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".figure-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestScales checks that the color maps are perceptually even: Oklab
// lightness changes in equal steps.
func TestScales(t *testing.T) {
	last := math.Inf(-1)
	for i := 0; i <= 50; i++ {
		v := float64(i) / 50
		l := lightness(Sequential(v))
		want := darkest + v*(lightest-darkest)
		// One step of 8 bits a channel moves the lightness by up to 0.005.
		if math.Abs(l-want) > 0.006 {
			t.Errorf("Sequential(%.2f) has lightness %.4f, want %.4f", v, l, want)
		}
		if l <= last {
			t.Errorf("Sequential(%.2f) is no lighter than the color before", v)
		}
		last = l
		if d := lightness(Diverging(v)) - lightness(Diverging(-v)); math.Abs(d) > 0.006 {
			t.Errorf("Diverging(±%.2f) differ by %.4f in lightness", v, d)
		}
	}
}

// lightness returns the Oklab lightness of an sRGB color.
func lightness(c interface{ RGBA() (r, g, b, a uint32) }) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		x := float64(v) / 65535
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	R, G, B := lin(r), lin(g), lin(b)
	l := math.Cbrt(0.4122214708*R + 0.5363325363*G + 0.0514459929*B)
	m := math.Cbrt(0.2119034982*R + 0.6806995451*G + 0.1073969566*B)
	s := math.Cbrt(0.0883024619*R + 0.2817188376*G + 0.6299787005*B)
	return 0.2104542553*l + 0.7936177850*m - 0.0040720468*s
}

func TestTicks(t *testing.T) {
	label := func(ts []string) string { return strings.Join(ts, " ") }
	ticks := func(tk interface {
		Ticks(lo, hi float64) []plot.Tick
	}, lo, hi float64) string {
		var out []string
		for _, t := range tk.Ticks(lo, hi) {
			if t.Label != "" {
				out = append(out, t.Label)
			}
		}
		return label(out)
	}
	for _, c := range []struct {
		got, want string
	}{
		{ticks(linearTicks{}, 0, 1), "0.0 0.2 0.4 0.6 0.8 1.0"},
		{ticks(linearTicks{}, 0.85, 0.93), "0.86 0.88 0.90 0.92"},
		{ticks(linearTicks{}, -1, 1), "−1.0 −0.5 0.0 0.5 1.0"},
		{ticks(linearTicks{percent: true}, 0, 1), "0 % 20 % 40 % 60 % 80 % 100 %"},
		{ticks(linearTicks{integer: true}, 0, 3), "0 1 2 3"},
		{ticks(logTicks{}, 1e-7, 100), "10^{−6} 10^{−4} 10^{−2} 10^{0} 10^{2}"},
		{ticks(logTicks{}, 1e9, 3e10), "10^{9} 2·10^{9} 5·10^{9} 10^{10} 2·10^{10}"},
		{ticks(logTicks{}, 1, 800), "1 10 100"},
		{ticks(doublingTicks{}, 1, 32), "1 2 4 8 16 32"},
	} {
		if c.got != c.want {
			t.Errorf("ticks %q, want %q", c.got, c.want)
		}
	}
}

// TestWeightedSamples: a value of weight 2 counts as two values.
func TestWeightedSamples(t *testing.T) {
	edges := []float64{0, 1, 2}
	once := shares(Sample{Values: []float64{0.5, 1.5}, Weights: []float64{2, 1}}, edges)
	twice := shares(Sample{Values: []float64{0.5, 0.5, 1.5}}, edges)
	for i := range once {
		if math.Abs(once[i]-twice[i]) > 1e-15 {
			t.Errorf("bin %d holds %v of the weighted sample, %v of the other", i, once[i], twice[i])
		}
	}
}

// TestTextOfAnyBytes: whatever the text is made of, the SVG is XML: XML 1.0
// forbids most control characters, even escaped.
func TestTextOfAnyBytes(t *testing.T) {
	for _, text := range []string{"x\x1by", "\x00", "a\xffb", "\ufffe\uffff", "<&>\"'", "\u2028", "line\nbreak\ttab", string([]byte{0xed, 0xa0, 0x80})} {
		p := newPlot(text, text)
		p.Title.Text = text
		p.Add(note(text))
		f := &Figure{Title: text, Plot: p, Width: inches(0, 4), Height: inches(0, 3)}
		if err := wellFormed(f.SVG()); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if err := wellFormed(Message(text, text).SVG()); err != nil {
			t.Errorf("message %q: %v", text, err)
		}
	}
}

func TestColor(t *testing.T) {
	if Color(1, 1) != palette[0] || Color(Colors()+2, 1) != palette[1] || Color(1, 0.5).A != 128 || Color(1, 7).A != 255 || Color(1, -1).A != 0 {
		t.Error(Color(1, 1), Color(Colors()+2, 1), Color(1, 0.5))
	}
	defer func() {
		if recover() == nil {
			t.Error("color 0 is no error")
		}
	}()
	Color(0, 1)
}

// TestCounts: small whole numbers of which many are alike are an axis of counts, with
// ticks at whole numbers and room for whole bars; others are not. Points are moved by
// less than half the way to the next count.
func TestCounts(t *testing.T) {
	few := make([]float64, 40)
	for i := range few {
		few[i] = float64(i % 4)
	}
	for want, xs := range map[bool][][]float64{
		true:  {few},
		false: {{0, 1, 2, 3}, linspace(0, 1, 40), append([]float64{0.5}, few...), linspace(0, 3900, 40), make([]float64, 40)},
	} {
		for _, x := range xs {
			if areCounts(x) != want {
				t.Errorf("%v: counts %v, want %v", x, !want, want)
			}
		}
	}
	for i, x := range spread(few) {
		if d := math.Abs(x - few[i]); d > 0.3 {
			t.Errorf("point %d is moved by %v", i, d)
		}
	}
	f := Must(Scatter(few, linspace(0, 1, 40), ScatterConfig{}))
	if f.Plot.X.Min != -0.5 || f.Plot.X.Max != 3.5 {
		t.Errorf("the axis runs from %v to %v", f.Plot.X.Min, f.Plot.X.Max)
	}
	for _, tick := range f.Plot.X.Tick.Marker.Ticks(f.Plot.X.Min, f.Plot.X.Max) {
		if tick.Value != math.Trunc(tick.Value) {
			t.Errorf("a tick at %v", tick.Value)
		}
	}
}

// TestPalette: no two colors are alike, so that bars and dots, which have no dashes,
// differ.
func TestPalette(t *testing.T) {
	for i, a := range palette {
		for k, b := range palette[:i] {
			d := math.Abs(float64(a.R)-float64(b.R)) + math.Abs(float64(a.G)-float64(b.G)) + math.Abs(float64(a.B)-float64(b.B))
			if d < 60 {
				t.Errorf("colors %d and %d differ by %v", i+1, k+1, d)
			}
		}
	}
	if Colors() != len(palette) {
		t.Errorf("%d colors", Colors())
	}
}

// TestWrap: no line ends with the dot between two statements.
func TestWrap(t *testing.T) {
	sty := textStyle(textSize, colText)
	text := "tau 0.42 · Pearson 0.52 · 2.2 % of pairs tied"
	for width := sty.Width("tau 0.42 ·"); width < sty.Width(text); width++ {
		lines := wrap(sty, text, width)
		for _, l := range lines[:len(lines)-1] {
			if strings.HasSuffix(l, "·") {
				t.Fatalf("%q at a width of %v", l, width)
			}
		}
	}
}

// TestLabelsThatFit: a label is written where it covers nothing, and left out where it
// cannot be.
func TestLabelsThatFit(t *testing.T) {
	area := vg.Rectangle{Max: vg.Point{X: 200, Y: 100}}
	at, size := vg.Point{X: 100, Y: 50}, vg.Point{X: 40, Y: 10}
	if b, ok := bestPlace(area, nil, at, size); !ok || b.Min.X < at.X {
		t.Errorf("%v, %v in an empty figure", b, ok)
	}
	if _, ok := bestPlace(area, []vg.Rectangle{area}, at, size); ok {
		t.Error("a label in a full figure")
	}
	right := vg.Rectangle{Min: vg.Point{X: 100, Y: 0}, Max: vg.Point{X: 200, Y: 100}}
	if b, ok := bestPlace(area, []vg.Rectangle{right}, at, size); !ok || b.Max.X > 100+1 {
		t.Errorf("%v, %v beside a full half", b, ok)
	}
}

// TestBarGroupBaseline: a group that costs nothing is gray, whatever its place.
func TestBarGroupBaseline(t *testing.T) {
	f := Must(Bars([]string{"a"}, []BarGroup{{Name: "signal", Values: []float64{1}}, {Name: "count", Values: []float64{1}, Baseline: true}}, BarsConfig{}))
	if f.keys[0].look.color != palette[0] || f.keys[1].look.color != baselineGrays[1] {
		t.Errorf("colors %v and %v", f.keys[0].look.color, f.keys[1].look.color)
	}
}
