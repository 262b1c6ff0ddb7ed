package nasbench

import (
	"fmt"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
)

// maxText bounds the vertices of a matrix that ParseGraph reads, long before
// pruning: a guard against text that is no matrix at all.
const maxText = 64

// ParseGraph reads a graph from text, unpruned. The matrix is rows of 0 and 1
// separated by slashes, commas, semicolons or spaces ("0110/0001/0001/0000",
// where a last row of zeros may be written "0"), or the V*V digits row after
// row without separators, as NAS-Bench-101 stores them, or a nested list as
// Python, NumPy and JSON print one ("[[0, 1], [0, 0]]"). The operations are
// names separated by commas or semicolons, or such a list; see ParseOp.
func ParseGraph(matrix, ops string) (Graph, error) {
	rows, err := parseMatrix(matrix)
	if err != nil {
		return Graph{}, err
	}
	g := Graph{Matrix: rows, Ops: strings.FieldsFunc(ops, func(r rune) bool { return strings.ContainsRune(",; \t\r\n[]()'\"", r) })}
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
	if strings.ContainsAny(text, "[(") {
		return parseLists(text)
	}
	fields := strings.FieldsFunc(text, func(r rune) bool {
		return r == '/' || r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\n' || r == '\r'
	})
	switch {
	case len(fields) == 0:
		return nil, fmt.Errorf("nasbench: an empty matrix")
	case len(fields) > maxText || len(fields[0]) > maxText*maxText:
		return nil, fmt.Errorf("nasbench: the matrix %s is too large: more than %d vertices", printable.Quote(text), maxText)
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
			return nil, fmt.Errorf("nasbench: the matrix is not square: row %d of %d is %s, %d entries", i+1, n, printable.Quote(f), len(f))
		}
		rows[i] = make([]int, n)
		for j := range f {
			if f[j] != '0' && f[j] != '1' {
				return nil, fmt.Errorf("nasbench: matrix row %d is %s: want digits 0 and 1 only", i+1, printable.Quote(f))
			}
			rows[i][j] = int(f[j] - '0')
		}
	}
	return rows, nil
}

// parseLists reads a matrix written as a list of lists, or of tuples.
func parseLists(text string) ([][]int, error) {
	text = strings.NewReplacer("(", "[", ")", "]", "\n", " ", "\r", " ", "\t", " ").Replace(text)
	if len(text) > 4*maxText*maxText {
		return nil, fmt.Errorf("nasbench: the matrix %s is too large: more than %d vertices", printable.Quote(text), maxText)
	}
	body := strings.Trim(text, " ,")
	if !strings.HasPrefix(body, "[") || !strings.HasSuffix(body, "]") {
		return nil, fmt.Errorf("nasbench: the matrix %s is no list of rows", printable.Quote(text))
	}
	body = strings.Trim(body[1:len(body)-1], " ,")
	var rows [][]int
	for body != "" {
		end := strings.IndexByte(body, ']')
		if body[0] != '[' || end < 0 {
			return nil, fmt.Errorf("nasbench: matrix row %d of %s is no list", len(rows)+1, printable.Quote(text))
		}
		row, err := parseRow(body[1:end])
		if err != nil {
			return nil, fmt.Errorf("nasbench: matrix row %d: %w", len(rows)+1, err)
		}
		rows = append(rows, row)
		body = strings.TrimLeft(body[end+1:], " ,")
	}
	return rows, nil
}

// parseRow reads numbers separated by commas or spaces.
func parseRow(text string) ([]int, error) {
	fields := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	row := make([]int, len(fields))
	for j, f := range fields {
		switch f {
		case "0", "1":
			row[j] = int(f[0] - '0')
		default:
			return nil, fmt.Errorf("entry %d is %s, want 0 or 1", j+1, printable.Quote(f))
		}
	}
	return row, nil
}
