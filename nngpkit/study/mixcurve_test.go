package study

import (
	"math"
	"testing"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// averageRanks returns ranks from their definition: one more than the number of
// smaller values, and half for each equal one.
func averageRanks(x []float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = 0.5
		for _, v := range x {
			switch {
			case v < x[i]:
				out[i]++
			case v == x[i]:
				out[i] += 0.5
			}
		}
	}
	return out
}

// sumOfRanks is what a mean of ranks orders by.
func sumOfRanks(cols ...[]float64) []float64 {
	out := make([]float64, len(cols[0]))
	for _, c := range cols {
		for i, r := range averageRanks(c) {
			out[i] += r
		}
	}
	return out
}

// TestMixCurve compares a mixture along the members with tau of summed ranks,
// among the cells that all points know.
func TestMixCurve(t *testing.T) {
	cells, scores := costSample(t, 80)
	var second []float64
	for i, h := range scores.Col(frame.KeyColumn).Records() {
		second = append(second, math.Mod(float64(i)*7919, 101)+float64(h[0])/10)
	}
	scores = scores.Mutate(series.New(second, series.Float, "whole_lml"))
	parts := []truth.Signal{sweep.PaperScore(), sweep.MarginalLikelihood()}
	curve, err := MixCurve("a mixture", scores, sweep.MembersColumn, parts, truth.Conv3x3)
	if err != nil {
		t.Fatal(err)
	}
	all, err := CompareAllCosts(t.Context(), []*truth.Cells{cells}, []Curve{curve}, CostConfig{Resamples: 40})
	if err != nil {
		t.Fatal(err)
	}
	c := all.Of[0]
	four := map[string]bool{}
	for i, m := range scores.Col(sweep.MembersColumn).Records() {
		four[scores.Col(frame.KeyColumn).Records()[i]] = four[scores.Col(frame.KeyColumn).Records()[i]] || m == "4"
	}
	rows, err := frame.KeyRows(cells.Frame, "cells", frame.KeyColumn)
	if err != nil {
		t.Fatal(err)
	}
	truth, conv := mustFloats(t, cells, truth.TruthColumn), mustFloats(t, cells, truth.Conv3x3.Column)
	for _, m := range []string{"1", "4"} {
		var y, a, b, free []float64
		for i, h := range scores.Col(frame.KeyColumn).Records() {
			if scores.Col(sweep.MembersColumn).Records()[i] == m && four[h] {
				y, free = append(y, truth[rows[h]]), append(free, conv[rows[h]])
				a, b = append(a, scores.Col("accuracy").Float()[i]), append(b, second[i])
			}
		}
		p, err := c.At("a mixture", map[string]string{"1": "1 member", "4": "4 members"}[m])
		if err != nil {
			t.Fatal(err)
		}
		if want := naiveTau(y, sumOfRanks(a, b, free)); c.N() != len(y) || math.Abs(p.Tau.Estimate-want) > 1e-12 {
			t.Errorf("%s members: tau %v of %d cells, want %v of %d", m, p.Tau.Estimate, c.N(), want, len(y))
		}
	}
	if _, err := MixCurve("none", scores, sweep.MembersColumn, nil); err == nil {
		t.Error("a mixture of nothing")
	}
	if gone, err := OpenMixCurve(t.Context(), "gone", "tomorrow", sweep.MembersColumn, parts); err != nil || gone.Missing == "" {
		t.Errorf("a table that is not computed yet gives %+v, %v", gone, err)
	}
}
