package frame

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	pzstd "github.com/parquet-go/parquet-go/compress/zstd"
)

// Digits writes a number with as few digits as tell it from others: of its kind,
// which is float32 where x is one, as scores in tables are. NaN is the empty text.
func Digits(x float64) string {
	bits := 64
	switch {
	case math.IsNaN(x):
		return ""
	case float64(float32(x)) == x:
		bits = 32
	}
	return strconv.FormatFloat(x, 'g', -1, bits)
}

// WriteCSV writes a data frame as CSV with a header line: numbers as Digits
// writes them (gota keeps six decimals), nothing where there is none.
func WriteCSV(w io.Writer, df dataframe.DataFrame) error {
	cols, err := columnsIn(df)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(df.Names()); err != nil {
		return err
	}
	fields := make([]string, len(cols))
	for i := range df.Nrow() {
		for k, c := range cols {
			fields[k] = Text(c, i)
		}
		if err := out.Write(fields); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// Text returns a value of a column as WriteCSV writes it.
func Text(c series.Series, row int) string {
	e := c.Elem(row)
	if c.Type() == series.Float {
		return Digits(e.Float())
	}
	if e.IsNA() && c.Type() != series.String {
		return ""
	}
	return e.String()
}

func columnsIn(df dataframe.DataFrame) ([]series.Series, error) {
	if df.Err != nil {
		return nil, fmt.Errorf("frame: %w", df.Err)
	}
	var cols []series.Series
	for _, name := range df.Names() {
		cols = append(cols, df.Col(name))
	}
	return cols, nil
}

// WriteParquet writes a data frame as a Parquet file, compressed with zstd, its
// columns in their order: text, whole numbers as int64, others as float64 (NaN
// stays NaN), null where a column of whole numbers has none. The pairs become the
// file's metadata. ReadParquet reads it.
func WriteParquet(w io.Writer, df dataframe.DataFrame, meta ...[2]string) error {
	return writeParquet(w, df, parquet.DoubleType, meta)
}

// WriteParquetFloat32 is WriteParquet with numbers that are not whole as float32,
// to which they are rounded.
func WriteParquetFloat32(w io.Writer, df dataframe.DataFrame, meta ...[2]string) error {
	return writeParquet(w, df, parquet.FloatType, meta)
}

// writeParquet writes numbers that are not whole with the given type.
func writeParquet(w io.Writer, df dataframe.DataFrame, number parquet.Type, meta [][2]string) error {
	cols, err := columnsIn(df)
	if err != nil {
		return err
	}
	group := orderedGroup{parquet.Group{}, df.Names()}
	gaps := make([]bool, len(cols)) // columns whose values may be missing
	for k, name := range df.Names() {
		gaps[k] = cols[k].Type() == series.Int && cols[k].HasNaN()
		group.Group[name] = parquetNode(cols[k], number, gaps[k])
	}
	opts := []parquet.WriterOption{parquet.NewSchema("frame", group), parquet.CreatedBy("nngplab", "", "")}
	for _, kv := range meta {
		opts = append(opts, parquet.KeyValueMetadata(kv[0], kv[1]))
	}
	out := parquet.NewWriter(w, opts...)
	for i := range df.Nrow() {
		row := make(parquet.Row, len(cols))
		for k, c := range cols {
			v, defined := parquetValue(c, i, number), 0
			if gaps[k] && !v.IsNull() {
				defined = 1
			}
			row[k] = v.Level(0, defined, k)
		}
		if _, err := out.WriteRows([]parquet.Row{row}); err != nil {
			return fmt.Errorf("frame: %w", err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("frame: %w", err)
	}
	return nil
}

// orderedGroup is a group whose fields come in an order of their own.
type orderedGroup struct {
	parquet.Group
	names []string
}

// Fields implements parquet.Node.
func (g orderedGroup) Fields() []parquet.Field {
	at := map[string]parquet.Field{}
	for _, f := range g.Group.Fields() {
		at[f.Name()] = f
	}
	out := make([]parquet.Field, len(g.names))
	for i, name := range g.names {
		out[i] = at[name]
	}
	return out
}

func parquetNode(of series.Series, number parquet.Type, gaps bool) parquet.Node {
	var n parquet.Node
	switch of.Type() {
	case series.String:
		n = parquet.String()
		if repeats(of) {
			n = parquet.Encoded(n, &parquet.RLEDictionary)
		}
	case series.Int:
		n = parquet.Leaf(parquet.Int64Type)
	default:
		// The bytes of a kind together: exponents are much the same, the last digits are not.
		n = parquet.Encoded(parquet.Leaf(number), &parquet.ByteStreamSplit)
	}
	n = parquet.Compressed(n, &pzstd.Codec{Level: zstd.SpeedBetterCompression})
	if gaps {
		n = parquet.Optional(n)
	}
	return n
}

// repeats reports whether a text comes twice on average, so that a dictionary of
// them is worth its space.
func repeats(of series.Series) bool {
	seen := map[string]bool{}
	for _, text := range of.Records() {
		seen[text] = true
	}
	return 2*len(seen) <= of.Len()
}

func parquetValue(c series.Series, row int, number parquet.Type) parquet.Value {
	e := c.Elem(row)
	switch c.Type() {
	case series.String:
		return parquet.ByteArrayValue([]byte(e.String()))
	case series.Int:
		n, err := e.Int()
		if err != nil {
			return parquet.NullValue()
		}
		return parquet.Int64Value(int64(n))
	}
	if number.Kind() == parquet.Float {
		return parquet.FloatValue(float32(e.Float()))
	}
	return parquet.DoubleValue(e.Float())
}
