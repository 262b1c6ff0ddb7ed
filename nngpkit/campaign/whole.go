package campaign

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/frame"
)

// Whole is the table of a plan that is part of this program, as far as it is computed:
// of all of NAS-Bench-101, or of a sample.
type Whole struct {
	Frame dataframe.DataFrame
	Plan  *Plan
	Parts int // files
}

// Complete reports whether every architecture of the plan is there.
func (w *Whole) Complete() bool { return w.Frame.Nrow() == w.Plan.Cells.N }

// String says how much is there.
func (w *Whole) String() string {
	if w.Plan.Cells.Choice == Sample && w.Complete() {
		return fmt.Sprintf("%d cells of %s, drawn uniformly, %s", w.Plan.Cells.N, w.Plan.Space, w.Plan.seedList())
	}
	if w.Complete() {
		return fmt.Sprintf("all %d cells of %s, %s", w.Plan.Cells.N, w.Plan.Space, w.Plan.seedList())
	}
	return fmt.Sprintf("%d of the %d cells of %s (%.0f %%, chosen by predicted cost alone), %s",
		w.Frame.Nrow(), w.Plan.Cells.N, w.Plan.Space, 100*float64(w.Frame.Nrow())/float64(w.Plan.Cells.N), w.Plan.seedList())
}

func (p *Plan) seedList() string {
	var out []string
	for _, s := range p.Seeds {
		out = append(out, fmt.Sprint(s))
	}
	if len(out) == 1 {
		return "seed " + out[0]
	}
	return "seeds " + strings.Join(out, ", ")
}

// OpenWhole returns the table of the label-free signals of all of NAS-Bench-101: a
// row for each cell, in order of hash, with hash, vertices, edges, parameters,
// conv3x3; noise_entropy and noise_sensitivity, the means over seeds, and those of
// each seed. They are nngpkit.NoiseSignals' Entropy (nats) and Sensitivity, rounded to
// float32; NaN is a network that passes nothing on. Opening computes nothing.
func OpenWhole() (*Whole, error) {
	var parts []*Exported
	for _, name := range datasets.WholeParts() {
		b, err := datasets.WholePart(name)
		if err != nil {
			return nil, fmt.Errorf("campaign: %w", err)
		}
		x, err := ReadTable(b)
		if err != nil {
			return nil, fmt.Errorf("campaign: part %s: %w", name, err)
		}
		parts = append(parts, x)
	}
	if len(parts) == 0 {
		return nil, errors.New("campaign: no part of a whole space is computed")
	}
	return JoinTables(parts)
}

// KernelSample is the name of the table of OpenKernels.
const KernelSample = "nasbench101-20000"

// OpenKernels returns the table of the paper's kernel of cells of NAS-Bench-101 drawn
// uniformly: hash, vertices, edges, parameters, conv3x3, kernel_accuracy and
// kernel_whole_loo_squared_error, the statistics accuracy and whole_loo_squared_error of
// package gp in the setting of the plan, rounded to float32. NaN is a network that has
// no kernel. Opening computes nothing.
func OpenKernels() (*Whole, error) {
	b, err := datasets.KernelTable(KernelSample)
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	x, err := ReadTable(b)
	if err != nil {
		return nil, fmt.Errorf("campaign: table %s: %w", KernelSample, err)
	}
	return JoinTables([]*Exported{x})
}

// JoinTables puts tables of one plan together, which have the same columns and no
// architecture twice, in order of hash, and adds the means over seeds that they lack.
func JoinTables(parts []*Exported) (*Whole, error) {
	if len(parts) == 0 {
		return nil, errors.New("campaign: there is no table to join")
	}
	first := parts[0]
	for _, x := range parts[1:] {
		if x.Plan.Hash != first.Plan.Hash {
			return nil, fmt.Errorf("campaign: tables of two plans, %s and %s, are not joined", first.Plan.Hash, x.Plan.Hash)
		}
		if !slices.Equal(x.Frame.Names(), first.Frame.Names()) {
			return nil, fmt.Errorf("campaign: tables with the columns %s and %s are not joined", strings.Join(first.Frame.Names(), ", "), strings.Join(x.Frame.Names(), ", "))
		}
	}
	j := joiner{parts: parts}
	if err := j.sort(); err != nil {
		return nil, err
	}
	df, err := j.frame()
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	return &Whole{Frame: df, Plan: first.Plan, Parts: len(parts)}, nil
}

// joiner joins tables.
type joiner struct {
	parts []*Exported
	rows  []partRow // in order of key
}

type partRow struct {
	key       string
	part, row int
}

func (j *joiner) sort() error {
	for p, x := range j.parts {
		keys := x.Frame.Col(frame.KeyColumn)
		if keys.Err != nil {
			return fmt.Errorf("campaign: a table without %s is not joined", frame.KeyColumn)
		}
		for i, key := range keys.Records() {
			j.rows = append(j.rows, partRow{key, p, i})
		}
	}
	slices.SortFunc(j.rows, func(a, b partRow) int { return cmp.Compare(a.key, b.key) })
	for i := 1; i < len(j.rows); i++ {
		if j.rows[i].key == j.rows[i-1].key {
			return fmt.Errorf("campaign: %s is in two tables", j.rows[i].key)
		}
	}
	return nil
}

// frame returns the joined columns.
func (j *joiner) frame() (dataframe.DataFrame, error) {
	var cols []series.Series
	numbers := map[string][]float64{}
	for _, name := range j.parts[0].Frame.Names() {
		switch kind := j.parts[0].Frame.Col(name).Type(); kind {
		case series.String:
			cols = append(cols, series.New(pick(j, name, series.Series.Records), kind, name))
		case series.Int:
			cols = append(cols, frame.Numbers(name, pick(j, name, series.Series.Float)))
		default:
			numbers[name] = pick(j, name, series.Series.Float)
			cols = append(cols, series.New(numbers[name], kind, name))
		}
	}
	return frame.Checked(dataframe.New(append(j.means(numbers), cols...)...).Select(j.order()))
}

// pick returns a column of all tables in the joined order.
func pick[T any](j *joiner, name string, values func(series.Series) []T) []T {
	var parts [][]T
	for _, x := range j.parts {
		parts = append(parts, values(x.Frame.Col(name)))
	}
	out := make([]T, len(j.rows))
	for i, r := range j.rows {
		out[i] = parts[r.part][r.row]
	}
	return out
}

// missingMeans returns the means over seeds that the tables lack and whose values of
// each seed they have.
func (j *joiner) missingMeans() []string {
	names := j.parts[0].Frame.Names()
	var out []string
	for _, mean := range j.parts[0].Plan.MeanColumns() {
		have := !slices.Contains(names, mean)
		for _, seed := range j.parts[0].Plan.Seeds {
			have = have && slices.Contains(names, mean+seedSuffix(seed))
		}
		if have {
			out = append(out, mean)
		}
	}
	return out
}

func (j *joiner) means(numbers map[string][]float64) []series.Series {
	var out []series.Series
	seeds := j.parts[0].Plan.Seeds
	for _, mean := range j.missingMeans() {
		x := make([]float64, len(j.rows))
		for _, seed := range seeds {
			for i, v := range numbers[mean+seedSuffix(seed)] {
				x[i] += v / float64(len(seeds))
			}
		}
		out = append(out, series.New(x, series.Float, mean))
	}
	return out
}

// order returns the columns: what is no value of a seed, the means, the rest.
func (j *joiner) order() []string {
	var out, rest []string
	own := j.parts[0].Plan.Columns()
	for _, name := range j.parts[0].Frame.Names() {
		if slices.Contains(own, name) {
			rest = append(rest, name)
		} else {
			out = append(out, name)
		}
	}
	return slices.Concat(out, j.missingMeans(), rest)
}
