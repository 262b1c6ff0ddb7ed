package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPlanExtremes: budgets and numbers that are none, or beyond all use, are refused
// with a sentence that names the flag.
func TestPlanExtremes(t *testing.T) {
	dataAlone(t)
	t.Chdir(t.TempDir())
	plan, sweep := []string{"plan"}, []string{"sweep", "plan", "--sample", "3", "--out", "p.json"}
	for flag, values := range map[string][]string{
		"budget":  {"0", "0s", "0d", "-1h", "-0.5s", "-1d", "NaN", "nan", "Inf", "inf", "1e9h", "1e300h", "9999999999h", "1e5d1e5d", "99999999d", "400000w", "1", "h", "1h1", "0x10h"},
		"threads": {"-1", "NaN", "1.5", "1e3", "9223372036854775808"},
		"cells":   {"0", "-1", "-9223372036854775808", "NaN", "1e3", "1.5", "423625", "9223372036854775807", "9223372036854775808"},
		"sample":  {"0", "-1", "NaN", "9223372036854775807", "9223372036854775808"},
		"mix":     {"NaN", "0"},
	} {
		for _, v := range values {
			for _, args := range [][]string{append(plan, "--"+flag+"="+v), append(plan, "--"+flag+"="+v, "--out", "p.json")} {
				if flag == "sample" {
					break
				}
				if code, out, errs := nngplab(args...); code != exitUsage || out != "" || !strings.Contains(errs, "--"+flag) {
					t.Errorf("%q: exit code %d, %q, %s", args, code, out, errs)
				}
			}
			args := append(sweep, "--"+flag+"="+v)
			switch flag {
			case "threads":
				args = append(args, "--budget", "1h")
			case "cells":
				args = []string{"sweep", "plan", "--out", "p.json", "--cells=" + v}
			case "mix":
				continue
			}
			if code, out, errs := nngplab(args...); code != exitUsage || out != "" || !strings.Contains(errs, "--"+flag) {
				t.Errorf("%q: exit code %d, %q, %s", args, code, out, errs)
			}
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("%v was written: %v", left, err)
	}
}

// TestSweepPlanBudgets: a plan that takes longer than the budget says so; the longest
// budget with the most threads buys the most seeds, and no number rolls over.
func TestSweepPlanBudgets(t *testing.T) {
	dataAlone(t)
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		budget, threads string
		fits            bool
		seeds           int
	}{{"1ns", "1", false, 1}, {"105000d", "9223372036854775807", true, 5}} {
		args := []string{"sweep", "plan", "--sample", "3", "--out", "p.json", "--budget", c.budget, "--threads", c.threads}
		code, out, errs := nngplab(args...)
		if code != 0 || strings.Contains(out, "more than the budget") == c.fits || regexp.MustCompile(`NaN|Inf|[ (]-[0-9]`).MatchString(out) {
			t.Errorf("%q: exit code %d, %s %s", args, code, out, errs)
		}
		code, out, errs = nngplab(append(args, "--json")...)
		var got struct {
			Seeds          []uint64
			Recommendation struct {
				Seconds float64
				Fits    bool
			}
		}
		if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil || got.Recommendation.Fits != c.fits || got.Recommendation.Seconds <= 0 || len(got.Seeds) != c.seeds {
			t.Errorf("%q: exit code %d, %v: %s %s", args, code, err, out, errs)
		}
	}
}
