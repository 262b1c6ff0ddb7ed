package published

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// importable is a data set whose published file is parsed once and kept.
type importable struct {
	set, file string
	size      int // networks of the whole table
}

var importables = []importable{
	{"nasbench101", "nasbench_only108.tfrecord", nasbench.Size},
	{"nasbench101-full", "nasbench_full.tfrecord", nasbench.Size},
}

// Importable returns the names of the data sets whose tables can be imported.
func Importable() []string {
	var names []string
	for _, s := range importables {
		names = append(names, s.set)
	}
	return names
}

func findImportable(set string) (importable, error) {
	i := slices.IndexFunc(importables, func(s importable) bool { return s.set == set })
	if i < 0 {
		return importable{}, fmt.Errorf("published: %q is no table that is imported: %s are", set, strings.Join(Importable(), " and "))
	}
	return importables[i], nil
}

// Import says which table is to be imported, from where, and where to.
type Import struct {
	Set   string // one of Importable
	File  string // to read; "" means the data set's own file, where it is found
	Table string // where to keep the parsed form; "" means in the user's cache
}

// Check fills in what was left empty, and returns an error where the import
// could not begin: no such set (see Importable), a *datasets.MissingError where
// the set is not on this machine, a File that is not there, or a Table that holds what no import has kept.
func (i *Import) Check() error {
	set, err := findImportable(i.Set)
	if err != nil {
		return err
	}
	if i.File == "" {
		at, err := datasets.Find(i.Set)
		if err != nil {
			return err
		}
		i.File = filepath.Join(at.Dir, set.file)
	} else if _, err := os.Stat(i.File); err != nil {
		return err
	}
	if i.Table == "" {
		if i.Table, err = datasets.TablePath(i.Set); err != nil {
			return err
		}
	}
	return nasbench.CheckPlace(i.Table, i.File)
}

// Imported says what an import has read and kept.
type Imported struct {
	Set       string
	File      string
	SHA256    string // of File
	Published bool   // File is the published one, by its digest
	Table     string
	Networks  int // that the table holds
	Size      int // of the whole published table
	Records   int // trainings
	Budgets   []int
}

// Run parses the file, checks every record, and keeps the table, whole or not at
// all. A table that is kept already and came from the same bytes is not parsed
// again. A file of the data set itself must have the digest with which it was
// fetched. Progress, if not nil, is called now and then with the bytes read.
func (i Import) Run(ctx context.Context, progress func(done, total int64)) (*Imported, error) {
	if err := i.Check(); err != nil {
		return nil, err
	}
	set, err := findImportable(i.Set)
	if err != nil {
		return nil, err
	}
	if at, err := datasets.Find(i.Set); err == nil && i.File == filepath.Join(at.Dir, set.file) {
		if err := datasets.CheckRecorded(ctx, at.Dir, set.file); err != nil {
			return nil, err
		}
	}
	t, err := nasbench.Import(ctx, i.File, i.Table, progress)
	if err != nil {
		return nil, err
	}
	m, err := datasets.Get(i.Set)
	if err != nil {
		return nil, err
	}
	sum := t.Info().SHA256
	return &Imported{
		Set: i.Set, File: i.File, SHA256: sum, Published: sum == m.Sources[0].SHA256, Table: i.Table,
		Networks: t.Len(), Size: set.size, Records: t.Records(), Budgets: t.Budgets(),
	}, nil
}
