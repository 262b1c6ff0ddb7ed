// Package plainfile opens files that come from outside. It refuses what is no
// plain file, such as a pipe that nobody writes to or a device that never ends,
// and reads no more than a reader has use for.
package plainfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Open opens a plain file for reading. A folder, a pipe, a socket or a device
// is an error that says so, and never waits. Links are followed.
func Open(path string) (*os.File, error) {
	if _, err := Stat(path); err != nil {
		return nil, err
	}
	return open(path, os.O_RDONLY, 0)
}

// OpenFile opens a plain file as os.OpenFile does. Anything else is an error as in
// Open, and never waits.
func OpenFile(path string, flag int, perm fs.FileMode) (*os.File, error) {
	if err := OrNone(path); err != nil {
		return nil, err
	}
	return open(path, flag, perm)
}

// open opens what was looked at. Should a pipe have taken the file's place since, it
// does not wait.
func open(path string, flag int, perm fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, flag|syscall.O_NONBLOCK, perm)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = check(path, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// OrNone returns nil if there is a plain file at path or nothing at all: what opens
// it, such as a lock, waits for nothing then.
func OrNone(path string) error {
	if _, err := Stat(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Stat describes a plain file; anything else is an error as in Open.
func Stat(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return info, check(path, info)
}

func check(path string, info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return fmt.Errorf("%s: is a folder, not a file", path)
	default:
		return fmt.Errorf("%s: is no plain file", path)
	}
}

// Folder returns an error if the path, or the nearest that there is above it, is
// no folder.
func Folder(path string) error {
	for p := filepath.Clean(path); ; p = filepath.Dir(p) {
		at, err := os.Stat(p)
		switch {
		case err == nil && at.IsDir():
			return nil
		case err == nil && at.Mode().IsRegular():
			return fmt.Errorf("%s: is a file, not a folder", p)
		case err == nil:
			return fmt.Errorf("%s: is no folder", p)
		case p == filepath.Dir(p):
			return nil
		}
	}
}

// Read returns the contents of a plain file of at most limit bytes. A longer
// one is an error that says so, before it is read.
func Read(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, tooLong(path, info.Size(), limit)
	}
	data := make([]byte, 0, info.Size()+512)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if int64(len(data)) > limit {
			return nil, tooLong(path, int64(len(data)), limit)
		}
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

func tooLong(path string, size, limit int64) error {
	return fmt.Errorf("%s: has %d bytes or more, at most %d are read", path, size, limit)
}

// BeginsWith returns nil if there is no file at path or a plain one that begins
// with the given text, which is how a program knows its own; another is an error
// that says that it stays.
func BeginsWith(path, text string) error {
	f, err := Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, len(text))
	if n, err := io.ReadFull(f, head); err != nil || string(head[:n]) != text {
		return fmt.Errorf("%s was not written by this program, and is not overwritten: choose another place, or move it away", path)
	}
	return nil
}
