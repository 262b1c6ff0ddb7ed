// Package spacetest checks that a search space keeps the promises of package
// space.
package spacetest

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// Options say what Run cannot find out by itself. The zero value is enough for
// a space whose architectures are written in one way only.
type Options struct {
	// Rewrite returns other ways of writing the same architecture down.
	Rewrite func(a space.Architecture) []space.Architecture
	// Bad are texts that Parse must refuse, each with a word of the reason.
	Bad map[string]string
}

// Run tests the space: registration, the text form and what is no text of it,
// keys and canonical forms, networks against free counts, samples, and every
// optional ability that it has. It reports the first failures by name.
func Run(t *testing.T, s space.Space, o Options) {
	t.Helper()
	c := check{s, o}
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"Info", c.info}, {"Sample", c.sample}, {"Uniform", c.uniform}, {"Text", c.text}, {"BadText", c.badText},
		{"Key", c.key}, {"Network", c.network}, {"Counts", c.counts}, {"Index", c.index}, {"Lookup", c.lookup},
		{"Columns", c.columns}, {"Propose", c.propose}, {"Neighbors", c.neighbors},
	} {
		t.Run(part.name, part.run)
	}
}

type check struct {
	s space.Space
	o Options
}

// some returns a sample of n architectures, or the whole space where that has
// fewer.
func (c check) some(t *testing.T, n int, seed uint64) []space.Architecture {
	t.Helper()
	if size := c.s.Size(); size.IsInt64() && size.Int64() < int64(n) {
		n = int(size.Int64())
	}
	all, err := c.s.Sample(n, seed)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != n {
		t.Fatalf("a sample of %d has %d", n, len(all))
	}
	return all
}

// rewritten returns a and the other ways of writing it.
func (c check) rewritten(a space.Architecture) []space.Architecture {
	all := []space.Architecture{a}
	if c.o.Rewrite != nil {
		all = append(all, c.o.Rewrite(a)...)
	}
	return all
}

func (c check) info(t *testing.T) {
	found, err := space.Find(c.s.Name())
	if err != nil || found != c.s {
		t.Errorf("Find(%q) = %v, %v", c.s.Name(), found, err)
	}
	i := c.s.Info()
	v := reflect.ValueOf(i)
	for k := range v.NumField() {
		if v.Field(k).IsZero() {
			t.Errorf("Info has no %s", v.Type().Field(k).Name)
		}
	}
	if i.MinWidth > i.Width {
		t.Errorf("the smallest width %d is above the published %d", i.MinWidth, i.Width)
	}
	if c.s.Size().Sign() <= 0 {
		t.Errorf("a space of %v", c.s.Size())
	}
	size := c.s.Size()
	size.SetInt64(-1)
	if c.s.Size().Sign() <= 0 {
		t.Error("Size hands out its own number")
	}
}

func (c check) sample(t *testing.T) {
	all := c.some(t, 300, 7)
	seen := map[string]bool{}
	for _, a := range all {
		if seen[a.Key()] {
			t.Fatalf("%v twice", a)
		}
		seen[a.Key()] = true
		if a.Canonical() != a {
			t.Fatalf("%v is not canonical", a)
		}
	}
	first := c.some(t, 100, 7)
	for i, a := range first {
		if a != all[i] {
			t.Fatalf("architecture %d of 100 is %v, of 300 %v", i, a, all[i])
		}
	}
	if other := c.some(t, 100, 8); reflect.DeepEqual(other, first) && len(first) > 3 {
		t.Error("two seeds give one sample")
	}
	if none, err := c.s.Sample(0, 1); err != nil || len(none) != 0 {
		t.Errorf("a sample of none: %v, %v", none, err)
	}
	bad := []int{-1, space.MaxSample + 1}
	if size := c.s.Size(); size.IsInt64() && size.Int64() < space.MaxSample {
		bad = append(bad, int(size.Int64())+1)
	}
	for _, n := range bad {
		if _, err := c.s.Sample(n, 1); err == nil {
			t.Errorf("a sample of %d", n)
		}
	}
}

// uniform compares the means of all counts over a sample with those over the
// space, or over every so many of its numbers.
func (c check) uniform(t *testing.T) {
	x, ok := c.s.(space.Indexed)
	if !ok || !c.s.Size().IsInt64() {
		t.Skip("the space is not numbered")
	}
	size := c.s.Size().Int64()
	// About 50,000 of the space, at a step that shares no factor with sizes
	// that are products of small numbers.
	step := max(size/50_021, 1)
	for step > 1 && (step%2 == 0 || step%3 == 0 || step%5 == 0) {
		step++
	}
	var all [][]float64
	for i := int64(0); i < size; i += step {
		a, err := x.At(i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, space.CountsOf(a))
	}
	var drawn [][]float64
	for _, a := range c.some(t, 3000, 3) {
		drawn = append(drawn, space.CountsOf(a))
	}
	for k, count := range space.AllCounts(c.s) {
		want, sd := moments(all, k)
		got, _ := moments(drawn, k)
		// Both means are uncertain where the space was not counted whole.
		limit := 5*sd*math.Sqrt(1/float64(len(drawn))+1/float64(len(all))) + 1e-9*math.Abs(want)
		if math.Abs(got-want) > limit {
			t.Errorf("mean %s of a sample %g, of the space %g +- %g", count.Name, got, want, limit)
		}
	}
}

func moments(rows [][]float64, k int) (mean, sd float64) {
	for _, r := range rows {
		mean += r[k] / float64(len(rows))
	}
	for _, r := range rows {
		sd += (r[k] - mean) * (r[k] - mean) / float64(len(rows))
	}
	return mean, math.Sqrt(sd)
}

func (c check) text(t *testing.T) {
	for _, canonical := range c.some(t, 300, 1) {
		for _, a := range c.rewritten(canonical) {
			if strings.ContainsAny(a.String(), "\r\n") || a.String() == "" {
				t.Fatalf("%q is not one line", a.String())
			}
			for _, text := range []string{a.String(), "  " + a.String() + "\r\n"} {
				if b, err := c.s.Parse(text); err != nil || b != a {
					t.Fatalf("%q came back as %v, %v", text, b, err)
				}
			}
			if !reflect.TypeOf(a).Comparable() || a.SpaceName() != c.s.Name() || space.Of(a) != c.s {
				t.Fatalf("%v is not comparable, or of space %s", a, a.SpaceName())
			}
		}
	}
}

// badText feeds Parse with texts that are damaged in all places: it may not
// panic, and what it reads must be an architecture.
func (c check) badText(t *testing.T) {
	refuse := map[string]string{"": "", "  \n": "", "nonsense": "", "\x00\xff": "", strings.Repeat("9", 1<<16): "", "{}": "", "[[": "", "|": ""}
	for text, word := range c.o.Bad {
		refuse[text] = word
	}
	for text, word := range refuse {
		a, err := c.s.Parse(text)
		if err == nil || a != nil || !strings.Contains(err.Error(), word) {
			t.Errorf("Parse(%.80q) = %v, %v; want an error with %q", text, a, err, word)
		}
		if err != nil && len(err.Error()) > 600 {
			t.Errorf("Parse(%.80q): an error of %d bytes", text, len(err.Error()))
		}
	}
	for _, a := range c.some(t, 10, 2) {
		text := a.String()
		for i := range text {
			for _, damaged := range []string{text[:i], text[i+1:], text[:i] + text[i+1:], text[:i] + "7" + text[i+1:], text[:i] + "~" + text[i:], text[:i] + text[max(i-1, 0):]} {
				b, err := c.s.Parse(damaged)
				switch {
				case err == nil:
					if q, err := c.s.Parse(b.String()); err != nil || q != b {
						t.Fatalf("%q read as %v, which reads as %v, %v", damaged, b, q, err)
					}
				case b != nil || err.Error() == "":
					t.Fatalf("Parse(%q) = %v, %q", damaged, b, err)
				}
			}
		}
	}
}

func (c check) key(t *testing.T) {
	var all []space.Architecture
	byKey := map[string]space.Architecture{}
	for _, a := range c.some(t, 300, 4) {
		all = append(all, c.rewritten(a)...)
		for _, b := range c.rewritten(a) {
			if b.Key() != a.Key() || b.Key() == "" || b.Canonical() != a {
				t.Fatalf("%v has key %s and canonical form %v; %v has key %s", b, b.Key(), b.Canonical(), a, a.Key())
			}
			if other, ok := byKey[b.Key()]; ok && other != b.Canonical() {
				t.Fatalf("%v and %v share a key", other, b)
			}
			byKey[b.Key()] = b.Canonical()
		}
	}
	keys, err := space.Keys(context.Background(), c.s, all)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range all {
		if keys[i] != a.Key() {
			t.Fatalf("key of %v: %s, among others %s", a, a.Key(), keys[i])
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := space.Keys(ctx, c.s, all); !errors.Is(err, context.Canceled) {
		t.Errorf("Keys with a canceled context: %v", err)
	}
}

func (c check) network(t *testing.T) {
	info := c.s.Info()
	for _, a := range c.some(t, 60, 5) {
		net, err := a.Network(info.Width, info.Input)
		if err != nil {
			t.Fatal(err)
		}
		if net.Parameters() != a.Parameters() || net.FLOPs() != 2*a.MACs() || net.Classes != info.Classes {
			t.Fatalf("%v: network of %d parameters, %d FLOPs, %d classes; free counts %d, %d", a, net.Parameters(), net.FLOPs(), net.Classes, a.Parameters(), 2*a.MACs())
		}
		if published, err := a.Network(info.Width, arch.Shape{}); err != nil || !reflect.DeepEqual(published, net) {
			t.Fatalf("%v: the zero shape is not the published one (%v)", a, err)
		}
		if a.MinWidth() > info.MinWidth || a.MinWidth() < 1 {
			t.Fatalf("%v: smallest width %d, of the space %d", a, a.MinWidth(), info.MinWidth)
		}
		for _, b := range c.rewritten(a) {
			if same, err := b.Network(info.Width, info.Input); err != nil || !reflect.DeepEqual(same, net) {
				t.Fatalf("%v and %v: different networks (%v)", a, b, err)
			}
		}
		for _, width := range []int{a.MinWidth(), info.MinWidth, info.Width} {
			for _, input := range []arch.Shape{{}, info.Input, {H: 16, W: 16, C: 1}, {H: 36, W: 20, C: 3}} {
				c.cost(t, a, width, input)
			}
			// A space may refuse sizes that its networks cannot halve.
			odd := arch.Shape{H: 33, W: 1, C: 2}
			if _, err := a.Network(width, odd); err == nil {
				c.cost(t, a, width, odd)
			} else if _, err := space.MACs(a, width, odd); err == nil {
				t.Fatalf("%v: MACs for %v, which its network refuses", a, odd)
			}
		}
		for _, bad := range []int{a.MinWidth() - 1, 0, -1, math.MinInt} {
			if _, err := a.Network(bad, info.Input); err == nil {
				t.Fatalf("%v: a network of width %d", a, bad)
			}
			if _, err := space.MACs(a, bad, info.Input); err == nil {
				t.Fatalf("%v: MACs of width %d", a, bad)
			}
		}
		if _, err := a.Network(info.Width, arch.Shape{H: -1, W: 1, C: 1}); err == nil {
			t.Fatalf("%v: a network for images of negative height", a)
		}
	}
}

// cost checks the operations of one network.
func (c check) cost(t *testing.T, a space.Architecture, width int, input arch.Shape) {
	t.Helper()
	net, err := a.Network(width, input)
	if err != nil {
		t.Fatalf("%v at width %d, %v: %v", a, width, input, err)
	}
	if input == (arch.Shape{}) {
		input = c.s.Info().Input
	}
	if net.InputShape() != input {
		t.Fatalf("%v at %v reads %v", a, input, net.InputShape())
	}
	if m, err := space.MACs(a, width, input); err != nil || 2*m != net.FLOPs() {
		t.Fatalf("%v at width %d, %v: %d MACs, network %d FLOPs, %v", a, width, input, m, net.FLOPs(), err)
	}
}

func (c check) counts(t *testing.T) {
	all := space.AllCounts(c.s)
	seen := map[string]bool{}
	for _, count := range all {
		if count.Label == "" || seen[count.Name] || count.Name == "" || strings.Trim(count.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			t.Errorf("count %+v: no label, or a name that is none or comes twice", count)
		}
		seen[count.Name] = true
	}
	varies := make([]bool, len(all))
	var first []float64
	for _, a := range c.some(t, 500, 6) {
		values := space.CountsOf(a)
		if len(values) != len(all) {
			t.Fatalf("%v: %d values of %d counts", a, len(values), len(all))
		}
		if first == nil {
			first = values
		}
		for k, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%v: %s is %g", a, all[k].Name, v)
			}
			varies[k] = varies[k] || v != first[k]
		}
	}
	for k, v := range varies {
		if !v {
			t.Errorf("%s is %g for all", all[k].Name, first[k])
		}
	}
}
