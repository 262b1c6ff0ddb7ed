package gokernel

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// fakeBuild makes a build whose kernel is a shell script that answers -probe.
func fakeBuild(t *testing.T, script string) *Build {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	bin := filepath.Join(t.TempDir(), binaryName())
	if err := os.WriteFile(bin, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(bin)
	if err != nil {
		t.Fatal(err)
	}
	return &Build{Stamp: "s", Source: "/x", Go: "go1.26", Packages: 3, Built: time.Unix(1, 0).UTC(), Size: st.Size(), Binary: bin}
}

const healthy = `echo '{"packages":3,"failed":{},"ready_seconds":0.1,"import_seconds":0.1}'`

// finding returns the check of this name.
func finding(d *Diagnosis, name string) Check {
	for _, c := range d.Checks {
		if c.Name == name {
			return c
		}
	}
	return Check{}
}

func TestDoctor(t *testing.T) {
	t.Setenv("GODEBUG", "")
	data := t.TempDir()
	o := DoctorOptions{Location: Location{DataDir: data}, Source: repoRoot(t)}
	dir := filepath.Join(data, "kernels", DefaultName)
	diagnose := func() *Diagnosis {
		t.Helper()
		d, err := Doctor(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	expect := func(what, name string, st Status) {
		t.Helper()
		d := diagnose()
		c := finding(d, name)
		if c.Status != st {
			t.Errorf("%s: check %q is %+v, want %s", what, name, c, st)
		}
		if st != OK && c.Fix == "" {
			t.Errorf("%s: no way to mend it: %+v", what, c)
		}
		if st == Problem && d.OK {
			t.Errorf("%s: found to be OK", what)
		}
	}
	expect("not installed", "kernel spec", Problem)

	if _, err := place(fakeBuild(t, healthy), dir, "x"); err != nil {
		t.Fatal(err)
	}
	expect("installed", "kernel spec", OK)
	expect("installed", "binary", OK)
	expect("installed", "start", OK)
	expect("another source", "up to date", Warning)
	t.Setenv("GODEBUG", "gotypesalias=0")
	expect("GODEBUG set", "GODEBUG", Warning)
	t.Setenv("GODEBUG", "")

	binary := filepath.Join(dir, binaryName())
	write(t, binary, "#!/bin/sh\nexit 3\n# longer than what was installed ............................................................................................\n")
	expect("binary overwritten", "binary", Problem)
	if err := os.Remove(binary); err != nil {
		t.Fatal(err)
	}
	expect("binary gone", "binary", Problem)
	write(t, binary, "x")
	if err := os.Chmod(binary, 0o644); err != nil {
		t.Fatal(err)
	}
	expect("binary not executable", "binary", Problem)

	for _, c := range []struct{ what, script string }{
		{"crashes", "echo panic >&2; exit 2"}, {"prints nonsense", "echo hello"},
		{"cannot import", `echo '{"packages":3,"failed":{"x.org/a":"why"}}'; exit 1`},
	} {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := place(fakeBuild(t, c.script), dir, "x"); err != nil {
			t.Fatal(err)
		}
		expect(c.what, "start", Problem)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := place(fakeBuild(t, `echo '{"packages":3,"failed":{"new/std":"why"}}'; exit 1`), dir, "x"); err != nil {
		t.Fatal(err)
	}
	expect("cannot import one of the standard library", "standard library", Warning)
	write(t, filepath.Join(dir, "kernel.json"), `{"argv":["x"`)
	expect("damaged kernel.json", "kernel spec", Problem)
	write(t, filepath.Join(dir, "kernel.json"), `{"argv":["x"]}`)
	expect("no connection file", "kernel spec", Problem)
	write(t, filepath.Join(dir, "kernel.json"), `{"argv":["`+binary+`","{connection_file}"],"language":"go","interrupt_mode":"signal","env":{"GODEBUG":"x=1"}}`)
	expect("GODEBUG in the spec", "GODEBUG in the kernel spec", Problem)
}

func TestDoctorJupyter(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	prefix := t.TempDir()
	o := DoctorOptions{Location: Location{Prefix: prefix}, Source: repoRoot(t)}
	dir := filepath.Join(prefix, "share", "jupyter", "kernels", DefaultName)
	if _, err := place(fakeBuild(t, healthy), dir, "x"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	check := func(what string, want Status) {
		t.Helper()
		d, err := Doctor(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		if c := finding(d, "Jupyter"); c.Status != want {
			t.Errorf("%s: %+v, want %s", what, c, want)
		}
	}
	check("no jupyter", Problem)
	jupyter := filepath.Join(prefix, "bin", "jupyter")
	answer := func(s string) {
		write(t, jupyter, "#!/bin/sh\n"+s+"\n")
		if err := os.Chmod(jupyter, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	answer(`echo '{"kernelspecs":{"nngplab-go":{"resource_dir":"` + dir + `"}}}'`)
	check("listed", OK)
	answer(`echo '{"kernelspecs":{"nngplab-go":{"resource_dir":"/elsewhere"}}}'`)
	check("another one listed", Warning)
	answer(`echo '{"kernelspecs":{}}'`)
	check("not listed", Problem)
	answer("exit 1")
	check("jupyter broken", Problem)
}
