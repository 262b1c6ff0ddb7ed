// Package linefile keeps files to which lines are appended, each a JSON object
// with a checksum of its own. A line that a kill or a power failure has cut off
// is dropped; any other damage is an error that names the file and the line. One
// process at a time appends to a file.
package linefile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/gofrs/flock"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// MaxLine bounds a line, in bytes.
const MaxLine = 1 << 20

// A checksum stands at the end of a line, as the last field of its object.
const (
	sumField = `,"sum":"`
	sumTail  = `"}`
	sumBytes = 8
	sumText  = len(sumField) + 2*sumBytes + len(sumTail)
)

// Seal appends to dst the line of an object, which must have a field, with a
// checksum of the salt and of the object's bytes, and a line feed. The same object
// with another salt has another checksum.
func Seal(dst []byte, salt string, object []byte) []byte {
	if n := len(object); n < 3 || object[0] != '{' || object[n-1] != '}' {
		panic("linefile: not a JSON object with a field")
	}
	object = object[:len(object)-1]
	dst = append(dst, object...)
	dst = append(dst, sumField...)
	dst = append(dst, sum(salt, object)...)
	return append(dst, sumTail+"\n"...)
}

func sum(salt string, open []byte) string {
	h := sha256.New()
	h.Write([]byte(salt))
	h.Write([]byte{'\n'})
	h.Write(open)
	var b [sha256.Size]byte
	return hex.EncodeToString(h.Sum(b[:0])[:sumBytes])
}

// Errors of Open.
var (
	ErrNoSum = errors.New("the line has no checksum at its end: it is damaged, or of another kind")
	ErrSum   = errors.New("the checksum of the line is wrong: it was changed, or is of another file")
)

// Open returns the object of a sealed line, with or without its line feed. The
// bytes are new.
func Open(salt string, line []byte) ([]byte, error) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	at := len(line) - sumText
	if at < 2 || line[0] != '{' || !bytes.HasPrefix(line[at:], []byte(sumField)) || !bytes.HasSuffix(line, []byte(sumTail)) {
		return nil, ErrNoSum
	}
	given := line[at+len(sumField):][:2*sumBytes]
	if sum(salt, line[:at]) != string(given) {
		return nil, ErrSum
	}
	return append(bytes.Clone(line[:at]), '}'), nil
}

// SumOf returns the checksum that a sealed line states.
func SumOf(line []byte) uint64 {
	line = bytes.TrimSuffix(line, []byte("\n"))
	at := len(line) - len(sumTail) - 2*sumBytes
	if at < 0 {
		return 0
	}
	n, _ := strconv.ParseUint(string(line[at:][:2*sumBytes]), 16, 64)
	return n
}

// Line is one line of a file: Number from 1, where it begins, and its bytes with
// the line feed, which are valid until the next one.
type Line struct {
	Number int
	Offset int64
	Text   []byte
}

// Scan calls visit with the whole lines of a file, in order, and returns their
// length together, and how many bytes follow: of a line that is not whole. An
// error names the file and the line. A file that is not there is an error that
// wraps fs.ErrNotExist.
func Scan(path string, visit func(Line) error) (whole, cut int64, err error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, MaxLine)
	for n := 1; ; n++ {
		text, err := in.ReadSlice('\n')
		switch {
		case err == io.EOF:
			return whole, int64(len(text)), nil
		case errors.Is(err, bufio.ErrBufferFull):
			return whole, 0, fmt.Errorf("%s: line %d: more than %d bytes", path, n, MaxLine)
		case err != nil:
			return whole, 0, err
		}
		if err := visit(Line{n, whole, text}); err != nil {
			return whole, 0, fmt.Errorf("%s: line %d: %w", path, n, err)
		}
		whole += int64(len(text))
	}
}

// IsPart tells whether rest is what a kill or a power failure leaves of a line that
// begins so: nothing, a part of it from the beginning, or zeros.
func IsPart(rest []byte, begin string) bool {
	k := min(len(rest), len(begin))
	return string(rest[:k]) == begin[:k] || len(bytes.Trim(rest, "\x00")) == 0
}

// CheckCut returns an error if what follows the first whole bytes of a file, its
// lines, is no part of a line that begins so: it is somebody's then, and must not be
// cut off.
func CheckCut(path string, whole int64, begin string) error {
	f, err := plainfile.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	rest, err := io.ReadAll(io.NewSectionReader(f, whole, MaxLine))
	if err == nil && !IsPart(rest, begin) {
		err = fmt.Errorf("%s: ends in what is no line of its kind, nor the beginning of one: move it away to start anew", path)
	}
	return err
}

// File is what appending needs of an open file.
type File interface {
	io.Writer
	Truncate(size int64) error
	Sync() error
	Close() error
}

// openFile opens a file for appending; tests put one in that fails.
var openFile = func(path string) (File, error) {
	return plainfile.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
}

// Use makes all files that are appended to pass through wrap, until the returned
// function is called. It is for tests.
func Use(wrap func(File) File) (restore func()) {
	old := openFile
	openFile = func(path string) (File, error) {
		f, err := old(path)
		if err != nil {
			return nil, err
		}
		return wrap(f), nil
	}
	return func() { openFile = old }
}

// Lock is the right to change a file. It is that of a process, and ends with it.
type Lock struct{ lock *flock.Flock }

// ErrLocked says that another process has the lock.
var ErrLocked = errors.New("another process is working on it")

// Acquire takes the lock of a file, beside it under the name PATH.lock, or
// returns ErrLocked.
func Acquire(path string) (*Lock, error) {
	l := flock.New(path + ".lock")
	if err := plainfile.OrNone(l.Path()); err != nil { // opening a pipe would wait for ever
		return nil, err
	}
	ok, err := l.TryLock()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w", path, ErrLocked)
	}
	return &Lock{l}, nil
}

// Release gives the lock up.
func (l *Lock) Release() error { return l.lock.Unlock() }

// Log appends to a file.
type Log struct {
	file  File
	path  string
	size  int64
	dirty bool
	err   error // after which nothing more is written
}

// Append opens a file to append to it behind its first size bytes; what follows
// these is cut off. The caller holds the lock.
func Append(path string, size int64) (*Log, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(size); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Log{file: f, path: path, size: size}, nil
}

// Write appends a line, whole or not at all: where the disk takes a part of it,
// the part is cut off again, and if that fails it is dropped when the file is read.
// After an error nothing more is written.
func (l *Log) Write(line []byte) error {
	if l.err != nil {
		return l.err
	}
	n, err := l.file.Write(line)
	if err == nil && n < len(line) {
		err = io.ErrShortWrite
	}
	if err != nil {
		if n > 0 {
			_ = l.file.Truncate(l.size)
		}
		l.err = fmt.Errorf("%s: %w", l.path, err)
		return l.err
	}
	l.size += int64(n)
	l.dirty = true
	return nil
}

// Sync brings what was written to the disk.
func (l *Log) Sync() error {
	if !l.dirty {
		return nil
	}
	l.dirty = false
	if err := l.file.Sync(); err != nil {
		l.err = fmt.Errorf("%s: %w", l.path, err)
		return l.err
	}
	return nil
}

// Close syncs and closes the file.
func (l *Log) Close() error { return errors.Join(l.Sync(), l.file.Close()) }
