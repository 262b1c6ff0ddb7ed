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

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/wholefile"
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
			return fatal{fmt.Errorf("redirected from https to %s", Redact(req.URL.String()))}
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
	URL       string `json:"url"`                 // without secrets
	Validator string `json:"validator,omitempty"` // ETag or Last-Modified
}

// Result is what a download came to.
type Result struct {
	Size int64
	// Pieced says that the file was put together from several answers: should
	// its digest be wrong, they may have been of different files.
	Pieced bool
}

// Do downloads the file into the part file, going on where an earlier call
// stopped. It returns an error that names the URL, without secrets, if the
// server refuses, offers another size than Size, sends more than it may, or
// gets no further in several attempts in a row: further than it ever was, so
// that a server which begins anew each time is given up too. The part file then
// holds what has arrived. The context's end stops it at once.
func Do(ctx context.Context, r Request) (Result, error) {
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
	t := &transfer{Request: r}
	n, err := t.run(ctx)
	if err != nil {
		err = redacted{fmt.Errorf("%s: %w", Redact(r.URL), err)}
	}
	return Result{n, t.pieced}, err
}

// transfer is a download at work.
type transfer struct {
	Request
	whole     bool   // the server cannot go on: ask for the whole file
	validator string // of the answer that the part file began with
	pieced    bool
	total     int64 // of the file, as stated; 0 while unknown
}

// progressed says whether an attempt that got as far as done, where best is
// the furthest before, brought enough: a server that sends a byte an attempt
// would keep it up for years.
func (r *transfer) progressed(done, best int64) bool {
	return done-best >= min(max(r.total/1000, 1), 64<<10)
}

func (r *transfer) run(ctx context.Context) (int64, error) {
	if info, err := os.Lstat(r.Path); err == nil && !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s: is no plain file", r.Path)
	}
	part, err := plainfile.OpenFile(r.Path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return 0, err
	}
	defer part.Close()
	best, err := part.Seek(0, io.SeekEnd) // the furthest that it ever got
	if err != nil {
		return 0, err
	}
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
		if r.progressed(done, best) {
			best, failures, pause = done, 0, r.Backoff
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
func (r *transfer) attempt(ctx context.Context, part *os.File, have int64) (int64, error) {
	if r.Size > 0 && have == r.Size {
		return have, nil
	}
	if r.Size > 0 && have > r.Size {
		if err := part.Truncate(0); err != nil {
			return have, fatal{err}
		}
		have = 0
	}
	if have > 0 && r.validator == "" {
		if s := r.recall(); s.URL == Redact(r.URL) {
			r.validator = s.Validator
		}
	}
	kept := have
	if r.whole {
		have = 0 // what is there stays until the whole begins to arrive
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
		return kept, err
	}
	if start < 0 { // the part file is the whole file already
		return have, nil
	}
	if err := r.check(total); err != nil {
		return kept, err
	}
	r.total = max(r.Size, total)
	r.pieced = start > 0
	if start < kept {
		if err := part.Truncate(start); err != nil {
			return kept, fatal{err}
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

func (r *transfer) request(ctx context.Context, have int64) (*http.Request, error) {
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
		if r.validator != "" {
			req.Header.Set("If-Range", r.validator)
		}
	}
	return req, nil
}

// placed returns where the body of the response begins within the file and how
// large the file is (0 if the server does not say). A start of -1 means that
// nothing is missing.
func (r *transfer) placed(resp *http.Response, have int64) (start, total int64, err error) {
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
		r.validator = validatorOf(resp)
		return 0, max(resp.ContentLength, 0), nil
	case code == http.StatusPartialContent:
		first, total, err := r.partial(resp, have)
		if err != nil && have > 0 {
			r.whole = true
			return 0, 0, fmt.Errorf("%w: asking for the whole file", err)
		}
		if err != nil {
			return 0, 0, fatal{err}
		}
		return first, total, nil
	case code == http.StatusRequestedRangeNotSatisfiable && have > 0:
		if _, total, err := contentRange(resp.Header.Get("Content-Range")); err == nil && total == have && (r.Size == 0 || r.Size == have) {
			return -1, total, nil
		}
		// The part is no beginning of this file.
		r.whole = true
		return 0, 0, errors.New("the server's file is shorter than the part at hand: asking for the whole file")
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return 0, 0, fmt.Errorf("the server answers %s", status(resp))
	default:
		return 0, 0, fatal{fmt.Errorf("the server answers %s", status(resp))}
	}
}

// status returns the answer's code and text, shortened.
func status(resp *http.Response) string {
	return printable.Text(printable.Clip(resp.Status, 200))
}

// partial checks that a part of a file is what was asked for: from that byte on,
// and of the file that the part at hand is of.
func (r *transfer) partial(resp *http.Response, have int64) (first, total int64, err error) {
	first, total, err = contentRange(resp.Header.Get("Content-Range"))
	switch v := validatorOf(resp); {
	case err != nil:
		return 0, 0, err
	case first != have:
		return 0, 0, fmt.Errorf("the server sends from byte %d on, asked for %d", first, have)
	case v != "" && r.validator != "" && v != r.validator:
		return 0, 0, errors.New("the server's file has changed since")
	case total > 0 && r.total > 0 && total != r.total:
		return 0, 0, fmt.Errorf("the server's file now has %d bytes, had %d", total, r.total)
	}
	return first, total, nil
}

// validatorOf returns what identifies the server's file: a strong ETag, or else
// the time of its last change.
func validatorOf(resp *http.Response) string {
	if tag := resp.Header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag // a weak one says nothing about bytes
	}
	return resp.Header.Get("Last-Modified")
}

// contentRange reads "bytes FIRST-LAST/TOTAL" and "bytes */TOTAL"; a total of
// "*" is 0.
func contentRange(h string) (first, total int64, err error) {
	bad := fmt.Errorf("the server sends the Content-Range %s", printable.Quote(h))
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

// minRate is how many bytes must arrive within the time after which an attempt
// is given up.
const minRate = 1 << 10

// copy appends the body to the part file.
func (r *transfer) copy(ctx context.Context, part *os.File, body io.Reader, done, total int64, watchdog *time.Timer) (int64, error) {
	limit := r.Limit
	if r.Size > 0 {
		limit = r.Size
	}
	want := max(r.Size, total)
	buf := make([]byte, 1<<17)
	r.Progress(done, want, "")
	fed := done
	for {
		n, err := body.Read(buf)
		if n > 0 {
			if done+int64(n)-fed >= minRate {
				watchdog.Reset(r.Stall)
				fed = done + int64(n)
			}
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

// cause prefers the reason for which the context was canceled.
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
func (r *transfer) remember(resp *http.Response) error {
	s := state{URL: Redact(r.URL), Validator: validatorOf(resp)}
	if s.Validator == "" {
		s.Validator = r.validator // of the answer before
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return wholefile.Write(r.Path+".json", data)
}

// maxState bounds the state that is read.
const maxState = 1 << 16

func (r *transfer) recall() (s state) {
	if data, err := plainfile.Read(r.Path+".json", maxState); err == nil {
		if json.Unmarshal(data, &s) != nil {
			return state{}
		}
	}
	return s
}
