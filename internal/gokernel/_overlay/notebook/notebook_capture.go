package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"os"
	"sync"
	"time"
	"unicode/utf8"
)

// capture sends what is written to os.Stdout and os.Stderr to the front end
// while it is written.
type capture struct {
	streams []*stream // standard output, standard error

	mu   sync.Mutex
	last *stream // that was written to last, as far as order knows
}

type stream struct {
	name   string
	w      *os.File
	prefix []byte // of the marks that flush writes into the stream
	hurry  chan struct{}
	mu     sync.Mutex
	marks  int
	seen   map[int]chan struct{}
}

const markDigits = 8

// startCapture redirects os.Stdout, os.Stderr and the log package's default
// logger. The file descriptors 1 and 2 stay: a crash of the kernel itself is
// reported to the terminal that started Jupyter.
func startCapture(n *notebook) (*capture, error) {
	c := &capture{}
	for _, name := range []string{StreamStdout, StreamStderr} {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		token := make([]byte, 16)
		rand.Read(token)
		s := &stream{name: name, w: w, prefix: []byte("\x00" + hex.EncodeToString(token)), hurry: make(chan struct{}, 1), seen: map[int]chan struct{}{}}
		c.streams = append(c.streams, s)
		go s.forward(r, n.publishStream)
	}
	log.SetOutput(os.Stderr) // the kernel's own troubles, before the redirection
	kernelLog := log.Default().Writer()
	os.Stdout, os.Stderr = c.streams[0].w, c.streams[1].w
	log.SetOutput(userLog{kernelLog})
	return c, nil
}

// userLog lets log.Print in a cell write to the notebook.
type userLog struct {
	fallback interface{ Write([]byte) (int, error) }
}

func (u userLog) Write(p []byte) (int, error) {
	if n := theNotebook; n != nil && n.running() {
		return n.out.ordered(os.Stderr).Write(p)
	}
	return u.fallback.Write(p)
}

func (n *notebook) publishStream(name, data string) {
	n.mu.Lock()
	r := n.request
	n.mu.Unlock()
	if batchShown != nil {
		batchWrite(name, data)
		return
	}
	if r.Msg.Header.MsgType == "" {
		return // nothing has run yet: no cell to show it in
	}
	publish(r.PublishWriteStream(name, data))
}

// ordered returns w or, where w is one of the two streams, a writer that lets
// what was written to the other be sent first: two pipes keep no order between
// them.
func (c *capture) ordered(w io.Writer) io.Writer {
	f, ok := w.(*os.File)
	if c == nil || !ok {
		return w
	}
	for _, s := range c.streams {
		if s.w == f {
			return orderedStream{c, s}
		}
	}
	return w
}

type orderedStream struct {
	c *capture
	s *stream
}

// Write writes p behind all that was written to the other stream.
func (o orderedStream) Write(p []byte) (int, error) {
	o.c.mu.Lock()
	defer o.c.mu.Unlock()
	if o.c.last != o.s {
		for _, s := range o.c.streams {
			if s != o.s {
				s.wait(s.mark())
			}
		}
		o.c.last = o.s
	}
	return o.s.w.Write(p)
}

// flush returns when all that was written before has been sent.
func (c *capture) flush() {
	var waits []chan struct{}
	for _, s := range c.streams {
		waits = append(waits, s.mark())
	}
	for i, s := range c.streams {
		s.wait(waits[i])
	}
}

// mark writes a mark into the stream and returns what is closed when it has
// been reached, or nil.
func (s *stream) mark() chan struct{} {
	s.mu.Lock()
	s.marks++
	ch := make(chan struct{})
	s.seen[s.marks] = ch
	mark := fmt.Sprintf("%s%0*d", s.prefix, markDigits, s.marks)
	s.mu.Unlock()
	select {
	case s.hurry <- struct{}{}:
	default:
	}
	if _, err := s.w.WriteString(mark); err != nil { // atomic: shorter than PIPE_BUF
		return nil
	}
	return ch
}

func (s *stream) wait(ch chan struct{}) {
	if ch == nil {
		return
	}
	select {
	case <-ch:
	case <-time.After(5 * time.Second):
	}
}

// forward publishes the stream in pieces of whole UTF-8 characters and
// recognizes marks. Pieces are at least 5 ms apart, so that a loop that
// prints does not flood the front end, and a progress line still moves.
func (s *stream) forward(r *os.File, publish func(name, data string)) {
	buf := make([]byte, 64<<10)
	var pending []byte
	emit := func(b []byte) {
		if len(b) > 0 {
			publish(s.name, string(b))
		}
	}
	for {
		k, err := r.Read(buf)
		pending = append(pending, buf[:k]...)
		for {
			i := bytes.Index(pending, s.prefix)
			if i < 0 || len(pending) < i+len(s.prefix)+markDigits {
				break
			}
			emit(pending[:i])
			end := i + len(s.prefix) + markDigits
			s.reached(string(pending[i+len(s.prefix) : end]))
			pending = append([]byte(nil), pending[end:]...)
		}
		hold := held(pending, s.prefix)
		if err != nil {
			hold = 0
		}
		emit(pending[:len(pending)-hold])
		pending = append([]byte(nil), pending[len(pending)-hold:]...)
		if err != nil {
			return
		}
		if len(pending) == 0 {
			select {
			case <-s.hurry: // somebody waits for a mark
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
}

func (s *stream) reached(digits string) {
	var n int
	fmt.Sscanf(digits, "%d", &n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if ch, ok := s.seen[n]; ok {
		close(ch)
		delete(s.seen, n)
	}
	if len(s.seen) == 0 {
		select {
		case <-s.hurry: // nobody waits any more
		default:
		}
	}
}

// held returns how many bytes at the end of b may be the beginning of a mark
// or of a character and have to wait for the rest.
func held(b, prefix []byte) int {
	if i := bytes.LastIndexByte(b, 0); i >= 0 {
		tail := b[i:]
		if bytes.HasPrefix(prefix, tail) || bytes.HasPrefix(tail, prefix) {
			return len(tail)
		}
	}
	for k := 1; k < utf8.UTFMax && k <= len(b); k++ {
		c := b[len(b)-k]
		if utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-k:]) {
				return k
			}
			break
		}
	}
	return 0
}
