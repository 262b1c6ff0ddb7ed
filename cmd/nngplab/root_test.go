package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// TestExamples: every command shows how it is called.
func TestExamples(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Runnable() && c.HasParent() && c.Name() != "help" && c.Name() != "completion" && !strings.Contains(c.Example, "nngplab ") {
			t.Errorf("%s --help has no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot())
}

// TestAsTyped: commands in messages are those that can be typed.
func TestAsTyped(t *testing.T) {
	const text = "run 'nngplab data fetch x' or `nngplab eval`; (nngplab kernel install); written by nngplab, nngplab itself"
	want := "run 'bin/nngplab data fetch x' or `bin/nngplab eval`; (bin/nngplab kernel install); written by nngplab, nngplab itself"
	if got := asTyped(text, "bin/nngplab"); got != want {
		t.Errorf("%q", got)
	}
	if got := asTyped(text, "nngplab"); got != text {
		t.Errorf("%q", got)
	}
	none := func(string) (string, error) { return "", errors.New("none") }
	for called, want := range map[string]string{"nngplab": "nngplab", "bin/nngplab": "bin/nngplab", "./nngplab": "./nngplab", "/tmp/x/main.test": "nngplab"} {
		if got := programOf(called, none); got != want {
			t.Errorf("%s: %s", called, got)
		}
	}
	root := newRoot()
	showTyped(root, "bin/nngplab")
	eval, _, err := root.Find([]string{"eval"})
	if err != nil || eval.CommandPath() != "bin/nngplab eval" || strings.Contains(eval.Example, "  nngplab eval") || !strings.Contains(eval.Example, "  bin/nngplab eval") {
		t.Errorf("%s\n%s", eval.CommandPath(), eval.Example)
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{
		"plan.json": "plan.json", "/a/b-c_d.json": "/a/b-c_d.json", "my plan.json": "'my plan.json'", "it's": `'it'\''s'`, "": "''", "$x": "'$x'", "é": "'é'",
	} {
		if got := shellWord(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}

func TestVersion(t *testing.T) {
	code, out, errs := command(t, "version", "--json")
	var v versionOutput
	if err := json.Unmarshal([]byte(out), &v); code != 0 || err != nil || v.Revision == "" || v.CPU == "" || v.Cores < 1 || !strings.HasPrefix(v.Go, "go") {
		t.Errorf("exit %d, %s%s, %v", code, out, errs, err)
	}
	_, line, _ := command(t, "version")
	if _, again, _ := command(t, "--version"); again != line || !strings.Contains(line, "engine "+v.CPU) {
		t.Errorf("%q and %q", line, again)
	}
	t.Setenv("NNGPLAB_SIMD", "abacus")
	if code, out, _ := command(t, "version"); code != 0 || !strings.Contains(out, "abacus") {
		t.Errorf("exit %d, %s", code, out)
	}
}

func TestDoctor(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("NNGPLAB_DATA", "")
	code, out, errs := command(t, "doctor", "--skip-kernel", "--json")
	var d diagnosis
	if err := json.Unmarshal([]byte(out), &d); code != 0 || err != nil || !d.OK || len(d.Checks) < 5 {
		t.Errorf("exit %d, %s%s, %v", code, out, errs, err)
	}
	t.Setenv("PATH", "/usr/bin") // no jupyter
	code, out, errs = command(t, "doctor", "--prefix", t.TempDir())
	if code != 0 || !strings.Contains(out, "warning  kernel spec") || strings.Contains(out, "problem") {
		t.Errorf("without a kernel and Jupyter, which a terminal needs not: exit %d, %s%s", code, out, errs)
	}
	t.Setenv("NNGPLAB_DATA", "/no/such/folder")
	t.Setenv("NNGPLAB_SIMD", "abacus")
	code, out, _ = command(t, "doctor", "--skip-kernel")
	if code != exitFailed || !strings.Contains(out, "problem  engine") || !strings.Contains(out, "unset NNGPLAB_SIMD") || !strings.Contains(out, "/no/such/folder") {
		t.Errorf("exit %d, %s", code, out)
	}
}

// TestCompletion completes subcommands, and the values of flags.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, out, _ := command(t, "completion", shell); code != 0 || len(out) < 1000 {
			t.Errorf("%s: exit %d, %d bytes", shell, code, len(out))
		}
	}
	for want, args := range map[string][]string{
		"rank": {"ra"}, "maxima": {"eval", "--view", ""}, "nasbench201": {"rank", "--space", ""}, "cifar10-test": {"eval", "--images", "cifar10"},
	} {
		if _, out, _ := command(t, append([]string{"__complete"}, args...)...); !strings.Contains(out, want) {
			t.Errorf("%v: %s", args, out)
		}
	}
}

// TestDuration: days and weeks, too.
func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"1d": 24 * time.Hour, "90m": 90 * time.Minute, "1d12h": 36 * time.Hour, "2w": 336 * time.Hour, "0.5d": 12 * time.Hour, "1ns": 1, "-1h": -time.Hour, "105000d": 2_520_000 * time.Hour, "15000w": 2_520_000 * time.Hour, "0d": 0} {
		var got time.Duration
		if err := (duration{&got}).Set(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1", "d", "1x", "soon", "1d later", "NaN", "Inf", "-1d", "1e9h", "9999999999h", "106000d", "105000d105000d", "16000w", "105000d9000000000s", strings.Repeat("9", 400) + "d", "1d-"} {
		got := time.Second
		if err := (duration{&got}).Set(text); err == nil || got != time.Second {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
