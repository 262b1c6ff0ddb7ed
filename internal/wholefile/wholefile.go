// Package wholefile writes files that appear whole or not at all.
package wholefile

import (
	"os"
	"path/filepath"
)

// Write places data at path, making folders as needed.
func Write(path string, data []byte) error {
	return Place(path, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}

// Place lets write fill a temporary file beside path and renames it to path
// once it is on disk; on an error nothing is left behind.
func Place(path string, write func(*os.File) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".tmp*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
