package nasbench

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/nngplab/nngplab/nngpkit/nasbench/internal/flatparquet"
)

// keptTable returns the bytes of a kept table of so many cells, 0 meaning all.
func keptTable(t testing.TB, cells int) []byte {
	t.Helper()
	data, err := SyntheticFile(SyntheticOptions{Cells: cells})
	if err != nil {
		t.Fatal(err)
	}
	table, err := ReadTable(t.Context(), writeFile(t, "kept.tfrecord", data), nil)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := table.encode()
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// ownColumns reads all columns with package flatparquet, as OpenTable does.
func ownColumns(data []byte) (map[string]*rawColumn, error) {
	f, err := flatparquet.Open(data)
	if err != nil {
		return nil, err
	}
	return readColumns(f)
}

var errPanicked = errors.New("the reader panicked")

// generalColumns reads all columns with parquet-go in the fastest way that it
// offers: whole pages of typed values, columns in parallel.
func generalColumns(data []byte) (map[string]*rawColumn, error) {
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	names := f.Schema().Columns()
	whole := make([]rawColumn, len(names))
	err = parallel(len(names), func(c int) (err error) {
		defer func() { // a panic of another goroutine would end the program
			if p := recover(); p != nil {
				err = fmt.Errorf("%w: %v", errPanicked, p)
			}
		}()
		for _, g := range f.RowGroups() {
			if err := whole[c].appendChunk(g.ColumnChunks()[c], int(f.NumRows())); err != nil {
				return fmt.Errorf("column %s: %w", names[c][0], err)
			}
		}
		return nil
	})
	out := map[string]*rawColumn{}
	for c, name := range names {
		out[name[0]] = &whole[c]
	}
	return out, err
}

// appendChunk appends the values of a column of a row group; n is the number of
// values there will be in all.
func (w *rawColumn) appendChunk(chunk parquet.ColumnChunk, n int) error {
	pages := chunk.Pages()
	defer pages.Close()
	for {
		p, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		values := p.Data()
		switch kind := chunk.Type().Kind(); kind {
		case parquet.Float:
			w.f32 = append(grown(w.f32, n), values.Float()...)
		case parquet.Double:
			w.f64 = append(grown(w.f64, n), values.Double()...)
		case parquet.Int32:
			w.i32 = append(grown(w.i32, n), values.Int32()...)
		case parquet.Int64:
			w.i64 = append(grown(w.i64, n), values.Int64()...)
		case parquet.FixedLenByteArray:
			b, _ := values.FixedLenByteArray()
			w.bytes = append(grown(w.bytes, 16*n), b...)
		default:
			return fmt.Errorf("values of kind %v", kind)
		}
		parquet.Release(p)
	}
}

func grown[T any](x []T, n int) []T {
	if x == nil {
		return make([]T, 0, n)
	}
	return x
}

// TestReadersAgree compares the two readers of kept tables, so that the
// benchmark below compares the same work.
func TestReadersAgree(t *testing.T) {
	data := keptTable(t, 300)
	own, err := ownColumns(data)
	if err != nil {
		t.Fatal(err)
	}
	general, err := generalColumns(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(own) != len(general) || len(own) < 4+len(metricNames) {
		t.Fatalf("%d and %d columns", len(own), len(general))
	}
	for name := range own {
		// NaN, which means missing, does not occur in a generated table.
		if !reflect.DeepEqual(own[name], general[name]) {
			t.Errorf("column %s differs", name)
		}
	}
}

// BenchmarkForgedTable reads a small kept table whose description, the end of the
// file, has one bit flipped, bit by bit, as a forger could who signs it anew. It
// reports how often each reader panics, and the most that it reserves for such a file
// in multiples of the file's size.
func BenchmarkForgedTable(b *testing.B) {
	good := keptTable(b, 100)
	description := int(binary.LittleEndian.Uint32(good[len(good)-8:]))
	for _, reader := range readers {
		b.Run(reader.name, func(b *testing.B) {
			for b.Loop() {
				panics, most := 0, uint64(0)
				for at := len(good) - 8 - description; at < len(good)-8; at++ {
					forged := bytes.Clone(good)
					forged[at] ^= 1 << (at % 8)
					panicked, reserved := tried(reader.read, forged)
					if panicked {
						panics++
					}
					most = max(most, reserved)
				}
				b.ReportMetric(float64(panics), "panics")
				b.ReportMetric(float64(description), "files")
				b.ReportMetric(float64(most)/float64(len(good)), "most/size")
			}
		})
	}
}

// tried reads a file and says whether that panicked, and how many bytes were
// reserved for it.
func tried(read func([]byte) (map[string]*rawColumn, error), data []byte) (panicked bool, reserved uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	defer func() {
		panicked = panicked || recover() != nil
		runtime.ReadMemStats(&after)
		reserved = after.TotalAlloc - before.TotalAlloc
	}()
	_, err := read(data)
	return errors.Is(err, errPanicked), 0
}

// readers are the two ways to read a kept table.
var readers = []struct {
	name string
	read func([]byte) (map[string]*rawColumn, error)
}{{"flatparquet", ownColumns}, {"parquet-go", generalColumns}}

// BenchmarkKeptTable reads the columns of a kept table with package flatparquet
// and with parquet-go. With NNGPLAB_LONG=1 the table has the size of the
// published one.
func BenchmarkKeptTable(b *testing.B) {
	cells := benchCells
	if os.Getenv("NNGPLAB_LONG") != "" {
		cells = 0
	}
	data := keptTable(b, cells)
	for _, reader := range readers {
		b.Run(reader.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := reader.read(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
