package nasbench201

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/nngplab/nngplab/datasets"
)

// The columns of accuracies that Load gives, in percent.
const (
	CIFAR10     = "cifar10_val"        // validation on CIFAR-10
	ImageNet16  = "imagenet16_120_val" // validation on ImageNet16-120
	ProxyPrefix = "proxy_"             // of the columns of proxies on CIFAR-10
)

// dataset is the name of the manifest.
const dataset = "nasbench201"

// wholeTable is a table of everything; parts are the published files, with what
// the names of their columns become.
var (
	wholeTable = "cells.csv"
	parts      = []struct {
		file   string
		rename func(name string) string
	}{
		{"nb201_val_accs.csv", named(CIFAR10)},
		{"nb201_ImageNet16-120_valid_nets.csv", named(ImageNet16)},
		{"nb201_zc_proxies.csv", prefixed(ProxyPrefix)},
		{"nb201_ImageNet16-120_zc_proxies.csv", prefixed("imagenet16_120_" + ProxyPrefix)},
	}
)

// named gives the accuracy of a file a name, and leaves others.
func named(to string) func(string) string {
	return func(name string) string {
		if name == "val_accs" {
			return to
		}
		return name
	}
}

func prefixed(prefix string) func(string) string {
	return func(name string) string { return prefix + name }
}

// Load returns the published numbers of NAS-Bench-201 cells, wherever the data
// set is found (see package datasets): accuracies under CIFAR10 and ImageNet16,
// proxies under proxy_NAME and imagenet16_120_proxy_NAME, as far as the files
// that hold them are there. It returns a *datasets.MissingError if none is.
func Load(ctx context.Context) (*Table, error) {
	places, err := datasets.FindAll(dataset)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		t, err := loadFolder(ctx, p.Dir)
		if t != nil || err != nil {
			return t, err
		}
	}
	m, err := datasets.Get(dataset)
	if err != nil {
		return nil, err
	}
	return nil, &datasets.MissingError{Manifest: m, Looked: datasets.Roots()}
}

// loadFolder reads the published files of a folder into one table, or the one
// table that it holds instead; nil where there is neither.
func loadFolder(ctx context.Context, dir string) (*Table, error) {
	var whole *Table
	for _, part := range parts {
		t, err := openRecorded(ctx, dir, part.file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for k, name := range t.names {
			t.names[k] = part.rename(name)
		}
		if whole == nil {
			whole = &Table{Source: dir}
		}
		whole.merge(t)
	}
	if whole != nil {
		return whole, nil
	}
	t, err := openRecorded(ctx, dir, wholeTable)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return t, err
}

// openRecorded opens a table that has not changed since it was fetched.
func openRecorded(ctx context.Context, dir, file string) (*Table, error) {
	path := filepath.Join(dir, file)
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	if err := datasets.CheckRecorded(ctx, dir, file); err != nil {
		return nil, err
	}
	return OpenTable(path)
}

// merge adds the columns of u, and rows for the cells that t does not have.
// What either does not have is NaN.
func (t *Table) merge(u *Table) {
	at := make(map[Cell]int, len(t.cells))
	for i, c := range t.cells {
		at[c] = i
	}
	place := make([]int, len(u.cells))
	for i, c := range u.cells {
		row, ok := at[c]
		if !ok {
			row = len(t.cells)
			t.cells = append(t.cells, c)
		}
		place[i] = row
	}
	for k := range t.cols {
		t.cols[k] = padded(t.cols[k], len(t.cells))
	}
	for k, name := range u.names {
		col := padded(nil, len(t.cells))
		for i, row := range place {
			col[row] = u.cols[k][i]
		}
		t.names, t.cols = append(t.names, name), append(t.cols, col)
	}
}

// padded returns x with so many values, NaN the new ones.
func padded(x []float64, n int) []float64 {
	for len(x) < n {
		x = append(x, math.NaN())
	}
	return x
}
