package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/sweep"
)

func TestScoresCommand(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		data string // NNGPLAB_DATA
		args []string
		code int
		want string // in standard error or output
	}{
		{"", []string{"scores"}, 0, "compute"},
		{"", []string{"scores", "list"}, 0, "width 8, up to 32 members"},
		{"", []string{"scores", "compute"}, exitUsage, "accepts 1 arg"},
		{"", []string{"scores", "compute", "nothing"}, exitUsage, `no table of scores "nothing"`},
		{"", []string{"scores", "compute", "cheap", "--cells", "-1"}, exitUsage, "--cells -1"},
		{empty, []string{"scores", "compute", "cheap"}, exitUsage, "nngplab data fetch cifar10"},
		{empty, []string{"scores", "compute", "kernels_accel"}, exitUsage, "nngplab data fetch tiny-imagenet-200"},
		{"", []string{"scores", "compute", "signals_accel", "--images", "drawn"}, exitUsage, "signals_accel is not of images"},
		{"", []string{"scores", "compute", "all", "--images", "drawn"}, exitUsage, "only tables named peers_ and kernels_"},
		{"", []string{"scores", "compute", "peers_accel", "--per-class", "3"}, exitUsage, "--images, which names none"},
		{empty, []string{"scores", "evidence"}, exitFailed, "official"},
		{"", []string{"scores", "evidence", "--resamples", "1"}, exitUsage, "--resamples 1"},
		{"", []string{"plan", "--help"}, 0, "half of the cells"},
		{"", []string{"plan", "--budget", "0s"}, exitUsage, "--budget 0s"},
		{"", []string{"plan", "--cells", "0"}, exitUsage, "--cells 0"},
		{"", []string{"plan", "--threads", "-2"}, exitUsage, "--threads -2"},
		{"", []string{"plan", "--mix", "gold"}, exitUsage, "--mix"},
		{"", []string{"plan", "--budget", "soon"}, exitUsage, "soon"},
	} {
		if c.data != "" {
			t.Setenv("NNGPLAB_DATA", c.data)
			t.Setenv("XDG_CACHE_HOME", c.data)
		}
		var stdout, stderr bytes.Buffer
		if code := run(c.args, &stdout, &stderr); code != c.code {
			t.Errorf("%q: exit code %d, want %d\n%s", c.args, code, c.code, stderr.String())
		}
		if all := stdout.String() + stderr.String(); !strings.Contains(strings.ToLower(all), strings.ToLower(c.want)) {
			t.Errorf("%q: no %q in\n%s", c.args, c.want, all)
		}
	}
}

// TestScoresImages computes rows of a table of peers, and of one of kernels, of a
// folder of one's own, whose images are brought to the size of the table's; a folder
// with too few images is refused.
func TestScoresImages(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	mine := hashedFolder(t, 4, 100)
	for name, want := range map[string]string{
		"peers_accel":   "mine: 400 images of 64x64 in 4 classes",
		"kernels_accel": "mine: 400 images of 64x64 in 4 classes",
	} {
		out := t.TempDir()
		var stdout, stderr bytes.Buffer
		if code := run([]string{"scores", "compute", name, "--images", mine, "--cells", "1", "--out", out}, &stdout, &stderr); code != 0 {
			t.Fatalf("%s: exit code %d\n%s", name, code, stderr.String())
		}
		table, err := sweep.LoadScores(filepath.Join(out, name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		if i := table.Info; i.Images != want || i.CellsDone != 1 || i.Command != "nngplab scores compute "+name+" --images mine" {
			t.Errorf("%s: %+v", name, i)
		}
	}
	var stdout, stderr bytes.Buffer
	small := hashedFolder(t, 2, 20)
	if code := run([]string{"scores", "compute", "kernels_accel", "--images", small, "--cells", "1", "--out", t.TempDir()}, &stdout, &stderr); code == 0 || !strings.Contains(stderr.String(), "which has 40") {
		t.Errorf("too few images: exit code %d\n%s", code, stderr.String())
	}
}

// hashedFolder returns a folder "mine" of so many classes of PNG images whose pixels
// are hashes of their names.
func hashedFolder(t *testing.T, classes, each int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "mine")
	for c := range classes {
		class := filepath.Join(dir, fmt.Sprint("class", c))
		if err := os.MkdirAll(class, 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range each {
			m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
			for at := 0; at < len(m.Pix); at += sha256.Size {
				sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d", c, i, at))
				copy(m.Pix[at:], sum[:])
			}
			var b bytes.Buffer
			if err := png.Encode(&b, m); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(class, fmt.Sprintf("%d.png", i)), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func TestScoresListJSON(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run([]string{"scores", "list", "--json"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d\n%s", code, stderr.String())
	}
	var entries []scoresEntry
	if err := json.Unmarshal(stdout.Bytes(), &entries); err != nil || len(entries) != len(sweep.Experiments())+len(sweep.NoiseTables()) {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	if e := entries[0]; e.Name != "members8" || len(e.Passes) != 1 || e.Table == nil || e.Table.Rows == 0 {
		t.Errorf("the first entry is %+v", e)
	}
}
