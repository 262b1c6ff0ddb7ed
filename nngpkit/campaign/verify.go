package campaign

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// VerifyConfig says how Verify measures. Its zero value takes every row.
type VerifyConfig struct {
	Rows      int     // so many, drawn at random; 0 means all
	Seed      uint64  // of the draw
	Tolerance float64 // the largest difference that agrees, relative to the larger of 1 and the value; 0 means equal
	Threads   int     // 0 means GOMAXPROCS
	Load      Loader  // finds the images; nil means imageset.Load
	// Progress is called after each row, by one goroutine at a time; it may be nil.
	Progress func(done, total int)
}

// Verified is what Verify found.
type Verified struct {
	Rows    int                `json:"rows"` // that were measured
	Of      int                `json:"of"`   // rows of the table
	Engine  Engine             `json:"engine"`
	Columns []ColumnDifference `json:"columns"`
}

// ColumnDifference is how far values that were measured anew are from those of a
// table. Differences are relative to the larger of 1 and the value.
type ColumnDifference struct {
	Column  string  `json:"column"`
	Largest float64 `json:"largest"`
	Key     string  `json:"key"`     // of the architecture that has it; empty where all are equal
	Beyond  int     `json:"beyond"`  // values that differ by more than VerifyConfig.Tolerance
	Missing int     `json:"missing"` // values that are there and not here, or the reverse
}

// Agrees reports whether every value agrees.
func (d ColumnDifference) Agrees() bool { return d.Beyond == 0 && d.Missing == 0 }

// Agree reports whether every value of every column agrees.
func (v *Verified) Agree() bool {
	return !slices.ContainsFunc(v.Columns, func(c ColumnDifference) bool { return !c.Agrees() })
}

// Verify measures rows of a table anew and compares. Of a table that was rounded to
// float32, and that the same engine computed, differences are at most 6e-8. Other
// instructions add in another order: a few cells then differ by more, whose features
// are so nearly constant that rounding decides whether they count (see
// kernel.Standardize).
func (x *Exported) Verify(ctx context.Context, cfg VerifyConfig) (*Verified, error) {
	fail := func(err error) (*Verified, error) { return nil, fmt.Errorf("campaign: %w", err) }
	v, err := x.verifier(ctx, cfg)
	if err != nil {
		return fail(err)
	}
	threads := cfg.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	items := make([]*Item, len(v.rows))
	done := make(chan struct{}, len(items))
	go func() {
		defer close(done)
		err = sweep.InParallel(ctx, threads, len(items), func(ctx context.Context, i int, pool *forward.Pool) error {
			t, _, err := v.run.measureArchitecture(ctx, i, v.cells[i], pool)
			items[i] = t
			done <- struct{}{}
			return err
		})
	}()
	n := 0
	for range done {
		if n++; cfg.Progress != nil {
			cfg.Progress(n, len(items))
		}
	}
	if err != nil {
		return fail(err)
	}
	return v.compare(items)
}

// verifier compares rows.
type verifier struct {
	table *Exported
	run   *run
	rows  []int
	cells []space.Architecture

	tolerance float64
}

func (x *Exported) verifier(ctx context.Context, cfg VerifyConfig) (*verifier, error) {
	if cfg.Rows < 0 {
		return nil, fmt.Errorf("%d rows: want at least 0, which means all", cfg.Rows)
	}
	g, err := x.Plan.gallery(cfg.Load)
	if err != nil {
		return nil, err
	}
	v := &verifier{table: x, tolerance: cfg.Tolerance, run: &run{plan: x.Plan, columns: len(x.Plan.Columns())}}
	if v.run.measures, err = measuresOf(g); err != nil {
		return nil, err
	}
	n := x.Frame.Nrow()
	drawn, err := space.Indices(min(max(cfg.Rows, 1), n), int64(n), cfg.Seed, verifyPurpose)
	if err != nil {
		return nil, err
	}
	for _, i := range drawn {
		v.rows = append(v.rows, int(i))
	}
	if cfg.Rows == 0 {
		v.rows = v.rows[:0]
		for i := range n {
			v.rows = append(v.rows, i)
		}
	}
	return v, v.find(ctx)
}

// verifyPurpose keeps the draw of rows apart from others of the same seed.
const verifyPurpose = 0x7665726966790000

// find finds the architectures of the rows.
func (v *verifier) find(ctx context.Context) error {
	s, err := space.Find(v.table.Plan.Space)
	if err != nil {
		return err
	}
	keys := v.table.Frame.Col(frame.KeyColumn)
	if keys.Err != nil {
		return fmt.Errorf("the table has no column %s, which says what its rows are of", frame.KeyColumn)
	}
	for _, i := range v.rows {
		a, err := space.ByKey(ctx, s, keys.Elem(i).String())
		if err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
		v.cells = append(v.cells, a)
	}
	return nil
}

// compare compares every value column of the table.
func (v *verifier) compare(items []*Item) (*Verified, error) {
	engine, err := ThisEngine()
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	p := v.table.Plan
	out := &Verified{Rows: len(v.rows), Of: v.table.Frame.Nrow(), Engine: engine}
	means := p.MeanColumns()
	for _, name := range v.table.Frame.Names() {
		at := slices.Index(p.Columns(), name)
		mean := slices.Index(means, name)
		if at < 0 && mean < 0 {
			continue
		}
		stored := v.table.Frame.Col(name).Float()
		d := ColumnDifference{Column: name}
		for k, row := range v.rows {
			values := items[k].values()
			fresh := meanOver(values, mean, len(means))
			if at >= 0 {
				fresh = values[at]
			}
			d.add(stored[row], fresh, v.tolerance, items[k].Key)
		}
		out.Columns = append(out.Columns, d)
	}
	if len(out.Columns) == 0 {
		return nil, errors.New("campaign: the table has no column that its plan measures")
	}
	return out, nil
}

func (d *ColumnDifference) add(stored, fresh, tolerance float64, key string) {
	if math.IsNaN(stored) || math.IsNaN(fresh) {
		if math.IsNaN(stored) != math.IsNaN(fresh) {
			d.Missing++
		}
		return
	}
	diff := math.Abs(stored-fresh) / max(1, math.Abs(fresh))
	if diff > d.Largest {
		d.Largest, d.Key = diff, key
	}
	if diff > tolerance {
		d.Beyond++
	}
}

// meanOver returns the mean over seeds of value k of n; NaN for no value.
func meanOver(values []float64, k, n int) float64 {
	if k < 0 {
		return math.NaN()
	}
	sum, seeds := 0.0, 0
	for i := k; i < len(values); i += n {
		sum += values[i]
		seeds++
	}
	return sum / float64(seeds)
}
