package mnasnet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/internal/csvfile"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
)

// Row is one trained network of a table.
type Row struct {
	ID int // as the table numbers it; else its place, from 0
	Decisions

	Top1, Top5 float64 // ImageNet validation accuracy in percent
	Seconds    float64 // training time
	MACs       float64 // multiply-adds of one image
	Params     float64 // trainable parameters

	// Measured holds mean throughputs (images per second) and latencies
	// (milliseconds) on accelerators, under names such as "throughput_a100",
	// where the table has them.
	Measured map[string]float64
}

// Table is a published table of trained networks.
type Table struct {
	Source string
	Rows   []Row
}

// Len returns the number of rows.
func (t *Table) Len() int { return len(t.Rows) }

// Column returns one number a row: "top1", "top5", "seconds", "macs",
// "params", or the name of a measurement (NaN where a row has none). It
// returns an error for any other name.
func (t *Table) Column(name string) (col []float64, err error) {
	get, ok := map[string]func(*Row) float64{
		"top1":    func(r *Row) float64 { return r.Top1 },
		"top5":    func(r *Row) float64 { return r.Top5 },
		"seconds": func(r *Row) float64 { return r.Seconds },
		"macs":    func(r *Row) float64 { return r.MACs },
		"params":  func(r *Row) float64 { return r.Params },
	}[name]
	if !ok {
		found := false
		get = func(r *Row) float64 {
			if v, here := r.Measured[name]; here {
				found = true
				return v
			}
			return math.NaN()
		}
		defer func() {
			if !found {
				col, err = nil, fmt.Errorf("%s: there is no column %q", t.Source, name)
			}
		}()
	}
	col = make([]float64, len(t.Rows))
	for i := range t.Rows {
		col[i] = get(&t.Rows[i])
	}
	return col, nil
}

// DataFrame returns the table as a gota data frame with the columns id, top1,
// top5, seconds, macs, params, e0..e6, k0..k6, l0..l6 and se0..se6.
func (t *Table) DataFrame() dataframe.DataFrame {
	floats := func(name string, get func(*Row) float64) series.Series {
		v := make([]float64, len(t.Rows))
		for i := range t.Rows {
			v[i] = get(&t.Rows[i])
		}
		return series.New(v, series.Float, name)
	}
	ints := func(name string, get func(*Row) int) series.Series {
		v := make([]int, len(t.Rows))
		for i := range t.Rows {
			v[i] = get(&t.Rows[i])
		}
		return series.New(v, series.Int, name)
	}
	cols := []series.Series{
		ints("id", func(r *Row) int { return r.ID }),
		floats("top1", func(r *Row) float64 { return r.Top1 }),
		floats("top5", func(r *Row) float64 { return r.Top5 }),
		floats("seconds", func(r *Row) float64 { return r.Seconds }),
		floats("macs", func(r *Row) float64 { return r.MACs }),
		floats("params", func(r *Row) float64 { return r.Params }),
	}
	for _, k := range decisionKinds {
		for s := 0; s < Stages; s++ {
			cols = append(cols, ints(fmt.Sprint(k.name, s), func(r *Row) int { return k.get(&r.Decisions, s) }))
		}
	}
	return dataframe.New(cols...)
}

// headerless are the columns of the tables that are published without a header
// line, in order; "" is of no use.
var headerless = func() []string {
	cols := []string{"", "", "", "", "top1", "top5", "macs_M", "params_M", "time_s"}
	for _, k := range decisionKinds {
		for s := 0; s < Stages; s++ {
			cols = append(cols, fmt.Sprint(k.name, s))
		}
	}
	return cols
}()

// aliases lists the names that a column goes by.
var aliases = func() map[string][]string {
	m := map[string][]string{
		"top1": {"val_top1", "top1"}, "top5": {"val_top5", "top5"},
		"macs_M": {"macs_M"}, "params_M": {"params_M"}, "time_s": {"train_time_s", "time_s"},
	}
	for _, k := range decisionKinds {
		for s := 0; s < Stages; s++ {
			n := fmt.Sprint(k.name, s)
			m[n] = []string{fmt.Sprintf("block%d_%s", s, k.name), n}
		}
	}
	return m
}()

// ReadTable reads a table in CSV from r: the columns val_top1 (top1), val_top5
// (top5), train_time_s (time_s), macs_M, params_M and the decisions
// block0_e..block6_se (e0..se6), in any order, and if it is there id, others
// being passed over; or the 37 columns of the published multi-seed tables,
// which have no header line. Squeeze-and-excite is 0, 1, False or True. The
// name is the file's, for messages.
//
// The first column of the multi-seed tables is no id: it repeats within a
// table and differs between them. Their rows correspond by their place.
//
// It returns an error that names the file, the line, its offset and the column for a
// missing column, a value that is no number or outside its range, a decision
// that the space does not have, or an id that is there twice.
func ReadTable(r io.Reader, name string) (*Table, error) {
	cr := csvfile.NewReader(r)
	cr.ReuseRecord = true
	t := &Table{Source: name}
	var cols map[string]int
	seen := map[int]int{}
	for {
		offset := cr.Offset()
		rec, err := cr.Read()
		if err == io.EOF {
			break
		}
		var line int
		fail := func(err error) (*Table, error) {
			return nil, fmt.Errorf("%s: line %d (offset %d): %w", name, line, offset, err)
		}
		if err != nil {
			var p *csv.ParseError
			if errors.As(err, &p) {
				line, err = p.StartLine, p.Err
			}
			return fail(err)
		}
		line, _ = cr.FieldPos(0)
		if cols == nil {
			var header bool
			if cols, header, err = columns(rec); err != nil {
				return fail(err)
			}
			if header {
				continue
			}
		}
		row, err := parseRow(rec, cols, len(t.Rows))
		if err != nil {
			return fail(err)
		}
		if first, twice := seen[row.ID]; twice {
			return fail(fmt.Errorf("column id: %d is in line %d already", row.ID, first))
		}
		if len(t.Rows) == maxResults {
			return fail(fmt.Errorf("more than %d rows", maxResults))
		}
		seen[row.ID] = line
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return nil, fmt.Errorf("%s: the table has no rows", name)
	}
	return t, nil
}

// columns returns where each column is, and whether the record is a header.
func columns(rec []string) (at map[string]int, header bool, err error) {
	names := rec
	if _, err := strconv.ParseFloat(rec[0], 64); err == nil {
		if len(rec) != len(headerless) {
			return nil, false, fmt.Errorf("%d columns without a header line: must be %d", len(rec), len(headerless))
		}
		names = headerless
	} else {
		header = true
	}
	where := map[string]int{}
	for i, n := range names {
		n = strings.TrimSpace(n)
		if _, twice := where[n]; twice && n != "" {
			return nil, false, fmt.Errorf("column %s is there twice", n)
		}
		where[n] = i
	}
	at = map[string]int{}
	if i, ok := where["id"]; ok {
		at["id"] = i
	}
	for col, others := range aliases {
		found := -1
		for _, a := range others {
			if i, ok := where[a]; ok && found < 0 {
				found = i
			}
		}
		if found < 0 {
			return nil, false, fmt.Errorf("there is no column %s", strings.Join(others, " or "))
		}
		at[col] = found
	}
	return at, header, nil
}

// numbers are the columns of Row that hold one, their bounds and their unit.
var numbers = []struct {
	col      string
	unit     float64
	min, max float64
	at       func(*Row) *float64
}{
	{"top1", 1, 0, 100, func(r *Row) *float64 { return &r.Top1 }},
	{"top5", 1, 0, 100, func(r *Row) *float64 { return &r.Top5 }},
	{"time_s", 1, 0, 1e9, func(r *Row) *float64 { return &r.Seconds }},
	{"macs_M", 1e6, 0, 1e9, func(r *Row) *float64 { return &r.MACs }},
	{"params_M", 1e6, 0, 1e9, func(r *Row) *float64 { return &r.Params }},
}

func parseRow(rec []string, at map[string]int, place int) (r Row, err error) {
	field := func(col string) string { return strings.TrimSpace(rec[at[col]]) }
	r.ID = place
	if _, ok := at["id"]; ok {
		if r.ID, err = strconv.Atoi(field("id")); err != nil {
			return r, fmt.Errorf("column id: %s is no whole number", printable.Quote(field("id")))
		}
	}
	for _, n := range numbers {
		v, err := csvfile.Number(field(n.col))
		if err != nil {
			return r, fmt.Errorf("column %s: %s is no number", n.col, printable.Quote(field(n.col)))
		}
		if !(v >= n.min && v <= n.max) {
			return r, fmt.Errorf("column %s: %v is outside %v to %v", n.col, v, n.min, n.max)
		}
		if v *= n.unit; n.unit != 1 {
			v = roundCount(v)
		}
		*n.at(&r) = v
	}
	for _, k := range decisionKinds {
		for s := 0; s < Stages; s++ {
			col := fmt.Sprint(k.name, s)
			v, err := parseDecision(field(col), k.name == "se")
			if err != nil {
				return r, fmt.Errorf("column %s: %w", col, err)
			}
			k.set(&r.Decisions, s, v)
		}
	}
	return r, r.check()
}

// check looks at what a row says as a whole.
func (r *Row) check() error {
	if r.Top5 < r.Top1 {
		return fmt.Errorf("columns top1, top5: %v is more than %v", r.Top1, r.Top5)
	}
	if r.MACs == 0 || r.Params == 0 {
		return errors.New("columns macs_M, params_M: must not be zero")
	}
	return r.Decisions.Check()
}

func parseDecision(s string, se bool) (int, error) {
	if se {
		switch s {
		case "0", "False", "false":
			return 0, nil
		case "1", "True", "true":
			return 1, nil
		}
		return 0, fmt.Errorf("%s is neither 0, 1, False nor True", printable.Quote(s))
	}
	v, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("%s is no whole number", printable.Quote(s))
	}
	return v, nil
}

// ReadTableFile reads a table in CSV (see ReadTable) or, if the name ends in
// .tar.gz or .tgz, an archive of results (see ReadResults).
func ReadTableFile(path string) (*Table, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if strings.HasSuffix(path, ".tar.gz") || strings.HasSuffix(path, ".tgz") {
		return ReadResults(f, path)
	}
	return ReadTable(f, path)
}

// roundCount makes a count whole again that was written in millions.
func roundCount(v float64) float64 { return math.Round(v) }
