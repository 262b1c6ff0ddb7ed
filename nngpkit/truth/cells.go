package truth

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// TruthColumn is the column of a Cells frame that holds the truth. It is missing
// where nothing is known.
const TruthColumn = "truth"

// trained is the number of epochs after which the truth is measured.
const trained = 108

// Cells is a set of NAS-Bench-101 cells as a data frame: hash, vertices,
// edges, parameters and gflops (an image, of the trained network of width 128),
// conv3x3, and truth where it is known. Signals are joined to it by hash.
type Cells struct {
	Name  string // short, for headings and results: "official"
	About string // what the truth is, and where it comes from
	Truth string // label of the truth, "" where there is none
	Specs []nasbench.Spec
	Frame dataframe.DataFrame
}

// HasTruth reports whether trained accuracies are known.
func (c *Cells) HasTruth() bool { return c.Truth != "" }

// Len returns the number of cells.
func (c *Cells) Len() int { return len(c.Specs) }

// Add joins the columns of df to the frame by hash. Cells that df does not
// have are dropped.
func (c *Cells) Add(df dataframe.DataFrame) error {
	joined, err := frame.Join(c.Frame, df, frame.KeyColumn)
	if err != nil {
		return err
	}
	kept := make([]nasbench.Spec, 0, joined.Nrow())
	at := map[string]int{}
	for i, h := range c.Frame.Col(frame.KeyColumn).Records() {
		at[h] = i
	}
	for _, h := range joined.Col(frame.KeyColumn).Records() {
		kept = append(kept, c.Specs[at[h]])
	}
	c.Frame, c.Specs = joined, kept
	return nil
}

// truthTable is a table of trained cells that OpenCells knows.
type truthTable struct {
	name, about, label string
	file               string // below the folders of data; "" for the whole benchmark
	metric             nasbench.Metric
}

var TruthTables = []truthTable{
	{
		name: "benchmark", label: "test accuracy after 108 epochs", metric: nasbench.FinalTest,
		about: "cells of the whole NAS-Bench-101; the mean final test accuracy of three repeats",
	},
	{
		name: "official", label: "validation accuracy after 108 epochs", metric: nasbench.FinalValidation,
		file:  "nasbench101/official_subset.csv",
		about: "cells of NAS-Bench-101 as published with NASLib; the mean of the final validation accuracies that are known, one to three of them for most cells",
	},
	{
		name: "retrained", label: "test accuracy after 108 epochs", metric: nasbench.FinalTest,
		file:  "nasbench101/retrained.csv",
		about: "cells of at most five vertices trained anew with the official code (EC-NAS-Bench, nc_nasbench); the mean final test accuracy of three repeats",
	},
}

// CellNames returns the names that OpenCells knows.
func CellNames() []string {
	var names []string
	for _, t := range TruthTables {
		names = append(names, t.name)
	}
	return names
}

// NoTableError says that a table of trained accuracies is nowhere on this
// machine.
type NoTableError struct {
	Name, File string
	Looked     []string // folders
}

// Error says what was looked for, where, and what to do about it.
func (e *NoTableError) Error() string {
	if e.File == "" {
		return "truth: NAS-Bench-101 is not on this machine: 'nngplab data fetch nasbench101' gets it"
	}
	return fmt.Sprintf("truth: the %s accuracies of NAS-Bench-101 (%s) were found in none of %q: put the file below one of them, or name the folder that has it in %s",
		e.Name, e.File, e.Looked, datasets.EnvData)
}

// OpenCells returns a published table of cells with their truth, at most limit
// of them unless limit is 0: "benchmark", the whole NAS-Bench-101 in its
// official files or as 'nngplab data import' keeps it; "official", a subset of
// it; "retrained". It returns a *NoTableError where the table is not found.
func OpenCells(ctx context.Context, name string, limit int) (*Cells, error) {
	for _, t := range TruthTables {
		if t.name != name {
			continue
		}
		table, err := t.Open(ctx)
		if err != nil {
			return nil, err
		}
		return FromTable(table, t.name, t.about, t.label, trained, t.metric, limit)
	}
	return nil, fmt.Errorf("truth: there is no table of cells %q, only %q", name, CellNames())
}

func (t truthTable) Open(ctx context.Context) (*nasbench.Table, error) {
	if t.file == "" {
		return openBenchmark(ctx, t.name)
	}
	path, err := FindTable(t.name, t.file)
	if err != nil {
		return nil, err
	}
	return nasbench.ReadCSV(path)
}

// benchmarks are the data sets that hold the whole benchmark, and their files.
var benchmarks = []struct{ set, file string }{
	{"nasbench101", "nasbench_only108.tfrecord"},
	{"nasbench101-full", "nasbench_full.tfrecord"},
}

// openBenchmark loads the whole benchmark as it was imported, or imports it.
func openBenchmark(ctx context.Context, name string) (*nasbench.Table, error) {
	for _, b := range benchmarks {
		kept, err := datasets.TablePath(b.set)
		if err != nil {
			return nil, fmt.Errorf("truth: %w", err)
		}
		if _, err := os.Stat(kept); err == nil {
			return nasbench.OpenTable(kept)
		}
		at, err := datasets.Find(b.set)
		var missing *datasets.MissingError
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("truth: %w", err)
		}
		if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
			return nil, fmt.Errorf("truth: %w", err)
		}
		if err := datasets.CheckRecorded(ctx, at.Dir, b.file); err != nil {
			return nil, fmt.Errorf("truth: %w", err)
		}
		return nasbench.Import(ctx, filepath.Join(at.Dir, b.file), kept, nil)
	}
	return nil, &NoTableError{Name: name}
}

// FindTable looks for a file in the folders of data.
func FindTable(name, file string) (string, error) {
	missing := &NoTableError{Name: name, File: file}
	for _, root := range datasets.Roots() {
		path := filepath.Join(root.Dir, filepath.FromSlash(file))
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("truth: %w", err)
		}
		missing.Looked = append(missing.Looked, root.Dir)
	}
	return "", missing
}

// FromTable returns the cells of a table that have a result of the given
// metric at the given budget, the first limit of them unless limit is 0; the
// truth is the mean over their runs. Tables are in the order of hashes, which
// is as good as a random one.
func FromTable(t *nasbench.Table, name, about, label string, epochs int, m nasbench.Metric, limit int) (*Cells, error) {
	return fromTable(t, name, about, label, epochs, m, limit, func(string) bool { return true })
}

// fromTable is FromTable of the cells whose hash is wanted.
func fromTable(t *nasbench.Table, name, about, label string, epochs int, m nasbench.Metric, limit int, wanted func(hash string) bool) (*Cells, error) {
	c := &Cells{Name: name, About: about, Truth: label}
	var hashes []string
	var truth, runs []float64
	for i := 0; i < t.Len() && (limit <= 0 || len(hashes) < limit); i++ {
		known := 0
		for _, v := range t.Values(i, epochs, m) {
			if v == v {
				known++
			}
		}
		if known == 0 || !wanted(t.Hash(i)) {
			continue
		}
		c.Specs = append(c.Specs, t.Spec(i))
		hashes = append(hashes, t.Hash(i))
		truth = append(truth, t.Mean(i, epochs, m))
		runs = append(runs, float64(known))
	}
	if len(hashes) == 0 {
		return nil, fmt.Errorf("truth: %s has no %v after %d epochs: %w", t.Info().Source, m, epochs, ErrNoCells)
	}
	var err error
	c.Frame, err = cellFrame(hashes, c.Specs,
		series.New(truth, series.Float, TruthColumn), series.New(ints(runs), series.Int, "runs"))
	return c, err
}

// SampleCells returns n cells drawn uniformly from the 423,624 of the space.
// Nothing is known about their truth.
func SampleCells(n int, seed uint64) (*Cells, error) {
	specs, err := nasbench.Sample(n, seed)
	if err != nil {
		return nil, err
	}
	c := &Cells{Name: "sample", About: "cells drawn uniformly from NAS-Bench-101; no trained accuracies were found"}
	var hashes []string
	seen := map[string]bool{}
	for _, s := range specs {
		h := s.Hash()
		if !seen[h] {
			seen[h] = true
			c.Specs, hashes = append(c.Specs, s), append(hashes, h)
		}
	}
	c.Frame, err = cellFrame(hashes, c.Specs)
	return c, err
}

// cellFrame returns what is known of cells without training or scoring them.
func cellFrame(hashes []string, specs []nasbench.Spec, more ...series.Series) (dataframe.DataFrame, error) {
	n := len(specs)
	var vertices, edges, parameters, conv3 []int
	gflops := make([]float64, 0, n)
	for _, s := range specs {
		st := s.Stats()
		vertices, edges = append(vertices, st.Vertices), append(edges, st.Edges)
		conv3 = append(conv3, st.Conv3x3)
		parameters = append(parameters, s.Parameters(nasbench.StemWidth))
		gflops = append(gflops, float64(s.FLOPs(nasbench.StemWidth))*1e-9)
	}
	cols := []series.Series{
		series.New(hashes, series.String, frame.KeyColumn),
		series.New(vertices, series.Int, "vertices"),
		series.New(edges, series.Int, "edges"),
		series.New(parameters, series.Int, Parameters.Column),
		series.New(gflops, series.Float, FLOPs.Column),
		series.New(conv3, series.Int, Conv3x3.Column),
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
