package forward

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// TestMembersFrom compares members that each have a batch of their own, of
// different sizes, with the same member and batch asked for alone.
func TestMembersFrom(t *testing.T) { eachLayout(t, membersFrom) }

func membersFrom(t *testing.T) {
	net := exampleNetwork(t, 8, 16)
	r := rand.New(rand.NewPCG(5, 6))
	x := randomBatch(r, 9, net.InputShape())
	norms := make([]*imageset.Batch, 5)
	for m := range norms {
		norms[m] = randomBatch(r, 12+7*(m%3), net.InputShape())
	}
	for _, norm := range []Norm{EMA, Batch} {
		for _, threads := range []int{1, 2, 4} {
			plan, err := Compile(net, Config{Norm: norm, Seed: 3, Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			next := 0
			err = plan.MembersFrom(context.Background(), 0, len(norms), x,
				func(m int) (*imageset.Batch, error) { return norms[m], nil },
				func(m int, got *Features) error {
					if m != next {
						t.Errorf("member %d came when %d was due", m, next)
					}
					next++
					want, err := plan.Features(context.Background(), m, x, norms[m])
					if err != nil {
						return err
					}
					equalBits(t, norm.String(), got, want)
					return nil
				})
			if err != nil {
				t.Fatal(err)
			}
			if next != len(norms) {
				t.Errorf("%d members came, want %d", next, len(norms))
			}
		}
	}
}

func TestMembersFromPassesErrorsOn(t *testing.T) {
	net := exampleNetwork(t, 8, 16)
	plan, err := Compile(net, Config{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	x := randomBatch(rand.New(rand.NewPCG(1, 2)), 4, net.InputShape())
	want := errors.New("no batch today")
	err = plan.MembersFrom(context.Background(), 0, 4, x,
		func(m int) (*imageset.Batch, error) {
			if m == 2 {
				return nil, want
			}
			return x, nil
		},
		func(m int, _ *Features) error {
			if m >= 2 {
				t.Errorf("member %d was emitted after a failure", m)
			}
			return nil
		})
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
	err = plan.MembersFrom(context.Background(), 0, 1, x,
		func(int) (*imageset.Batch, error) { return nil, nil },
		func(int, *Features) error { return nil })
	if err == nil {
		t.Error("a missing batch was accepted")
	}
}

// TestRunners: wide members do not run side by side, narrow ones do. Two of stem
// 256 pass the bound at every level, whose packed weights differ in size.
func TestRunners(t *testing.T) {
	for _, c := range []struct{ stem, threads, want int }{{256, 2, 1}, {16, 2, 2}, {16, 8, 3}} {
		net := benchCells(t, c.stem)[0]
		p, err := Compile(net, Config{Threads: c.threads})
		if err != nil {
			t.Fatal(err)
		}
		batch := randomBatch(rand.New(rand.NewPCG(1, 2)), 100, net.InputShape())
		e := &ensemble{plan: p, norms: func(int) (*imageset.Batch, error) { return batch, nil }}
		if got, err := e.runners(min(c.threads, 3)); got != c.want || err != nil {
			t.Errorf("stem %d: %d of 3 members on %d threads run at a time, want %d; %v", c.stem, got, c.threads, c.want, err)
		}
		want := errors.New("no batch")
		e.norms = func(int) (*imageset.Batch, error) { return nil, want }
		if _, err := e.runners(2); !errors.Is(err, want) {
			t.Errorf("the error of the source gives %v", err)
		}
	}
}
