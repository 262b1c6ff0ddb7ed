package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/onnx"
)

// operations are the small graphs of package onnx.
func operation(name string) string {
	return filepath.Join("..", "..", "nngpkit", "onnx", "testdata", "operations", "op_"+name+".onnx")
}

func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(args, &out, &errs)
	return code, out.String(), errs.String()
}

// TestEvalNetwork scores exported networks: on noise without a word about images,
// with the library's numbers.
func TestEvalNetwork(t *testing.T) {
	path := operation("reduce_mean_axes_input")
	code, out, errs := command(t, "eval", "--network", path, "--json")
	if code != 0 {
		t.Fatal(code, errs)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	m, err := onnx.ReadFile(path, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := nngpkit.MeasureNoise(t.Context(), m.Network, nngpkit.NoiseConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if got["noise_entropy"] != want.Entropy || got["network"] != path || got["input"] != "12x10x3" || got["features"] != 7. || got["parameters"] != 189. || got["images"] != "noise" || got["hash"] != nil {
		t.Errorf("%v, want an entropy of %v", got, want.Entropy)
	}
	if !strings.Contains(errs, "no batch normalization") {
		t.Errorf("stderr %q", errs)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"--network names what is scored", []string{"--network", path, "--hash", "043721b9c7fe8c5fad811d47d83132ec"}},
		{"--features is of --network", []string{"--hash", "043721b9c7fe8c5fad811d47d83132ec", "--features", "x", "--images", "drawn"}},
		{"no such file", []string{"--network", "gone.onnx"}},
		{"no ONNX file", []string{"--network", "network_test.go"}},
		{"no node and no value", []string{"--network", path, "--features", "layer4"}},
		{"--size 0", []string{"--network", path, "--size", "0"}},
		{"network_test.json", []string{"--network", "network_test.json"}},
	} {
		code, _, errs := command(t, append([]string{"eval"}, c.args...)...)
		if code != exitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, %q, want %q", c.args, code, errs, c.want)
		}
	}
}

// TestEvalJSONNetwork scores a network that was written with package arch.
func TestEvalJSONNetwork(t *testing.T) {
	b := arch.NewBuilder("", arch.Shape{H: 8, W: 8, C: 3})
	b.GlobalAvgPool(b.Conv(0, arch.Layer{Channels: 6, Kernel: 3, Norm: true, Act: arch.ReLU}))
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(net)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "net.json")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, errs := command(t, "eval", "--network", path, "--images", "drawn", "--train", "20", "--val", "10")
	if code != 0 || !strings.Contains(out, "244 parameters, images of 8x8x3, 6 features") || !strings.Contains(out, "best validation accuracy") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// TestEvalOwnImages scores on a folder and on arrays; nothing is limited in silence.
func TestEvalOwnImages(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	for k, class := range []string{"cat", "dog", "owl"} {
		for i := range 12 {
			m := image.NewGray(image.Rect(0, 0, 16, 16))
			for p := range m.Pix {
				m.Pix[p] = uint8(p*(k+1)*(i+3) + 40*k)
			}
			var b bytes.Buffer
			if err := png.Encode(&b, m); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, class, string(rune('a'+i))+".png")
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	base := []string{"eval", "--matrix", "01/00", "--ops", "input,output", "--width", "4", "--members", "1", "--train", "24", "--val", "12"}
	code, out, errs := command(t, append(base, "--images", dir)...)
	if code != 0 || !strings.Contains(out, "24 training, 12 validation of 36 images in 3 classes ("+dir+")") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	code, _, errs = command(t, append(base, "--images", dir, "--per-class", "5")...)
	if code != exitUsage || !strings.Contains(errs, "which has 15") {
		t.Errorf("exit %d, %s", code, errs)
	}
	code, out, errs = command(t, "eval", "--network", operation("average_whole"), "--images", dir, "--train", "24", "--val", "12", "--members", "2", "--view", "maxima", "--json")
	if code != 0 || !strings.Contains(out, `"input":"12x10x3"`) && !strings.Contains(out, `"input": "12x10x3"`) {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	arrays := filepath.Join("..", "..", "nngpkit", "imageset", "testdata", "arrays", "uint8_nhwc.npz")
	code, _, errs = command(t, "eval", "--network", operation("average_whole"), "--images", arrays, "--train", "3", "--val", "1", "--members", "1")
	if code != 0 {
		t.Errorf("exit %d, %s", code, errs)
	}
	gray := filepath.Join(filepath.Dir(arrays), "gray.npz")
	code, _, errs = command(t, "eval", "--network", operation("average_whole"), "--images", gray, "--train", "3", "--val", "1", "--members", "1")
	if code != 0 || !strings.Contains(errs, "images of gray are gray") {
		t.Errorf("exit %d, %s", code, errs)
	}
	code, _, errs = command(t, append(base, "--images", filepath.Join(dir, "nowhere"))...)
	if code != exitUsage || !strings.Contains(errs, "no such folder or file") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

// TestRankNetworks ranks files, patterns and folders together.
func TestRankNetworks(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"average_whole", "reduce_mean_axes_input", "normalized"} {
		b, err := os.ReadFile(operation(name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".onnx"), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(dir, name+".onnx") }
	code, byFolder, errs := command(t, "rank", "--networks", dir, "--csv")
	if code != 0 {
		t.Fatal(code, errs)
	}
	rows, err := csv.NewReader(strings.NewReader(byFolder)).ReadAll()
	if err != nil || len(rows) != 4 || rows[0][0] != "place" || rows[0][2] != "network" {
		t.Fatal(rows, err)
	}
	for _, args := range [][]string{
		{"--networks", filepath.Join(dir, "*.onnx")},
		{"--networks", at("average_whole"), at("normalized"), at("reduce_mean_axes_input")},
		{"--networks", at("average_whole"), "--networks", at("normalized"), at("reduce_mean_axes_input"), dir},
	} {
		if code, out, errs := command(t, append(append([]string{"rank"}, args...), "--csv")...); code != 0 || out != byFolder {
			t.Errorf("%v: exit %d, %s%s", args, code, out, errs)
		}
	}
	code, text, _ := command(t, "rank", "--networks", dir)
	if code != 0 || !strings.Contains(text, "3 rows of 3 networks") || !strings.Contains(text, "noise_entropy (which counts twice)") || !strings.Contains(text, "does not compare "+at("average_whole")) {
		t.Errorf("exit %d\n%s", code, text)
	}
	out := filepath.Join(t.TempDir(), "r.json")
	code, _, errs = command(t, "rank", "--networks", dir, "--images", "drawn", "--train", "20", "--val", "10", "--members", "1", "--mix", "log_det,-macs", "--out", out)
	if code != 0 {
		t.Fatal(code, errs)
	}
	var got struct {
		Labeled bool             `json:"labeled"`
		Ranking []map[string]any `json:"ranking"`
	}
	b, err := os.ReadFile(out)
	if err == nil {
		err = json.Unmarshal(b, &got)
	}
	if err != nil || !got.Labeled || len(got.Ranking) != 3 || got.Ranking[0]["accuracy"] == nil {
		t.Errorf("%s, %v", b, err)
	}
	bad := filepath.Join(dir, "bad.onnx")
	if err := os.WriteFile(bad, []byte("no model"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{bad, []string{"--networks", dir}},
		{"--skip-bad ranks the others", []string{"--networks", dir}},
		{"--members is of --images", []string{"--networks", dir, "--members", "3"}},
		{"--width is of architectures", []string{"--networks", dir, "--width", "3"}},
		{"no file matches", []string{"--networks", filepath.Join(dir, "*.pt")}},
		{"nothing called \"log_det\"", []string{"--networks", dir, "--mix", "log_det"}},
		{"no network is left", []string{"--networks", bad, "--skip-bad"}},
		{"is the list itself", []string{"--networks", at("average_whole"), "--out", at("average_whole"), "--csv"}},
	} {
		code, out, errs := command(t, append([]string{"rank"}, c.args...)...)
		if code != exitUsage || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%v: exit %d, %q, want %q", c.args, code, errs, c.want)
		}
	}
	code, out2, errs := command(t, "rank", "--networks", dir, "--skip-bad", "--csv")
	if code != 0 || out2 != byFolder || !strings.Contains(errs, "left out: "+bad) {
		t.Errorf("exit %d, %s", code, errs)
	}
}

// TestNewcomerWithANetwork: a file in the place of an architecture or of a list is
// said to need its flag; gray images in a network of colors are said to be repeated.
func TestNewcomerWithANetwork(t *testing.T) {
	dataAlone(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"eval", "my net.onnx"}, "--network 'my net.onnx'"},
		{[]string{"rank", "net.onnx", "--images", "noise"}, "--networks net.onnx"},
		{[]string{"eval", "--hash", "28cfc7874f6d200472e1a9dcd8650aa0"}, "'--images noise' needs no data set"},
		{[]string{"eval", "--hash", "28cfc7874f6d200472e1a9dcd8650aa0", "--images", "drawn", "--train", "99999"}, "take fewer of each"},
	} {
		if code, _, errs := call(c.args...); code != exitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%q: exit %d, %s, want %q", c.args, code, errs, c.want)
		}
	}
}
