package main

import (
	"context"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/nasbench201"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// truths are the tables of the spaces.
var truths = map[string]string{"nasbench101": "uniform", "nasbench201": "nasbench201"}

// cells returns the cells of a space's table.
func (o options) cells(ctx context.Context) (*truth.Cells, error) {
	name, ok := truths[o.space]
	if !ok {
		return nil, fmt.Errorf("there is no table of %q, only of nasbench101 and nasbench201", o.space)
	}
	return truth.OpenCells(ctx, name, 0)
}

// network returns the network of a cell, of o.stage cells a stage where the space
// is NAS-Bench-201.
func (o options) network(a space.Architecture) (*arch.Network, error) {
	if a.SpaceName() != nasbench201.Space.Name() {
		return a.Canonical().Network(o.width, arch.Shape{})
	}
	c, err := nasbench201.CellOf(a)
	if err != nil {
		return nil, err
	}
	return c.Canonical().Network(nasbench201.Skeleton{Width: o.width, Cells: o.stage})
}

// spread returns the places of n of m, or of all where there are fewer.
func spread(m, n int) []int {
	n = min(m, n)
	out := make([]int, n)
	for i := range out {
		out[i] = i * m / n
	}
	return out
}

// keys returns the keys of cells.
func keys(c *truth.Cells) []string { return c.Frame.Col(frame.KeyColumn).Records() }
