package study

import (
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/report"
)

// Gaps are differences between two signals, one a table of cells or more: by how
// much the first does better. Where no table has a truth, they say so.
type Gaps struct {
	Of []SignalGap

	nothing string // what is said where there is none
}

// SignalGap is by how much one signal does better than another on one table.
type SignalGap struct {
	Table    string
	Name     string // of the record, after the table's
	Text     string // the gap in a line
	Interval *corr.Interval
	N        int // cells

	record func(name string) error // where it has more to record than the interval
}

// Lines returns a line of text for each gap.
func (g *Gaps) Lines() report.Lines {
	if len(g.Of) == 0 {
		return report.Lines{g.nothing}
	}
	var out report.Lines
	for _, x := range g.Of {
		out = append(out, x.Text)
	}
	return out
}

// Markdown returns the gaps as a list.
func (g *Gaps) Markdown() string { return g.Lines().Markdown() }

// String returns the gaps for a terminal.
func (g *Gaps) String() string { return g.Lines().String() }

// Record appends the gaps to the file of results, as prefix.TABLE and the name of
// each gap.
func (g *Gaps) Record(prefix string) error {
	for _, x := range g.Of {
		name := prefix + "." + x.Table
		if x.Name != "" {
			name += "." + x.Name
		}
		if x.record != nil {
			if err := x.record(name); err != nil {
				return err
			}
			continue
		}
		if err := report.Record(name, x.Interval.Estimate, x.Interval.Lower, x.Interval.Upper, x.N); err != nil {
			return err
		}
	}
	return nil
}
