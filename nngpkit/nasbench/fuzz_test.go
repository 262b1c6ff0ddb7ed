package nasbench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"github.com/nngplab/nngplab/internal/filesum"
	"io"
	"math"
	"strings"
	"testing"
)

// fuzzRecords are payloads to start from: synthetic ones, one with the unknown
// fields of retrained tables, and odd but valid JSON.
func fuzzRecords() [][]byte {
	s, err := Parse(inceptionMatrix, inceptionOps)
	if err != nil {
		panic(err)
	}
	m := syntheticMetrics(s.hash(), 108, 1, 2)
	m.parameters = int32(s.Parameters(StemWidth))
	plain := syntheticPayload(s.hash(), s, 108, &m)
	var odd bytes.Buffer
	odd.WriteString(" [ \"" + s.Hash() + "\" ,\t4, \"\\u0030" + s.Digits()[1:] + "\", \"" + s.OpsString() + "\"\n, \"CgA=\" ]\r\n")
	return [][]byte{
		plain,
		odd.Bytes(),
		bytes.ReplaceAll(plain, []byte(`\n`), nil),
		bytes.ReplaceAll(plain, []byte(`\n`), []byte(`\r\n`)),
		[]byte(`["h", 1, "0100", "input,output", ""]`),
		[]byte(`["043721b9c7fe8c5fad811d47d83132ec", 36, "0100", "input,output", "CgAKAAoAEIrvNQ==\n"]`),
		[]byte(`[null, 1e2, "", "", "QQ=="]`),
	}
}

// fuzzMetrics are encoded messages to start from.
func fuzzMetrics() [][]byte {
	m := syntheticMetrics([16]byte{1}, 36, 0, 0)
	m.parameters = 12345
	plain := appendMetrics(nil, &m)
	// Fields of other types after the known ones: number, fixed 32, text, group.
	more := append(append([]byte(nil), plain...), 4<<3|1, 1, 2, 3, 4, 5, 6, 7, 8, 9<<3|2, 2, 'h', 'i', 10<<3|5, 1, 2, 3, 4, 11<<3, 0xff, 1, 12<<3|3, 8, 1, 12<<3|4)
	return [][]byte{plain, more, plain[:20], {0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f}, {0x0b, 0x0b, 0x0c, 0x0c}}
}

// FuzzTFRecord: whatever the bytes, reading ends with io.EOF or an error with
// its place, and the records read are the file's own bytes.
func FuzzTFRecord(f *testing.F) {
	var file []byte
	for _, p := range fuzzRecords() {
		file = appendTFRecord(file, p)
		f.Add(file)
	}
	f.Add(file[:len(file)-3])
	f.Add(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(nil, math.MaxInt64), 7))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewTFRecordReader(bytes.NewReader(data), "fuzz")
		var again []byte
		for {
			p, err := r.Next()
			if err == nil {
				again = appendTFRecord(again, p)
				continue
			}
			var re *RecordError
			switch {
			case err == io.EOF:
				if len(again) != len(data) {
					t.Fatalf("%d of %d bytes read", len(again), len(data))
				}
			case !errors.As(err, &re) || re.Offset != int64(len(again)) || re.Record != r.Record():
				t.Fatalf("%v after %d bytes", err, len(again))
			}
			break
		}
		if !bytes.HasPrefix(data, again) {
			t.Fatal("the records are not the file's")
		}
	})
}

// FuzzRecordJSON: where the fast scanner accepts a payload, encoding/json and
// encoding/base64 find the same in it.
func FuzzRecordJSON(f *testing.F) {
	for _, p := range fuzzRecords() {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		fast, _, ok := scanRecord(p, nil)
		slow, err := unmarshalRecord(p)
		if ok && (err != nil || !bytes.Equal(fast.hash, slow.hash) || fast.epochs != slow.epochs || !bytes.Equal(fast.digits, slow.digits) || !bytes.Equal(fast.ops, slow.ops) || !bytes.Equal(fast.metrics, slow.metrics)) {
			t.Fatalf("scanned %+v, unmarshalled %+v, %v", fast, slow, err)
		}
		r, _, err := decodeRecord(p, nil)
		if err == nil && (r.spec.Validate() != nil || r.epochs < 1 || r.parameters < 1 || r.evaluations != points) {
			t.Fatalf("%+v", r)
		}
		if s, ok := scanCell(slow.digits, slow.ops); ok {
			if q, err := Parse(string(slow.digits), string(slow.ops)); err != nil || q != s {
				t.Fatalf("scanned %v, parsed %v, %v", s, q, err)
			}
		}
	})
}

// FuzzProto: what decodes, decodes again from its own encoding, and unknown
// fields around it change nothing.
func FuzzProto(f *testing.F) {
	for _, p := range fuzzMetrics() {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		m, err := decodeMetrics(p)
		if err != nil {
			return
		}
		again, err := decodeMetrics(append([]byte{15 << 3, 1}, append(appendMetrics(nil, &m), 15<<3|2, 1, 'x')...))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := fmt.Sprint(again), fmt.Sprint(m); a != b {
			t.Fatalf("%s, want %s", a, b)
		}
	})
}

// FuzzCSV: no text does worse than an error that names the file, and a table
// that reads is sound.
func FuzzCSV(f *testing.F) {
	f.Add(csvHead + "a," + csvCell + ",4,1,0.5,0.25,,10\n")
	f.Add("module_hash,adjacency_rowmajor,ops,trainable_parameters,val108,half_test108,test36,acc12,time36_s\n" +
		"043721b9c7fe8c5fad811d47d83132ec,0100,input;output,882570,0.5,0.25,,x,\n")
	f.Add(strings.ReplaceAll(csvHead, ",", "\",\"") + "\"")
	f.Fuzz(func(t *testing.T, text string) {
		tab, err := readCSV(context.Background(), strings.NewReader(text), "fuzz.csv", int64(len(text)), nil)
		if err != nil {
			if !strings.Contains(err.Error(), "fuzz.csv") {
				t.Fatal(err)
			}
			return
		}
		checkTable(t, tab)
	})
}

// checkTable checks what holds of every table.
func checkTable(t *testing.T, tab *Table) {
	t.Helper()
	runs := 0
	for i := 0; i < tab.Len(); i++ {
		if s := tab.Spec(i); s.Hash() != tab.Hash(i) || tab.Parameters(i) < 1 {
			t.Fatalf("cell %d: %v, %s", i, s, tab.Hash(i))
		}
		if i > 0 && tab.Hash(i) <= tab.Hash(i-1) {
			t.Fatalf("cells %d and %d out of order", i-1, i)
		}
		n := 0
		for _, b := range tab.Budgets() {
			n += len(tab.Runs(i, b))
		}
		if n == 0 || n != len(tab.Runs(i, 0)) {
			t.Fatalf("cell %d: %d runs by budget, %d in all", i, n, len(tab.Runs(i, 0)))
		}
		runs += n
	}
	if runs != tab.Records() || tab.Info().Records != int64(runs)+tab.Info().Duplicates {
		t.Fatalf("%d runs, %+v", runs, tab.Info())
	}
}

// FuzzTable: files of sound framing and arbitrary payloads read to a table
// that comes back from its cache, or to an error of a record.
func FuzzTable(f *testing.F) {
	r := fuzzRecords()
	f.Add(r[0], r[1])
	f.Add(r[5], r[5])
	f.Add(r[0], r[2])
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a)+len(b) > maxRecord {
			return
		}
		tab, err := readBytes(appendTFRecord(appendTFRecord(nil, a), b))
		if err != nil {
			var re *RecordError
			if !errors.As(err, &re) {
				t.Fatal(err)
			}
			return
		}
		checkTable(t, tab)
		data, err := tab.encode()
		if err != nil {
			t.Fatal(err)
		}
		kept, err := decodeTable(data)
		if err != nil {
			t.Fatal(err)
		}
		sameTable(t, kept, tab)
	})
}

// FuzzKeptTable: no change of a kept table opens.
func FuzzKeptTable(f *testing.F) {
	tab, err := readBytes(appendTFRecord(nil, fuzzRecords()[0]))
	if err != nil {
		f.Fatal(err)
	}
	good, err := tab.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add([]byte(filesum.Marker()))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := filesum.Verify(data)
		if (err == nil) != bytes.Equal(data, good) {
			// Another table would need another true checksum.
			t.Fatalf("%d bytes: %v", len(data), err)
		}
	})
}

// FuzzKeptTableContents: even with a true checksum, put there for the fuzzer,
// a kept table opens to a sound table or an error, and takes no memory beyond
// what a table of its rows needs.
func FuzzKeptTableContents(f *testing.F) {
	records := fuzzRecords()
	runs, err := readBytes(appendTFRecord(appendTFRecord(nil, records[0]), records[5]))
	if err != nil {
		f.Fatal(err)
	}
	rows, err := readCSV(context.Background(), strings.NewReader(csvHead+"a,"+csvCell+",4,1,0.5,0.25,,10\n"), "fuzz.csv", 0, nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, tab := range []*Table{runs, rows} {
		data, err := tab.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = bytes.Clone(data)
		if filesum.Sign(data) != nil {
			return
		}
		tab, err := decodeTable(data)
		if err != nil {
			return
		}
		runs := 0
		for i := 0; i < tab.Len(); i++ {
			if i > 0 && tab.Hash(i) <= tab.Hash(i-1) {
				t.Fatalf("cells %d and %d out of order", i-1, i)
			}
			runs += len(tab.Runs(i, 0))
		}
		if runs != tab.Records() {
			t.Fatalf("%d runs of %d", runs, tab.Records())
		}
	})
}

// FuzzHashIndex: no bytes but those of an index with its true checksum, put
// there for the fuzzer where asked, are read, and looking up in what is read
// does not panic.
func FuzzHashIndex(f *testing.F) {
	const cells = 3
	good := append([]byte(indexMagic), make([]byte, cells*indexRecord)...)
	f.Add(good, true)
	f.Add(good[:len(good)-1], true)
	f.Add([]byte(indexMagic), false)
	f.Fuzz(func(t *testing.T, data []byte, signed bool) {
		if signed {
			sum := sha256.Sum256(data)
			data = append(bytes.Clone(data), sum[:]...)
		}
		idx, err := parseIndex(data, cells)
		if err != nil {
			return
		}
		if idx.len() != cells || !bytes.HasPrefix(data, []byte(indexMagic)) {
			t.Fatalf("%d cells", idx.len())
		}
		if i, ok := idx.find([16]byte{1}); ok {
			// A forged code may be no cell's; saying so is all that is asked.
			_, _ = SpecFromCode(idx.code(i))
		}
	})
}
