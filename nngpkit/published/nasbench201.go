package published

import (
	"context"
	"errors"
	"hash/crc32"
	"math"
	"sort"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/nasbench201"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// table201 is a table of NAS-Bench-201 cells, one row a cell of the space.
type table201 struct {
	source  string
	cells   []space.Architecture // canonical
	truth   []float64            // shares, not percent
	runs    []int                // spellings with an accuracy
	columns []Column
	index   map[string]int
}

// openNASBench201 loads the published numbers of NAS-Bench-201, wherever they are
// found. Spellings of one cell become one row, of the means of their numbers.
// Accuracies are shares. Rows come in the order of a checksum of their keys,
// which is as good as a random one: that of the keys is not.
func openNASBench201(ctx context.Context, s Source) (Table, error) {
	all, err := nasbench201.Load(ctx)
	var missing *datasets.MissingError
	if errors.As(err, &missing) {
		e := &NotFoundError{Name: s.Name, Sets: s.sets, File: "nasbench201/cells.csv"}
		for _, r := range missing.Looked {
			e.Looked = append(e.Looked, r.Dir)
		}
		return nil, e
	}
	if err != nil {
		return nil, err
	}
	return newTable201(all)
}

func newTable201(all *nasbench201.Table) (*table201, error) {
	t := &table201{source: all.Source, index: map[string]int{}}
	var keys []string
	spellings := map[string][]int{}
	for i := range all.Len() {
		key := all.Cell(i).Canonical().String()
		if spellings[key] == nil {
			keys = append(keys, key)
		}
		spellings[key] = append(spellings[key], i)
	}
	order := func(key string) uint32 { return crc32.ChecksumIEEE([]byte(key)) }
	sort.Slice(keys, func(a, b int) bool {
		x, y := order(keys[a]), order(keys[b])
		return x < y || x == y && keys[a] < keys[b]
	})
	for i, key := range keys {
		t.index[key] = i
		t.cells = append(t.cells, nasbench201.Architecture(all.Cell(spellings[key][0]).Canonical()))
	}
	for _, name := range all.Names() {
		column, err := all.Column(name)
		if err != nil {
			return nil, err
		}
		scale := 1.0
		if name == nasbench201.CIFAR10 || name == nasbench201.ImageNet16 {
			scale = 100
		}
		values, runs := make([]float64, len(keys)), make([]int, len(keys))
		for i, key := range keys {
			sum := 0.0
			for _, row := range spellings[key] {
				if v := column[row]; !math.IsNaN(v) {
					sum += v
					runs[i]++
				}
			}
			values[i] = sum / float64(runs[i]) / scale // NaN of none
		}
		if name == nasbench201.CIFAR10 {
			t.truth, t.runs = values, runs
			continue
		}
		t.columns = append(t.columns, Column{name, values})
	}
	if t.truth == nil { // a folder that holds other files of the data set alone
		t.truth, t.runs = make([]float64, len(keys)), make([]int, len(keys))
		for i := range t.truth {
			t.truth[i] = math.NaN()
		}
	}
	return t, nil
}

func (t *table201) Source() string                        { return t.source }
func (t *table201) Len() int                              { return len(t.cells) }
func (t *table201) Key(i int) string                      { return t.cells[i].Key() }
func (t *table201) Architecture(i int) space.Architecture { return t.cells[i] }
func (t *table201) Columns() []Column                     { return t.columns }

func (t *table201) Index(key string) (int, bool) {
	i, ok := t.index[key]
	return i, ok
}

func (t *table201) Truth(i int) (mean float64, runs int) { return t.truth[i], t.runs[i] }

// Training knows of no shorter trainings.
func (t *table201) Training(int, int) ([]float64, float64) { return nil, math.NaN() }
