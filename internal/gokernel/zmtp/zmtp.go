// Package zmtp guards a kernel's sockets. Anybody on the machine may connect to
// them, and the ZeroMQ library behind believes what it reads before any
// signature is checked: a frame that claims to be 2^62 bytes long, half a
// handshake, or a type of socket that is none, would end the process or block the
// socket, and a peer that reads nothing would keep all others waiting.
//
// Listener takes connections, shakes hands on each apart from the others and
// within a time limit, and hands on those that are ZMTP 3 without encryption
// (RFC 23), from peers that may talk to a socket of its kind, with their first bytes
// put back. A frame or message above MaxMessage, or one that a socket of its kind has
// no use for, then ends its connection before memory is taken for it, and so does a
// peer that takes nothing of what is sent to it for StallTime.
package zmtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// A Kind of socket says who may talk to it.
type Kind int

// The kinds of a kernel's sockets.
const (
	Router    Kind = iota // requests and replies: shell, control, standard input
	Publisher             // output, which peers subscribe to
	Replier               // the heartbeat
)

// peers returns the types of the sockets that may talk to one of the kind.
func (k Kind) peers() []string {
	switch k {
	case Publisher:
		return []string{"SUB", "XSUB"}
	case Replier:
		return []string{"REQ", "DEALER"}
	}
	return []string{"REQ", "DEALER", "ROUTER"}
}

// Bounds of what a peer may send.
const (
	MaxMessage   = 64 << 20 // bytes in a message, with frameCost for each frame
	maxHandshake = 4096     // bytes in a command that opens a connection
	frameCost    = 64
)

// handshakeTime is how long a peer may take to open a connection.
const handshakeTime = 10 * time.Second

// StallTime is how long a peer may take nothing of what is sent to it. What is sent to
// others waits for it.
const StallTime = 10 * time.Second

// writePiece is how much has to be taken in StallTime.
const writePiece = 1 << 16

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
	kind    Kind
	stall   time.Duration
	conns   chan net.Conn
	pending chan struct{}
	failed  chan struct{} // closed with err
	err     error
	once    sync.Once
}

// Listener guards l, on which a socket of the kind listens.
func Listener(l net.Listener, kind Kind) net.Listener { return guard(l, kind, StallTime) }

func guard(l net.Listener, kind Kind, stall time.Duration) net.Listener {
	g := &listener{Listener: l, kind: kind, stall: stall, conns: make(chan net.Conn), pending: make(chan struct{}, maxPending), failed: make(chan struct{})}
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
			guarded, err := g.open(c)
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
func (g *listener) open(c net.Conn) (*conn, error) {
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
	if err := readReady(r, g.kind); err != nil {
		return nil, err
	}
	out := &conn{Conn: c, first: seen.Bytes(), swallow: greetingSize, stall: g.stall}
	out.frames.topics = g.kind == Publisher
	return out, c.SetDeadline(time.Time{})
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

// readReady reads the command READY with its properties, from a peer that may talk to
// a socket of the kind.
func readReady(r io.Reader, kind Kind) error {
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
	return checkReady(body, kind)
}

// checkReady checks a READY command: its name, then properties, each a name behind its
// length in a byte and a value behind its length in four. One of them is the type of
// the peer's socket, which the library looks for under this name and panics without.
func checkReady(b []byte, kind Kind) error {
	const name, socketType = "\x05READY", "Socket-Type"
	peer := ""
	if !bytes.HasPrefix(b, []byte(name)) {
		return fmt.Errorf("zmtp: the first command is not READY")
	}
	for b = b[len(name):]; len(b) > 0; {
		k := int(b[0])
		if k == 0 || len(b) < 1+k+4 {
			return fmt.Errorf("zmtp: a property is cut off")
		}
		v := binary.BigEndian.Uint32(b[1+k:])
		property := b[1 : 1+k]
		b = b[1+k+4:]
		if uint64(v) > uint64(len(b)) {
			return fmt.Errorf("zmtp: a property is longer than its command")
		}
		if bytes.EqualFold(property, []byte(socketType)) {
			if peer != "" || string(property) != socketType {
				return fmt.Errorf("zmtp: the type of the socket is given twice, or as %q", property)
			}
			peer = string(b[:v])
		}
		b = b[v:]
	}
	if !slices.Contains(kind.peers(), peer) {
		return fmt.Errorf("zmtp: a socket of the type %q does not talk to this one", peer)
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
	stall   time.Duration
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

// Write writes as the connection does. It ends the connection if the peer takes
// nothing for too long.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	k := min(c.swallow, len(p))
	c.swallow -= k
	c.mu.Unlock()
	for k < len(p) {
		err := c.SetWriteDeadline(time.Now().Add(c.stall))
		n := 0
		if err == nil {
			n, err = c.Conn.Write(p[k:min(k+writePiece, len(p))])
		}
		k += n
		if err != nil {
			_ = c.Conn.Close()
			return k, io.EOF // what the library takes for a closed connection
		}
	}
	return k, nil
}

// frames follows the frames in a stream of bytes.
type frames struct {
	topics  bool // nothing but subscriptions: a frame that begins with 0 or 1
	first   bool // the next byte is the first of such a frame
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
			if f.first && p[0] > 1 {
				return false
			}
			f.first = false
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
		if f.topics && (f.head[0]&(flagMore|flagCommand) != 0 || size == 0) {
			return false // nobody reads it: it would wait for ever
		}
		f.first = f.topics
		f.message += size + frameCost
		if f.head[0]&flagMore == 0 {
			f.message = 0
		}
		f.body, f.have = size, 0
	}
	return true
}
