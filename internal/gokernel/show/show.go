// Package show turns values into what a notebook displays: gonum plots into
// SVG and PNG, gota data frames, series, gonum matrices and slices of structs into
// tables, everything else into text of bounded length.
package show

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
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
	case mat.Matrix:
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && rv.IsNil() {
			return Bundle{}, false
		}
		return matrixBundle(v), true
	}
	return recordBundle(v)
}

// maxText bounds the length of a text form, in bytes.
const maxText = 20_000

// Text formats v as text: structs with their field names, everything else as
// fmt.Print does, cut where it is long.
func Text(v any) string {
	switch v.(type) {
	case fmt.Stringer, fmt.Formatter, error:
		return Cut(fmt.Sprint(v))
	}
	rv := reflect.ValueOf(v)
	for rv.Kind() == reflect.Pointer && !rv.IsNil() {
		rv = rv.Elem()
	}
	switch rv.Kind() {
	case reflect.Struct:
		return Cut(fmt.Sprintf("%+v", v))
	case reflect.Slice, reflect.Array:
		return sliceText(v, rv)
	case reflect.Func:
		return rv.Type().String()
	}
	return Cut(fmt.Sprint(v))
}

// maxElements is how many elements of a slice are written out.
const maxElements = 1000

// sliceText writes the beginning and the end of a long slice.
func sliceText(v any, rv reflect.Value) string {
	n := rv.Len()
	if n <= maxElements || !rv.CanInterface() || rv.Kind() == reflect.Array {
		return Cut(fmt.Sprintf("%+v", v))
	}
	half := maxElements / 20
	first := fmt.Sprintf("%+v", rv.Slice(0, half).Interface())
	last := fmt.Sprintf("%+v", rv.Slice(n-half, n).Interface())
	return Cut(fmt.Sprintf("%s ... %s (%d elements)", first[:len(first)-1], last[1:], n))
}

// Cut shortens s to a length that a front end handles, and says so. What is no
// UTF-8 becomes U+FFFD: a message to a front end cannot hold it.
func Cut(s string) string {
	if len(s) <= maxText {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s ... (%d of %d bytes shown)", strings.ToValidUTF8(s[:end], "\uFFFD"), end, len(s))
}
