package download

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nngplab/nngplab/internal/faults"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// fetchFrom downloads content from a faulty server into a part that begins with
// have.
func fetchFrom(t *testing.T, s *faults.Server, have []byte, retries int) (got []byte, res Result, err error) {
	t.Helper()
	srv := httptest.NewServer(s)
	defer srv.Close()
	r := Request{URL: srv.URL, Path: filepath.Join(t.TempDir(), "f.part"), Size: int64(len(s.Content)),
		Stall: 200 * time.Millisecond, Retries: retries, Backoff: time.Microsecond}
	if err := os.WriteFile(r.Path, have, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	res, err = Do(ctx, r)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("never ends: %d requests in a minute", s.Requests())
	}
	got, rerr := os.ReadFile(r.Path)
	if rerr != nil {
		t.Fatal(rerr)
	}
	return got, res, err
}

// TestAlwaysEnds: against a server that answers in one way for ever, a
// download ends, with the file or with an error, after few requests.
func TestAlwaysEnds(t *testing.T) {
	for a := faults.Good; a <= faults.Hanging; a++ {
		for _, have := range [][]byte{nil, content[:300_000]} {
			s := &faults.Server{Content: content, ETag: `"a"`, Next: func(int, *http.Request) faults.Answer { return a }}
			got, _, err := fetchFrom(t, s, have, 3)
			if err == nil && !bytes.Equal(got, content) && a != faults.Other {
				t.Errorf("answer %d, %d bytes at hand: no error, and other bytes", a, len(have))
			}
			if s.Requests() > 30 {
				t.Errorf("answer %d, %d bytes at hand: %d requests", a, len(have), s.Requests())
			}
		}
	}
}

// TestBeginsAnew: a server that breaks off each whole answer and refuses
// ranges brings nothing new from the second attempt on.
func TestBeginsAnew(t *testing.T) {
	s := &faults.Server{Content: content, Next: func(int, *http.Request) faults.Answer { return faults.Refused }}
	_, _, err := fetchFrom(t, s, nil, 1)
	if err == nil || !strings.Contains(err.Error(), "gave up") || s.Requests() > 6 {
		t.Errorf("%v after %d requests", err, s.Requests())
	}
}

// TestNoRanges: a server that cannot go on where it stopped sends the whole
// file, after a failure within the call and in an earlier one.
func TestNoRanges(t *testing.T) {
	for _, a := range []faults.Answer{faults.WrongStart, faults.NoRange, faults.Nonsense, faults.Whole} {
		for _, have := range [][]byte{nil, content[:1000]} {
			s := &faults.Server{Content: content, ETag: `"a"`, Next: func(n int, r *http.Request) faults.Answer {
				if n == 0 && len(have) == 0 {
					return faults.Broken
				}
				return a
			}}
			if got, _, err := fetchFrom(t, s, have, 2); err != nil || !bytes.Equal(got, content) {
				t.Errorf("answer %d, %d bytes at hand: %d bytes, %v", a, len(have), len(got), err)
			}
		}
	}
}

// TestChangesMeanwhile: the file changes between two answers of one download.
// A server that shows it by a validator or by the size is asked for the whole;
// of one that shows nothing, the result says that it was pieced together.
func TestChangesMeanwhile(t *testing.T) {
	for _, shown := range []bool{true, false} {
		s := &faults.Server{Content: content, Next: func(n int, _ *http.Request) faults.Answer {
			return []faults.Answer{faults.Broken, faults.Other, faults.Good}[min(n, 2)]
		}}
		if shown {
			s.ETag = `"a"`
		}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !shown {
				w = &mute{w}
			}
			s.ServeHTTP(w, r)
		}))
		r := Request{URL: srv.URL, Path: filepath.Join(t.TempDir(), "f.part"), Size: int64(len(content)), Retries: 3, Backoff: time.Microsecond}
		res, err := Do(context.Background(), r)
		srv.Close()
		got, _ := os.ReadFile(r.Path)
		if err != nil || bytes.Equal(got, content) != shown || res.Pieced == shown {
			t.Errorf("shown %v: %v, the right bytes %v, pieced %v", shown, err, bytes.Equal(got, content), res.Pieced)
		}
	}
}

// mute leaves validators out.
type mute struct{ http.ResponseWriter }

func (m *mute) WriteHeader(code int) {
	m.Header().Del("ETag")
	m.ResponseWriter.WriteHeader(code)
}

// TestRandomFaults: against random faults a download ends with an error or the
// bytes of one file, the right one or the other one whole, which a digest shows.
func TestRandomFaults(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 10
	}
	through := 0
	for seed := range uint64(seeds) {
		small := content[:20_000+int(seed)*7]
		s := &faults.Server{Content: small, ETag: `"a"`, Next: faults.Random(seed)}
		got, _, err := fetchFrom(t, s, nil, 8)
		if err == nil {
			through++
			if !bytes.Equal(got, small) && !bytes.Equal(got, make([]byte, len(small))) {
				t.Errorf("seed %d: no error, and mixed bytes", seed)
			}
		}
	}
	if through == 0 {
		t.Error("no download got through: the faults are too many for this test")
	}
}

// TestDrip: a server that sends a byte now and then is given up.
func TestDrip(t *testing.T) {
	var n atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		for {
			if _, err := w.Write([]byte{1}); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}))
	defer srv.Close()
	start := time.Now()
	_, err := Do(context.Background(), Request{URL: srv.URL, Path: filepath.Join(t.TempDir(), "f.part"), Size: int64(len(content)),
		Stall: 100 * time.Millisecond, Retries: 2, Backoff: time.Microsecond})
	if err == nil || n.Load() > 10 {
		t.Errorf("%v, %d requests in %v", err, n.Load(), time.Since(start))
	}
}

// TestSecrets: neither an error nor a file beside the part names what an
// address holds for the server alone.
func TestSecrets(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "http://")
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	ok := httptest.NewServer(&faults.Server{Content: content})
	defer ok.Close()
	redirecting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "ftp://s3cret:s3cret@host/?k=s3cret")
		w.WriteHeader(http.StatusFound)
	}))
	defer redirecting.Close()
	for _, url := range []string{
		"http://user:s3cret@" + host + "/f?token=s3cret#s3cret", "http://s3cret@" + host + "/f",
		"http://user:s3cret@" + strings.TrimPrefix(closed.URL, "http://") + "/f?s3cret",
		"http://user:s3cret@%zz/f", "http://user:s3/cret@" + host, "http://user:s3cret@" + host + ":x/", "ftp://user:s3cret@" + host,
		"http://user:s3cret@" + strings.TrimPrefix(ok.URL, "http://") + "/f?X-Amz-Signature=s3cret",
		redirecting.URL + "/?s3cret",
	} {
		dir := t.TempDir()
		_, err := Do(context.Background(), Request{URL: url, Path: filepath.Join(dir, "f.part"), Retries: -1, Backoff: time.Microsecond})
		if err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "s3/cret")) {
			t.Errorf("%s: error %q", url, err)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, f := range files {
			if b, _ := os.ReadFile(f); bytes.Contains(b, []byte("s3cret")) {
				t.Errorf("%s: %s holds %q", url, filepath.Base(f), b)
			}
		}
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"https://host/a/b.gz":      "https://host/a/b.gz",
		"https://u:p@host/a?x=1#y": "https://host/a",
		"http://u@host:80/":        "http://host:80/",
		"http://u:p@[::1]:8/x":     "http://[::1]:8/x",
		"u:p@host/x?k":             "host/x",
		"http://u:%zz@host/x":      "http://host/x",
		"https://host/a%20b?":      "https://host/a%20b",
	} {
		if got := Redact(in); got != want {
			t.Errorf("Redact(%q) = %q, want %q", in, got, want)
		}
	}
	if got := RedactText(`get "https://u:p@h/x?k=v": failed`); got != `get "https://h/x": failed` {
		t.Error(got)
	}
}

// TestTerminal: what a server says does not command the terminal.
func TestTerminal(t *testing.T) {
	for _, h := range []string{"bytes \x1b[31m", "\x9b31m"} {
		_, _, err := try(t, nil, func(r *Request) { r.Retries = -1 }, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Range"] = []string{h}
			w.WriteHeader(http.StatusPartialContent)
		})
		if err == nil || strings.ContainsAny(err.Error(), "\x1b\x9b") {
			t.Errorf("%q", err)
		}
	}
}

// TestFullDisk: where the state or the part cannot be written the download
// ends with that reason, and a later one with the file.
func TestFullDisk(t *testing.T) {
	srv := httptest.NewServer(&faults.Server{Content: content, ETag: `"a"`})
	defer srv.Close()
	for at := 0; at < 20; at++ {
		r := Request{URL: srv.URL, Path: filepath.Join(t.TempDir(), "f.part"), Size: int64(len(content)), Backoff: time.Microsecond}
		restore := wholefile.Use(&faults.Disk{At: at})
		_, err := Do(context.Background(), r)
		restore()
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("operation %d: %v", at, err)
		}
		if _, err := Do(context.Background(), r); err != nil {
			t.Errorf("operation %d, with room again: %v", at, err)
		}
		if got, _ := os.ReadFile(r.Path); !bytes.Equal(got, content) {
			t.Errorf("operation %d: other bytes", at)
		}
	}
}
