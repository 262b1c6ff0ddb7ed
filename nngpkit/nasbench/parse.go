package nasbench

import (
	"fmt"
	"strings"
)

// maxText bounds the vertices of a matrix that ParseGraph reads, long before
// pruning: a guard against text that is no matrix at all.
const maxText = 64

// ParseGraph reads a graph from text, unpruned. The matrix is rows of 0 and 1
// separated by slashes, commas, semicolons or spaces ("0110/0001/0001/0000",
// where a last row of zeros may be written "0"), or the V*V digits row after
// row without separators, as NAS-Bench-101 stores them. The operations are
// names separated by commas or semicolons; see ParseOp.
func ParseGraph(matrix, ops string) (Graph, error) {
	rows, err := parseMatrix(matrix)
	if err != nil {
		return Graph{}, err
	}
	g := Graph{Matrix: rows}
	for _, name := range strings.FieldsFunc(ops, func(r rune) bool { return r == ',' || r == ';' }) {
		g.Ops = append(g.Ops, strings.TrimSpace(name))
	}
	if err := g.Validate(); err != nil {
		return Graph{}, err
	}
	return g, nil
}

// Parse reads a cell from text in the forms of ParseGraph, checks and prunes
// it: see New.
func Parse(matrix, ops string) (Spec, error) {
	g, err := ParseGraph(matrix, ops)
	if err != nil {
		return Spec{}, err
	}
	return FromGraph(g)
}

func parseMatrix(text string) ([][]int, error) {
	fields := strings.FieldsFunc(text, func(r rune) bool {
		return r == '/' || r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\n' || r == '\r'
	})
	switch {
	case len(fields) == 0:
		return nil, fmt.Errorf("nasbench: an empty matrix")
	case len(fields) > maxText || len(fields[0]) > maxText*maxText:
		return nil, fmt.Errorf("nasbench: the matrix %s is too large: more than %d vertices", clip(text), maxText)
	case len(fields) == 1:
		v := 0
		for v*v < len(fields[0]) {
			v++
		}
		if v*v != len(fields[0]) {
			return nil, fmt.Errorf("nasbench: the matrix is not square: %d digits are no square number", len(fields[0]))
		}
		digits := fields[0]
		fields = fields[:0]
		for i := 0; i < v; i++ {
			fields = append(fields, digits[i*v:(i+1)*v])
		}
	}
	n := len(fields)
	if fields[n-1] == "0" {
		fields[n-1] = strings.Repeat("0", n)
	}
	rows := make([][]int, n)
	for i, f := range fields {
		if len(f) != n {
			return nil, fmt.Errorf("nasbench: the matrix is not square: row %d of %d is %s, %d entries", i+1, n, clip(f), len(f))
		}
		rows[i] = make([]int, n)
		for j := range f {
			if f[j] != '0' && f[j] != '1' {
				return nil, fmt.Errorf("nasbench: matrix row %d is %s: want digits 0 and 1 only", i+1, clip(f))
			}
			rows[i][j] = int(f[j] - '0')
		}
	}
	return rows, nil
}
