// Package wholefile writes files that appear whole or not at all. Every file
// that this project keeps is written by it: under a name of its own beside the
// place, synced, and renamed, so that a reader, a crash or a full disk finds the
// old contents or the new ones and never a part.
package wholefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// Write places data at path, making folders as needed.
func Write(path string, data []byte) error {
	return Place(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Place lets write fill a temporary file beside path and renames it to path
// once it is on disk; on an error nothing is left behind. Folders are made as
// needed. A file that is replaced keeps its permissions, and a link stays a
// link to what is replaced. Anything but a plain file is refused: renaming over
// a device or a pipe would remove it.
func Place(path string, write func(io.Writer) error) error { return PlaceMode(path, 0, write) }

// PlaceMode is Place for a file that has the permissions mode whatever it had
// before; 0 keeps those, or means what the umask leaves of 0666.
func PlaceMode(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	path, old, err := target(path)
	if err != nil {
		return err
	}
	if mode == 0 {
		mode = old
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	sweep(dir, filepath.Base(path))
	d := current()
	f, err := create(d, dir, filepath.Base(path))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			d.Remove(f.Name())
		}
		forget(f.Name())
	}()
	if err = write(strict{f}); err != nil {
		return err
	}
	if mode != 0 {
		if err = f.Chmod(mode); err != nil {
			return err
		}
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = d.Rename(f.Name(), path); err != nil {
		return err
	}
	// The file is in its place: where the folder cannot be synced, a power
	// failure may bring the old one back, whole.
	d.SyncDir(dir)
	return nil
}

// Check returns why no file can be placed at path, or nil: before work is done
// whose result would have no place. Nothing is left behind.
func Check(path string) error {
	path, _, err := target(path)
	if err != nil {
		return err
	}
	dir, err := existing(filepath.Dir(path))
	if err != nil {
		return err
	}
	d := current()
	f, err := create(d, dir, filepath.Base(path))
	if err != nil {
		return err
	}
	defer forget(f.Name())
	return errors.Join(f.Close(), d.Remove(f.Name()))
}

// existing returns the folder, or the nearest one around it that is there, in
// which it would be made.
func existing(dir string) (string, error) {
	for {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return "", fmt.Errorf("%s: is no folder", dir)
		}
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return dir, err
		}
		if _, lerr := os.Lstat(dir); lerr == nil {
			return "", fmt.Errorf("%s: is a link that leads nowhere", dir)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", err
		}
		dir = parent
	}
}

// target follows links and returns the place itself and its permissions, 0
// where there is nothing yet.
func target(path string) (string, fs.FileMode, error) {
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return "", 0, fmt.Errorf("%s: is a link that leads nowhere: %w", path, err)
		}
		path = real
		info, err = os.Lstat(path)
		if err != nil {
			return "", 0, err
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, 0, nil
	case err != nil:
		return "", 0, err
	case info.IsDir():
		return "", 0, fmt.Errorf("%s: is a folder", path)
	case !info.Mode().IsRegular():
		return "", 0, fmt.Errorf("%s: is no plain file", path)
	}
	return path, info.Mode().Perm(), nil
}

// strict reports a writer that takes fewer bytes without an error.
type strict struct{ w io.Writer }

func (s strict) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}

// Temporary files are called .NAME.nngplab-DIGITS.tmp: a name that is nobody
// else's.
const (
	mark = ".nngplab-"
	tail = ".tmp"
)

// stem is the beginning of the temporary files' names for a file.
func stem(base string) string { return "." + base[:min(len(base), 200)] + mark }

// live are the temporary files of this process.
var live struct {
	sync.Mutex
	names map[string]bool
}

func create(d Disk, dir, base string) (File, error) {
	for try := 0; ; try++ {
		name := filepath.Join(dir, stem(base)+strconv.FormatUint(rand.Uint64(), 36)+tail)
		f, err := d.Create(name)
		if errors.Is(err, fs.ErrExist) && try < 1000 {
			continue
		}
		if err != nil {
			return nil, err
		}
		live.Lock()
		if live.names == nil {
			live.names = map[string]bool{}
		}
		live.names[name] = true
		live.Unlock()
		return f, nil
	}
}

func forget(name string) {
	live.Lock()
	delete(live.names, name)
	live.Unlock()
}

// Abandon removes the temporary files of writes that are under way: the last
// thing that a program does which ends in the middle of them.
func Abandon() {
	live.Lock()
	defer live.Unlock()
	for name := range live.names {
		os.Remove(name)
	}
}
