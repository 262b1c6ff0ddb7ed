package gokernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Status grades a check of Doctor's.
type Status string

// The grades: a Warning leaves the kernel usable as it is, a Problem does not.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Problem Status = "problem"
)

// Check is one finding of Doctor's.
type Check struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"` // what mends it
}

// Diagnosis is the result of Doctor.
type Diagnosis struct {
	OK     bool    `json:"ok"` // no check found a problem
	Spec   string  `json:"spec"`
	Checks []Check `json:"checks"`
	// StartSeconds is the time from the start of the kernel's process until it
	// has imported every linked package, without Jupyter; 0 where it did not start.
	StartSeconds float64 `json:"start_seconds,omitempty"`
}

// DoctorOptions say which installed kernel to examine.
type DoctorOptions struct {
	Location
	Name   string // "" for DefaultName
	Source string // as in BuildOptions
}

// doctor collects the checks.
type doctor struct {
	Diagnosis
	o       DoctorOptions
	dir     string // of the kernel spec
	install string // command line that installs this kernel
}

// Doctor examines an installed kernel and says what is wrong and how to mend
// it. Its error is one of the options; findings are no errors.
func Doctor(ctx context.Context, o DoctorOptions) (*Diagnosis, error) {
	if o.Name == "" {
		o.Name = DefaultName
	}
	dir, err := o.specDir(o.Name)
	if err != nil {
		return nil, err
	}
	d := &doctor{o: o, dir: dir, install: installCommand(o)}
	d.Spec = dir
	if d.checkSpec() {
		d.checkStart(ctx)
		d.checkFresh(ctx)
	}
	d.checkGo(ctx)
	d.checkJupyter(ctx)
	d.checkGODEBUG()
	d.OK = !slices.ContainsFunc(d.Checks, func(c Check) bool { return c.Status == Problem })
	return &d.Diagnosis, ctx.Err()
}

func installCommand(o DoctorOptions) string {
	s := "nngplab kernel install"
	switch {
	case o.DataDir != "":
		s += " --data-dir " + shellQuote(o.DataDir)
	case o.Prefix != "":
		s += " --prefix " + shellQuote(o.Prefix)
	case o.SysPrefix:
		s += " --sys-prefix"
	}
	if o.Name != DefaultName {
		s += " --name " + o.Name
	}
	return s
}

func (d *doctor) add(name string, st Status, fix, format string, args ...any) {
	d.Checks = append(d.Checks, Check{name, st, fmt.Sprintf(format, args...), fix})
}

// checkSpec examines the installed files and reports whether there is a
// binary to start.
func (d *doctor) checkSpec() bool {
	s, err := readSpec(d.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.add("kernel spec", Problem, d.install, "there is no kernel spec in %s", d.dir)
		return false
	case err != nil:
		d.add("kernel spec", Problem, d.install, "%v", err)
		return false
	case len(s.Argv) < 2 || !slices.Contains(s.Argv, "{connection_file}"):
		d.add("kernel spec", Problem, d.install, "%s starts %q, which passes no connection file", filepath.Join(d.dir, "kernel.json"), s.Argv)
		return false
	case s.Language != "go" || s.InterruptMode != "signal":
		d.add("kernel spec", Warning, d.install, "language %q and interrupt_mode %q are not those that install writes", s.Language, s.InterruptMode)
	default:
		d.add("kernel spec", OK, "", "%q in %s", s.DisplayName, d.dir)
	}
	if v, ok := s.Env["GODEBUG"]; ok {
		d.add("GODEBUG in the kernel spec", Problem, d.install, "kernel.json sets GODEBUG=%q, which a later Go may refuse", v)
	}
	return d.checkBinary(s.Argv[0])
}

func (d *doctor) checkBinary(path string) bool {
	st, err := os.Stat(path)
	if err != nil {
		d.add("binary", Problem, d.install, "%v", err)
		return false
	}
	if st.IsDir() || st.Mode()&0o111 == 0 {
		d.add("binary", Problem, d.install, "%s is not executable", path)
		return false
	}
	b, err := readBuild(filepath.Join(d.dir, buildFile))
	switch {
	case err != nil:
		// It is not started either: it may be anything.
		d.add("binary", Problem, d.install, "%s was not installed by this program: %v", path, err)
		return false
	case b.Size != st.Size():
		d.add("binary", Problem, d.install, "%s has %d bytes, not the %d that were installed", path, st.Size(), b.Size)
		return false
	default:
		d.add("binary", OK, "", "%d MB, built %s with %s from %s", b.Size>>20, b.Built.Format(time.DateTime), b.Go, b.Source)
	}
	return true
}

// startLimit is how long a kernel may take to import everything before the
// doctor calls that slow.
const startLimit = 1.0

// checkStart lets the kernel import everything, without a Go toolchain.
func (d *doctor) checkStart(ctx context.Context) {
	s, err := readSpec(d.dir)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	start := time.Now()
	res, err := runProbe(ctx, s.Argv[0])
	if err != nil {
		d.add("start", Problem, d.install+" --force", "%v", err)
		return
	}
	d.StartSeconds = time.Since(start).Seconds()
	if failed := res.failures(true); len(failed) > 0 {
		d.add("standard library", Warning, "another version of Go", "packages that cannot be imported: %s", strings.Join(failed, "; "))
	}
	st := OK
	if d.StartSeconds > startLimit {
		st = Warning
	}
	d.add("start", st, "", "%.2f s from process start to all %d packages imported, no Go toolchain on PATH", d.StartSeconds, res.Packages)
}

// checkFresh compares what the kernel was built of with what there is now.
func (d *doctor) checkFresh(ctx context.Context) {
	b, err := readBuild(filepath.Join(d.dir, buildFile))
	if err != nil {
		return // reported by checkBinary
	}
	g, err := findGo()
	if err != nil {
		return // reported by checkGo; the kernel cannot be rebuilt anyway
	}
	base, err := buildBase("")
	if err != nil {
		return
	}
	src, err := findSource(ctx, g, d.o.Source, base)
	if err != nil {
		d.add("up to date", Warning, "", "cannot tell: %v", err)
		return
	}
	if src.String() != b.Source {
		d.add("up to date", Warning, d.install, "built from %s, here is %s", b.Source, src)
		return
	}
	goVersion, err := g.version(ctx, base)
	if err != nil {
		d.add("up to date", Warning, "", "cannot tell: %v", err)
		return
	}
	stamp, err := stampOf(src, goVersion, b.With)
	switch {
	case err != nil:
		d.add("up to date", Warning, "", "cannot tell: %v", err)
	case stamp != b.Stamp && goVersion != b.Go:
		d.add("up to date", Warning, d.install, "built with %s, the go command here is %s", b.Go, goVersion)
	case stamp != b.Stamp:
		d.add("up to date", Warning, d.install, "nngpkit, the pinned versions or this program have changed since it was built")
	default:
		d.add("up to date", OK, "", "nothing has changed since it was built")
	}
}

// checkGo looks for what a rebuild needs.
func (d *doctor) checkGo(ctx context.Context) {
	g, err := findGo()
	if err != nil {
		d.add("Go toolchain", Warning, "install Go 1.26 or later, https://go.dev/dl", "%v", err)
		return
	}
	v, err := g.version(ctx, "")
	if err != nil {
		d.add("Go toolchain", Warning, "", "%s does not work: %v", g.path, err)
		return
	}
	if proxy, err := g.output(ctx, "", "env", "GOPROXY"); err == nil && strings.TrimSpace(proxy) == "off" {
		d.add("Go toolchain", Warning, "go env -u GOPROXY", "%s (%s), but GOPROXY is off: a build can only use modules that are already downloaded", v, g.path)
		return
	}
	d.add("Go toolchain", OK, "", "%s (%s)", v, g.path)
}

// checkJupyter asks Jupyter itself whether it sees the kernel.
func (d *doctor) checkJupyter(ctx context.Context) {
	jupyter := d.findJupyter()
	if jupyter == "" {
		d.add("Jupyter", Problem, "pip install jupyterlab", "there is no jupyter command on PATH, nor in the environment of the kernel spec")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var stdout tail
	cmd := jupyterCommand(ctx, jupyter)
	cmd.Stdout = &stdout
	err := cmd.Run()
	out := stdout.b
	if err != nil {
		d.add("Jupyter", Problem, "pip install --force-reinstall jupyterlab", "%s kernelspec list: %v", jupyter, err)
		return
	}
	var list struct {
		Kernelspecs map[string]struct {
			Dir string `json:"resource_dir"`
		} `json:"kernelspecs"`
	}
	if err := json.Unmarshal(out, &list); err != nil {
		d.add("Jupyter", Problem, "pip install --force-reinstall jupyterlab", "%s kernelspec list: %v", jupyter, err)
		return
	}
	k, ok := list.Kernelspecs[strings.ToLower(d.o.Name)]
	switch {
	case !ok:
		d.add("Jupyter", Problem, "install where it looks (nngplab kernel install, or --prefix with its environment), or add "+filepath.Dir(filepath.Dir(d.dir))+" to JUPYTER_PATH",
			"%s does not list the kernel %q", jupyter, d.o.Name)
	case !sameFile(k.Dir, d.dir):
		d.add("Jupyter", Warning, "nngplab kernel uninstall there, or examine that one", "%s uses another kernel of this name, in %s", jupyter, k.Dir)
	default:
		d.add("Jupyter", OK, "", "%s lists the kernel", jupyter)
	}
}

// findJupyter prefers the environment that the kernel spec lies in.
func (d *doctor) findJupyter() string {
	prefix := filepath.Dir(filepath.Dir(filepath.Dir(filepath.Dir(d.dir)))) // PREFIX/share/jupyter/kernels/NAME
	for _, rel := range []string{"bin/jupyter", "Scripts/jupyter.exe"} {
		p := filepath.Join(prefix, filepath.FromSlash(rel))
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	if p, err := exec.LookPath("jupyter"); err == nil {
		return p
	}
	return ""
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// checkGODEBUG looks at the caller's environment, which kernels inherit.
func (d *doctor) checkGODEBUG() {
	v := os.Getenv("GODEBUG")
	if v == "" {
		d.add("GODEBUG", OK, "", "not set; the kernel needs no such setting")
		return
	}
	d.add("GODEBUG", Warning, "unset GODEBUG", "GODEBUG=%s is set here: kernels started from here inherit it, and a later Go may drop the setting; builds ignore it", v)
}
