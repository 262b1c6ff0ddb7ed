package datasets

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed scores
var scoreFiles embed.FS

// ScoreTable returns the file of a table of scores that this project computed,
// in Parquet; package study reads it. It returns an error that wraps
// fs.ErrNotExist if there is no such table.
func ScoreTable(name string) ([]byte, error) {
	b, err := scoreFiles.ReadFile("scores/" + name + ".parquet")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("no computed table of scores is called %q: there are %q: %w", name, ScoreTables(), fs.ErrNotExist)
	}
	return b, err
}

// ScoreTables returns the names of the tables of scores, sorted.
func ScoreTables() []string {
	files, err := scoreFiles.ReadDir("scores")
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

// ScoreFile returns another file that stands beside the tables of scores. It
// returns an error that wraps fs.ErrNotExist if there is none of that name.
func ScoreFile(name string) ([]byte, error) { return scoreFiles.ReadFile("scores/" + name) }
