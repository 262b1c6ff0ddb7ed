package spacetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/space"
)

func (c check) index(t *testing.T) {
	x, ok := c.s.(space.Indexed)
	if !ok {
		if err := space.Enumerate(context.Background(), c.s, 0, 1, nil); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Enumerate of a space that is not numbered: %v", err)
		}
		return
	}
	size := c.s.Size()
	if !size.IsInt64() {
		t.Fatal("a numbered space is larger than its numbers")
	}
	n := min(size.Int64(), 20_000)
	seen := map[string]bool{}
	visit := func(i int64, a space.Architecture) error {
		b, err := x.At(i)
		if err != nil || b != a || a.Canonical() != a {
			return fmt.Errorf("architecture %d: %v, again %v, canonical %v, %w", i, a, b, a.Canonical(), err)
		}
		if seen[a.Key()] {
			return fmt.Errorf("architecture %d: key %s twice", i, a.Key())
		}
		seen[a.Key()] = true
		return nil
	}
	ctx := context.Background()
	half := n / 2
	for _, r := range [][2]int64{{0, half}, {half, half}, {half, n}} {
		if err := space.Enumerate(ctx, c.s, r[0], r[1], visit); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != int(n) {
		t.Errorf("%d of %d visited", len(seen), n)
	}
	for _, i := range []int64{-1, size.Int64(), math.MaxInt64} {
		if a, err := x.At(i); err == nil {
			t.Errorf("architecture %d is %v", i, a)
		}
	}
	for _, r := range [][2]int64{{-1, 1}, {2, 1}, {0, size.Int64() + 1}} {
		if err := space.Enumerate(ctx, c.s, r[0], r[1], visit); err == nil {
			t.Errorf("architectures %d to %d", r[0], r[1])
		}
	}
	stop := errors.New("stop")
	if err := space.Enumerate(ctx, c.s, 0, 2, func(int64, space.Architecture) error { return stop }); err != stop {
		t.Errorf("Enumerate went on: %v", err)
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if err := space.Enumerate(canceled, c.s, 0, 2, visit); !errors.Is(err, context.Canceled) {
		t.Errorf("Enumerate with a canceled context: %v", err)
	}
}

func (c check) lookup(t *testing.T) {
	ctx := context.Background()
	if _, ok := c.s.(space.Finder); !ok {
		if _, err := space.ByKey(ctx, c.s, "x"); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("ByKey of a space that cannot: %v", err)
		}
		return
	}
	for _, a := range c.some(t, 20, 9) {
		if b, err := space.ByKey(ctx, c.s, a.Key()); err != nil || b != a {
			t.Fatalf("key %s of %v found %v, %v", a.Key(), a, b, err)
		}
	}
	for _, key := range []string{"", "no key", "\x00"} {
		if a, err := space.ByKey(ctx, c.s, key); a != nil || !errors.Is(err, space.ErrNotKey) && !errors.Is(err, space.ErrUnknownKey) {
			t.Errorf("key %q: %v, %v", key, a, err)
		}
	}
}

func (c check) columns(t *testing.T) {
	columns := space.SpellColumns(c.s)
	for _, canonical := range c.some(t, 100, 10) {
		for _, a := range c.rewritten(canonical) {
			values := space.Spell(a)
			if len(values) != len(columns) {
				t.Fatalf("%v: %d values of columns %v", a, len(values), columns)
			}
			x, ok := c.s.(space.Tabular)
			if !ok {
				continue
			}
			if b, err := x.ParseColumns(columns, values); err != nil || b != a {
				t.Fatalf("%v: %q came back as %v, %v", a, values, b, err)
			}
			for _, short := range [][]string{nil, values[1:], make([]string, len(values))} {
				if b, err := x.ParseColumns(columns, short); err == nil || b != nil {
					t.Fatalf("%q read as %v", short, b)
				}
			}
		}
	}
}

func (c check) propose(t *testing.T) {
	p, ok := c.s.(space.Proposer)
	next, err := space.Propose(c.s, 1)
	if !ok {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Propose of a space that cannot: %v", err)
		}
		return
	}
	if err != nil || p.ProposalAbout() == "" {
		t.Fatalf("%v, %q", err, p.ProposalAbout())
	}
	again, other, different := p.Propose(1), p.Propose(2), false
	for range 100 {
		a := next()
		if b := again(); b != a {
			t.Fatalf("one seed, %v and %v", a, b)
		}
		different = different || other() != a
		if b, err := c.s.Parse(a.String()); err != nil || b != a {
			t.Fatalf("%v came back as %v, %v", a, b, err)
		}
	}
	if !different {
		t.Error("two seeds, one sequence")
	}
}

func (c check) neighbors(t *testing.T) {
	for _, a := range c.some(t, 30, 11) {
		all, err := space.Neighbors(a)
		if _, ok := a.(space.Neighborer); !ok {
			if !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("Neighbors of a space that cannot: %v", err)
			}
			return
		}
		if err != nil || len(all) == 0 {
			t.Fatalf("%v: %d neighbors, %v", a, len(all), err)
		}
		seen := map[string]bool{a.Key(): true}
		for _, b := range all {
			if seen[b.Key()] || b.Canonical() != b || b.SpaceName() != c.s.Name() {
				t.Fatalf("%v: neighbor %v comes twice, is itself, or is not canonical", a, b)
			}
			seen[b.Key()] = true
			if q, err := c.s.Parse(b.String()); err != nil || q != b {
				t.Fatalf("%v: neighbor %v reads as %v, %v", a, b, q, err)
			}
		}
		for _, b := range c.rewritten(a) {
			if same, err := space.Neighbors(b); err != nil || !reflect.DeepEqual(same, all) {
				t.Fatalf("%v and %v: different neighbors (%v)", a, b, err)
			}
		}
	}
}
