package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/linefile"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// TestDamage: every digit of a store that is changed is an error of run, merge and
// table that names the file and the line, and a status that says so; what is there
// stays.
func TestDamage(t *testing.T) {
	faked(t, nil)
	p, dir := planned(t, 6), t.TempDir()
	good := whole(t, p, RunConfig{Dir: dir})
	path := Shard{}.StorePath(dir)
	write(t, filepath.Join(dir, "plan.json"), encoded(t, p))
	for at := 0; at < len(good)-1; at += 3 {
		bad := good[:at] + string(good[at]^1) + good[at+1:]
		line := strings.Count(good[:at], "\n") + 1
		if strings.Count(bad, "\n") != strings.Count(good, "\n") {
			continue // a line feed: see TestCut
		}
		write(t, path, bad)
		want := fmt.Sprintf("%s: line %d: ", path, line)
		_, runErr := Run(context.Background(), p, RunConfig{Dir: dir})
		_, mergeErr := Merge(context.Background(), p, dir, "", false)
		_, tableErr := Table(context.Background(), p, dir, TableConfig{})
		for _, err := range []error{runErr, mergeErr, tableErr} {
			if !Damaged(err) || !strings.Contains(err.Error(), want) {
				t.Fatalf("byte %d, %q: %v, want %q", at, good[at], err, want)
			}
		}
		if st, err := Survey(filepath.Join(dir, "plan.json"), dir); err != nil || st.Shards[0].State != StateDamaged || !strings.Contains(st.Shards[0].Note, want) {
			t.Fatalf("byte %d: %+v, %v", at, st, err)
		}
		if read(t, path) != bad {
			t.Fatal("the damaged store was changed")
		}
	}
}

// TestCut: a store that is cut anywhere is completed to the same bytes; what is said
// is said only where a line is cut.
func TestCut(t *testing.T) {
	faked(t, nil)
	p, dir := planned(t, 5), t.TempDir()
	good := whole(t, p, RunConfig{Dir: dir})
	path := Shard{}.StorePath(dir)
	for at := 0; at < len(good); at += 7 {
		write(t, path, good[:at])
		mid := at > 0 && good[at-1] != '\n'
		if _, err := Merge(context.Background(), p, dir, "", false); err == nil {
			t.Fatalf("cut at %d: merged", at)
		}
		said := ""
		if _, err := Run(context.Background(), p, RunConfig{Dir: dir, Say: func(s string) { said += s }}); err != nil {
			t.Fatalf("cut at %d: %v", at, err)
		}
		if (said != "") != mid || mid && !strings.Contains(said, "cut off") {
			t.Errorf("cut at %d: said %q", at, said)
		}
		if read(t, path) != good {
			t.Fatalf("cut at %d: the store is not that of an undisturbed run", at)
		}
	}
	write(t, path, good+`{"item":`) // all is there, and a part of a line
	if _, err := Merge(context.Background(), p, dir, "", false); !Damaged(err) || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("%v, want that it is cut off", err)
	}
	if _, err := Run(context.Background(), p, RunConfig{Dir: dir}); err != nil || read(t, path) != good {
		t.Errorf("%v, or the part of a line is still there", err)
	}
}

// TestForeign: stores of another plan, another engine, another shard, and lines of
// another store are refused.
func TestForeign(t *testing.T) {
	faked(t, nil)
	p, other := planned(t, 8), planned(t, 8, 5)
	theirs := whole(t, other, RunConfig{})
	half := whole(t, p, RunConfig{Shard: Shard{1, 2}})
	ours := whole(t, p, RunConfig{})
	h, err := parseHead([]byte(ours[:strings.Index(ours, "\n")]))
	if err != nil {
		t.Fatal(err)
	}
	h.Engine.Mark = "0123456789abcdef"
	engine, err := h.line()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(ours, "\n")
	foreign := strings.SplitAfter(theirs, "\n")
	for name, c := range map[string]struct{ text, want string }{
		"another plan":            {theirs, "line 1: a store of another plan"},
		"another engine":          {string(engine), "another engine"},
		"another shard":           {half, "is the store of shard 1/2"},
		"a line of another store": {lines[0] + foreign[1], "line 2: the checksum of the line is wrong"},
		"no store":                {"hello\n", "line 1: the line has no checksum"},
	} {
		dir := t.TempDir()
		path := Shard{}.StorePath(dir)
		write(t, path, c.text)
		if _, err := Run(context.Background(), p, RunConfig{Dir: dir}); !Damaged(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: run: %v, want %q", name, err, c.want)
		}
		if name != "another engine" {
			if _, err := Merge(context.Background(), p, dir, "", true); !Damaged(err) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: merge: %v, want %q", name, err, c.want)
			}
		}
		if read(t, path) != c.text {
			t.Errorf("%s: the store was changed", name)
		}
	}
}

// TestMergeEngines: shards of two engines are not merged.
func TestMergeEngines(t *testing.T) {
	faked(t, nil)
	p, dir := planned(t, 8), t.TempDir()
	whole(t, p, RunConfig{Dir: dir, Shard: Shard{1, 2}})
	engine := Engine{Mark: "0123456789abcdef", Level: "other", Version: "1"}
	h := storeHead{Format: Format, Plan: p.Hash, Shard: 2, Of: 2, Items: 4, Engine: engine}
	head, err := h.line()
	if err != nil {
		t.Fatal(err)
	}
	write(t, Shard{2, 2}.StorePath(dir), string(head))
	if _, err := Merge(context.Background(), p, dir, "", true); !Damaged(err) || !strings.Contains(err.Error(), "other instructions") {
		t.Errorf("%v", err)
	}
}

// TestConflict: two stores that disagree are not merged.
func TestConflict(t *testing.T) {
	faked(t, nil)
	p, dir := planned(t, 6), t.TempDir()
	ours := whole(t, p, RunConfig{Dir: dir})
	lines := strings.SplitAfter(ours, "\n")
	h, err := parseHead([]byte(lines[0]))
	if err != nil {
		t.Fatal(err)
	}
	object, err := linefile.Open(h.salt(), []byte(lines[3]))
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(object), `"values":[`, `"values":[1`, 1)
	write(t, MergedPath(dir), lines[0]+string(linefile.Seal(nil, h.salt(), []byte(changed))))
	if _, err := Merge(context.Background(), p, dir, filepath.Join(t.TempDir(), "m.jsonl"), false); !Damaged(err) || !strings.Contains(err.Error(), "item 2 has other values") {
		t.Error(err)
	}
}

// TestMergeShards: shards of any number merge to the bytes of a single run, with
// failures among them.
func TestMergeShards(t *testing.T) {
	faked(t, func(a space.Architecture) error {
		if a.Key()[0] == 'a' {
			return errBoom
		}
		return nil
	})
	p := planned(t, 60, 1, 2)
	want := whole(t, p, RunConfig{})
	for _, of := range []int{1, 2, 3, 7, 61} {
		dir := t.TempDir()
		for i := of; i > 0; i-- {
			if i == 1 && of > 1 {
				var incomplete *IncompleteError
				if _, err := Merge(context.Background(), p, dir, "", false); !errors.As(err, &incomplete) {
					t.Errorf("%d shards: merged without the first: %v", of, err)
				}
			}
			if _, err := Run(context.Background(), p, RunConfig{Dir: dir, Shard: Shard{i, of}, Threads: 1 + i%2}); err != nil {
				t.Fatal(err)
			}
		}
		out := filepath.Join(dir, "all", "m.jsonl")
		if _, err := Merge(context.Background(), p, dir, out, false); err != nil {
			t.Fatal(err)
		}
		if read(t, out) != want {
			t.Errorf("%d shards: the merged store is not that of a single run", of)
		}
	}
}

// TestMergeOver: a file that is no store stays.
func TestMergeOver(t *testing.T) {
	faked(t, nil)
	p, dir := planned(t, 3), t.TempDir()
	whole(t, p, RunConfig{Dir: dir})
	out := filepath.Join(dir, "mine.txt")
	write(t, out, "my own text, longer than the mark of a store")
	if _, err := Merge(context.Background(), p, dir, out, false); err == nil || !strings.Contains(err.Error(), "not overwritten") {
		t.Error(err)
	}
	if _, err := os.Stat(out); err != nil || !strings.HasPrefix(read(t, out), "my own") {
		t.Error("the file was changed")
	}
}

// TestSomebodysLine: what follows the lines of a store, or stands in its place, and
// is no part of a line is somebody's, and stays.
func TestSomebodysLine(t *testing.T) {
	faked(t, nil)
	p, dir := planned(t, 3), t.TempDir()
	good := whole(t, p, RunConfig{Dir: dir})
	path := Shard{}.StorePath(dir)
	lines := strings.SplitAfter(good, "\n")
	for _, text := range []string{"mine", "\x00mine", lines[0] + "mine", lines[0] + lines[1] + "  {"} {
		write(t, path, text)
		if _, err := Run(context.Background(), p, RunConfig{Dir: dir}); !Damaged(err) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", text, err)
		}
		if read(t, path) != text {
			t.Errorf("%q was changed", text)
		}
	}
	for _, text := range []string{"", "\x00\x00", lines[0] + "\x00", lines[0] + lines[1][:5], lines[0][:9]} {
		write(t, path, text)
		if _, err := Run(context.Background(), p, RunConfig{Dir: dir}); err != nil || read(t, path) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestMergeOverShard: the store of a shard is not overwritten by what is merged of it,
// under whatever name.
func TestMergeOverShard(t *testing.T) {
	faked(t, nil)
	p, dir := planned(t, 4), t.TempDir()
	for i := range 2 {
		if _, err := Run(context.Background(), p, RunConfig{Dir: dir, Shard: Shard{i + 1, 2}}); err != nil {
			t.Fatal(err)
		}
	}
	store := Shard{2, 2}.StorePath(dir)
	before, hard := read(t, store), filepath.Join(t.TempDir(), "hard.jsonl")
	if err := os.Link(store, hard); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{store, hard} {
		if _, err := Merge(context.Background(), p, dir, path, false); !Damaged(err) || !strings.Contains(err.Error(), "is the store of shard 2/2") {
			t.Errorf("%s: %v", path, err)
		}
		if read(t, store) != before {
			t.Fatal("the store was changed")
		}
	}
	if _, err := Merge(context.Background(), p, dir, filepath.Join(dir, "lost", "..", "other.jsonl"), false); err != nil {
		t.Error(err)
	}
}
