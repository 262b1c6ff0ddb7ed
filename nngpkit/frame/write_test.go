package frame

import (
	"bytes"
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/parquet-go/parquet-go"
)

// written is a frame with what files could get wrong: text with separators, a
// missing whole number, a whole number beyond 32 bits, numbers of both kinds of
// floats, names out of order and with a point.
func written() dataframe.DataFrame {
	return dataframe.New(
		series.New([]string{"a,b", `"x"`, "NaN"}, series.String, "zeta"),
		series.New([]string{"1", "NaN", "5000000000"}, series.Int, "place"),
		series.New([]float64{float64(float32(0.1)), math.NaN(), 1e300}, series.Float, "score_0.1"),
		series.New([]float64{0.1, 1.0 / 3, -2}, series.Float, "alpha"))
}

func TestWriteCSV(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, written()); err != nil {
		t.Fatal(err)
	}
	want := "zeta,place,score_0.1,alpha\n" +
		`"a,b",1,0.1,0.1` + "\n" +
		`"""x""",,,0.3333333333333333` + "\n" +
		"NaN,5000000000,1e+300,-2\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	// Every number reads back as itself: as a float32 where it is one.
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range written().Col("alpha").Float() {
		if v, err := strconv.ParseFloat(rows[i+1][3], 64); err != nil || v != x {
			t.Errorf("row %d: %v, wrote %v", i, v, x)
		}
	}
	if v, _ := strconv.ParseFloat(rows[1][2], 32); v != float64(float32(0.1)) {
		t.Errorf("%v is another float32 than 0.1", v)
	}
}

func TestWriteParquet(t *testing.T) {
	var b bytes.Buffer
	df := written()
	if err := WriteParquet(&b, df, [2]string{"mark", "of a test"}); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := f.Lookup("mark"); v != "of a test" || f.NumRows() != 3 {
		t.Errorf("metadata %q, %d rows", v, f.NumRows())
	}
	var names []string
	for _, path := range f.Schema().Columns() {
		names = append(names, strings.Join(path, "/"))
	}
	if got, want := strings.Join(names, " "), strings.Join(df.Names(), " "); got != want {
		t.Errorf("columns %s, want %s", got, want)
	}
	rows := f.RowGroups()[0].Rows()
	defer rows.Close()
	got := make([]parquet.Row, 3)
	if n, err := rows.ReadRows(got); n != 3 || err != nil && err != io.EOF {
		t.Fatal(n, err)
	}
	for i := range got {
		if s := string(got[i][0].ByteArray()); s != df.Col("zeta").Records()[i] {
			t.Errorf("row %d: text %q", i, s)
		}
		for k, name := range []string{"score_0.1", "alpha"} {
			x, want := got[i][2+k].Double(), df.Col(name).Float()[i]
			if x != want && !(math.IsNaN(x) && math.IsNaN(want)) {
				t.Errorf("row %d, %s: %v, want %v", i, name, x, want)
			}
		}
	}
	if got[0][1].Int64() != 1 || !got[1][1].IsNull() || got[2][1].Int64() != 5000000000 {
		t.Errorf("whole numbers %v, %v, %v", got[0][1], got[1][1], got[2][1])
	}
	bad := dataframe.New(series.New([]int{1}, series.Int, "a"), series.New([]int{1, 2}, series.Int, "b"))
	if WriteCSV(&b, bad) == nil || WriteParquet(&b, bad) == nil {
		t.Error("a frame that is an error was written")
	}
}
