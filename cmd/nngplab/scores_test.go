package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/sweep"
)

func TestScoresCommand(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		data string // NNGPLAB_DATA
		args []string
		code int
		want string // in standard error or output
	}{
		{"", []string{"scores"}, 0, "compute"},
		{"", []string{"scores", "list"}, 0, "width 8, up to 32 members"},
		{"", []string{"scores", "compute"}, exitUsage, "accepts 1 arg"},
		{"", []string{"scores", "compute", "nothing"}, exitUsage, `no table of scores "nothing"`},
		{"", []string{"scores", "compute", "cheap", "--cells", "-1"}, exitUsage, "--cells -1"},
		{empty, []string{"scores", "compute", "cheap"}, exitUsage, "nngplab data fetch cifar10"},
		{empty, []string{"scores", "evidence"}, exitFailed, "official"},
		{"", []string{"scores", "evidence", "--resamples", "1"}, exitUsage, "--resamples 1"},
		{"", []string{"plan", "--help"}, 0, "half of the cells"},
		{"", []string{"plan", "--budget", "0s"}, exitUsage, "--budget 0s"},
		{"", []string{"plan", "--cells", "0"}, exitUsage, "--cells 0"},
		{"", []string{"plan", "--threads", "-2"}, exitUsage, "--threads -2"},
		{"", []string{"plan", "--mix", "gold"}, exitUsage, "--mix"},
		{"", []string{"plan", "--budget", "soon"}, exitUsage, "soon"},
	} {
		if c.data != "" {
			t.Setenv("NNGPLAB_DATA", c.data)
			t.Setenv("XDG_CACHE_HOME", c.data)
		}
		var stdout, stderr bytes.Buffer
		if code := run(c.args, &stdout, &stderr); code != c.code {
			t.Errorf("%q: exit code %d, want %d\n%s", c.args, code, c.code, stderr.String())
		}
		if all := stdout.String() + stderr.String(); !strings.Contains(strings.ToLower(all), strings.ToLower(c.want)) {
			t.Errorf("%q: no %q in\n%s", c.args, c.want, all)
		}
	}
}

func TestScoresListJSON(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run([]string{"scores", "list", "--json"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d\n%s", code, stderr.String())
	}
	var entries []scoresEntry
	if err := json.Unmarshal(stdout.Bytes(), &entries); err != nil || len(entries) != len(sweep.Experiments())+len(sweep.NoiseTables()) {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	if e := entries[0]; e.Name != "members8" || len(e.Passes) != 1 || e.Table == nil || e.Table.Rows == 0 {
		t.Errorf("the first entry is %+v", e)
	}
}
