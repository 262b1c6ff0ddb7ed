package gokernel

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestNoShell: a checkout whose name a shell would run. Its jupyter is as pip
// writes it where the path has spaces: a script of sh with the path in double
// quotes.
func TestNoShell(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"$(touch PWNED)", "`touch PWNED`", "a \"; touch PWNED; \"", "a b"} {
		work := t.TempDir()
		t.Chdir(work)
		prefix := filepath.Join(work, name)
		dir := filepath.Join(prefix, "share", "jupyter", "kernels", DefaultName)
		if _, err := place(fakeBuild(t, healthy), dir, "x"); err != nil {
			t.Fatal(err)
		}
		bin := filepath.Join(prefix, "bin")
		python := filepath.Join(bin, "python3")
		write(t, python, "#!/bin/sh\necho \"$@\" >\"$ARGS\"\necho '{\"kernelspecs\":{\"nngplab-go\":{\"resource_dir\":\"/elsewhere\"}}}'\n")
		// The same script that pip writes; see pip._vendor.distlib.scripts.
		write(t, filepath.Join(bin, "jupyter"), "#!"+sh+"\n'''exec' \""+python+"\" \"$0\" \"$@\"\n' '''\nimport sys\n")
		for _, f := range []string{"python3", "jupyter"} {
			if err := os.Chmod(filepath.Join(bin, f), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		args := filepath.Join(work, "args")
		t.Setenv("ARGS", args)
		for _, path := range []string{t.TempDir(), bin} { // found by the prefix; on PATH
			t.Setenv("PATH", path+":/usr/bin:/bin")
			o := DoctorOptions{Location: Location{Prefix: prefix}, Source: repoRoot(t)}
			d, err := Doctor(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			if c := finding(d, "Jupyter"); c.Status != Warning || !strings.Contains(c.Detail, "/elsewhere") {
				t.Errorf("%s: %+v", name, c)
			}
			if b, _ := os.ReadFile(args); !strings.Contains(string(b), "jupyter_client.kernelspecapp list --json") {
				t.Errorf("%s: python was called with %q", name, b)
			}
			if fix := d.installLine(); !quoted(t, sh, fix, prefix) {
				t.Errorf("%s: a shell does not read %q as it is meant", name, fix)
			}
		}
		for _, d := range []string{work, bin, prefix} {
			if _, err := os.Stat(filepath.Join(d, "PWNED")); err == nil {
				t.Errorf("%s: was run by a shell in %s", name, d)
			}
		}
	}
}

// installLine returns the fix that names the prefix.
func (d *Diagnosis) installLine() string {
	for _, c := range d.Checks {
		if strings.Contains(c.Fix, "--prefix") {
			return c.Fix
		}
	}
	return ""
}

// quoted tells whether sh takes the last argument of the line as want.
func quoted(t *testing.T, sh, line, want string) bool {
	t.Helper()
	args, ok := strings.CutPrefix(line, "nngplab kernel install ")
	if !ok {
		return line == "" // nothing to mend
	}
	out, err := exec.Command(sh, "-c", `for a in `+args+`; do printf '%s\n' "$a"; done`).Output()
	return err == nil && strings.Contains(string(out), want+"\n")
}
