package frame

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// readBack writes a frame and reads it.
func readBack(t *testing.T, df dataframe.DataFrame, float32s bool) (dataframe.DataFrame, map[string]string) {
	t.Helper()
	write := WriteParquet
	if float32s {
		write = WriteParquetFloat32
	}
	var b bytes.Buffer
	if err := write(&b, df, [2]string{"mark", "of a test"}); err != nil {
		t.Fatal(err)
	}
	got, meta, err := ReadParquet(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return got, meta
}

// TestReadParquet: what WriteParquet wrote comes back, with its gaps.
func TestReadParquet(t *testing.T) {
	third := 1.0 / 3
	df := dataframe.New(
		series.New([]string{"b", "a", "b", "b"}, series.String, "zeta"),
		series.New([]string{"1", "NaN", "5000000000", "-3"}, series.Int, "count"),
		series.New([]int{1, 2, 3, 4}, series.Int, "whole"),
		series.New([]float64{third, math.NaN(), math.Inf(-1), 0}, series.Float, "alpha"),
	)
	for _, narrow := range []bool{false, true} {
		got, meta := readBack(t, df, narrow)
		if meta["mark"] != "of a test" {
			t.Errorf("metadata %v", meta)
		}
		if !slices.Equal(got.Names(), df.Names()) || !slices.Equal(got.Types(), df.Types()) {
			t.Fatalf("columns %v %v, want %v %v", got.Names(), got.Types(), df.Names(), df.Types())
		}
		for _, name := range []string{"zeta", "count", "whole"} {
			if g, w := got.Col(name).Records(), df.Col(name).Records(); !slices.Equal(g, w) {
				t.Errorf("%s: %v, want %v", name, g, w)
			}
		}
		want := df.Col("alpha").Float()
		if narrow {
			want[0] = float64(float32(third))
		}
		for i, x := range got.Col("alpha").Float() {
			if x != want[i] && !(math.IsNaN(x) && math.IsNaN(want[i])) {
				t.Errorf("float32 %v, row %d: %v, want %v", narrow, i, x, want[i])
			}
		}
	}
}

// TestReadParquetDamage: bytes that are changed or missing give an error or a frame
// of as many rows, and never a panic.
func TestReadParquetDamage(t *testing.T) {
	df := dataframe.New(series.New([]string{"a", "b"}, series.String, "s"), series.New([]float64{1, 2}, series.Float, "x"))
	var b bytes.Buffer
	if err := WriteParquet(&b, df); err != nil {
		t.Fatal(err)
	}
	for n := range b.Len() {
		if _, _, err := ReadParquet(b.Bytes()[:n]); err == nil {
			t.Errorf("cut to %d of %d bytes: no error", n, b.Len())
		}
		bad := bytes.Clone(b.Bytes())
		bad[n] ^= 0xff
		if got, _, err := ReadParquet(bad); err == nil && got.Nrow() < 1 {
			t.Errorf("byte %d changed: no error, and no row", n)
		}
	}
}
