package study

import (
	"context"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Differences holds by how much tau of some signals exceeds that of others, on
// several tables of cells. Tables without truth are left out; where none has
// any, it says so.
type Differences struct {
	Cells   []*truth.Cells
	Signals []truth.Signal
	Over    []truth.Signal
	N       []int                // by table: cells that know all signals
	Of      [][][]*corr.Interval // by table, signal and what it is compared with
}

// DifferAll measures tau of each signal minus tau of each of others, with
// bootstrap intervals of the differences: both are measured on the same
// resampled cells, those that know all signals.
func DifferAll(ctx context.Context, tables []*truth.Cells, signals, over []truth.Signal, cfg CompareConfig) (*Differences, error) {
	if len(signals) == 0 || len(over) == 0 {
		return nil, fmt.Errorf("study: differences of %d signals to %d", len(signals), len(over))
	}
	d := &Differences{Signals: signals, Over: over}
	for _, t := range tables {
		if !t.HasTruth() {
			continue
		}
		truth, cols, err := truth.KnownColumns(t, truth.With(signals, over))
		if err != nil {
			return nil, fmt.Errorf("%s cells: %w", t.Name, err)
		}
		of := make([][]*corr.Interval, len(signals))
		for i := range signals {
			for j := range over {
				iv, err := corr.BootstrapDifference(ctx, truth, cols[i], cols[len(signals)+j], corr.Tau, cfg.bootstrap())
				if err != nil {
					return nil, fmt.Errorf("%s cells, %s over %s: %w", t.Name, signals[i].Name(), over[j].Name(), err)
				}
				of[i] = append(of[i], iv)
			}
		}
		d.Cells, d.N, d.Of = append(d.Cells, t), append(d.N, len(truth)), append(d.Of, of)
	}
	return d, nil
}

// Sheets returns the differences as tables, one a table of cells.
func (d *Differences) Sheets() report.Sheets {
	if len(d.Of) == 0 {
		return noTruthSheet()
	}
	var out report.Sheets
	for i, c := range d.Cells {
		t := &corr.Table{
			Title:   fmt.Sprintf("%s, n = %d: difference of tau-b, row minus column", headed(c, 0), d.N[i]),
			Columns: []string{"signal"},
		}
		for _, s := range d.Over {
			t.Columns = append(t.Columns, "over "+s.Name())
		}
		for j, s := range d.Signals {
			row := []string{s.Name()}
			for k := range d.Over {
				row = append(row, report.Bracket(d.Of[i][j][k], 3))
			}
			t.Rows = append(t.Rows, row)
		}
		out = append(out, t)
	}
	return out
}

// HTML returns the differences as tables.
func (d *Differences) HTML() string { return d.Sheets().HTML() }

// String returns the differences for a terminal.
func (d *Differences) String() string { return d.Sheets().String() }

// Record appends all differences to the file of results, under names such as
// prefix.official.tau_over.conv3x3.pair.
func (d *Differences) Record(prefix string) error {
	for i, c := range d.Cells {
		for j, s := range d.Signals {
			for k, o := range d.Over {
				iv := d.Of[i][j][k]
				name := fmt.Sprintf("%s.%s.tau_over.%s.%s", prefix, c.Name, report.ResultName(o.Column), report.ResultName(s.Column))
				if err := report.Record(name, iv.Estimate, iv.Lower, iv.Upper, d.N[i]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
