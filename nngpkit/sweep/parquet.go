package sweep

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

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
	df, meta, err := frame.ReadParquet(data)
	if err != nil {
		return nil, err
	}
	get := func(key string) string { return meta[scoreMeta+key] }
	if v := get("format"); v != scoreFormat {
		return nil, fmt.Errorf("table format %q, this version reads %s", v, scoreFormat)
	}
	t := &ScoreTable{}
	if t.Info, err = infoFrom(get); err != nil {
		return nil, err
	}
	names := strings.Fields(get(scoreColumnsKey))
	if len(names) != df.Ncol() {
		return nil, fmt.Errorf("the metadata name %d columns of %d", len(names), df.Ncol())
	}
	t.Info.Rows = df.Nrow()
	t.Frame, err = frame.Checked(df.Select(names))
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
