package gokernel

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gofrs/flock"
	"github.com/nngplab/nngplab/internal/gokernel/bindings"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// A build folder carries a mark: a file that says what it is and lists what
// builds have written there, one path a line. A build begins in an empty folder
// or in one with the mark, and replaces and removes nothing that the mark does
// not list: the rest is somebody's.
const (
	markFile = ".nngplab-build"
	markHead = "nngplab kernel build folder 1"
	lockFile = ".lock"
)

// Bounds of the files that are read of a build folder and of a checkout.
const (
	maxMark   = 16 << 20
	maxModule = 16 << 20 // go.mod, go.sum
)

// lockOf returns the lock of a build folder, whose file is a plain one or none yet:
// opening a pipe would wait for ever.
func lockOf(dir string) (*flock.Flock, error) {
	path := filepath.Join(dir, lockFile)
	return flock.New(path), plainfile.OrNone(path)
}

// folder is a build folder.
type folder struct {
	dir   string
	files []string // listed by the mark, slash-separated, sorted
}

// openFolder returns the build folder dir, which need not exist. A folder that
// holds something and has no mark is an *InputError, and so is one whose mark
// is damaged.
func openFolder(dir string) (*folder, error) {
	f := &folder{dir: dir}
	b, err := plainfile.Read(filepath.Join(dir, markFile), maxMark)
	switch {
	case err == nil:
		return f, f.parse(b)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() != lockFile && !isTemporary(e.Name()) }) {
		return f, nil
	}
	if f.adopt() {
		return f, nil
	}
	return nil, &InputError{fmt.Errorf("%s holds files and is no build folder of this program (it has no %s): nothing there is touched; name another folder with --build-dir", dir, markFile)}
}

// isTemporary tells whether a file is one that a killed write of the mark left.
func isTemporary(name string) bool {
	return strings.HasPrefix(name, "."+markFile+".nngplab-") && strings.HasSuffix(name, ".tmp")
}

func (f *folder) parse(b []byte) error {
	sc := bufio.NewScanner(bytes.NewReader(b))
	for n := 0; sc.Scan(); n++ {
		line := sc.Text()
		switch {
		case n == 0 && line != markHead, n > 0 && !filepath.IsLocal(filepath.FromSlash(line)):
			return &InputError{fmt.Errorf("%s: line %d is damaged: remove the folder by hand, or name another with --build-dir", filepath.Join(f.dir, markFile), n+1)}
		case n > 0:
			f.files = append(f.files, line)
		}
	}
	if len(b) == 0 {
		return &InputError{fmt.Errorf("%s is empty: remove the folder by hand, or name another with --build-dir", filepath.Join(f.dir, markFile))}
	}
	return sc.Err()
}

var validStamp = regexp.MustCompile(`^[0-9a-f]{32}$`)

// adopt takes over a folder in which an earlier version of this program has
// built, which left a description of the build and a module of its own name, but
// no mark. It lists what that version wrote.
func (f *folder) adopt() bool {
	b, err := readBuild(filepath.Join(f.dir, buildFile))
	if err != nil || !validStamp.MatchString(b.Stamp) {
		return false
	}
	mod, err := plainfile.Read(filepath.Join(f.dir, "go.mod"), maxModule)
	if err != nil || modfile.ModulePath(mod) != kernelModule {
		return false
	}
	f.files = append(f.files, "go.mod", "go.sum", buildFile, binaryName())
	tops, _ := filepath.Glob(filepath.Join(f.dir, "*.go"))
	for _, p := range tops {
		f.files = append(f.files, filepath.Base(p))
	}
	_ = fs.WalkDir(os.DirFS(f.dir), "gomacro", func(rel string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			f.files = append(f.files, rel)
		}
		return nil
	})
	return true
}

// claim adds to the mark what is about to be written, before it is. It is an
// *InputError if a file that no build wrote is in the way of one.
func (f *folder) claim(files []string) error {
	for _, rel := range files {
		for d := path.Dir(rel); d != "."; d = path.Dir(d) {
			if info, err := os.Lstat(filepath.Join(f.dir, filepath.FromSlash(d))); err == nil && !info.IsDir() {
				return &InputError{fmt.Errorf("%s is no folder of a build: move it away, or name another folder with --build-dir", filepath.Join(f.dir, filepath.FromSlash(d)))}
			}
		}
		info, err := os.Lstat(filepath.Join(f.dir, filepath.FromSlash(rel)))
		if err == nil && !info.Mode().IsRegular() { // writing through a link would change what it leads to
			return &InputError{fmt.Errorf("%s is no plain file of a build: move it away, or name another folder with --build-dir", filepath.Join(f.dir, filepath.FromSlash(rel)))}
		}
		if slices.Contains(f.files, rel) {
			continue
		}
		if err == nil {
			return &InputError{fmt.Errorf("%s is in the way and was not written by a build: move it away, or name another folder with --build-dir", filepath.Join(f.dir, filepath.FromSlash(rel)))}
		}
	}
	all := append(slices.Clone(f.files), files...)
	sort.Strings(all)
	f.files = slices.Compact(all)
	return wholefile.Write(filepath.Join(f.dir, markFile), []byte(markHead+"\n"+strings.Join(f.files, "\n")+"\n"))
}

// clear removes the listed files and the folders that are empty then. No link
// leads it out of the folder.
func (f *folder) clear() error {
	root, err := os.OpenRoot(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	dirs := map[string]bool{}
	for _, rel := range f.files {
		name := filepath.FromSlash(rel)
		if info, err := root.Lstat(name); err != nil || info.IsDir() {
			continue // gone, or somebody's
		}
		if err := root.Remove(name); err != nil {
			return err
		}
		for d := filepath.Dir(name); d != "."; d = filepath.Dir(d) {
			dirs[d] = true
		}
	}
	deepest := make([]string, 0, len(dirs))
	for d := range dirs {
		deepest = append(deepest, d)
	}
	sort.Slice(deepest, func(i, j int) bool { return len(deepest[i]) > len(deepest[j]) })
	for _, d := range deepest {
		_ = root.Remove(d) // stays where it holds something else
	}
	return nil
}

// purge removes all that builds wrote, and the folder if nothing else is in
// it; it says whether the folder is gone.
func (f *folder) purge() (gone bool, err error) {
	if err := f.clear(); err != nil {
		return false, err
	}
	if err := bindings.Clear(filepath.Join(f.dir, "tables")); err != nil {
		return false, err
	}
	for _, name := range []string{lockFile, markFile} {
		if err := os.Remove(filepath.Join(f.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return removeEmpty(f.dir), nil
}

// removeEmpty removes a folder that holds nothing and is no link.
func removeEmpty(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && os.Remove(dir) == nil
}
