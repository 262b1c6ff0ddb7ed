package nasbench

import (
	"fmt"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// CellFrame returns the table as a gota data frame of one row a cell, in the
// table's order: hash, matrix (rows separated by slashes), ops (separated by
// commas), vertices, edges, conv3x3, conv1x1, maxpool3x3, depth,
// shortest_path, trainable_parameters, and for every budget B the number of
// runs repeats_B and the mean over the runs of the metrics asked for,
// final_test_accuracy_B and so on. No metrics means the final test, validation
// and training accuracy and training time. Missing values are NaN.
func (t *Table) CellFrame(metrics ...Metric) dataframe.DataFrame {
	if len(metrics) == 0 {
		metrics = []Metric{FinalTest, FinalValidation, FinalTrain, FinalTime}
	}
	n := t.Len()
	hash, matrix, ops := make([]string, n), make([]string, n), make([]string, n)
	names := []string{"vertices", "edges", "conv3x3", "conv1x1", "maxpool3x3", "depth", "shortest_path", "trainable_parameters"}
	ints := make([][]int, len(names))
	for k := range ints {
		ints[k] = make([]int, n)
	}
	for i := 0; i < n; i++ {
		s := t.specs[i]
		st := s.Stats()
		hash[i], matrix[i], ops[i] = t.Hash(i), s.MatrixString(), s.OpsString()
		for k, v := range [...]int{st.Vertices, st.Edges, st.Conv3x3, st.Conv1x1, st.MaxPool3x3, st.LongestPath, st.ShortestPath, t.Parameters(i)} {
			ints[k][i] = v
		}
	}
	cols := []series.Series{series.New(hash, series.String, "hash"), series.New(matrix, series.String, "matrix"), series.New(ops, series.String, "ops")}
	for k, name := range names {
		cols = append(cols, series.New(ints[k], series.Int, name))
	}
	for _, b := range t.budgets {
		repeats := make([]int, n)
		for i := range repeats {
			lo, hi := t.span(i, b)
			repeats[i] = hi - lo
		}
		cols = append(cols, series.New(repeats, series.Int, fmt.Sprintf("repeats_%d", b)))
		for _, m := range metrics {
			cols = append(cols, series.New(t.Means(b, m), series.Float, fmt.Sprintf("%v_%d", m, b)))
		}
	}
	return dataframe.New(cols...)
}

// RunFrame returns the runs of a budget, or of all where epochs is 0, as a
// gota data frame of one row a run: hash, trainable_parameters, epochs,
// repeat, source where the file names one, and every metric by its name. A
// gota frame of the full official table takes gigabytes: ask for one budget,
// or use CellFrame, Means and Values.
func (t *Table) RunFrame(epochs int) dataframe.DataFrame {
	var hash, source []string
	var params, budget, repeat []int
	var values [columns][]float64
	for i := 0; i < t.Len(); i++ {
		h := t.Hash(i)
		lo, hi := t.span(i, epochs)
		k := 0
		for r := lo; r < hi; r++ {
			if r > lo && t.epochs[r] != t.epochs[r-1] {
				k = 0
			}
			hash, params, budget, repeat = append(hash, h), append(params, t.Parameters(i)), append(budget, int(t.epochs[r])), append(repeat, k)
			k++
			if t.source != nil {
				source = append(source, t.sources[t.source[r]])
			}
			for m := range values {
				values[m] = append(values[m], t.value(r, Metric(m)))
			}
		}
	}
	cols := []series.Series{
		series.New(hash, series.String, "hash"), series.New(params, series.Int, "trainable_parameters"),
		series.New(budget, series.Int, "epochs"), series.New(repeat, series.Int, "repeat"),
	}
	if t.source != nil {
		cols = append(cols, series.New(source, series.String, "source"))
	}
	for m := range values {
		cols = append(cols, series.New(values[m], series.Float, Metric(m).String()))
	}
	return dataframe.New(cols...)
}
