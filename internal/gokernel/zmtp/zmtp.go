// Package zmtp guards a kernel's sockets. Anybody on the machine may connect to
// them, and the ZeroMQ library behind believes what it reads before any
// signature is checked: a frame that claims to be 2^62 bytes long, or half a
// handshake, would end the process or block the socket.
//
// Listener takes connections, shakes hands on each apart from the others and
// within a time limit, and hands on those that are ZMTP 3 without encryption
// (RFC 23), with their first bytes put back. A frame or message above MaxMessage
// then ends its connection before memory is taken for it.
package zmtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Bounds of what a peer may send.
const (
	MaxMessage   = 64 << 20 // bytes in a message, with frameCost for each frame
	maxHandshake = 4096     // bytes in a command that opens a connection
	frameCost    = 64
)

// handshakeTime is how long a peer may take to open a connection.
const handshakeTime = 10 * time.Second

// maxPending is how many peers may be opening connections at once.
const maxPending = 64

// Flags of a frame.
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

const greetingSize = 64

// listener hands on connections that have shaken hands.
type listener struct {
	net.Listener
	conns   chan net.Conn
	pending chan struct{}
	failed  chan struct{} // closed with err
	err     error
	once    sync.Once
}

// Listener guards l.
func Listener(l net.Listener) net.Listener {
	g := &listener{Listener: l, conns: make(chan net.Conn), pending: make(chan struct{}, maxPending), failed: make(chan struct{})}
	go g.accept()
	return g
}

// Accept returns the next connection whose peer speaks ZMTP.
func (g *listener) Accept() (net.Conn, error) {
	select {
	case c := <-g.conns:
		return c, nil
	case <-g.failed:
		time.Sleep(10 * time.Millisecond) // the library asks again at once
		return nil, g.err
	}
}

// Close ends the listener.
func (g *listener) Close() error {
	err := g.Listener.Close()
	g.fail(net.ErrClosed)
	return err
}

func (g *listener) fail(err error) {
	g.once.Do(func() {
		g.err = err
		close(g.failed)
	})
}

func (g *listener) accept() {
	for {
		g.pending <- struct{}{}
		c, err := g.Listener.Accept()
		if err != nil {
			<-g.pending
			if errors.Is(err, net.ErrClosed) {
				g.fail(err)
				return
			}
			time.Sleep(10 * time.Millisecond) // such as too many open files
			continue
		}
		go func() {
			defer func() { <-g.pending }()
			guarded, err := open(c)
			if err != nil {
				_ = c.Close()
				return
			}
			select {
			case g.conns <- guarded:
			case <-g.failed:
				_ = c.Close()
			}
		}()
	}
}

// open sends our greeting, and reads and checks the peer's greeting and its
// command READY.
func open(c net.Conn) (*conn, error) {
	if err := c.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		return nil, err
	}
	greeting := make([]byte, greetingSize)
	greeting[0], greeting[9], greeting[10] = 0xff, 0x7f, 3
	copy(greeting[12:], "NULL")
	if _, err := c.Write(greeting); err != nil {
		return nil, err
	}
	var seen bytes.Buffer
	r := io.TeeReader(c, &seen)
	if err := readGreeting(r); err != nil {
		return nil, err
	}
	if err := readReady(r); err != nil {
		return nil, err
	}
	return &conn{Conn: c, first: seen.Bytes(), swallow: greetingSize}, c.SetDeadline(time.Time{})
}

func readGreeting(r io.Reader) error {
	g := make([]byte, greetingSize)
	if _, err := io.ReadFull(r, g); err != nil {
		return err
	}
	mechanism := string(bytes.TrimRight(g[12:32], "\x00"))
	if g[0] != 0xff || g[9] != 0x7f || g[10] < 3 || mechanism != "NULL" || g[32] > 1 {
		return fmt.Errorf("zmtp: no greeting of ZMTP 3 without encryption")
	}
	return nil
}

// readReady reads the command READY with its properties.
func readReady(r io.Reader) error {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	size := uint64(head[1])
	if head[0]&flagLong != 0 {
		rest := make([]byte, 8)
		rest[0] = head[1]
		if _, err := io.ReadFull(r, rest[1:]); err != nil {
			return err
		}
		size = binary.BigEndian.Uint64(rest)
	}
	if head[0]&flagCommand == 0 || head[0]&flagMore != 0 || size > maxHandshake {
		return fmt.Errorf("zmtp: the connection does not begin with a command")
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return err
	}
	return checkReady(body)
}

// checkReady checks the form of a READY command: its name, then properties,
// each a name behind its length in a byte and a value behind its length in
// four.
func checkReady(b []byte) error {
	const name = "\x05READY"
	if !bytes.HasPrefix(b, []byte(name)) {
		return fmt.Errorf("zmtp: the first command is not READY")
	}
	for b = b[len(name):]; len(b) > 0; {
		k := int(b[0])
		if k == 0 || len(b) < 1+k+4 {
			return fmt.Errorf("zmtp: a property is cut off")
		}
		v := binary.BigEndian.Uint32(b[1+k:])
		b = b[1+k+4:]
		if uint64(v) > uint64(len(b)) {
			return fmt.Errorf("zmtp: a property is longer than its command")
		}
		b = b[v:]
	}
	return nil
}

// conn gives back the bytes read in the handshake, drops the greeting that the
// library sends a second time, and watches the frames that follow.
type conn struct {
	net.Conn
	first   []byte // read already
	mu      sync.Mutex
	swallow int // bytes of Write that were sent already
	frames  frames
}

// Read reads as the connection does. A frame that is too large ends it.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.first) > 0 {
		n := copy(p, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p)
	if !c.frames.pass(p[:n]) {
		_ = c.Conn.Close()
		return 0, io.EOF // what the library takes for a closed connection
	}
	return n, err
}

// Write writes as the connection does.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	k := min(c.swallow, len(p))
	c.swallow -= k
	c.mu.Unlock()
	if k == len(p) {
		return k, nil
	}
	n, err := c.Conn.Write(p[k:])
	return k + n, err
}

// frames follows the frames in a stream of bytes.
type frames struct {
	head    [9]byte
	have    int    // bytes of head
	body    uint64 // bytes of the body still to come
	message uint64 // size of the message so far
}

// pass takes the next bytes and reports whether all frames that begin in them
// are within bounds.
func (f *frames) pass(p []byte) bool {
	for len(p) > 0 {
		if f.body > 0 {
			k := min(f.body, uint64(len(p)))
			f.body -= k
			p = p[k:]
			continue
		}
		f.head[f.have] = p[0]
		f.have++
		p = p[1:]
		long := f.head[0]&flagLong != 0
		if f.have < 2 || long && f.have < 9 {
			continue
		}
		size := uint64(f.head[1])
		if long {
			size = binary.BigEndian.Uint64(f.head[1:])
		}
		if size > MaxMessage || f.message+size+frameCost > MaxMessage {
			return false
		}
		f.message += size + frameCost
		if f.head[0]&flagMore == 0 {
			f.message = 0
		}
		f.body, f.have = size, 0
	}
	return true
}
