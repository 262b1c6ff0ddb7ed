package show

import (
	"cmp"
	"fmt"
	"go/ast"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxText     = 20_000 // bytes of a text form
	maxElements = 1000   // elements of a slice or map that are written out
	maxNodes    = 50_000 // parts of a value that fmt is given
	maxDepth    = 100    // how deep they nest
)

// Text formats v as text: structs with their field names, everything else as
// fmt.Print does, cut where it is long or holds itself.
func Text(v any) string {
	switch v.(type) {
	case fmt.Stringer, fmt.Formatter, error:
		return Cut(fmt.Sprint(v))
	}
	rv := reflect.ValueOf(v)
	inner := rv
	for inner.Kind() == reflect.Pointer && !inner.IsNil() {
		inner = inner.Elem()
	}
	switch {
	case inner.Kind() == reflect.Func:
		return inner.Type().String()
	case inner.Kind() == reflect.Slice && inner.Len() > maxElements && inner.CanInterface():
		return longSlice(inner)
	case !plain(rv):
		p := &printer{open: map[place]bool{}}
		p.value(rv, 0)
		return Cut(p.b.String())
	case inner.Kind() == reflect.Struct || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Array:
		return Cut(fmt.Sprintf("%+v", v))
	}
	return Cut(fmt.Sprint(v))
}

// longSlice writes the beginning and the end of a slice.
func longSlice(rv reflect.Value) string {
	n, half := rv.Len(), maxElements/20
	first, last := Text(rv.Slice(0, half).Interface()), Text(rv.Slice(n-half, n).Interface())
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

// fieldName is a field's name as it was written. The interpreter keeps private
// fields of a cell's type under a name that begins with a sign of its own.
func fieldName(name string) string { return strings.TrimLeft(name, "𒀸𒀪") }

// exported reports whether a field is one in the eyes of who wrote it.
func exported(f reflect.StructField) bool { return f.IsExported() && ast.IsExported(f.Name) }

// plain reports whether fmt can be given a value: it is of a moderate size, does
// not hold itself, and its fields bear their own names.
func plain(v reflect.Value) bool {
	nodes := 0
	return walk(v, 0, &nodes)
}

func walk(v reflect.Value, depth int, nodes *int) bool {
	if *nodes++; *nodes > maxNodes || depth > maxDepth {
		return false
	}
	switch v.Kind() {
	case reflect.Interface:
		return v.IsNil() || walk(v.Elem(), depth+1, nodes)
	case reflect.Pointer: // fmt follows one at the top only
		return v.IsNil() || depth > 0 || walk(v.Elem(), depth+1, nodes)
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != fieldName(name) || !walk(v.Field(i), depth+1, nodes) {
				return false
			}
		}
	case reflect.Slice, reflect.Array:
		if simple(v.Type().Elem().Kind()) {
			*nodes += v.Len() / 16
			return *nodes <= maxNodes
		}
		for i := range v.Len() {
			if !walk(v.Index(i), depth+1, nodes) {
				return false
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if !walk(it.Key(), depth+1, nodes) || !walk(it.Value(), depth+1, nodes) {
				return false
			}
		}
	case reflect.String:
		*nodes += v.Len() / 256
	}
	return true
}

// simple reports whether values of the kind hold no others.
func simple(k reflect.Kind) bool { return k >= reflect.Bool && k <= reflect.Complex128 }

// printer writes a value as fmt's %+v does, up to a length.
type printer struct {
	b    strings.Builder
	open map[place]bool // maps and slices that are being written
}

// place is a map or slice in memory.
type place struct {
	pointer uintptr
	length  int
	typ     reflect.Type
}

func (p *printer) full() bool { return p.b.Len() > 2*maxText }

// value writes v; depth is 0 for the value itself.
func (p *printer) value(v reflect.Value, depth int) {
	switch {
	case p.full():
		return
	case !v.IsValid():
		p.b.WriteString("<nil>")
		return
	case depth > maxDepth:
		p.b.WriteString("...")
		return
	case depth > 0 && v.CanInterface() && hasText(v):
		fmt.Fprintf(&p.b, "%+v", v.Interface())
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		p.value(v.Elem(), depth+1)
	case reflect.Pointer:
		p.pointer(v, depth)
	case reflect.Struct:
		p.structure(v, depth)
	case reflect.Map, reflect.Slice:
		at := place{v.Pointer(), v.Len(), v.Type()}
		if v.Len() > 0 && p.open[at] {
			p.b.WriteString("...")
			return
		}
		p.open[at] = true
		defer delete(p.open, at)
		if v.Kind() == reflect.Map {
			p.mapping(v, depth)
		} else {
			p.list(v, depth)
		}
	case reflect.Array:
		p.list(v, depth)
	default:
		fmt.Fprintf(&p.b, "%v", v)
	}
}

// hasText reports whether fmt asks the value for its text.
func hasText(v reflect.Value) bool {
	switch v.Interface().(type) {
	case fmt.Stringer, fmt.Formatter, error:
		return true
	}
	return false
}

func (p *printer) pointer(v reflect.Value, depth int) {
	if v.IsNil() {
		p.b.WriteString("<nil>")
		return
	}
	k := v.Elem().Kind()
	if depth > 0 || k != reflect.Struct && k != reflect.Map && k != reflect.Slice && k != reflect.Array {
		fmt.Fprintf(&p.b, "%#x", v.Pointer()) // as an address
		return
	}
	p.b.WriteByte('&')
	p.value(v.Elem(), depth+1)
}

func (p *printer) structure(v reflect.Value, depth int) {
	p.b.WriteByte('{')
	for i := range v.NumField() {
		if i > 0 {
			p.b.WriteByte(' ')
		}
		p.b.WriteString(fieldName(v.Type().Field(i).Name) + ":")
		p.value(v.Field(i), depth+1)
	}
	p.b.WriteByte('}')
}

func (p *printer) list(v reflect.Value, depth int) {
	p.b.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			p.b.WriteByte(' ')
		}
		if i == maxElements {
			fmt.Fprintf(&p.b, "... (%d elements)", v.Len())
			break
		}
		p.value(v.Index(i), depth+1)
	}
	p.b.WriteByte(']')
}

func (p *printer) mapping(v reflect.Value, depth int) {
	p.b.WriteString("map[")
	all := sortedEntries(v)
	for i, e := range all {
		if i > 0 {
			p.b.WriteByte(' ')
		}
		if i == maxElements {
			fmt.Fprintf(&p.b, "... (%d entries)", len(all))
			break
		}
		p.value(e.key, depth+1)
		p.b.WriteByte(':')
		p.value(e.value, depth+1)
	}
	p.b.WriteByte(']')
}

type entry struct{ key, value reflect.Value }

// sortedEntries orders numbers and strings by value, other keys by their text.
func sortedEntries(v reflect.Value) []entry {
	var all []entry
	for it := v.MapRange(); it.Next(); {
		all = append(all, entry{it.Key(), it.Value()})
	}
	k := v.Type().Key().Kind()
	slices.SortFunc(all, func(x, y entry) int {
		a, b := x.key, y.key
		switch {
		case k >= reflect.Int && k <= reflect.Int64:
			return cmp.Compare(a.Int(), b.Int())
		case k >= reflect.Uint && k <= reflect.Uintptr:
			return cmp.Compare(a.Uint(), b.Uint())
		case k == reflect.Float32 || k == reflect.Float64:
			return cmp.Compare(a.Float(), b.Float())
		case k == reflect.String:
			return cmp.Compare(a.String(), b.String())
		}
		return cmp.Compare(keyText(a), keyText(b))
	})
	return all
}

func keyText(v reflect.Value) string {
	p := &printer{open: map[place]bool{}}
	p.value(v, 1)
	return strconv.Itoa(int(v.Kind())) + p.b.String()
}
