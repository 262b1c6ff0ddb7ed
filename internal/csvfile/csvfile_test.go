package csvfile

import (
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

func all(r *Reader) (rows [][]string, err error) {
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, append([]string(nil), rec...))
	}
}

// TestByteOrderMark: a mark before a quoted header is no part of it.
func TestByteOrderMark(t *testing.T) {
	for _, mark := range []string{"", "\ufeff"} {
		r := NewReader(strings.NewReader(mark + "\"x\",\"y\"\n1,2\n"))
		rows, err := all(r)
		if err != nil || !reflect.DeepEqual(rows, [][]string{{"x", "y"}, {"1", "2"}}) {
			t.Errorf("%q: %q, %v", mark, rows, err)
		}
		if want := int64(len(mark) + 12); r.Offset() != want {
			t.Errorf("offset %d, want %d", r.Offset(), want)
		}
	}
}

// endless repeats a text for ever and counts the bytes that are taken of it.
type endless struct {
	text string
	n    int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text[(e.n+i)%len(e.text)]
	}
	e.n += len(p)
	return len(p), nil
}

// TestEndless: a line, a quoted field, a row of fields that never end.
func TestEndless(t *testing.T) {
	for _, text := range []string{"\x00", "a", ",", "a,", "\n\"b", "\"\""} {
		in := &endless{text: text}
		r := NewReader(io.MultiReader(strings.NewReader("x,y\n1,2\n\""), in))
		r.LazyQuotes = true
		_, err := all(r)
		var p *csv.ParseError
		if !errors.As(err, &p) || p.StartLine != 3 || !strings.Contains(err.Error(), "too long") {
			t.Errorf("%q: %v", text, err)
		}
		if in.n > MaxRecord+1<<20 {
			t.Errorf("%q: %d bytes were taken", text, in.n)
		}
	}
}

// TestManyRecords: the limits are of a record, not of a file.
func TestManyRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 40 MB")
	}
	line := strings.Repeat("1,", 10_000) + "1\n"
	n := 0
	r := NewReader(strings.NewReader(strings.Repeat(line, 40<<20/len(line))))
	r.ReuseRecord = true
	for {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil || len(rec) != 10_001 {
			t.Fatal(len(rec), err)
		}
		n++
	}
	if n != 40<<20/len(line) {
		t.Errorf("%d records", n)
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]float64{"1": 1, "-2.5e-3": -2.5e-3, "+.5": .5, "7.": 7, "1E3": 1000} {
		if v, err := Number(text); err != nil || v != want {
			t.Errorf("%q: %v, %v", text, v, err)
		}
	}
	for _, text := range []string{"", "1_000", "0x1p4", "0b1", "Inf", "-inf", "nan", "infinity", "1e999", "1,5", "１", "e", ".", "1e", "--1"} {
		if v, err := Number(text); err == nil {
			t.Errorf("%q is read as %v", text, v)
		}
	}
}

// TestUTF16: what a spreadsheet exports as "Unicode text" is refused with a word about
// it, whatever its order of bytes; UTF-8 with its mark is read.
func TestUTF16(t *testing.T) {
	for _, text := range []string{"\xff\xfea\x00,\x00b\x00\n\x00", "\xfe\xff\x00a\x00,\x00b\x00\n"} {
		for _, r := range []*Reader{NewReader(strings.NewReader(text)), NewGuessing(strings.NewReader(text))} {
			if rec, err := r.Read(); err == nil || !strings.Contains(err.Error(), "UTF-16") {
				t.Errorf("%q: %q, %v", text, rec, err)
			}
		}
	}
	if rec, err := NewReader(strings.NewReader("\ufeffa,b\n")).Read(); err != nil || len(rec) != 2 || rec[0] != "a" {
		t.Errorf("%q, %v", rec, err)
	}
}
