// Package show turns values into what a notebook displays: gonum plots into
// SVG and PNG, gota data frames, series, gonum matrices and slices of structs into
// tables, everything else into text of bounded length.
package show

import (
	"fmt"
	"image"
	"reflect"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Bundle holds one value in several forms, keyed by MIME type. It always has
// the form text/plain.
type Bundle struct {
	Data     map[string]any
	Metadata map[string]any
}

const (
	typeText = "text/plain"
	typeHTML = "text/html"
	typeSVG  = "image/svg+xml"
	typePNG  = "image/png"
)

// Render returns v's forms and true, or false where v is of no type that this
// package knows.
func Render(v any) (Bundle, bool) {
	switch v := v.(type) {
	case *plot.Plot:
		if v == nil {
			return Bundle{}, false
		}
		return plotBundle(v, DefaultWidth, DefaultHeight), true
	case plot.Plot:
		return plotBundle(&v, DefaultWidth, DefaultHeight), true
	case Figure:
		return v.bundle(), true
	case *Figure:
		if v == nil {
			return Bundle{}, false
		}
		return v.bundle(), true
	case dataframe.DataFrame:
		return frameBundle(v), true
	case *dataframe.DataFrame:
		if v == nil {
			return Bundle{}, false
		}
		return frameBundle(*v), true
	case series.Series:
		return seriesBundle(v), true
	case *series.Series:
		if v == nil {
			return Bundle{}, false
		}
		return seriesBundle(*v), true
	case image.Image:
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && rv.IsNil() {
			return Bundle{}, false
		}
		return imageBundle(v), true
	case vg.CanvasWriterTo:
		return Bundle{Data: map[string]any{typeText: fmt.Sprintf("%T: a figure drawn for a file, which its method WriteTo writes", v)}}, true
	case mat.Matrix:
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && rv.IsNil() {
			return Bundle{}, false
		}
		return matrixBundle(v), true
	}
	if p, ok := pointerTo(v); ok {
		return Render(p)
	}
	return recordBundle(v)
}

// pointerTo returns a pointer to a copy of v where that is a matrix or an image
// and v itself is not, as with a variable of type mat.Dense.
func pointerTo(v any) (any, bool) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Struct || !reflect.PointerTo(rv.Type()).Implements(typeMatrix) && !reflect.PointerTo(rv.Type()).Implements(typeImage) {
		return nil, false
	}
	p := reflect.New(rv.Type())
	p.Elem().Set(rv)
	return p.Interface(), true
}

var typeMatrix, typeImage = reflect.TypeFor[mat.Matrix](), reflect.TypeFor[image.Image]()
