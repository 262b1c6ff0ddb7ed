package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// TestRankNoise ranks on noise without any data set, in text and JSON; a flag of
// kernels goes back to them.
func TestRankNoise(t *testing.T) {
	for _, env := range []string{"NNGPLAB_DATA", "XDG_CACHE_HOME", "HOME", sweep.CacheEnv} {
		t.Setenv(env, t.TempDir())
	}
	args := []string{"rank", "--sample", "4", "--images", "noise"}
	var out, errs bytes.Buffer
	var usual bytes.Buffer
	if code := run(args[:3], &usual, &errs); code != 0 {
		t.Fatal(code, errs.String())
	}
	for _, of := range []string{"--members=1", "--view=raw"} { // a kernel, of images that are not there
		errs.Reset()
		if code := run([]string{"rank", "--sample", "4", of}, &out, &errs); code == 0 || !strings.Contains(errs.String(), "cifar10") {
			t.Errorf("%s: exit %d, %s%s", of, code, out.String(), errs.String())
		}
	}
	out.Reset()
	errs.Reset()
	if code := run(args, &out, &errs); code != 0 {
		t.Fatal(code, errs.String())
	}
	if usual.String() != out.String() {
		t.Errorf("without --images\n%s\nwith noise\n%s", usual.String(), out.String())
	}
	for _, want := range []string{"noise_entropy (which counts twice), noise_sensitivity, parameters", "Signals of noise", "noise_entropy  noise_sensitivity  parameters"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	out.Reset()
	if code := run(append(args, "--json", "--seed", "1", "--width", "9"), &out, &errs); code != 0 {
		t.Fatal(code, errs.String())
	}
	var got struct {
		Mix     []string
		Width   int
		Ranking []map[string]any
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got.Ranking) != 4 || got.Width != 9 || len(got.Mix) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, ok := got.Ranking[0]["noise_sensitivity"].(float64); !ok || got.Ranking[0]["place"] != 1. || got.Ranking[0]["seed"] != 1. {
		t.Errorf("%v", got.Ranking[0])
	}
	out.Reset()
	if code := run(append(args, "--train", "6", "--val", "3", "--members", "1", "--json"), &out, &errs); code != 0 || !strings.Contains(out.String(), `"log_det"`) {
		t.Errorf("exit %d, %s%s", code, out.String(), errs.String())
	}
}

// TestRankScore ranks cells of NAS-Bench-201 without any data set, by the score that
// 'eval' prints of one.
func TestRankScore(t *testing.T) {
	for _, env := range []string{"NNGPLAB_DATA", "XDG_CACHE_HOME", "HOME", sweep.CacheEnv} {
		t.Setenv(env, t.TempDir())
	}
	var out, errs bytes.Buffer
	if code := run([]string{"rank", "--space", "nasbench201", "--sample", "3", "--json"}, &out, &errs); code != 0 {
		t.Fatal(code, errs.String())
	}
	var got struct {
		Mix     []string
		Images  string
		Ranking []struct {
			Arch  string
			Score float64 `json:"noise_score"`
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got.Ranking) != 3 || got.Images != "noise" || !slices.Equal(got.Mix, []string{"noise_score"}) {
		t.Fatalf("%+v, %v", got, err)
	}
	if !(got.Ranking[0].Score > got.Ranking[1].Score && got.Ranking[1].Score > got.Ranking[2].Score) {
		t.Errorf("the scores are %+v", got.Ranking)
	}
	out.Reset()
	if code := run([]string{"eval", "--space", "nasbench201", "--arch", got.Ranking[0].Arch, "--images", "noise", "--json"}, &out, &errs); code != 0 {
		t.Fatal(code, errs.String())
	}
	var one struct {
		Score float64 `json:"noise_score"`
	}
	if err := json.Unmarshal(out.Bytes(), &one); err != nil || float32(one.Score) != float32(got.Ranking[0].Score) {
		t.Errorf("eval: %v, %v, rank: %v", one.Score, err, got.Ranking[0].Score)
	}
}

// TestRankMobile ranks networks of the MnasNet spaces without any data set: by free
// counts and c of the last stage.
func TestRankMobile(t *testing.T) {
	for _, env := range []string{"NNGPLAB_DATA", "XDG_CACHE_HOME", "HOME", sweep.CacheEnv} {
		t.Setenv(env, t.TempDir())
	}
	for _, name := range []string{"mnasnet", "mnasnetwide"} {
		var out, errs bytes.Buffer
		if code := run([]string{"rank", "--space", name, "--sample", "5", "--json"}, &out, &errs); code != 0 {
			t.Fatal(name, code, errs.String())
		}
		var got struct {
			Mix     []string
			Images  string
			Ranking []map[string]any
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got.Ranking) != 5 || got.Images != "noise" {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		s, err := space.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if want := study.NoiseMixNames(s); !slices.Equal(got.Mix, want) || len(want) != 3 || !strings.HasSuffix(want[0], " stage_roots") {
			t.Errorf("%s: the mixture is %q, want %q", name, got.Mix, want)
		}
		best, worst := got.Ranking[0], got.Ranking[4]
		for _, column := range []string{"stage_roots", sweep.AgreementColumn, sweep.LastStageAgreement} {
			if _, ok := best[column].(float64); !ok {
				t.Errorf("%s: no %s in %v", name, column, best)
			}
		}
		if best["place"] != 1. || !(best["stage_roots"].(float64) > worst["stage_roots"].(float64)) {
			t.Errorf("%s: the best is %v, the worst %v", name, best, worst)
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{"rank", "--space", "mnasnet", "--sample", "4", "--members", "1"}, &out, &errs); code == 0 || !strings.Contains(errs.String(), "cifar10") {
		t.Errorf("a kernel: exit %d, %s%s", code, out.String(), errs.String())
	}
}
