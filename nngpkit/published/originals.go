package published

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// officialSet is the data set of what NASLib published of NAS-Bench-101's cells.
const (
	officialSet = "nasbench101-official"
	zenSet      = "nasbench101-zen"
)

// The files that hold proxies beside, or alone.
const (
	naslibFile = "zc_nasbench101.json"
	zenFile    = "nb101_zen.zip"
)

// original is a file of a data set of tables, as others published it.
type original struct {
	file   string // "" is the folder itself
	format nasbench.Format
	source string // of its runs
}

// originals101 are what the data sets of NAS-Bench-101's small tables hold.
var originals101 = map[string][]original{
	officialSet: {
		{naslibFile, nasbench.NASLibJSON, "NASLib-zc500"},
		{"nb101_dummy.pkl", nasbench.NASLibPickle, "NASLib-dummy"},
		{"nb101_dummy_lists.pkl", nasbench.NASLibPickle, "NASLib-dummy"},
	},
	"nasbench101-uniform": {{"nasbench1_2500.json", nasbench.GenNASJSON, "GenNAS-Zero-2500"}},
	"nasbench101-nc":      {{"", nasbench.TrainingFolder, "nc_nasbench"}},
	"nasbench101-ecnas": {
		{"energy_4V9E_4epochs.tfrecord", nasbench.TFRecord, "EC-NAS-Bench"},
		{"energy_5V9E_4epochs.tfrecord", nasbench.TFRecord, "EC-NAS-Bench"},
	},
}

// originalsIn returns those originals of a data set that a folder holds.
func originalsIn(set, dir string) []nasbench.Original {
	var out []nasbench.Original
	for _, o := range originals101[set] {
		path := filepath.Join(dir, o.file)
		if o.format == nasbench.TrainingFolder && !nasbench.FolderOfTrainings(dir) {
			continue
		}
		if _, err := os.Stat(path); err == nil {
			out = append(out, nasbench.Original{Path: path, Format: o.format, Source: o.source})
		}
	}
	return out
}

// findOriginals returns the originals of the data sets, of each from the first folder
// that has one, checked against what was recorded when they were fetched. Sets that
// are nowhere have none.
func findOriginals(ctx context.Context, sets ...string) ([]nasbench.Original, error) {
	var out []nasbench.Original
	for _, set := range sets {
		all, err := datasets.FindAll(set)
		var missing *datasets.MissingError
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("published: %w", err)
		}
		for _, at := range all {
			found := originalsIn(set, at.Dir)
			if len(found) == 0 {
				continue // a table with a header line, which has been looked for
			}
			if err := checkOriginals(ctx, at.Dir, found); err != nil {
				return nil, err
			}
			out = append(out, found...)
			break
		}
	}
	return out, nil
}

// checkOriginals compares the files with what is recorded of them.
func checkOriginals(ctx context.Context, dir string, originals []nasbench.Original) error {
	rec, err := datasets.ReadRecord(dir)
	if rec == nil || err != nil {
		return err
	}
	var names []string
	for _, o := range originals {
		if o.Format == nasbench.TrainingFolder { // all of the folder
			names = names[:0]
			for _, f := range rec.Files {
				names = append(names, f.Path)
			}
			break
		}
		names = append(names, filepath.Base(o.Path))
	}
	if err := datasets.CheckRecorded(ctx, dir, names...); err != nil {
		return fmt.Errorf("published: %w", err)
	}
	return nil
}

// findOriginal returns one file of a data set, checked, or "" where it is nowhere.
func findOriginal(ctx context.Context, set, file string) (string, error) {
	all, err := datasets.FindAll(set)
	var missing *datasets.MissingError
	if errors.As(err, &missing) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("published: %w", err)
	}
	for _, at := range all {
		path := filepath.Join(at.Dir, file)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		if err := datasets.CheckRecorded(ctx, at.Dir, file); err != nil {
			return "", fmt.Errorf("published: %w", err)
		}
		return path, nil
	}
	return "", nil
}

// here reports whether the table is on this machine, without reading it.
func (s Source) here() bool {
	if s.file != "" {
		if _, err := locate(s.Name, s.file); err == nil {
			return true
		}
	}
	for _, set := range s.sets {
		if kept, err := datasets.TablePath(set); err == nil && exists(kept) {
			return true
		}
		all, err := datasets.FindAll(set)
		if err != nil {
			continue
		}
		for _, at := range all {
			if originals101[set] == nil || len(originalsIn(set, at.Dir)) > 0 {
				return true
			}
		}
	}
	return false
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
