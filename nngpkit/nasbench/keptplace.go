package nasbench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/nngplab/nngplab/internal/filesum"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// PlaceError says that a table cannot be kept where it was asked to be: there is
// something that no import made.
type PlaceError struct {
	Path, Reason string
}

// Error names the place and the reason.
func (e *PlaceError) Error() string { return fmt.Sprintf("nasbench: %s %s", e.Path, e.Reason) }

// CheckPlace returns a *PlaceError if path holds anything but a table that Save
// has kept, which a new one may replace, or is the file src that the table is to
// be read from, or if nothing can be written there.
func CheckPlace(path, src string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := wholefile.Check(path); err != nil { // before minutes of parsing
			return &PlaceError{path, "cannot be written: " + err.Error()}
		}
		return nil
	}
	if err != nil {
		return &PlaceError{path, "cannot be looked at: " + err.Error()}
	}
	if from, err := os.Stat(src); err == nil && os.SameFile(info, from) {
		return &PlaceError{path, "is the file that the table is read from: keep the table elsewhere"}
	}
	ours, err := looksKept(path)
	if err != nil {
		return &PlaceError{path, "cannot be replaced: " + err.Error()}
	}
	if !ours {
		return &PlaceError{path, "holds no table that an import has kept, and is not overwritten: keep the table elsewhere, or move that file away"}
	}
	return nil
}

// looksKept reports whether a file begins and ends as a kept table does, whether
// or not it is damaged between.
func looksKept(path string) (bool, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	const magic, most = "PAR1", 4 << 20
	head := make([]byte, len(magic))
	if n, err := f.ReadAt(head, 0); n < len(head) || string(head) != magic {
		if err == io.EOF {
			err = nil
		}
		return false, err
	}
	end := make([]byte, min(info.Size(), most))
	if _, err := f.ReadAt(end, info.Size()-int64(len(end))); err != nil && err != io.EOF {
		return false, err
	}
	return bytes.Contains(end, []byte(filesum.Marker())), nil
}
