package show

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

type inner struct {
	A int
	b string
}

type outer struct {
	inner
	P     *inner
	M     map[string]any
	L     []time.Duration
	i     any
	E     error
	Bytes []byte
	f     func() //nolint:unused // is shown, never used
}

// TestPrinter compares the printer that is used for values which fmt cannot be
// given with fmt, on values which it can.
func TestPrinter(t *testing.T) {
	in := inner{1, "x"}
	for _, v := range []any{
		3, "x", nil, true, 1.5, 2 + 3i, []int{1, 2}, []int(nil), map[string]int{"b": 2, "a": 1}, map[float64]string{math.NaN(): "n", 2: "y", -1: "x"}, in, &in,
		outer{inner: in, M: map[string]any{"k": []any{1, "a", nil, in}}, L: []time.Duration{time.Second}, i: in, Bytes: []byte{1, 2}},
		[]any{time.Second, fmt.Errorf("e"), &struct{ A int }{3}, [2]bool{true}}[:3:3][:2], map[[2]int]inner{{2, 1}: {}, {1, 2}: in}, &[]int{1}, &map[int]int{1: 2},
		map[any]int{1: 1}, struct{}{}, []struct{}{{}}, [][]string{{"a"}, nil, {}}, map[bool]int{true: 1, false: 0}, (*inner)(nil), reflect.ValueOf(3).Kind(),
	} {
		p := &printer{open: map[place]bool{}}
		p.value(reflect.ValueOf(v), 0)
		if got, want := p.b.String(), fmt.Sprintf("%+v", v); got != want {
			t.Errorf("%T: %s, fmt prints %s", v, got, want)
		}
	}
}

// TestCycles shows values that hold themselves; fmt would end the process.
func TestCycles(t *testing.T) {
	m := map[string]any{"a": 1}
	m["self"] = m
	s := []any{1, nil}
	s[1] = s
	type node struct {
		V    int
		Next *node
		Kids map[string]any
	}
	n := &node{V: 1, Kids: map[string]any{}}
	n.Next = n
	n.Kids["me"] = *n
	both := []any{m, s}
	m["both"] = both
	for _, c := range []struct {
		v     any
		parts []string
	}{
		{m, []string{"map[a:1", "self:...", "both:["}}, {s, []string{"[1 ..."}}, {n, []string{"&{V:1", "me:{V:1", "..."}}, {*n, []string{"{V:1"}}, {both, []string{"self:..."}},
		{struct{ M map[string]any }{m}, []string{"{M:map["}}, {&m, []string{"&map["}}, {[]map[string]any{m}, []string{"[map["}},
	} {
		start := time.Now()
		got := Text(c.v)
		for _, part := range c.parts {
			if !strings.Contains(got, part) {
				t.Errorf("%T: no %q in %s", c.v, part, got)
			}
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%T took %v", c.v, d)
		}
	}
}

// TestLargeValues checks that time and length are bounded.
func TestLargeValues(t *testing.T) {
	big := map[int][]string{}
	for i := range 20_000 {
		big[i] = []string{"a", "b", "c"}
	}
	deep := any(1)
	for range 100_000 {
		deep = []any{deep}
	}
	for _, v := range []any{big, deep, make([][]float64, 500_000), struct{ X []inner }{make([]inner, 500_000)}, [200_000]any{}, []string{strings.Repeat("x", 1<<26)}} {
		start := time.Now()
		if got := Text(v); len(got) > maxText+200 {
			t.Errorf("%T: %d bytes", v, len(got))
		}
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("%T took %v", v, d)
		}
	}
}

// TestPrivateNames shows fields as the interpreter stores them.
func TestPrivateNames(t *testing.T) {
	typ := reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: reflect.TypeFor[int]()},
		{Name: "𒀸b", Type: reflect.TypeFor[string](), PkgPath: "main"},
	})
	v := reflect.New(typ).Elem()
	v.Field(0).SetInt(1)
	if got, want := Text(v.Interface()), "{A:1 b:}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := Text(map[string]any{"k": v.Interface()}), "map[k:{A:1 b:}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	list := reflect.MakeSlice(reflect.SliceOf(typ), 2, 2)
	text, html := render(t, list.Interface())
	if !strings.Contains(text, "2 rows × 1 column") || strings.Contains(html, "b</th>") {
		t.Errorf("a table of them: %s", text)
	}
}

func TestImages(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 3, 2))
	img.Set(1, 1, color.RGBA{1, 2, 3, 255})
	for _, v := range []any{img, *img, image.NewGray(image.Rect(5, 5, 8, 7))} {
		b, ok := Render(v)
		if !ok || b.Data[typePNG] == nil {
			t.Fatalf("%T: %v", v, b.Data)
		}
		if size := b.Metadata[typePNG].(map[string]any); size["width"] != 3 || size["height"] != 2 {
			t.Errorf("%T: %v", v, size)
		}
		if text := b.Data[typeText].(string); text != fmt.Sprintf("(image/png, %d bytes)", len(b.Data[typePNG].([]byte))) {
			t.Errorf("%T: %s", v, text)
		}
	}
	b, ok := Render(image.NewGray(image.Rect(0, 0, 0, 0)))
	if !ok || len(b.Data) != 1 || !strings.Contains(b.Data[typeText].(string), "no pixels") {
		t.Errorf("an image without pixels: %v", b.Data)
	}
	if _, ok := Render((*image.RGBA)(nil)); ok {
		t.Error("a nil image")
	}
}

func TestLargeFigure(t *testing.T) {
	figure := func(n int) *plot.Plot {
		p := plot.New()
		xys := make(plotter.XYs, n)
		for i := range xys {
			xys[i] = plotter.XY{X: float64(i), Y: float64(i * i % 97)}
		}
		s, err := plotter.NewScatter(xys)
		if err != nil {
			t.Fatal(err)
		}
		p.Add(s)
		return p
	}
	b, _ := Render(figure(500))
	if b.Data[typeSVG] == nil || b.Data[typePNG] == nil {
		t.Error("a small figure is not shown both ways")
	}
	b, _ = Render(figure(30_000))
	if b.Data[typeSVG] != nil || b.Data[typePNG] == nil {
		t.Error("a large figure is not shown as PNG alone")
	}
}

func TestValuesOfPointerTypes(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{*mat.NewDense(2, 2, nil), "mat.Dense 2 × 2"}, {*mat.NewVecDense(3, nil), "mat.VecDense 3 × 1"}, {*mat.NewSymDense(2, nil), "mat.SymDense 2 × 2"}, {*mat.NewDiagDense(2, nil), "mat.DiagDense 2 × 2"},
	} {
		if text, _ := render(t, c.v); !strings.Contains(text, c.want) {
			t.Errorf("%T: %q, want %q", c.v, text, c.want)
		}
	}
}

func TestFiguresInWords(t *testing.T) {
	p := plot.New()
	p.Title.Text = "Title"
	if text, _ := render(t, []*plot.Plot{p, nil, plot.New()}); text != "0: plot \"Title\"\n1: (no plot)\n2: plot" {
		t.Errorf("%q", text)
	}
	for _, format := range []string{"pdf", "svg", "png", "eps"} {
		w, err := p.WriterTo(vg.Inch, vg.Inch, format)
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := render(t, w); !strings.Contains(text, "figure") || len(text) > 200 {
			t.Errorf("%s: %q", format, text)
		}
	}
}
