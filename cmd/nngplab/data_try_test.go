package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/testdata"
)

// TestFetchSmall: tables that cannot be fetched are said, and are no failure.
func TestFetchSmall(t *testing.T) {
	dir := t.TempDir()
	dataAlone(t, dir)
	writeFile(t, []byte("x"), dir, "nasbench101", "uniform_subset.csv") // it is here
	server := httptest.NewServer(http.NotFoundHandler())
	t.Setenv(datasets.EnvMirror, server.URL)
	code, _, errs := nngplab("data", "fetch", "--small", "--try")
	if code != 0 || strings.Count(errs, "not fetched: ") != len(datasets.SmallTables())-1 || !strings.Contains(errs, "404") || strings.Contains(errs, "nasbench101-uniform") {
		t.Errorf("a server without the files: exit code %d:\n%s", code, errs)
	}
	server.Close()
	code, _, errs = nngplab("data", "fetch", "--small", "--try")
	if code != 0 || strings.Count(errs, "not fetched: ") != 1 || !strings.Contains(errs, "no network") || !strings.Contains(errs, "nngplab data fetch accel-nasbench nasbench101-ecnas") {
		t.Errorf("no server: exit code %d:\n%s", code, errs)
	}
	t.Setenv(datasets.EnvOffline, "1")
	if code, _, errs = nngplab("data", "fetch", "--small", "--try"); code != 0 || strings.Count(errs, "not fetched: ") != 1 {
		t.Errorf("offline: exit code %d:\n%s", code, errs)
	}
	for _, args := range [][]string{{"--small", "mnist"}, {"--small", "--url", "http://x/y"}, {"--small", "--try", "--mirror", "nowhere"}} {
		if code, _, errs := nngplab(append([]string{"data", "fetch"}, args...)...); code != exitUsage || errs == "" {
			t.Errorf("%q: exit code %d, %q", args, code, errs)
		}
	}
}

// TestFetchTry fetches what a mirror has, and nothing twice.
func TestFetchTry(t *testing.T) {
	dataAlone(t)
	file, err := os.ReadFile(testdata.Path(t, "nasbench101", "retrained_4v9e.tfrecord"))
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if !strings.HasSuffix(r.URL.Path, "nasbench101-ecnas/energy_4V9E_4epochs.tfrecord") {
			http.NotFound(w, r)
			return
		}
		w.Write(file)
	}))
	defer server.Close()
	t.Setenv(datasets.EnvMirror, server.URL)
	code, _, errs := nngplab("data", "fetch", "--try", "nasbench101-ecnas")
	if code != 0 || !strings.Contains(errs, "energy_5V9E") || asked != 2 {
		t.Errorf("exit code %d, %d requests:\n%s", code, asked, errs)
	}
	cache, err := datasets.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(cache, ".downloads", "nasbench101-ecnas", "energy_4V9E_4epochs.tfrecord")); err != nil {
		t.Errorf("what arrived is not kept: %v", err)
	}
	if _, _, _ = nngplab("data", "fetch", "--try", "nasbench101-ecnas"); asked != 3 {
		t.Errorf("%d requests in all: what had arrived was fetched again", asked)
	}
}
