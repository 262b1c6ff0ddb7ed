// Package nanjson writes structs as JSON in which a float that is no finite
// number is null: encoding/json refuses NaN, and statistics need it.
package nanjson

import (
	"bytes"
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"strings"
)

// Marshal returns v as JSON as encoding/json would, but with null for NaN and
// for infinities. Values that bring their own MarshalJSON or MarshalText are
// asked, except v itself, so that a type's MarshalJSON can call Marshal on its
// receiver.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	err := write(&b, reflect.ValueOf(v), true)
	return b.Bytes(), err
}

// MarshalValue is Marshal of a value that is asked for its own form like those
// within it: for a container that writes what it holds.
func MarshalValue(v any) ([]byte, error) {
	var b bytes.Buffer
	err := write(&b, reflect.ValueOf(v), false)
	return b.Bytes(), err
}

// Finite returns a pointer to x, or nil for what JSON cannot hold: a field of that
// type with omitempty is then left out.
func Finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func write(b *bytes.Buffer, v reflect.Value, top bool) error {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			b.WriteString("null")
			return nil
		}
		if !top && asksItself(v) {
			break
		}
		v = v.Elem()
	}
	if v.IsValid() && !top && asksItself(v) {
		return plain(b, v)
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			b.WriteString("null")
			return nil
		}
		return plain(b, v)
	case reflect.Struct:
		b.WriteByte('{')
		first := true
		if err := fields(b, v, &first); err != nil {
			return err
		}
		b.WriteByte('}')
		return nil
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && (v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8) {
			return plain(b, v)
		}
		b.WriteByte('[')
		for i := 0; i < v.Len(); i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := write(b, v.Index(i), false); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	return plain(b, v)
}

func asksItself(v reflect.Value) bool {
	t := v.Type()
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

func plain(b *bytes.Buffer, v reflect.Value) error {
	if !v.IsValid() {
		b.WriteString("null")
		return nil
	}
	j, err := json.Marshal(v.Interface())
	b.Write(j)
	return err
}

// fields writes the exported fields of v by the rules of encoding/json's tags:
// a name, "-", omitempty; embedded structs without a tag are flattened.
func fields(b *bytes.Buffer, v reflect.Value, first *bool) error {
	t := v.Type()
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		flat := f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct
		if !f.IsExported() && !flat || name == "-" {
			continue
		}
		if flat {
			if err := fields(b, v.Field(i), first); err != nil {
				return err
			}
			continue
		}
		if strings.Contains(opts, "omitempty") && empty(v.Field(i)) {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if !*first {
			b.WriteByte(',')
		}
		*first = false
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		b.Write(key)
		b.WriteByte(':')
		if err := write(b, v.Field(i), false); err != nil {
			return err
		}
	}
	return nil
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
