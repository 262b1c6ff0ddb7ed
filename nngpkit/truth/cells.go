package truth

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// TruthColumn is the column of a Cells frame that holds the truth. It is missing
// where nothing is known.
const TruthColumn = "truth"

// Cells is a set of architectures of one space, such as cells of NAS-Bench-101, as
// a data frame: hash (the key), parameters and gflops (an image, of the published
// network), the space's own free counts by their names, such as conv3x3, and truth
// where it is known. Signals are joined to it by hash.
type Cells struct {
	Name          string // short, for headings and results: "official"
	About         string // what the truth is, and where it comes from
	Truth         string // label of the truth, "" where there is none
	Architectures []space.Architecture
	Frame         dataframe.DataFrame
}

// HasTruth reports whether trained accuracies are known.
func (c *Cells) HasTruth() bool { return c.Truth != "" }

// Len returns the number of cells.
func (c *Cells) Len() int { return len(c.Architectures) }

// Add joins the columns of df to the frame by hash. Cells that df does not
// have are dropped.
func (c *Cells) Add(df dataframe.DataFrame) error {
	joined, err := frame.Join(c.Frame, df, frame.KeyColumn)
	if err != nil {
		return err
	}
	kept := make([]space.Architecture, 0, joined.Nrow())
	at := map[string]int{}
	for i, h := range c.Frame.Col(frame.KeyColumn).Records() {
		at[h] = i
	}
	for _, h := range joined.Col(frame.KeyColumn).Records() {
		kept = append(kept, c.Architectures[at[h]])
	}
	c.Frame, c.Architectures = joined, kept
	return nil
}

// OpenCells returns a published table of networks with their truth, at most limit
// of them unless limit is 0: "benchmark", the whole NAS-Bench-101 in its official
// files or as 'nngplab data import' keeps it; "official", a subset of it;
// "retrained"; "uniform", a uniform sample of NAS-Bench-101; "nasbench201". What a
// table holds beside, such as proxy_zen, a proxy that others published, are further
// columns, NaN where a cell has none. It returns a *published.NotFoundError where the table is not found.
func OpenCells(ctx context.Context, name string, limit int) (*Cells, error) {
	source, err := published.Find(name)
	if err != nil {
		return nil, err
	}
	table, err := source.Open(ctx)
	if err != nil {
		return nil, err
	}
	return FromTable(table, source, limit)
}

// ErrNoCells is wrapped where a table has none of the cells asked for.
var ErrNoCells = errors.New("no cell is left")

// FromTable returns the networks of a published table whose truth is known, the
// first limit of them unless limit is 0; the truth is the mean over their runs.
// Tables are in the order of keys, which is as good as a random one.
func FromTable(t published.Table, source published.Source, limit int) (*Cells, error) {
	return fromTable(t, source, limit, func(string) bool { return true })
}

// fromTable is FromTable of the networks whose key is wanted.
func fromTable(t published.Table, source published.Source, limit int, wanted func(key string) bool) (*Cells, error) {
	c := &Cells{Name: source.Name, About: source.About, Truth: source.Label}
	var keys []string
	var truth, runs []float64
	var rows []int
	for i := 0; i < t.Len() && (limit <= 0 || len(keys) < limit); i++ {
		mean, known := t.Truth(i)
		if known == 0 || !wanted(t.Key(i)) {
			continue
		}
		c.Architectures = append(c.Architectures, t.Architecture(i))
		keys, rows = append(keys, t.Key(i)), append(rows, i)
		truth = append(truth, mean)
		runs = append(runs, float64(known))
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("truth: %s has no %s: %w", t.Source(), source.Label, ErrNoCells)
	}
	more := []series.Series{series.New(truth, series.Float, TruthColumn), series.New(ints(runs), series.Int, "runs")}
	if t, ok := t.(published.Columned); ok {
		for _, column := range t.Columns() {
			more = append(more, frame.Numbers(column.Name, PickRows(column.Values, rows)))
		}
	}
	var err error
	c.Frame, err = cellFrame(keys, c.Architectures, more...)
	return c, err
}

// SampleCells returns n architectures of NAS-Bench-101 drawn uniformly. Nothing is
// known about their truth.
func SampleCells(n int, seed uint64) (*Cells, error) { return SampleOf("nasbench101", n, seed) }

// SampleOf returns n architectures drawn uniformly from the space of that name.
// Nothing is known about their truth.
func SampleOf(name string, n int, seed uint64) (*Cells, error) {
	s, err := space.Find(name)
	if err != nil {
		return nil, err
	}
	c := &Cells{Name: "sample", About: "drawn uniformly from " + s.Info().Title + "; no trained accuracies were found"}
	if c.Architectures, err = s.Sample(n, seed); err != nil {
		return nil, err
	}
	keys := make([]string, n)
	for i, a := range c.Architectures {
		keys[i] = a.Key()
	}
	c.Frame, err = cellFrame(keys, c.Architectures)
	return c, err
}

// cellFrame returns what is known of architectures of one space without training
// or scoring them.
func cellFrame(keys []string, all []space.Architecture, more ...series.Series) (dataframe.DataFrame, error) {
	var names []string
	if len(all) > 0 {
		for _, c := range space.Of(all[0]).Counts() {
			names = append(names, c.Name)
		}
	}
	counts := make([][]float64, len(names))
	parameters, gflops := make([]int, len(all)), make([]float64, len(all))
	for i, a := range all {
		parameters[i], gflops[i] = a.Parameters(), float64(2*a.MACs())*1e-9
		for k, v := range a.Counts() {
			counts[k] = append(counts[k], v)
		}
	}
	cols := []series.Series{
		series.New(keys, series.String, frame.KeyColumn),
		series.New(parameters, series.Int, Parameters.Column),
		series.New(gflops, series.Float, FLOPs.Column),
	}
	for k, name := range names {
		cols = append(cols, frame.Numbers(name, counts[k]))
	}
	return frame.Checked(dataframe.New(append(cols, more...)...))
}

func ints(x []float64) []int {
	out := make([]int, len(x))
	for i, v := range x {
		out[i] = int(v)
	}
	return out
}
