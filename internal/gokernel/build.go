package gokernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/bindings"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// BuildOptions say how to build a kernel. The zero value builds from the
// checkout around the working folder, or else from this program's version,
// with the packages remembered from the last build.
type BuildOptions struct {
	Dir      string               // build folder; "" for one in the user cache
	Source   string               // checkout to build from; "" to find it
	With     []string             // further packages, as path@version
	Forget   bool                 // drop the packages remembered from earlier builds
	Force    bool                 // build even if nothing has changed
	Progress func(message string) // told what is being done; may be nil
}

// Build describes a built kernel. It is stored as JSON beside the binary.
type Build struct {
	Stamp    string    `json:"stamp"` // hash of everything that went into the build
	Source   string    `json:"source"`
	Go       string    `json:"go"`
	With     []string  `json:"with,omitempty"`
	Packages int       `json:"packages"`
	Symbols  int       `json:"symbols"`
	Built    time.Time `json:"built"`
	Seconds  float64   `json:"build_seconds"`
	Size     int64     `json:"size"`
	Binary   string    `json:"-"` // path of the binary in the build folder
	Fresh    bool      `json:"-"` // false: the stored build was still valid
}

// buildFile is the name of the description of a build.
const buildFile = "nngplab.json"

// maxDescription bounds the descriptions of builds and kernels that are read.
const maxDescription = 1 << 20

// binaryName is the name of the kernel's binary.
func binaryName() string {
	if runtime.GOOS == "windows" {
		return "nngplab-kernel.exe"
	}
	return "nngplab-kernel"
}

// BuildKernel builds the kernel, unless the build folder holds one made of the
// same inputs. Two builds in one folder exclude each other.
func BuildKernel(ctx context.Context, o BuildOptions) (*Build, error) {
	say := o.Progress
	if say == nil {
		say = func(string) {}
	}
	g, err := findGo()
	if err != nil {
		return nil, err
	}
	base, err := buildBase(o.Dir)
	if err != nil {
		return nil, err
	}
	src, err := findSource(ctx, g, o.Source, base)
	if err != nil {
		return nil, err
	}
	dir := base
	if o.Dir == "" {
		dir = filepath.Join(base, src.key())
	}
	if _, err := openFolder(dir); err != nil { // before anything is written there
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	lock, err := lockOf(dir)
	if err != nil {
		return nil, err
	}
	if ok, err := lock.TryLock(); err != nil {
		return nil, err
	} else if !ok {
		say("waiting for another build in " + dir)
		if _, err := lock.TryLockContext(ctx, 200*time.Millisecond); err != nil {
			return nil, err
		}
	}
	defer lock.Unlock()
	return buildIn(ctx, g, src, dir, o, say)
}

// buildIn builds in the locked folder dir.
func buildIn(ctx context.Context, g *goCommand, src source, dir string, o BuildOptions, say func(string)) (*Build, error) {
	old, err := readBuild(filepath.Join(dir, buildFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		old = nil // a damaged description only means to build again
	}
	var remembered []string
	if old != nil && !o.Forget {
		remembered = old.With
	}
	with, err := mergeWith(remembered, o.With)
	if err != nil {
		return nil, err
	}
	goVersion, err := g.version(ctx, dir)
	if err != nil {
		return nil, err
	}
	stamp, err := stampOf(src, goVersion, with)
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(dir, binaryName())
	if old != nil && !o.Force && old.Stamp == stamp {
		if st, err := os.Stat(binary); err == nil && st.Size() == old.Size {
			old.Binary = binary
			return old, nil
		}
	}

	start := time.Now()
	say("writing the kernel's module in " + dir + " (from " + src.String() + ")")
	if err := writeModule(ctx, g, src, dir); err != nil {
		return nil, err
	}
	say("resolving packages")
	paths, err := linkedPackages(ctx, g, src, dir, with)
	if err != nil {
		return nil, err
	}
	for _, c := range changedPins(src.root, dir) {
		say("note: --with raises " + c)
	}
	say(fmt.Sprintf("writing the tables of %d packages for %s", len(paths), goVersion))
	rep, err := bindings.Generate(bindings.Config{
		Go:    func(args ...string) (string, error) { return g.output(ctx, dir, args...) },
		Paths: paths, Out: filepath.Join(dir, "tables"), Package: "tables",
	})
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	say("compiling and linking (minutes the first time, seconds after that)")
	tmp := binary + ".new"
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	if err := f.claim([]string{filepath.Base(tmp), binaryName(), buildFile}); err != nil {
		return nil, err
	}
	if _, err := g.output(ctx, dir, "build", "-ldflags=-s -w", "-o", tmp, "."); err != nil {
		os.Remove(tmp)
		return nil, err
	}
	say("checking that every linked package can be imported")
	probed, err := runProbe(ctx, tmp)
	if err != nil {
		os.Remove(tmp)
		return nil, err
	}
	for _, f := range probed.failures(true) {
		say("warning: a package of the standard library cannot be imported: " + f)
	}
	if err := os.Rename(tmp, binary); err != nil {
		return nil, err
	}
	st, err := os.Stat(binary)
	if err != nil {
		return nil, err
	}
	b := &Build{
		Stamp: stamp, Source: src.String(), Go: goVersion, With: with, Packages: rep.Packages, Symbols: rep.Symbols,
		Built: time.Now().UTC().Truncate(time.Second), Seconds: time.Since(start).Seconds(), Size: st.Size(), Binary: binary, Fresh: true,
	}
	return b, writeJSON(filepath.Join(dir, buildFile), b)
}

// linkedPackages lists what the kernel links, and resolves the packages of
// with in the kernel's module.
func linkedPackages(ctx context.Context, g *goCommand, src source, dir string, with []string) ([]string, error) {
	paths, err := standardPackages(ctx, g, dir)
	if err != nil {
		return nil, err
	}
	own, err := projectPackages(src.root)
	if err != nil {
		return nil, err
	}
	for _, p := range [][]string{own, gonumPackages, plotPackages, gotaPackages} {
		paths = append(paths, p...)
	}
	more, err := withPackages(ctx, g, dir, with)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	out := paths[:0]
	for _, p := range append(paths, more...) {
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out, nil
}

// buildBase is the folder for builds.
func buildBase(dir string) (string, error) {
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", &InputError{fmt.Errorf("no user cache folder: name one with --build-dir: %w", err)}
		}
		dir = filepath.Join(cache, "nngplab", "kernel")
	}
	return filepath.Abs(dir)
}

func readBuild(path string) (*Build, error) {
	b, err := plainfile.Read(path, maxDescription)
	if err != nil {
		return nil, err
	}
	var v Build
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &v, nil
}

// writeJSON places v at path in one step.
func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return wholefile.PlaceMode(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(append(b, '\n'))
		return err
	})
}
