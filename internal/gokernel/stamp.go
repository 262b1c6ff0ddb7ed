package gokernel

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// stampOf hashes everything that a build depends on: the toolchain, the
// platform, the overlay and the edits in this program, the pins, the further
// packages, and, in a checkout, the sources that the kernel links.
func stampOf(src source, goVersion string, with []string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, "nngplab kernel", goVersion, runtime.GOOS, runtime.GOARCH, src.version)
	fmt.Fprintln(h, strings.Join(with, " "))
	fmt.Fprintf(h, "%q %q %q %q\n", gophernotesEdits, gonumPackages, plotPackages, gotaPackages)
	if err := hashTree(h, overlay, "_overlay", func(string) bool { return true }); err != nil {
		return "", err
	}
	if src.version == "" {
		root := os.DirFS(src.root)
		for _, name := range []string{"go.mod", "go.sum"} {
			if err := hashFile(h, root, name); err != nil {
				return "", err
			}
		}
		for _, dir := range []string{"nngpkit", "internal", "datasets"} {
			if _, err := fs.Stat(root, dir); err != nil {
				continue
			}
			if err := hashTree(h, root, dir, linkedFile); err != nil {
				return "", err
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// linkedFile reports whether a change of the file can change the kernel:
// everything but tests and their data, and documents.
func linkedFile(path string) bool {
	return !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, ".md") &&
		!strings.Contains(path, "/testdata/") && !strings.Contains(path, "/conformance/") && !strings.Contains(path, "/.")
}

func hashTree(h io.Writer, fsys fs.FS, dir string, keep func(string) bool) error {
	return fs.WalkDir(fsys, dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !keep(path) {
			return err
		}
		return hashFile(h, fsys, path)
	})
}

func hashFile(h io.Writer, fsys fs.FS, path string) error {
	f, err := fsys.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	fmt.Fprintf(h, "%s %x\n", filepath.ToSlash(path), sum.Sum(nil))
	return nil
}

// key names the build folder of a source.
func (s source) key() string {
	sum := sha256.Sum256([]byte(s.root + "@" + s.version))
	if s.version != "" {
		return s.version
	}
	return filepath.Base(s.root) + "-" + hex.EncodeToString(sum[:4])
}
