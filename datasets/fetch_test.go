package datasets

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// world is a data set on a server of its own.
type world struct {
	set     *Manifest
	archive []byte
	table   []byte
	root    string // the data folder to fill

	mu       sync.Mutex
	requests []string
	serve    func(w http.ResponseWriter, r *http.Request, data []byte) // nil: well
}

func sha(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }

// newWorld makes a set of an archive of two files and of a plain table.
func newWorld(t *testing.T) *world {
	t.Helper()
	alone(t)
	w := &world{root: filepath.Join(t.TempDir(), "data"), table: bytes.Repeat([]byte("1,2,3\n"), 50_000)}
	big := bytes.Repeat([]byte("image "), 40_000)
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	tw := tar.NewWriter(z)
	for _, f := range []struct {
		name string
		data []byte
	}{{"set/images.bin", big}, {"set/in/labels.txt", []byte("labels")}} {
		if err := tw.WriteHeader(&tar.Header{Name: f.name, Mode: 0o600, Size: int64(len(f.data)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		tw.Write(f.data)
	}
	tw.Close()
	z.Close()
	w.archive = b.Bytes()
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	table := md5.Sum(w.table)
	w.set = &Manifest{
		Name: "toy", Title: "Toy", What: "x", Use: "x", Homepage: "x", License: "x", Layout: "x",
		Folders: []string{"toy"}, Markers: []string{"images.bin"},
		Sources: []Source{
			{URL: srv.URL + "/a.tar.gz", Bytes: int64(len(w.archive)), SHA256: sha(w.archive), File: "a.tar.gz", Unpack: "tar.gz", Strip: 1, MaxBytes: 1 << 20},
			{URL: srv.URL + "/t.csv", About: int64(len(w.table)), MD5: hex.EncodeToString(table[:]), File: "t.csv"},
		},
		Files: []File{{"images.bin", int64(len(big)), sha(big)}, {Path: "in/labels.txt", Bytes: 6}},
	}
	if err := w.set.check(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.requests = append(w.requests, r.URL.Path+" "+r.Header.Get("Range"))
	serve := w.serve
	w.mu.Unlock()
	data := w.archive
	if strings.HasSuffix(r.URL.Path, "t.csv") {
		data = w.table
	}
	if serve != nil {
		serve(rw, r, data)
		return
	}
	well(rw, r, data)
}

func well(w http.ResponseWriter, r *http.Request, data []byte) {
	w.Header().Set("ETag", `"`+sha(data)[:16]+`"`)
	http.ServeContent(w, r, "f", time.Time{}, bytes.NewReader(data))
}

func (w *world) fetch(edit func(*FetchConfig)) (Location, error) {
	cfg := FetchConfig{Dir: w.root, Backoff: time.Millisecond, Stall: 5 * time.Second, Retries: 2}
	if edit != nil {
		edit(&cfg)
	}
	return fetch(context.Background(), w.set, cfg)
}

// whole checks that the set is placed, verified, and nothing lies about.
func (w *world) whole(t *testing.T) {
	t.Helper()
	at := Location{"toy", filepath.Join(w.root, "toy"), FromCache}
	rep, err := verify(context.Background(), w.set, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	if bad := rep.Problems(); len(bad) > 0 || !rep.Fetched || len(rep.Checks) != 3 || len(rep.Missing) > 0 {
		t.Errorf("the placed set: problems %v, report %+v", bad, rep)
	}
	entries, err := os.ReadDir(w.root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n := e.Name(); n != "toy" && n != ".lock-toy" && n != ".downloads" {
			t.Errorf("%s lies about", n)
		}
	}
	if exists(downloadDir(w.root, "toy")) {
		t.Error("the downloads are still there")
	}
}

// absent checks that no part of the set has been placed.
func (w *world) absent(t *testing.T) {
	t.Helper()
	for _, n := range []string{"toy", ".stage-toy.*", ".old-toy"} {
		if found, _ := filepath.Glob(filepath.Join(w.root, n)); len(found) > 0 {
			t.Errorf("%s is there", found)
		}
	}
}

func TestFetch(t *testing.T) {
	w := newWorld(t)
	stages := map[string]bool{}
	at, err := w.fetch(func(c *FetchConfig) { c.Progress = func(p Progress) { stages[p.Stage] = true } })
	if err != nil {
		t.Fatal(err)
	}
	if at.Dir != filepath.Join(w.root, "toy") {
		t.Errorf("placed at %+v", at)
	}
	w.whole(t)
	for _, s := range []string{StageDownload, StageCheck, StageUnpack, StagePlace} {
		if !stages[s] {
			t.Errorf("no progress was told of stage %q", s)
		}
	}
	n := len(w.requests)
	if _, err := w.fetch(nil); err != nil || len(w.requests) != n {
		t.Errorf("a second fetch: %d more requests, error %v", len(w.requests)-n, err)
	}
	if w.set.Sources[1].SHA256 != "" {
		t.Error("fetching changed the manifest")
	}
	if _, err := w.fetch(func(c *FetchConfig) { c.Force = true }); err != nil || len(w.requests) != n+2 {
		t.Errorf("with force: %d more requests, error %v", len(w.requests)-n, err)
	}
	w.whole(t)
}

// TestFetchTree: of an archive without a published digest some files are kept, and
// checked as a whole. Another content places nothing, and the archive is fetched anew.
func TestFetchTree(t *testing.T) {
	w := newWorld(t)
	labels := File{"in/labels.txt", 6, sha([]byte("labels"))}
	good := Tree{Pattern: "in/*.txt", Files: 1, Bytes: 6, SHA256: sha([]byte(labels.SHA256 + "  6  in/labels.txt\n"))}
	w.set.Sources[0].SHA256, w.set.Sources[0].Bytes, w.set.Sources[0].Limit = "", 0, 1<<20
	w.set.Sources[0].Keep, w.set.Files, w.set.Markers = []string{"in/*.txt"}, nil, []string{"in/labels.txt"}
	for _, c := range []struct {
		edit func(*Tree)
		want string
	}{
		{func(t *Tree) { t.Files = 2 }, "the number of its files is 1, must be 2"},
		{func(t *Tree) { t.Bytes = 7 }, "the size of its files is 6, must be 7"},
		{func(t *Tree) { t.SHA256 = sha(nil) }, "the SHA-256 of its list of files"},
	} {
		tree := good
		c.edit(&tree)
		w.set.Trees = []Tree{tree}
		if err := w.set.check(); err != nil {
			t.Fatal(err)
		}
		_, err := w.fetch(nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "in/*.txt") {
			t.Errorf("error %v, want %q", err, c.want)
		}
		w.absent(t)
		if exists(filepath.Join(downloadDir(w.root, "toy"), "a.tar.gz")) {
			t.Error("the wrong archive is kept for the next call")
		}
	}
	w.set.Trees = []Tree{good}
	at, err := w.fetch(nil)
	if err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(at.Dir, "images.bin")) || !exists(filepath.Join(at.Dir, "in", "labels.txt")) {
		t.Error("other files were kept than asked for")
	}
	if err := CheckRecorded(t.Context(), at.Dir, "in/labels.txt"); err != nil {
		t.Error(err)
	}
}

// TestFetchLimit: of a file without a published size no more is taken than its limit.
func TestFetchLimit(t *testing.T) {
	w := newWorld(t)
	w.set.Sources[0].SHA256, w.set.Sources[0].Bytes, w.set.Sources[0].Limit = "", 0, 100
	if _, err := w.fetch(nil); err == nil || !strings.Contains(err.Error(), "at most 100 are expected") {
		t.Errorf("error %v", err)
	}
	w.absent(t)
}

func TestFetchWrongBytes(t *testing.T) {
	w := newWorld(t)
	w.serve = func(rw http.ResponseWriter, r *http.Request, data []byte) {
		bad := bytes.Clone(data)
		bad[len(bad)/2] ^= 1
		well(rw, r, bad)
	}
	_, err := w.fetch(nil)
	var wrong *WrongFileError
	if !errors.As(err, &wrong) || wrong.What != "its SHA-256" || !strings.Contains(err.Error(), "a.tar.gz") {
		t.Errorf("error %v", err)
	}
	w.absent(t)
	if got, err := os.ReadDir(downloadDir(w.root, "toy")); err != nil || len(got) > 1 { // the state file may stay
		t.Errorf("left in the downloads: %v, %v", got, err)
	}
	w.serve = nil
	if _, err := w.fetch(nil); err != nil {
		t.Fatal(err)
	}
	w.whole(t)
}

// TestFetchWrongPart: what an earlier run left is no part of the file, and no
// validator shows it. The digest does, and the download begins anew.
func TestFetchWrongPart(t *testing.T) {
	w := newWorld(t)
	dir := downloadDir(w.root, "toy")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.tar.gz.part"), make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "t.csv"), []byte("not this"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.fetch(nil); err != nil {
		t.Fatal(err)
	}
	// The file without a part's state was put there by hand: it is kept.
	wrong := filepath.Join(dir, "t.csv.wrong")
	if b, err := os.ReadFile(wrong); err != nil || string(b) != "not this" {
		t.Errorf("%q, %v", b, err)
	}
	os.RemoveAll(dir)
	w.whole(t)
}

// TestFetchInterrupted: the context ends in the middle of a download; nothing
// is placed, and the next fetch asks only for the rest.
func TestFetchInterrupted(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	const cut = 100_000
	w.serve = func(rw http.ResponseWriter, r *http.Request, data []byte) {
		rw.Header().Set("ETag", `"`+sha(data)[:16]+`"`)
		rw.Header().Set("Content-Length", fmt.Sprint(len(data)))
		rw.Write(data[:cut])
		rw.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	_, err := fetch(ctx, w.set, FetchConfig{Dir: w.root, Progress: func(p Progress) {
		if p.Done >= cut {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	w.absent(t)
	w.serve, w.requests = nil, nil
	if _, err := w.fetch(nil); err != nil {
		t.Fatal(err)
	}
	w.whole(t)
	if want := fmt.Sprintf("/a.tar.gz bytes=%d-", cut); w.requests[0] != want {
		t.Errorf("the next run asks for %q, want %q", w.requests[0], want)
	}
}

// TestFetchKilledWhilePlacing: the leftovers of a run that was killed at any
// step of placing are cleared, and a set that was there is not lost.
func TestFetchKilledWhilePlacing(t *testing.T) {
	w := newWorld(t)
	if _, err := w.fetch(nil); err != nil {
		t.Fatal(err)
	}
	touch(t, w.root, ".stage-toy.1", "half.bin")
	touch(t, w.root, ".stage-toy.1", stageMark)
	others := []string{".stage-toy.mine", ".stage-toy-full.1"} // somebody's; another set's
	touch(t, w.root, others[0], "mine.txt")
	touch(t, w.root, others[1], stageMark)
	if err := os.Rename(filepath.Join(w.root, "toy"), filepath.Join(w.root, ".old-toy")); err != nil {
		t.Fatal(err)
	}
	n := len(w.requests)
	if _, err := w.fetch(nil); err != nil || len(w.requests) != n {
		t.Errorf("%d requests, error %v", len(w.requests)-n, err)
	}
	for _, name := range others {
		if !exists(filepath.Join(w.root, name)) {
			t.Errorf("%s is gone", name)
		}
		os.RemoveAll(filepath.Join(w.root, name))
	}
	w.whole(t)
}

func TestFetchTogether(t *testing.T) {
	w := newWorld(t)
	var waited atomic.Bool
	release := make(chan struct{})
	w.serve = func(rw http.ResponseWriter, r *http.Request, data []byte) {
		<-release
		well(rw, r, data)
	}
	var wg sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, errs[i] = w.fetch(func(c *FetchConfig) {
				c.Progress = func(p Progress) {
					if p.Stage == StageWait && waited.CompareAndSwap(false, true) {
						close(release)
					}
				}
			})
		}()
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if len(w.requests) != 2 {
		t.Errorf("three fetches at once asked %q", w.requests)
	}
	w.whole(t)
}

func TestFetchOffline(t *testing.T) {
	w := newWorld(t)
	t.Setenv(EnvOffline, "1")
	_, err := w.fetch(nil)
	var off *OfflineError
	if !errors.As(err, &off) || len(off.Missing) != 2 {
		t.Fatalf("error %v", err)
	}
	dir := downloadDir(w.root, "toy")
	for _, s := range []string{w.set.Sources[0].URL, w.set.Sources[0].SHA256, "md5 " + w.set.Sources[1].MD5, filepath.Join(dir, "a.tar.gz"), filepath.Join(dir, "t.csv"), "--offline"} {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("the error does not say %q:\n%v", s, err)
		}
	}
	// Put there by hand: a wrong file is named, the right ones are placed.
	if err := os.WriteFile(filepath.Join(dir, "a.tar.gz"), w.archive[1:], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "t.csv"), w.table, 0o600); err != nil {
		t.Fatal(err)
	}
	var wrong *WrongFileError
	if _, err := w.fetch(nil); !errors.As(err, &wrong) || wrong.What != "its size" {
		t.Errorf("wrong file by hand: error %v", err)
	}
	if !exists(filepath.Join(dir, "a.tar.gz")) {
		t.Error("the user's file was removed")
	}
	if err := os.WriteFile(filepath.Join(dir, "a.tar.gz"), w.archive, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.fetch(nil); err != nil {
		t.Fatal(err)
	}
	w.whole(t)
	if len(w.requests) > 0 {
		t.Errorf("offline, but asked %q", w.requests)
	}
}

func TestFetchMirrorAndURLs(t *testing.T) {
	w := newWorld(t)
	base := strings.TrimSuffix(w.set.Sources[0].URL, "/a.tar.gz")
	for i := range w.set.Sources {
		w.set.Sources[i].URL = "http://data.invalid/x"
	}
	t.Setenv(EnvMirror, base+"/mirror/")
	if _, err := w.fetch(nil); err != nil {
		t.Fatal(err)
	}
	if w.requests[0] != "/mirror/toy/a.tar.gz " {
		t.Errorf("the mirror was asked %q", w.requests)
	}
	w.requests = nil
	if _, err := w.fetch(func(c *FetchConfig) { c.URLs = []string{base + "/1.tar.gz", base + "/t.csv"}; c.Force = true }); err != nil {
		t.Fatal(err)
	}
	if w.requests[0] != "/1.tar.gz " {
		t.Errorf("the given address was asked %q", w.requests)
	}
	w.whole(t)
	for _, urls := range [][]string{{base}, {base, "file:///etc/passwd"}} {
		if _, err := w.fetch(func(c *FetchConfig) { c.URLs = urls }); err == nil {
			t.Errorf("addresses %q: no error", urls)
		}
	}
}

// TestFetchBadArchive: the archive is what the manifest's digest says and yet
// lacks what the manifest says of its files.
func TestFetchBadArchive(t *testing.T) {
	w := newWorld(t)
	w.set.Files = append(w.set.Files, File{Path: "more.bin"})
	if _, err := w.fetch(nil); err == nil || !strings.Contains(err.Error(), "more.bin") {
		t.Errorf("a missing file: error %v", err)
	}
	w.absent(t)
	w.set.Files = w.set.Files[:2]
	w.set.Files[1].Bytes = 7
	var wrong *WrongFileError
	if _, err := w.fetch(nil); !errors.As(err, &wrong) {
		t.Errorf("a wrong size: error %v", err)
	}
	w.absent(t)
	w.set.Files[1].Bytes = 6
	w.set.Sources[0].MaxBytes = 1000
	if _, err := w.fetch(nil); err == nil || !strings.Contains(err.Error(), "unpacks to more") {
		t.Errorf("too large: error %v", err)
	}
	w.absent(t)
	w.set.Sources[0].MaxBytes = 1 << 20
	n := len(w.requests)
	if _, err := w.fetch(nil); err != nil || len(w.requests) != n {
		t.Errorf("the downloads were not kept: %d more requests, error %v", len(w.requests)-n, err)
	}
	w.whole(t)
}

func TestFetchNeedsRoom(t *testing.T) {
	w := newWorld(t)
	if _, known := freeBytes(t.TempDir()); !known {
		t.Skip("this system does not tell the free space")
	}
	w.set.Sources[0].MaxBytes = 1 << 60
	if _, err := w.fetch(nil); err == nil || !strings.Contains(err.Error(), "MB are free") || len(w.requests) > 0 {
		t.Errorf("error %v after requests %q", err, w.requests)
	}
}

func TestFetchRespectsWhatIsThere(t *testing.T) {
	w := newWorld(t)
	touch(t, w.root, "toy", "images.bin")
	if _, err := w.fetch(nil); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("error %v", err)
	}
	if _, err := w.fetch(func(c *FetchConfig) { c.Force = true }); err != nil {
		t.Fatal(err)
	}
	aside := filepath.Join(w.root, "toy.before-fetch")
	if !exists(filepath.Join(aside, "images.bin")) {
		t.Error("what was there is lost")
	}
	if err := os.RemoveAll(aside); err != nil {
		t.Fatal(err)
	}
	w.whole(t)
	// Again: what came beside the fetched files stays with them.
	touch(t, w.root, "toy", "notes.txt")
	touch(t, w.root, "toy", "inner/notes.txt")
	if _, err := w.fetch(func(c *FetchConfig) { c.Force = true }); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"notes.txt", "inner/notes.txt"} {
		if !exists(filepath.Join(w.root, "toy", name)) {
			t.Errorf("%s is lost", name)
		}
		os.Remove(filepath.Join(w.root, "toy", name))
	}
	os.Remove(filepath.Join(w.root, "toy", "inner"))
	w.whole(t)
	if _, err := Fetch(context.Background(), "imagenet", FetchConfig{Dir: w.root}); err == nil || !strings.Contains(err.Error(), "register") {
		t.Errorf("a set without sources: error %v", err)
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	w := newWorld(t)
	at, err := w.fetch(nil)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(at.Dir, "in", "labels.txt")
	check := func(want string) {
		t.Helper()
		rep, err := verify(context.Background(), w.set, at, nil)
		if err != nil {
			t.Fatal(err)
		}
		bad := rep.Problems()
		if len(bad) != 1 || bad[0].Path != "in/labels.txt" || !strings.Contains(bad[0].Problem, want) {
			t.Errorf("problems %+v, want one of in/labels.txt that says %q", bad, want)
		}
	}
	// The manifest knows only the size; the record knows the digest.
	if err := os.WriteFile(name, []byte("labelz"), 0o600); err != nil {
		t.Fatal(err)
	}
	check("SHA-256")
	if err := os.WriteFile(name, []byte("label"), 0o600); err != nil {
		t.Fatal(err)
	}
	check("its size is 5")
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	check("missing")
	// Without the record the set counts as placed by hand, and may be a part.
	if err := os.Remove(filepath.Join(at.Dir, recordFile)); err != nil {
		t.Fatal(err)
	}
	rep, err := verify(context.Background(), w.set, at, nil)
	if err != nil || len(rep.Problems()) > 0 || len(rep.Missing) != 1 || rep.Fetched {
		t.Errorf("%+v, %v", rep, err)
	}
	if err := os.WriteFile(filepath.Join(at.Dir, recordFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if rep, err := verify(context.Background(), w.set, at, nil); err != nil || len(rep.Problems()) != 1 {
		t.Errorf("a damaged record: %+v, %v", rep, err)
	}
}

func TestRemove(t *testing.T) {
	alone(t, t.TempDir())
	ctx := context.Background()
	if _, err := Remove(ctx, "mnist"); err == nil || !strings.Contains(err.Error(), "not in the cache") {
		t.Errorf("nothing there: error %v", err)
	}
	cache, err := CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	touch(t, cache, "mnist", "train-images-idx3-ubyte.gz")
	touch(t, downloadDir(cache, "mnist"), "t10k-images-idx3-ubyte.gz.part")
	touch(t, cache, "cifar10", "test_batch.bin")
	if n := Unfinished("mnist"); n != 1 {
		t.Errorf("%d unfinished bytes, want 1", n)
	}
	removed, err := Remove(ctx, "mnist")
	if err == nil || len(removed) != 1 || !exists(filepath.Join(cache, "mnist", "train-images-idx3-ubyte.gz")) || Unfinished("mnist") != 0 {
		t.Errorf("a set that somebody placed: %v, %v", removed, err)
	}
	rec := &Record{Set: "mnist", Files: []File{{Path: "train-images-idx3-ubyte.gz"}, {Path: "deep/er/x"}}}
	touch(t, cache, "mnist", "deep/er/x")
	touch(t, cache, "mnist", "notes.txt")
	for range 2 {
		if err := rec.write(filepath.Join(cache, "mnist")); err != nil {
			t.Fatal(err)
		}
		if removed, err = Remove(ctx, "mnist"); err != nil || len(removed) != 1 {
			t.Errorf("%v, %v", removed, err)
		}
		if entries, _ := os.ReadDir(filepath.Join(cache, "mnist")); len(entries) > 1 {
			t.Errorf("left: %v", entries)
		}
		os.Remove(filepath.Join(cache, "mnist", "notes.txt"))
	}
	if exists(filepath.Join(cache, "mnist")) {
		t.Error("the folder is still there")
	}
	if !exists(filepath.Join(cache, "cifar10", "test_batch.bin")) {
		t.Error("another set was removed too")
	}
	mine := t.TempDir()
	t.Setenv(EnvData, mine)
	touch(t, mine, "mnist", "train-images-idx3-ubyte")
	if _, err := Remove(ctx, "mnist"); err == nil || !strings.Contains(err.Error(), "which is yours") {
		t.Errorf("the user's own: error %v", err)
	}
}
