package study

import (
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestNouns: what a table holds is called as its space calls it.
func TestNouns(t *testing.T) {
	tables := map[string]*truth.Cells{}
	for _, name := range []string{"nasbench101", "mnasnet"} {
		s, err := space.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.Sample(2, 1)
		if err != nil {
			t.Fatal(err)
		}
		tables[name] = &truth.Cells{Name: "some", Architectures: all}
	}
	cells, networks := tables["nasbench101"], tables["mnasnet"]
	if got := headed(cells, 7); got != "Some cells (n = 7)" {
		t.Error(got)
	}
	if got := headed(networks, 0); got != "Some networks" {
		t.Error(got)
	}
	for want, of := range map[string][]*truth.Cells{"cell": {cells, cells}, "network": {cells, networks}} {
		if got := nounOfAll(of); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if nounOfAll(nil) != "cell" || nounOf(&truth.Cells{}) != "cell" {
		t.Error("an empty table has no noun")
	}
}

// TestOneColorOneSignal: no two names of the fixed colors share one, but for the names
// of one signal; curves of one signal have its color once.
func TestOneColorOneSignal(t *testing.T) {
	of := map[int]string{}
	same := map[string]string{"accuracy_ema32": "accuracy", "whole_loo_squared_error_ema32": "whole_loo_squared_error", "epochs12": "epochs4", "epochs36": "epochs4"}
	for name, color := range ownColors {
		if other, ok := same[name]; ok {
			name = other
		}
		if was, ok := of[color]; ok && was != name {
			t.Errorf("%s and %s have color %d", was, name, color)
		}
		if of[color] = name; color > figure.Colors() {
			t.Errorf("%s has color %d of %d", name, color, figure.Colors())
		}
	}
	series := []figure.Series{
		{Name: "leave-one-out, width 8"}, {Name: "accuracy, width 8"}, {Name: "leave-one-out, width 16"}, {Name: "shortened training"}, {Name: "parameters"},
		{Name: "accuracy", Baseline: true},
	}
	colorCurves(series)
	for i, want := range []int{colorOf("whole_loo_squared_error"), colorOf("accuracy"), 0, colorOf("epochs4"), 0, 0} {
		if series[i].Color != want {
			t.Errorf("%s has color %d, want %d", series[i].Name, series[i].Color, want)
		}
	}
	if strategyColor("regularized evolution", "") != 7 || strategyColor("x", "general") != colorOf("general") {
		t.Error("colors of strategies")
	}
}

// TestSymbols: a signal that is called by a letter keeps it at the head of a title.
func TestSymbols(t *testing.T) {
	for text, want := range map[string]string{
		"c: agreement of codes": "c: agreement of codes", "c of the last stage": "c of the last stage", "e": "e", "cells": "Cells", "a table": "A table", "": "", "S: roots": "S: roots",
	} {
		if got := report.Capitalized(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestCaptionSign: the caption of a signal of which less is better says that tau is of
// minus the signal.
func TestCaptionSign(t *testing.T) {
	c := compareSample(t)
	for _, s := range c.Signals {
		caption, err := c.Caption(s.Column)
		if err != nil || strings.Contains(caption, "of minus the signal") != s.Lower {
			t.Errorf("%s, smaller is better: %v: %q, %v", s.Name(), s.Lower, caption, err)
		}
		if short, err := c.caption(s.Column, false); err != nil || strings.Contains(short, "n = ") {
			t.Errorf("%q, %v", short, err)
		}
	}
}
