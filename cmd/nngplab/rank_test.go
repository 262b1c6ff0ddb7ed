package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// runRank runs 'nngplab rank' in a setting of milliseconds per network and returns
// its exit code and output.
func runRank(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(append([]string{"rank", "--images", "noise", "--train", "12", "--val", "6", "--members", "1"}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

// listOf writes a list of architectures and returns its path.
func listOf(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cells.txt")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	rankSmallest = "01/00 input,output"
	rankOne      = "0110/0001/0001/0000 input,conv3x3-bn-relu,conv1x1-bn-relu,output"
	rankOneAgain = "0110/0001/0001/0000 input,conv1x1-bn-relu,conv3x3-bn-relu,output"
	rankPooled   = "010/001/000 input,maxpool3x3,output"
)

// ranked is what the tests read of the JSON.
type ranked struct {
	Different int              `json:"different"`
	Bad       []map[string]any `json:"bad"`
	Width     int              `json:"width"`
	Norm      string           `json:"norm"`
	View      string           `json:"view"`
	Mix       []string         `json:"mix"`
	Ranking   []map[string]any `json:"ranking"`
}

func rankJSON(t *testing.T, args ...string) ranked {
	t.Helper()
	code, out, errs := runRank(t, append(args, "--json")...)
	if code != 0 {
		t.Fatal(code, errs)
	}
	var got ranked
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err, out)
	}
	return got
}

// keysOf returns the keys of a ranking in its order.
func keysOf(r ranked) []string {
	var out []string
	for _, row := range r.Ranking {
		out = append(out, row["hash"].(string))
	}
	return out
}

// TestRankForms checks that the table, CSV, JSON and Parquet say the same, in the
// recommended setting where no flag says otherwise, and that duplicates share a
// place.
func TestRankForms(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	path := listOf(t, rankSmallest, "# a comment", rankOne, rankPooled, rankOneAgain)
	got := rankJSON(t, path)
	rec := study.Recommended()
	if len(got.Ranking) != 4 || got.Different != 3 || got.Width != rec.Width || got.Norm != rec.Norm.String() || got.View != string(study.RecommendedView()) || !slices.Equal(got.Mix, study.RecommendedMix()) {
		t.Fatalf("%+v", got)
	}
	place := map[float64]float64{} // by line
	for _, row := range got.Ranking {
		place[row["line"].(float64)] = row["place"].(float64)
		if _, ok := row["accuracy"]; ok {
			t.Error("noise has an accuracy")
		}
	}
	if place[3] != place[5] || place[3] == place[1] {
		t.Errorf("places by line %v: lines 3 and 5 are one cell", place)
	}
	dir := t.TempDir()
	out, pq := filepath.Join(dir, "new", "r.csv"), filepath.Join(dir, "r.parquet")
	code, text, errs := runRank(t, path, "--out", out, "--parquet", pq, "--top", "2")
	if code != 0 {
		t.Fatal(code, errs)
	}
	if !strings.Contains(text, "2 rows of 4, 3 different cells") || !strings.Contains(text, "share a place") || strings.Count(text, "\n1 ")+strings.Count(text, "\n2 ") < 2 {
		t.Errorf("the table is\n%s", text)
	}
	_, printed, _ := runRank(t, path, "--csv")
	b, err := os.ReadFile(out)
	if err != nil || string(b) != printed {
		t.Errorf("--out and --csv differ, %v", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatal(len(rows), err)
	}
	for i, row := range got.Ranking {
		if len(row) != len(rows[0]) {
			t.Errorf("JSON has %d fields, CSV %d", len(row), len(rows[0]))
		}
		for k, name := range rows[0] {
			if text := fmt.Sprint(row[name]); row[name] == nil && rows[i+1][k] != "" {
				t.Errorf("row %d, %s: null in JSON, %s in CSV", i, name, rows[i+1][k])
			} else if v, ok := row[name].(string); ok && v != rows[i+1][k] {
				t.Errorf("row %d, %s: %s in JSON, %s in CSV", i, name, text, rows[i+1][k])
			}
		}
	}
	data, err := os.ReadFile(pq)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil || f.NumRows() != 4 || len(f.Schema().Columns()) != len(rows[0]) {
		t.Errorf("Parquet: %v", err)
	}
	// What it wrote it may write again, and what it wrote is a list.
	if code, _, errs := runRank(t, path, "--out", out, "--parquet", pq); code != 0 {
		t.Error(code, errs)
	}
	if again := rankJSON(t, out); !slices.Equal(keysOf(again), keysOf(got)) {
		t.Errorf("the ranking as a list gives %v, want %v", keysOf(again), keysOf(got))
	}
	asJSON := filepath.Join(dir, "r.json")
	for range 2 {
		if code, _, errs := runRank(t, path, "--out", asJSON); code != 0 {
			t.Error(code, errs)
		}
	}
	if b, _ := os.ReadFile(asJSON); !json.Valid(b) || !bytes.Contains(b, []byte(`"place":1,`)) {
		t.Errorf("the file is %s", b)
	}
}

// TestRankSample: a sample is the one that 'space sample' draws, of any space, and
// --sample-seed parts it from the weights.
func TestRankSample(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	for _, c := range []struct{ name, width string }{{"nasbench101", "8"}, {"nasbench201", "4"}, {"mnasnet", "4"}, {"mnasnetwide", "2"}} {
		_, out, _ := runSpace(t, "sample", "--space", c.name, "-n", "3", "--seed", "5", "--json")
		var want []string
		var drawn struct{ Architectures []map[string]any }
		if err := json.Unmarshal([]byte(out), &drawn); err != nil {
			t.Fatal(err)
		}
		for _, a := range drawn.Architectures {
			key, ok := a["hash"].(string)
			if !ok {
				key = a["key"].(string)
			}
			want = append(want, key)
		}
		slices.Sort(want)
		at := []string{"--space", c.name, "--width", c.width, "--sample", "3"}
		one, other := rankJSON(t, append(at, "--seed", "5")...), rankJSON(t, append(at, "--seed", "6", "--sample-seed", "5")...)
		for _, r := range []ranked{one, other} {
			got := keysOf(r)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: ranked %v, the sample is %v", c.name, got, want)
			}
			if _, ok := r.Ranking[0]["line"]; ok {
				t.Error("a sample has lines")
			}
		}
		if fmt.Sprint(one.Ranking[0]["log_det"]) == fmt.Sprint(other.Ranking[0]["log_det"]) {
			t.Error("other weights score the same")
		}
	}
}

// TestRankMix turns the ranking around by one count.
func TestRankMix(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	path := listOf(t, rankSmallest, rankOne)
	more, less := keysOf(rankJSON(t, path, "--mix", "conv3x3")), keysOf(rankJSON(t, path, "--mix", "-conv3x3"))
	if more[0] != less[1] || more[1] != less[0] || more[0] == more[1] {
		t.Errorf("by conv3x3 %v, turned %v", more, less)
	}
	if code, _, errs := runRank(t, path, "--images", "drawn", "--mix", "accuracy,-whole_lml"); code != 0 {
		t.Error(code, errs)
	}
}

// TestRankBad: bad rows are named with line and reason; with --skip-bad the others
// are ranked, and everything that no row mends is refused before anything is scored.
func TestRankBad(t *testing.T) {
	kept := t.TempDir()
	t.Setenv(sweep.CacheEnv, kept)
	const unknown, wide = "00000000000000000000000000000000", "01110/00001/00001/00001/00000 input,conv1x1-bn-relu,conv1x1-bn-relu,conv1x1-bn-relu,output"
	path := listOf(t, rankSmallest, nb201, rankPooled, "011/001 input", unknown)
	all := []string{"line 2", "an architecture of nasbench201", "line 4", "line 5", "no cell of the NAS-Bench-101 space has this hash", "3 rows of 5 bad", "--skip-bad"}
	code, out, errs := runRank(t, path)
	for _, want := range all {
		if code != 2 || out != "" || !strings.Contains(errs, want) {
			t.Errorf("exit %d, %q, %s; want %q", code, out, errs, want)
		}
	}
	if entries, _ := os.ReadDir(kept); len(entries) > 0 {
		t.Error("something was scored")
	}
	code, out, errs = runRank(t, path, "--skip-bad")
	if code != 0 || !strings.Contains(errs, "line 2") || !strings.Contains(errs, "line 4") || !strings.Contains(errs, "line 5") || !strings.Contains(out, "2 rows of 2") || !strings.Contains(out, "3 rows are bad") {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
	if got := rankJSON(t, path, "--skip-bad"); len(got.Bad) != 3 || got.Bad[0]["line"] != 2.0 || len(got.Ranking) != 2 {
		t.Errorf("%+v", got.Bad)
	}
	narrow := listOf(t, rankSmallest, wide, nb201)
	if code, _, errs := runRank(t, narrow, "--width", "2", "--skip-bad"); code != 0 || strings.Index(errs, "line 2") > strings.Index(errs, "line 3") || !strings.Contains(errs, "at least 3") {
		t.Errorf("exit %d, %s", code, errs)
	}
	good := listOf(t, rankSmallest)
	theirs := filepath.Join(t.TempDir(), "theirs.csv")
	if err := os.WriteFile(theirs, []byte("hash,note\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	lost, linked := filepath.Join(folder, "lost.csv"), filepath.Join(t.TempDir(), "linked")
	for link, to := range map[string]string{lost: "nowhere.csv", linked: folder} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip(err)
		}
	}
	for _, c := range []struct {
		reason string
		args   []string
	}{
		{"no row is left", []string{listOf(t, unknown), "--skip-bad"}},
		{"give a list", nil},
		{"give one list", []string{good, "--sample", "3"}},
		{"give one list", []string{"--all", "--sample", "3"}},
		{"--sample 0", []string{"--sample", "0"}},
		{"the space has", []string{"--sample", "500000"}},
		{"--column is of a FILE", []string{"--sample", "2", "--column", "x"}},
		{"--sample-seed is of --sample", []string{good, "--sample-seed", "1"}},
		{"no such file", []string{filepath.Join(t.TempDir(), "none.csv")}},
		{"there is mnasnet, mnasnetwide, nasbench101, nasbench201", []string{good, "--space", "darts"}},
		{`"speed"`, []string{good, "--mix", "speed"}},
		{"log_det twice", []string{good, "--mix", "log_det,-log_det"}},
		{"no labels", []string{good, "--mix", "accuracy"}},
		{"no signal", []string{good, "--mix", ""}},
		{"either --csv or --json", []string{good, "--csv", "--json"}},
		{"its ending", []string{good, "--out", "ranking.txt"}},
		{"is the list itself", []string{theirs, "--out", theirs}},
		{"not overwritten", []string{good, "--out", theirs}},
		{"not overwritten", []string{good, "--json", "--out", theirs}},
		{"not overwritten", []string{good, "--parquet", theirs}},
		{"one file", []string{good, "--out", "a.parquet", "--parquet", "./a.parquet"}},
		{"is a folder", []string{good, "--csv", "--out", t.TempDir()}},
		{"--width 0", []string{good, "--width", "0"}},
		{"--train 0", []string{good, "--train", "0"}},
		{"--members -1", []string{good, "--members", "-1"}},
		{"--norm-batch 0", []string{good, "--norm-batch", "0"}},
		{"--top -1", []string{good, "--top", "-1"}},
		{"unknown normalization", []string{good, "--norm", "layer"}},
		{"no view", []string{good, "--view", "best"}},
		{"which has 1000", []string{good, "--train", "2000"}},
		{"9223372036854775807 training", []string{good, "--train", "9223372036854775807", "--val", "9223372036854775807"}},
		{"--members 4294967296", []string{good, "--members", "4294967296"}},
		{"tables hold seeds of at most", []string{good, "--seed", "9223372036854775808"}},
		{"tables hold seeds of at most", []string{good, "--split-seed", "18446744073709551615"}},
		{"too many weights", []string{listOf(t, rankSmallest, rankPooled), "--width", "1048576"}},
		{"leads nowhere", []string{good, "--out", lost}},
		{"leads nowhere", []string{good, "--parquet", lost}},
		{"not a directory", []string{good, "--out", filepath.Join(good, "x.csv")}},
		{"not a directory", []string{good, "--out", filepath.Join(good, "x", "y.csv")}},
		{"one file", []string{good, "--csv", "--out", filepath.Join(folder, "x"), "--parquet", filepath.Join(linked, "x")}},
		{"accepts at most 1", []string{good, good}},
	} {
		code, out, errs := runRank(t, c.args...)
		if code != exitUsage || out != "" || !strings.Contains(errs, c.reason) {
			t.Errorf("%v: exit %d, %q, %s; want %q", c.args, code, out, errs, c.reason)
		}
	}
	if b, err := os.ReadFile(theirs); err != nil || string(b) != "hash,note\n" {
		t.Errorf("the file is %q, %v", b, err)
	}
}

// TestRankAgrees compares the command with the library, on images with labels.
func TestRankAgrees(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	got := rankJSON(t, listOf(t, rankSmallest), "--images", "drawn", "--view", "raw", "--norm", "ema", "--width", "4", "--draw", "antithetic", "--members", "2", "--seed", "3", "--split-seed", "4")
	want := statistics(t, "--matrix", "01/00", "--ops", "input,output", "--images", "drawn", "--view", "raw", "--norm", "ema", "--width", "4", "--draw", "antithetic", "--members", "2", "--seed", "3", "--split-seed", "4", "--train", "12", "--val", "6")
	for _, name := range []string{"accuracy", "whole_lml", "log_det", "mean_cosine", "whole_lml_epsilon"} {
		x, ok := got.Ranking[0][name].(float64)
		if !ok || float32(x) != float32(want[name]) {
			t.Errorf("%s is %v, eval says %v", name, got.Ranking[0][name], want[name])
		}
	}
}

// TestRankAll: all of a space is every architecture of it once.
func TestRankAll(t *testing.T) {
	s, err := space.Find("nasbench201")
	if err != nil {
		t.Fatal(err)
	}
	l := &rankList{space: s}
	if err := l.enumerate(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, a := range l.architectures() {
		seen[a.Key()] = true
	}
	// The number of cells that differ up to isomorphism, as the space states it.
	if size := int(s.Size().Int64()); len(l.rows) != size || len(seen) != size {
		t.Errorf("%d rows, %d of them different, want %d", len(l.rows), len(seen), size)
	}
}
