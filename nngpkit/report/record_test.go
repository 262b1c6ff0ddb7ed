package report

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	t.Setenv(ResultsEnv, path)
	for _, err := range []error{
		Record("02.tau", 0.3, 0.2, 0.4, 772),
		Record("02.nothing", math.NaN(), math.Inf(-1), math.NaN(), 0),
		RecordValue("02.cells", 772),
		RecordText("02.best", "a \"cell\"\nof two lines"),
		RecordData("images", "CIFAR-10", true),
		RecordData("truth", "none", false),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"kind":"result","name":"02.tau","value":0.3,"lo":0.2,"hi":0.4,"n":772}`,
		`{"kind":"result","name":"02.nothing"}`,
		`{"kind":"result","name":"02.cells","value":772}`,
		`{"kind":"result","name":"02.best","text":"a \"cell\"\nof two lines"}`,
		`{"kind":"data","name":"images","text":"CIFAR-10","real":true}`,
		`{"kind":"data","name":"truth","text":"none","real":false}`,
	}
	got := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(got), len(want), b)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d is %s, want %s", i, got[i], want[i])
		}
		if !json.Valid([]byte(got[i])) {
			t.Errorf("line %d is no JSON", i)
		}
	}
	if err := RecordValue("", 1); err == nil {
		t.Error("a result without a name was recorded")
	}
	t.Setenv(ResultsEnv, filepath.Join(t.TempDir(), "missing", "results"))
	if err := RecordValue("a", 1); err == nil {
		t.Error("recording into a missing folder is no error")
	}
	t.Setenv(ResultsEnv, "")
	if err := RecordValue("a", 1); err != nil {
		t.Errorf("recording without a file: %v", err)
	}
}
