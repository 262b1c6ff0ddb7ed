package sweep

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzKeptScores: whatever a file of kept scores holds, reading it ends with
// whole lines of named cells, or an error that names the file.
func FuzzKeptScores(f *testing.F) {
	const head = `{"engine":"x"}`
	f.Add([]byte(head + "\n" + `{"cell":"a","score":[{"members":1}]}` + "\n" + `{"cell":"b","sco`))
	f.Add([]byte(head + "\n{}\n"))
	f.Add([]byte("other\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k := &keptFile[[]measured]{scores: map[string][]measured{}}
		whole, err := k.parse("fuzz.jsonl", data, []byte(head))
		if err != nil {
			if !strings.Contains(err.Error(), "fuzz.jsonl") {
				t.Errorf("error %q does not name the file", err)
			}
			return
		}
		if whole > len(data) || whole > 0 && data[whole-1] != '\n' || len(k.scores) > bytes.Count(data, []byte("\n")) {
			t.Errorf("%d bytes read, %d scores", whole, len(k.scores))
		}
		if _, ok := k.scores[""]; ok {
			t.Error("a score of no cell")
		}
	})
}
