package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// runSpace runs a command line and returns its exit code and output.
func runSpace(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(append([]string{"space"}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

func TestSpaceCount(t *testing.T) {
	code, out, errs := runSpace(t, "count", "--json")
	if code != 0 {
		t.Fatal(code, errs)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got["unique"] != 423624.0 || got["labeled"] != 1293208.0 {
		t.Errorf("unique %v, labeled %v", got["unique"], got["labeled"])
	}
	if _, out, _ := runSpace(t, "count"); !strings.Contains(out, "423624") || !strings.Contains(out, "359082") || !strings.Contains(out, "328269") {
		t.Errorf("text output %q", out)
	}
	// By any count, and the sum is the space.
	code, out, errs = runSpace(t, "count", "--by", "skip,vertices", "--json")
	var by struct {
		Skip     []int `json:"unique_by_skip"`
		Vertices []int `json:"unique_by_vertices"`
	}
	if err := json.Unmarshal([]byte(out), &by); err != nil || code != 0 || len(by.Skip) != 2 || by.Skip[0]+by.Skip[1] != 423624 || by.Vertices[7] != 359082 {
		t.Errorf("exit %d, %s, %s, %v", code, out, errs, err)
	}
}

// nb201 is a cell of NAS-Bench-201, written in the one order and the other.
const nb201 = "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|none~0|avg_pool_3x3~1|nor_conv_1x1~2|"
const nb201Canonical = "|skip_connect~0|+|nor_conv_3x3~0|none~1|+|none~0|nor_conv_1x1~1|avg_pool_3x3~2|"

// shown is what the tests read of the output of show and sample.
type shown struct {
	Hash       string `json:"hash"`
	Matrix     string `json:"matrix"`
	Ops        string `json:"ops"`
	Canonical  bool   `json:"canonical"`
	Parameters int    `json:"trainable_parameters"`
	Vertices   int    `json:"vertices"`
	Conv3x3    int    `json:"conv3x3"`
}

func TestSpaceShow(t *testing.T) {
	const ops = "input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output"
	code, out, errs := runSpace(t, "show", "--matrix", "0111010/0000001/0000001/0000100/0000001/0000001/0000000", "--ops", ops, "--json")
	if code != 0 {
		t.Fatal(code, errs)
	}
	var got shown
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Hash != "28cfc7874f6d200472e1a9dcd8650aa0" || got.Parameters != 2694282 || got.Vertices != 7 || got.Conv3x3 != 3 || got.Canonical {
		t.Errorf("%+v", got)
	}
	for _, key := range []string{`"hash"`, `"trainable_parameters"`, `"gflops_per_image"`, `"vertices"`, `"edges"`, `"ops"`, `"channels"`, `"conv3x3"`} {
		if !strings.Contains(out, key) {
			t.Errorf("no key %s", key)
		}
	}
	if code, out, _ := runSpace(t, "show", "--matrix", "01/00", "--ops", "input,output", "--width", "16"); code != 0 || !strings.Contains(out, "043721b9c7fe8c5fad811d47d83132ec") {
		t.Errorf("exit %d, %q", code, out)
	}
}

func TestSpaceBadInput(t *testing.T) {
	for _, c := range []struct {
		reason string
		args   []string
	}{
		{"not square", []string{"show", "--matrix", "011/00", "--ops", "input,output"}},
		{"upper triangular", []string{"show", "--matrix", "010/001/100", "--ops", "input,c3,output"}},
		{"at most 9", []string{"show", "--matrix", "01111/00111/00011/00001/00000", "--ops", "input,c3,c3,c3,output"}},
		{"unknown operation", []string{"show", "--matrix", "010/001/000", "--ops", "input,conv5x5,output"}},
		{"--matrix and --ops", []string{"show"}},
		{"either", []string{"show", "--matrix", "01/00", "--ops", "input,output", "--hash", "043721b9c7fe8c5fad811d47d83132ec"}},
		{"32 hexadecimal", []string{"show", "--hash", "04"}},
		{"at least 1", []string{"show", "--matrix", "01/00", "--ops", "input,output", "--width", "0"}},
		{"a sample of -1", []string{"sample", "-n", "-1"}},
		{"a sample of -1", []string{"sample", "-n", "-1", "--random-spec"}},
		{"either --csv or --json", []string{"sample", "--csv", "--json"}},
		{"there is mnasnet, mnasnetwide, nasbench101, nasbench201", []string{"sample", "--space", "darts"}},
		{"is no matrix with operations", []string{"show", "--space", "nasbench201", "--matrix", "01/00", "--ops", "input,output"}},
		{"an architecture of nasbench201, not of nasbench101", []string{"show", nb201}},
		{"an architecture of nasbench101, not of nasbench201", []string{"show", "--space", "nasbench201", "01/00 input,output"}},
		{"no published way of drawing", []string{"sample", "--space", "nasbench201", "--random-spec"}},
		{"only whole numbers from 0 to 1000", []string{"count", "--space", "nasbench201", "--by", "published_flops"}},
		{"no count", []string{"count", "--by", "conv9x9"}},
		{"operations for", []string{"show", "010/001/000 input,conv3x3"}},
		{"an architecture is given", []string{"show"}},
		{"one of them", []string{"show", "01/00 input,output", "--arch", "01/00 input,output"}},
		{"accepts at most 1", []string{"show", "a", "b"}},
		{"accepts 1 arg", []string{"same"}},
		{"no such file", []string{"same", filepath.Join(t.TempDir(), "none.csv")}},
		{"the space has", []string{"sample", "-n", "500000"}},
		{"unknown flag", []string{"count", "--fast"}},
		{"unknown command", []string{"count", "extra"}},
		{"unknown command", []string{"nonsense"}},
	} {
		code, out, errs := runSpace(t, c.args...)
		if code != exitUsage || !strings.Contains(errs, c.reason) || out != "" {
			t.Errorf("%v: exit %d, stdout %q, stderr %q; want exit 2 and %q", c.args, code, out, errs, c.reason)
		}
	}
}

func TestSpaceSample(t *testing.T) {
	for _, extra := range [][]string{nil, {"--random-spec"}} {
		args := append([]string{"sample", "-n", "3", "--seed", "1", "--json"}, extra...)
		code, out, errs := runSpace(t, args...)
		if code != 0 {
			t.Fatal(code, errs)
		}
		var got struct{ Architectures []shown }
		if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Architectures) != 3 {
			t.Fatalf("%v: %d cells, %v", args, len(got.Architectures), err)
		}
		for _, c := range got.Architectures {
			code, out, _ := runSpace(t, "show", "--matrix", c.Matrix, "--ops", c.Ops, "--json")
			if code != 0 || !strings.Contains(out, c.Hash) {
				t.Errorf("%+v does not describe itself: %s", c, out)
			}
		}
		if _, again, _ := runSpace(t, args...); again != out {
			t.Errorf("%v: two runs differ", args)
		}
	}
}

func TestSpaceShowByHash(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	code, out, errs := runSpace(t, "show", "--hash", "99e297f5fada30d669294070ed1df4a9", "--json")
	if code != 0 || !strings.Contains(out, "49979274") {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
	code, _, errs = runSpace(t, "show", "--hash", "99e297f5fada30d669294070ed1df4a8")
	if code != exitUsage || !strings.Contains(errs, "no cell") {
		t.Errorf("an unknown hash: exit %d, %s", code, errs)
	}
}

func TestSpaceList(t *testing.T) {
	code, out, errs := runSpace(t, "list", "--json")
	var got []struct {
		Space  string
		Size   int
		Counts []string
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
		t.Fatal(code, errs, err)
	}
	found := false
	for _, s := range got {
		found = found || s.Space == "nasbench101" && s.Size == 423624 && len(s.Counts) > 2
	}
	if _, text, _ := runSpace(t, "list"); !found || !strings.Contains(text, "nasbench101") || !strings.Contains(text, "NAS-Bench-101") {
		t.Errorf("%+v\n%s", got, text)
	}
}

// A cell is shown by its name in every way that it can be written.
func TestSpaceShowWays(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	const hash = "043721b9c7fe8c5fad811d47d83132ec"
	for _, args := range [][]string{
		{hash}, {"01/00 input,output"}, {"[[0,1],[0,0]] ['input','output']"}, {"--arch", hash}, {"--hash", hash}, {"--matrix", "[[0,1],[0,0]]", "--ops", "['input', 'output']"},
	} {
		if code, out, errs := runSpace(t, append([]string{"show"}, args...)...); code != 0 || !strings.Contains(out, hash) || !strings.Contains(out, "882570") {
			t.Errorf("%v: exit %d, %s%s", args, code, out, errs)
		}
	}
}

// A large sample of either kind streams: memory does not grow with its size.
func TestSpaceSampleStreams(t *testing.T) {
	if testing.Short() {
		t.Skip("draws many cells")
	}
	peak := func(n string) uint64 {
		w := &peakWriter{}
		var errs bytes.Buffer
		if code := run([]string{"space", "sample", "-n", n, "--random-spec", "--csv"}, w, &errs); code != 0 {
			t.Fatal(errs.String())
		}
		if want := n + "\n"; fmt.Sprintln(w.lines-1) != want {
			t.Fatalf("%d rows, want %s", w.lines-1, want)
		}
		return w.heap
	}
	small, large := peak("10000"), peak("200000")
	if large > small+(16<<20) {
		t.Errorf("%d bytes of heap for 10,000 cells, %d for 200,000", small, large)
	}
}

// peakWriter counts lines and keeps the largest heap after a collection.
type peakWriter struct {
	lines  int
	writes int
	heap   uint64
}

func (w *peakWriter) Write(p []byte) (int, error) {
	w.lines += bytes.Count(p, []byte("\n"))
	if w.writes%64 == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.heap = max(w.heap, m.HeapAlloc)
	}
	w.writes++
	return len(p), nil
}

// A full disk is an error, not a shorter sample.
func TestSpaceSampleFullDisk(t *testing.T) {
	for _, format := range []string{"--json", "--csv", "--seed=1"} {
		var errs bytes.Buffer
		if code := run([]string{"space", "sample", "-n", "5", format}, failingWriter{}, &errs); code != exitFailed {
			t.Errorf("%s: exit %d, %s", format, code, errs.String())
		}
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestSpaceSame(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cells.csv")
	const text = `matrix,ops
01100/00010/00001/00001/00000,"input,conv3x3,maxpool,conv1x1,output"
01/00,"input,output"
01100/00001/00010/00001/00000,"input,maxpool,conv3x3,conv1x1,output"
`
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runSpace(t, "same", file)
	if code != 0 || errs != "" || !strings.Contains(out, "lines 2, 4") || !strings.Contains(out, "3 rows, 2 different\n") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	code, out, _ = runSpace(t, "same", file, "--json")
	var got struct {
		Rows, Different int
		Same            []struct{ Lines []int }
		Bad             []struct{ Line int }
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || got.Rows != 3 || got.Different != 2 || len(got.Same) != 1 || len(got.Same[0].Lines) != 2 || got.Bad == nil {
		t.Errorf("exit %d, %s, %v", code, out, err)
	}
	// A bad row is named, the others are compared, and the exit code says so.
	if err := os.WriteFile(file, []byte(text+"01/00,\n"+"01/00,\"input,output\"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	code, out, errs = runSpace(t, "same", file)
	if code != exitUsage || !strings.Contains(out, "lines 3, 6") || !strings.Contains(out, "5 rows, 2 different, 1 bad") || !strings.Contains(errs, "cells.csv: line 5: ") || strings.Contains(errs, "--help") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

// What sample prints, same reads, in either format and from standard input.
func TestSpaceSampleIsAList(t *testing.T) {
	for _, format := range []string{"--json", "--csv"} {
		code, list, errs := runSpace(t, "sample", "-n", "200", "--random-spec", format)
		if code != 0 {
			t.Fatal(errs)
		}
		root := newRoot()
		var out bytes.Buffer
		root.SetArgs([]string{"space", "same", "-", "--json"})
		root.SetIn(strings.NewReader(list))
		root.SetOut(&out)
		if err := root.Execute(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), `"rows": 200,`) || !strings.Contains(out.String(), `"bad": []`) {
			t.Errorf("%s: %s", format, out.String())
		}
	}
}

// Every command of space serves another space as well.
func TestSpaceOther(t *testing.T) {
	code, out, errs := runSpace(t, "count", "--space", "nasbench201", "--by", "conv3x3", "--json")
	var count struct {
		Unique int
		By     []int `json:"unique_by_conv3x3"`
	}
	if err := json.Unmarshal([]byte(out), &count); err != nil || code != 0 || count.Unique != 14125 || len(count.By) != 7 || count.By[6] != 1 {
		t.Errorf("exit %d, %s%s, %v", code, out, errs, err)
	}
	code, out, errs = runSpace(t, "show", "--space", "nasbench201", nb201, "--json")
	var show map[string]any
	if err := json.Unmarshal([]byte(out), &show); err != nil || code != 0 || show["arch"] != nb201 || show["key"] != nb201Canonical || show["canonical"] != false {
		t.Errorf("exit %d, %s%s, %v", code, out, errs, err)
	}
	code, list, errs := runSpace(t, "sample", "--space", "nasbench201", "-n", "5", "--csv")
	if code != 0 || !strings.HasPrefix(list, "key,arch,trainable_parameters,") || strings.Count(list, "\n") != 6 {
		t.Errorf("exit %d, %s%s", code, list, errs)
	}
	file := filepath.Join(t.TempDir(), "cells.txt")
	if err := os.WriteFile(file, []byte(nb201+"\n01/00 input,output\n"+nb201Canonical+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	code, out, errs = runSpace(t, "same", "--space", "nasbench201", file)
	if code != exitUsage || !strings.Contains(out, "lines 1, 3") || !strings.Contains(errs, "line 2: \"01/00 input,output\" is an architecture of nasbench101, not of nasbench201") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
}

// The spaces around MnasNet are too large to enumerate, are spelled in many columns
// and count by what they know.
func TestSpaceMnasNet(t *testing.T) {
	const text, other = "e6146646 k3533355 l1321212 se0001000", "e6146646 k3533355 l1321212 se0001001"
	code, out, errs := runSpace(t, "count", "--space", "mnasnet", "--by", "blocks", "--json")
	var count struct {
		Unique int64
		By     []int64 `json:"unique_by_blocks"`
	}
	// The fewest blocks are one a stage: 12 choices of the rest of each.
	if err := json.Unmarshal([]byte(out), &count); err != nil || code != 0 || count.Unique != 104485552128 || count.By[7] != 35831808 || count.By[6] != 0 {
		t.Errorf("exit %d, %s%s, %v", code, out, errs, err)
	}
	if code, _, errs := runSpace(t, "count", "--space", "mnasnet", "--by", "thop_macs"); code != exitUsage || !strings.Contains(errs, "too many to be enumerated") {
		t.Errorf("exit %d, %s", code, errs)
	}
	code, out, errs = runSpace(t, "show", "--space", "mnasnet", text, "--json")
	var show map[string]any
	if err := json.Unmarshal([]byte(out), &show); err != nil || code != 0 || show["key"] != text || show["block3_se"] != "1" || show["block5_e"] != "4" || show["thop_macs"] == nil {
		t.Errorf("exit %d, %s%s, %v", code, out, errs, err)
	}
	code, out, errs = runSpace(t, "show", "--space", "mnasnet", text)
	if code != 0 || strings.Contains(out, "block3_se") || !strings.Contains(out, text) {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	const plain = "conv6k3l1f16se mb6k3l2f24 conv1k5l3f32 mb6k3l4f64se mb6k3l3f96 mb6k3l3f160 mb6k3l1f320"
	code, out, errs = runSpace(t, "show", "--space", "mnasnetwide", plain)
	if code != 0 || !strings.Contains(out, plain) || !strings.Contains(out, strings.Replace(plain, "conv6k3l1f16se", "conv1k3l1f16", 1)) {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	for _, name := range []string{"mnasnet", "mnasnetwide"} {
		code, list, errs := runSpace(t, "sample", "--space", name, "-n", "5", "--csv")
		if code != 0 || !strings.HasPrefix(list, "key,block0_") || strings.Count(list, "\n") != 6 {
			t.Errorf("exit %d, %s%s", code, list, errs)
		}
		file := filepath.Join(t.TempDir(), "sample.csv")
		if err := os.WriteFile(file, []byte(list), 0o666); err != nil {
			t.Fatal(err)
		}
		if code, out, errs := runSpace(t, "same", "--space", name, file); code != 0 || !strings.Contains(out, "5 rows, 5 different") {
			t.Errorf("exit %d, %s%s", code, out, errs)
		}
		_, table, _ := runSpace(t, "sample", "--space", name, "-n", "5")
		if strings.Contains(table, "block0_e") || strings.Count(table, "\n") != 6 {
			t.Errorf("on a terminal %s", table)
		}
	}
	file := filepath.Join(t.TempDir(), "networks.txt")
	if err := os.WriteFile(file, []byte(text+"\n"+other+"\ne6146646\n"+text+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	code, out, errs = runSpace(t, "same", "--space", "mnasnet", file)
	if code != exitUsage || !strings.Contains(out, "lines 1, 4") || !strings.Contains(errs, "line 3:") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
}
