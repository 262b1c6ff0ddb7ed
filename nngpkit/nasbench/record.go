package nasbench

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/internal/printable"
)

// record is one line of a published file, decoded: one training run.
type record struct {
	hash   [16]byte
	spec   Spec
	epochs int32
	metrics
}

// maxEpochs bounds a record's budget, against nonsense.
const maxEpochs = 1 << 20

// recordFields are the five parts of a record's JSON array. The slices may
// share memory with the payload or the scratch buffer.
type recordFields struct {
	hash, digits, ops []byte
	epochs            int64
	metrics           []byte // decoded from base64
}

// decodeRecord decodes a payload. scratch is memory to reuse; it is returned,
// perhaps grown.
func decodeRecord(payload, scratch []byte) (record, []byte, error) {
	f, scratch, ok := scanRecord(payload, scratch)
	if !ok {
		var err error
		if f, err = unmarshalRecord(payload); err != nil {
			return record{}, scratch, err
		}
	}
	var r record
	if len(f.hash) != 32 {
		return r, scratch, fmt.Errorf("hash %s: want 32 hexadecimal digits", printable.Quote(string(f.hash)))
	}
	if _, err := hex.Decode(r.hash[:], f.hash); err != nil {
		return r, scratch, fmt.Errorf("hash %s: want 32 hexadecimal digits", printable.Quote(string(f.hash)))
	}
	if f.epochs < 1 || f.epochs > maxEpochs {
		return r, scratch, fmt.Errorf("%d epochs", f.epochs)
	}
	r.epochs = int32(f.epochs)
	if r.spec, ok = scanCell(f.digits, f.ops); !ok {
		var err error
		if r.spec, err = Parse(string(f.digits), string(f.ops)); err != nil {
			return r, scratch, err
		}
	}
	var err error
	if r.metrics, err = decodeMetrics(f.metrics); err != nil {
		return r, scratch, fmt.Errorf("metrics: %w", err)
	}
	if r.parameters <= 0 {
		return r, scratch, fmt.Errorf("metrics: %d trainable parameters", r.parameters)
	}
	return r, scratch, nil
}

// unmarshalRecord reads a payload by encoding/json and encoding/base64: any
// JSON array of the five values.
func unmarshalRecord(payload []byte) (recordFields, error) {
	var f recordFields
	var parts []json.RawMessage
	if err := json.Unmarshal(payload, &parts); err != nil {
		return f, fmt.Errorf("JSON: %w", err)
	}
	if len(parts) != 5 {
		return f, fmt.Errorf("a JSON array of %d values, want 5: hash, epochs, matrix, operations, metrics", len(parts))
	}
	var text [5]string
	for i, name := range [...]string{"hash", "epochs", "matrix", "operations", "metrics"} {
		var err error
		switch {
		case bytes.Equal(parts[i], []byte("null")):
			err = errors.New("is null")
		case i == 1:
			err = json.Unmarshal(parts[i], &f.epochs)
		default:
			err = json.Unmarshal(parts[i], &text[i])
		}
		if err != nil {
			return f, fmt.Errorf("%s: %w", name, err)
		}
	}
	m, err := base64.StdEncoding.DecodeString(text[4])
	if err != nil {
		return f, fmt.Errorf("metrics: %w", err)
	}
	f.hash, f.digits, f.ops, f.metrics = []byte(text[0]), []byte(text[2]), []byte(text[3]), m
	return f, nil
}

// scanRecord reads a payload in the one shape that all known files have: an
// array of a string, a whole number and three strings, without escapes but
// for the line ends "\n" that Python's base64 writes every 76 characters. It
// is an order of magnitude faster than encoding/json. It says false for
// anything else, right or wrong: unmarshalRecord decides that.
func scanRecord(p, scratch []byte) (recordFields, []byte, bool) {
	var f recordFields
	s := scanner{p: p}
	ok := s.byte('[') && s.text(&f.hash) && s.byte(',') && s.number(&f.epochs) && s.byte(',') &&
		s.text(&f.digits) && s.byte(',') && s.text(&f.ops) && s.byte(',') && s.base64(&f.metrics, &scratch) && s.byte(']')
	if !ok {
		return f, scratch, false
	}
	s.space()
	return f, scratch, s.i == len(p)
}

// scanner is a position in a payload; its methods pass over white space
// first, and say false where something else follows.
type scanner struct {
	p []byte
	i int
}

func (s *scanner) space() {
	for s.i < len(s.p) && (s.p[s.i] == ' ' || s.p[s.i] == '\n' || s.p[s.i] == '\r' || s.p[s.i] == '\t') {
		s.i++
	}
}

func (s *scanner) byte(c byte) bool {
	s.space()
	if s.i < len(s.p) && s.p[s.i] == c {
		s.i++
		return true
	}
	return false
}

// text reads a string of printable ASCII without escapes.
func (s *scanner) text(dst *[]byte) bool {
	if !s.byte('"') {
		return false
	}
	start := s.i
	for ; s.i < len(s.p); s.i++ {
		switch c := s.p[s.i]; {
		case c == '"':
			*dst = s.p[start:s.i]
			s.i++
			return true
		case c < ' ' || c > '~' || c == '\\':
			return false
		}
	}
	return false
}

// number reads a whole number of up to nine digits without a leading zero.
func (s *scanner) number(dst *int64) bool {
	s.space()
	start := s.i
	var v int64
	for s.i < len(s.p) && s.p[s.i] >= '0' && s.p[s.i] <= '9' && s.i < start+10 {
		v = v*10 + int64(s.p[s.i]-'0')
		s.i++
	}
	*dst = v
	n := s.i - start
	return n > 0 && n < 10 && (n == 1 || s.p[start] != '0')
}

// base64Value holds the value of each character shifted to its place in a
// group of four; a bit beyond the 24 marks the others.
var base64Value = func() (t [4][256]uint32) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for place := range t {
		for c := range t[place] {
			t[place][c] = 1 << 31
		}
		for v := range alphabet {
			t[place][alphabet[v]] = uint32(v) << (18 - 6*place)
		}
	}
	return t
}()

// base64 reads a string of base64 in whole lines of groups of four, decoded
// into the scratch memory.
func (s *scanner) base64(dst, scratch *[]byte) bool {
	if !s.byte('"') {
		return false
	}
	p, i := s.p, s.i
	out := (*scratch)[:0]
	for i+4 <= len(p) {
		v := base64Value[0][p[i]] | base64Value[1][p[i+1]] | base64Value[2][p[i+2]] | base64Value[3][p[i+3]]
		if v < 1<<24 {
			out = append(out, byte(v>>16), byte(v>>8), byte(v))
			i += 4
			continue
		}
		if p[i] == '\\' && p[i+1] == 'n' {
			i += 2
			continue
		}
		break
	}
	i, out = base64Tail(p, i, out)
	for i+1 < len(p) && p[i] == '\\' && p[i+1] == 'n' {
		i += 2
	}
	*scratch = out
	if i >= len(p) || p[i] != '"' {
		return false
	}
	s.i, *dst = i+1, out
	return true
}

// base64Tail decodes a last group with one or two padding characters, if one
// is at i.
func base64Tail(p []byte, i int, out []byte) (int, []byte) {
	if i+4 > len(p) || p[i+3] != '=' {
		return i, out
	}
	v := base64Value[0][p[i]] | base64Value[1][p[i+1]]
	if p[i+2] == '=' && v < 1<<24 {
		return i + 4, append(out, byte(v>>16))
	}
	if v |= base64Value[2][p[i+2]]; v < 1<<24 {
		return i + 4, append(out, byte(v>>16), byte(v>>8))
	}
	return i, out
}

// opByName is ParseOp for the full names, by their bytes.
func opByName(name []byte) (Op, bool) {
	switch string(name) {
	case "conv3x3-bn-relu":
		return Conv3x3, true
	case "conv1x1-bn-relu":
		return Conv1x1, true
	case "maxpool3x3":
		return MaxPool3x3, true
	case "input":
		return Input, true
	case "output":
		return Output, true
	}
	return 0, false
}

// scanCell reads a cell in the layout of the published files, V*V digits and
// names separated by commas, already pruned. It says false for anything else,
// right or wrong: Parse decides that.
func scanCell(digits, ops []byte) (Spec, bool) {
	var s Spec
	n := 2
	for n < MaxVertices && n*n < len(digits) {
		n++
	}
	if n*n != len(digits) {
		return s, false
	}
	s.n = uint8(n)
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			d := digits[i*n+j] - '0'
			if d > 1 || d == 1 && j <= i {
				return s, false
			}
			s.adj[i] |= d << j
		}
	}
	for v := 0; v < n; v++ {
		name, rest, more := bytes.Cut(ops, []byte{','})
		o, ok := opByName(name)
		if !ok || more != (v < n-1) {
			return s, false
		}
		s.ops[v], ops = o, rest
	}
	if s.ops[0] != Input || s.ops[n-1] != Output || !s.full() || s.Edges() > MaxEdges {
		return s, false
	}
	for v := 1; v < n-1; v++ {
		if !s.ops[v].inner() {
			return s, false
		}
	}
	return s, true
}
