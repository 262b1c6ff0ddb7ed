package nasbench

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/nngplab/nngplab/internal/printable"
)

// ErrNotInTable says that a table holds no results of a cell or a budget.
var ErrNotInTable = errors.New("not in the table")

// Table holds training results of cells: for each cell its stored parameter
// count and any number of runs, for each run its budget in epochs and the
// evaluations at the start, half-way and at the end. It is read-only and safe
// for concurrent use. Cells are in order of their hashes, runs of a cell in
// order of their budgets and then as the file had them. Values that a file
// does not have are NaN.
type Table struct {
	hashes []byte // 16 bytes per cell, ascending
	specs  []Spec // as the file stores them: the order of vertices is its own
	params []int32
	first  []int32 // runs of cell i are first[i] .. first[i+1]

	epochs  []int32 // of each run
	cols    [columns]column
	sources []string // names, for source
	source  []uint8  // of each run; nil where the file has none

	budgets []int
	info    Info
}

// Info says where a table came from.
type Info struct {
	Source     string // base name of the file read
	SHA256     string // of that file, hexadecimal
	Bytes      int64  // of that file
	Records    int64  // records or rows read, Duplicates included
	Duplicates int64  // rows dropped because another row is the same run
	Reordered  int64  // records whose cell comes in another order of vertices than the cell's first record
}

// columns is the number of values of a run: five for each of three points,
// and the total time.
const columns = 5*points + 1

// A Metric names one value of a run.
type Metric uint8

// The metrics. The zero Metric is the truth of arXiv:2011.06006.
const (
	FinalTest       Metric = iota // test accuracy at the end
	FinalValidation               // validation accuracy at the end
	FinalTrain                    // training accuracy at the end
	FinalTime                     // seconds of training to the end
	FinalEpoch                    // epochs trained at the end
	HalfTest                      // the same half-way
	HalfValidation
	HalfTrain
	HalfTime
	HalfEpoch
	StartTest // the same before training
	StartValidation
	StartTrain
	StartTime
	StartEpoch
	TotalTime // seconds in all, evaluations included
)

var metricNames = func() []string {
	names := make([]string, 0, columns)
	for _, point := range [...]string{"final", "halfway", "start"} {
		for _, what := range [...]string{"test_accuracy", "validation_accuracy", "train_accuracy", "training_time", "current_epoch"} {
			names = append(names, point+"_"+what)
		}
	}
	return append(names, "total_time")
}()

// String returns the metric's name, such as final_test_accuracy or
// halfway_training_time, as google-research/nasbench writes them.
func (m Metric) String() string {
	if int(m) < len(metricNames) {
		return metricNames[m]
	}
	return fmt.Sprintf("metric(%d)", uint8(m))
}

// ParseMetric returns the metric of that name.
func ParseMetric(name string) (Metric, error) {
	if i := slices.Index(metricNames, name); i >= 0 {
		return Metric(i), nil
	}
	return 0, fmt.Errorf("nasbench: unknown metric %s (known: %v)", printable.Quote(name), metricNames)
}

// metricAt is the metric of field f (0 current_epoch ... 4 test_accuracy) of
// point p (0 start, 1 half-way, 2 end), the order of the published files.
func metricAt(p, f int) Metric { return Metric(5*(points-1-p) + 4 - f) }

// column is a list of numbers, in single precision for as long as that loses
// nothing: the published accuracies and times came from single precision.
type column struct {
	f32 []float32
	f64 []float64 // used once not nil
}

func (c *column) append(v float64) {
	if c.f64 != nil {
		c.f64 = append(c.f64, v)
		return
	}
	if s := float32(v); float64(s) == v || v != v {
		c.f32 = append(c.f32, s)
		return
	}
	c.f64 = make([]float64, len(c.f32), max(cap(c.f32), len(c.f32)+1))
	for i, s := range c.f32 {
		c.f64[i] = float64(s)
	}
	c.f32 = nil
	c.f64 = append(c.f64, v)
}

func (c *column) at(i int) float64 {
	if c.f64 != nil {
		return c.f64[i]
	}
	return float64(c.f32[i])
}

func (c *column) len() int { return len(c.f32) + len(c.f64) }

// permuted returns the column with element i taken from order[i].
func (c *column) permuted(order []int32) column {
	if c.f64 != nil {
		out := make([]float64, len(order))
		for i, j := range order {
			out[i] = c.f64[j]
		}
		return column{f64: out}
	}
	out := make([]float32, len(order))
	for i, j := range order {
		out[i] = c.f32[j]
	}
	return column{f32: out}
}

// Evaluation is the state of a network at one point of its training.
type Evaluation struct {
	Epoch                   float64 // epochs trained
	TrainingTime            float64 // seconds trained
	Train, Validation, Test float64 // accuracies, 0 .. 1
}

// Run is one training of a cell.
type Run struct {
	Epochs           int    // the budget
	Repeat           int    // counts the runs of one cell and budget, from 0
	Source           string // where the file names one
	Start, Half, End Evaluation
	TotalTime        float64 // seconds, evaluations included
}

// Len returns the number of cells.
func (t *Table) Len() int { return len(t.specs) }

// Records returns the number of runs.
func (t *Table) Records() int { return len(t.epochs) }

// Budgets returns the budgets that occur, in ascending epochs.
func (t *Table) Budgets() []int { return append([]int(nil), t.budgets...) }

// Info returns where the table came from.
func (t *Table) Info() Info { return t.info }

// Spec returns cell i, its vertices in the order in which the file has them.
func (t *Table) Spec(i int) Spec { return t.specs[i] }

// Hash returns the hash of cell i.
func (t *Table) Hash(i int) string { return hex.EncodeToString(t.hash(i)) }

func (t *Table) hash(i int) []byte { return t.hashes[16*i : 16*i+16] }

// Parameters returns the stored number of trainable parameters of cell i.
func (t *Table) Parameters(i int) int { return int(t.params[i]) }

// Index returns the index of the cell with the spec's hash, whatever the
// order of its vertices, or ErrNotInTable.
func (t *Table) Index(s Spec) (int, error) {
	if err := s.Validate(); err != nil {
		return 0, err
	}
	return t.index(s.hash())
}

// IndexByHash returns the index of the cell of that hash, or ErrNotInTable.
func (t *Table) IndexByHash(hash string) (int, error) {
	h, err := parseHash(hash)
	if err != nil {
		return 0, err
	}
	return t.index(h)
}

func (t *Table) index(h [16]byte) (int, error) {
	n := t.Len()
	i := sort.Search(n, func(i int) bool { return bytes.Compare(t.hash(i), h[:]) >= 0 })
	if i < n && bytes.Equal(t.hash(i), h[:]) {
		return i, nil
	}
	return 0, fmt.Errorf("nasbench: cell %x: %w", h, ErrNotInTable)
}

// Contains reports whether the table has the cell, in any order of vertices.
func (t *Table) Contains(s Spec) bool {
	_, err := t.Index(s)
	return err == nil
}

// span returns the runs lo <= r < hi of cell i at a budget; 0 means all.
func (t *Table) span(i, epochs int) (lo, hi int) {
	lo, hi = int(t.first[i]), int(t.first[i+1])
	if epochs == 0 {
		return lo, hi
	}
	for lo < hi && int(t.epochs[lo]) < epochs {
		lo++
	}
	end := lo
	for end < hi && int(t.epochs[end]) == epochs {
		end++
	}
	return lo, end
}

// Runs returns the runs of cell i at a budget in epochs, or of all budgets
// where epochs is 0. There may be none.
func (t *Table) Runs(i, epochs int) []Run {
	lo, hi := t.span(i, epochs)
	out := make([]Run, 0, hi-lo)
	repeat := 0
	for r := lo; r < hi; r++ {
		if r > lo && t.epochs[r] != t.epochs[r-1] {
			repeat = 0
		}
		out = append(out, t.run(r, repeat))
		repeat++
	}
	return out
}

func (t *Table) run(r, repeat int) Run {
	run := Run{Epochs: int(t.epochs[r]), Repeat: repeat, TotalTime: t.value(r, TotalTime)}
	if t.source != nil {
		run.Source = t.sources[t.source[r]]
	}
	for p, e := range [...]*Evaluation{&run.Start, &run.Half, &run.End} {
		for f, v := range [...]*float64{&e.Epoch, &e.TrainingTime, &e.Train, &e.Validation, &e.Test} {
			*v = t.value(r, metricAt(p, f))
		}
	}
	return run
}

func (t *Table) value(r int, m Metric) float64 { return t.cols[m].at(r) }

// Values returns one metric of every run of cell i at a budget, without the
// runs that lack it.
func (t *Table) Values(i, epochs int, m Metric) []float64 {
	var out []float64
	lo, hi := t.span(i, epochs)
	for r := lo; r < hi; r++ {
		if v := t.value(r, m); !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}

// Mean returns the mean of one metric over the runs of cell i at a budget,
// without the runs that lack it, and NaN where none has it.
func (t *Table) Mean(i, epochs int, m Metric) float64 {
	sum, n := 0.0, 0
	lo, hi := t.span(i, epochs)
	for r := lo; r < hi; r++ {
		if v := t.value(r, m); !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	return sum / float64(n)
}

// Means returns Mean for every cell, in the order of the cells.
func (t *Table) Means(epochs int, m Metric) []float64 {
	out := make([]float64, t.Len())
	for i := range out {
		out[i] = t.Mean(i, epochs, m)
	}
	return out
}

// FixedStatistics are what does not depend on training, under the names of
// google-research/nasbench.
type FixedStatistics struct {
	ModuleAdjacency     [][]int
	ModuleOperations    []string
	TrainableParameters int
}

// Fixed returns the fixed statistics of cell i.
func (t *Table) Fixed(i int) FixedStatistics {
	g := t.specs[i].Graph()
	return FixedStatistics{g.Matrix, g.Ops, t.Parameters(i)}
}

// Computed returns the runs of cell i by budget.
func (t *Table) Computed(i int) map[int][]Run {
	out := map[int][]Run{}
	for _, r := range t.Runs(i, 0) {
		out[r.Epochs] = append(out[r.Epochs], r)
	}
	return out
}

// QueryResult is one answer of Query.
type QueryResult struct {
	FixedStatistics
	Evaluation
}

// Query answers as google-research/nasbench's query does, as if the cell were
// trained now: one of the runs of that budget, drawn by rng, at its end or,
// with stopHalfway, half-way. A nil rng takes the first run. A cell or budget
// without runs is ErrNotInTable.
func (t *Table) Query(s Spec, epochs int, stopHalfway bool, rng *rand.Rand) (QueryResult, error) {
	i, err := t.Index(s)
	if err != nil {
		return QueryResult{}, err
	}
	lo, hi := t.span(i, epochs)
	if epochs == 0 || lo == hi {
		return QueryResult{}, fmt.Errorf("nasbench: cell %s at %d epochs: %w (budgets %v)", t.Hash(i), epochs, ErrNotInTable, t.budgets)
	}
	r := lo
	if rng != nil {
		r += rng.IntN(hi - lo)
	}
	run := t.run(r, r-lo)
	if stopHalfway {
		return QueryResult{t.Fixed(i), run.Half}, nil
	}
	return QueryResult{t.Fixed(i), run.End}, nil
}
