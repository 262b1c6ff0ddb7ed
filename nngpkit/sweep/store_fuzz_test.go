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
	signed, err := formatKept("c", []measured{{Members: 1}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(head + "\n" + `{"cell":"a","score":[{"members":1}]}` + "\n" + `{"cell":"b","sco`))
	f.Add([]byte(head + "\n" + string(signed) + string(signed) + "\x00\x00"))
	f.Add([]byte(head + "\n{}\n"))
	f.Add([]byte("other\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k := &keptFile[[]measured]{scores: map[string][]measured{}}
		err := k.read("fuzz.jsonl", bytes.NewReader(data), []byte(head))
		if err != nil {
			if !strings.Contains(err.Error(), "fuzz.jsonl") {
				t.Errorf("error %q does not name the file", err)
			}
			return
		}
		if k.length > int64(len(data)) || k.length > 0 && data[k.length-1] != '\n' || len(k.scores) > bytes.Count(data, []byte("\n")) {
			t.Errorf("%d bytes read, %d scores", k.length, len(k.scores))
		}
		if _, ok := k.scores[""]; ok {
			t.Error("a score of no cell")
		}
		// What is written after it is read back with it.
		line, err := formatKept("later", []measured{{Members: 3}})
		if err != nil {
			t.Fatal(err)
		}
		begin := data[:k.length]
		if k.length == 0 {
			begin = []byte(head + "\n")
		}
		again := &keptFile[[]measured]{scores: map[string][]measured{}}
		if err := again.read("again.jsonl", bytes.NewReader(append(bytes.Clone(begin), line...)), []byte(head)); err != nil || again.scores["later"][0].Members != 3 {
			t.Errorf("%v after %q", err, begin)
		}
		for cell := range k.scores {
			if _, ok := again.scores[cell]; !ok {
				t.Errorf("the score of %q is lost", cell)
			}
		}
	})
}
