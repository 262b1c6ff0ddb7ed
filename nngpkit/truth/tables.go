package truth

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// benchmarkSample is how many cells Tables takes of the whole benchmark when
// it is to take all of the others.
const benchmarkSample = 1000

// Tables is TablesOf NAS-Bench-101.
func Tables(ctx context.Context, limit int) ([]*Cells, error) {
	return TablesOf(ctx, "nasbench101", limit)
}

// TablesOf returns every published table of trained networks of the space of that
// name that is found (see OpenCells) and not set aside (see published.Source), at most limit networks of each; with a limit
// of 0 all, and 1,000 of a whole benchmark. Where none is found it returns one
// sample of networks without truth instead, of limit networks or 200, so that what
// needs no truth can still be shown.
func TablesOf(ctx context.Context, space string, limit int) ([]*Cells, error) {
	var out []*Cells
	for _, t := range published.Sources() {
		if t.Space != space || t.Aside {
			continue
		}
		n := limit
		if n == 0 && t.Whole {
			n = benchmarkSample
		}
		c, err := OpenCells(ctx, t.Name, n)
		var missing *published.NotFoundError
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if len(out) > 0 {
		return out, nil
	}
	if limit == 0 {
		limit = 200
	}
	c, err := SampleOf(space, limit, 1)
	return []*Cells{c}, err
}

// ScoredTables returns every published table of trained cells that Tables does,
// each with the cells that a frame of scores has, a row a cell (see ScoresAt),
// and joined with its columns. Where no table is found it returns the cells of
// the frame alone, without truth, so that what needs no truth can still be
// shown.
func ScoredTables(ctx context.Context, scores dataframe.DataFrame) ([]*Cells, error) {
	rows, err := frame.KeyRows(scores, "scored", frame.KeyColumn)
	if err != nil {
		return nil, err
	}
	wanted := func(hash string) bool { _, ok := rows[hash]; return ok }
	of := spaceOf(scores)
	var out []*Cells
	for _, t := range published.Sources() {
		if t.Aside || of != "" && t.Space != of {
			continue
		}
		table, err := t.Open(ctx)
		var missing *published.NotFoundError
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c, err := fromTable(table, t, 0, wanted)
		if errors.Is(err, ErrNoCells) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		c, err := scoredCells(scores)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	for _, c := range out {
		if err := c.Add(scores); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// spaceOf returns the space of a frame of scores, "" where it does not say.
func spaceOf(scores dataframe.DataFrame) string {
	c := scores.Col(CellColumn)
	if c.Err != nil || c.Len() == 0 {
		return ""
	}
	a, err := NewCell(c.Elem(0).String())
	if err != nil {
		return ""
	}
	return a.SpaceName()
}

// ScoredCells returns the cells of a frame of scores, a row a cell, with what is
// known of them for free and the frame's columns; without truth.
func ScoredCells(scores dataframe.DataFrame) (*Cells, error) {
	c, err := scoredCells(scores)
	if err != nil {
		return nil, err
	}
	return c, c.Add(scores)
}

// scoredCells returns the cells of a frame of scores.
func scoredCells(scores dataframe.DataFrame) (*Cells, error) {
	c := &Cells{Name: "scored", About: "cells of the table of scores; no trained accuracies were found"}
	column := scores.Col(CellColumn)
	if column.Err != nil {
		return nil, fmt.Errorf("truth: a frame of scores has no column %q", CellColumn)
	}
	for _, text := range column.Records() {
		s, err := NewCell(text)
		if err != nil {
			return nil, err
		}
		c.Architectures = append(c.Architectures, s)
	}
	var err error
	c.Frame, err = cellFrame(scores.Col(frame.KeyColumn).Records(), c.Architectures)
	return c, err
}

// NewCell returns the architecture of a row: what the column cell holds. It is of
// the registered space that reads the text.
func NewCell(text string) (space.Architecture, error) {
	var first error
	for _, s := range space.All() {
		a, err := s.Parse(text)
		if err == nil {
			return a, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, fmt.Errorf("truth: %q is no architecture of any of %q: %w", text, space.Names(), first)
}

// CellColumn holds the cell of a row, written out: NewCell reads it.
const CellColumn = "cell"
