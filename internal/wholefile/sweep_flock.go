//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package wholefile

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// abandonedAfter is how old a temporary file is at least that nobody holds.
var abandonedAfter = time.Minute

func lock(f *os.File) { _ = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// sweep removes the temporary files that killed processes left of earlier
// writes of the same file: those of our name which no living process has
// locked.
func sweep(dir, base string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, stem(base)) && strings.HasSuffix(name, tail) && e.Type().IsRegular() {
			removeAbandoned(filepath.Join(dir, name))
		}
	}
}

func removeAbandoned(name string) {
	info, err := os.Lstat(name)
	if err != nil || time.Since(info.ModTime()) < abandonedAfter {
		return
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
		os.Remove(name)
	}
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
