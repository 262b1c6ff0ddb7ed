// Package faults stands in for what fails: a disk that is full or breaks at any
// moment, a writer that takes less than it is given, a server that breaks off,
// lies, stalls and changes its mind. Tests put one in for the real thing.
package faults

import (
	"errors"
	"io"
	"io/fs"
	"sync"
	"syscall"

	"github.com/nngplab/nngplab/internal/wholefile"
)

// ErrCrash is what a Disk returns once it has crashed: the process that saw it
// is taken to be dead, so nothing is cleaned up either.
var ErrCrash = errors.New("the machine is down")

// How a Disk fails.
const (
	Full  = iota // the operation fails as on a full disk; a write takes half of its bytes
	Short        // a write takes half of its bytes and says nothing
	Crash        // the operation is not done, nor any later one
)

// Disk is a file system of which operation number At fails, counted from 0.
// Every operation is counted, also those that clean up.
type Disk struct {
	At  int
	How int

	mu   sync.Mutex
	n    int
	down bool
}

// Operations returns how many operations there were.
func (d *Disk) Operations() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.n
}

// step counts an operation and says whether it fails.
func (d *Disk) step() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.n
	d.n++
	switch {
	case d.down:
		return ErrCrash
	case n != d.At:
		return nil
	case d.How == Crash:
		d.down = true
		return ErrCrash
	}
	return syscall.ENOSPC
}

// Create implements wholefile.Disk.
func (d *Disk) Create(name string) (wholefile.File, error) {
	if err := d.step(); err != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: err}
	}
	f, err := wholefile.OS{}.Create(name)
	if err != nil {
		return nil, err
	}
	return &file{File: f, d: d}, nil
}

// Rename implements wholefile.Disk.
func (d *Disk) Rename(from, to string) error {
	if err := d.step(); err != nil {
		return &fs.PathError{Op: "rename", Path: from, Err: err}
	}
	return wholefile.OS{}.Rename(from, to)
}

// Remove implements wholefile.Disk.
func (d *Disk) Remove(name string) error {
	if err := d.step(); err != nil {
		return &fs.PathError{Op: "remove", Path: name, Err: err}
	}
	return wholefile.OS{}.Remove(name)
}

// SyncDir implements wholefile.Disk.
func (d *Disk) SyncDir(dir string) error {
	if err := d.step(); err != nil {
		return &fs.PathError{Op: "sync", Path: dir, Err: err}
	}
	return wholefile.OS{}.SyncDir(dir)
}

type file struct {
	wholefile.File
	d *Disk
}

func (f *file) Write(p []byte) (int, error) {
	err := f.d.step()
	switch {
	case err == nil:
		return f.File.Write(p)
	case errors.Is(err, ErrCrash):
		return 0, err
	}
	n, werr := f.File.Write(p[:len(p)/2])
	if f.d.How == Short {
		return n, werr
	}
	return n, err
}

func (f *file) Chmod(mode fs.FileMode) error {
	if err := f.d.step(); err != nil {
		return err
	}
	return f.File.Chmod(mode)
}

func (f *file) Sync() error {
	if err := f.d.step(); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *file) Close() error {
	err := f.d.step()
	return errors.Join(err, f.File.Close())
}

// Writer passes on the first N bytes and then fails with Err.
type Writer struct {
	W   io.Writer
	N   int
	Err error
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	k := min(len(p), w.N)
	n, err := w.W.Write(p[:k])
	w.N -= n
	if err == nil && n < len(p) {
		err = w.Err
	}
	return n, err
}
