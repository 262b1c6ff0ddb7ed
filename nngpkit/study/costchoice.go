package study

import (
	"context"
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// CostChoices are the best points of curves that budgets pay for: chosen on one
// half of the cells of every table, reported on the other, where they have no
// advantage from having been chosen.
type CostChoices struct {
	Of []CostChoice // by budget

	choosing, reporting *CostComparisons
}

// CostChoice is the best point that one budget pays for.
type CostChoice struct {
	Budget       float64 // GFLOP per network
	Curve, Label string  // "" where the budget pays for no point
	GFLOPs       float64
	Choosing     []float64        // tau by table, on the cells for choosing
	Reporting    []*corr.Interval // tau by table, on the others
}

// ChooseCosts chooses, for each budget in GFLOP per network, the point of the
// curves that costs at most so much and has the largest tau, the mean over the
// tables, on one half of the cells, and measures it on the other half (see
// truth.Cells.Halves).
func ChooseCosts(ctx context.Context, tables []*truth.Cells, curves []Curve, budgets []float64, cfg CostConfig) (*CostChoices, error) {
	forChoosing, forReport, err := truth.HalvesOf(tables)
	if err != nil {
		return nil, err
	}
	out := &CostChoices{}
	if out.choosing, err = CompareAllCosts(ctx, forChoosing, curves, CostConfig{Threshold: cfg.Threshold, Resamples: 2}); err != nil {
		return nil, err
	}
	if out.reporting, err = CompareAllCosts(ctx, forReport, curves, cfg); err != nil {
		return nil, err
	}
	if len(out.reporting.Of) == 0 || len(out.choosing.Of) != len(out.reporting.Of) {
		return out, nil
	}
	for _, budget := range budgets {
		out.Of = append(out.Of, out.choose(budget))
	}
	return out, nil
}

func (c *CostChoices) choose(budget float64) CostChoice {
	at := c.choosing.best(budget)
	if at < 0 {
		return CostChoice{Budget: budget}
	}
	p := c.choosing.Of[0].Points[at]
	out := CostChoice{Budget: budget, Curve: p.Curve, Label: p.Label, GFLOPs: c.choosing.cost(at)}
	for i, r := range c.reporting.Of {
		out.Choosing = append(out.Choosing, c.choosing.Of[i].Points[at].Tau.Estimate)
		out.Reporting = append(out.Reporting, r.Points[at].Tau)
	}
	return out
}

// Sheets returns the choices as a table with a row a budget.
func (c *CostChoices) Sheets() report.Sheets {
	if len(c.Of) == 0 {
		return noTruthSheet()
	}
	t := &corr.Table{
		Title:   "Chosen on one half of the cells, reported on the other: Kendall's tau-b",
		Columns: []string{"at most, GFLOP per network", "chosen", "GFLOP"},
	}
	for i, r := range c.reporting.Of {
		t.Columns = append(t.Columns, fmt.Sprintf("%s, chosen on n = %d", r.Cells.Name, c.choosing.Of[i].N()), fmt.Sprintf("%s, reported on n = %d", r.Cells.Name, r.N()))
	}
	for _, x := range c.Of {
		if x.Curve == "" {
			t.Rows = append(t.Rows, []string{report.GFLOPs(x.Budget), "none"})
			continue
		}
		row := []string{report.GFLOPs(x.Budget), x.Curve + ", " + x.Label, report.GFLOPs(x.GFLOPs)}
		for i, tau := range x.Reporting {
			row = append(row, report.Minus(x.Choosing[i], 3), report.Bracket(tau, 3))
		}
		t.Rows = append(t.Rows, row)
	}
	return report.Sheets{t}
}

// HTML returns the choices as a table.
func (c *CostChoices) HTML() string { return c.Sheets().HTML() }

// String returns the choices for a terminal.
func (c *CostChoices) String() string { return c.Sheets().String() }

// Record appends what was chosen and its tau to the file of results, under names
// such as prefix.40_gflops.chosen and prefix.40_gflops.tau.official.
func (c *CostChoices) Record(prefix string) error {
	for _, x := range c.Of {
		if x.Curve == "" {
			continue
		}
		name := fmt.Sprintf("%s.%g_gflops", prefix, x.Budget)
		if err := report.RecordText(name+".chosen", x.Curve+", "+x.Label); err != nil {
			return err
		}
		for i, tau := range x.Reporting {
			r := c.reporting.Of[i]
			if err := report.Record(name+".tau."+r.Cells.Name, tau.Estimate, tau.Lower, tau.Upper, r.N()); err != nil {
				return err
			}
		}
	}
	return nil
}

// cost returns the mean over the tables of what point i costs.
func (a *CostComparisons) cost(i int) float64 {
	sum := 0.0
	for _, c := range a.Of {
		sum += c.Points[i].GFLOPs / float64(len(a.Of))
	}
	return sum
}

// best returns the index of the point with the largest mean tau among those that
// cost something but at most so many GFLOP, or -1.
func (a *CostComparisons) best(gflops float64) int {
	best, most := -1, math.Inf(-1)
	for i, p := range a.Of[0].Points {
		if cost := a.cost(i); p.Baseline || cost > gflops {
			continue
		}
		tau := 0.0
		for _, c := range a.Of {
			tau += c.Points[i].Tau.Estimate
		}
		if tau > most {
			best, most = i, tau
		}
	}
	return best
}
