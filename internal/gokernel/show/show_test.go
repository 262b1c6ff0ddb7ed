package show

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

func render(t *testing.T, v any) (text, html string) {
	t.Helper()
	b, ok := Render(v)
	if !ok {
		t.Fatalf("Render(%T): unknown", v)
	}
	text, _ = b.Data[typeText].(string)
	html, _ = b.Data[typeHTML].(string)
	if text == "" {
		t.Errorf("Render(%T): no text", v)
	}
	if html != "" {
		wellFormed(t, html)
	}
	return text, html
}

func wellFormed(t *testing.T, markup string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(markup))
	d.Strict = false
	d.AutoClose = xml.HTMLAutoClose
	depth := 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("not well formed: %v\n%s", err, markup)
		}
		switch tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 {
		t.Errorf("%d elements left open", depth)
	}
}

func TestPlot(t *testing.T) {
	p := plot.New()
	p.Title.Text = "A & B"
	p.Add(plotter.NewGrid())
	for _, v := range []any{p, *p, Sized(p, 3, 2), &Figure{Plot: p, Width: DefaultWidth, Height: DefaultHeight}} {
		b, ok := Render(v)
		if !ok {
			t.Fatalf("Render(%T): unknown", v)
		}
		svg, _ := b.Data[typeSVG].(string)
		if !strings.Contains(svg, "<svg") || !strings.Contains(svg, "A &amp; B") {
			t.Errorf("Render(%T): no SVG with the title", v)
		}
		wellFormed(t, svg)
	}
	b, _ := Render(Sized(p, 3, 2))
	if !strings.Contains(b.Data[typeSVG].(string), `width="216pt" height="144pt"`) { // 72 points an inch
		t.Error("Sized(p, 3, 2) is not 3 by 2 inches")
	}
	image, err := png.DecodeConfig(bytes.NewReader(b.Data[typePNG].([]byte)))
	if err != nil || image.Width != 288 || image.Height != 192 { // 96 pixels an inch
		t.Errorf("the image of Sized(p, 3, 2) has %d x %d pixels, want 288 x 192: %v", image.Width, image.Height, err)
	}
	if b, ok := Render(Figure{}); !ok || b.Data[typeText] != "(no plot)" {
		t.Errorf("empty figure: %v", b)
	}
}

func TestFrame(t *testing.T) {
	df := dataframe.LoadRecords([][]string{{"name", "v", "n"}, {"a<b", "1.5", "1"}, {"c", "NaN", "2"}})
	text, html := render(t, df)
	for _, want := range []string{"a&lt;b", ">1.5</td>", ">NaN</td>", "2 rows × 3 columns", "float"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in %s", want, html)
		}
	}
	if strings.Contains(html, "not all") || !strings.Contains(text, "a<b") {
		t.Errorf("text %q", text)
	}
	if _, viaPointer := render(t, &df); viaPointer != html {
		t.Error("a pointer to a frame is shown differently")
	}
}

func TestFrameCut(t *testing.T) {
	cols := make([]series.Series, 40)
	for j := range cols {
		cols[j] = series.New(make([]int, 1000), series.Int, "c"+string(rune('A'+j)))
	}
	_, html := render(t, dataframe.New(cols...))
	if !strings.Contains(html, "1,000 rows × 40 columns (not all shown)") {
		t.Errorf("the size is missing: %s", html[len(html)-200:])
	}
	if n := strings.Count(html, "<tr>"); n != maxFrameRows+2 { // header, rows, and the row of dots
		t.Errorf("%d table rows", n)
	}
	if !strings.Contains(html, "<th>999</th>") || !strings.Contains(html, "<th>0</th>") {
		t.Error("the first or the last row is missing")
	}
}

func TestFrameError(t *testing.T) {
	bad := dataframe.LoadRecords(nil)
	text, html := render(t, bad)
	if !strings.Contains(text, "error") || html != "" {
		t.Errorf("text %q, html %q", text, html)
	}
	column := bad.Col("nope")
	for _, v := range []any{bad, &bad, column, &column} {
		if Failure(v) == nil {
			t.Errorf("%T with an error is none", v)
		}
	}
	good := dataframe.New(series.New([]int{1}, series.Int, "a"))
	for _, v := range []any{good, &good, good.Col("a"), (*dataframe.DataFrame)(nil), (*series.Series)(nil), 3, nil} {
		if err := Failure(v); err != nil {
			t.Errorf("%T: %v", v, err)
		}
	}
}

func TestSeries(t *testing.T) {
	text, html := render(t, series.New([]float64{1, 1.0 / 3, math.Inf(1)}, series.Float, "x"))
	if !strings.Contains(text, "0.333333") || !strings.Contains(text, "+Inf") || !strings.Contains(html, "3 values") {
		t.Errorf("text %q", text)
	}
	if text, _ := render(t, series.New(nil, series.String, "empty")); !strings.Contains(text, "empty") {
		t.Errorf("text %q", text)
	}
}

func TestMatrix(t *testing.T) {
	d := mat.NewDense(2, 3, []float64{1, 2.5, 1e-7, math.NaN(), 1e20, -3})
	text, html := render(t, d)
	for _, want := range []string{"2.5", "1e-07", "NaN", "1e+20", "-3", "mat.Dense 2 × 3"} {
		if !strings.Contains(text, want) || !strings.Contains(html, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
	for _, c := range []struct {
		m    mat.Matrix
		want string
	}{
		{d.T(), "3 × 2"}, {mat.NewVecDense(4, nil), "mat.VecDense 4 × 1"}, {mat.NewSymDense(500, nil), "500 × 500 (not all shown)"},
		{&mat.Dense{}, "0 × 0"}, {mat.NewDiagDense(2, nil), "2 × 2"}, {mat.NewTriDense(2, mat.Upper, nil), "2 × 2"},
	} {
		if text, _ := render(t, c.m); !strings.Contains(text, c.want) {
			t.Errorf("%T: no %q in %q", c.m, c.want, text)
		}
	}
}

type cellName struct{ n int }

func (c cellName) String() string { return fmt.Sprintf("cell %d", c.n) }

func TestSlices(t *testing.T) {
	type base struct{ ID int }
	type record struct {
		base
		Name   string
		Score  float64
		Took   time.Duration
		hidden int
	}
	text, html := render(t, []record{{base{7}, "a<b", 1.0 / 3, time.Second, 1}, {}})
	for _, want := range []string{">ID</th>", ">7</td>", "a&lt;b", ">0.333333</td>", ">1s</td>", "2 rows × 4 columns"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in %s", want, html)
		}
	}
	if strings.Contains(html, "hidden") || !strings.Contains(text, "0.333333") {
		t.Errorf("text %q", text)
	}
	if text, _ := render(t, []*record{nil, {Name: "x"}}); !strings.Contains(text, "<nil>") {
		t.Errorf("pointers: %q", text)
	}
	if _, html := render(t, plotter.XYs{{X: 1, Y: 2}}); !strings.Contains(html, "1 row × 2 columns") {
		t.Errorf("points: %s", html)
	}
	if text, html := render(t, []cellName{{1}, {2}}); text != "0: cell 1\n1: cell 2" || html != "" {
		t.Errorf("values with a String method: %q, %q", text, html)
	}
	if text, _ := render(t, make([]cellName, 3000)); !strings.Contains(text, "3,000 elements (not all shown)") || strings.Count(text, "\n") > maxLines+2 {
		t.Errorf("many: %q", text)
	}
	for _, v := range []any{[]int{1}, []string{"a"}, []record{}, []time.Duration{1}, []struct{ a int }{{1}}, []any{1}} {
		if b, ok := Render(v); ok {
			t.Errorf("Render(%T) = %v", v, b)
		}
	}
}

func TestUnknown(t *testing.T) {
	for _, v := range []any{3, "x", nil, (*plot.Plot)(nil), (*mat.Dense)(nil), (*dataframe.DataFrame)(nil), (*series.Series)(nil), (*Figure)(nil)} {
		if b, ok := Render(v); ok {
			t.Errorf("Render(%T) = %v", v, b)
		}
	}
}

func TestText(t *testing.T) {
	type pair struct {
		A int
		B string
	}
	for _, c := range []struct {
		v    any
		want string
	}{
		{3, "3"}, {"x", "x"}, {nil, "<nil>"}, {pair{1, "x"}, "{A:1 B:x}"}, {&pair{1, "x"}, "&{A:1 B:x}"},
		{time.Second, "1s"}, {errors.New("e"), "e"}, {[]pair{{1, "x"}}, "[{A:1 B:x}]"}, {strings.Repeat, "func(string, int) string"},
		{(*pair)(nil), "<nil>"}, {[]byte("ab"), "[97 98]"},
	} {
		if got := Text(c.v); got != c.want {
			t.Errorf("Text(%#v) = %q, want %q", c.v, got, c.want)
		}
	}
	long := Text(make([]float64, 5000))
	if !strings.HasPrefix(long, "[0 0 ") || !strings.HasSuffix(long, " 0] (5000 elements)") || strings.Contains(long, "]]") || len(long) > 1000 {
		t.Errorf("long slice: %q", long)
	}
	if s := Text(strings.Repeat("é", 1e6)); len(s) > maxText+100 || !strings.Contains(s, "of 2000000 bytes shown") || strings.ContainsRune(s, '\uFFFD') {
		t.Errorf("long text: %d bytes, ends in %q", len(s), s[len(s)-60:])
	}
}

func TestPicks(t *testing.T) {
	if got := picks(3, 5); len(got) != 3 {
		t.Errorf("picks(3, 5) = %v", got)
	}
	if got := picks(0, 5); len(got) != 0 {
		t.Errorf("picks(0, 5) = %v", got)
	}
	got := picks(100, 8)
	want := []int{0, 1, 2, 3, 4, 5, -1, 98, 99}
	if len(got) != len(want) {
		t.Fatalf("picks(100, 8) = %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("picks(100, 8) = %v, want %v", got, want)
		}
	}
}

// TestPlotOfAnyBytes: a plot's SVG is XML whatever its text holds.
func TestPlotOfAnyBytes(t *testing.T) {
	for _, text := range []string{"x\x1by", "\x00", "\xff", "\uffff", "<&>"} {
		p := plot.New()
		p.Title.Text, p.X.Label.Text = text, text
		b, ok := Render(p)
		if !ok {
			t.Fatal("no plot")
		}
		checkBundle(t, text, b)
	}
}
