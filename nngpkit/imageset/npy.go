package imageset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// array is a NumPy array as its header describes it (the .npy format, versions 1 to
// 3, of NumPy's NEP 1).
type array struct {
	kind    byte // of 'u' unsigned, 'i' signed, 'f' floating-point, 'b' truth, 'U' and 'S' text
	width   int  // bytes of an element; characters of a 'U'
	order   binary.ByteOrder
	fortran bool
	shape   []int
}

const (
	npyMagic     = "\x93NUMPY"
	maxNpyHeader = 1 << 16
	maxElements  = 1 << 32
)

var (
	npyType    = regexp.MustCompile(`'descr':\s*'([<>|=]?)([a-zA-Z])([0-9]+)'`)
	npyFortran = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape':\s*\(([0-9,\sL]*)\)`)
)

// readHeader reads the header of an array.
func readHeader(r io.Reader) (*array, error) {
	start := make([]byte, 8)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:6]) != npyMagic {
		return nil, errors.New("no NumPy array: its beginning is another one")
	}
	var size int
	switch start[6] {
	case 1:
		b := make([]byte, 2)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, errors.New("the header is cut off")
		}
		size = int(binary.LittleEndian.Uint16(b))
	case 2, 3:
		b := make([]byte, 4)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, errors.New("the header is cut off")
		}
		if n := binary.LittleEndian.Uint32(b); n > maxNpyHeader {
			return nil, fmt.Errorf("a header of %d bytes", n)
		}
		size = int(binary.LittleEndian.Uint32(b))
	default:
		return nil, fmt.Errorf("version %d.%d of the format: 1 to 3 are known", start[6], start[7])
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, errors.New("the header is cut off")
	}
	return parseHeader(string(b))
}

func parseHeader(text string) (*array, error) {
	kind, fortran, shape := npyType.FindStringSubmatch(text), npyFortran.FindStringSubmatch(text), npyShape.FindStringSubmatch(text)
	if strings.Contains(text, "'|O'") {
		return nil, errors.New("it holds Python objects, which are not read: save an array of numbers")
	}
	if kind == nil || fortran == nil || shape == nil {
		return nil, fmt.Errorf("a header that says %q", clip(text))
	}
	a := &array{kind: kind[2][0], order: binary.LittleEndian, fortran: fortran[1] == "True", shape: []int{}}
	if kind[1] == ">" {
		a.order = binary.BigEndian
	}
	width, err := strconv.Atoi(kind[3])
	if err != nil || width < 1 || width > 1<<12 {
		return nil, fmt.Errorf("elements of %s bytes", kind[3])
	}
	a.width = width
	total := 1
	for _, part := range strings.Split(shape[1], ",") {
		part = strings.TrimSuffix(strings.TrimSpace(part), "L")
		if part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || n > 0 && total > maxElements/n {
			return nil, fmt.Errorf("a shape of (%s)", shape[1])
		}
		total *= n
		a.shape = append(a.shape, n)
	}
	return a, nil
}

func clip(text string) string {
	if len(text) > 200 {
		return text[:200] + "..."
	}
	return text
}

// bytes returns the size of an element.
func (a *array) bytes() int {
	if a.kind == 'U' {
		return 4 * a.width
	}
	return a.width
}

// name is the type as NumPy writes it.
func (a *array) name() string { return fmt.Sprintf("%c%d", a.kind, a.width) }

// number returns a function that reads an element, nil for types without one.
func (a *array) number() func(b []byte) float64 {
	o := a.order
	switch a.name() {
	case "u1", "b1":
		return func(b []byte) float64 { return float64(b[0]) }
	case "i1":
		return func(b []byte) float64 { return float64(int8(b[0])) }
	case "u2":
		return func(b []byte) float64 { return float64(o.Uint16(b)) }
	case "i2":
		return func(b []byte) float64 { return float64(int16(o.Uint16(b))) }
	case "u4":
		return func(b []byte) float64 { return float64(o.Uint32(b)) }
	case "i4":
		return func(b []byte) float64 { return float64(int32(o.Uint32(b))) }
	case "u8":
		return func(b []byte) float64 { return float64(o.Uint64(b)) }
	case "i8":
		return func(b []byte) float64 { return float64(int64(o.Uint64(b))) }
	case "f4":
		return func(b []byte) float64 { return float64(math.Float32frombits(o.Uint32(b))) }
	case "f8":
		return func(b []byte) float64 { return math.Float64frombits(o.Uint64(b)) }
	}
	return nil
}

// rows calls visit with the bytes of each entry along the first axis. Memory is
// that of one of them.
func (a *array) rows(r io.Reader, visit func(i int, b []byte) error) error {
	if len(a.shape) == 0 {
		return errors.New("a single number")
	}
	size := a.bytes()
	for _, s := range a.shape[1:] {
		size *= s
	}
	if size > 1<<30 {
		return fmt.Errorf("entries of %d bytes", size)
	}
	buf := make([]byte, size)
	for i := range a.shape[0] {
		if _, err := io.ReadFull(r, buf); err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				err = errors.New("the data end here")
			}
			return fmt.Errorf("entry %d of %d: %w", i, a.shape[0], err)
		}
		if err := visit(i, buf); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
	if n, _ := io.ReadFull(r, buf[:min(1, len(buf))]); n > 0 {
		return fmt.Errorf("more data than the %d entries of the header", a.shape[0])
	}
	return nil
}
