package nasbench

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/csvfile"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
)

// RowError says where in a comma-separated file something is wrong.
type RowError struct {
	File   string
	Row    int64 // counted from 1, the header apart
	Line   int   // of the row's start in the file, counted from 1
	Offset int64 // of the row's first byte
	Err    error
}

// Error names the file, the row and its place.
func (e *RowError) Error() string {
	return fmt.Sprintf("nasbench: %s: row %d (line %d, byte %d): %s", e.File, e.Row, e.Line, e.Offset, bare(e.Err))
}

// Unwrap returns the reason.
func (e *RowError) Unwrap() error { return e.Err }

// ReadCSV reads a table from a comma-separated file with a header. Every row
// has a cell in the columns module_hash, adjacency_rowmajor (V*V digits), ops
// (names separated by semicolons) and trainable_parameters, and results in one
// of two layouts:
//
//   - a run a row: epochs, and any of train_accuracy, validation_accuracy,
//     test_accuracy and training_time_s;
//   - a budget in the column's name: train108, val108, test108, time108_s, and
//     half-way half_train108, half_val108, half_test108, half_time108_s, for
//     any number of epochs.
//
// A source column is kept, n_vertices is checked, other columns are ignored.
// An empty value is missing (NaN). Hashes are recomputed and compared.
//
// Tables put together from several sources hold some runs twice. Of two rows
// of one cell and budget of which one has all the values of the other, and
// different sources or fewer values, the poorer one is dropped; Info counts
// them.
func ReadCSV(path string) (*Table, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return nil, fmt.Errorf("nasbench: %w", err)
	}
	defer f.Close()
	return readCSV(context.Background(), f, path, 0, nil)
}

func readCSV(ctx context.Context, r io.Reader, file string, size int64, progress func(done, total int64)) (*Table, error) {
	digest := sha256.New()
	counted := &countingReader{r: io.TeeReader(r, digest)}
	c := &csvReader{file: file, csv: csvfile.NewReader(counted), bld: &builder{}}
	c.csv.ReuseRecord = true
	c.bld.locate = func(run int, offset int64, err error) error { return c.rows[run].error(file, err) }
	if err := c.header(); err != nil {
		return nil, err
	}
	for n := int64(1); ; n++ {
		err := c.row(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if n%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if progress != nil {
				progress(counted.n, max(size, counted.n))
			}
		}
	}
	if progress != nil {
		progress(counted.n, max(size, counted.n))
	}
	if len(c.bld.epochs) == 0 {
		return nil, fmt.Errorf("nasbench: %s holds no rows", file)
	}
	dropped := c.bld.dropDuplicates(&c.rows)
	return c.bld.table(ctx, Info{Source: filepath.Base(file), SHA256: hex.EncodeToString(digest.Sum(nil)), Bytes: counted.n, Duplicates: dropped})
}

// place is where a row is in its file.
type place struct {
	row    int64
	line   int
	offset int64
}

func (p place) error(file string, err error) error {
	return &RowError{file, p.row, p.line, p.offset, err}
}

// csvReader turns rows into runs.
type csvReader struct {
	file string
	csv  *csvfile.Reader
	bld  *builder
	rows []place // of each run

	hash, digits, ops, params int // columns of the cell
	source, vertices, epochs  int // or -1
	results                   []resultColumn
	budgets                   []int32 // of the results by name, ascending; {0} where a row names its own
}

// resultColumn is a column that holds a metric, of the budget its name gives
// or, where that is 0, of the row's.
type resultColumn struct {
	column int
	name   string
	epochs int32
	metric Metric
}

var (
	runColumns = map[string]Metric{
		"train_accuracy": FinalTrain, "validation_accuracy": FinalValidation, "test_accuracy": FinalTest, "training_time_s": FinalTime,
	}
	budgetColumn  = regexp.MustCompile(`^(half_)?(train|val|test|time)([1-9][0-9]{0,5})(_s)?$`)
	budgetMetrics = map[string][2]Metric{
		"train": {FinalTrain, HalfTrain}, "val": {FinalValidation, HalfValidation}, "test": {FinalTest, HalfTest}, "time": {FinalTime, HalfTime},
	}
)

func (c *csvReader) header() error {
	names, err := c.csv.Read()
	if err != nil {
		return fmt.Errorf("nasbench: %s: header: %w", c.file, err)
	}
	at := map[string]int{}
	for i, name := range names {
		name = strings.TrimSpace(name)
		if _, twice := at[name]; twice {
			return fmt.Errorf("nasbench: %s: header: two columns %s", c.file, printable.Quote(name))
		}
		at[name] = i
	}
	for name, dst := range map[string]*int{"module_hash": &c.hash, "adjacency_rowmajor": &c.digits, "ops": &c.ops, "trainable_parameters": &c.params} {
		i, ok := at[name]
		if !ok {
			return fmt.Errorf("nasbench: %s: header: no column %s (has %s)", c.file, name, printable.Quote(strings.Join(names, ",")))
		}
		*dst = i
	}
	for name, dst := range map[string]*int{"source": &c.source, "n_vertices": &c.vertices, "epochs": &c.epochs} {
		*dst = -1
		if i, ok := at[name]; ok {
			*dst = i
		}
	}
	for name, i := range at {
		c.addResult(name, i)
	}
	if len(c.results) == 0 {
		return fmt.Errorf("nasbench: %s: header: no column of results (such as epochs with test_accuracy, or test108)", c.file)
	}
	slices.SortFunc(c.results, func(a, b resultColumn) int { return a.column - b.column })
	for _, r := range c.results {
		if !slices.Contains(c.budgets, r.epochs) {
			c.budgets = append(c.budgets, r.epochs)
		}
	}
	slices.Sort(c.budgets)
	return nil
}

func (c *csvReader) addResult(name string, column int) {
	if c.epochs >= 0 {
		if m, ok := runColumns[name]; ok {
			c.results = append(c.results, resultColumn{column, name, 0, m})
		}
		return
	}
	p := budgetColumn.FindStringSubmatch(name)
	if p == nil || (p[2] == "time") != (p[4] == "_s") {
		return
	}
	half := 0
	if p[1] != "" {
		half = 1
	}
	epochs, _ := strconv.Atoi(p[3])
	c.results = append(c.results, resultColumn{column, name, int32(epochs), budgetMetrics[p[2]][half]})
}

// row adds the runs of the next row; io.EOF after the last.
func (c *csvReader) row(n int64) error {
	at := place{row: n, offset: c.csv.Offset()}
	fields, err := c.csv.Read()
	if err == io.EOF {
		return err
	}
	if len(fields) > 0 {
		at.line, _ = c.csv.FieldPos(0)
	}
	if err != nil {
		var p *csv.ParseError
		if errors.As(err, &p) {
			at.line, err = p.StartLine, p.Err
		}
		return at.error(c.file, err)
	}
	r, err := c.cell(fields)
	if err != nil {
		return at.error(c.file, err)
	}
	found := false
	for _, epochs := range c.budgets {
		run := r
		any, err := c.fill(&run, fields, epochs)
		if err != nil {
			return at.error(c.file, err)
		}
		if !any {
			continue
		}
		found = true
		if err := c.add(&run, fields, at); err != nil {
			return at.error(c.file, err)
		}
	}
	if !found {
		return at.error(c.file, errors.New("no result in any column"))
	}
	return nil
}

func (c *csvReader) add(run *record, fields []string, at place) error {
	if c.source >= 0 {
		i := slices.Index(c.bld.sources, fields[c.source])
		if i < 0 {
			i = len(c.bld.sources)
			if i > math.MaxUint8 {
				return errors.New("more than 256 different sources")
			}
			c.bld.sources = append(c.bld.sources, strings.Clone(fields[c.source]))
		}
		c.bld.source = append(c.bld.source, uint8(i))
	}
	c.bld.add(run, at.offset)
	c.rows = append(c.rows, at)
	return nil
}

// cell reads what a row says of its cell, and its budget where it names one.
func (c *csvReader) cell(fields []string) (record, error) {
	r := record{metrics: metrics{totalTime: missing}}
	for p := range r.values {
		r.values[p] = evaluationValues{missing, missing, missing, missing, missing}
	}
	var err error
	if r.hash, err = parseHash(fields[c.hash]); err != nil {
		return r, err
	}
	if r.spec, err = Parse(fields[c.digits], fields[c.ops]); err != nil {
		return r, err
	}
	params, err := parseCount(fields[c.params], "trainable_parameters", math.MaxInt32)
	if err != nil {
		return r, err
	}
	r.parameters = int32(params)
	if c.vertices >= 0 {
		if v, err := parseCount(fields[c.vertices], "n_vertices", maxText); err != nil || v*v != len(strings.TrimSpace(fields[c.digits])) {
			return r, fmt.Errorf("n_vertices is %s for a matrix of %d digits", printable.Quote(fields[c.vertices]), len(fields[c.digits]))
		}
	}
	if c.epochs >= 0 {
		e, err := parseCount(fields[c.epochs], "epochs", maxEpochs)
		if err != nil {
			return r, err
		}
		r.epochs = int32(e)
	}
	return r, nil
}

func parseCount(text, name string, most int) (int, error) {
	v, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || v < 1 || v > most {
		return 0, fmt.Errorf("%s is %s, want a whole number from 1 to %d", name, printable.Quote(text), most)
	}
	return v, nil
}

// fill reads the results of one budget and reports whether there are any.
func (c *csvReader) fill(run *record, fields []string, epochs int32) (any bool, err error) {
	if epochs != 0 {
		run.epochs = epochs
	}
	for _, col := range c.results {
		text := strings.TrimSpace(fields[col.column])
		if col.epochs != epochs || text == "" {
			continue
		}
		v, err := csvfile.Number(text)
		if err != nil {
			return false, fmt.Errorf("%s is %s, want a number or nothing", col.name, printable.Quote(text))
		}
		p := points - 1 - int(col.metric)/5
		run.values[p][4-int(col.metric)%5] = v
		any = true
	}
	return any, run.check()
}

// dropDuplicates removes the runs that ReadCSV says, and their places, and
// returns their number.
func (b *builder) dropDuplicates(rows *[]place) int64 {
	drop := make([]bool, len(b.epochs))
	order := b.order()
	for lo := 0; lo < len(order); {
		hi := lo
		for hi < len(order) && b.hashes[order[hi]] == b.hashes[order[lo]] && b.epochs[order[hi]] == b.epochs[order[lo]] {
			hi++
		}
		b.markDuplicates(order[lo:hi], drop)
		lo = hi
	}
	n := 0
	for r := range drop {
		if drop[r] {
			continue
		}
		b.hashes[n], b.specs[n], b.params[n], b.epochs[n], b.offsets[n] = b.hashes[r], b.specs[r], b.params[r], b.epochs[r], b.offsets[r]
		if b.source != nil {
			b.source[n] = b.source[r]
		}
		(*rows)[n] = (*rows)[r]
		n++
	}
	keep := make([]int32, 0, n)
	for r := range drop {
		if !drop[r] {
			keep = append(keep, int32(r))
		}
	}
	for m := range b.cols {
		b.cols[m] = b.cols[m].permuted(keep)
	}
	b.hashes, b.specs, b.params, b.epochs, b.offsets = b.hashes[:n], b.specs[:n], b.params[:n], b.epochs[:n], b.offsets[:n]
	if b.source != nil {
		b.source = b.source[:n]
	}
	*rows = (*rows)[:n]
	return int64(len(drop) - n)
}

// markDuplicates marks the runs of one cell and budget that another contains.
func (b *builder) markDuplicates(runs []int32, drop []bool) {
	for i, r := range runs {
		for j, s := range runs {
			if i == j || drop[r] || drop[s] {
				continue
			}
			more, contained := b.contains(s, r)
			sameSource := b.source == nil || b.source[r] == b.source[s]
			if contained && (more || !sameSource && j < i) {
				drop[r] = true
			}
		}
	}
}

// contains reports whether run s has every value that run r has, and whether
// it has more.
func (b *builder) contains(s, r int32) (more, contained bool) {
	for m := range b.cols {
		x, y := b.cols[m].at(int(s)), b.cols[m].at(int(r))
		if math.IsNaN(y) {
			more = more || !math.IsNaN(x)
		} else if x != y {
			return false, false
		}
	}
	return more, true
}
