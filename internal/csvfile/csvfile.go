// Package csvfile reads comma-separated files that come from outside: with or
// without a byte order mark, and in memory that follows what a table has use
// for, not what a file without an end of line sends.
package csvfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Limits of one record: a row with all its quoted line ends.
const (
	MaxRecord = 16 << 20 // bytes
	MaxFields = 1 << 20
)

// Reader reads records. Its errors are those of encoding/csv.
type Reader struct {
	*csv.Reader
	in   *bounded
	skip int64 // bytes of the byte order mark
	line int   // where the next record begins, blank lines apart
}

var bom = []byte("\ufeff")

// NewReader returns a Reader of what r holds.
func NewReader(r io.Reader) *Reader {
	in := &bounded{r: bufio.NewReaderSize(r, 1<<16)}
	if head, _ := in.r.Peek(len(bom)); bytes.Equal(head, bom) {
		_, _ = in.r.Discard(len(bom)) // it was peeked at
		in.skip = int64(len(bom))
	}
	if head, _ := in.r.Peek(2); string(head) == "\xff\xfe" || string(head) == "\xfe\xff" {
		in.bad = errors.New("the file is in UTF-16, as some programs export it: save it in UTF-8")
	}
	return &Reader{Reader: csv.NewReader(in), in: in, skip: in.skip, line: 1}
}

// Offset returns the offset in the file of the byte after the last record.
func (r *Reader) Offset() int64 { return r.InputOffset() + r.skip }

// Read returns the next record. One beyond the limits is a *csv.ParseError
// that names the line on which it begins.
func (r *Reader) Read() ([]string, error) {
	r.in.bytes, r.in.commas, r.in.comma = 0, 0, []byte(string(r.Comma))
	rec, err := r.Reader.Read()
	if err != nil {
		var long *tooLong
		if errors.As(err, &long) {
			return nil, &csv.ParseError{StartLine: r.line, Line: r.line, Column: 1, Err: long}
		}
		return rec, err
	}
	last := len(rec) - 1
	line, _ := r.FieldPos(last)
	r.line = line + strings.Count(rec[last], "\n") + 1
	return rec, nil
}

// tooLong says that a record is beyond the limits.
type tooLong struct{ what string }

// TooLong reports whether a record was beyond the limits: what follows on its line
// cannot be told from records.
func TooLong(err error) bool {
	var long *tooLong
	return errors.As(err, &long)
}

func (e *tooLong) Error() string { return "the line is too long: " + e.what }

// bounded ends with an error where one record takes more than the limits. The
// CSV reader reads ahead by a few kilobytes, which counts for the earlier one.
type bounded struct {
	r             *bufio.Reader
	skip          int64
	bytes, commas int
	comma         []byte // what separates fields
	bad           error  // why nothing is read
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.bad != nil {
		return 0, b.bad
	}
	if b.bytes > MaxRecord {
		return 0, &tooLong{fmt.Sprintf("more than %d bytes", MaxRecord)}
	}
	if b.commas > MaxFields {
		return 0, &tooLong{fmt.Sprintf("more than %d fields", MaxFields)}
	}
	n, err := b.r.Read(p)
	b.bytes += n
	b.commas += bytes.Count(p[:n], b.comma)
	return n, err
}

// Number reads a finite decimal number, as tables hold it: digits with a sign,
// a point and an exponent, as they please. Go's own forms, such as 1_000 and
// 0x1p4, infinities and NaN are none.
func Number(text string) (float64, error) {
	if text == "" {
		return 0, errors.New("no number")
	}
	for i := 0; i < len(text); i++ {
		if strings.IndexByte("0123456789+-.eE", text[i]) < 0 {
			return 0, errors.New("no finite number")
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, errors.New("no finite number")
	}
	return v, nil
}
