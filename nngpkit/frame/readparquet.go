package frame

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/parquet-go/parquet-go"
)

// Limits of what a Parquet file may claim: rows, and the bytes of a column in a
// group of rows for each byte of the file.
const (
	maxParquetRows   = 1 << 28
	maxParquetGrowth = 1 << 16
)

// ReadParquet reads a Parquet file as a data frame, columns in the file's order, and
// its metadata. Columns must hold text or numbers, one in a row at most: whole
// numbers of 32 and 64 bits are series.Int, floating-point ones series.Float, in
// which NaN stays NaN and null becomes it. Damage is an error, whatever the reader of
// Parquet files makes of it; nothing is allocated for what the file cannot hold.
func ReadParquet(data []byte) (df dataframe.DataFrame, meta map[string]string, err error) {
	defer func() {
		if r := recover(); r != nil {
			df, meta, err = dataframe.DataFrame{}, nil, fmt.Errorf("frame: the file is damaged: %v", r)
		}
	}()
	if df, meta, err = readParquet(data); err != nil {
		return dataframe.DataFrame{}, nil, fmt.Errorf("frame: %w", err)
	}
	return df, meta, nil
}

func readParquet(data []byte) (dataframe.DataFrame, map[string]string, error) {
	f, err := openParquet(data)
	if err != nil {
		return dataframe.DataFrame{}, nil, err
	}
	meta := map[string]string{}
	for _, kv := range f.Metadata().KeyValueMetadata {
		meta[kv.Key] = kv.Value
	}
	var cols []series.Series
	for c, path := range f.Schema().Columns() {
		s, err := readColumn(f, c, path[0])
		if err != nil {
			return dataframe.DataFrame{}, nil, fmt.Errorf("column %s: %w", path[0], err)
		}
		cols = append(cols, s)
	}
	df, err := Checked(dataframe.New(cols...))
	return df, meta, err
}

// openParquet opens a file, without the indexes that it has no use for, and refuses
// what no file of its length can hold.
func openParquet(data []byte) (*parquet.File, error) {
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	rows := f.NumRows()
	if rows < 1 || rows > maxParquetRows {
		return nil, fmt.Errorf("it claims %d rows", rows)
	}
	for _, g := range f.Metadata().RowGroups {
		for _, c := range g.Columns {
			if n := c.MetaData.TotalUncompressedSize; n < 0 || n/maxParquetGrowth > int64(len(data)) {
				return nil, fmt.Errorf("a column claims %d bytes in a file of %d", n, len(data))
			}
			if c.MetaData.NumValues != g.NumRows {
				return nil, fmt.Errorf("a column claims %d values in %d rows", c.MetaData.NumValues, g.NumRows)
			}
		}
	}
	return f, nil
}

// columnReader collects the values of a column.
type columnReader struct {
	texts  []string
	ints   []any // int, nil where there is none
	floats []float64
	kind   parquet.Kind
}

func readColumn(f *parquet.File, c int, name string) (series.Series, error) {
	leaf, ok := f.Schema().Lookup(f.Schema().Columns()[c]...)
	if !ok || len(f.Schema().Columns()[c]) != 1 || leaf.Node.Repeated() {
		return series.Series{}, errors.New("it is nested")
	}
	r := columnReader{kind: leaf.Node.Type().Kind()}
	for _, g := range f.RowGroups() {
		if err := r.pages(g.ColumnChunks()[c].Pages()); err != nil {
			return series.Series{}, err
		}
	}
	if got, want := len(r.texts)+len(r.ints)+len(r.floats), int(f.NumRows()); got != want {
		return series.Series{}, fmt.Errorf("it has %d values in %d rows", got, want)
	}
	switch r.kind {
	case parquet.ByteArray:
		return series.New(r.texts, series.String, name), nil
	case parquet.Int32, parquet.Int64:
		return intSeries(r.ints, name), nil
	}
	return series.New(r.floats, series.Float, name), nil
}

// intSeries returns whole numbers with gaps.
func intSeries(values []any, name string) series.Series {
	plain := make([]int, len(values))
	for i, v := range values {
		n, ok := v.(int)
		if !ok {
			return series.New(values, series.Int, name)
		}
		plain[i] = n
	}
	return series.New(plain, series.Int, name)
}

func (r *columnReader) pages(pages parquet.Pages) error {
	defer pages.Close()
	buf := make([]parquet.Value, 1024)
	for {
		p, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		values := p.Values()
		for {
			n, err := values.ReadValues(buf)
			for _, v := range buf[:n] {
				if err := r.add(v); err != nil {
					return err
				}
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
		}
		parquet.Release(p)
	}
}

func (r *columnReader) add(v parquet.Value) error {
	switch r.kind {
	case parquet.ByteArray:
		if v.IsNull() {
			return errors.New("a text is missing")
		}
		r.texts = append(r.texts, string(v.ByteArray()))
	case parquet.Int32, parquet.Int64:
		if v.IsNull() {
			r.ints = append(r.ints, nil)
			return nil
		}
		r.ints = append(r.ints, int(v.Int64()))
	case parquet.Float, parquet.Double:
		switch {
		case v.IsNull():
			r.floats = append(r.floats, math.NaN())
		case r.kind == parquet.Float:
			r.floats = append(r.floats, float64(v.Float()))
		default:
			r.floats = append(r.floats, v.Double())
		}
	default:
		return fmt.Errorf("values of the kind %v are not read", r.kind)
	}
	return nil
}
