package datasets

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
)

func TestManifests(t *testing.T) {
	want := []string{"accel-nasbench", "cifar10", "cifar100", "fashion-mnist", "imagenet", "mnist", "nasbench101", "nasbench101-ecnas",
		"nasbench101-full", "nasbench101-nc", "nasbench101-official", "nasbench101-uniform", "nasbench101-zen", "nasbench201", "tiny-imagenet-200"}
	if got := Names(); !reflect.DeepEqual(got, want) {
		t.Errorf("data sets %v, want %v", got, want)
	}
	folders := map[string]string{}
	for _, n := range Names() {
		m, err := Get(n)
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := folders[m.Folders[0]]; taken {
			t.Errorf("%s and %s are placed in the same folder", n, other)
		}
		folders[m.Folders[0]] = n
		for _, s := range m.Sources {
			if s.Limit > 0 { // nothing is published of an archive that is packed anew: what it holds is checked
				if len(m.Trees) == 0 || s.Unpack == "" || s.Size() > 0 {
					t.Errorf("%s: nothing is known of what %s holds", n, s.File)
				}
			} else if s.SHA256 == "" && s.MD5 == "" || s.Size() == 0 {
				t.Errorf("%s: %s has no digest or no size", n, s.File)
			}
			if s.Origin == "" {
				t.Errorf("%s: %s does not say who published its digest", n, s.File)
			}
		}
	}
	// As published in the data set's README.
	m, err := Get("nasbench101")
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Sources[0].SHA256; got != "4c39c3936e36a85269881d659e44e61a245babcb72cb374eacacf75d0e5f4fd1" {
		t.Errorf("SHA-256 of nasbench_only108.tfrecord is %s", got)
	}
	if _, err := Get("cifar-10"); err == nil || !strings.Contains(err.Error(), "cifar100") {
		t.Errorf("unknown name: error %v does not list the known ones", err)
	}
}

// TestSmallTables: what conclusions rest on, images and the whole benchmark apart, is
// a few megabytes; each says its license and what to cite.
func TestSmallTables(t *testing.T) {
	want := []string{"accel-nasbench", "nasbench101-ecnas", "nasbench101-nc", "nasbench101-official", "nasbench101-uniform", "nasbench101-zen", "nasbench201"}
	if got := SmallTables(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for _, n := range SmallTables() {
		if m, err := Get(n); err != nil || m.Citation == "" || m.License == "" {
			t.Errorf("%s: %v, citation %q, license %q", n, err, m.Citation, m.License)
		}
	}
}

// TestTablesAreTheirOriginals compares the digests of the manifests with files that
// are, or are made of, what was published.
func TestTablesAreTheirOriginals(t *testing.T) {
	known := map[string]Source{}
	for _, n := range SmallTables() {
		m, err := Get(n)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range m.Sources {
			known[s.File] = s
		}
	}
	check := func(name string, data []byte) {
		if s := known[name]; int64(len(data)) != s.Bytes || sha(data) != s.SHA256 {
			t.Errorf("%s: %d bytes, SHA-256 %s, the manifest has %d and %s", name, len(data), sha(data), s.Bytes, s.SHA256)
		}
	}
	read := func(elem ...string) []byte {
		data, err := os.ReadFile(testdata.Path(t, elem...))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	check("energy_4V9E_4epochs.tfrecord", read("nasbench101", "retrained_4v9e.tfrecord"))
	for kind, name := range map[string]string{"long": "fewproxy", "short16": "proxified"} {
		for seed := 1; seed <= 3; seed++ { // ours have a header line, and other line ends
			_, rows, _ := bytes.Cut(read("mnasnet", fmt.Sprintf("multiseed_%s_seed%d.csv", kind, seed)), []byte("\n"))
			check(fmt.Sprintf("%s-seed%d.csv", name, seed), bytes.ReplaceAll(rows, []byte("\n"), []byte("\r\n")))
		}
	}
	list := read("origins", "nc_nasbench_results.manifest")
	m, err := Get("nasbench101-nc")
	if err != nil {
		t.Fatal(err)
	}
	var files []File
	for line := range strings.Lines(string(list)) {
		var f File
		if _, err := fmt.Sscanf(line, "%s  %d  %s", &f.SHA256, &f.Bytes, &f.Path); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	for _, tree := range m.Trees {
		if err := tree.check(files); err != nil {
			t.Error(err)
		}
	}
}

// TestManifestsAgreeWithTheirFormats: sizes follow from the documented layouts.
func TestManifestsAgreeWithTheirFormats(t *testing.T) {
	for name, sizes := range map[string]map[string]int64{
		"cifar10":  {"data_batch_1.bin": 10000 * 3073, "data_batch_5.bin": 10000 * 3073, "test_batch.bin": 10000 * 3073},
		"cifar100": {"train.bin": 50000 * 3074, "test.bin": 10000 * 3074},
	} {
		m, err := Get(name)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		for _, f := range m.Files {
			got[f.Path] = f.Bytes
		}
		for f, n := range sizes {
			if got[f] != n {
				t.Errorf("%s: %s has %d bytes, its records make %d", name, f, got[f], n)
			}
		}
	}
}

func TestReadManifestRejects(t *testing.T) {
	good, err := embedded.ReadFile("manifests/cifar10.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadManifest(bytes.NewReader(good), "m.json"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{`"title": "CIFAR-10"`, `"title": " "`, "title"},
		{`"title"`, `"titel"`, "titel"},
		{`"name": "cifar10"`, `"name": "../x"`, "name"},
		{`"cifar10", "cifar-10-batches-bin"`, `"../cifar10"`, "folders[0]"},
		{`"cifar10", "cifar-10-batches-bin"`, `"/etc"`, "folders[0]"},
		{`"data_batch_*.bin"`, `"data_batch_[.bin"`, "markers[0]"},
		{`"url": "https:`, `"url": "ftp:`, "sources[0].url"},
		{`"file": "cifar-10-binary.tar.gz"`, `"file": "a/b"`, "sources[0].file"},
		{`"bytes": 170052171`, `"bytes": -1`, "sources[0].bytes"},
		{`"bytes": 170052171`, `"bytes": "many"`, "offset"},
		{`"sha256": "c4`, `"sha256": "zz`, "sources[0].sha256"},
		{`"sha256": "c4`, `"sha256": "`, "sources[0].sha256"},
		{`"unpack": "tar.gz"`, `"unpack": "rar"`, "sources[0].unpack"},
		{`"max_bytes": 200000000`, `"max_bytes": 0`, "sources[0].max_bytes"},
		{`"path": "test_batch.bin"`, `"path": "../test_batch.bin"`, "files[5]"},
		{"{\n", "[\n", "offset"},
		{"]\n}", "]\n} {}", "text after"},
	} {
		if !bytes.Contains(good, []byte(c.from)) {
			t.Fatalf("the manifest does not contain %q", c.from)
		}
		_, err := ReadManifest(bytes.NewReader(bytes.Replace(good, []byte(c.from), []byte(c.to), 1)), "m.json")
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "m.json") {
			t.Errorf("%s: error %v does not name m.json and %q", c.to, err, c.want)
		}
	}
}

func TestFind(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	alone(t, a, b)
	touch(t, b, "cifar-10-batches-bin", "test_batch.bin")
	at, err := Find("cifar10")
	if err != nil || at.Dir != filepath.Join(b, "cifar-10-batches-bin") || at.Origin != FromEnv {
		t.Errorf("%+v, %v", at, err)
	}
	cache, err := CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	touch(t, cache, "cifar10", "data_batch_1.bin")
	touch(t, a, "cifar10", "readme.html") // no marker
	all, err := FindAll("cifar10")
	if err != nil || len(all) != 2 || all[1].Dir != filepath.Join(cache, "cifar10") || all[1].Origin != FromCache {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := Find("imagenet"); err == nil || !strings.Contains(err.Error(), "cannot be fetched: register at") {
		t.Errorf("error %v", err)
	}
}

// TestFindInOddFolders: characters of a folder's name have no meaning.
func TestFindInOddFolders(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]*c? d")
	touch(t, dir, "mnist", "train-images-idx3-ubyte")
	alone(t, dir)
	if at, err := Find("mnist"); err != nil || at.Dir != filepath.Join(dir, "mnist") {
		t.Errorf("%+v, %v", at, err)
	}
}

// alone makes the search see only the given folders and an empty cache.
func alone(t *testing.T, dirs ...string) {
	t.Helper()
	t.Setenv(EnvData, strings.Join(dirs, string(os.PathListSeparator)))
	t.Setenv(EnvOffline, "")
	t.Setenv(EnvMirror, "")
	for _, v := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(v, t.TempDir())
	}
}

func touch(t *testing.T, elem ...string) {
	t.Helper()
	p := filepath.Join(elem...)
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzManifest checks that whatever is accepted stays within its folder.
func FuzzManifest(f *testing.F) {
	for _, n := range Names() {
		data, err := embedded.ReadFile("manifests/" + n + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"name":"x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ReadManifest(bytes.NewReader(data), "fuzz.json")
		if err != nil {
			if !strings.Contains(err.Error(), "fuzz.json") {
				t.Errorf("error %q does not name the file", err)
			}
			return
		}
		paths := append([]string{m.Name}, m.Folders...)
		paths = append(paths, m.Markers...)
		paths = append(paths, m.sourceFiles()...)
		for _, x := range m.Files {
			paths = append(paths, x.Path)
		}
		for _, p := range paths {
			if !filepath.IsLocal(filepath.FromSlash(p)) {
				t.Errorf("%q leaves its folder", p)
			}
		}
	})
}
