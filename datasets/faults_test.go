package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nngplab/nngplab/internal/faults"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// TestFetchKeepsNoSecrets: what an address holds for the server alone is in no
// file that stays, nor in an error or a message, whether the fetch succeeds or
// breaks off.
func TestFetchKeepsNoSecrets(t *testing.T) {
	for _, fails := range []bool{false, true} {
		w := newWorld(t)
		if fails {
			w.serve = func(rw http.ResponseWriter, r *http.Request, data []byte) {
				rw.Header().Set("Content-Length", fmt.Sprint(len(data)))
				rw.Write(data[:len(data)/2])
			}
		}
		said := ""
		_, err := w.fetch(func(c *FetchConfig) {
			for _, s := range w.set.Sources {
				c.URLs = append(c.URLs, strings.Replace(s.URL, "http://", "http://user:s3cret@", 1)+"?token=s3cret#s3cret")
			}
			c.Progress = func(p Progress) { said += p.Message }
		})
		if (err != nil) != fails {
			t.Fatal(err)
		}
		if strings.Contains(fmt.Sprint(err)+said, "s3cret") {
			t.Errorf("error %v, messages %q", err, said)
		}
		searchFor(t, w.root, "s3cret")
	}
	w := newWorld(t)
	_, err := w.fetch(func(c *FetchConfig) { c.Offline, c.Mirror = true, "https://user:s3cret@host/?k=s3cret" })
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("offline: %v", err)
	}
	for _, url := range []string{"ftp://user:s3cret@host/", "http://user:s3cret@", "http://us er:s3cret@host/%zz"} {
		_, err := w.fetch(func(c *FetchConfig) { c.URLs = []string{url, url} })
		var config *ConfigError
		if !errors.As(err, &config) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// searchFor fails if a file below dir holds the text.
func searchFor(t *testing.T, dir, text string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			t.Errorf("%s holds %q", path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFetchOfTwoFiles: the server's file changes within one run and nothing
// shows it but the digest: the download begins once more.
func TestFetchOfTwoFiles(t *testing.T) {
	w := newWorld(t)
	n := 0
	w.serve = func(rw http.ResponseWriter, r *http.Request, data []byte) {
		switch n++; {
		case n == 1:
			rw.Header().Set("Content-Length", fmt.Sprint(len(data)))
			rw.Write(data[:len(data)/2])
		case r.Header.Get("Range") != "":
			http.ServeContent(rw, r, "f", time.Time{}, bytes.NewReader(make([]byte, len(data))))
		default:
			http.ServeContent(rw, r, "f", time.Time{}, bytes.NewReader(data))
		}
	}
	if _, err := w.fetch(nil); err != nil {
		t.Fatal(err)
	}
	w.whole(t)
}

// TestFetchRandomFaults: against a server that fails at random, a fetch places
// the whole set or nothing, and one that failed goes on later.
func TestFetchRandomFaults(t *testing.T) {
	seeds := 12
	if testing.Short() {
		seeds = 3
	}
	for seed := range uint64(seeds) {
		w := newWorld(t)
		next := faults.Random(seed)
		w.serve = func(rw http.ResponseWriter, r *http.Request, data []byte) {
			a := next(0, r)
			(&faults.Server{Content: data, ETag: `"` + sha(data)[:8] + `"`, Next: func(int, *http.Request) faults.Answer { return a }}).ServeHTTP(rw, r)
		}
		_, err := w.fetch(func(c *FetchConfig) { c.Stall, c.Retries = 200*time.Millisecond, 6 })
		if err == nil {
			w.whole(t)
			continue
		}
		w.absent(t)
		w.serve = nil
		if _, err := w.fetch(nil); err != nil {
			t.Errorf("seed %d: with a good server again: %v", seed, err)
			continue
		}
		w.whole(t)
	}
}

// TestFetchFullDisk lets each write of the record and the states fail: the set
// is there whole or not at all, and the next fetch succeeds.
func TestFetchFullDisk(t *testing.T) {
	for at := 0; ; at++ {
		w := newWorld(t)
		d := &faults.Disk{At: at}
		restore := wholefile.Use(d)
		_, err := w.fetch(nil)
		restore()
		if err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("operation %d: %v", at, err)
			}
			w.absent(t)
		}
		if _, err := w.fetch(nil); err != nil {
			t.Errorf("operation %d, with room again: %v", at, err)
		}
		w.whole(t)
		if d.Operations() <= at {
			break
		}
	}
}
