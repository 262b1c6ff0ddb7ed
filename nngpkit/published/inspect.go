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
func Inspectable() []string {
	names := append(Importable(), "nasbench201", accelSet, zenSet)
	for set := range originals101 {
		names = append(names, set)
	}
	slices.Sort(names)
	return names
}

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
	if originals101[set] != nil || set == zenSet {
		return inspect101(ctx, set, dir)
	}
	return nil, fmt.Errorf("published: there is no reader for %q, only for %s", set, strings.Join(Inspectable(), ", "))
}

// csvIn names the tables with a header line that stand for a data set of originals.
var csvIn = map[string]string{
	officialSet: "official_subset.csv", "nasbench101-uniform": "uniform_subset.csv", "nasbench101-nc": "retrained.csv", "nasbench101-ecnas": "retrained.csv",
}

// inspect101 reads what a folder holds of a data set of NAS-Bench-101's small tables.
func inspect101(ctx context.Context, set, dir string) (lines []string, err error) {
	said := func(name string, t *nasbench.Table) {
		lines = append(lines, fmt.Sprintf("%s: read %d records of %d cells", name, t.Records(), t.Len()))
	}
	for _, o := range originalsIn(set, dir) {
		t, err := nasbench.ReadOriginals(ctx, o)
		if err != nil {
			return lines, err
		}
		said(filepath.Base(o.Path), t)
	}
	if path := filepath.Join(dir, csvIn[set]); csvIn[set] != "" && exists(path) {
		t, err := nasbench.ReadCSV(path)
		if err != nil {
			return lines, err
		}
		said(csvIn[set], t)
	}
	if path := filepath.Join(dir, zenFile); set == zenSet && exists(path) {
		p, err := nasbench.ReadZen(path)
		if err != nil {
			return lines, err
		}
		lines = append(lines, fmt.Sprintf("%s: read the scores of %d cells", zenFile, len(p.Hashes)))
	}
	return lines, nil
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
