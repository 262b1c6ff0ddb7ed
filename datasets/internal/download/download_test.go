package download

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// content is what the servers of these tests hold: long enough for several
// reads, and different everywhere.
var content = func() []byte {
	b := make([]byte, 600_000)
	for i := range b {
		b[i] = byte(i * i >> 7)
	}
	return b
}()

// try downloads from a server into a fresh part file that begins with have.
func try(t *testing.T, have []byte, edit func(*Request), serve http.HandlerFunc) (got []byte, requests int, err error) {
	t.Helper()
	var n atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		serve(w, r)
	}))
	defer srv.Close()
	r := Request{URL: srv.URL + "/file", Path: filepath.Join(t.TempDir(), "f.part"), Size: int64(len(content)),
		Stall: 10 * time.Second, Retries: 2, Backoff: time.Millisecond}
	if have != nil {
		if err := os.WriteFile(r.Path, have, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if edit != nil {
		edit(&r)
	}
	res, err := Do(context.Background(), r)
	got, rerr := os.ReadFile(r.Path)
	if rerr != nil {
		t.Fatal(rerr)
	}
	if err == nil && res.Size != int64(len(got)) {
		t.Errorf("Do says %d bytes, the part file has %d", res.Size, len(got))
	}
	if err != nil && !strings.Contains(err.Error(), srv.URL) {
		t.Errorf("error %q does not name the address", err)
	}
	return got, int(n.Load()), err
}

// serve answers as a good server does, ranges and validators included.
func serve(etag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if etag != "" {
			w.Header().Set("ETag", etag)
		}
		http.ServeContent(w, r, "f", time.Time{}, bytes.NewReader(content))
	}
}

func TestPlain(t *testing.T) {
	got, n, err := try(t, nil, nil, serve(""))
	if err != nil || n != 1 || !bytes.Equal(got, content) {
		t.Errorf("%d bytes in %d requests, error %v", len(got), n, err)
	}
}

func TestUnknownSize(t *testing.T) {
	got, _, err := try(t, nil, func(r *Request) { r.Size = 0 }, func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush() // chunked: no length is announced
		w.Write(content)
	})
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, error %v", len(got), err)
	}
}

// TestBrokenOff: the server breaks the connection again and again; each
// attempt goes on where the last one stopped.
func TestBrokenOff(t *testing.T) {
	for _, ranges := range []bool{true, false} {
		sent := 0
		got, n, err := try(t, nil, func(r *Request) { r.Retries = 10 }, func(w http.ResponseWriter, r *http.Request) {
			from := 0
			if h := r.Header.Get("Range"); ranges && h != "" {
				fmt.Sscanf(h, "bytes=%d-", &from)
				if r.Header.Get("If-Range") != `"v1"` {
					t.Errorf("If-Range is %q", r.Header.Get("If-Range"))
				}
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
			}
			w.Header().Set("ETag", `"v1"`)
			w.Header().Set("Content-Length", fmt.Sprint(len(content)-from))
			if from > 0 {
				w.WriteHeader(http.StatusPartialContent)
			}
			// Without ranges every attempt gets farther, the fourth to the end.
			sent++
			to := from + 200_000
			if !ranges {
				to = sent * 150_000
			}
			w.Write(content[from:min(to, len(content))])
			if to < len(content) {
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			}
		})
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("ranges %v: %d bytes in %d requests, error %v", ranges, len(got), n, err)
		}
		if ranges && (n < 3 || n > 8) {
			t.Errorf("%d requests for a server that breaks off after 200,000 of 600,000 bytes", n)
		}
	}
}

func TestBrokenOffForGood(t *testing.T) {
	got, n, err := try(t, nil, nil, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content[:100_000])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	if err == nil || !strings.Contains(err.Error(), "gave up after 3 attempts") {
		t.Errorf("error %v", err)
	}
	if n != 4 || len(got) == 0 || !bytes.Equal(got, content[:len(got)]) {
		t.Errorf("%d requests, %d bytes kept", n, len(got))
	}
}

func TestResume(t *testing.T) {
	const have = 250_001
	var ranges []string
	got, _, err := try(t, content[:have], nil, func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		serve("")(w, r)
	})
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, error %v", len(got), err)
	}
	if len(ranges) != 1 || ranges[0] != "bytes=250001-" {
		t.Errorf("ranges asked for: %q", ranges)
	}
}

// TestResumeOfAChangedFile: the part is of an older version, as the validator
// shows: the server sends the whole new one.
func TestResumeOfAChangedFile(t *testing.T) {
	got, _, err := try(t, bytes.Repeat([]byte{1}, 1000), func(r *Request) {
		if err := os.WriteFile(r.Path+".json", []byte(`{"url":"`+r.URL+`","validator":"\"old\""}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}, serve(`"new"`))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, error %v", len(got), err)
	}
}

func TestCompletePartNeedsNoRequest(t *testing.T) {
	got, n, err := try(t, content, nil, serve(""))
	if err != nil || n != 0 || !bytes.Equal(got, content) {
		t.Errorf("%d bytes in %d requests, error %v", len(got), n, err)
	}
	// Without a known size the server is asked and says that nothing follows.
	got, n, err = try(t, content, func(r *Request) { r.Size = 0 }, serve(""))
	if err != nil || n != 1 || !bytes.Equal(got, content) {
		t.Errorf("size unknown: %d bytes in %d requests, error %v", len(got), n, err)
	}
}

func TestPartLongerThanTheFile(t *testing.T) {
	long := append(bytes.Clone(content), 1, 2, 3)
	for _, size := range []int64{int64(len(content)), 0} {
		got, _, err := try(t, long, func(r *Request) { r.Size = size }, serve(""))
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("size %d: %d bytes, error %v", size, len(got), err)
		}
	}
}

func TestLiesAboutLength(t *testing.T) {
	for name, c := range map[string]struct {
		announced, sent int
		want            string
	}{
		"another size":      {len(content) - 5, len(content) - 5, "the server offers 599995 bytes, the file has 600000"},
		"more than it says": {len(content) + 5, len(content) + 5, "the server offers 600005 bytes"},
		"less arrives":      {len(content), 1000, "gave up"},
		"endless":           {-1, len(content) + 100_000, "sends more than the 600000 bytes"},
	} {
		got, _, err := try(t, nil, nil, func(w http.ResponseWriter, _ *http.Request) {
			if c.announced >= 0 {
				w.Header().Set("Content-Length", fmt.Sprint(c.announced))
			} else {
				w.(http.Flusher).Flush()
			}
			w.Write(append(bytes.Clone(content), make([]byte, 100_000)...)[:c.sent])
		})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", name, err, c.want)
		}
		if len(got) > len(content) {
			t.Errorf("%s: %d bytes were written", name, len(got))
		}
	}
}

func TestLimitOfAnUnknownSize(t *testing.T) {
	_, _, err := try(t, nil, func(r *Request) { r.Size, r.Limit = 0, 1000 }, serve(""))
	if err == nil || !strings.Contains(err.Error(), "at most 1000") {
		t.Errorf("announced: error %v", err)
	}
	got, _, err := try(t, nil, func(r *Request) { r.Size, r.Limit = 0, 1000 }, func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		w.Write(content)
	})
	if err == nil || len(got) > 1000 {
		t.Errorf("not announced: %d bytes, error %v", len(got), err)
	}
}

func TestWrongRange(t *testing.T) {
	for _, h := range []string{"bytes 7-599999/600000", "", "bytes x-1/2", "bytes 1000-599999/599000"} {
		got, _, err := try(t, content[:1000], nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", h)
			w.WriteHeader(http.StatusPartialContent)
			w.Write(content[1000:])
		})
		if err == nil {
			t.Errorf("Content-Range %q: no error", h)
		}
		if len(got) != 1000 {
			t.Errorf("Content-Range %q: %d bytes in the part file", h, len(got))
		}
	}
}

func TestStall(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	var served atomic.Int32
	start := time.Now()
	got, n, err := try(t, nil, func(r *Request) { r.Stall = 100 * time.Millisecond; r.Retries = 3 }, func(w http.ResponseWriter, r *http.Request) {
		switch served.Add(1) {
		case 1: // stalls in the middle
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			w.Write(content[:300_000])
			w.(http.Flusher).Flush()
		case 2: // stalls before it answers
		default:
			serve("")(w, r)
			return
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	if err != nil || n != 3 || !bytes.Equal(got, content) {
		t.Errorf("%d bytes in %d requests, error %v", len(got), n, err)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("two stalls of 0.1 s took %v", d)
	}
	_, _, err = try(t, nil, func(r *Request) { r.Stall = 50 * time.Millisecond; r.Retries = -1 }, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	var stalled *StalledError
	if !errors.As(err, &stalled) {
		t.Errorf("a server that never answers: error %v, want a StalledError", err)
	}
}

func TestRedirect(t *testing.T) {
	got, n, err := try(t, content[:5000], nil, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/file" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		serve("")(w, r)
	})
	if err != nil || n != 2 || !bytes.Equal(got, content) {
		t.Errorf("%d bytes in %d requests, error %v", len(got), n, err)
	}
	_, n, err = try(t, nil, nil, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/file", http.StatusFound) })
	if err == nil || !strings.Contains(err.Error(), "ten redirects") || n > 10 {
		t.Errorf("endless redirects: %d requests, error %v", n, err)
	}
}

func TestRedirectToPlainHTTP(t *testing.T) {
	plain := httptest.NewServer(serve(""))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer secure.Close()
	c := secure.Client()
	c.CheckRedirect = NewClient().CheckRedirect
	_, err := Do(context.Background(), Request{URL: secure.URL, Path: filepath.Join(t.TempDir(), "p"), Client: c, Backoff: time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "redirected from https") {
		t.Errorf("error %v", err)
	}
}

func TestStatus(t *testing.T) {
	_, n, err := try(t, nil, nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	if err == nil || !strings.Contains(err.Error(), "404") || n != 1 {
		t.Errorf("not found: %d requests, error %v", n, err)
	}
	tries := 0
	got, _, err := try(t, nil, nil, func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		serve("")(w, r)
	})
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("busy twice: %d bytes, error %v", len(got), err)
	}
	_, n, err = try(t, nil, nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	if err == nil || n != 3 {
		t.Errorf("never well: %d requests, error %v", n, err)
	}
}

// TestCancel: the context's end stops at once and keeps what has arrived.
func TestCancel(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content[:200_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	path := filepath.Join(t.TempDir(), "p")
	_, err := Do(ctx, Request{URL: srv.URL, Path: path, Size: int64(len(content)), Progress: func(done, _ int64, _ string) {
		if done >= 200_000 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, content[:200_000]) {
		t.Errorf("%d bytes kept, error %v", len(got), err)
	}
}

func TestProxyAndCompression(t *testing.T) {
	c := NewClient()
	tr := c.Transport.(*http.Transport)
	if tr.Proxy == nil || !tr.DisableCompression {
		t.Errorf("proxy function %v, compression disabled %v", tr.Proxy != nil, tr.DisableCompression)
	}
	if os.Getenv("NNGPLAB_TEST_PROXY") != "" {
		path := filepath.Join(t.TempDir(), "p")
		if _, err := Do(context.Background(), Request{URL: "http://data.invalid/f", Path: path, Size: int64(len(content)), Retries: -1}); err != nil {
			t.Error(err)
		}
		return
	}
	// A proxy answers for a host that does not exist. A program reads its
	// proxy settings once, hence the second process.
	asked := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Host != "data.invalid" || r.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("the proxy is asked for %v, Accept-Encoding %q", r.URL, r.Header.Get("Accept-Encoding"))
		}
		w.Write(content)
	}))
	defer proxy.Close()
	cmd := exec.Command(os.Args[0], "-test.run=^TestProxyAndCompression$")
	cmd.Env = append(os.Environ(), "NNGPLAB_TEST_PROXY=1", "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=")
	if out, err := cmd.CombinedOutput(); err != nil || asked != 1 {
		t.Errorf("the proxy was asked %d times; %v\n%s", asked, err, out)
	}
}

// answers is a server out of a fuzzer's bytes: a line for each answer, with its
// status, the headers that matter, and the body.
type answers struct{ rest []byte }

func (a *answers) RoundTrip(*http.Request) (*http.Response, error) {
	line, rest, _ := bytes.Cut(a.rest, []byte("\n"))
	a.rest = rest
	parts := strings.SplitN(string(line), "|", 5)
	if len(parts) < 5 {
		return nil, errors.New("the server is gone")
	}
	code, _ := strconv.Atoi(parts[0])
	length, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		length = -1
	}
	h := http.Header{}
	h.Set("Content-Range", parts[2])
	h.Set("ETag", parts[3])
	return &http.Response{StatusCode: code, Status: parts[0], ContentLength: length, Header: h, Body: io.NopCloser(strings.NewReader(parts[4]))}, nil
}

// FuzzAnswers: whatever a server answers, no more is written than the file's
// size, and success means that there is as much.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte("200|10||x|0123456789"), int64(10), int64(0), "")
	f.Add([]byte("200|10||x|0123\n206|6|bytes 4-9/10|x|456789"), int64(10), int64(0), "")
	f.Add([]byte("416|0|bytes */3||\n200|||x|0123456789"), int64(0), int64(20), "012345")
	f.Add([]byte("206|4|bytes 3-/*||3456\n503||||\n200|-1|||0123456789abc"), int64(10), int64(0), "012")
	f.Fuzz(func(t *testing.T, script []byte, size, limit int64, have string) {
		if size < 0 || limit < 0 {
			return
		}
		r := Request{URL: "http://data.invalid/f", Path: filepath.Join(t.TempDir(), "p"), Size: size, Limit: limit,
			Client: &http.Client{Transport: &answers{script}}, Retries: 2, Backoff: 1}
		if err := os.WriteFile(r.Path, []byte(have), 0o600); err != nil {
			t.Fatal(err)
		}
		n, err := Do(context.Background(), r)
		info, serr := os.Stat(r.Path)
		if serr != nil {
			t.Fatal(serr)
		}
		bound := int64(len(have)) // a refused request leaves the part as it was
		for _, b := range []int64{size, limit} {
			bound = max(bound, b)
		}
		switch {
		case err != nil && !strings.Contains(err.Error(), r.URL):
			t.Errorf("error %q does not name the address", err)
		case err == nil && (n.Size != info.Size() || size > 0 && n.Size != size):
			t.Errorf("%d bytes of %d, the part file has %d", n.Size, size, info.Size())
		case (size > 0 || limit > 0) && info.Size() > bound:
			t.Errorf("%d bytes were written, at most %d may be", info.Size(), bound)
		}
	})
}
