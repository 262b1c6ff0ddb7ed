package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// Columns of a table beside the space's and the plan's.
const (
	// FailedColumn holds why values are missing, and is empty where none is.
	FailedColumn = "failed"
	gflopsColumn = "gflops"
)

// TableConfig says what Table returns. Its zero value means everything.
type TableConfig struct {
	Columns []string // in this order; nil means all
	Partial bool     // rows of what is computed, where something is missing
	Float32 bool     // values rounded to float32, as the project's tables have them
	Merged  string   // a store to read instead of those of the folder; "" means these
}

// nameColumns returns the columns that say what an architecture is.
func (p *Plan) nameColumns(s space.Space) []string {
	out := append([]string{frame.KeyColumn}, space.SpellColumns(s)...)
	for _, c := range space.AllCounts(s) {
		out = append(out, c.Name)
		if c == space.MACCount {
			out = append(out, gflopsColumn)
		}
	}
	return out
}

// TableColumns returns the columns of the plan's table: hash (the key, whatever the
// space calls it) and spelling; parameters, macs and gflops of an image at the
// published width, and the space's own counts; each value, the mean over seeds;
// where there are several seeds, the value of each; and failed.
func (p *Plan) TableColumns() ([]string, error) {
	s, err := space.Find(p.Space)
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	out := append(p.nameColumns(s), p.MeanColumns()...)
	if len(p.Seeds) > 1 {
		out = append(out, p.Columns()...)
	}
	return append(out, FailedColumn), nil
}

// Table returns the scores of a folder's stores as a data frame with a row per item
// that is computed, in the order of the plan: see TableColumns. NaN is a value that
// could not be measured, and a mean over seeds of which one is missing. Missing items are an
// *IncompleteError unless TableConfig.Partial is true; damage is one always.
func Table(ctx context.Context, p *Plan, dir string, cfg TableConfig) (dataframe.DataFrame, error) {
	fail := func(err error) (dataframe.DataFrame, error) { return dataframe.DataFrame{}, err }
	all, err := p.TableColumns()
	if err != nil {
		return fail(err)
	}
	columns := cfg.Columns
	if columns == nil {
		columns = all
	}
	for i, c := range columns {
		if !slices.Contains(all, c) {
			return fail(fmt.Errorf("campaign: there is no column %s: there is %s", printable.Quote(c), strings.Join(all, ", ")))
		}
		if slices.Contains(columns[:i], c) {
			return fail(fmt.Errorf("campaign: column %s is asked for twice", c))
		}
	}
	x, err := p.tableIndex(dir, cfg)
	if err != nil {
		return fail(err)
	}
	t := newTableMaker(p, columns, p.Cells.N-x.count()[missing], cfg)
	if err := t.read(ctx, x); err != nil {
		return fail(fmt.Errorf("campaign: %w", err))
	}
	return t.frame()
}

func (p *Plan) tableIndex(dir string, cfg TableConfig) (*index, error) {
	var x *index
	var err error
	if cfg.Merged != "" {
		x = p.newIndex()
		err = x.add(cfg.Merged)
	} else {
		x, err = p.gather(dir)
	}
	if err != nil {
		return nil, err
	}
	if n := x.count()[missing]; n > 0 && !cfg.Partial || n == p.Cells.N {
		return nil, &IncompleteError{dir, n, p.Cells.N}
	}
	return x, nil
}

// tableMaker fills the columns that are asked for.
type tableMaker struct {
	plan    *Plan
	cfg     TableConfig
	space   space.Space
	columns []string
	want    map[string]bool
	texts   map[string][]string
	numbers map[string][]float64
}

func newTableMaker(p *Plan, columns []string, rows int, cfg TableConfig) *tableMaker {
	t := &tableMaker{plan: p, cfg: cfg, columns: columns, want: map[string]bool{}, texts: map[string][]string{}, numbers: map[string][]float64{}}
	for _, c := range columns {
		t.want[c] = true
	}
	t.space, _ = space.Find(p.Space)
	for _, c := range append(append([]string{frame.KeyColumn}, space.SpellColumns(t.space)...), FailedColumn) {
		if t.want[c] {
			t.texts[c] = make([]string, 0, rows)
		}
	}
	for _, c := range columns {
		if t.texts[c] == nil {
			t.numbers[c] = make([]float64, 0, rows)
		}
	}
	return t
}

func (t *tableMaker) text(column, v string) {
	if t.want[column] {
		t.texts[column] = append(t.texts[column], v)
	}
}

func (t *tableMaker) number(column string, v float64) {
	if t.want[column] {
		t.numbers[column] = append(t.numbers[column], v)
	}
}

// read takes every line.
func (t *tableMaker) read(ctx context.Context, x *index) error {
	if err := x.checkItems(ctx); err != nil {
		return err
	}
	it, err := t.plan.items()
	if err != nil {
		return err
	}
	columns := len(t.plan.Columns())
	return x.lines(ctx, func(i int, o *opened, line []byte) error {
		item, err := t.plan.parseItem(o.head.salt(), line, columns)
		if err != nil {
			return fmt.Errorf("%s: item %d: %w", o.path, i, err)
		}
		a, err := it.at(i)
		if err != nil {
			return err
		}
		t.name(a, item.Key)
		t.values(item)
		return nil
	})
}

func (t *tableMaker) name(a space.Architecture, key string) {
	t.text(frame.KeyColumn, key)
	for k, c := range space.SpellColumns(t.space) {
		if t.want[c] {
			t.text(c, space.Spell(a)[k])
		}
	}
	counted := false
	for _, c := range space.AllCounts(t.space) {
		counted = counted || t.want[c.Name]
	}
	if !counted && !t.want[gflopsColumn] {
		return
	}
	values := space.CountsOf(a)
	for k, c := range space.AllCounts(t.space) {
		t.number(c.Name, values[k])
		if c == space.MACCount {
			t.number(gflopsColumn, 2*values[k]*1e-9)
		}
	}
}

func (t *tableMaker) values(item *Item) {
	values := item.values()
	means := t.plan.MeanColumns()
	for k, c := range means {
		sum := 0.0
		for s := range t.plan.Seeds {
			sum += values[s*len(means)+k]
		}
		t.number(c, t.round(sum/float64(len(t.plan.Seeds))))
	}
	if len(t.plan.Seeds) > 1 {
		for k, c := range t.plan.Columns() {
			t.number(c, t.round(values[k]))
		}
	}
	var reasons []string
	for _, f := range item.Failures {
		reasons = append(reasons, fmt.Sprintf("%s, seed %d: %s", f.Measurement, f.Seed, f.Reason))
	}
	t.text(FailedColumn, strings.Join(reasons, "; "))
}

func (t *tableMaker) round(v float64) float64 {
	if t.cfg.Float32 {
		return float64(float32(v))
	}
	return v
}

// frame returns the columns as a data frame: counts that are whole numbers as such.
func (t *tableMaker) frame() (dataframe.DataFrame, error) {
	counts := map[string]bool{}
	for _, c := range space.AllCounts(t.space) {
		counts[c.Name] = true
	}
	var cols []series.Series
	for _, c := range t.columns {
		switch {
		case t.texts[c] != nil:
			cols = append(cols, series.New(t.texts[c], series.String, c))
		case counts[c]:
			cols = append(cols, frame.Numbers(c, t.numbers[c]))
		default:
			cols = append(cols, series.New(t.numbers[c], series.Float, c))
		}
		delete(t.texts, c)
		delete(t.numbers, c)
	}
	return frame.Checked(dataframe.New(cols...))
}
