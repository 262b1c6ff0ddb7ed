package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/testdata"
)

// nngplab runs the command line and returns what it printed.
func nngplab(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, &out, &errs)
	return code, out.String(), errs.String()
}

// dataAlone makes the commands see only the given folders and an empty cache.
func dataAlone(t *testing.T, dirs ...string) {
	t.Helper()
	t.Setenv(datasets.EnvData, strings.Join(dirs, string(os.PathListSeparator)))
	t.Setenv(datasets.EnvOffline, "")
	t.Setenv(datasets.EnvMirror, "")
	for _, v := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(v, t.TempDir())
	}
}

func writeFile(t *testing.T, data []byte, elem ...string) {
	t.Helper()
	p := filepath.Join(elem...)
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDataList(t *testing.T) {
	dir := t.TempDir()
	dataAlone(t, dir)
	writeFile(t, make([]byte, 3073), dir, "cifar10", "test_batch_first1.bin")
	code, out, _ := nngplab("data", "list")
	if code != 0 || !strings.Contains(out, filepath.Join(dir, "cifar10")) || !strings.Contains(out, "nasbench101-full") || !strings.Contains(out, "looked in: "+dir) {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	code, out, _ = nngplab("data", "list", "--json")
	var got struct {
		Roots    []place
		DataSets []struct {
			Name          string
			License       string `json:"licence"`
			DownloadBytes int64  `json:"download_bytes"`
			Found         []place
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v:\n%s", code, err, out)
	}
	if len(got.Roots) != 2 || len(got.DataSets) != len(datasets.Names()) {
		t.Errorf("%d roots, %d data sets", len(got.Roots), len(got.DataSets))
	}
	for _, d := range got.DataSets {
		if d.Name == "cifar10" && (len(d.Found) != 1 || d.DownloadBytes != 170052171 || d.License == "") {
			t.Errorf("cifar10: %+v", d)
		}
	}
}

func TestDataUsage(t *testing.T) {
	dataAlone(t)
	for _, args := range [][]string{
		{"data", "fetch"}, {"data", "fetch", "nope"}, {"data", "fetch", "mnist", "nope"}, {"data", "path"}, {"data", "path", "nope"}, {"data", "rm"},
		{"data", "rm", "nope"}, {"data", "verify", "nope"}, {"data", "list", "x"}, {"data", "nope"}, {"data", "fetch", "mnist", "--stall", "soon"},
		{"data", "fetch", "mnist", "cifar10", "--url", "http://x/y"}, {"data", "fetch", "mnist", "--stall", "-1s"},
	} {
		if code, _, errs := nngplab(args...); code != exitUsage || errs == "" {
			t.Errorf("%q: exit code %d, %q", args, code, errs)
		}
	}
	for _, args := range [][]string{{"data", "path", "mnist"}, {"data", "rm", "mnist"}, {"data", "verify", "mnist"}, {"data", "fetch", "imagenet"}} {
		if code, _, errs := nngplab(args...); code != exitFailed || !strings.Contains(errs, args[2]) {
			t.Errorf("%q: exit code %d, %q", args, code, errs)
		}
	}
	if code, out, _ := nngplab("data"); code != 0 || !strings.Contains(out, "NNGPLAB_DATA") {
		t.Errorf("data alone: exit code %d, %q", code, out)
	}
}

func TestDataPathAndVerify(t *testing.T) {
	dir := t.TempDir()
	dataAlone(t, dir)
	record := make([]byte, 3073)
	writeFile(t, record, dir, "cifar10", "data_batch_1_first1.bin")
	if code, out, _ := nngplab("data", "path", "cifar10"); code != 0 || strings.TrimSpace(out) != filepath.Join(dir, "cifar10") {
		t.Errorf("path: exit code %d, %q", code, out)
	}
	code, out, _ := nngplab("data", "verify", "cifar10")
	if code != 0 || !strings.Contains(out, "cifar10: read 1 images of 32x32x3") || !strings.Contains(out, "partial") {
		t.Errorf("verify: exit code %d:\n%s", code, out)
	}
	if code, out, _ := nngplab("data", "verify", "cifar10", "--json"); code != 0 || !strings.Contains(out, `"ok": true`) || !json.Valid([]byte(out)) {
		t.Errorf("verify --json: exit code %d:\n%s", code, out)
	}
	// A file of the wrong size and a label that no class has.
	writeFile(t, record[:3000], dir, "cifar10", "test_batch.bin")
	code, out, errs := nngplab("data", "verify")
	if code != exitUsage || !strings.Contains(out, "DAMAGED  test_batch.bin: its size is 3000, must be 30730000") || !strings.Contains(errs, "1 of 1 data sets are damaged") || strings.Contains(errs, "--help") {
		t.Errorf("a short file: exit code %d:\n%s%s", code, out, errs)
	}
	if !strings.Contains(out, "record 0 (offset 0): cut short") {
		t.Errorf("what reading says is not there:\n%s", out)
	}
	if err := os.Remove(filepath.Join(dir, "cifar10", "test_batch.bin")); err != nil {
		t.Fatal(err)
	}
	record[0] = 77
	writeFile(t, record, dir, "cifar10", "data_batch_1_first1.bin")
	if code, out, _ := nngplab("data", "verify"); code != exitUsage || !strings.Contains(out, "label 77") {
		t.Errorf("a wrong label: exit code %d:\n%s", code, out)
	}
}

func TestDataVerifyRealSets(t *testing.T) {
	root := filepath.Dir(filepath.Dir(testdata.Path(t, "cifar10", "data_batch_1_first4000.bin")))
	dataAlone(t, root)
	code, out, errs := nngplab("data", "verify", "cifar10", "accel-nasbench")
	if code != 0 || !strings.Contains(out, "accel_nasbench_imagenet.csv: read 4110 networks") {
		t.Errorf("exit code %d:\n%s%s", code, out, errs)
	}
}

// TestDataFetchRealSet fetches a published set from a server that holds its
// real files, verifies it, damages it, and removes it.
func TestDataFetchRealSet(t *testing.T) {
	archive := testdata.Path(t, "accel-nasbench", "anb_dataset_jsons.tar.gz")
	srv := httptest.NewServer(http.StripPrefix("/accel-nasbench/", http.FileServer(http.Dir(filepath.Dir(archive)))))
	defer srv.Close()
	dataAlone(t)
	if code, out, errs := nngplab("data", "fetch", "accel-nasbench", "--mirror", srv.URL); code != 0 || !strings.Contains(errs, "downloading anb_dataset_jsons.tar.gz") {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	_, out, _ := nngplab("data", "path", "accel-nasbench")
	dir := strings.TrimSpace(out)
	code, out, _ := nngplab("data", "verify", "accel-nasbench")
	if code != 0 || !strings.Contains(out, "7 files agree with the published SHA-256") || !strings.Contains(out, "anb_dataset_jsons.tar.gz: read 5138 networks") {
		t.Errorf("verify: exit code %d:\n%s", code, out)
	}
	name := filepath.Join(dir, "fewproxy-seed1.csv")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	data[100] ^= 1
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := nngplab("data", "verify", "accel-nasbench"); code != exitUsage || !strings.Contains(out, "DAMAGED  fewproxy-seed1.csv: its SHA-256 is") {
		t.Errorf("a flipped bit: exit code %d:\n%s", code, out)
	}
	if code, out, _ := nngplab("data", "rm", "accel-nasbench"); code != 0 || !strings.Contains(out, dir) {
		t.Errorf("rm: exit code %d: %s", code, out)
	}
	if code, _, _ := nngplab("data", "path", "accel-nasbench"); code != exitFailed {
		t.Errorf("after rm, path: exit code %d", code)
	}
}

func TestDataFetchWrongBytes(t *testing.T) {
	dataAlone(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "4542")
		w.Write(make([]byte, 4542))
	}))
	defer srv.Close()
	t.Setenv(datasets.EnvMirror, srv.URL)
	code, _, errs := nngplab("data", "fetch", "mnist", "--retries", "-1", "--backoff", "1ms")
	if code != exitFailed || !strings.Contains(errs, "the server offers 4542 bytes, the file has 9912422") {
		t.Errorf("another size: exit code %d: %s", code, errs)
	}
	if code, _, errs := nngplab("data", "fetch", "mnist", "--offline"); code != exitFailed || !strings.Contains(errs, "put it at") {
		t.Errorf("offline: exit code %d: %s", code, errs)
	}
	// All that is missing of several sets is said at once.
	if code, _, errs := nngplab("data", "fetch", "mnist", "nasbench101", "--offline", "--to", t.TempDir()); code != exitFailed ||
		!strings.Contains(errs, "t10k-labels-idx1-ubyte.gz") || !strings.Contains(errs, "nasbench_only108.tfrecord") || strings.Count(errs, "--offline --to ") != 2 {
		t.Errorf("two sets offline: exit code %d: %s", code, errs)
	}
	if code, out, _ := nngplab("data", "list"); code != 0 || strings.Contains(out, "nngplab/data/mnist") {
		t.Errorf("something was placed: exit code %d\n%s", code, out)
	}
}

// slowServer offers a file of the given size and sends only its beginning; it
// tells the ranges that were asked for.
func slowServer(t *testing.T, size, sent int, ranges chan<- string) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ranges <- r.Header.Get("Range")
		from := 0
		w.Header().Set("ETag", `"x"`)
		if h := r.Header.Get("Range"); h != "" {
			fmt.Sscanf(h, "bytes=%d-", &from)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, size-1, size))
		}
		w.Header().Set("Content-Length", fmt.Sprint(size-from))
		if from > 0 {
			w.WriteHeader(http.StatusPartialContent)
		}
		w.Write(make([]byte, sent))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(srv.Close)
	return srv
}
