package truth

import (
	"fmt"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
)

// Signal says which column of a data frame is meant to predict the truth, and
// how.
type Signal struct {
	Column   string
	Label    string // for tables and figures; "" means Column
	Lower    bool   // small values promise good truths: errors, ranks
	Baseline bool   // what other signals are measured against
}

// The baselines of every study of NAS-Bench-101: what they cost is nothing.
var (
	Parameters = Signal{Column: "parameters", Label: "parameters", Baseline: true}
	FLOPs      = Signal{Column: "gflops", Label: "FLOPs", Baseline: true}
	Conv3x3    = Signal{Column: "conv3x3", Label: "number of conv3x3", Baseline: true}
)

// Baselines returns Parameters, FLOPs and Conv3x3.
func Baselines() []Signal { return []Signal{Parameters, FLOPs, Conv3x3} }

// With returns the signals followed by others: With(mine, study.Baselines()).
func With(signals, others []Signal) []Signal {
	return append(append([]Signal(nil), signals...), others...)
}

// Name returns the label, or the column where there is none.
func (s Signal) Name() string {
	if s.Label != "" {
		return s.Label
	}
	return s.Column
}

// Values returns the signal of every row, turned so that larger promises more.
func (s Signal) Values(df dataframe.DataFrame) ([]float64, error) {
	x, err := frame.Floats(df, s.Column)
	if err != nil {
		return nil, fmt.Errorf("signal %q: %w", s.Name(), err)
	}
	if s.Lower {
		for i := range x {
			x[i] = -x[i]
		}
	}
	return x, nil
}

// Columns returns the truth and all signals as package corr takes them.
func Columns(df dataframe.DataFrame, truth string, signals []Signal) ([]float64, []corr.Signal, error) {
	t, err := frame.Floats(df, truth)
	if err != nil {
		return nil, nil, err
	}
	if len(signals) == 0 {
		return nil, nil, fmt.Errorf("truth: there is no signal to compare")
	}
	out := make([]corr.Signal, len(signals))
	for i, s := range signals {
		x, err := s.Values(df)
		if err != nil {
			return nil, nil, err
		}
		out[i] = corr.Signal{Name: s.Name(), Values: x}
	}
	return t, out, nil
}
