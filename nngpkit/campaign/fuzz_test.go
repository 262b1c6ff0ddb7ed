package campaign

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/nngplab/nngplab/internal/linefile"
)

// FuzzPlan: whatever a plan file holds, it is a plan that encodes to the same plan,
// or an error.
func FuzzPlan(f *testing.F) {
	p := planned(f, 4, 0, 9)
	f.Add([]byte(encoded(f, p)))
	f.Add([]byte(`{"nngplab_plan": 1, "space": "nasbench101", "cells": {"choice": "all", "n": 423624}}`))
	f.Add([]byte(`{"nngplab_plan": 1, "measurements": [{"name": "a", "kernel": {"norm": "ema"}}], "seeds": [0]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := Decode(b)
		if err != nil {
			return
		}
		text := encoded(t, q)
		back, err := Decode([]byte(text))
		if err != nil || encoded(t, back) != text {
			t.Errorf("%v, or another plan came back", err)
		}
	})
}

// FuzzStore: whatever a store holds, reading it is an error or finds items of the
// plan with the values that a run computes: no line is believed that was not written
// by one.
func FuzzStore(f *testing.F) {
	faked(f, nil)
	real := thisEngine
	f.Cleanup(func() { thisEngine = real })
	thisEngine = func() (Engine, error) { return Engine{"0123456789abcdef", "test", "1"}, nil } // its measurements are slow where coverage is counted
	p := planned(f, 4)
	good := whole(f, p, RunConfig{})
	f.Add([]byte(good))
	f.Add([]byte(good[:len(good)-30]))
	f.Add([]byte(good + good))
	f.Add([]byte("{}\n"))
	dir := f.TempDir()
	want := map[int]float64{}
	path := filepath.Join(dir, "good.jsonl")
	write(f, path, good)
	if _, err := p.scan(path, func(_ *opened, t *Item, _ linefile.Line) error { want[t.Item] = *t.Values[0]; return nil }); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		folder := t.TempDir()
		path := Shard{}.StorePath(folder)
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := p.scan(path, func(_ *opened, item *Item, _ linefile.Line) error {
			if *item.Values[0] != want[item.Item] {
				t.Errorf("item %d has %v, want %v", item.Item, *item.Values[0], want[item.Item])
			}
			return nil
		})
		if err == nil {
			if _, err := Run(context.Background(), p, RunConfig{Dir: folder}); err == nil && read(t, path) != good {
				t.Error("the store was completed to other bytes")
			}
		}
	})
}
