package nasbench

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// benchCells keeps the benchmarks' files small; throughput does not depend on
// it. TestFullScale is the real size.
const benchCells = 20000

func benchFile(b *testing.B) string {
	data, err := SyntheticFile(SyntheticOptions{Cells: benchCells})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	return writeFile(b, "bench.tfrecord", data)
}

func BenchmarkReadTable(b *testing.B) {
	path := benchFile(b)
	for b.Loop() {
		if _, err := ReadTable(context.Background(), path, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenTable(b *testing.B) {
	cache := filepath.Join(b.TempDir(), "c.parquet")
	if _, err := Import(context.Background(), benchFile(b), cache, nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := OpenTable(cache); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeRecord(b *testing.B) {
	p := fuzzRecords()[0]
	b.SetBytes(int64(len(p)))
	var scratch []byte
	for b.Loop() {
		var err error
		if _, scratch, err = decodeRecord(p, scratch); err != nil {
			b.Fatal(err)
		}
	}
}

// TestFullScale generates a file of the official size, imports it, loads it
// from its cache and compares every value with the known ones. It takes a
// minute and half a gigabyte of disk; set NNGPLAB_LONG=1 to run it.
func TestFullScale(t *testing.T) {
	if os.Getenv("NNGPLAB_LONG") == "" {
		t.Skip("set NNGPLAB_LONG=1 for the import of 1,270,872 records")
	}
	dir := t.TempDir()
	src, cache := filepath.Join(dir, "only108.tfrecord"), filepath.Join(dir, "only108.parquet")
	opts := SyntheticOptions{Seed: 11}
	f, err := os.Create(src)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	start := time.Now()
	if err := WriteSynthetic(w, opts); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("generated %d bytes in %v", st.Size(), time.Since(start))
	start = time.Now()
	tab, err := Import(context.Background(), src, cache, nil)
	if err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("imported %d records in %v, %d MiB from the system", tab.Records(), time.Since(start), m.Sys>>20)
	if m.Sys > 3<<29 {
		t.Errorf("%d MiB from the system, want less than 1.5 GiB", m.Sys>>20)
	}
	start = time.Now()
	kept, err := OpenTable(cache)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("loaded from the cache in %v", time.Since(start))
	for _, tab := range []*Table{tab, kept} {
		if tab.Len() != Size || tab.Records() != 3*Size {
			t.Fatalf("%d cells, %d runs", tab.Len(), tab.Records())
		}
		err := parallel(Size, func(i int) error {
			for r, got := range tab.Runs(i, 108) {
				if want, err := SyntheticRun(tab.Hash(i), 108, r, opts.Seed); err != nil || got != want {
					t.Errorf("cell %d, repeat %d: %+v, want %+v (%v)", i, r, got, want, err)
					return context.Canceled
				}
			}
			return nil
		})
		if err != nil {
			t.FailNow()
		}
	}
}
