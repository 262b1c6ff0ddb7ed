package flatparquet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// value is a decoded value of Thrift's compact protocol, in the part of it
// that its type says: whole numbers and truth values in num, text in text,
// lists and structures in their own.
type value struct {
	num    int64
	text   []byte
	list   []value
	fields map[int16]value
}

// Types of the compact protocol.
const (
	typeTrue   = 1
	typeFalse  = 2
	typeByte   = 3
	typeI16    = 4
	typeI32    = 5
	typeI64    = 6
	typeDouble = 7
	typeText   = 8
	typeList   = 9
	typeSet    = 10
	typeMap    = 11
	typeStruct = 12
)

// maxDepth bounds how deep values nest; Parquet's own nest to six.
const maxDepth = 16

var errEnd = errors.New("it ends inside a value")

// thrift is a cursor over encoded values. What it decodes takes memory in
// proportion to the bytes that it passes over, whatever these claim.
type thrift struct{ b []byte }

func (t *thrift) byte() (byte, error) {
	if len(t.b) == 0 {
		return 0, errEnd
	}
	c := t.b[0]
	t.b = t.b[1:]
	return c, nil
}

func (t *thrift) uvarint() (uint64, error) {
	v, n := binary.Uvarint(t.b)
	if n <= 0 {
		return 0, errEnd
	}
	t.b = t.b[n:]
	return v, nil
}

func (t *thrift) varint() (int64, error) {
	v, n := binary.Varint(t.b) // zigzag, as Thrift's
	if n <= 0 {
		return 0, errEnd
	}
	t.b = t.b[n:]
	return v, nil
}

// take returns the next n bytes.
func (t *thrift) take(n uint64) ([]byte, error) {
	if n > uint64(len(t.b)) {
		return nil, errEnd
	}
	v := t.b[:n:n]
	t.b = t.b[n:]
	return v, nil
}

// value decodes a value of the given type outside a structure's field.
func (t *thrift) value(kind byte, depth int) (v value, err error) {
	if depth > maxDepth {
		return v, fmt.Errorf("values nest more than %d deep", maxDepth)
	}
	switch kind {
	case typeTrue, typeFalse, typeByte: // in a list a truth value is a byte too
		c, err := t.byte()
		return value{num: int64(int8(c))}, err
	case typeI16, typeI32, typeI64:
		v.num, err = t.varint()
	case typeDouble:
		v.text, err = t.take(8)
	case typeText:
		var n uint64
		if n, err = t.uvarint(); err == nil {
			v.text, err = t.take(n)
		}
	case typeList, typeSet:
		v.list, err = t.elements(depth)
	case typeMap:
		v.list, err = t.pairs(depth)
	case typeStruct:
		v.fields, err = t.structure(depth)
	default:
		err = fmt.Errorf("a value of type %d", kind)
	}
	return v, err
}

func (t *thrift) elements(depth int) ([]value, error) {
	head, err := t.byte()
	if err != nil {
		return nil, err
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = t.uvarint(); err != nil {
			return nil, err
		}
	}
	return t.values(n, depth, head&15)
}

func (t *thrift) pairs(depth int) ([]value, error) {
	n, err := t.uvarint()
	if n == 0 || err != nil {
		return nil, err
	}
	kinds, err := t.byte()
	if err != nil {
		return nil, err
	}
	return t.values(n, depth, kinds>>4, kinds&15)
}

// values decodes n values of each of the kinds in turn. Each takes at least a
// byte.
func (t *thrift) values(n uint64, depth int, kinds ...byte) (list []value, err error) {
	if n > uint64(len(t.b)) {
		return nil, errEnd
	}
	for ; n > 0; n-- {
		for _, k := range kinds {
			v, err := t.value(k, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
	}
	return list, nil
}

// structure decodes the fields up to the stop that ends them.
func (t *thrift) structure(depth int) (map[int16]value, error) {
	fields := map[int16]value{}
	var id int64
	for {
		head, err := t.byte()
		if err != nil {
			return nil, err
		}
		if head == 0 {
			return fields, nil
		}
		if delta := head >> 4; delta > 0 {
			id += int64(delta)
		} else if id, err = t.varint(); err != nil {
			return nil, err
		}
		if id < 0 || id > 1<<14 {
			return nil, fmt.Errorf("field %d", id)
		}
		var v value
		switch kind := head & 15; kind {
		case typeTrue:
			v.num = 1
		case typeFalse:
		default:
			if v, err = t.value(kind, depth+1); err != nil {
				return nil, err
			}
		}
		fields[int16(id)] = v
	}
}
