package nasbench

import (
	"context"
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/internal/pickle"
	"github.com/nngplab/nngplab/internal/printable"
)

// pickledMetrics are the names of results in NASLib's pickle.
var pickledMetrics = map[string]Metric{
	"halfway_training_time": HalfTime, "halfway_train_accuracy": HalfTrain,
	"halfway_validation_accuracy": HalfValidation, "halfway_test_accuracy": HalfTest,
	"final_training_time": FinalTime, "final_train_accuracy": FinalTrain,
	"final_validation_accuracy": FinalValidation, "final_test_accuracy": FinalTest,
}

// naslibPickle reads {HASH: ({module_adjacency, module_operations,
// trainable_parameters}, {EPOCHS: [{NAME: NUMBER}, ...]})}.
func (o *collector) naslibPickle(_ context.Context, path string) error {
	data, err := o.read(path)
	if err != nil {
		return err
	}
	v, err := pickle.Read(data)
	if err != nil {
		return &OriginalError{path, "", err}
	}
	cells, ok := v.(*pickle.Dict)
	if !ok {
		return &OriginalError{path, "", errors.New("no dictionary of cells")}
	}
	for _, item := range *cells {
		hash, _ := item.Key.(string)
		at := "hash " + printable.Quote(hash)
		runs, err := pickledRuns(hash, item.Value)
		if err != nil {
			return &OriginalError{path, at, err}
		}
		for i := range runs {
			if err := o.add(&runs[i], path, fmt.Sprintf("%s, repeat %d", at, i+1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// pickledRuns returns the runs of a cell.
func pickledRuns(hash string, value any) ([]record, error) {
	parts, _ := value.(pickle.Tuple)
	if len(parts) != 2 {
		return nil, errors.New("no pair of a cell and its results")
	}
	cell, ok1 := parts[0].(*pickle.Dict)
	results, ok2 := parts[1].(*pickle.Dict)
	if !ok1 || !ok2 {
		return nil, errors.New("no pair of a cell and its results")
	}
	spec, err := pickledCell(cell)
	if err != nil {
		return nil, err
	}
	parameters, _ := cell.Get("trainable_parameters")
	count, ok := parameters.(int64)
	if !ok {
		return nil, errors.New("trainable_parameters is no whole number")
	}
	var out []record
	for _, budget := range *results {
		epochs, ok1 := budget.Key.(int64)
		runs, ok2 := budget.Value.(*pickle.List)
		if !ok1 || !ok2 || epochs < 1 || epochs > maxEpochs {
			return nil, errors.New("the results are not by epochs")
		}
		for _, run := range runs.Items {
			r, err := newRecord(spec, hash, float64(count), int(epochs))
			if err != nil {
				return nil, err
			}
			if err := r.fillPickled(run); err != nil {
				return nil, err
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// fillPickled takes the results of one run.
func (r *record) fillPickled(run any) error {
	values, ok := run.(*pickle.Dict)
	if !ok {
		return errors.New("a run is no dictionary")
	}
	for name, metric := range pickledMetrics {
		v, _ := values.Get(name)
		x, ok := v.(float64)
		if !ok {
			return fmt.Errorf("%s is no number", name)
		}
		r.set(metric, x)
	}
	return nil
}

// pickledCell returns the cell of lists, or of a NumPy array.
func pickledCell(cell *pickle.Dict) (Spec, error) {
	matrix, _ := cell.Get("module_adjacency")
	names, _ := cell.Get("module_operations")
	ops, ok := names.(*pickle.List)
	if !ok {
		return Spec{}, errors.New("module_operations is no list")
	}
	var g Graph
	for _, op := range ops.Items {
		name, _ := op.(string)
		g.Ops = append(g.Ops, name)
	}
	var err error
	switch m := matrix.(type) {
	case *pickle.List:
		g.Matrix, err = listMatrix(m)
	case *pickle.Array:
		g.Matrix, err = arrayMatrix(m)
	default:
		err = errors.New("module_adjacency is no matrix")
	}
	if err != nil {
		return Spec{}, err
	}
	return FromGraph(g)
}

func listMatrix(m *pickle.List) ([][]int, error) {
	var rows [][]int
	for _, r := range m.Items {
		list, ok := r.(*pickle.List)
		if !ok || len(list.Items) > maxText || len(rows) > maxText {
			return nil, errors.New("module_adjacency is no matrix")
		}
		var row []int
		for _, v := range list.Items {
			x, ok := v.(int64)
			if !ok {
				return nil, errors.New("module_adjacency is no matrix of whole numbers")
			}
			row = append(row, int(x))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func arrayMatrix(m *pickle.Array) ([][]int, error) {
	if len(m.Shape) != 2 || m.Shape[0] > maxText {
		return nil, fmt.Errorf("module_adjacency has the shape %v", m.Shape)
	}
	var rows [][]int
	for i := 0; i < m.Shape[0]; i++ {
		row := make([]int, m.Shape[1])
		for k := range row {
			row[k] = int(m.Values[i*m.Shape[1]+k])
		}
		rows = append(rows, row)
	}
	return rows, nil
}
