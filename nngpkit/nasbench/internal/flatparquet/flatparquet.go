// Package flatparquet reads Parquet files of the one kind that this library
// keeps: a number of required columns of fixed-size values, plainly encoded,
// compressed by zstd, in pages of at most MaxPage bytes
// (https://parquet.apache.org/docs/file-format). General Parquet readers
// reserve what a file's lengths claim; this one reserves no more than a page
// beyond what the file has been seen to hold, and no bytes make it panic.
package flatparquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// MaxPage bounds the bytes of a page's values.
const MaxPage = 4 << 20

// Kind is the type of a column's values, by its number in the format.
type Kind int64

// The kinds that are read.
const (
	Int32  Kind = 1
	Int64  Kind = 2
	Float  Kind = 4
	Double Kind = 5
	Fixed  Kind = 7 // byte arrays of one length
)

const (
	zstdCodec     = 6
	dataPage      = 0
	dataPageV2    = 3
	plainEncoding = 0
	required      = 0
)

// Column describes a column.
type Column struct {
	Name string
	Kind Kind
	Size int // bytes of a value
}

// File is an open file. It keeps the data that it was opened with.
type File struct {
	Columns []Column
	Meta    map[string]string // the file's key-value pairs
	Rows    int64             // as the file states
	groups  []group
	data    []byte
}

type group struct {
	rows   int64
	chunks []chunk // of each column
}

type chunk struct{ from, size int64 }

// Open reads the description of a file's contents and checks that it is of
// the kind that is read. It returns an error that says what is wrong.
func Open(data []byte) (*File, error) {
	const magic = "PAR1"
	end := len(data) - 8
	if end < 4 || string(data[:4]) != magic || string(data[end+4:]) != magic {
		return nil, errors.New("no Parquet file")
	}
	size := int64(binary.LittleEndian.Uint32(data[end:]))
	if size > int64(end-4) {
		return nil, fmt.Errorf("a description of %d bytes in a file of %d", size, len(data))
	}
	t := thrift{data[int64(end)-size : end]}
	meta, err := t.structure(0)
	if err != nil {
		return nil, fmt.Errorf("the description: %w", err)
	}
	f := &File{data: data[:int64(end)-size], Rows: meta[3].num, Meta: map[string]string{}}
	for _, kv := range meta[5].list {
		f.Meta[string(kv.fields[1].text)] = string(kv.fields[2].text)
	}
	if err := f.readSchema(meta[2].list); err != nil {
		return nil, err
	}
	var rows int64
	for i, g := range meta[4].list {
		if err := f.addGroup(g.fields); err != nil {
			return nil, fmt.Errorf("row group %d: %w", i, err)
		}
		n := f.groups[i].rows
		if n < 0 || n > math.MaxInt32-rows {
			return nil, fmt.Errorf("row group %d: %d rows", i, n)
		}
		rows += n
	}
	if rows != f.Rows {
		return nil, fmt.Errorf("%d rows stated, the groups have %d", f.Rows, rows)
	}
	return f, nil
}

// readSchema reads a root and its columns.
func (f *File) readSchema(schema []value) error {
	if len(schema) < 2 {
		return errors.New("no columns")
	}
	seen := map[string]bool{}
	for _, e := range schema[1:] {
		c := Column{Name: string(e.fields[4].text), Kind: Kind(e.fields[1].num)}
		switch c.Kind {
		case Int32, Float:
			c.Size = 4
		case Int64, Double:
			c.Size = 8
		case Fixed:
			if n := e.fields[2].num; n >= 1 && n <= 256 {
				c.Size = int(n)
			}
		}
		if c.Size == 0 || e.fields[3].num != required || e.fields[5].num != 0 || seen[c.Name] {
			return fmt.Errorf("column %q: type %d, repetition %d, %d children: not of the kind that is read, or there twice", c.Name, c.Kind, e.fields[3].num, e.fields[5].num)
		}
		seen[c.Name] = true
		f.Columns = append(f.Columns, c)
	}
	return nil
}

func (f *File) addGroup(fields map[int16]value) error {
	g := group{rows: fields[3].num}
	list := fields[1].list
	if len(list) != len(f.Columns) {
		return fmt.Errorf("%d columns of %d", len(list), len(f.Columns))
	}
	for i, c := range list {
		m, col := c.fields[3].fields, f.Columns[i]
		path := m[3].list
		if len(path) != 1 || string(path[0].text) != col.Name || Kind(m[1].num) != col.Kind || m[4].num != zstdCodec || m[5].num != g.rows {
			return fmt.Errorf("column %q: another path, type, number of values, or not compressed by zstd", col.Name)
		}
		k := chunk{m[9].num, m[7].num}
		if k.from < 4 || k.size < 0 || k.from > int64(len(f.data)) || k.size > int64(len(f.data))-k.from {
			return fmt.Errorf("column %q: %d bytes at %d in a file of %d", col.Name, k.size, k.from, len(f.data))
		}
		g.chunks = append(g.chunks, k)
	}
	f.groups = append(f.groups, g)
	return nil
}

// Groups returns the number of row groups.
func (f *File) Groups() int { return len(f.groups) }

// decoders are kept between chunks: making one costs more than most pages.
var decoders = sync.Pool{New: func() any {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err) // the options are constant
	}
	return d
}}

// Chunk returns the values of column c in row group g, little-endian, one
// after the other. It may be called from several goroutines at once. It
// returns an error that names the column and the page's offset in the file if
// what is there does not decode to exactly the stated rows.
func (f *File) Chunk(g, c int) ([]byte, error) {
	col, rows, at := f.Columns[c], f.groups[g].rows, f.groups[g].chunks[c]
	want := rows * int64(col.Size)
	var out []byte
	t := thrift{f.data[at.from : at.from+at.size]}
	for len(t.b) > 0 {
		offset := at.from + at.size - int64(len(t.b))
		var err error
		if out, err = t.page(out, int64(col.Size), want); err != nil {
			return nil, fmt.Errorf("column %q, row group %d: page at byte %d: %w", col.Name, g, offset, err)
		}
	}
	if int64(len(out)) != want {
		return nil, fmt.Errorf("column %q, row group %d: %d bytes of values, want %d", col.Name, g, len(out), want)
	}
	return out, nil
}

// page appends the values of the next page; out may grow to want bytes.
func (t *thrift) page(out []byte, size, want int64) ([]byte, error) {
	h, err := t.structure(0)
	if err != nil {
		return nil, fmt.Errorf("its header: %w", err)
	}
	var values, encoding int64
	packed := true
	switch h[1].num {
	case dataPage:
		p := h[5].fields
		values, encoding = p[1].num, p[2].num
	case dataPageV2:
		p := h[8].fields
		values, encoding = p[1].num, p[4].num
		if flag, ok := p[7]; ok {
			packed = flag.num == 1
		}
		if p[2].num != 0 || p[5].num != 0 || p[6].num != 0 {
			return nil, errors.New("it has missing or repeated values")
		}
	default:
		return nil, fmt.Errorf("it is of type %d", h[1].num)
	}
	if encoding != plainEncoding || values < 0 || values > MaxPage || values*size > MaxPage || h[2].num != values*size {
		return nil, fmt.Errorf("%d values of %d bytes in %d, encoding %d", values, size, h[2].num, encoding)
	}
	if int64(len(out))+values*size > want {
		return nil, fmt.Errorf("more than the %d bytes of values that are stated", want)
	}
	if h[3].num < 0 {
		return nil, fmt.Errorf("%d bytes", h[3].num)
	}
	data, err := t.take(uint64(h[3].num))
	if err != nil {
		return nil, err
	}
	if !packed {
		if int64(len(data)) != values*size {
			return nil, fmt.Errorf("%d bytes for %d values", len(data), values)
		}
		return append(out, data...), nil
	}
	return unpack(out, data, int(values*size))
}

// unpack appends the n bytes that data decompress to.
func unpack(out, data []byte, n int) ([]byte, error) {
	if free := cap(out) - len(out); free < n {
		out = append(make([]byte, 0, max(2*cap(out), len(out)+n)), out...)
	}
	d := decoders.Get().(*zstd.Decoder)
	defer decoders.Put(d)
	at := len(out)
	got, err := d.DecodeAll(data, out[at:at:at+n])
	if err != nil {
		return nil, err
	}
	if len(got) != n {
		return nil, fmt.Errorf("it decompresses to %d bytes, stated %d", len(got), n)
	}
	return out[:at+n], nil
}
