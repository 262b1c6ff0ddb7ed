package show

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// maxLines is how many elements of a slice are shown in rows of their own.
const maxLines = 20

var typeStringer = reflect.TypeFor[fmt.Stringer]()

// recordBundle shows a slice of structs as a table of their exported fields,
// and a slice of values that have a String method one to a line. It reports
// false for other slices.
func recordBundle(v any) (Bundle, bool) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Slice || rv.Len() == 0 || rv.Type().Implements(typeStringer) {
		return Bundle{}, false
	}
	elem := rv.Type().Elem()
	if elem.Implements(typeStringer) {
		if elem.Kind() != reflect.Struct && elem.Kind() != reflect.Pointer {
			return Bundle{}, false // such as []time.Duration: short
		}
		return Bundle{Data: map[string]any{typeText: lines(rv)}}, true
	}
	switch elem {
	case reflect.TypeFor[*plot.Plot](), reflect.TypeFor[plot.Plot](), reflect.TypeFor[Figure](), reflect.TypeFor[*Figure]():
		return Bundle{Data: map[string]any{typeText: lines(rv)}}, true
	}
	if elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	if elem.Kind() != reflect.Struct {
		return Bundle{}, false
	}
	fields := reflect.VisibleFields(elem)
	var columns []reflect.StructField
	for _, f := range fields {
		if exported(f) && !f.Anonymous {
			columns = append(columns, f)
		}
	}
	if len(columns) == 0 {
		return Bundle{}, false
	}
	return recordTable(rv, columns).bundle(), true
}

// lines writes the elements one to a line.
func lines(rv reflect.Value) string {
	var b strings.Builder
	for _, i := range picks(rv.Len(), maxLines) {
		if i < 0 {
			b.WriteString(ellipsis + "\n")
			continue
		}
		fmt.Fprintf(&b, "%d: %s\n", i, lineText(rv.Index(i).Interface()))
	}
	if rv.Len() > maxLines {
		fmt.Fprintf(&b, "%s (not all shown)", plural(rv.Len(), "element"))
	}
	return Cut(strings.TrimRight(b.String(), "\n"))
}

// lineText is an element in words.
func lineText(v any) string {
	switch v := v.(type) {
	case *plot.Plot:
		return plotText(v)
	case plot.Plot:
		return plotText(&v)
	case Figure:
		return plotText(v.Plot)
	case *Figure:
		if v == nil {
			return plotText(nil)
		}
		return plotText(v.Plot)
	}
	return fmt.Sprint(v)
}

func recordTable(rv reflect.Value, columns []reflect.StructField) *table {
	ri, ci := picks(rv.Len(), maxLines), picks(len(columns), maxFrameColumns)
	t := &table{note: size(rv.Len(), len(columns), len(ri) != rv.Len() || len(ci) != len(columns))}
	for _, j := range ci {
		if j < 0 {
			t.columns, t.right = append(t.columns, ellipsis), append(t.right, false)
			continue
		}
		k := columns[j].Type.Kind()
		t.columns = append(t.columns, columns[j].Name)
		t.right = append(t.right, k >= reflect.Int && k <= reflect.Complex128)
	}
	for _, i := range ri {
		row := make([]string, len(ci))
		for k, j := range ci {
			if i < 0 || j < 0 {
				row[k] = ellipsis
			} else {
				row[k] = fieldText(rv.Index(i), columns[j].Index)
			}
		}
		name := ellipsis
		if i >= 0 {
			name = strconv.Itoa(i)
		}
		t.rows, t.names = append(t.rows, row), append(t.names, name)
	}
	return t
}

// fieldText formats one field of a struct, or of what a pointer points to.
func fieldText(v reflect.Value, index []int) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "<nil>"
		}
		v = v.Elem()
	}
	f, err := v.FieldByIndexErr(index)
	if err != nil { // inside an embedded nil pointer
		return ""
	}
	x := f.Interface()
	if _, ok := x.(fmt.Stringer); !ok && (f.Kind() == reflect.Float64 || f.Kind() == reflect.Float32) {
		return number(f.Float())
	}
	return oneLine(Text(x))
}
