package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// runEval runs 'nngplab eval' on the smallest cell and returns its exit code
// and output.
func runEval(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(append([]string{"eval"}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

var smallEval = []string{"--matrix", "01/00", "--ops", "input,output", "--width", "4", "--images", "drawn", "--train", "40", "--val", "20", "--members", "2"}

func with(args ...string) []string { return append(append([]string(nil), smallEval...), args...) }

func TestEval(t *testing.T) {
	code, out, errs := runEval(t, with("--json")...)
	if code != 0 {
		t.Fatal(code, errs)
	}
	var got evalOutput
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Hash != "043721b9c7fe8c5fad811d47d83132ec" || got.Train != 40 || got.Val != 20 || got.Members != 2 || got.NormBatch != 40 || got.Norm != "ema" {
		t.Errorf("%+v", got)
	}
	if s := float64(got.Score); s < 0 || s > 1 || len(got.Accuracy) != 20 || got.Seconds <= 0 {
		t.Errorf("score %v of %d epsilons, %v s", s, len(got.Accuracy), got.Seconds)
	}
	best := got.Accuracy[0]
	for _, a := range got.Accuracy {
		best = max(best, a)
	}
	if best != got.Score {
		t.Errorf("score %v, but the best accuracy over epsilon is %v", got.Score, best)
	}
	var keys map[string]any
	if err := json.Unmarshal([]byte(out), &keys); err != nil {
		t.Fatal(err)
	}
	for _, s := range gp.Catalogue() {
		if v, ok := keys[s.Name].(float64); !ok || v == 0 && s.Name != "accuracy" {
			t.Errorf("key %s is %v", s.Name, keys[s.Name])
		}
	}
	if keys["accuracy"] != keys["score"] || keys[gp.EpsilonName("accuracy")] != keys["best_epsilon"] {
		t.Errorf("the paper's score is %v and %v", keys["accuracy"], keys["score"])
	}
}

// TestEvalSeeds checks that the flags mean what the fields of Config mean.
func TestEvalSeeds(t *testing.T) {
	set, err := imageset.Load("drawn")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := truth.NewCell("01/00 input,output")
	if err != nil {
		t.Fatal(err)
	}
	net, err := spec.Network(4, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		seed, split uint64
		args        []string
	}{{1, 0, []string{"--seed", "1"}}, {0, 1, []string{"--split-seed", "1"}}, {2, 3, []string{"--seed", "2", "--split-seed", "3"}}} {
		r, err := nngpkit.Evaluate(t.Context(), net, set, nngpkit.Config{Train: 40, Val: 20, Members: 2, Seed: c.seed, SplitSeed: c.split})
		if err != nil {
			t.Fatal(err)
		}
		if got := statistics(t, with(c.args...)...)["whole_lml"]; got != r.Score("whole_lml") {
			t.Errorf("%v give %v, the library %v", c.args, got, r.Score("whole_lml"))
		}
	}
}

// statistics returns the numbers that 'eval --json' prints.
func statistics(t *testing.T, args ...string) map[string]float64 {
	t.Helper()
	code, text, errs := runEval(t, append(args, "--json")...)
	if code != 0 {
		t.Fatal(code, errs)
	}
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for k, v := range all {
		if x, ok := v.(float64); ok {
			out[k] = x
		}
	}
	return out
}

// TestEvalVertexOrder scores one cell written down in two orders.
func TestEvalVertexOrder(t *testing.T) {
	rest := []string{"--images", "drawn", "--width", "8", "--train", "20", "--val", "10", "--members", "1", "--view", "maxima", "--norm", "none"}
	one := statistics(t, append([]string{"--matrix", "0111010/0000001/0000001/0000100/0000001/0000001/0000000",
		"--ops", "input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output"}, rest...)...)
	other := statistics(t, append([]string{"--matrix", "0101110/0010000/0000001/0000001/0000001/0000001/0000000",
		"--ops", "input,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,conv1x1-bn-relu,conv3x3-bn-relu,output"}, rest...)...)
	for _, s := range gp.Catalogue() {
		if one[s.Name] != other[s.Name] {
			t.Errorf("%s is %v and %v in two orders of one cell", s.Name, one[s.Name], other[s.Name])
		}
	}
}

// TestEvalUnlabeled scores on noise, without any data set: what needs labels is
// said to be unavailable, in text and in JSON, and all else is there.
func TestEvalUnlabeled(t *testing.T) {
	for _, env := range []string{"NNGPLAB_DATA", "XDG_CACHE_HOME", "HOME"} {
		t.Setenv(env, t.TempDir())
	}
	args := []string{"--hash", "28cfc7874f6d200472e1a9dcd8650aa0", "--images", "noise", "--width", "8", "--train", "20", "--val", "10", "--members", "2"}
	code, out, errs := runEval(t, args...)
	if code != 0 || errs != "" {
		t.Fatal(code, errs)
	}
	lines, first := map[string]string{}, out
	for _, l := range strings.Split(out, "\n") {
		if f := strings.Fields(l); len(f) > 1 {
			lines[f[0]] = f[1]
			if f[0] == "score" && !strings.Contains(l, "needs labels") {
				t.Errorf("%q does not say what is missing", l)
			}
		}
	}
	if lines["score"] != "unavailable" {
		t.Errorf("the score is %q", lines["score"])
	}
	code, out, errs = runEval(t, append(args, "--json")...)
	if code != 0 {
		t.Fatal(code, errs)
	}
	var keys map[string]any
	if err := json.Unmarshal([]byte(out), &keys); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"score", "score_standard_error", "best_epsilon"} {
		if v, ok := keys[name]; !ok || v != nil {
			t.Errorf("%s is %v, want null", name, v)
		}
	}
	for _, name := range []string{"noise_entropy_share", "noise_sensitivity_share", "noise_score_share"} {
		if v, ok := keys[name].(float64); !ok || v < 0 || v > 1 || keys["noise_cells"].(float64) < 100 {
			t.Errorf("%s is %v of %v cells", name, keys[name], keys["noise_cells"])
		}
	}
	if !strings.Contains(out+first, "of a uniform sample of NAS-Bench-101") {
		t.Error("nothing says with which cells the signals are compared")
	}
	for _, name := range []string{"noise_entropy", "noise_sensitivity", "noise_score"} {
		v, ok := keys[name].(float64)
		if text := fmt.Sprintf("%.6g", v); !ok || lines[name] != text {
			t.Errorf("%s is %v in JSON, %q in text", name, keys[name], lines[name])
		}
	}
	if e, ok := keys["epsilons"].([]any); !ok || len(e) != 0 {
		t.Errorf("epsilons are %v, want none", keys["epsilons"])
	}
	for _, s := range gp.Catalogue() {
		v, ok := keys[s.Name]
		if _, number := v.(float64); !ok || number == s.Labels {
			t.Errorf("%s is %v; it needs labels: %v", s.Name, v, s.Labels)
		}
		if _, there := lines[s.Name]; there == s.Labels {
			t.Errorf("%s is %q in text; it needs labels: %v", s.Name, lines[s.Name], s.Labels)
		}
	}
}

func TestEvalTextAndSeed(t *testing.T) {
	code, first, errs := runEval(t, smallEval...)
	if code != 0 || !strings.Contains(first, "optimistic") {
		t.Fatalf("exit %d, %s%s", code, first, errs)
	}
	numbers := func(s string) string { return s[strings.Index(s, "accuracy_loo"):strings.LastIndex(s, "time")] }
	if _, again, _ := runEval(t, smallEval...); numbers(again) != numbers(first) {
		t.Errorf("the same seed gave\n%s\nand\n%s", first, again)
	}
	if _, other, _ := runEval(t, with("--seed", "1")...); numbers(other) == numbers(first) {
		t.Error("another seed gave the same numbers")
	}
}

// TestEvalDraw compares another draw of weights with what the library gives.
func TestEvalDraw(t *testing.T) {
	code, text, errs := runEval(t, with("--json", "--draw", "antithetic")...)
	if code != 0 {
		t.Fatal(code, errs)
	}
	var got evalOutput
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	set, err := imageset.Load("drawn")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := truth.NewCell("01/00 input,output")
	if err != nil {
		t.Fatal(err)
	}
	net, err := spec.Network(4, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		t.Fatal(err)
	}
	r, err := nngpkit.Evaluate(t.Context(), net, set, nngpkit.Config{Train: 40, Val: 20, Members: 2, Draw: forward.Antithetic})
	if err != nil {
		t.Fatal(err)
	}
	if got.Draw != "antithetic" || statistics(t, with("--draw", "antithetic")...)["whole_lml"] != r.Score("whole_lml") {
		t.Errorf("%+v", got)
	}
	if code, _, errs := runEval(t, with("--draw", "cosine")...); code != 2 || !strings.Contains(errs, "antithetic") {
		t.Errorf("an unknown draw gives %d, %s", code, errs)
	}
}

// TestEvalView compares the spectrum of a view with the one that the library
// gives, and the raw view with the default.
func TestEvalView(t *testing.T) {
	eval := func(args ...string) map[string]float64 {
		return statistics(t, with(append(args, "--norm", "none")...)...)
	}
	maxima, raw, plain := eval("--view", "maxima"), eval("--view", "raw"), eval()
	if raw["log_det"] != plain["log_det"] || raw["whole_lml"] != plain["whole_lml"] {
		t.Errorf("the raw view gives %v, the default %v", raw, plain)
	}
	spec, err := truth.NewCell("01/00 input,output")
	if err != nil {
		t.Fatal(err)
	}
	net, err := spec.Network(4, arch.Shape{H: 32, W: 32, C: 3})
	if err != nil {
		t.Fatal(err)
	}
	set, err := imageset.Load("drawn")
	if err != nil {
		t.Fatal(err)
	}
	want, err := study.ScoreNetwork(t.Context(), net, set, sweep.Setting{Train: 40, Val: 20, Members: 2, Norm: forward.None})
	if err != nil {
		t.Fatal(err)
	}
	if maxima["log_det"] != want.LogDet || maxima["effective_dimension"] != want.EffectiveDimension || maxima["log_det"] == raw["log_det"] {
		t.Errorf("the view of maxima gives %v, the library %+v, the raw view %v", maxima, want, raw)
	}
}

func TestEvalBadInput(t *testing.T) {
	for _, c := range []struct {
		reason string
		args   []string
		want   string
	}{
		{"no cell", []string{"--images", "drawn"}, "--matrix and --ops"},
		{"cyclic", []string{"--matrix", "011/101/000", "--ops", "input,conv1x1-bn-relu,output"}, "triang"},
		{"not square", []string{"--matrix", "011/00", "--ops", "input,output"}, "square"},
		{"unknown op", []string{"--matrix", "011/001/000", "--ops", "input,conv7x7,output"}, "conv7x7"},
		{"unknown hash", []string{"--hash", strings.Repeat("0", 32), "--images", "drawn"}, "000000"},
		{"unknown images", with("--images", "imagenot"), "imagenot"},
		{"unknown norm", with("--norm", "layer"), "layer"},
		{"unknown view", with("--view", "sideways"), "sideways"},
		{"no images", with("--train", "0"), "--train 0"},
		{"negative members", with("--members", "-1"), "--members -1"},
		{"batch above train", with("--norm-batch", "41"), "41"},
		{"more images than there are", with("--train", "1000000"), "1000000"},
		{"too narrow", []string{"--matrix", "0111/0001/0001/0000", "--ops", "input,conv1x1-bn-relu,conv1x1-bn-relu,output", "--width", "1", "--images", "drawn"}, "stem of 1"},
		{"argument", with("surplus"), "one of them"},
		{"flag", with("--what"), "--what"},
	} {
		code, out, errs := runEval(t, c.args...)
		if code != exitUsage || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%s: exit %d, stderr %q, want exit 2 and %q; stdout %q", c.reason, code, errs, c.want, out)
		}
	}
}

// TestEvalDamagedImages scores with an image file that is cut short.
func TestEvalDamagedImages(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "cifar10"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "cifar10", "data_batch_1.bin")
	if err := os.WriteFile(file, make([]byte, 3*3073-5), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NNGPLAB_DATA", dir)
	code, _, errs := runEval(t, with("--images", "cifar10")...)
	if code != exitUsage || !strings.Contains(errs, file) {
		t.Errorf("exit %d, stderr %q, want exit 2 and the name of the file", code, errs)
	}
}

// TestEvalNoiseDefaults: what no flag sets is the recommended setting for noise,
// and every flag counts.
func TestEvalNoiseDefaults(t *testing.T) {
	eval := func(args ...string) map[string]any {
		t.Helper()
		code, out, errs := runEval(t, append([]string{"--hash", "28cfc7874f6d200472e1a9dcd8650aa0", "--images", "noise", "--json"}, args...)...)
		if code != 0 {
			t.Fatal(code, errs)
		}
		var keys map[string]any
		if err := json.Unmarshal([]byte(out), &keys); err != nil {
			t.Fatal(err)
		}
		return keys
	}
	for name, want := range map[string]any{"width": 8., "train": 12., "val": 4., "members": 4., "norm": "none", "view": "maximum"} {
		if got := eval()[name]; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	keys := eval("--width", "9", "--train", "5", "--val", "3", "--members", "1", "--norm", "ema", "--view", "raw")
	for name, want := range map[string]any{"width": 9., "train": 5., "val": 3., "members": 1., "norm": "ema", "view": "raw", "norm_batch": 5.} {
		if got := keys[name]; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}
