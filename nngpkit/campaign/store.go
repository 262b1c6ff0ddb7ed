package campaign

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/nngplab/nngplab/internal/linefile"
	"github.com/nngplab/nngplab/internal/printable"
)

// Names of a store's files.
const (
	storeEnding    = ".jsonl"
	mergedName     = "merged" + storeEnding
	progressEnding = ".progress.json"
)

// Shard is one of Of parts of a plan's items, counted from 1. The zero value means
// the whole, as 1 of 1.
type Shard struct{ I, Of int }

// MaxShards bounds the parts of a plan.
const MaxShards = 1 << 16

func (s Shard) resolved() Shard {
	if s == (Shard{}) {
		return Shard{1, 1}
	}
	return s
}

// check returns why it is no shard of n items, or nil.
func (s Shard) check() error {
	if s.Of < 1 || s.Of > MaxShards || s.I < 1 || s.I > s.Of {
		return fmt.Errorf("shard %d of %d: want 1 to the number of shards, which is at most %d", s.I, s.Of, MaxShards)
	}
	return nil
}

// String returns the shard as in 2/8.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.I, s.Of) }

func (s Shard) base() string { return fmt.Sprintf("shard-%d-of-%d", s.I, s.Of) }

// StorePath returns the file of a shard's scores in a store's folder.
func (s Shard) StorePath(dir string) string {
	return filepath.Join(dir, s.resolved().base()+storeEnding)
}

// MergedPath returns the file in a store's folder that Merge writes.
func MergedPath(dir string) string { return filepath.Join(dir, mergedName) }

// storeHead is the first line of a store.
type storeHead struct {
	Format int    `json:"nngplab_store"`
	Plan   string `json:"plan"`
	Shard  int    `json:"shard"`
	Of     int    `json:"of"`
	Items  int    `json:"items"` // of the shard
	Engine Engine `json:"engine"`
}

// How the lines of a store begin.
const (
	headBegin = `{"nngplab_store":`
	itemBegin = `{"item":`
)

// headSalt is that of the first line, which nothing is known before.
const headSalt = "nngplab store"

// salt ties the lines to the plan and to the engine.
func (h *storeHead) salt() string { return h.Plan + " " + h.Engine.Mark + " " + h.Engine.Level }

func (h *storeHead) shard() Shard { return Shard{h.Shard, h.Of} }

// line returns the head as a line.
func (h *storeHead) line() ([]byte, error) {
	b, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	return linefile.Seal(nil, headSalt, b), nil
}

func parseHead(text []byte) (storeHead, error) {
	var h storeHead
	object, err := linefile.Open(headSalt, text)
	if err != nil {
		return h, err
	}
	if err := strictly(object, &h); err != nil {
		return h, err
	}
	if h.Format != Format {
		return h, fmt.Errorf("store format %d, this version reads %d", h.Format, Format)
	}
	if err := h.shard().check(); err != nil {
		return h, err
	}
	if h.Items < 0 {
		return h, fmt.Errorf("it claims %d items", h.Items)
	}
	return h, nil
}

func strictly(object []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(object))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// Item is what a store holds of one architecture.
type Item struct {
	Item     int        `json:"item"` // of the plan
	Key      string     `json:"key"`
	Values   []*float64 `json:"values"` // of Plan.Columns; nil where there is none
	Failures []Failure  `json:"failures,omitempty"`
}

// values returns the item's numbers, NaN where there is none.
func (t *Item) values() []float64 {
	out := make([]float64, len(t.Values))
	for i, v := range t.Values {
		out[i] = math.NaN()
		if v != nil {
			out[i] = *v
		}
	}
	return out
}

// appendItem appends the line of an item.
func appendItem(dst []byte, salt string, t *Item) ([]byte, error) {
	b := append(make([]byte, 0, 256), itemBegin...)
	b = strconv.AppendInt(b, int64(t.Item), 10)
	key, err := json.Marshal(t.Key)
	if err != nil {
		return nil, err
	}
	b = append(append(b, `,"key":`...), key...)
	b = append(b, `,"values":[`...)
	for i, v := range t.Values {
		if i > 0 {
			b = append(b, ',')
		}
		if v == nil {
			b = append(b, "null"...)
		} else {
			b = strconv.AppendFloat(b, *v, 'g', -1, 64)
		}
	}
	b = append(b, ']')
	if len(t.Failures) > 0 {
		f, err := json.Marshal(t.Failures)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"failures":`...), f...)
	}
	return linefile.Seal(dst, salt, append(b, '}')), nil
}

// parseItem reads the line of an item of a plan.
func (p *Plan) parseItem(salt string, text []byte, columns int) (*Item, error) {
	object, err := linefile.Open(salt, text)
	if err != nil {
		return nil, err
	}
	t := new(Item)
	if err := strictly(object, t); err != nil {
		return nil, err
	}
	switch {
	case t.Item < 0 || t.Item >= p.Cells.N:
		return nil, fmt.Errorf("item %d of a plan of %d", t.Item, p.Cells.N)
	case len(t.Values) != columns:
		return nil, fmt.Errorf("%d values of %d", len(t.Values), columns)
	case t.Key == "":
		return nil, errors.New("the item has no key")
	case len(t.Failures) == 0 && slices.Contains(t.Values, nil):
		return nil, errors.New("a value is missing, and there is no failure that says why")
	}
	return t, nil
}

// States of an item.
const (
	missing = iota
	failed
	done
)

func (t *Item) state() byte {
	if len(t.Failures) > 0 {
		return failed
	}
	return done
}

// opened is a store that was read: its head, and where the last line of each item
// is.
type opened struct {
	path       string
	head       storeHead
	whole, cut int64
	sorted     bool // by item, each once
	lines      int
}

// StoreError says that a store is damaged, or of another plan, engine or shard.
type StoreError struct{ err error }

// Error names the file, and the line where there is one.
func (e *StoreError) Error() string { return "campaign: " + e.err.Error() }

// Unwrap returns the cause.
func (e *StoreError) Unwrap() error { return e.err }

func storeError(format string, args ...any) error { return &StoreError{fmt.Errorf(format, args...)} }

// Damaged reports whether an error is a *StoreError.
func Damaged(err error) bool {
	var e *StoreError
	return errors.As(err, &e)
}

// errNoStore is what scan returns of a store that is not there, or has no head yet.
var errNoStore = errors.New("there is no store yet")

// scan reads a store of the plan and calls visit with each item in the order of
// the file. A store of another plan is an error; one that is not there is
// errNoStore.
func (p *Plan) scan(path string, visit func(o *opened, t *Item, l linefile.Line) error) (*opened, error) {
	o := &opened{path: path, sorted: true}
	columns, last := len(p.Columns()), -1
	var err error
	o.whole, o.cut, err = linefile.Scan(path, func(l linefile.Line) error {
		if l.Number == 1 {
			var err error
			if o.head, err = parseHead(l.Text); err != nil {
				return err
			}
			if o.head.Plan != p.Hash {
				return fmt.Errorf("a store of another plan: of %s, and this plan is %s", printable.Quote(o.head.Plan), p.Hash)
			}
			return nil
		}
		t, err := p.parseItem(o.head.salt(), l.Text, columns)
		if err != nil {
			return err
		}
		o.sorted = o.sorted && t.Item > last
		last = t.Item
		o.lines++
		return visit(o, t, l)
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return o, errNoStore
	case err != nil:
		return o, storeError("%w", err)
	case o.whole == 0:
		return o, errNoStore
	}
	return o, nil
}

// stores returns the files of a folder that may be stores, sorted by name; none
// where there is no folder.
func stores(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	var out []string
	for _, e := range entries {
		if name := e.Name(); filepath.Ext(name) == storeEnding {
			out = append(out, filepath.Join(dir, name))
		}
	}
	return out, nil
}

// shardOf returns the shard that a store's name says, false for that of Merge.
func shardOf(path string) (Shard, bool) {
	var s Shard
	if _, err := fmt.Sscanf(filepath.Base(path), "shard-%d-of-%d"+storeEnding, &s.I, &s.Of); err != nil || s.check() != nil {
		return Shard{}, false
	}
	return s, filepath.Base(path) == s.base()+storeEnding
}
