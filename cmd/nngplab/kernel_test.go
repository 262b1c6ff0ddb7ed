package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKernelCommand(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", "")
	// The go command would go on to write telemetry there after the test.
	t.Setenv("XDG_CONFIG_HOME", "")
	mode := filepath.Join(home, ".config", "go", "telemetry", "mode")
	if err := os.MkdirAll(filepath.Dir(mode), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mode, []byte("off"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string // in standard error or output
	}{
		{[]string{"kernel", "--help"}, 0, "install"},
		{[]string{"kernel", "install", "--help"}, 0, "--with"},
		{[]string{"kernel", "install", "--no-such-flag"}, exitUsage, "unknown flag"},
		{[]string{"kernel", "install", "surplus"}, exitUsage, "unknown command"},
		{[]string{"kernel", "install", "--source", "/", "--quiet"}, exitUsage, "is no checkout"},
		{[]string{"kernel", "install", "--with", "fmt", "--data-dir", t.TempDir(), "--quiet"}, exitUsage, "want path@version"},
		{[]string{"kernel", "install", "--name", "a b"}, exitUsage, "kernel name"},
		{[]string{"kernel", "uninstall", "--data-dir", t.TempDir()}, exitUsage, "no kernel"},
		{[]string{"kernel", "uninstall", "--user", "--prefix", "/x"}, exitUsage, "give one of"},
		{[]string{"kernel", "doctor", "--data-dir", t.TempDir()}, exitFailed, "mend it with: nngplab kernel install"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(c.args, &stdout, &stderr); code != c.code {
			t.Errorf("%q: exit code %d, want %d\n%s", c.args, code, c.code, stderr.String())
		}
		if all := stdout.String() + stderr.String(); !strings.Contains(all, c.want) {
			t.Errorf("%q: no %q in\n%s", c.args, c.want, all)
		}
	}
}

func TestKernelDoctorJSON(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run([]string{"kernel", "doctor", "--json", "--data-dir", t.TempDir()}, &stdout, &stderr); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	var d struct {
		OK     bool
		Checks []struct{ Name, Status, Detail, Fix string }
	}
	if err := json.Unmarshal(stdout.Bytes(), &d); err != nil {
		t.Fatalf("%v\n%s", err, stdout.String())
	}
	if d.OK || len(d.Checks) == 0 || d.Checks[0].Status != "problem" {
		t.Errorf("%+v", d)
	}
}
