package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/publishedtest"
)

// runImportCommand runs 'nngplab data import'.
func runImportCommand(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(append([]string{"data", "import"}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

func TestDataImportRefuses(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", "")
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	whole, err := publishedtest.File("nasbench101", 20)
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte(nil), whole...)
	flipped[len(flipped)/2] ^= 4
	for name, data := range map[string][]byte{"cut": whole[:len(whole)-7], "flipped": flipped, "empty": nil} {
		file := filepath.Join(dir, name+".tfrecord")
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		code, _, errs := runImportCommand("nasbench101", file)
		if code != exitUsage || !strings.Contains(errs, file) {
			t.Errorf("%s: exit %d, %q, want exit 2 and the name of the file", name, code, errs)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "cache", "nngplab", "tables", "*")); len(left) > 0 {
			t.Errorf("%s: left %v behind", name, left)
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "arg"},
		{[]string{"nasbench201", "x"}, "nasbench201"},
		{[]string{"nasbench101", filepath.Join(dir, "nowhere")}, "nowhere"},
		{[]string{"nasbench101", dir}, "folder"},
	} {
		if code, _, errs := runImportCommand(c.args...); code != exitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, %q, want exit 2 and %q", c.args, code, errs, c.want)
		}
	}
}
