package main

import (
	"bytes"
	"encoding/json"
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
	if got["unique"] != 423624.0 || got["labelled"] != 1293208.0 {
		t.Errorf("unique %v, labelled %v", got["unique"], got["labelled"])
	}
	if _, out, _ := runSpace(t, "count"); !strings.Contains(out, "423624") {
		t.Errorf("text output %q", out)
	}
}

func TestSpaceInfo(t *testing.T) {
	const ops = "input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output"
	code, out, errs := runSpace(t, "info", "--matrix", "0111010/0000001/0000001/0000100/0000001/0000001/0000000", "--ops", ops, "--json")
	if code != 0 {
		t.Fatal(code, errs)
	}
	var got spaceInfo
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Hash != "28cfc7874f6d200472e1a9dcd8650aa0" || got.Parameters != 2694282 || got.Vertices != 7 || got.Conv3x3 != 3 {
		t.Errorf("%+v", got)
	}
	for _, key := range []string{`"hash"`, `"trainable_parameters"`, `"gflops_per_image"`, `"vertices"`, `"edges"`, `"ops"`, `"channels"`, `"conv3x3"`} {
		if !strings.Contains(out, key) {
			t.Errorf("no key %s", key)
		}
	}
	if code, out, _ := runSpace(t, "info", "--matrix", "01/00", "--ops", "input,output", "--width", "16"); code != 0 || !strings.Contains(out, "043721b9c7fe8c5fad811d47d83132ec") {
		t.Errorf("exit %d, %q", code, out)
	}
}

func TestSpaceBadInput(t *testing.T) {
	for _, c := range []struct {
		reason string
		args   []string
	}{
		{"not square", []string{"info", "--matrix", "011/00", "--ops", "input,output"}},
		{"upper triangular", []string{"info", "--matrix", "010/001/100", "--ops", "input,c3,output"}},
		{"at most 9", []string{"info", "--matrix", "01111/00111/00011/00001/00000", "--ops", "input,c3,c3,c3,output"}},
		{"unknown operation", []string{"info", "--matrix", "010/001/000", "--ops", "input,conv5x5,output"}},
		{"--matrix and --ops", []string{"info"}},
		{"either", []string{"info", "--matrix", "01/00", "--ops", "input,output", "--hash", "043721b9c7fe8c5fad811d47d83132ec"}},
		{"32 hexadecimal", []string{"info", "--hash", "04"}},
		{"at least 1", []string{"info", "--matrix", "01/00", "--ops", "input,output", "--width", "0"}},
		{"-1 cells", []string{"sample", "-n", "-1"}},
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
		var got struct{ Cells []spaceSample }
		if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Cells) != 3 {
			t.Fatalf("%v: %d cells, %v", args, len(got.Cells), err)
		}
		for _, c := range got.Cells {
			code, out, _ := runSpace(t, "info", "--matrix", strings.Join(c.Matrix, "/"), "--ops", strings.Join(c.Ops, ","), "--json")
			if code != 0 || !strings.Contains(out, c.Hash) {
				t.Errorf("%+v does not describe itself: %s", c, out)
			}
		}
		if _, again, _ := runSpace(t, args...); again != out {
			t.Errorf("%v: two runs differ", args)
		}
	}
}

func TestSpaceInfoByHash(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	code, out, errs := runSpace(t, "info", "--hash", "99e297f5fada30d669294070ed1df4a9", "--json")
	if code != 0 || !strings.Contains(out, "49979274") {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
	code, _, errs = runSpace(t, "info", "--hash", "99e297f5fada30d669294070ed1df4a8")
	if code != exitUsage || !strings.Contains(errs, "no cell") {
		t.Errorf("an unknown hash: exit %d, %s", code, errs)
	}
}
