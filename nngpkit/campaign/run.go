package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/nngplab/nngplab/internal/linefile"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// RunConfig says how Run computes. Its zero value computes the whole plan on all
// threads, into the current folder.
type RunConfig struct {
	Dir     string // the store's folder, made if need be; see StoreDir
	Shard   Shard  // the zero value means the whole
	Threads int    // architectures at a time; 0 means GOMAXPROCS. No result depends on it
	// RetryFailed computes those again that failed.
	RetryFailed bool
	// Load finds the images; nil means imageset.Load.
	Load Loader
	// Progress is called after each architecture, by one goroutine at a time; it may
	// be nil.
	Progress func(Progress)
	// Say is told what is not as expected and yet no error: a line that was cut off.
	// It may be nil.
	Say func(text string)
}

// Progress is how far a shard is.
type Progress struct {
	Done, Failed, Total int // Done and Failed together with those of earlier runs
	Fresh               int // of both, those of this run
}

// run is a call of Run.
type run struct {
	plan     *Plan
	cfg      RunConfig
	items    *items
	measures []measure
	columns  int
	head     storeHead
	salt     string

	state    []byte // of each item of the plan
	progress Progress
	log      *linefile.Log
	beat     *heartbeat
	synced   time.Time
	line     []byte
}

// syncEvery is how often scores are brought to the disk.
const syncEvery = 5 * time.Second

// Run computes what is missing of a shard and appends it to the shard's store, and
// returns how far the shard is then. What other ways of sharding have computed in
// the same folder counts as done. An architecture that cannot be measured is an
// item with its failures; it does not end the run.
//
// The context's end lets the architectures in hand finish, and is returned as its
// cause. At most one process runs a shard: a second one is an error that wraps
// linefile.ErrLocked.
func Run(ctx context.Context, p *Plan, cfg RunConfig) (Progress, error) {
	r, err := newRun(p, cfg)
	if err != nil {
		return Progress{}, err
	}
	path := cfg.Shard.StorePath(cfg.Dir)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return Progress{}, fmt.Errorf("campaign: %w", err)
	}
	lock, err := linefile.Acquire(path)
	if err != nil {
		return Progress{}, fmt.Errorf("campaign: %w", err)
	}
	got, err := r.locked(ctx, path)
	return got, errors.Join(err, lock.Release())
}

// measuresOf returns what a run measures; tests put others in.
var measuresOf = (*gallery).measures

func newRun(p *Plan, cfg RunConfig) (*run, error) {
	cfg.Shard = cfg.Shard.resolved()
	if err := cfg.Shard.check(); err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	if cfg.Threads <= 0 {
		cfg.Threads = runtime.GOMAXPROCS(0)
	}
	g, err := p.gallery(cfg.Load)
	if err != nil {
		return nil, err
	}
	r := &run{plan: p, cfg: cfg, columns: len(p.Columns()), state: make([]byte, p.Cells.N)}
	if r.measures, err = measuresOf(g); err != nil {
		return nil, err
	}
	if r.items, err = p.items(); err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	engine, err := ThisEngine()
	if err != nil {
		return nil, err
	}
	r.head = storeHead{Format: Format, Plan: p.Hash, Shard: cfg.Shard.I, Of: cfg.Shard.Of, Engine: engine}
	r.salt = r.head.salt()
	return r, nil
}

// locked runs the shard whose lock it has.
func (r *run) locked(ctx context.Context, path string) (Progress, error) {
	mine, err := r.plan.itemsOf(ctx, r.items, r.cfg.Shard)
	if err != nil {
		return r.progress, err
	}
	r.head.Items = len(mine)
	own, err := r.read(path)
	if err != nil {
		return r.progress, err
	}
	todo := r.missing(mine)
	if len(todo) > 0 {
		if err := r.open(path, own); err != nil {
			return r.progress, err
		}
		r.beat = newHeartbeat(r.cfg.Dir, r.cfg.Shard)
		err = r.compute(ctx, todo)
		r.beat.end(r.progress)
		if err = errors.Join(err, r.log.Close()); err != nil {
			return r.progress, err
		}
	}
	if len(todo) > 0 || own != nil && (!own.sorted || own.cut > 0) {
		return r.progress, r.plan.sortStore(path)
	}
	return r.progress, nil
}

// read learns what is computed: from the shard's own store, which it returns, nil
// where there is none yet, and from those of other ways of sharding.
func (r *run) read(path string) (*opened, error) {
	files, err := stores(r.cfg.Dir)
	if err != nil {
		return nil, err
	}
	var own *opened
	for _, f := range files {
		s, named := shardOf(f)
		mine := named && s == r.cfg.Shard
		if !mine && (named && s.Of == r.cfg.Shard.Of || !named && filepath.Base(f) != mergedName) {
			continue // other items, or another file
		}
		o, err := r.plan.scan(f, func(o *opened, t *Item, _ linefile.Line) error {
			if !o.head.Engine.same(r.head.Engine) {
				return r.otherEngine(o)
			}
			r.state[t.Item] = max(r.state[t.Item], t.state())
			return nil
		})
		if errors.Is(err, errNoStore) {
			if mine && o.cut > 0 {
				r.say("%s: the first line is cut off: it begins anew", f)
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if !o.head.Engine.same(r.head.Engine) {
			return nil, storeError("%s: %w", f, r.otherEngine(o))
		}
		if named && o.head.shard() != s {
			return nil, storeError("%s: is the store of shard %v", f, o.head.shard())
		}
		if mine {
			if own = o; o.cut > 0 {
				r.say("%s: the last line, of %d bytes, is cut off: it is dropped and computed again", f, o.cut)
			}
		}
	}
	if own != nil && own.head.Items != r.head.Items {
		return nil, storeError("%s: has a shard of %d items, and here it has %d: it is of another version", path, own.head.Items, r.head.Items)
	}
	return own, nil
}

func (r *run) otherEngine(o *opened) error {
	return fmt.Errorf("its scores are of another engine (%v) than this one (%v), which does not compute the same bits: go on with that one (NNGPLAB_SIMD chooses instructions), or take another --store",
		o.head.Engine, r.head.Engine)
}

func (r *run) say(format string, args ...any) {
	if r.cfg.Say != nil {
		r.cfg.Say(fmt.Sprintf(format, args...))
	}
}

// missing returns what is to be computed, and counts the rest.
func (r *run) missing(mine []int32) []int32 {
	r.progress.Total = len(mine)
	var todo []int32
	for _, i := range mine {
		switch s := r.state[i]; {
		case s == done:
			r.progress.Done++
		case s == failed && !r.cfg.RetryFailed:
			r.progress.Failed++
		default:
			todo = append(todo, i)
		}
	}
	return todo
}

// open opens the store to append to it.
func (r *run) open(path string, own *opened) error {
	size, begin := int64(0), headBegin
	if own != nil {
		size, begin = own.whole, itemBegin
		r.salt = own.head.salt()
	}
	err := linefile.CheckCut(path, size, begin)
	if err != nil {
		return storeError("%w", err)
	}
	if r.log, err = linefile.Append(path, size); err != nil {
		return fmt.Errorf("campaign: %w", err)
	}
	if own == nil {
		line, err := r.head.line()
		if err == nil {
			err = r.log.Write(line)
		}
		if err != nil {
			return fmt.Errorf("campaign: %w", errors.Join(err, r.log.Close()))
		}
	}
	r.synced = time.Now()
	return nil
}

// compute measures items until all are done or the context ends. An error is that
// of the disk, or the context's cause.
func (r *run) compute(ctx context.Context, todo []int32) error {
	inner, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	feed, results := make(chan int32), make(chan result, r.cfg.Threads)
	go func() {
		defer close(feed)
		for _, i := range todo {
			select {
			case feed <- i:
			case <-inner.Done():
				return
			}
		}
	}()
	workers := min(r.cfg.Threads, max(1, len(todo)))
	left := make(chan struct{}, workers)
	for range workers {
		go func() {
			defer func() { left <- struct{}{} }()
			r.work(context.WithoutCancel(ctx), inner, feed, results)
		}()
	}
	var failure error
	go func() {
		for range workers {
			<-left
		}
		close(results)
	}()
	for res := range results {
		if failure != nil {
			continue
		}
		if failure = r.keep(res); failure != nil {
			stop(failure)
		}
	}
	if failure != nil {
		return failure
	}
	return context.Cause(ctx)
}

// result is an item with its line.
type result struct {
	item *Item
	err  error
}

// work measures items until there are none or inner ends; what it has begun it
// finishes.
func (r *run) work(ctx, inner context.Context, feed <-chan int32, results chan<- result) {
	pool := new(forward.Pool)
	for i := range feed {
		if inner.Err() != nil {
			return
		}
		var res result
		res.item, pool, res.err = r.measure(ctx, int(i), pool)
		results <- res
	}
}

// measure measures an item. The pool that it returns is another one after a
// panic, which may have left the old one in disorder.
func (r *run) measure(ctx context.Context, i int, pool *forward.Pool) (*Item, *forward.Pool, error) {
	a, err := r.items.at(i)
	if err != nil {
		return nil, pool, fmt.Errorf("campaign: item %d: %w", i, err)
	}
	return r.measureArchitecture(ctx, i, a, pool)
}

func (r *run) measureArchitecture(ctx context.Context, i int, a space.Architecture, pool *forward.Pool) (*Item, *forward.Pool, error) {
	t := &Item{Item: i, Key: a.Key(), Values: make([]*float64, 0, r.columns)}
	for k, f := range r.measures {
		m := &r.plan.Measurements[k%len(r.plan.Measurements)]
		values, err := guarded(ctx, f, a, pool)
		if _, panicked := errors.AsType[*panicError](err); panicked {
			pool = new(forward.Pool)
		}
		if err == nil && len(values) != len(m.values()) {
			return nil, pool, fmt.Errorf("campaign: measurement %s has %d values of %d", m.Name, len(values), len(m.values()))
		}
		if err != nil {
			t.Failures = append(t.Failures, Failure{Measurement: m.Name, Seed: r.plan.Seeds[k/len(r.plan.Measurements)], Reason: reason(err)})
			t.Values = append(t.Values, make([]*float64, len(m.values()))...)
			continue
		}
		for _, v := range values {
			t.Values = append(t.Values, &v)
		}
	}
	return t, pool, nil
}

// keep appends an item to the store.
func (r *run) keep(res result) error {
	if res.err != nil {
		return res.err
	}
	var err error
	if r.line, err = appendItem(r.line[:0], r.salt, res.item); err != nil {
		return fmt.Errorf("campaign: item %d, %s: %w", res.item.Item, printable.Quote(res.item.Key), err)
	}
	if err := r.log.Write(r.line); err != nil {
		return fmt.Errorf("campaign: %w", err)
	}
	if now := time.Now(); now.Sub(r.synced) >= syncEvery {
		r.synced = now
		if err := r.log.Sync(); err != nil {
			return fmt.Errorf("campaign: %w", err)
		}
	}
	if res.item.state() == done {
		r.progress.Done++
	} else {
		r.progress.Failed++
	}
	r.progress.Fresh++
	r.beat.update(r.progress)
	if r.cfg.Progress != nil {
		r.cfg.Progress(r.progress)
	}
	return nil
}
