package show

import (
	"fmt"
	"reflect"
	"strconv"

	"gonum.org/v1/gonum/mat"
)

const maxMatrix = 12 // rows and columns shown

// matrixBundle shows a matrix with its type and size, and of a large one the
// first and last rows and columns.
func matrixBundle(m mat.Matrix) Bundle {
	rows, cols := m.Dims()
	ri, ci := picks(rows, maxMatrix), picks(cols, maxMatrix)
	kind := reflect.TypeOf(m)
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	t := &table{note: fmt.Sprintf("%s %d × %d", kind, rows, cols)}
	if len(ri) != rows || len(ci) != cols {
		t.note += " (not all shown)"
	}
	for _, j := range ci {
		t.right = append(t.right, true)
		if j < 0 {
			t.columns = append(t.columns, ellipsis)
		} else {
			t.columns = append(t.columns, strconv.Itoa(j))
		}
	}
	for _, i := range ri {
		row := make([]string, len(ci))
		for k, j := range ci {
			if i < 0 || j < 0 {
				row[k] = ellipsis
			} else {
				row[k] = number(m.At(i, j))
			}
		}
		t.rows = append(t.rows, row)
		t.names = append(t.names, rowName(i))
	}
	return t.bundle()
}
