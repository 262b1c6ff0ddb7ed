package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// The types of elements of a tensor that are read.
const (
	typeFloat    = 1
	typeUint8    = 2
	typeInt8     = 3
	typeUint16   = 4
	typeInt16    = 5
	typeInt32    = 6
	typeInt64    = 7
	typeBool     = 9
	typeFloat16  = 10
	typeDouble   = 11
	typeUint32   = 12
	typeUint64   = 13
	typeBfloat16 = 16
)

// tensor is a constant: a parameter of the network, of which the shape counts
// alone, or a few numbers that say how to compute.
type tensor struct {
	name   string
	kind   int64
	dims   []int64
	values []float64 // nil where they were left behind or not in the file
	outer  *external // where they lie in another file
}

// external says where in another file the values of a tensor are.
type external struct {
	file           string
	offset, length int64
}

// size returns the number of elements, or -1 where that is out of range.
func (t *tensor) size() int64 { return product(t.dims) }

// product returns the product of sizes, or -1 where it is out of range.
func product(dims []int64) int64 {
	n := int64(1)
	for _, d := range dims {
		if d < 0 || d > 0 && n > math.MaxInt32/d {
			return -1
		}
		n *= d
	}
	return n
}

// floating tells whether the elements are floating-point numbers.
func (t *tensor) floating() bool {
	switch t.kind {
	case typeFloat, typeFloat16, typeDouble, typeBfloat16:
		return true
	}
	return false
}

// width returns the bytes of an element, 0 for types that are not read.
func width(kind int64) int {
	switch kind {
	case typeUint8, typeInt8, typeBool:
		return 1
	case typeUint16, typeInt16, typeFloat16, typeBfloat16:
		return 2
	case typeFloat, typeInt32, typeUint32:
		return 4
	case typeDouble, typeInt64, typeUint64:
		return 8
	}
	return 0
}

// tensor reads a tensor; of a large one the shape.
func (p *parser) tensor(f field) (*tensor, error) {
	t := new(tensor)
	var raw []byte
	var ints []int64
	var floats []float64
	place := map[string]string{}
	outer := false
	err := f.sub(func(f field) error {
		switch f.number {
		case 1:
			n, err := f.integers(&t.dims, 64)
			if err == nil && (n > 64 || len(t.dims) == 64) {
				err = fmt.Errorf("byte %d: a tensor of %d axes or more", f.at, 64)
			}
			return err
		case 2:
			return f.integer(&t.kind)
		case 4:
			_, err := f.floats(&floats, maxElement)
			return err
		case 5, 7, 11:
			_, err := f.integers(&ints, maxElement)
			return err
		case 8:
			return f.text(&t.name)
		case 9:
			if f.kind == protowire.BytesType && f.body.end-f.body.at <= 8*maxElement {
				var err error
				raw, err = f.bytes(8 * maxElement)
				return err
			}
			return f.want(protowire.BytesType)
		case 10:
			return p.doubles(f, &floats)
		case 13:
			return p.place(f, place)
		case 14:
			var v int64
			err := f.integer(&v)
			outer = v == 1
			return err
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.name, err)
	}
	for _, d := range t.dims {
		if d < 0 || d > math.MaxInt32 {
			return nil, fmt.Errorf("tensor %q: a size of %d", t.name, d)
		}
	}
	if outer {
		return t, t.outside(place)
	}
	return t, t.take(raw, ints, floats)
}

// doubles reads packed 64-bit floating-point numbers.
func (p *parser) doubles(f field, to *[]float64) error {
	if f.kind == protowire.Fixed64Type {
		if len(*to) < maxElement {
			*to = append(*to, math.Float64frombits(f.value))
		}
		return nil
	}
	if err := f.want(protowire.BytesType); err != nil || f.body.end-f.body.at > 8*maxElement {
		return err
	}
	b, err := f.bytes(8 * maxElement)
	for i := 0; i+8 <= len(b) && len(*to) < maxElement; i += 8 {
		*to = append(*to, math.Float64frombits(binary.LittleEndian.Uint64(b[i:])))
	}
	return err
}

// place reads a pair of what says where external data lie.
func (p *parser) place(f field, to map[string]string) error {
	var key, value string
	err := f.sub(func(f field) error {
		switch f.number {
		case 1:
			return f.text(&key)
		case 2:
			return f.text(&value)
		}
		return nil
	})
	if len(to) < 16 {
		to[key] = value
	}
	return err
}

// outside says where the values of the tensor lie.
func (t *tensor) outside(place map[string]string) error {
	e := &external{file: place["location"], length: -1}
	for _, v := range []struct {
		key string
		to  *int64
	}{{"offset", &e.offset}, {"length", &e.length}} {
		if place[v.key] == "" {
			continue
		}
		n, err := strconv.ParseInt(place[v.key], 10, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("tensor %q: external data with %s %q", t.name, v.key, place[v.key])
		}
		*v.to = n
	}
	t.outer = e
	return nil
}

// take keeps the values of a small tensor, in whichever form they are.
func (t *tensor) take(raw []byte, ints []int64, floats []float64) error {
	n := t.size()
	if n < 0 || n > maxElement || n == 0 {
		if n == 0 {
			t.values = []float64{}
		}
		return nil
	}
	switch {
	case raw != nil:
		w := int64(width(t.kind))
		if w == 0 {
			return nil
		}
		if int64(len(raw)) != w*n {
			return fmt.Errorf("tensor %q: %d bytes for %d elements of %d", t.name, len(raw), n, w)
		}
		t.values = decode(raw, t.kind)
	case len(ints) > 0:
		if int64(len(ints)) != n {
			return fmt.Errorf("tensor %q: %d values for %d elements", t.name, len(ints), n)
		}
		for _, v := range ints {
			t.values = append(t.values, element(t.kind, uint64(v)))
		}
	case len(floats) > 0:
		if int64(len(floats)) != n {
			return fmt.Errorf("tensor %q: %d values for %d elements", t.name, len(floats), n)
		}
		t.values = floats
	}
	return nil
}

// decode returns the elements that are packed in bytes.
func decode(raw []byte, kind int64) []float64 {
	w := width(kind)
	var out []float64
	for i := 0; i+w <= len(raw); i += w {
		var bits uint64
		for k := w - 1; k >= 0; k-- {
			bits = bits<<8 | uint64(raw[i+k])
		}
		out = append(out, element(kind, bits))
	}
	return out
}

// element returns the number that the bits of an element stand for.
func element(kind int64, bits uint64) float64 {
	switch kind {
	case typeFloat:
		return float64(math.Float32frombits(uint32(bits)))
	case typeDouble:
		return math.Float64frombits(bits)
	case typeFloat16:
		return half(uint16(bits))
	case typeBfloat16:
		return float64(math.Float32frombits(uint32(bits) << 16))
	case typeInt8:
		return float64(int8(bits))
	case typeInt16:
		return float64(int16(bits))
	case typeInt32:
		return float64(int32(bits))
	case typeInt64:
		return float64(int64(bits))
	}
	return float64(bits)
}

// half returns the value of a 16-bit floating-point number (IEEE 754).
func half(b uint16) float64 {
	sign := 1.0
	if b>>15 == 1 {
		sign = -1
	}
	exponent, fraction := int(b>>10&31), float64(b&1023)/1024
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -14)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	}
	return sign * math.Ldexp(1+fraction, exponent-15)
}
