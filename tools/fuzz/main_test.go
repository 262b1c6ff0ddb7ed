package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestTargets(t *testing.T) {
	all, err := targets("../..")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, x := range all {
		found[x.name] = true
	}
	for _, name := range []string{"FuzzScores", "FuzzFlags", "FuzzCorrTable", "FuzzShow", "FuzzText", "FuzzManifest"} {
		if !found[name] {
			t.Errorf("%s is not among the %d targets", name, len(all))
		}
	}
}

func TestOnlyLate(t *testing.T) {
	for text, want := range map[string]bool{
		"--- FAIL: FuzzX (60s)\n    context deadline exceeded\nFAIL\n":                                          true,
		"--- FAIL: FuzzX (6s)\n    context deadline exceeded\n    Failing input written to testdata/fuzz/FuzzX": false,
		"--- FAIL: FuzzX\n    panic": false,
	} {
		if onlyLate([]byte(text)) != want {
			t.Errorf("%q", text)
		}
	}
	if got := tail(bytes.NewBufferString("a\nb\nc\n"), 2); got != "b\nc" {
		t.Errorf("%q", got)
	}
}

func TestOutcome(t *testing.T) {
	const lines = "fuzz: elapsed: 3s, execs: 12 (4/sec)\nfuzz: elapsed: 6s, execs: 4711 (783/sec)\n"
	ok := outcome([]byte(lines), nil)
	if ok.found != "" || ok.execs != 4711 || ok.String() != "ok, 4711 executions in 0 s" {
		t.Errorf("%+v", ok)
	}
	if r := outcome([]byte(lines+"--- FAIL: FuzzX\n"), errors.New("exit status 1")); r.String() != "FOUND" {
		t.Errorf("%+v", r)
	}
	if r := outcome([]byte("fuzz: elapsed: 3s, gathering baseline coverage: 7/9 completed\n"), nil); r.found != "" || r.execs != 7 {
		t.Errorf("%+v", r)
	}
	// Nothing has run: no target of this name, or a program that did not start.
	if r := outcome(nil, nil); r.String() != "FOUND" {
		t.Errorf("%+v", r)
	}
	var s summary
	s.add(target{"./a", "FuzzA"}, result{execs: 5})
	s.add(target{"./b", "FuzzB"}, result{execs: 3, found: "x"})
	if got, want := s.String(), "2 targets, 8 executions, at least 3 each (FuzzB), 1 with findings"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func TestHung(t *testing.T) {
	text := "--- FAIL: FuzzX (31.82s)\n    fuzzing process hung or terminated unexpectedly: exit status 2\n    Failing input written to testdata/fuzz/FuzzX/f2bcfabfa60e3ea3\n    To re-run:\n    go test -run=FuzzX/f2bcfabfa60e3ea3\nFAIL\n"
	if got := hung(text); got != "f2bcfabfa60e3ea3" {
		t.Errorf("%q", got)
	}
	seed := "failure while testing seed corpus entry: FuzzX/de0763833339d039\n--- FAIL: FuzzX (12.68s)\n    fuzzing process hung or terminated unexpectedly: exit status 2\nFAIL\n"
	if got := hung(seed); got != "de0763833339d039" {
		t.Errorf("%q", got)
	}
	if got := hung(strings.Replace(text, "hung", "panicked", 1)); got != "" {
		t.Errorf("%q", got)
	}
	if got, want := (result{execs: 7, seconds: 600, late: []string{"a", "b"}}).String(), "ok, 7 executions in 600 s; took too long once, and not alone: a, b"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
