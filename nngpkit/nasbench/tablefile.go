package nasbench

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	pzstd "github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding"
	"golang.org/x/sync/errgroup"

	"github.com/nngplab/nngplab/internal/filesum"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/nasbench/internal/flatparquet"
)

// A kept table is a Parquet file, one row a run, cells in order of hash:
//
//	hash        16 bytes, the cell's hash
//	code        int64, Spec.Code
//	parameters  int32, the stored number of trainable parameters
//	epochs      int32, the budget
//	source      int32, index into the sources of the metadata (where there are any)
//	and a float or double for each Metric, by its name; NaN is missing.
//
// Its metadata tell the source and hold a SHA-256 of the whole file, computed
// with that text itself as zeros. The text is looked for and verified before
// anything else is read. Package flatparquet then reads with an eye to what a
// file claims, should one be forged with a true checksum.

const (
	tableFormat = "1"
	metaPrefix  = "nngplab."

	tableGroup = 1 << 17 // rows of a row group: what is written and read in parallel
)

// maxTable bounds the kept table that is read; that of the full benchmark has
// some hundred megabytes.
const maxTable = 2 << 30

// Save keeps the table at path for OpenTable, whole or not at all.
func (t *Table) Save(path string) error {
	data, err := t.encode()
	if err != nil {
		return err
	}
	return wholefile.Write(path, data)
}

// OpenTable loads a table that Import or Save has kept. A file that is
// damaged in any bit, or is no such table, is an error.
func OpenTable(path string) (*Table, error) {
	data, err := plainfile.Read(path, maxTable)
	if err != nil {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	t, err := decodeTable(data)
	if err != nil {
		return nil, fmt.Errorf("nasbench: %s: %w", path, err)
	}
	return t, nil
}

// encode returns the bytes of a kept table.
func (t *Table) encode() ([]byte, error) {
	var buf bytes.Buffer
	if err := t.write(&buf); err != nil {
		return nil, err
	}
	data := buf.Bytes()
	if err := filesum.Sign(data); err != nil {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	return data, nil
}

func decodeTable(data []byte) (*Table, error) {
	if err := filesum.Verify(data); errors.Is(err, filesum.ErrUnsigned) {
		return nil, fmt.Errorf("no table kept by nngplab, or cut short")
	} else if err != nil {
		return nil, err
	}
	return parseTable(data)
}

// parquetSchema returns the schema for the table's columns.
func (t *Table) parquetSchema() *parquet.Schema {
	codec := &pzstd.Codec{Level: zstd.SpeedFastest, Concurrency: 1}
	leaf := func(typ parquet.Type, enc encoding.Encoding) parquet.Node {
		return parquet.Compressed(parquet.Encoded(parquet.Required(parquet.Leaf(typ)), enc), codec)
	}
	g := parquet.Group{
		"hash":       leaf(parquet.FixedLenByteArrayType(16), &parquet.Plain),
		"code":       leaf(parquet.Int64Type, &parquet.Plain),
		"parameters": leaf(parquet.Int32Type, &parquet.Plain),
		"epochs":     leaf(parquet.Int32Type, &parquet.Plain),
	}
	if t.source != nil {
		g["source"] = leaf(parquet.Int32Type, &parquet.Plain)
	}
	for m := range t.cols {
		typ := parquet.FloatType
		if t.cols[m].f64 != nil {
			typ = parquet.DoubleType
		}
		g[Metric(m).String()] = leaf(typ, &parquet.Plain)
	}
	return parquet.NewSchema("runs", g)
}

// metadata returns the file's key-value pairs. The checksum comes last.
func (t *Table) metadata() []parquet.WriterOption {
	kv := func(key, value string) parquet.WriterOption { return parquet.KeyValueMetadata(metaPrefix+key, value) }
	opts := []parquet.WriterOption{
		kv("format", tableFormat),
		kv("source", t.info.Source),
		kv("source.sha256", t.info.SHA256),
		kv("source.bytes", strconv.FormatInt(t.info.Bytes, 10)),
		kv("records", strconv.FormatInt(t.info.Records, 10)),
		kv("duplicates", strconv.FormatInt(t.info.Duplicates, 10)),
		kv("reordered", strconv.FormatInt(t.info.Reordered, 10)),
		kv("sources", strconv.Itoa(len(t.sources))),
		kv("file", filesum.Place()),
	}
	for i, s := range t.sources {
		opts = append(opts, kv("sources."+strconv.Itoa(i), s))
	}
	return opts
}

func (t *Table) write(w io.Writer) error {
	schema := t.parquetSchema()
	opts := append(t.metadata(), schema, parquet.DataPageStatistics(false), parquet.PageBufferSize(1<<20), parquet.CreatedBy("nngplab", tableFormat, ""))
	pw := parquet.NewWriter(w, opts...)
	index := map[string]int{}
	for i, c := range schema.Columns() {
		index[c[0]] = i
	}
	cell := t.cellOfRun()
	var groups []*parquet.ConcurrentRowGroupWriter
	for lo := 0; lo < t.Records(); lo += tableGroup {
		groups = append(groups, pw.BeginRowGroup())
	}
	err := parallel(len(groups), func(k int) error {
		lo := k * tableGroup
		return t.writeGroup(groups[k], index, cell, lo, min(lo+tableGroup, t.Records()))
	})
	if err != nil {
		return err
	}
	for _, g := range groups {
		if _, err := g.Commit(); err != nil {
			return err
		}
	}
	return pw.Close()
}

// cellOfRun returns the cell of each run.
func (t *Table) cellOfRun() []int32 {
	cell := make([]int32, t.Records())
	for i := 0; i < t.Len(); i++ {
		for r := t.first[i]; r < t.first[i+1]; r++ {
			cell[r] = int32(i)
		}
	}
	return cell
}

func (t *Table) writeGroup(g *parquet.ConcurrentRowGroupWriter, index map[string]int, cell []int32, lo, hi int) error {
	cols := g.ColumnWriters()
	values := make([]parquet.Value, 0, 4096)
	put := func(name string, value func(r int) parquet.Value) error {
		c := index[name]
		for r := lo; r < hi; {
			values = values[:0]
			for ; r < hi && len(values) < cap(values); r++ {
				values = append(values, value(r).Level(0, 0, c))
			}
			if _, err := cols[c].WriteRowValues(values); err != nil {
				return err
			}
		}
		return cols[c].Flush()
	}
	type part struct {
		name  string
		value func(r int) parquet.Value
	}
	parts := []part{
		{"hash", func(r int) parquet.Value { return parquet.FixedLenByteArrayValue(t.hash(int(cell[r]))) }},
		{"code", func(r int) parquet.Value { return parquet.Int64Value(int64(t.specs[cell[r]].Code())) }},
		{"parameters", func(r int) parquet.Value { return parquet.Int32Value(t.params[cell[r]]) }},
		{"epochs", func(r int) parquet.Value { return parquet.Int32Value(t.epochs[r]) }},
	}
	if t.source != nil {
		parts = append(parts, part{"source", func(r int) parquet.Value { return parquet.Int32Value(int32(t.source[r])) }})
	}
	for m := range t.cols {
		c := &t.cols[m]
		value := func(r int) parquet.Value { return parquet.DoubleValue(c.f64[r]) }
		if c.f64 == nil {
			value = func(r int) parquet.Value { return parquet.FloatValue(c.f32[r]) }
		}
		parts = append(parts, part{Metric(m).String(), value})
	}
	for _, p := range parts {
		if err := put(p.name, p.value); err != nil {
			return err
		}
	}
	return nil
}

// parallel calls work(0) .. work(n-1) on all processors and returns the error
// of the lowest index.
func parallel(n int, work func(i int) error) error {
	errs := make([]error, n)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error {
			errs[i] = work(i)
			return errs[i]
		})
	}
	if group.Wait() == nil {
		return nil
	}
	return errs[slices.IndexFunc(errs, func(err error) bool { return err != nil })]
}

// parseTable reads a kept table.
func parseTable(data []byte) (*Table, error) {
	f, err := flatparquet.Open(data)
	if err != nil {
		return nil, err
	}
	t := &Table{}
	if err := t.readMetadata(f); err != nil {
		return nil, err
	}
	if f.Rows != t.info.Records-t.info.Duplicates || f.Rows < 1 {
		return nil, fmt.Errorf("%d runs, %d stated", f.Rows, t.info.Records-t.info.Duplicates)
	}
	raw, err := readColumns(f)
	if err != nil {
		return nil, err
	}
	if err := t.adopt(raw, int(f.Rows)); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Table) readMetadata(f *flatparquet.File) error {
	get := func(key string) string { return f.Meta[metaPrefix+key] }
	if v := get("format"); v != tableFormat {
		return fmt.Errorf("table format %s, this version reads %s", printable.Quote(v), tableFormat)
	}
	t.info.Source, t.info.SHA256 = get("source"), get("source.sha256")
	var sources int64
	for key, dst := range map[string]*int64{"source.bytes": &t.info.Bytes, "records": &t.info.Records, "duplicates": &t.info.Duplicates, "reordered": &t.info.Reordered, "sources": &sources} {
		v, err := strconv.ParseInt(get(key), 10, 64)
		if err != nil || v < 0 {
			return fmt.Errorf("metadata %s is %s", key, printable.Quote(get(key)))
		}
		*dst = v
	}
	for i := int64(0); i < min(sources, 256); i++ {
		t.sources = append(t.sources, get("sources."+strconv.FormatInt(i, 10)))
	}
	return nil
}

// rawColumn is a column as the file holds it, in the part that its type says.
type rawColumn struct {
	bytes []byte // of a fixed length each
	i32   []int32
	i64   []int64
	column
}

// readColumns reads all columns, row groups in parallel.
func readColumns(f *flatparquet.File) (map[string]*rawColumn, error) {
	names := len(f.Columns)
	parts := make([][]byte, f.Groups()*names)
	err := parallel(len(parts), func(k int) (err error) {
		parts[k], err = f.Chunk(k/names, k%names)
		return err
	})
	if err != nil {
		return nil, err
	}
	whole := make([]rawColumn, names)
	err = parallel(names, func(c int) error {
		for k := c; k < len(parts); k += names {
			if err := whole[c].append(f.Columns[c], parts[k], int(f.Rows)); err != nil {
				return err
			}
			parts[k] = nil
		}
		return nil
	})
	out := map[string]*rawColumn{}
	for c, col := range f.Columns {
		out[col.Name] = &whole[c]
	}
	return out, err
}

// append appends values as the file has them, little-endian; n is the number
// there will be in all.
func (w *rawColumn) append(col flatparquet.Column, part []byte, n int) error {
	switch col.Kind {
	case flatparquet.Float:
		w.f32 = slices.Grow(w.f32, n-len(w.f32))
		for ; len(part) > 0; part = part[4:] {
			w.f32 = append(w.f32, math.Float32frombits(binary.LittleEndian.Uint32(part)))
		}
	case flatparquet.Double:
		w.f64 = slices.Grow(w.f64, n-len(w.f64))
		for ; len(part) > 0; part = part[8:] {
			w.f64 = append(w.f64, math.Float64frombits(binary.LittleEndian.Uint64(part)))
		}
	case flatparquet.Int32:
		w.i32 = slices.Grow(w.i32, n-len(w.i32))
		for ; len(part) > 0; part = part[4:] {
			w.i32 = append(w.i32, int32(binary.LittleEndian.Uint32(part)))
		}
	case flatparquet.Int64:
		w.i64 = slices.Grow(w.i64, n-len(w.i64))
		for ; len(part) > 0; part = part[8:] {
			w.i64 = append(w.i64, int64(binary.LittleEndian.Uint64(part)))
		}
	default:
		if col.Size != 16 {
			return fmt.Errorf("column %s: values of %d bytes", col.Name, col.Size)
		}
		w.bytes = append(slices.Grow(w.bytes, 16*n-len(w.bytes)), part...)
	}
	return nil
}

// adopt makes the columns of n rows the table's.
func (t *Table) adopt(raw map[string]*rawColumn, n int) error {
	get := func(name string) *rawColumn {
		if c := raw[name]; c != nil {
			return c
		}
		return &rawColumn{}
	}
	hash, code, params := get("hash").bytes, get("code").i64, get("parameters").i32
	t.epochs = get("epochs").i32
	if len(hash) != 16*n || len(code) != n || len(params) != n || len(t.epochs) != n {
		return fmt.Errorf("columns of different lengths, or missing")
	}
	for m := range t.cols {
		t.cols[m] = get(Metric(m).String()).column
		if t.cols[m].len() != n {
			return fmt.Errorf("column %s has %d values, want %d", Metric(m), t.cols[m].len(), n)
		}
	}
	if src := get("source").i32; src != nil {
		t.source = make([]uint8, n)
		for i, s := range src {
			if s < 0 || int(s) >= len(t.sources) || len(src) != n {
				return fmt.Errorf("source %d of %d", s, len(t.sources))
			}
			t.source[i] = uint8(s)
		}
	}
	for r := 0; r < n; r++ {
		h := hash[16*r : 16*r+16]
		order := 1
		if r > 0 {
			order = compareHash(h, hash[16*r-16:])
		}
		switch {
		case order < 0, order == 0 && t.epochs[r] < t.epochs[r-1]:
			return fmt.Errorf("row %d is out of order", r)
		case order == 0:
			continue
		}
		s, err := SpecFromCode(uint64(code[r]))
		if err != nil {
			return fmt.Errorf("row %d: %w", r, err)
		}
		t.hashes = append(t.hashes, h...)
		t.specs = append(t.specs, s)
		t.params = append(t.params, params[r])
		t.first = append(t.first, int32(r))
	}
	t.first = append(t.first, int32(n))
	t.setBudgets()
	return nil
}

// compareHash compares the first 16 bytes of a and b.
func compareHash(a, b []byte) int {
	for i := 0; i < 16; i += 8 {
		x, y := binary.BigEndian.Uint64(a[i:]), binary.BigEndian.Uint64(b[i:])
		if x < y {
			return -1
		}
		if x > y {
			return 1
		}
	}
	return 0
}
