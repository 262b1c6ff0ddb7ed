package nasbench

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
)

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// training is one training of a folder, as its path says.
type training struct {
	path, space, hash string
	epochs, repeat    int
}

func (t training) compare(u training) int {
	return cmp.Or(cmp.Compare(t.hash, u.hash), cmp.Compare(t.space, u.space), cmp.Compare(t.epochs, u.epochs), cmp.Compare(t.repeat, u.repeat))
}

// parseTraining reads SPACE/EPOCHS_epochs/HH/HASH/repeat_R/results.json below base.
func parseTraining(base, path string) (training, error) {
	rel, err := filepath.Rel(base, path)
	if err != nil {
		return training{}, err
	}
	parts := strings.Split(filepath.ToSlash(rel), "/")
	bad := &OriginalError{path, "", errors.New("the path must be SPACE/EPOCHS_epochs/HH/HASH/repeat_R/results.json")}
	if len(parts) != 6 {
		return training{}, bad
	}
	t := training{path: path, space: parts[0], hash: parts[3]}
	epochs, isEpochs := strings.CutSuffix(parts[1], "_epochs")
	repeat, isRepeat := strings.CutPrefix(parts[4], "repeat_")
	var err1, err2 error
	t.epochs, err1 = strconv.Atoi(epochs)
	t.repeat, err2 = strconv.Atoi(repeat)
	if !isEpochs || !isRepeat || err1 != nil || err2 != nil || t.epochs < 1 || t.epochs > maxEpochs || !strings.HasPrefix(t.hash, parts[2]) {
		return training{}, bad
	}
	return t, nil
}

// record reads the file of a training: its last evaluation is the result.
func (t training) record(spec Spec, data []byte) (record, error) {
	type evaluation struct {
		Epochs             *float64 `json:"epochs"`
		TrainingTime       *float64 `json:"training_time"`
		TrainAccuracy      *float64 `json:"train_accuracy"`
		ValidationAccuracy *float64 `json:"validation_accuracy"`
		TestAccuracy       *float64 `json:"test_accuracy"`
	}
	var f struct {
		Parameters  float64      `json:"trainable_params"`
		Evaluations []evaluation `json:"evaluation_results"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return record{}, err
	}
	r, err := newRecord(spec, t.hash, f.Parameters, t.epochs)
	if err != nil {
		return r, err
	}
	if len(f.Evaluations) == 0 {
		return r, errors.New("evaluation_results: there are none")
	}
	last := f.Evaluations[len(f.Evaluations)-1]
	if last.Epochs == nil || *last.Epochs != float64(t.epochs) {
		return r, fmt.Errorf("evaluation_results: the last is not after the %d epochs of the folder", t.epochs)
	}
	for m, v := range map[Metric]*float64{
		FinalTrain: last.TrainAccuracy, FinalValidation: last.ValidationAccuracy, FinalTest: last.TestAccuracy, FinalTime: last.TrainingTime,
	} {
		if v == nil {
			return r, fmt.Errorf("evaluation_results: the last has no %v", m)
		}
		r.set(m, *v)
	}
	return r, nil
}

// graphs reads the cells of a folder of trainings, by their hash.
func (o *collector) graphs(path string) (map[string]Spec, error) {
	data, err := o.read(path)
	if err != nil {
		return nil, err
	}
	var all map[string][2]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, &OriginalError{path, "", err}
	}
	names := map[int]string{-1: Input.String(), -2: Output.String(), 0: Conv3x3.String(), 1: Conv1x1.String(), 2: MaxPool3x3.String()}
	cells := make(map[string]Spec, len(all))
	for hash, parts := range all {
		var g Graph
		var labels []int
		if err := errors.Join(json.Unmarshal(parts[0], &g.Matrix), json.Unmarshal(parts[1], &labels)); err != nil {
			return nil, &OriginalError{path, printable.Quote(hash), err}
		}
		for _, l := range labels {
			g.Ops = append(g.Ops, names[l])
		}
		if cells[hash], err = FromGraph(g); err != nil {
			return nil, &OriginalError{path, printable.Quote(hash), err}
		}
	}
	return cells, nil
}
