package sweep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TablesEnv names the environment variable that holds a folder of tables of
// scores that the user computed ('nngplab scores compute --out FOLDER'). A table
// that lies there is read instead of the one that is part of this program.
const TablesEnv = "NNGPLAB_TABLES"

// OpenScores returns a table of scores that this project computed, as a data
// frame with a row for each cell, setting, number of members and number of
// training images: hash; width, members, train, val; norm, estimator, kernel;
// seed, split_seed; every score of package gp by its name, with the epsilon of
// some; statistics of the kernel that need no labels; nngp_gflops of the
// forward passes of these members, processor seconds (forward_seconds,
// seconds); and level and cell, which NewCell reads. ScoresAt picks a setting;
// 'nngplab scores list' names the tables.
//
// Scores are rounded to float32. NaN is a score that could not be computed.
// A table that lies in the folder that NNGPLAB_TABLES names comes first. Opening
// computes nothing.
func OpenScores(ctx context.Context, name string) (dataframe.DataFrame, error) {
	t, err := OpenScoreTable(ctx, name)
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	return t.Frame, nil
}

// OpenScoreTable is OpenScores with what is known of the table's making.
func OpenScoreTable(ctx context.Context, name string) (*ScoreTable, error) {
	if dir := os.Getenv(TablesEnv); dir != "" {
		t, err := LoadScores(filepath.Join(dir, name+".parquet"))
		if !errors.Is(err, fs.ErrNotExist) {
			return t, err
		}
	}
	return CommittedScores(name)
}

// committed remembers the tables that were read.
var committed struct {
	sync.Mutex
	tables map[string]*ScoreTable
}

// CommittedScores returns a table of scores that is part of this program, never
// a computed one. Its error wraps fs.ErrNotExist if there is none of that name.
func CommittedScores(name string) (*ScoreTable, error) {
	committed.Lock()
	defer committed.Unlock()
	if t := committed.tables[name]; t != nil {
		return &ScoreTable{t.Info, t.Frame.Copy()}, nil
	}
	b, err := datasets.ScoreTable(name)
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	t, err := decodeScores(b)
	if err != nil {
		return nil, fmt.Errorf("sweep: table of scores %s: %w", name, err)
	}
	if committed.tables == nil {
		committed.tables = map[string]*ScoreTable{}
	}
	committed.tables[name] = t
	return &ScoreTable{t.Info, t.Frame.Copy()}, nil
}

// committedSpecs returns the cells of an embedded table, in its order.
func committedSpecs(name string) ([]space.Architecture, bool) {
	t, err := CommittedScores(name)
	if err != nil {
		return nil, false
	}
	var out []space.Architecture
	last := ""
	for _, text := range t.Frame.Col(truth.CellColumn).Records() {
		if text == last {
			continue
		}
		last = text
		s, err := truth.NewCell(text)
		if err != nil {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

// ScoresAt returns the rows of a table of scores in one setting, a row a cell,
// to be joined with Cells.Add: those of a width, a number of members, of
// training images, and a norm ("ema", "batch", "none"). It is an error, which
// names the settings that there are, if there is none, or if cells have several
// rows: take one seed, estimator or kernel with Where before.
func ScoresAt(df dataframe.DataFrame, width, members, train int, norm string) (dataframe.DataFrame, error) {
	out, err := frame.Where(df, WidthColumn, width)
	for _, c := range []struct {
		column string
		value  any
	}{{MembersColumn, members}, {TrainColumn, train}, {NormColumn, norm}} {
		if err == nil {
			out, err = frame.Where(out, c.column, c.value)
		}
	}
	if err != nil {
		return dataframe.DataFrame{}, fmt.Errorf("%w; the table has %s", err, SettingsOf(df))
	}
	if _, err := frame.KeyRows(out, "selected", frame.KeyColumn); err != nil {
		return dataframe.DataFrame{}, fmt.Errorf("sweep: width %d, %d members, %d images, norm %s: cells have several rows (take one seed, estimator or kernel with Where before); the table has %s",
			width, members, train, norm, SettingsOf(df))
	}
	return out, nil
}

// SettingsOf lists the settings of a table.
func SettingsOf(df dataframe.DataFrame) string {
	names := []string{WidthColumn, MembersColumn, TrainColumn, NormColumn, DrawColumn, ViewColumn, SeedColumn, SplitSeedColumn}
	var cols [][]string
	for _, n := range names {
		c := df.Col(n)
		if c.Err != nil {
			return fmt.Sprintf("no column %q", n)
		}
		cols = append(cols, c.Records())
	}
	seen := map[string]bool{}
	var out []string
	for i := 0; i < df.Nrow(); i++ {
		var parts []string
		for j, n := range names {
			parts = append(parts, n+" "+cols[j][i])
		}
		s := strings.Join(parts, " ")
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	sort.Strings(out)
	return strings.Join(out, "; ")
}
