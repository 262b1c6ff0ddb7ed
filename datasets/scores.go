package datasets

import "embed"

//go:embed scores
var scoreFiles embed.FS

// ScoreTable returns the file of a table of scores that this project computed,
// in Parquet; package study reads it. It returns an error that wraps
// fs.ErrNotExist if there is no such table.
func ScoreTable(name string) ([]byte, error) {
	return embeddedTable(scoreFiles, "scores", name)
}

// ScoreTables returns the names of the tables of scores, sorted.
func ScoreTables() []string { return embeddedTables(scoreFiles, "scores") }

// ScoreFile returns another file that stands beside the tables of scores. It
// returns an error that wraps fs.ErrNotExist if there is none of that name.
func ScoreFile(name string) ([]byte, error) { return scoreFiles.ReadFile("scores/" + name) }
