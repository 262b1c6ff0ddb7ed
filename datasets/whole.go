package datasets

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed whole
var wholeFiles embed.FS

// WholeParts returns the names of the parts of the table of a whole space that are
// computed, sorted.
func WholeParts() []string {
	files, err := wholeFiles.ReadDir("whole")
	if err != nil { // embedded: cannot fail
		panic(err)
	}
	var names []string
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".parquet"); ok {
			names = append(names, name)
		}
	}
	return names
}

// WholePart returns the file of a part, as 'nngplab sweep export' wrote it; package
// campaign reads it. It returns an error that wraps fs.ErrNotExist if there is no
// such part.
func WholePart(name string) ([]byte, error) {
	b, err := wholeFiles.ReadFile("whole/" + name + ".parquet")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("no part of a whole space is called %q: there are %q: %w", name, WholeParts(), fs.ErrNotExist)
	}
	return b, err
}
