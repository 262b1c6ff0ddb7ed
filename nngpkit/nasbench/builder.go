package nasbench

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
)

// builder collects runs in the order of a file and makes a Table of them.
type builder struct {
	hashes  [][16]byte
	specs   []Spec
	params  []int32
	epochs  []int32
	offsets []int64 // of each record in the file, or its row number
	cols    [columns]column
	sources []string
	source  []uint8

	// locate makes an error of run r name its place in the file.
	locate func(run int, offset int64, err error) error
}

// reserve makes room for n runs in all.
func (b *builder) reserve(n int) {
	b.hashes = slices.Grow(b.hashes, max(0, n-len(b.hashes)))
	b.specs = slices.Grow(b.specs, max(0, n-len(b.specs)))
	b.params = slices.Grow(b.params, max(0, n-len(b.params)))
	b.epochs = slices.Grow(b.epochs, max(0, n-len(b.epochs)))
	b.offsets = slices.Grow(b.offsets, max(0, n-len(b.offsets)))
	for m := range b.cols {
		c := &b.cols[m]
		if c.f64 != nil {
			c.f64 = slices.Grow(c.f64, max(0, n-len(c.f64)))
		} else {
			c.f32 = slices.Grow(c.f32, max(0, n-len(c.f32)))
		}
	}
}

// add appends a run that check has passed.
func (b *builder) add(r *record, offset int64) {
	b.hashes = append(b.hashes, r.hash)
	b.specs = append(b.specs, r.spec)
	b.params = append(b.params, r.parameters)
	b.epochs = append(b.epochs, r.epochs)
	b.offsets = append(b.offsets, offset)
	for p := range r.values {
		for f, v := range r.values[p] {
			b.cols[metricAt(p, f)].append(v)
		}
	}
	b.cols[TotalTime].append(r.totalTime)
}

// check says what is impossible in a run's values: accuracies outside 0 .. 1,
// times and epochs that are negative or infinite.
func (m *metrics) check() error {
	for p, point := range [...]string{"start", "half-way", "end"} {
		for f, v := range m.values[p] {
			if v < 0 || f >= 2 && v > 1 || math.IsInf(v, 1) {
				return fmt.Errorf("%s %s is %g", evaluationFields[f], point, v)
			}
		}
	}
	if m.totalTime < 0 || math.IsInf(m.totalTime, 1) {
		return fmt.Errorf("total_time is %g", m.totalTime)
	}
	return nil
}

// table sorts the runs, verifies every hash and returns the Table. The
// builder is spent.
func (b *builder) table(ctx context.Context, info Info) (*Table, error) {
	info.Records = int64(len(b.epochs)) + info.Duplicates
	t := &Table{info: info, sources: b.sources}
	order := b.order()
	verify := t.group(b, order)
	if err := b.verify(ctx, verify); err != nil {
		return nil, err
	}
	t.epochs = make([]int32, len(order))
	for i, r := range order {
		t.epochs[i] = b.epochs[r]
	}
	if b.source != nil {
		t.source = make([]uint8, len(order))
		for i, r := range order {
			t.source[i] = b.source[r]
		}
	}
	err := parallel(len(b.cols), func(m int) error {
		t.cols[m] = b.cols[m].permuted(order)
		b.cols[m] = column{}
		return ctx.Err()
	})
	t.setBudgets()
	return t, err
}

func (t *Table) setBudgets() {
	seen := map[int32]bool{}
	for _, e := range t.epochs {
		if !seen[e] {
			seen[e] = true
			t.budgets = append(t.budgets, int(e))
		}
	}
	slices.Sort(t.budgets)
}

// order returns the runs ordered by hash, budget and place in the file.
func (b *builder) order() []int32 {
	type key struct {
		prefix uint64
		run    int32
	}
	keys := make([]key, len(b.epochs))
	for r := range keys {
		keys[r] = key{binary.BigEndian.Uint64(b.hashes[r][:]), int32(r)}
	}
	slices.SortFunc(keys, func(x, y key) int {
		if x.prefix != y.prefix {
			if x.prefix < y.prefix {
				return -1
			}
			return 1
		}
		if c := bytes.Compare(b.hashes[x.run][8:], b.hashes[y.run][8:]); c != 0 {
			return c
		}
		if c := b.epochs[x.run] - b.epochs[y.run]; c != 0 {
			return int(c)
		}
		return int(x.run - y.run)
	})
	order := make([]int32, len(keys))
	for i, k := range keys {
		order[i] = k.run
	}
	return order
}

// group fills the cells of t from the ordered runs. A cell takes its order of
// vertices and its parameters from its first record in the file. It returns
// one run of each different (hash, spec), for verification.
func (t *Table) group(b *builder, order []int32) (verify []int32) {
	for lo := 0; lo < len(order); {
		h := b.hashes[order[lo]]
		hi, head := lo, order[lo]
		for ; hi < len(order) && b.hashes[order[hi]] == h; hi++ {
			head = min(head, order[hi])
		}
		verify = append(verify, head)
		for _, r := range order[lo:hi] {
			if b.specs[r] != b.specs[head] {
				t.info.Reordered++
				verify = append(verify, r)
			}
		}
		t.hashes = append(t.hashes, h[:]...)
		t.specs = append(t.specs, b.specs[head])
		t.params = append(t.params, b.params[head])
		t.first = append(t.first, int32(lo))
		lo = hi
	}
	t.first = append(t.first, int32(len(order)))
	return verify
}

// verify recomputes the hash of the given runs' cells and returns an error
// for the first in the file that differs.
func (b *builder) verify(ctx context.Context, runs []int32) error {
	slices.Sort(runs)
	specs := make([]Spec, len(runs))
	for i, r := range runs {
		specs[i] = b.specs[r]
	}
	sums, err := hashAll(ctx, specs, nil)
	if err != nil {
		return err
	}
	for i, r := range runs {
		if sums[i] != b.hashes[r] {
			return b.locate(int(r), b.offsets[r], fmt.Errorf("the cell %v has hash %s, stored %s", specs[i], hex.EncodeToString(sums[i][:]), hex.EncodeToString(b.hashes[r][:])))
		}
	}
	return nil
}
