package onnx

import (
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds on what is kept of a file, whatever its size: a network of thousands of
// layers is far below them.
const (
	maxText    = 1 << 16 // bytes of a name
	maxElement = 1 << 12 // elements of a tensor whose values are kept
	maxKept    = 1 << 27 // bytes of all that is kept
)

// errEnd says that a message ends in the middle of a field.
var errEnd = errors.New("the file ends within a field: a part of it is missing")

// source is a file that is read in small pieces: weights are passed over, not
// read.
type source struct {
	r     io.ReaderAt
	buf   []byte
	start int64 // of buf in the file
	kept  int64 // bytes of what was kept so far
}

// message is a part of the file that holds one message of the wire format.
type message struct {
	src     *source
	at, end int64
}

// field is one field of a message.
type field struct {
	number protowire.Number
	kind   protowire.Type
	value  uint64  // of a varint or a fixed number
	body   message // of a length-delimited field
	at     int64   // where it begins
}

// peek returns up to n bytes from place at on.
func (s *source) peek(at, end int64, n int) ([]byte, error) {
	n = int(min(int64(n), end-at))
	if n <= 0 {
		return nil, nil
	}
	if at < s.start || at+int64(n) > s.start+int64(len(s.buf)) {
		if s.buf == nil {
			s.buf = make([]byte, 0, 1<<15)
		}
		got, err := s.r.ReadAt(s.buf[:cap(s.buf)], at)
		if err != nil && err != io.EOF {
			return nil, err
		}
		s.buf, s.start = s.buf[:got], at
	}
	from := s.buf[at-s.start:]
	return from[:min(n, len(from))], nil
}

// keep counts memory that the reading takes.
func (s *source) keep(n int64) error {
	if s.kept += n; s.kept > maxKept {
		return fmt.Errorf("the graph takes more than %d bytes without its weights: too large", int64(maxKept))
	}
	return nil
}

// fields calls visit with every field of the message.
func (m message) fields(visit func(f field) error) error {
	for m.at < m.end {
		f, next, err := m.next()
		if err == nil {
			err = visit(f)
		}
		if err != nil {
			return err
		}
		m.at = next
	}
	return nil
}

// next reads the field at the beginning of what is left.
func (m message) next() (f field, after int64, err error) {
	f.at = m.at
	b, err := m.src.peek(m.at, m.end, 20)
	if err != nil {
		return f, 0, err
	}
	number, kind, n := protowire.ConsumeTag(b)
	if n < 0 {
		return f, 0, m.bad(n, len(b))
	}
	f.number, f.kind = number, kind
	b, at := b[n:], m.at+int64(n)
	switch kind {
	case protowire.VarintType:
		f.value, n = protowire.ConsumeVarint(b)
	case protowire.Fixed32Type:
		var v uint32
		v, n = protowire.ConsumeFixed32(b)
		f.value = uint64(v)
	case protowire.Fixed64Type:
		f.value, n = protowire.ConsumeFixed64(b)
	case protowire.BytesType:
		var size uint64
		size, n = protowire.ConsumeVarint(b)
		if n >= 0 {
			at += int64(n)
			if size > uint64(m.end-at) {
				return f, 0, fmt.Errorf("byte %d: %w", m.at, errEnd)
			}
			f.body = message{m.src, at, at + int64(size)}
			return f, f.body.end, nil
		}
	default:
		return f, 0, fmt.Errorf("byte %d: field %d is of a kind that the format does not have: no ONNX file, or damaged", m.at, number)
	}
	if n < 0 {
		return f, 0, m.bad(n, len(b))
	}
	return f, at + int64(n), nil
}

// bad explains a negative count of package protowire.
func (m message) bad(n, seen int) error {
	if seen < 10 && errors.Is(protowire.ParseError(n), io.ErrUnexpectedEOF) {
		return fmt.Errorf("byte %d: %w", m.at, errEnd)
	}
	return fmt.Errorf("byte %d: %w: no ONNX file, or damaged", m.at, protowire.ParseError(n))
}

// want returns an error where the field is of another kind.
func (f field) want(kind protowire.Type) error {
	if f.kind != kind {
		return fmt.Errorf("byte %d: field %d is of another kind than ONNX has there: no ONNX file, or damaged", f.at, f.number)
	}
	return nil
}

// bytes returns the body of a length-delimited field of at most limit bytes.
func (f field) bytes(limit int64) ([]byte, error) {
	if err := f.want(protowire.BytesType); err != nil {
		return nil, err
	}
	n := f.body.end - f.body.at
	if n > limit {
		return nil, fmt.Errorf("byte %d: field %d has %d bytes, more than %d", f.at, f.number, n, limit)
	}
	if err := f.body.src.keep(n + 16); err != nil {
		return nil, err
	}
	out := make([]byte, n)
	if n == 0 {
		return out, nil
	}
	if got, err := f.body.src.r.ReadAt(out, f.body.at); got < len(out) {
		if err == nil || err == io.EOF {
			err = errEnd
		}
		return nil, fmt.Errorf("byte %d: %w", f.at, err)
	}
	return out, nil
}

// text sets *to to the text of a field.
func (f field) text(to *string) error {
	b, err := f.bytes(maxText)
	*to = string(b)
	return err
}

// integer sets *to to the number of a field.
func (f field) integer(to *int64) error {
	if err := f.want(protowire.VarintType); err != nil {
		return err
	}
	*to = int64(f.value)
	return nil
}

// sub walks the message in a field.
func (f field) sub(visit func(f field) error) error {
	if err := f.want(protowire.BytesType); err != nil {
		return err
	}
	return f.body.fields(visit)
}

// integers appends the numbers of a field, packed or not, until there are limit;
// it returns how many the field has.
func (f field) integers(to *[]int64, limit int) (int, error) {
	put := func(v uint64) {
		if len(*to) < limit {
			*to = append(*to, int64(v))
		}
	}
	if f.kind == protowire.VarintType {
		put(f.value)
		return 1, nil // what it belongs to is counted, see parser.count
	}
	if err := f.want(protowire.BytesType); err != nil {
		return 0, err
	}
	m, n := f.body, 0
	for m.at < m.end && n <= limit {
		b, err := m.src.peek(m.at, m.end, 10)
		if err != nil {
			return 0, err
		}
		v, used := protowire.ConsumeVarint(b)
		if used < 0 {
			return 0, m.bad(used, len(b))
		}
		put(v)
		m.at += int64(used)
		n++
	}
	return n, m.src.keep(8 * int64(min(n, limit)))
}

// floats is integers for 32-bit floating-point numbers.
func (f field) floats(to *[]float64, limit int) (int, error) {
	if f.kind == protowire.Fixed32Type {
		if len(*to) < limit {
			*to = append(*to, float64(math.Float32frombits(uint32(f.value))))
		}
		return 1, nil
	}
	if err := f.want(protowire.BytesType); err != nil {
		return 0, err
	}
	size := f.body.end - f.body.at
	if size%4 != 0 {
		return 0, fmt.Errorf("byte %d: %d bytes are no 32-bit numbers", f.at, size)
	}
	if size/4 > int64(limit) {
		return limit + 1, nil
	}
	b, err := f.bytes(4 * int64(limit))
	if err != nil {
		return 0, err
	}
	for i := 0; i+4 <= len(b) && len(*to) < limit; i += 4 {
		v, _ := protowire.ConsumeFixed32(b[i:])
		*to = append(*to, float64(math.Float32frombits(v)))
	}
	return len(b) / 4, nil
}
