package published

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/mnasnet"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
	"github.com/nngplab/nngplab/nngpkit/nasbench201"
)

// Inspectable returns the names of the data sets that Inspect reads.
func Inspectable() []string { return append(Importable(), "nasbench201", accelSet) }

// Inspect reads what a folder holds of a data set, checks every record, and keeps
// nothing. It says what it read, a line for each file, also of those before one
// that is damaged. Progress, if not nil, is called now and then with the bytes read.
func Inspect(ctx context.Context, set, dir string, progress func(done, total int64)) ([]string, error) {
	switch {
	case slices.Contains(Importable(), set):
		s, err := findImportable(set)
		if err != nil {
			return nil, err
		}
		t, err := nasbench.ReadTable(ctx, filepath.Join(dir, s.file), progress)
		if err != nil {
			return nil, err
		}
		return []string{fmt.Sprintf("%s: read %d records of %d cells", s.file, t.Records(), t.Len())}, nil
	case set == "nasbench201":
		return inspectFiles(ctx, dir, "cells", []string{".csv"}, func(path string) (int, error) {
			t, err := nasbench201.OpenTable(path)
			if err != nil {
				return 0, err
			}
			return t.Len(), nil
		})
	case set == accelSet:
		return inspectFiles(ctx, dir, "networks", []string{".csv", ".tar.gz"}, func(path string) (int, error) {
			t, err := mnasnet.ReadTableFile(path)
			if err != nil {
				return 0, err
			}
			return t.Len(), nil
		})
	}
	return nil, fmt.Errorf("published: there is no reader for %q, only for %s", set, strings.Join(Inspectable(), ", "))
}

// inspectFiles reads every file of a folder whose name ends as a table's does.
func inspectFiles(ctx context.Context, dir, noun string, endings []string, read func(path string) (int, error)) (lines []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("published: %w", err)
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return lines, err
		}
		if !slices.ContainsFunc(endings, func(end string) bool { return strings.HasSuffix(e.Name(), end) }) {
			continue
		}
		n, err := read(filepath.Join(dir, e.Name()))
		if err != nil {
			return lines, err
		}
		lines = append(lines, fmt.Sprintf("%s: read %d %s", e.Name(), n, noun))
	}
	return lines, nil
}
