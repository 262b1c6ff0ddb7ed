package nasbench

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// Space is NAS-Bench-101 behind the face that all spaces share, registered as
// "nasbench101". It is Indexed, in the order of Enumerate; a Finder, by hash;
// Tabular, Keyer, Proposer (RandomSpec); its architectures are Neighborers and
// Costers. Width is the number of channels of the stem.
var Space space.Space = nasbench101{}

func init() { space.Register(Space) }

// Architecture returns a cell as an architecture of Space. The zero Spec, which
// is no cell, is a programmer's mistake: it panics.
func Architecture(s Spec) space.Architecture {
	if err := s.Validate(); err != nil {
		panic(err)
	}
	return architecture{s}
}

// SpecOf returns the cell of an architecture of Space, and an error for one of
// another space.
func SpecOf(a space.Architecture) (Spec, error) {
	if c, ok := a.(architecture); ok {
		return c.spec, nil
	}
	if a == nil {
		return Spec{}, fmt.Errorf("nasbench: no architecture")
	}
	return Spec{}, fmt.Errorf("nasbench: %s is an architecture of %s", printable.Quote(a.String()), a.SpaceName())
}

type nasbench101 struct{}

func (nasbench101) Name() string { return "nasbench101" }

func (nasbench101) Info() space.Info {
	return space.Info{
		Title:     "NAS-Bench-101",
		About:     "cells of at most 7 vertices and 9 edges of 3x3 and 1x1 convolutions and 3x3 max pooling, stacked nine times",
		Reference: "Ying et al. 2019, arXiv:1902.09635",
		Noun:      "cell",
		KeyColumn: "hash",
		Form:      "matrix and operations, such as 0101/0010/0001/0000 input,conv3x3-bn-relu,conv3x3-bn-relu,output",
		Width:     StemWidth, MinWidth: MaxVertices - 2, Input: ImageShape, Classes: Classes,
	}
}

// Parse reads Spec.String's form, or matrix and operations as Python prints
// them. What pruning removes is gone.
func (nasbench101) Parse(text string) (space.Architecture, error) {
	matrix, ops, err := splitCell(text)
	if err != nil {
		return nil, err
	}
	return parseArchitecture(matrix, ops)
}

func parseArchitecture(matrix, ops string) (space.Architecture, error) {
	s, err := Parse(matrix, ops)
	if err != nil {
		return nil, err
	}
	return architecture{s}, nil
}

// splitCell parts the matrix from the operations, which begin at the first
// letter, with the brackets and quotes before it.
func splitCell(text string) (matrix, ops string, err error) {
	text = strings.TrimSpace(text)
	i := strings.IndexFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
	switch {
	case text == "":
		return "", "", fmt.Errorf("nasbench: an empty text: want matrix and operations")
	case i < 0:
		return "", "", fmt.Errorf("nasbench: %s names no operations: want matrix and operations", printable.Quote(text))
	}
	matrix = strings.TrimRight(text[:i], " \t[('\"")
	ops = text[len(matrix):]
	if matrix = strings.TrimRight(matrix, ",; \t"); matrix == "" {
		if strings.Contains(text, ",") {
			return "", "", fmt.Errorf("nasbench: %s has no matrix before the operations", printable.Quote(text))
		}
		return "", "", fmt.Errorf("nasbench: %s is neither a hash of 32 hexadecimal digits nor a matrix and operations", printable.Quote(text))
	}
	return matrix, ops, nil
}

func (nasbench101) Size() *big.Int { return big.NewInt(Size) }

func (nasbench101) Sample(n int, seed uint64) ([]space.Architecture, error) {
	specs, err := Sample(n, seed)
	return architectures(specs), err
}

func architectures(specs []Spec) []space.Architecture {
	if specs == nil {
		return nil
	}
	out := make([]space.Architecture, len(specs))
	for i, s := range specs {
		out[i] = architecture{s}
	}
	return out
}

// At implements space.Indexed.
func (nasbench101) At(i int64) (space.Architecture, error) {
	if i < 0 || i >= Size {
		return nil, fmt.Errorf("nasbench: cell %d of %d", i, Size)
	}
	return architecture{wholeSpace()[i]}, nil
}

// ByKey implements space.Finder.
func (nasbench101) ByKey(ctx context.Context, key string) (space.Architecture, error) {
	key = strings.ToLower(strings.TrimSpace(key))
	if _, err := parseHash(key); err != nil {
		return nil, fmt.Errorf("%w (%w)", err, space.ErrNotKey)
	}
	s, err := ByHash(ctx, key)
	if err != nil {
		return nil, err
	}
	return architecture{s}, nil
}

// The columns that spell a cell: this project's, the published subsets', the
// published file's.
var cellColumns = [][]string{
	{"matrix", "ops"},
	{"adjacency_rowmajor", "ops"},
	{"module_adjacency", "module_operations"},
}

// Columns implements space.Tabular.
func (nasbench101) Columns() [][]string { return cellColumns }

// ParseColumns implements space.Tabular.
func (nasbench101) ParseColumns(columns, values []string) (space.Architecture, error) {
	if len(columns) != 2 || len(values) != 2 {
		return nil, fmt.Errorf("nasbench: %d values of columns %v: a cell is a matrix and operations", len(values), columns)
	}
	for i, v := range values {
		if strings.TrimSpace(v) == "" {
			return nil, fmt.Errorf("nasbench: column %s is empty", columns[i])
		}
	}
	return parseArchitecture(values[0], values[1])
}

// Spell implements space.Tabular.
func (nasbench101) Spell(a space.Architecture) []string {
	s, err := SpecOf(a)
	if err != nil {
		panic(err)
	}
	return []string{s.MatrixString(), s.OpsString()}
}

// Keys implements space.Keyer.
func (nasbench101) Keys(ctx context.Context, all []space.Architecture) ([]string, error) {
	specs := make([]Spec, len(all))
	for i, a := range all {
		var err error
		if specs[i], err = SpecOf(a); err != nil {
			return nil, err
		}
	}
	return HashAll(ctx, specs, nil)
}

// Propose implements space.Proposer: RandomSpecs without end.
func (nasbench101) Propose(seed uint64) func() space.Architecture {
	rng := newRand(seed, purposeRandom)
	return func() space.Architecture { return architecture{RandomSpec(rng)} }
}

// ProposalAbout implements space.Proposer.
func (nasbench101) ProposalAbout() string {
	return "random 7x7 matrices and operations until valid, as the public notebook of arXiv:2011.06006 draws: favors small cells, can repeat one"
}

// OwnTallies implements space.Tallier: Count by vertices and by edges, and the
// labeled graphs beside.
func (nasbench101) OwnTallies() []space.Tally {
	c := Count()
	wide := func(x []int) []int64 {
		out := make([]int64, len(x))
		for i, v := range x {
			out[i] = int64(v)
		}
		return out
	}
	vertices, edges := countNamed("vertices"), countNamed("edges")
	return []space.Tally{
		{Name: "unique", By: vertices, Numbers: wide(c.ByVertices)},
		{Name: "labeled", By: vertices, Numbers: wide(c.LabeledByVertices)},
		{Name: "unique", By: edges, Numbers: wide(c.ByEdges)},
	}
}

func countNamed(name string) space.Count {
	for _, c := range spaceCounts {
		if c.Name == name {
			return c.Count
		}
	}
	panic("nasbench: no count " + name)
}
