package nasbench

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// maxRecord bounds a record's length. Those of the published files are below
// one kilobyte; a longer one is taken for damage before its bytes are read.
const maxRecord = 16 << 20

// RecordError says where in a TFRecord file something is wrong.
type RecordError struct {
	File   string // as given; may be empty
	Record int64  // counted from 0
	Offset int64  // of the record's first byte in the file
	Err    error
}

// Error names the file, the record and its offset.
func (e *RecordError) Error() string {
	file := e.File
	if file == "" {
		file = "TFRecord"
	}
	return fmt.Sprintf("nasbench: %s: record %d at byte %d: %s", file, e.Record, e.Offset, bare(e.Err))
}

// bare returns an error's text without this package's name, for errors that
// begin with it already.
func bare(err error) string { return strings.TrimPrefix(err.Error(), "nasbench: ") }

// Unwrap returns the reason.
func (e *RecordError) Unwrap() error { return e.Err }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskedCRC returns TensorFlow's masked CRC32C of data: rotated right by 15
// bits, plus a constant, so that a checksum of data that holds checksums stays
// sound.
func maskedCRC(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// TFRecordReader reads TensorFlow's record files: an 8-byte little-endian
// length, its masked CRC32C, that many bytes, their masked CRC32C, again and
// again to the end of the file.
type TFRecordReader struct {
	r      *bufio.Reader
	file   string
	record int64
	offset int64
	buf    []byte
	err    error
}

// NewTFRecordReader reads records from r; file names it in errors.
func NewTFRecordReader(r io.Reader, file string) *TFRecordReader {
	return &TFRecordReader{r: bufio.NewReaderSize(r, 1<<16), file: file}
}

// Record returns the number of records that Next has returned.
func (t *TFRecordReader) Record() int64 { return t.record }

// Offset returns the offset of the byte after the last record returned.
func (t *TFRecordReader) Offset() int64 { return t.offset }

// Next returns the next record's payload, valid until the following call. At
// the end of the file it returns io.EOF; anything wrong is a *RecordError, and
// every later call returns it again. No memory is set aside for bytes that
// the file does not hold.
func (t *TFRecordReader) Next() ([]byte, error) {
	t.buf = t.buf[:0]
	start, n, err := t.appendRecord()
	if err != nil {
		return nil, err
	}
	payload := t.buf[start : start+n]
	if err := checkPayload(payload, t.buf[start+n:]); err != nil {
		t.err = &RecordError{t.file, t.record, t.offset, err}
		return nil, t.err
	}
	t.record++
	t.offset += int64(n) + 16
	return payload, nil
}

// appendRecord appends the next record's payload and its checksum to t.buf,
// the checksum unchecked, and returns where the payload begins and its length.
// It does not advance the record and the offset.
func (t *TFRecordReader) appendRecord() (start, n int, err error) {
	if t.err != nil {
		return 0, 0, t.err
	}
	start = len(t.buf)
	n, err = t.readRecord()
	if err != nil {
		t.buf = t.buf[:start]
		if err != io.EOF {
			err = &RecordError{t.file, t.record, t.offset, err}
		}
		t.err = err
	}
	return start, n, err
}

func (t *TFRecordReader) readRecord() (int, error) {
	var head [12]byte
	switch k, err := io.ReadFull(t.r, head[:]); {
	case err == io.EOF:
		return 0, io.EOF
	case err == io.ErrUnexpectedEOF:
		return 0, fmt.Errorf("the file ends %d bytes into the 12 of a record's header", k)
	case err != nil:
		return 0, err
	}
	if want, got := binary.LittleEndian.Uint32(head[8:]), maskedCRC(head[:8]); want != got {
		return 0, fmt.Errorf("the length's checksum is %#08x, stored %#08x: no TFRecord file, or damaged", got, want)
	}
	length := binary.LittleEndian.Uint64(head[:])
	if length > maxRecord {
		return 0, fmt.Errorf("a length of %d bytes, more than the %d allowed", length, maxRecord)
	}
	n := int(length)
	for want := n + 4; want > 0; {
		k := min(want, 64<<10)
		have := len(t.buf)
		t.buf = append(t.buf, make([]byte, k)...)
		got, err := io.ReadFull(t.r, t.buf[have:])
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return 0, fmt.Errorf("the file ends %d bytes into a record of %d", 12+n+4-want+got, n+16)
			}
			return 0, err
		}
		want -= k
	}
	return n, nil
}

// checkPayload compares a payload with the checksum stored after it.
func checkPayload(payload, stored []byte) error {
	want, got := binary.LittleEndian.Uint32(stored), maskedCRC(payload)
	if want != got {
		return fmt.Errorf("the checksum is %#08x, stored %#08x: the file is damaged", got, want)
	}
	return nil
}

// appendTFRecord appends payload as a record to dst.
func appendTFRecord(dst, payload []byte) []byte {
	start := len(dst)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(payload)))
	dst = binary.LittleEndian.AppendUint32(dst, maskedCRC(dst[start:]))
	dst = append(dst, payload...)
	return binary.LittleEndian.AppendUint32(dst, maskedCRC(payload))
}
