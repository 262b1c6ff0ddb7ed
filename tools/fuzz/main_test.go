package main

import (
	"bytes"
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
