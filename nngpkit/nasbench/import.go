package nasbench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// Import reads a table of training results and keeps it, parsed, at cachePath
// for OpenTable: the official TFRecord files of NAS-Bench-101, retrained ones
// in the same layout, or one of the comma-separated layouts of ReadCSV. The
// format is found by looking at the file.
//
// Every checksum of the file is verified, and every cell's hash recomputed and
// compared. Anything wrong is an error that names the file, the record and its
// place, and leaves no cache, or an older one as it was. The cache is written
// whole or not at all. If there is one already, undamaged and made from a file of the same
// SHA-256, it is loaded instead of parsing again. An empty cachePath keeps
// nothing. Anything at cachePath but a kept table is a *PlaceError, and stays.
//
// progress, where not nil, is called with the bytes of the file done and its
// size, from one goroutine at a time. A canceled context ends the work with
// the context's error.
func Import(ctx context.Context, src, cachePath string, progress func(done, total int64)) (*Table, error) {
	if cachePath != "" {
		if err := CheckPlace(cachePath, src); err != nil {
			return nil, err
		}
		if t, err := OpenTable(cachePath); err == nil {
			same, err := hasDigest(ctx, src, t.info)
			if err != nil {
				return nil, err
			}
			if same {
				if progress != nil {
					progress(t.info.Bytes, t.info.Bytes)
				}
				return t, nil
			}
		}
	}
	t, err := ReadTable(ctx, src, progress)
	if err != nil || cachePath == "" {
		return t, err
	}
	if err := t.Save(cachePath); err != nil {
		return nil, fmt.Errorf("nasbench: keeping the table: %w", err)
	}
	return t, nil
}

// ReadTable is Import without a cache.
func ReadTable(ctx context.Context, src string, progress func(done, total int64)) (*Table, error) {
	f, err := plainfile.Open(src)
	if err != nil {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	var head [64]byte
	n, err := f.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	if n == 0 {
		return nil, fmt.Errorf("nasbench: %s is empty", src)
	}
	if n > 2 && head[0] == 0x1f && head[1] == 0x8b {
		return nil, fmt.Errorf("nasbench: %s is compressed by gzip: decompress it first", src)
	}
	if looksLikeCSV(head[:n]) {
		return readCSV(ctx, f, src, st.Size(), progress)
	}
	return readTFRecord(ctx, f, src, st.Size(), progress)
}

// looksLikeCSV says whether a file starts with text, where a TFRecord starts
// with a length below 16 MiB: zeros from the fourth byte on.
func looksLikeCSV(head []byte) bool {
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

// hasDigest reports whether the file has the size and the digest of info.
func hasDigest(ctx context.Context, path string, info Info) (bool, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return false, fmt.Errorf("nasbench: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("nasbench: %w", err)
	}
	if st.Size() != info.Bytes {
		return false, nil
	}
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)) == info.SHA256, nil
		}
		if err != nil {
			return false, fmt.Errorf("nasbench: %w", err)
		}
	}
}

// A batch is a run of whole records on its way from the reader, which cuts
// the file, through a worker, which checks and decodes them, to the builder.
type batch struct {
	seq    int
	record int64   // number of the first record
	start  []int   // of each payload in data
	size   []int   // of each payload; its checksum follows
	offset []int64 // of each record in the file
	data   []byte
	end    int64 // offset after the batch

	out []record
	err error // of the record after out, or after the whole batch
}

const (
	batchBytes   = 1 << 20
	batchRecords = 1 << 12

	maxReserve = 6 << 20 // records to make room for at once: the official full file and some more
)

// readTFRecord reads a published file. One goroutine cuts it into records,
// one for each processor decodes them, and this one collects them in order,
// so that the result and the first error do not depend on timing.
func readTFRecord(parent context.Context, r io.Reader, file string, size int64, progress func(done, total int64)) (*Table, error) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	digest := sha256.New()
	counted := &countingReader{r: io.TeeReader(r, digest)}
	raw, done := make(chan *batch, workers), make(chan *batch, workers)
	free := make(chan *batch, 4*workers) // all the batches there are: what bounds memory
	for i := 0; i < cap(free); i++ {
		free <- new(batch)
	}
	var cutter, decoders sync.WaitGroup
	cutter.Add(1)
	go func() {
		defer cutter.Done()
		defer close(raw)
		cutRecords(ctx, NewTFRecordReader(counted, file), free, raw)
	}()
	for i := 0; i < workers; i++ {
		decoders.Add(1)
		go func() {
			defer decoders.Done()
			decodeBatches(ctx, file, raw, done)
		}()
	}
	go func() {
		decoders.Wait()
		close(done)
	}()
	bld := &builder{locate: func(run int, offset int64, err error) error {
		return &RecordError{file, int64(run), offset, err}
	}}
	err := bld.collect(done, free, size, progress)
	cancel()
	cutter.Wait()
	if parent.Err() != nil {
		return nil, parent.Err()
	}
	if err != nil {
		return nil, err
	}
	if len(bld.epochs) == 0 {
		return nil, fmt.Errorf("nasbench: %s holds no records", file)
	}
	return bld.table(parent, Info{Source: filepath.Base(file), SHA256: hex.EncodeToString(digest.Sum(nil)), Bytes: counted.n})
}

// countingReader counts the bytes read.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// cutRecords fills batches from the file until its end, an error, which the
// last batch carries, or the end of the context.
func cutRecords(ctx context.Context, t *TFRecordReader, free <-chan *batch, raw chan<- *batch) {
	for seq := 0; ; seq++ {
		var b *batch
		select {
		case b = <-free:
		case <-ctx.Done():
			return
		}
		b.seq, b.record, b.err = seq, t.record, nil
		b.start, b.size, b.offset, b.out = b.start[:0], b.size[:0], b.offset[:0], b.out[:0]
		t.buf = b.data[:0]
		for len(t.buf) < batchBytes && len(b.start) < batchRecords && b.err == nil {
			start, n, err := t.appendRecord()
			if err != nil {
				b.err = err
				break
			}
			b.start, b.size, b.offset = append(b.start, start), append(b.size, n), append(b.offset, t.offset)
			t.record++
			t.offset += int64(n) + 16
		}
		b.data, b.end = t.buf, t.offset
		last := b.err != nil
		select {
		case raw <- b:
		case <-ctx.Done():
			return
		}
		if last {
			return
		}
	}
}

// decodeBatches decodes batches until there are no more or the context ends.
func decodeBatches(ctx context.Context, file string, raw <-chan *batch, done chan<- *batch) {
	var scratch []byte
	for b := range raw {
		scratch = b.decode(file, scratch)
		select {
		case done <- b:
		case <-ctx.Done():
			return
		}
	}
}

// decode fills b.out; an error of a record replaces that of the reader, which
// comes later in the file.
func (b *batch) decode(file string, scratch []byte) []byte {
	for i, start := range b.start {
		payload := b.data[start : start+b.size[i]]
		err := checkPayload(payload, b.data[start+b.size[i]:])
		var r record
		if err == nil {
			r, scratch, err = decodeRecord(payload, scratch)
		}
		if err == nil {
			err = r.check()
		}
		if err != nil {
			b.err = &RecordError{file, b.record + int64(i), b.offset[i], err}
			return scratch
		}
		b.out = append(b.out, r)
	}
	return scratch
}

// collect adds the batches in the order of the file, to its end or the first
// error.
func (bld *builder) collect(done <-chan *batch, free chan<- *batch, size int64, progress func(done, total int64)) error {
	waiting := map[int]*batch{}
	next := 0
	for b := range done {
		waiting[b.seq] = b
		for waiting[next] != nil {
			b := waiting[next]
			delete(waiting, next)
			for i := range b.out {
				bld.add(&b.out[i], b.offset[i])
			}
			if next == 0 && b.end > 0 {
				// The rest of the file is likely to be like its beginning; but
				// the size of a sparse file is a mere claim too.
				bld.reserve(int(min(maxReserve, float64(size)/float64(b.end)*float64(len(b.out))*1.02)) + 16)
			}
			if b.err != nil && b.err != io.EOF {
				return b.err
			}
			if progress != nil {
				progress(b.end, max(size, b.end))
			}
			if b.err == io.EOF {
				return nil
			}
			next++
			free <- b
		}
	}
	return context.Canceled // nobody else closes the channel before the end
}
