package published

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/mnasnet"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// accelSet is the data set of Accel-NASBench's tables.
const accelSet = "accel-nasbench"

// shortEpochs is the number of epochs for which Accel-NASBench trained its networks.
const shortEpochs = 16

// shortLabel is of the truth after as many.
const shortLabel = "ImageNet top-1 after 16 epochs"

// accelSeeds is how many seeds the tables of several seeds have.
const accelSeeds = 3

var accelSources = []Source{
	{
		Name: "accel", sets: []string{accelSet}, Label: shortLabel, Space: mnasnet.Space.Name(),
		About: "networks of the MnasNet space trained by Accel-NASBench; validation accuracy (top-1) on ImageNet after 16 epochs of one training, two for few networks",
		open: func(_ context.Context, s Source) (Table, error) {
			t, err := mnasnet.Load()
			return accelTable(s, err, []*mnasnet.Table{t}, nil)
		},
	},
	{
		Name: "accel-short", sets: []string{accelSet}, Label: shortLabel, Space: mnasnet.Space.Name(),
		About: "117 other networks of the MnasNet space, trained by Accel-NASBench in the same way; the mean validation accuracy (top-1) on ImageNet after 16 epochs with three seeds",
		open: func(_ context.Context, s Source) (Table, error) {
			short, err := multiseed(false)
			return accelTable(s, err, short, nil)
		},
	},
	{
		Name: "accel-long", sets: []string{accelSet}, Label: "ImageNet top-1 after long training", Space: mnasnet.Space.Name(),
		About: "the 117 networks of accel-short, trained for longer (50 epochs at 224 pixels, as far as is known); the mean validation accuracy (top-1) on ImageNet with three seeds",
		open: func(_ context.Context, s Source) (Table, error) {
			long, err := multiseed(true)
			if err != nil {
				return accelTable(s, err, nil, nil)
			}
			short, err := multiseed(false)
			var missing *datasets.MissingError
			if errors.As(err, &missing) {
				short, err = nil, nil
			}
			return accelTable(s, err, long, short)
		},
	},
}

// multiseed reads the tables of all seeds.
func multiseed(long bool) ([]*mnasnet.Table, error) {
	var all []*mnasnet.Table
	for seed := 1; seed <= accelSeeds; seed++ {
		t, err := mnasnet.LoadMultiseed(long, seed)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// accelNetworks is one or several tables of Accel-NASBench as one: each network
// once, in the order of the first table. Accuracies are shares, not percent.
type accelNetworks struct {
	source string
	all    []mnasnet.Decisions
	at     map[string]int
	truth  [][]float64 // by network, its runs
	short  [][]float64 // of 16 epochs; the same as truth where that is of as many
	hours  [][]float64 // by network, of the runs of truth, on one accelerator

	shortHours [][]float64 // of the runs of short; nil where these are those of truth
}

func accelTable(s Source, err error, truth, short []*mnasnet.Table) (Table, error) {
	var missing *datasets.MissingError
	if errors.As(err, &missing) {
		return nil, &NotFoundError{Name: s.Name, Sets: s.sets}
	}
	if err != nil {
		return nil, fmt.Errorf("published: %w", err)
	}
	t := &accelNetworks{source: truth[0].Source, at: map[string]int{}}
	for _, x := range truth {
		for _, r := range x.Rows {
			i := t.add(r.Decisions)
			t.truth[i] = append(t.truth[i], r.Top1/100)
			t.hours[i] = append(t.hours[i], r.Seconds/3600)
		}
	}
	if short == nil {
		if s.Label == shortLabel {
			t.short = t.truth
		}
		return t, nil
	}
	t.short, t.shortHours = make([][]float64, len(t.all)), make([][]float64, len(t.all))
	for _, x := range short {
		for _, r := range x.Rows {
			if i, ok := t.at[r.Decisions.String()]; ok {
				t.short[i], t.shortHours[i] = append(t.short[i], r.Top1/100), append(t.shortHours[i], r.Seconds/3600)
			}
		}
	}
	return t, nil
}

// add returns the place of a network, a new one where it is not there yet.
func (t *accelNetworks) add(d mnasnet.Decisions) int {
	key := d.String()
	i, ok := t.at[key]
	if !ok {
		i = len(t.all)
		t.at[key] = i
		t.all, t.truth, t.hours = append(t.all, d), append(t.truth, nil), append(t.hours, nil)
	}
	return i
}

func (t *accelNetworks) Source() string                        { return t.source }
func (t *accelNetworks) Len() int                              { return len(t.all) }
func (t *accelNetworks) Key(i int) string                      { return t.all[i].String() }
func (t *accelNetworks) Architecture(i int) space.Architecture { return mnasnet.Architecture(t.all[i]) }

func (t *accelNetworks) Index(key string) (int, bool) {
	i, ok := t.at[key]
	return i, ok
}

// Columns implements Columned: the hours of a training on one accelerator, the mean
// over runs; where all networks have as many runs, the accuracy of each, run1 and so
// on; and where the truth is of more than 16 epochs, short1 and so on, and
// short_hours, of as many.
func (t *accelNetworks) Columns() []Column {
	out := append([]Column{meanColumn("hours", t.hours)}, runColumns("run", t.truth)...)
	if t.shortHours != nil {
		out = append(append(out, meanColumn("short_hours", t.shortHours)), runColumns("short", t.short)...)
	}
	return out
}

// meanColumn returns the means over runs, NaN where there is none.
func meanColumn(name string, runs [][]float64) Column {
	c := Column{name, make([]float64, len(runs))}
	for i, r := range runs {
		c.Values[i] = mean(r)
	}
	return c
}

// runColumns returns a column for each run, none where networks have other numbers
// of them.
func runColumns(name string, runs [][]float64) []Column {
	out := make([]Column, accelSeeds)
	for k := range out {
		out[k] = Column{fmt.Sprint(name, k+1), make([]float64, len(runs))}
	}
	for i, r := range runs {
		if len(r) != accelSeeds {
			return nil
		}
		for k, v := range r {
			out[k].Values[i] = v
		}
	}
	return out
}

func (t *accelNetworks) Truth(i int) (float64, int) { return mean(t.truth[i]), len(t.truth[i]) }

func (t *accelNetworks) Training(i, epochs int) ([]float64, float64) {
	if epochs != shortEpochs || t.short == nil || len(t.short[i]) == 0 {
		return nil, math.NaN()
	}
	return append([]float64(nil), t.short[i]...), mean(t.short[i])
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
