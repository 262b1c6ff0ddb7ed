package wholefile

import (
	"io"
	"io/fs"
	"os"
	"sync/atomic"
)

// Disk is what writing needs of a file system. Tests put one in that fails.
type Disk interface {
	Create(name string) (File, error) // a new file for writing; fs.ErrExist where there is one
	Rename(from, to string) error
	Remove(name string) error
	SyncDir(dir string) error
}

// File is an open file of a Disk.
type File interface {
	io.WriteCloser
	Name() string
	Chmod(mode fs.FileMode) error
	Sync() error
}

var disk atomic.Pointer[Disk]

func current() Disk {
	if d := disk.Load(); d != nil {
		return *d
	}
	return OS{}
}

// Use makes all writes of this process go to d, until the returned function
// is called. It is for tests.
func Use(d Disk) (restore func()) {
	old := disk.Swap(&d)
	return func() { disk.Store(old) }
}

// OS is the operating system's file system.
type OS struct{}

// Create implements Disk. The file is locked while its process lives.
func (OS) Create(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	lock(f)
	return f, nil
}

// Rename implements Disk.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements Disk.
func (OS) Remove(name string) error { return os.Remove(name) }

// SyncDir implements Disk.
func (OS) SyncDir(dir string) error { return syncDir(dir) }
