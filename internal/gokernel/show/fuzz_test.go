package show

import (
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"

	"github.com/nngplab/nngplab/internal/printable"
)

// strictXML returns an error if markup is no XML.
func strictXML(markup string) error {
	d := xml.NewDecoder(strings.NewReader(markup))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// checkBundle returns what is wrong with the forms of a value.
func checkBundle(t *testing.T, what string, b Bundle) {
	t.Helper()
	text, _ := b.Data[typeText].(string)
	if text == "" || !utf8.ValidString(text) || len(text) > 2*maxText+1000 {
		t.Errorf("%s: text of %d bytes, UTF-8 %v", what, len(text), utf8.ValidString(text))
	}
	for _, typ := range []string{typeHTML, typeSVG} {
		markup, ok := b.Data[typ].(string)
		if !ok {
			continue
		}
		if !utf8.ValidString(markup) || len(markup) > 1<<20 {
			t.Errorf("%s: %s of %d bytes, UTF-8 %v", what, typ, len(markup), utf8.ValidString(markup))
		}
		if strings.Contains(markup, "<script") {
			t.Errorf("%s: %s runs a script", what, typ)
		}
	}
	if svg, ok := b.Data[typeSVG].(string); ok {
		if err := strictXML(svg); err != nil {
			t.Errorf("%s: SVG: %v", what, err)
		}
	}
}

// FuzzShow: whatever a frame's names and cells, a record's fields and a matrix
// hold, showing them ends with valid text of bounded length.
func FuzzShow(f *testing.F) {
	f.Add("x\x1by", "<script>", 3, 2, 1.5)
	f.Add("\xff", "a\nb", 0, 0, math.NaN())
	f.Add(strings.Repeat("long ", 5000), "\u202e", 300, 40, math.Inf(1))
	f.Fuzz(func(t *testing.T, title, cell string, rows, cols int, x float64) {
		rows, cols = min(max(rows, 0), 400), min(max(cols, 0), 60)
		text := make([]string, rows)
		numbers := make([]float64, rows)
		for i := range text {
			text[i], numbers[i] = cell, x
		}
		df := dataframe.New(series.New(text, series.String, title), series.New(numbers, series.Float, cell))
		for _, v := range []any{df, series.New(text, series.String, title), text} {
			if b, ok := Render(v); ok {
				checkBundle(t, "frame", b)
			}
		}
		if rows > 0 && cols > 0 {
			m := mat.NewDense(rows, cols, nil)
			m.Set(0, 0, x)
			if b, ok := Render(m); ok {
				checkBundle(t, "matrix", b)
			}
		}
		type record struct {
			Name  string
			Value float64
		}
		records := make([]record, rows)
		for i := range records {
			records[i] = record{cell, x}
		}
		if b, ok := Render(records); ok {
			checkBundle(t, "records", b)
		}
		if s := Text(records); len(s) > 2*maxText {
			t.Errorf("text of %d bytes", len(s))
		}
	})
}

// FuzzShowPlot: whatever a plot's title and labels hold, it is shown as XML.
func FuzzShowPlot(f *testing.F) {
	f.Add("x\x1by", "<script>")
	f.Add("\xff", "a\nb")
	f.Add(strings.Repeat("long ", 500), "\u202e")
	f.Fuzz(func(t *testing.T, title, label string) {
		if len(title)+len(label) > 1<<12 {
			return
		}
		p := plot.New()
		p.Title.Text, p.X.Label.Text = title, label
		svg, err := write(p, 50, 50, "svg")
		if err != nil {
			t.Fatal(err)
		}
		if err := strictXML(printable.XML(string(svg))); err != nil {
			t.Errorf("%q, %q: %v", title, label, err)
		}
	})
}
