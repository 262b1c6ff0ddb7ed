package published

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/testdata"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// alone makes the search see an empty cache, and returns its folder.
func alone(t *testing.T) string {
	t.Helper()
	t.Setenv("NNGPLAB_DATA", "")
	for _, v := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(v, t.TempDir())
	}
	dir, err := datasets.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestOriginals opens the table uniform as GenNAS-Zero published it: the same cells
// and accuracies as our table of it has.
func TestOriginals(t *testing.T) {
	ours, err := nasbench.ReadCSV(testdata.Path(t, "nasbench101", "uniform_subset.csv"))
	if err != nil {
		t.Fatal(err)
	}
	cache := alone(t)
	s, err := Find("uniform")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Open(t.Context())
	var missing *NotFoundError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "nngplab data fetch nasbench101-uniform") {
		t.Errorf("error %v", err)
	}
	if gone, err := Missing("uniform", "official"); err != nil || len(gone) != 2 {
		t.Errorf("missing: %v, %v", gone, err)
	}
	var rows []any
	for i := 0; i < ours.Len(); i++ {
		c := ours.Spec(i)
		rows = append(rows, []any{[]any{c.Matrix(), c.Ops()}, ours.Mean(i, 108, nasbench.FinalTest)})
	}
	data, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "nasbench101-uniform")
	path := filepath.Join(dir, "nasbench1_2500.json")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, data, 0o644)); err != nil {
		t.Fatal(err)
	}
	tab, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tab.Len() != ours.Len() {
		t.Fatalf("%d cells, want %d", tab.Len(), ours.Len())
	}
	for i := 0; i < tab.Len(); i++ {
		got, runs := tab.Truth(i)
		if tab.Key(i) != ours.Hash(i) || got != ours.Mean(i, 108, nasbench.FinalTest) || runs != 1 {
			t.Fatalf("cell %d: %s, %v of %d runs", i, tab.Key(i), got, runs)
		}
	}
	if gone, err := Missing("uniform", "official"); err != nil || len(gone) != 1 || !reflect.DeepEqual(gone[0].Sets(), []string{"nasbench101-official"}) {
		t.Errorf("missing: %v, %v", gone, err)
	}
	lines, err := Inspect(t.Context(), "nasbench101-uniform", dir, nil)
	if err != nil || len(lines) != 1 || !strings.Contains(lines[0], "nasbench1_2500.json: read") {
		t.Errorf("%q, %v", lines, err)
	}
	// A record of other bytes: the file was damaged since it was fetched.
	record := `{"set": "nasbench101-uniform", "files": [{"path": "nasbench1_2500.json", "bytes": 3, "sha256": "` + strings.Repeat("0", 64) + `"}]}`
	if err := os.WriteFile(filepath.Join(dir, ".nngplab.json"), []byte(record), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("error %v", err)
	}
}

// TestOriginalProxies reads proxies from NASLib's own file.
func TestOriginalProxies(t *testing.T) {
	cache := alone(t)
	write := func(set, name, text string) {
		dir := filepath.Join(cache, set)
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write("nasbench101-official", "zc_nasbench101.json",
		`{"nasbench101": {"cifar10": {"(0, 1, 0, 0, 0, 1)": {"params": 0.88257, "synflow": 12.5, "val_accuracy": 50}}}}`)
	for name, want := range map[string]float64{"official": 0.5, "uniform": 0.25} {
		write("nasbench101-uniform", "nasbench1_2500.json", `[[[[[0,1],[0,0]],["input","output"]],0.25]]`)
		s, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		tab, err := s.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v, _ := tab.Truth(0); v != want {
			t.Errorf("%s: truth %v", name, v)
		}
		columns := tab.(Columned).Columns()
		if len(columns) != 2 || columns[1].Name != "proxy_synflow" || columns[1].Values[0] != 12.5 {
			t.Errorf("%s: columns %+v", name, columns)
		}
	}
}
