package main

import (
	"encoding/csv"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
	"github.com/nngplab/nngplab/nngpkit/nasbench201"
)

// cell is a cell with its published accuracy.
type cell struct {
	key      string
	truth    float64
	choose   bool
	counts   map[string]float64 // free counts and published proxies
	network  func() (*arch.Network, error)
	accuracy map[string]float64 // of other data sets
}

// readCells reads the table of a space.
func readCells(o options) ([]cell, error) {
	var cells []cell
	var err error
	switch o.space {
	case "nasbench101":
		cells, err = read(filepath.Join("nasbench101", "uniform_subset.csv"), func(row map[string]string) (cell, error) { return cell101(row, o) })
	case "nasbench201":
		cells, err = read(filepath.Join("nasbench201", "cells.csv"), func(row map[string]string) (cell, error) { return cell201(row, o) })
	default:
		return nil, fmt.Errorf("there is no table of %q, only of nasbench101 and nasbench201", o.space)
	}
	if err != nil {
		return nil, err
	}
	var out []cell
	n := 0
	for _, c := range cells {
		if o.half != "all" && (o.half == "choose") != c.choose {
			continue
		}
		if n%max(1, o.every) == 0 {
			out = append(out, c)
		}
		n++
	}
	if len(out) < 10 {
		return nil, fmt.Errorf("%d cells: too few", len(out))
	}
	return out, nil
}

// read reads a file of the folders of NNGPLAB_DATA, row by row.
func read(name string, of func(row map[string]string) (cell, error)) ([]cell, error) {
	for _, root := range datasets.Roots() {
		path := filepath.Join(root.Dir, name)
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		var cells []cell
		for i, r := range rows[1:] {
			row := map[string]string{}
			for k, column := range rows[0] {
				row[column] = r[k]
			}
			c, err := of(row)
			if err != nil {
				return nil, fmt.Errorf("%s: row %d: %w", path, i+2, err)
			}
			cells = append(cells, c)
		}
		return cells, nil
	}
	return nil, fmt.Errorf("%s is in none of the folders of NNGPLAB_DATA", name)
}

func cell101(row map[string]string, o options) (cell, error) {
	n, err := strconv.Atoi(row["n_vertices"])
	if err != nil || n*n != len(row["adjacency_rowmajor"]) {
		return cell{}, fmt.Errorf("a matrix of %d entries for %s vertices", len(row["adjacency_rowmajor"]), row["n_vertices"])
	}
	var matrix []string
	for i := range n {
		matrix = append(matrix, row["adjacency_rowmajor"][i*n:(i+1)*n])
	}
	spec, err := nasbench.Parse(strings.Join(matrix, "/"), strings.ReplaceAll(row["ops"], ";", ","))
	if err != nil {
		return cell{}, err
	}
	c := cell{key: spec.Hash(), counts: map[string]float64{}}
	if c.truth, err = strconv.ParseFloat(row["test108"], 64); err != nil {
		return cell{}, err
	}
	c.choose = strings.IndexByte("02468ace", c.key[len(c.key)-1]) >= 0
	c.counts["parameters"] = float64(spec.Parameters(nasbench.StemWidth))
	for _, op := range spec.Ops() {
		if op == nasbench.Conv3x3.String() {
			c.counts["conv3x3"]++
		}
	}
	c.counts["shortest"] = float64(shortest(matrix))
	c.network = func() (*arch.Network, error) { return spec.Canonical().Network(o.width, arch.Shape{}) }
	return c, nil
}

// shortest returns the edges of the shortest path from the first vertex to the
// last.
func shortest(matrix []string) int {
	n := len(matrix)
	d := make([]int, n)
	for i := 1; i < n; i++ {
		d[i] = math.MaxInt32
		for j := range i {
			if matrix[j][i] == '1' {
				d[i] = min(d[i], d[j]+1)
			}
		}
	}
	return d[n-1]
}

func cell201(row map[string]string, o options) (cell, error) {
	a, err := nasbench201.Parse(row["arch"])
	if err != nil {
		return cell{}, err
	}
	c := cell{key: row["arch"], counts: map[string]float64{}, accuracy: map[string]float64{}}
	for column, text := range row {
		if column == "arch" || text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil:
			return cell{}, fmt.Errorf("column %s: %w", column, err)
		case strings.HasPrefix(column, "proxy_"):
			c.counts[strings.TrimPrefix(column, "proxy_")] = v
		default:
			c.accuracy[column] = v
		}
	}
	c.truth = c.accuracy["cifar10_val"]
	c.choose = crc32.ChecksumIEEE([]byte(c.key))%2 == 0
	c.counts["parameters"] = float64(a.Parameters(nasbench201.Skeleton{}))
	c.counts["conv3x3"] = float64(strings.Count(c.key, "nor_conv_3x3~"))
	c.network = func() (*arch.Network, error) {
		return a.Canonical().Network(nasbench201.Skeleton{Width: o.width, Cells: o.stage})
	}
	return c, nil
}
