package campaign

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/nngplab/nngplab/internal/filesum"
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
	noEngine(f)
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

// FuzzReadTable: whatever an exported table holds, also past its checksum, reading
// it is an error or gives a table with a plan that can be verified.
func FuzzReadTable(f *testing.F) {
	faked(f, nil)
	noEngine(f)
	p := planned(f, 4, 0, 9)
	dir := f.TempDir()
	whole(f, p, RunConfig{Dir: dir})
	df, err := Table(context.Background(), p, dir, TableConfig{})
	if err != nil {
		f.Fatal(err)
	}
	for _, narrow := range []bool{false, true} {
		var b bytes.Buffer
		if err := p.WriteTable(&b, df, narrow); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes(), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, sign bool) {
		if len(data) > 1<<18 {
			return
		}
		if sign { // past the checksum, as a forger would
			data = bytes.Clone(data)
			_ = filesum.Sign(data)
		}
		x, err := ReadTable(data)
		if err == nil && (x.Frame.Nrow() < 1 || len(x.Plan.Columns()) == 0) {
			t.Error("no error, and no table")
		}
		if err == nil {
			_, _ = JoinTables([]*Exported{x})
		}
	})
}

// noEngine puts an engine without measurements in, which are slow where coverage is
// counted.
func noEngine(f *testing.F) {
	real := thisEngine
	f.Cleanup(func() { thisEngine = real })
	thisEngine = func() (Engine, error) { return Engine{"0123456789abcdef", "test", "1"}, nil }
}
