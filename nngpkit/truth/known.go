package truth

import (
	"github.com/nngplab/nngplab/nngpkit/frame"
)

// FewestCells is how many cells a partial correlation or a mixture must have:
// with fewer, intervals span most of what is possible.
const FewestCells = 30

// KnownColumns returns the truth and the values of signals of the cells that
// know them all.
func KnownColumns(t *Cells, signals []Signal) (truth []float64, cols [][]float64, err error) {
	names := []string{TruthColumn}
	for _, s := range signals {
		names = append(names, s.Column)
	}
	df, err := frame.Known(t.Frame, names...)
	if err != nil {
		return nil, nil, err
	}
	if truth, err = frame.Floats(df, TruthColumn); err != nil {
		return nil, nil, err
	}
	for _, s := range signals {
		x, err := s.Values(df)
		if err != nil {
			return nil, nil, err
		}
		cols = append(cols, x)
	}
	return truth, cols, nil
}

// PickRows returns the given rows of x, in their order.
func PickRows(x []float64, rows []int) []float64 {
	out := make([]float64, len(rows))
	for i, r := range rows {
		out[i] = x[r]
	}
	return out
}
