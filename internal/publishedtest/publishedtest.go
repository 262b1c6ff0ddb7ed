// Package publishedtest makes files in the layouts of published tables, with
// made-up results of real networks, for tests of what reads them.
package publishedtest

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// File returns a file in the layout of the data set's published one that holds so
// many networks, each trained once for 108 epochs.
func File(set string, networks int) ([]byte, error) {
	if set != "nasbench101" {
		return nil, fmt.Errorf("publishedtest: no files in the layout of %q are made", set)
	}
	return nasbench.SyntheticFile(nasbench.SyntheticOptions{Cells: networks, Repeats: 1, Budgets: []int{108}})
}

// Networks returns the number of networks of a table that an import has kept, and
// an error if it is damaged or no such table.
func Networks(path string) (int, error) {
	t, err := nasbench.OpenTable(path)
	if err != nil {
		return 0, err
	}
	return t.Len(), nil
}
