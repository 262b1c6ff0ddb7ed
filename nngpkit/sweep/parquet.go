package sweep

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	pzstd "github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/nngplab/nngplab/internal/filesum"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/frame"
)

// A table of scores is a Parquet file, compressed with zstd: text and whole
// numbers with a dictionary, other numbers as float32, NaN where there is none.
// Its metadata hold the fields of ScoreInfo and the order of the columns.
const (
	scoreFormat     = "2"
	scoreMeta       = "nngplab."
	scoreColumnsKey = "columns"
)

// Save writes the table to a file, whole or not at all.
func (t *ScoreTable) Save(path string) error {
	b, err := t.encode()
	if err != nil {
		return fmt.Errorf("sweep: table %s: %w", t.Info.Name, err)
	}
	if err := wholefile.Write(path, b); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	return nil
}

func (t *ScoreTable) encode() ([]byte, error) {
	codec := &pzstd.Codec{Level: zstd.SpeedBestCompression}
	dict := func(n parquet.Node) parquet.Node {
		return parquet.Compressed(parquet.Encoded(n, &parquet.RLEDictionary), codec)
	}
	group := parquet.Group{}
	for _, name := range t.Frame.Names() {
		switch t.Frame.Col(name).Type() {
		case series.String:
			group[name] = dict(parquet.String())
		case series.Int:
			group[name] = dict(parquet.Leaf(parquet.Int32Type))
		default:
			group[name] = parquet.Compressed(parquet.Leaf(parquet.FloatType), codec)
		}
	}
	schema := parquet.NewSchema("scores", group)
	opts := []parquet.WriterOption{schema, parquet.CreatedBy("nngplab", scoreFormat, ""), parquet.DataPageStatistics(false),
		parquet.KeyValueMetadata(scoreMeta+"format", scoreFormat),
		parquet.KeyValueMetadata(scoreMeta+scoreColumnsKey, strings.Join(t.Frame.Names(), " "))}
	for _, kv := range t.Info.meta() {
		opts = append(opts, parquet.KeyValueMetadata(scoreMeta+kv[0], kv[1]))
	}
	opts = append(opts, parquet.KeyValueMetadata(scoreSumKey, filesum.Place()))
	var buf bytes.Buffer
	w := parquet.NewWriter(&buf, opts...)
	if _, err := w.WriteRows(t.rows(schema)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), filesum.Sign(buf.Bytes())
}

// rows returns the frame as the file's rows.
func (t *ScoreTable) rows(schema *parquet.Schema) []parquet.Row {
	rows := make([]parquet.Row, t.Frame.Nrow())
	for c, path := range schema.Columns() {
		col := t.Frame.Col(path[0])
		for i := range rows {
			var v parquet.Value
			switch e := col.Elem(i); col.Type() {
			case series.String:
				v = parquet.ByteArrayValue([]byte(e.String()))
			case series.Int:
				n, _ := e.Int()
				v = parquet.Int32Value(int32(n))
			default:
				v = parquet.FloatValue(float32(e.Float()))
			}
			rows[i] = append(rows[i], v.Level(0, 0, c))
		}
	}
	return rows
}

// parseScores reads a table of scores; see decodeScores.
func parseScores(data []byte) (*ScoreTable, error) {
	f, err := openParquet(data)
	if err != nil {
		return nil, err
	}
	get := func(key string) string { v, _ := f.Lookup(scoreMeta + key); return v }
	if v := get("format"); v != scoreFormat {
		return nil, fmt.Errorf("table format %q, this version reads %s", v, scoreFormat)
	}
	t := &ScoreTable{}
	if t.Info, err = infoFrom(get); err != nil {
		return nil, err
	}
	cols := map[string]*[]parquet.Value{}
	for c, path := range f.Schema().Columns() {
		values, err := columnValues(f, c)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", path[0], err)
		}
		cols[path[0]] = &values
	}
	t.Info.Rows = int(f.NumRows())
	t.Frame, err = frameOf(strings.Fields(get(scoreColumnsKey)), cols, t.Info.Rows)
	return t, err
}

func infoFrom(get func(string) string) (ScoreInfo, error) {
	i := ScoreInfo{
		Name: get("name"), About: get("about"), Cells: get("cells"), Command: get("command"), Images: get("images"), Pixels: get("pixels"),
		Levels: strings.Fields(get("levels")), Version: get("version"), Go: get("go"), Date: get("date"),
	}
	var err error
	for key, dst := range map[string]*int{"cells.done": &i.CellsDone, "cells.of": &i.CellsOf, "cells.reused": &i.CellsReused} {
		text := get(key)
		if text == "" && key == "cells.reused" { // of a table of an earlier version
			text = "0"
		}
		if *dst, err = strconv.Atoi(text); err != nil {
			return i, fmt.Errorf("metadata %s is %q", key, get(key))
		}
	}
	if i.CPUSeconds, err = strconv.ParseFloat(get("cpu_seconds"), 64); err != nil {
		return i, fmt.Errorf("metadata cpu_seconds is %q", get("cpu_seconds"))
	}
	return i, nil
}

// columnValues reads one column of all row groups.
func columnValues(f *parquet.File, c int) ([]parquet.Value, error) {
	var out []parquet.Value
	buf := make([]parquet.Value, 1024)
	for _, g := range f.RowGroups() {
		pages := g.ColumnChunks()[c].Pages()
		for {
			p, err := pages.ReadPage()
			if err == io.EOF {
				break
			}
			if err != nil {
				pages.Close()
				return nil, err
			}
			values := p.Values()
			for {
				n, err := values.ReadValues(buf)
				for _, v := range buf[:n] {
					out = append(out, v.Clone())
				}
				if err == io.EOF {
					break
				}
				if err != nil {
					pages.Close()
					return nil, err
				}
			}
			parquet.Release(p)
		}
		pages.Close()
	}
	return out, nil
}

// frameOf puts columns of n values into a data frame, in the given order.
func frameOf(names []string, cols map[string]*[]parquet.Value, n int) (dataframe.DataFrame, error) {
	if len(names) != len(cols) {
		return dataframe.DataFrame{}, fmt.Errorf("the metadata name %d columns of %d", len(names), len(cols))
	}
	var out []series.Series
	for _, name := range names {
		c := cols[name]
		if c == nil || len(*c) != n || n == 0 {
			return dataframe.DataFrame{}, fmt.Errorf("column %s is missing or has not %d values", name, n)
		}
		switch (*c)[0].Kind() {
		case parquet.ByteArray:
			x := make([]string, n)
			for i, v := range *c {
				x[i] = string(v.ByteArray())
			}
			out = append(out, series.New(x, series.String, name))
		case parquet.Int32:
			x := make([]int, n)
			for i, v := range *c {
				x[i] = int(v.Int32())
			}
			out = append(out, series.New(x, series.Int, name))
		case parquet.Float:
			x := make([]float64, n)
			for i, v := range *c {
				x[i] = float64(v.Float())
			}
			out = append(out, series.New(x, series.Float, name))
		default:
			return dataframe.DataFrame{}, fmt.Errorf("column %s is of another kind", name)
		}
	}
	return frame.Checked(dataframe.New(out...))
}
