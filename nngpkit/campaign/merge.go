package campaign

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/internal/linefile"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// place says where the line of an item is.
type place struct {
	file   int32 // 0: nowhere; else of index.opened, from 1
	state  byte
	length int32
	offset int64
	sum    uint64
}

// index finds the line that counts of each item in some stores: one that is done
// before one that failed, and of these the later.
type index struct {
	plan     *Plan
	opened   []*opened
	places   []place
	versions []string
}

func (p *Plan) newIndex() *index { return &index{plan: p, places: make([]place, p.Cells.N)} }

// add reads a store.
func (x *index) add(path string) error {
	number := int32(len(x.opened) + 1)
	o, err := x.plan.scan(path, func(o *opened, t *Item, l linefile.Line) error {
		if len(x.opened) > 0 && !o.head.Engine.same(x.opened[0].head.Engine) {
			return x.otherEngine(o)
		}
		at := &x.places[t.Item]
		sum := linefile.SumOf(l.Text)
		if at.state == done && t.state() == done && at.sum != sum {
			return fmt.Errorf("item %d has other values than in %s: one of them is wrong", t.Item, append(x.opened, o)[at.file-1].path)
		}
		if t.state() >= at.state {
			*at = place{number, t.state(), int32(len(l.Text)), l.Offset, sum}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(x.opened) > 0 && !o.head.Engine.same(x.opened[0].head.Engine) {
		return storeError("%s: %w", path, x.otherEngine(o))
	}
	x.opened = append(x.opened, o)
	if v := o.head.Engine.Version; !slices.Contains(x.versions, v) {
		x.versions = append(x.versions, v)
	}
	return nil
}

func (x *index) otherEngine(o *opened) error {
	return fmt.Errorf("its scores are of another engine (%v) than those of %s (%v), which does not compute the same bits",
		o.head.Engine, x.opened[0].path, x.opened[0].head.Engine)
}

// count returns how many items have which state.
func (x *index) count() (n [3]int) {
	for i := range x.places {
		n[x.places[i].state]++
	}
	return n
}

// lines calls visit with the line of every item that has one, in the order of
// items. The line is valid until the next call.
func (x *index) lines(ctx context.Context, visit func(i int, o *opened, line []byte) error) error {
	files := make([]*os.File, len(x.opened))
	defer func() {
		for _, f := range files {
			if f != nil {
				f.Close()
			}
		}
	}()
	var buf []byte
	for i := range x.places {
		at := &x.places[i]
		if at.file == 0 {
			continue
		}
		if i%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		k := at.file - 1
		if files[k] == nil {
			f, err := plainfile.Open(x.opened[k].path)
			if err != nil {
				return err
			}
			files[k] = f
		}
		buf = slices.Grow(buf[:0], int(at.length))[:at.length]
		if _, err := files[k].ReadAt(buf, at.offset); err != nil {
			return fmt.Errorf("%s: changed while it was read: %w", x.opened[k].path, err)
		}
		if err := visit(i, x.opened[k], buf); err != nil {
			return err
		}
	}
	return nil
}

// write writes a store of the lines, in the order of items. The lines keep their
// bytes: a store that is merged from shards is the one that a single run writes.
func (x *index) write(ctx context.Context, path string, head storeHead) error {
	err := wholefile.Place(path, func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<16)
		line, err := head.line()
		if err != nil {
			return err
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
		err = x.lines(ctx, func(_ int, o *opened, line []byte) error {
			if _, err := linefile.Open(head.salt(), line); err != nil {
				return fmt.Errorf("%s: changed while it was read: %w", o.path, err)
			}
			_, err := out.Write(line)
			return err
		})
		if err != nil {
			return err
		}
		return out.Flush()
	})
	if err != nil {
		return fmt.Errorf("campaign: %w", err)
	}
	return nil
}

// sortStore brings a store into the order of items, each with one line, unless it
// is. The caller has its lock.
func (p *Plan) sortStore(path string) error {
	x := p.newIndex()
	if err := x.add(path); err != nil {
		return err
	}
	if o := x.opened[0]; o.sorted && o.cut == 0 {
		return nil
	}
	return x.write(context.Background(), path, x.opened[0].head)
}

// IncompleteError says that a plan's stores lack items.
type IncompleteError struct {
	Dir     string
	Missing int
	Of      int
}

// Error names the folder and the numbers.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("campaign: %d of %d items are missing in %s: the sweep is not over ('nngplab sweep status' shows where)", e.Missing, e.Of, e.Dir)
}

// Merged says what Merge wrote.
type Merged struct {
	Path    string `json:"path"`
	Stores  int    `json:"stores"`
	Done    int    `json:"done"`
	Failed  int    `json:"failed"`
	Missing int    `json:"missing"`
}

// checkStoreFile returns an error if a file is there that is no store, or if none can
// be written.
func checkStoreFile(path string) error {
	err := plainfile.BeginsWith(path, headBegin)
	if err == nil {
		err = wholefile.Check(path)
	}
	if err != nil {
		return storeError("%w", err)
	}
	return nil
}

// Merge makes one store of a folder's: exactly the one that a single run of the
// whole plan writes, whatever the shards were. It checks every line and every key,
// and refuses stores that are damaged, cut off, of another plan, or of different
// engines. Missing items are an *IncompleteError, unless partial is true. An empty
// path means MergedPath(dir).
func Merge(ctx context.Context, p *Plan, dir, path string, partial bool) (Merged, error) {
	if path == "" {
		path = MergedPath(dir)
	}
	m := Merged{Path: path}
	if err := checkStoreFile(path); err != nil {
		return m, err
	}
	x, err := p.gather(dir)
	if err != nil {
		return m, err
	}
	if err := x.checkInput(path); err != nil {
		return m, err
	}
	n := x.count()
	m.Stores, m.Missing, m.Failed, m.Done = len(x.opened), n[missing], n[failed], n[done]
	if n[missing] > 0 && !partial || len(x.opened) == 0 {
		return m, &IncompleteError{dir, n[missing], p.Cells.N}
	}
	if err := x.checkItems(ctx); err != nil {
		return m, err
	}
	head := x.opened[0].head
	head.Shard, head.Of, head.Items = 1, 1, p.Cells.N
	slices.Sort(x.versions)
	head.Engine.Version = strings.Join(x.versions, ", ")
	return m, x.write(ctx, path, head)
}

// checkInput returns an error if path is the store of a shard, under whatever name: it
// is what is merged, and stays.
func (x *index) checkInput(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil // nothing is there
	}
	for _, o := range x.opened {
		if _, named := shardOf(o.path); !named {
			continue
		}
		if own, err := os.Stat(o.path); err == nil && os.SameFile(info, own) {
			return storeError("%s is the store of shard %v, which is to be merged: choose another place", path, o.head.shard())
		}
	}
	return nil
}

// gather reads the stores of a folder, none of which may be damaged.
func (p *Plan) gather(dir string) (*index, error) {
	files, err := stores(dir)
	if err != nil {
		return nil, err
	}
	x := p.newIndex()
	for _, f := range files {
		s, named := shardOf(f)
		if !named && filepath.Base(f) != mergedName {
			continue
		}
		err := x.add(f)
		if errors.Is(err, errNoStore) {
			continue
		}
		if err != nil {
			return nil, err
		}
		o := x.opened[len(x.opened)-1]
		if o.cut > 0 {
			return nil, storeError("%s: line %d is cut off: the shard is at work, or was killed ('sweep run' drops the line and goes on)", f, o.lines+2)
		}
		if named && o.head.shard() != s {
			return nil, storeError("%s: is the store of shard %v", f, o.head.shard())
		}
	}
	return x, nil
}

// checkItems compares the key of every line with that of the plan's architecture.
func (x *index) checkItems(ctx context.Context) error {
	it, err := x.plan.items()
	if err != nil {
		return fmt.Errorf("campaign: %w", err)
	}
	s, err := space.Find(x.plan.Space)
	if err != nil {
		return fmt.Errorf("campaign: %w", err)
	}
	const block = 4096
	columns := len(x.plan.Columns())
	var all []space.Architecture
	var stated []string
	var at []int
	flush := func() error {
		keys, err := space.Keys(ctx, s, all)
		if err != nil {
			return err
		}
		for k, key := range keys {
			if key != stated[k] {
				return fmt.Errorf("item %d is %s in the store, and %s in the plan", at[k], printable.Quote(stated[k]), key)
			}
		}
		all, stated, at = all[:0], stated[:0], at[:0]
		return nil
	}
	err = x.lines(ctx, func(i int, o *opened, line []byte) error {
		t, err := x.plan.parseItem(o.head.salt(), line, columns)
		if err != nil {
			return fmt.Errorf("%s: item %d: %w", o.path, i, err)
		}
		a, err := it.at(i)
		if err != nil {
			return err
		}
		if all, stated, at = append(all, a), append(stated, t.Key), append(at, i); len(all) == block {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return fmt.Errorf("campaign: %w", err)
	}
	return nil
}
