package sweep

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sort"
	"sync"

	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// ComputeConfig says how an experiment is computed. Its zero value computes
// all cells.
type ComputeConfig struct {
	Cells int // at most so many, the first by hash; 0 means all
	// KeptOnly computes nothing: the table holds the cells that are kept.
	KeptOnly bool
	// Reuse is a table whose rows are taken over for cells that it wrote down in
	// canonical order, if one of them, computed again, agrees to rounding; nil
	// means none. Statistics that it lacks have no column in the new table.
	Reuse *ScoreTable
	// Progress is called after each cell with the number of cells that are
	// ready, of how many, and how many of them were computed since the start; by
	// one goroutine at a time. It may be nil.
	Progress func(done, total, fresh int)
}

// scoreImages is how many of CIFAR-10's training images experiments choose
// from: the first ones, in the order of the published files.
const scoreImages = 4000

// ScoreImages returns the images of all experiments: the first 4,000 training
// images of CIFAR-10. It is an error if they are not on this machine.
func ScoreImages() (*imageset.Set, error) {
	set, err := imageset.Load("cifar10")
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	if set.Len() < scoreImages {
		return nil, fmt.Errorf("sweep: %s has %d images, want the first %d of CIFAR-10", set.Source, set.Len(), scoreImages)
	}
	idx := make([]int, scoreImages)
	for i := range idx {
		idx[i] = i
	}
	return set.Subset(idx)
}

// measuredHeader says what a file of measured rows is of. The number of
// members is no part of it: files hold rows of any.
type measuredHeader struct {
	Table   string  `json:"table"` // "scores"
	Images  string  `json:"images"`
	Pixels  string  `json:"pixels"`
	Setting Setting `json:"setting"`
}

// cellPass is one cell in one pass: a piece of an experiment's work.
type cellPass struct {
	spec space.Architecture
	pass int
}

// computation is an experiment at work.
type computation struct {
	exp    Experiment
	cfg    ComputeConfig
	set    *imageset.Set
	specs  []space.Architecture
	passes []Pass
	kept   []*keptFile[[]measured] // of each pass; passes of one setting share it
	mark   string

	mu    sync.Mutex
	left  map[space.Architecture]int // passes to go of each cell
	done  int
	fresh int
}

// Compute measures the cells of an experiment and returns the table. Rows are
// kept as they are computed, in the folder that NNGPLAB_SCORES names:
// interrupting loses at most the cells in hand, and nothing is computed twice.
//
// Rows that another level of the processor's instructions (or another version
// of this library) has kept are taken over if one of their cells, computed
// again, has the same scores to rounding; every row says its level. If they
// differ, that is an error.
func Compute(ctx context.Context, e Experiment, set *imageset.Set, cfg ComputeConfig) (*ScoreTable, error) {
	specs, err := e.Architectures(ctx)
	if err != nil {
		return nil, err
	}
	of := len(specs)
	if cfg.Cells > 0 && cfg.Cells < of {
		specs = specs[:cfg.Cells]
	}
	mark, err := engineMark()
	if err != nil {
		return nil, err
	}
	w := &computation{exp: e, cfg: cfg, set: set, specs: specs, mark: mark}
	for _, p := range e.Passes {
		if err := p.Check(); err != nil {
			return nil, err
		}
		w.passes = append(w.passes, p.Resolved())
	}
	if err := w.open(); err != nil {
		return nil, err
	}
	defer w.close()
	if cfg.Reuse != nil {
		if err := w.reuse(cfg.Reuse); err != nil {
			return nil, err
		}
	}
	if err := w.reconcile(ctx); err != nil {
		return nil, err
	}
	if err := w.run(ctx); err != nil {
		return nil, err
	}
	return w.table(of)
}

// open opens the kept rows of every pass.
func (w *computation) open() error {
	open := openKept[[]measured]
	if w.cfg.KeptOnly {
		open = readKept[[]measured]
	}
	seen := map[measuredHeader]*keptFile[[]measured]{}
	for _, p := range w.passes {
		if err := p.Config().Check(w.set); err != nil {
			w.close()
			return err
		}
		h := measuredHeader{"scores", w.set.Name, digest(w.set), p.Setting}
		h.Setting.Members = 0
		f := seen[h]
		if f == nil {
			var err error
			if f, err = open(h); err != nil {
				w.close()
				return err
			}
			seen[h] = f
		}
		w.kept = append(w.kept, f)
	}
	return nil
}

func (w *computation) close() {
	for _, f := range w.kept {
		f.close()
	}
}

// find returns the kept rows that a pass asks for of a cell, in the order of
// the table, and whether all are there.
func (w *computation) find(pass int, spec space.Architecture) ([]measured, bool) {
	rows, _ := w.kept[pass].get(spec)
	at := map[rowKey]measured{}
	for _, r := range rows {
		at[r.key()] = r
	}
	p, out := w.passes[pass], []measured(nil)
	for _, m := range p.At {
		for _, n := range p.Sizes {
			for _, k := range p.Views {
				r, ok := at[rowKey{m, n, k}]
				if !ok || w.outdated(r) {
					return nil, false
				}
				out = append(out, r)
			}
		}
	}
	return out, true
}

// outdated reports whether a kept row lacks a statistic that the experiment needs
// and that the version which computed it may not have known. What this version left
// out is no number.
func (w *computation) outdated(r measured) bool {
	if r.Mark == w.mark {
		return false
	}
	for _, name := range w.exp.Needs {
		if _, ok := r.Values[name]; !ok {
			return true
		}
	}
	return false
}

// reconcile computes, for every engine other than this one that has kept rows
// of a pass, one of its cells again, and compares.
func (w *computation) reconcile(ctx context.Context) error {
	for i, p := range w.passes {
		checked := map[string]bool{w.mark: true}
		for _, spec := range w.specs {
			rows, ok := w.find(i, spec)
			if !ok || checked[rows[0].Mark] || w.cfg.KeptOnly {
				continue
			}
			checked[rows[0].Mark] = true
			again, err := measureLocked(ctx, spec, w.set, p, w.mark)
			if err != nil {
				return err
			}
			if err := sameScores(rows, again); err != nil {
				return fmt.Errorf("sweep: %s, cell %s: the kept scores are of another engine (%s) and differ: %w (delete them in the folder of %s to start anew)",
					w.exp.Name, spec.Key(), rows[0].Level, err, CacheEnv)
			}
		}
	}
	return nil
}

// Scores of two engines agree if they differ by no more than this: the forward
// passes run in float32, whose rounding (2^-24 an operation, summed over some
// hundreds of products and twenty layers) changes features by about 1e-5 of
// their size, and the kernel's well-determined functions by as much; a
// factor of 30 is left for the smallest epsilons. An image whose two best
// classes are that close may change sides.
const (
	RoundingTolerance = 3e-4 // relative to 1 + |value|
	imagesTolerance   = 3    // images that change sides
)

// sameScores compares the scores of the same cell by two engines.
func sameScores(a, b []measured) error {
	for i := range a {
		for _, name := range []string{"accuracy", "whole_loo_squared_error", "whole_lml", "participation_ratio"} {
			x, okx := a[i].Values[name]
			y, oky := b[i].Values[name]
			tol := RoundingTolerance * (1 + math.Abs(x))
			if name == "accuracy" {
				tol = imagesTolerance / 200.0
			}
			if okx != oky || okx && math.Abs(x-y) > tol {
				return fmt.Errorf("%s after %d members is %v and %v", name, a[i].Members, x, y)
			}
		}
	}
	return nil
}

// measureLocked measures one cell on one thread.
func measureLocked(ctx context.Context, spec space.Architecture, set *imageset.Set, p Pass, mark string) ([]measured, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return measure(ctx, spec, set, p, 1, new(forward.Pool), mark)
}

// run computes what is not kept: each thread a cell of its own, and then those
// of wide networks, which share the threads.
func (w *computation) run(ctx context.Context) error {
	w.left = map[space.Architecture]int{}
	var narrow, wide []cellPass
	for _, s := range w.specs {
		for i, p := range w.passes {
			if _, ok := w.find(i, s); ok {
				continue
			}
			w.left[s]++
			if p.Width >= WideWidth {
				wide = append(wide, cellPass{s, i})
			} else {
				narrow = append(narrow, cellPass{s, i})
			}
		}
	}
	w.done = len(w.specs) - len(w.left)
	if w.cfg.KeptOnly {
		return nil
	}
	threads := runtime.GOMAXPROCS(0)
	if err := w.parallel(ctx, narrow, threads, 1); err != nil {
		return err
	}
	return w.parallel(ctx, wide, 1, threads)
}

func (w *computation) parallel(ctx context.Context, todo []cellPass, workers, threads int) error {
	return InParallel(ctx, workers, len(todo), func(ctx context.Context, i int, pool *forward.Pool) error {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		c := todo[i]
		rows, err := measure(ctx, c.spec, w.set, w.passes[c.pass], threads, pool, w.mark)
		if err == nil {
			old, _ := w.kept[c.pass].get(c.spec)
			err = w.kept[c.pass].put(c.spec, merged(old, rows))
		}
		if err != nil {
			return fmt.Errorf("sweep: %s, cell %s: %w", w.exp.Name, c.spec.Key(), err)
		}
		w.finish(c)
		return nil
	})
}

// merged returns the new rows and those of the old ones that are not among
// them.
func merged(old, rows []measured) []measured {
	seen := map[rowKey]bool{}
	for _, r := range rows {
		seen[r.key()] = true
	}
	out := append([]measured(nil), rows...)
	for _, r := range old {
		if !seen[r.key()] {
			out = append(out, r)
		}
	}
	return out
}

// finish counts a piece of work that is done.
func (w *computation) finish(c cellPass) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left[c.spec]--; w.left[c.spec] > 0 {
		return
	}
	w.done++
	w.fresh++
	if w.cfg.Progress != nil {
		w.cfg.Progress(w.done, len(w.specs), w.fresh)
	}
}

// table returns the rows of all cells that are complete. of is the number of
// cells of the whole experiment.
func (w *computation) table(of int) (*ScoreTable, error) {
	b := newTableBuilder()
	var cells []space.Architecture
	levels := map[string]bool{}
	for _, s := range w.specs {
		var all [][]measured
		for i := range w.passes {
			if rows, ok := w.find(i, s); ok {
				all = append(all, rows)
			}
		}
		if len(all) < len(w.passes) {
			continue
		}
		cells = append(cells, s)
		for i, rows := range all {
			for _, r := range rows {
				levels[r.Level] = true
				b.add(s, w.passes[i], r)
			}
		}
	}
	if len(cells) == 0 {
		return nil, fmt.Errorf("sweep: %s: no cell is complete yet", w.exp.Name)
	}
	all, reused := w.reusedRows()
	without := map[string]bool{}
	addLacking(without, all)
	addLacking(without, reused)
	df, err := b.frame(without)
	if err != nil {
		return nil, err
	}
	info := newScoreInfo(w.exp, w.set)
	info.Rows, info.CellsDone, info.CellsOf, info.CPUSeconds = df.Nrow(), len(cells), of, math.Round(b.seconds)
	info.CellsReused = len(reused)
	for l := range levels {
		info.Levels = append(info.Levels, l)
	}
	sort.Strings(info.Levels)
	return &ScoreTable{Info: info, Frame: df}, nil
}
