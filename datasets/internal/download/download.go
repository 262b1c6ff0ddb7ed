// Package download fetches one file over HTTP so that an interruption costs
// only what was under way: what has arrived stays in a part file, and the next
// call asks for the rest.
package download

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Request says what to download.
type Request struct {
	URL  string
	Path string // of the part file; its state lies in Path + ".json"

	// Size is the exact size of the file, 0 where it is unknown. Limit bounds
	// the size of a file whose size is unknown; 0 means no bound.
	Size, Limit int64

	Client  *http.Client  // nil means NewClient()
	Stall   time.Duration // give up an attempt after so long without a byte; 0 means a minute
	Retries int           // attempts in a row that bring nothing new; 0 means 5, negative none
	Backoff time.Duration // pause before the first repeated attempt, doubled each time; 0 means a second

	// Progress, if not nil, is told the bytes that have arrived and the total
	// (0 while it is unknown), and a message when an attempt failed.
	Progress func(done, total int64, message string)
}

// NewClient returns a client that respects the proxy settings of the
// environment, never decompresses (a digest is of the file as it is stored),
// follows up to ten redirects, and refuses those that lead from https to http.
func NewClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression = true
	return &http.Client{Transport: t, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if len(via) >= 10 {
			return fatal{errors.New("more than ten redirects")}
		}
		if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
			return fatal{fmt.Errorf("redirected from https to %s", req.URL)}
		}
		return nil
	}}
}

// fatal marks an error that another attempt cannot mend.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

// StalledError says that a server sent nothing for a while.
type StalledError struct{ After time.Duration }

// Error says how long nothing came.
func (e *StalledError) Error() string { return fmt.Sprintf("nothing arrived for %v", e.After) }

// state is what is known of the file that a part file is the beginning of.
type state struct {
	URL       string `json:"url"`
	Validator string `json:"validator,omitempty"` // ETag or Last-Modified
}

// Do downloads the file into the part file, going on where an earlier call
// stopped, and returns its size. It returns an error that names the URL if the
// server refuses, offers another size than Size, sends more than it may, or
// brings nothing in several attempts in a row; the part file then holds what
// has arrived. The context's end stops it at once.
func Do(ctx context.Context, r Request) (int64, error) {
	if r.Client == nil {
		r.Client = NewClient()
	}
	if r.Stall == 0 {
		r.Stall = time.Minute
	}
	if r.Retries == 0 {
		r.Retries = 5
	}
	if r.Backoff == 0 {
		r.Backoff = time.Second
	}
	if r.Progress == nil {
		r.Progress = func(int64, int64, string) {}
	}
	n, err := r.run(ctx)
	if err != nil {
		return n, fmt.Errorf("%s: %w", r.URL, err)
	}
	return n, nil
}

func (r *Request) run(ctx context.Context) (int64, error) {
	part, err := os.OpenFile(r.Path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return 0, err
	}
	defer part.Close()
	for failures, pause := 0, r.Backoff; ; {
		before, err := part.Seek(0, io.SeekEnd)
		if err != nil {
			return 0, err
		}
		done, err := r.attempt(ctx, part, before)
		var f fatal
		switch {
		case err == nil:
			return done, part.Sync()
		case ctx.Err() != nil:
			part.Sync() // what has arrived is worth keeping
			return done, ctx.Err()
		case errors.As(err, &f):
			part.Sync()
			return done, f.error
		}
		if done > before {
			failures, pause = 0, r.Backoff
		} else if failures++; failures > r.Retries {
			part.Sync()
			attempts := fmt.Sprint(failures, " attempts")
			if failures == 1 {
				attempts = "one attempt"
			}
			return done, fmt.Errorf("gave up after %s, %d bytes are kept: %w", attempts, done, err)
		}
		r.Progress(done, r.Size, fmt.Sprintf("%v; trying again in %v", err, pause))
		select {
		case <-time.After(pause):
			pause = min(2*pause, 30*time.Second)
		case <-ctx.Done():
			return done, ctx.Err()
		}
	}
}

// attempt asks once for what is missing and appends it to the part file. It
// returns the size of the part file.
func (r *Request) attempt(ctx context.Context, part *os.File, have int64) (int64, error) {
	if r.Size > 0 && have == r.Size {
		return have, nil
	}
	if r.Size > 0 && have > r.Size {
		if err := part.Truncate(0); err != nil {
			return have, fatal{err}
		}
		have = 0
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(r.Stall, func() { cancel(&StalledError{r.Stall}) })
	defer watchdog.Stop()

	req, err := r.request(ctx, have)
	if err != nil {
		return have, fatal{err}
	}
	resp, err := r.Client.Do(req)
	if err != nil {
		return have, cause(ctx, err)
	}
	defer resp.Body.Close()
	start, total, err := r.placed(resp, have)
	if err != nil {
		return have, err
	}
	if start < 0 { // the part file is the whole file already
		return have, nil
	}
	if err := r.check(total); err != nil {
		return have, err
	}
	if start < have {
		if err := part.Truncate(start); err != nil {
			return have, fatal{err}
		}
	}
	if _, err := part.Seek(start, io.SeekStart); err != nil {
		return start, fatal{err}
	}
	if err := r.remember(resp); err != nil {
		return start, fatal{err}
	}
	return r.copy(ctx, part, resp.Body, start, total, watchdog)
}

func (r *Request) request(ctx context.Context, have int64) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "nngplab")
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		// A part that came from elsewhere has no validator here; the digest
		// of the whole then decides.
		if s := r.recall(); s.URL == r.URL && s.Validator != "" {
			req.Header.Set("If-Range", s.Validator)
		}
	}
	return req, nil
}

// placed returns where the body of the response begins within the file and how
// large the file is (0 if the server does not say). A start of -1 means that
// nothing is missing.
func (r *Request) placed(resp *http.Response, have int64) (start, total int64, err error) {
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
		return 0, max(resp.ContentLength, 0), nil
	case code == http.StatusPartialContent:
		first, total, err := contentRange(resp.Header.Get("Content-Range"))
		if err != nil {
			return 0, 0, fatal{err}
		}
		if first != have {
			return 0, 0, fatal{fmt.Errorf("the server sends from byte %d on, asked for %d", first, have)}
		}
		return first, total, nil
	case code == http.StatusRequestedRangeNotSatisfiable && have > 0:
		if _, total, err := contentRange(resp.Header.Get("Content-Range")); err == nil && total == have && (r.Size == 0 || r.Size == have) {
			return -1, total, nil
		}
		// The part is no beginning of this file: forget it.
		if err := os.Truncate(r.Path, 0); err != nil {
			return 0, 0, fatal{err}
		}
		return 0, 0, errors.New("the server's file is shorter than the part at hand: starting over")
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return 0, 0, fmt.Errorf("the server answers %s", resp.Status)
	default:
		return 0, 0, fatal{fmt.Errorf("the server answers %s", resp.Status)}
	}
}

// contentRange reads "bytes FIRST-LAST/TOTAL" and "bytes */TOTAL"; a total of
// "*" is 0.
func contentRange(h string) (first, total int64, err error) {
	bad := fmt.Errorf("the server sends the Content-Range %q", h)
	spec, ok := strings.CutPrefix(h, "bytes ")
	span, size, ok2 := strings.Cut(spec, "/")
	if !ok || !ok2 {
		return 0, 0, bad
	}
	if size != "*" {
		if total, err = strconv.ParseInt(size, 10, 64); err != nil || total < 0 {
			return 0, 0, bad
		}
	}
	if span == "*" {
		return 0, total, nil
	}
	from, _, ok := strings.Cut(span, "-")
	if first, err = strconv.ParseInt(from, 10, 64); err != nil || !ok || first < 0 {
		return 0, 0, bad
	}
	return first, total, nil
}

// check compares the size that the server announces with the one expected.
func (r *Request) check(total int64) error {
	switch {
	case total == 0:
		return nil
	case r.Size > 0 && total != r.Size:
		return fatal{fmt.Errorf("the server offers %d bytes, the file has %d: it is another file", total, r.Size)}
	case r.Limit > 0 && total > r.Limit:
		return fatal{fmt.Errorf("the server offers %d bytes, at most %d are expected", total, r.Limit)}
	}
	return nil
}

// copy appends the body to the part file.
func (r *Request) copy(ctx context.Context, part *os.File, body io.Reader, done, total int64, watchdog *time.Timer) (int64, error) {
	limit := r.Limit
	if r.Size > 0 {
		limit = r.Size
	}
	want := max(r.Size, total)
	buf := make([]byte, 1<<17)
	r.Progress(done, want, "")
	for {
		n, err := body.Read(buf)
		if n > 0 {
			watchdog.Reset(r.Stall)
			if limit > 0 && done+int64(n) > limit {
				return done, fatal{fmt.Errorf("the server sends more than the %d bytes that are expected", limit)}
			}
			if _, err := part.Write(buf[:n]); err != nil {
				return done, fatal{err}
			}
			done += int64(n)
			r.Progress(done, want, "")
		}
		switch {
		case err == io.EOF && want > 0 && done < want:
			return done, fmt.Errorf("broken off after %d of %d bytes", done, want)
		case err == io.EOF:
			return done, nil
		case err != nil:
			return done, cause(ctx, err)
		}
	}
}

// cause prefers the reason for which the context was cancelled.
func cause(ctx context.Context, err error) error {
	if c := context.Cause(ctx); c != nil {
		return c
	}
	var f fatal
	if errors.As(err, &f) {
		return f
	}
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err // the URL is named once, by Do
	}
	return err
}

// remember stores what identifies the server's file, for a later If-Range.
func (r *Request) remember(resp *http.Response) error {
	s := state{URL: r.URL, Validator: resp.Header.Get("ETag")}
	if strings.HasPrefix(s.Validator, "W/") {
		s.Validator = "" // a weak one says nothing about bytes
	}
	if s.Validator == "" {
		s.Validator = resp.Header.Get("Last-Modified")
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(r.Path+".json", data, 0o644)
}

func (r *Request) recall() (s state) {
	if data, err := os.ReadFile(r.Path + ".json"); err == nil {
		if json.Unmarshal(data, &s) != nil {
			return state{}
		}
	}
	return s
}
