package datasets

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

const tableEnding = ".parquet"

// embeddedTable returns the Parquet file of that name in an embedded folder. Its
// error wraps fs.ErrNotExist if there is none.
func embeddedTable(files embed.FS, dir, name string) ([]byte, error) {
	b, err := files.ReadFile(dir + "/" + name + tableEnding)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("no computed table of %s is called %q: there are %q: %w", dir, name, embeddedTables(files, dir), fs.ErrNotExist)
	}
	return b, err
}

// embeddedTables returns the names of the Parquet files in an embedded folder, sorted.
func embeddedTables(files embed.FS, dir string) []string {
	all, err := files.ReadDir(dir)
	if err != nil { // embedded: cannot fail
		panic(err)
	}
	var names []string
	for _, f := range all {
		if name, ok := strings.CutSuffix(f.Name(), tableEnding); ok {
			names = append(names, name)
		}
	}
	return names
}
