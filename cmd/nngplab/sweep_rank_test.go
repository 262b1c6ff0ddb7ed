package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestSweepRank: a sweep of one seed in the recommended setting ranks its cells as
// 'nngplab rank' ranks the list; a part is ranked where --partial is given alone, and
// a mixture that the sweep does not have is refused with the columns that there are.
func TestSweepRank(t *testing.T) {
	dataAlone(t)
	t.Setenv("NNGPLAB_SCORES", t.TempDir())
	dir := t.TempDir()
	for _, name := range []string{"nasbench201", "mnasnet"} { // what their sweeps measure by default
		list, plan := filepath.Join(dir, name+".csv"), filepath.Join(dir, name+".json")
		want := must(t, "rank", "--space", name, "--sample", "3", "--csv")
		if err := os.WriteFile(list, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		must(t, "sweep", "plan", "--space", name, "--list", list, "--out", plan)
		must(t, "sweep", "run", plan)
		got := must(t, "sweep", "rank", plan, "--csv")
		for i, line := range strings.Split(strings.TrimSpace(got), "\n")[1:] {
			place := strings.Split(line, ",")[:2]
			if there := strings.Split(strings.Split(want, "\n")[i+1], ",")[:2]; !slices.Equal(place, there) {
				t.Errorf("%s: row %d: place and mixture %v, rank has %v", name, i, place, there)
			}
		}
	}
	list, plan := filepath.Join(dir, "list.csv"), filepath.Join(dir, "plan.json")
	must(t, "rank", "--sample", "5", "--out", list)
	must(t, "sweep", "plan", "--list", list, "--out", plan)
	must(t, "sweep", "run", plan, "--shard", "1/2")
	if code, out, errs := call("sweep", "rank", plan); code == 0 || out != "" {
		t.Errorf("half a sweep was ranked: %s%s", out, errs)
	}
	if out := must(t, "sweep", "rank", plan, "--partial"); !strings.Contains(out, "not measured yet") {
		t.Errorf("a part is ranked as the whole:\n%s", out)
	}
	must(t, "sweep", "run", plan, "--shard", "2/2")
	read := func(text string) [][]string {
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(rows) != 6 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		return rows
	}
	at := func(rows [][]string, i int, name string) string {
		for k, n := range rows[0] {
			if n == name {
				return rows[i][k]
			}
		}
		t.Fatalf("no column %q in %v", name, rows[0])
		return ""
	}
	ranked := filepath.Join(dir, "ranked.csv")
	must(t, "sweep", "rank", plan, "--out", ranked)
	must(t, "sweep", "rank", plan, "--out", ranked) // over its own
	want, got := read(contentsOf(t, list)), read(contentsOf(t, ranked))
	for i := 1; i < 6; i++ {
		for _, name := range []string{"place", "hash", "mixture"} {
			if at(got, i, name) != at(want, i, name) {
				t.Errorf("row %d: %s %s, rank has %s", i, name, at(got, i, name), at(want, i, name))
			}
		}
	}
	// By minus the parameters alone the smallest is first.
	rows := read(must(t, "sweep", "rank", plan, "--mix", "-parameters", "--csv"))
	for i, least := 1, 0; i < 6; i++ {
		p, err := strconv.Atoi(at(rows, i, "parameters"))
		if err != nil || p < least {
			t.Errorf("parameters %d after %d, %v", p, least, err)
		}
		least = p
	}
	for flag, want := range map[string]string{"--mix=nothing": "noise_sensitivity", "--mix=0 parameters": "from 1 to 100", "--mix=hash": "no column", "--top=-1": "--top"} {
		if code, _, errs := call("sweep", "rank", plan, flag); code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: exit code %d, %s", flag, code, errs)
		}
	}
	quick := quickPlan(t, "--sample", "3", "--space", "nasbench201")
	if code, _, errs := call("sweep", "rank", quick); code != exitUsage || !strings.Contains(errs, "--mix") {
		t.Errorf("cells of NAS-Bench-201 were ranked by the mixture of NAS-Bench-101: exit code %d, %s", code, errs)
	}
}
