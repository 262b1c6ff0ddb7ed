// Package testdata finds the real data sets that tests read, none of which is
// in the repository.
package testdata

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Path returns the path of a file or folder below a data folder, such as
// Path(t, "cifar10", "test_batch_first1000.bin"). It looks in the folders of
// NNGPLAB_DATA, then in shared/data beside the repository, and skips the test
// where neither holds it.
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	rel := filepath.Join(elem...)
	for _, dir := range Dirs() {
		p := filepath.Join(dir, rel)
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	t.Skipf("%s is in no folder of NNGPLAB_DATA (looked in %v)", rel, Dirs())
	return ""
}

// Dirs returns the folders that Path looks in.
func Dirs() []string {
	var dirs []string
	if v := os.Getenv("NNGPLAB_DATA"); v != "" {
		dirs = filepath.SplitList(v)
	}
	if _, file, _, ok := runtime.Caller(0); ok {
		root := filepath.Dir(filepath.Dir(filepath.Dir(file)))
		dirs = append(dirs, filepath.Join(filepath.Dir(root), "shared", "data"))
	}
	return dirs
}
