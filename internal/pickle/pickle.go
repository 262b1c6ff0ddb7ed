// Package pickle reads Python pickles that hold plain data: numbers, texts, lists,
// tuples, dictionaries, and NumPy arrays of integers. It runs nothing: of the names
// that a pickle may call, it knows the three by which NumPy writes an array, and
// refuses all others.
package pickle

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/nngplab/nngplab/internal/printable"
)

// Dict is a dictionary, in the order of the pickle.
type Dict []Item

// Item is an entry of a dictionary.
type Item struct{ Key, Value any }

// Get returns the value of a key that is a text, and false where there is none.
func (d Dict) Get(key string) (any, bool) {
	for _, i := range d {
		if i.Key == key {
			return i.Value, true
		}
	}
	return nil, false
}

// Tuple is a tuple.
type Tuple []any

// List is a list. Lists are shared where the pickle shares them.
type List struct{ Items []any }

// Array is a NumPy array of integers, row after row.
type Array struct {
	Shape  []int
	Values []int64
}

// maxDepth bounds how many values wait on the stack: those of a pickle of tables are few.
const maxDepth = 1 << 20

// Read returns what a pickle of protocol 2 to 5 holds: nil, bool, int64, float64,
// string, []byte, Tuple, *List, *Dict or *Array. Its error names the byte at which
// something is wrong.
func Read(data []byte) (any, error) {
	m := &machine{data: data, memo: map[int]any{}}
	v, err := m.run()
	if err != nil {
		return nil, fmt.Errorf("pickle: byte %d: %w", m.start, err)
	}
	return v, nil
}

// machine is the state of reading.
type machine struct {
	data      []byte
	at, start int // the next byte, and the first of the operation at hand
	stack     []any
	memo      map[int]any
}

// mark is what MARK puts on the stack; global is a name; dtype is a NumPy type.
type (
	mark   struct{}
	global string
	dtype  struct {
		size int
		big  bool
	}
)

// The globals that are known.
const (
	reconstruct global = "_reconstruct"
	ndarray     global = "ndarray"
	dtypeName   global = "dtype"
)

func findGlobal(module, name string) (global, error) {
	switch module + " " + name {
	case "numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct":
		return reconstruct, nil
	case "numpy ndarray":
		return ndarray, nil
	case "numpy dtype":
		return dtypeName, nil
	}
	return "", fmt.Errorf("it names %s, which is not read: data alone are", printable.Quote(module+"."+name))
}

func (m *machine) run() (any, error) {
	for {
		m.start = m.at
		op, err := m.take(1)
		if err != nil {
			return nil, err
		}
		if op[0] == '.' {
			v, err := m.pop()
			if err == nil && len(m.stack) > 0 {
				err = fmt.Errorf("%d values are left over", len(m.stack))
			}
			return v, err
		}
		if err := m.step(op[0]); err != nil {
			return nil, err
		}
		if len(m.stack) > maxDepth {
			return nil, fmt.Errorf("more than %d values wait", maxDepth)
		}
	}
}

// step runs one operation; the names are those of Python's pickletools.
func (m *machine) step(op byte) error {
	switch op {
	case 0x80: // PROTO
		p, err := m.take(1)
		if err == nil && (p[0] < 2 || p[0] > 5) {
			err = fmt.Errorf("protocol %d, want 2 to 5", p[0])
		}
		return err
	case 0x95: // FRAME
		_, err := m.take(8)
		return err
	case '(': // MARK
		m.push(mark{})
	case '0': // POP
		_, err := m.pop()
		return err
	case 'N':
		m.push(nil)
	case 0x88, 0x89: // NEWTRUE, NEWFALSE
		m.push(op == 0x88)
	case 'K', 'M', 'J', 0x8a: // BININT1, BININT2, BININT, LONG1
		return m.integer(op)
	case 'G': // BINFLOAT
		b, err := m.take(8)
		if err == nil {
			m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
		}
		return err
	case 0x8c, 'X', 'C', 'B': // SHORT_BINUNICODE, BINUNICODE, SHORT_BINBYTES, BINBYTES
		return m.text(op)
	case 'q', 'r', 0x94, 'h', 'j': // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
		return m.memoize(op)
	case '}':
		m.push(&Dict{})
	case ']':
		m.push(&List{})
	case 's', 'u', 'a', 'e': // SETITEM, SETITEMS, APPEND, APPENDS
		return m.fill(op)
	case ')', 0x85, 0x86, 0x87, 't': // EMPTY_TUPLE, TUPLE1 to TUPLE3, TUPLE
		return m.tuple(op)
	case 'c', 0x93: // GLOBAL, STACK_GLOBAL
		return m.global(op)
	case 'R': // REDUCE
		return m.reduce()
	case 'b': // BUILD
		return m.build()
	default:
		return fmt.Errorf("operation %#02x is not read: data alone are", op)
	}
	return nil
}

func (m *machine) take(n int) ([]byte, error) {
	if n < 0 || n > len(m.data)-m.at {
		return nil, fmt.Errorf("the file ends here, %d bytes are missing", n-(len(m.data)-m.at))
	}
	m.at += n
	return m.data[m.at-n : m.at], nil
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

func (m *machine) pop() (any, error) {
	if len(m.stack) == 0 {
		return nil, fmt.Errorf("a value is missing")
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	if _, ok := v.(mark); ok {
		return nil, fmt.Errorf("a value is missing")
	}
	return v, nil
}

// popMark returns what was pushed since the last MARK.
func (m *machine) popMark() ([]any, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, ok := m.stack[i].(mark); ok {
			items := append([]any(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return items, nil
		}
	}
	return nil, fmt.Errorf("a mark is missing")
}

func (m *machine) integer(op byte) error {
	size := map[byte]int{'K': 1, 'M': 2, 'J': 4, 0x8a: 1}[op]
	b, err := m.take(size)
	if err != nil {
		return err
	}
	switch op {
	case 'K':
		m.push(int64(b[0]))
	case 'M':
		m.push(int64(binary.LittleEndian.Uint16(b)))
	case 'J':
		m.push(int64(int32(binary.LittleEndian.Uint32(b))))
	default: // two's complement of so many bytes
		if b, err = m.take(int(b[0])); err != nil {
			return err
		}
		if len(b) > 8 {
			return fmt.Errorf("an integer of %d bytes, at most 8 are read", len(b))
		}
		var v int64
		for i, c := range b {
			v |= int64(c) << (8 * i)
		}
		if n := len(b); n > 0 && n < 8 && b[n-1] >= 0x80 {
			v -= 1 << (8 * n)
		}
		m.push(v)
	}
	return nil
}

func (m *machine) text(op byte) error {
	size := 4
	if op == 0x8c || op == 'C' {
		size = 1
	}
	b, err := m.take(size)
	if err != nil {
		return err
	}
	n := int(b[0])
	if size == 4 {
		n = int(int32(binary.LittleEndian.Uint32(b)))
	}
	if b, err = m.take(n); err != nil {
		return err
	}
	if op == 'C' || op == 'B' {
		m.push(b)
		return nil
	}
	if !utf8.Valid(b) {
		return fmt.Errorf("a text is no UTF-8")
	}
	m.push(string(b))
	return nil
}

func (m *machine) memoize(op byte) error {
	size := map[byte]int{'q': 1, 'h': 1, 'r': 4, 'j': 4}[op]
	b, err := m.take(size)
	if err != nil {
		return err
	}
	i := len(m.memo)
	switch size {
	case 1:
		i = int(b[0])
	case 4:
		i = int(binary.LittleEndian.Uint32(b))
	}
	if op == 'h' || op == 'j' {
		v, ok := m.memo[i]
		if !ok {
			return fmt.Errorf("there is no value %d to repeat", i)
		}
		m.push(v)
		return nil
	}
	v, err := m.pop()
	if err != nil {
		return err
	}
	m.memo[i] = v
	m.push(v)
	return nil
}

// fill adds entries to the dictionary or the list below them.
func (m *machine) fill(op byte) error {
	var items []any
	var err error
	switch op {
	case 'u', 'e':
		items, err = m.popMark()
	case 's':
		items = make([]any, 2)
		if items[1], err = m.pop(); err == nil {
			items[0], err = m.pop()
		}
	default:
		items = make([]any, 1)
		items[0], err = m.pop()
	}
	if err != nil {
		return err
	}
	to, err := m.pop()
	if err != nil {
		return err
	}
	switch to := to.(type) {
	case *List:
		if op != 'a' && op != 'e' {
			return fmt.Errorf("a list has no keys")
		}
		to.Items = append(to.Items, items...)
	case *Dict:
		if op != 's' && op != 'u' || len(items)%2 != 0 {
			return fmt.Errorf("an entry of a dictionary is a key and a value")
		}
		for i := 0; i < len(items); i += 2 {
			*to = append(*to, Item{items[i], items[i+1]})
		}
	default:
		return fmt.Errorf("there is no list or dictionary to fill")
	}
	m.push(to)
	return nil
}

func (m *machine) tuple(op byte) error {
	if op == 't' {
		items, err := m.popMark()
		m.push(Tuple(items))
		return err
	}
	items := make(Tuple, map[byte]int{')': 0, 0x85: 1, 0x86: 2, 0x87: 3}[op])
	for i := len(items) - 1; i >= 0; i-- {
		v, err := m.pop()
		if err != nil {
			return err
		}
		items[i] = v
	}
	m.push(items)
	return nil
}

func (m *machine) global(op byte) error {
	var module, name string
	if op == 'c' {
		for _, to := range []*string{&module, &name} {
			line, _, found := bytes.Cut(m.data[m.at:], []byte("\n"))
			if !found {
				return fmt.Errorf("a name does not end")
			}
			*to = string(line)
			m.at += len(line) + 1
		}
	} else {
		second, err := m.pop()
		if err != nil {
			return err
		}
		first, err := m.pop()
		if err != nil {
			return err
		}
		var ok, ok2 bool
		module, ok = first.(string)
		if name, ok2 = second.(string); !ok || !ok2 {
			return fmt.Errorf("a name is no text")
		}
	}
	g, err := findGlobal(module, name)
	m.push(g)
	return err
}

// reduce calls one of the known names.
func (m *machine) reduce() error {
	a, err := m.pop()
	if err != nil {
		return err
	}
	f, err := m.pop()
	if err != nil {
		return err
	}
	args, _ := a.(Tuple)
	switch {
	case f == reconstruct && len(args) == 3 && args[0] == ndarray:
		m.push(&Array{})
		return nil
	case f == dtypeName && len(args) == 3:
		name, _ := args[0].(string)
		size := map[string]int{"i1": 1, "i2": 2, "i4": 4, "i8": 8}[name]
		if size == 0 {
			return fmt.Errorf("an array of %s is not read, those of integers are", printable.Quote(name))
		}
		m.push(&dtype{size: size})
		return nil
	}
	return fmt.Errorf("a call that is not read: data alone are")
}

// build gives an array, or a NumPy type, its state.
func (m *machine) build() error {
	s, err := m.pop()
	if err != nil {
		return err
	}
	to, err := m.pop()
	if err != nil {
		return err
	}
	state, _ := s.(Tuple)
	switch to := to.(type) {
	case *dtype:
		if len(state) < 2 {
			return fmt.Errorf("a NumPy type of another form")
		}
		to.big = state[1] == ">"
		m.push(to)
		return nil
	case *Array:
		m.push(to)
		return to.build(state)
	}
	return fmt.Errorf("a state that is not read: data alone are")
}

// build fills the array from the state that NumPy writes: version, shape, type,
// whether it is stored column after column, and the bytes.
func (a *Array) build(state Tuple) error {
	if len(state) != 5 || len(a.Values) > 0 {
		return fmt.Errorf("an array of another form")
	}
	shape, ok1 := state[1].(Tuple)
	t, ok2 := state[2].(*dtype)
	columns, ok3 := state[3].(bool)
	raw, ok4 := state[4].([]byte)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return fmt.Errorf("an array of another form")
	}
	if columns && len(shape) > 1 {
		return fmt.Errorf("an array stored column after column is not read")
	}
	size := 1
	for _, s := range shape {
		n, ok := s.(int64)
		if !ok || n < 0 || n > int64(len(raw)) {
			return fmt.Errorf("an array of the shape %v has %d bytes", shape, len(raw))
		}
		a.Shape = append(a.Shape, int(n))
		if size *= int(n); size > len(raw) {
			return fmt.Errorf("an array of the shape %v has %d bytes", shape, len(raw))
		}
	}
	if size*t.size != len(raw) {
		return fmt.Errorf("an array of the shape %v has %d bytes", shape, len(raw))
	}
	for i := 0; i < len(raw); i += t.size {
		a.Values = append(a.Values, t.value(raw[i:i+t.size]))
	}
	return nil
}

func (t *dtype) value(b []byte) int64 {
	var v uint64
	for i, c := range b {
		if t.big {
			v = v<<8 | uint64(c)
		} else {
			v |= uint64(c) << (8 * i)
		}
	}
	shift := 64 - 8*t.size
	return int64(v<<shift) >> shift
}
