package faults

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An Answer is how a Server answers one request.
type Answer int

// The answers.
const (
	Good       Answer = iota // as asked: the whole file, or 206 with the rest of it
	Broken                   // as asked, broken off somewhere
	Whole                    // the whole file, whatever range was asked for
	WrongStart               // 206 from byte 0, whatever was asked for
	NoRange                  // 206 without a Content-Range
	Refused                  // 416 for a range, else broken off after half
	Failing                  // 503
	Empty                    // 200 without a byte, though a length is stated
	Nonsense                 // a Content-Range that is none
	Other                    // the rest of another file, with another ETag
	Lying                    // a length that is not the file's
	Hanging                  // nothing, until the client gives up
	answers
)

// Server answers requests for one file, a fault after the other.
type Server struct {
	Content []byte
	ETag    string
	// Next says how to answer request n, counted from 0; nil means Good.
	Next func(n int, r *http.Request) Answer

	mu sync.Mutex
	n  int
}

// Random returns answers drawn by a seed: every kind of fault, and now and then
// a good answer, so that a patient client gets through.
func Random(seed uint64) func(int, *http.Request) Answer {
	rng := rand.New(rand.NewPCG(seed, 17))
	return func(int, *http.Request) Answer {
		if rng.IntN(4) == 0 {
			return Good
		}
		return Answer(rng.IntN(int(answers)))
	}
}

// Requests returns how many requests there were.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	n := s.n
	s.n++
	a := Good
	if s.Next != nil {
		a = s.Next(n, r)
	}
	s.mu.Unlock()
	s.answer(w, r, a)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, a Answer) {
	size := len(s.Content)
	from, ranged := rangeOf(r, size)
	tag := s.ETag
	if v := r.Header.Get("If-Range"); v != "" && v != tag && a != Other {
		from, ranged = 0, false
	}
	content := s.Content
	switch a {
	case Whole, Empty:
		from, ranged = 0, false
	case Failing:
		http.Error(w, "try later", http.StatusServiceUnavailable)
		return
	case Hanging:
		<-r.Context().Done()
		return
	case Refused:
		if r.Header.Get("Range") != "" {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", size))
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
	case Other:
		tag += "x"
		content = make([]byte, size)
	}
	if tag != "" {
		w.Header().Set("ETag", tag)
	}
	status := http.StatusOK
	if ranged {
		status = http.StatusPartialContent
		switch a {
		case WrongStart:
			from = 0
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", size-1, size))
		case NoRange:
		case Nonsense:
			w.Header().Set("Content-Range", "bytes x-y/z")
		default:
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, size-1, size))
		}
	}
	length := size - from
	if a == Lying {
		length += 7
	}
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(status)
	body := content[from:]
	switch a {
	case Broken, Refused:
		body = body[:len(body)/2]
	case Empty:
		body = nil
	}
	w.Write(body)
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	if len(body) < length {
		time.Sleep(time.Millisecond)
		panic(http.ErrAbortHandler) // the connection breaks
	}
}

// rangeOf returns where the range that is asked for begins.
func rangeOf(r *http.Request, size int) (from int, ok bool) {
	v, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	v, open := strings.CutSuffix(v, "-")
	n, err := strconv.Atoi(v)
	if !ok || !open || err != nil || n < 0 || n >= size {
		return 0, false
	}
	return n, true
}
