package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/publishedtest"
	"github.com/nngplab/nngplab/internal/testdata"
)

func TestDataImport(t *testing.T) {
	file := testdata.Path(t, "nasbench101", "retrained_4v9e.tfrecord")
	dataAlone(t)
	code, out, errs := nngplab("data", "import", "nasbench101", file, "--json")
	var got imported
	if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v: %s%s", code, err, out, errs)
	}
	if got.Records != 1092 || got.Cells == 0 {
		t.Errorf("%+v, want 1,092 records", got)
	}
	if want, err := datasets.TablePath("nasbench101"); err != nil || got.Table != want {
		t.Errorf("kept in %s, want %s (%v)", got.Table, want, err)
	}
	kept, err := publishedtest.Networks(got.Table)
	if err != nil || kept != got.Cells {
		t.Errorf("the kept table: %d networks, %v", kept, err)
	}
	if got.Official {
		t.Error("a retrained table passes for the published one")
	}
	if code, out, _ := nngplab("data", "import", "nasbench101", file); code != 0 || !strings.Contains(out, "1092 records") || !strings.Contains(out, "not the published file: its SHA-256 is "+got.SHA256) {
		t.Errorf("a second import: exit code %d: %s", code, out)
	}
}

func TestDataImportDamaged(t *testing.T) {
	data, err := os.ReadFile(testdata.Path(t, "nasbench101", "retrained_4v9e.tfrecord"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	dataAlone(t, dir)
	data[len(data)/2] ^= 1
	writeFile(t, data, dir, "nasbench101", "nasbench_only108.tfrecord")
	code, _, errs := nngplab("data", "import", "nasbench101")
	if code != exitUsage || !strings.Contains(errs, "nasbench_only108.tfrecord") || !strings.Contains(errs, "record") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if table, err := datasets.TablePath("nasbench101"); err != nil {
		t.Error(err)
	} else if left, _ := os.ReadDir(filepath.Dir(table)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if code, out, _ := nngplab("data", "verify", "nasbench101"); code != exitUsage || strings.Count(out, "DAMAGED") != 2 {
		t.Errorf("verify: exit code %d:\n%s", code, out)
	}
}

func TestDataImportUsage(t *testing.T) {
	dataAlone(t)
	for _, args := range [][]string{{"data", "import"}, {"data", "import", "cifar10"}, {"data", "import", "nasbench101", "nowhere.tfrecord"}} {
		if code, _, errs := nngplab(args...); code != exitUsage || errs == "" {
			t.Errorf("%q: exit code %d, %q", args, code, errs)
		}
	}
	if code, _, errs := nngplab("data", "import", "nasbench101"); code != exitFailed || !strings.Contains(errs, "nngplab data fetch nasbench101") {
		t.Errorf("nowhere: exit code %d, %q", code, errs)
	}
}
