package flatparquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// row has a column of every kind that is read.
type row struct {
	Fixed  [3]byte `parquet:"fixed"`
	Int32  int32   `parquet:"i32"`
	Int64  int64   `parquet:"i64"`
	Float  float32 `parquet:"f32"`
	Double float64 `parquet:"f64"`
}

// written returns a file that a general Parquet library wrote, and the values
// of its columns by name, little-endian.
func written(t testing.TB, rows, perGroup int, more ...parquet.WriterOption) ([]byte, map[string][]byte) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	want := map[string][]byte{}
	var buf bytes.Buffer
	opts := append([]parquet.WriterOption{parquet.Compression(&zstd.Codec{}), parquet.DefaultEncodingFor(parquet.Int32, &parquet.Plain), parquet.KeyValueMetadata("key", "text"),
		parquet.DefaultEncodingFor(parquet.Int64, &parquet.Plain), parquet.PageBufferSize(1 << 10)}, more...)
	w := parquet.NewGenericWriter[row](&buf, opts...)
	for i := 0; i < rows; i++ {
		r := row{[3]byte{byte(i), byte(i >> 8), 7}, int32(i * i), int64(rng.Uint64()), float32(i) / 3, rng.NormFloat64()}
		if _, err := w.Write([]row{r}); err != nil {
			t.Fatal(err)
		}
		want["fixed"] = append(want["fixed"], r.Fixed[:]...)
		want["i32"] = binary.LittleEndian.AppendUint32(want["i32"], uint32(r.Int32))
		want["i64"] = binary.LittleEndian.AppendUint64(want["i64"], uint64(r.Int64))
		want["f32"] = binary.LittleEndian.AppendUint32(want["f32"], math.Float32bits(r.Float))
		want["f64"] = binary.LittleEndian.AppendUint64(want["f64"], math.Float64bits(r.Double))
		if i%perGroup == perGroup-1 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), want
}

// contents reads everything, or says why it cannot be.
func contents(data []byte) (*File, map[string][]byte, error) {
	f, err := Open(data)
	if err != nil {
		return nil, nil, err
	}
	got := map[string][]byte{}
	for c, col := range f.Columns {
		for g := 0; g < f.Groups(); g++ {
			part, err := f.Chunk(g, c)
			if err != nil {
				return nil, nil, err
			}
			got[col.Name] = append(got[col.Name], part...)
		}
	}
	return f, got, nil
}

func TestReadsWhatOthersWrite(t *testing.T) {
	for name, opts := range map[string][]parquet.WriterOption{
		"pages of version 2": {parquet.DataPageVersion(2)},
		"pages of version 1": {parquet.DataPageVersion(1)},
		"statistics":         {parquet.DataPageStatistics(true)},
	} {
		data, want := written(t, 1000, 300, opts...)
		f, got, err := contents(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.Rows != 1000 || f.Groups() != 4 || len(f.Columns) != 5 || f.Meta["key"] != "text" {
			t.Errorf("%s: %d rows, %d groups, columns %+v, %v", name, f.Rows, f.Groups(), f.Columns, f.Meta)
		}
		for col, w := range want {
			if !bytes.Equal(got[col], w) {
				t.Errorf("%s: column %s differs", name, col)
			}
		}
	}
}

func TestRefusesOtherKinds(t *testing.T) {
	type text struct {
		A string `parquet:"a"`
	}
	type optional struct {
		A *int32 `parquet:"a,optional"`
	}
	type plain struct {
		A int32 `parquet:"a"`
	}
	for name, data := range map[string][]byte{
		"text":         one(t, text{"x"}, parquet.Compression(&zstd.Codec{})),
		"optional":     one(t, optional{}, parquet.Compression(&zstd.Codec{})),
		"uncompressed": one(t, plain{1}),
		"gzip":         one(t, plain{1}, parquet.Compression(&parquet.Gzip)),
		"delta":        one(t, plain{1}, parquet.Compression(&zstd.Codec{}), parquet.DefaultEncodingFor(parquet.Int32, &parquet.DeltaBinaryPacked)),
		"nothing":      nil,
		"no Parquet":   []byte("PAR1 and no more PAR1"),
	} {
		if _, _, err := contents(data); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func one[T any](t *testing.T, v T, opts ...parquet.WriterOption) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := parquet.NewGenericWriter[T](&buf, opts...)
	if _, err := w.Write([]T{v}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// allocated returns the bytes that the program has ever allocated, blocks of a
// few kilobytes perhaps not yet.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// TestDamage: whatever byte is changed or wherever the file is cut, reading
// ends with what was written or an error, and takes memory in proportion to
// the file, for each of 0xff and 0x7f makes some length huge.
func TestDamage(t *testing.T) {
	good, want := written(t, 60, 40)
	errors := map[string]bool{}
	for i := range good {
		for _, b := range []byte{0xff, 0x7f, 0x00, good[i] ^ 1, good[i] ^ 0x80} {
			bad := slices.Clone(good)
			bad[i] = b
			before := allocated()
			_, _, err := contents(bad)
			if used := allocated() - before; used > 8*MaxPage {
				t.Errorf("byte %d is %#x: %d bytes allocated for a file of %d (%v)", i, b, used, len(good), err)
			}
			if err != nil {
				text := err.Error()
				errors[text[:min(12, len(text))]] = true
			}
		}
		if _, _, err := contents(good[:i]); err == nil {
			t.Errorf("cut to %d bytes: no error", i)
		}
	}
	if len(errors) < 5 {
		t.Errorf("damage was noticed in few ways: %v", errors)
	}
	_, got, err := contents(good)
	if err != nil || !bytes.Equal(got["f64"], want["f64"]) {
		t.Errorf("the undamaged file: %v", err)
	}
}

// TestClaims: lengths, numbers and sizes that a file merely claims.
func TestClaims(t *testing.T) {
	uvarint := func(v uint64) string { return string(binary.AppendUvarint(nil, v)) }
	for name, encoded := range map[string]string{
		"text":         "\x18" + uvarint(1<<31) + "abc",
		"list":         "\x19\xf5" + uvarint(1<<40) + "\x01\x02",
		"list of maps": "\x19\xfb" + uvarint(1<<20) + "\x01\x02",
		"map":          "\x1b" + uvarint(1<<40) + "\x55\x01",
		"deep":         strings.Repeat("\x1c", 1000),
		"deep lists":   strings.Repeat("\x19", 1000),
		"field":        "\x05" + uvarint(1<<40) + "\x00",
		"type":         "\x1e\x00",
		"no stop":      "\x15\x02",
	} {
		before := allocated()
		c := thrift{[]byte(encoded)}
		v, err := c.structure(0)
		if err == nil {
			t.Errorf("%s: %v", name, v)
		}
		if used := allocated() - before; used > 1<<20 {
			t.Errorf("%s: %d bytes allocated", name, used)
		}
	}
}

// FuzzFile: no bytes make the reader panic, and what it accepts has the length
// that it states.
func FuzzFile(f *testing.F) {
	data, _ := written(f, 20, 15)
	f.Add(data)
	data, _ = written(f, 3, 3, parquet.DataPageVersion(1))
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, got, err := contents(data)
		if err != nil {
			if fmt.Sprint(err) == "" {
				t.Error("an error without words")
			}
			return
		}
		for _, c := range file.Columns {
			if int64(len(got[c.Name])) != file.Rows*int64(c.Size) {
				t.Errorf("column %q: %d bytes for %d rows", c.Name, len(got[c.Name]), file.Rows)
			}
		}
	})
}

// FuzzThrift does the same for encoded values alone.
func FuzzThrift(f *testing.F) {
	f.Add([]byte("\x15\x02\x19\x25\x02\x04\x18\x01x\x00"))
	f.Add([]byte("\x11\x12\x1c\x15\x02\x00\x1b\x01\x58\x02\x01y\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := thrift{data}
		fields, err := c.structure(0)
		if err == nil && len(fields) > len(data) {
			t.Errorf("%d fields from %d bytes", len(fields), len(data))
		}
	})
}
