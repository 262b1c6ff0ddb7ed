package zmtp

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

func greeting(mechanism string) []byte {
	g := make([]byte, greetingSize)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], mechanism)
	return g
}

func property(k, v string) []byte {
	b := append([]byte{byte(len(k))}, k...)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
}

func ready(props ...[]byte) []byte {
	body := append([]byte("\x05READY"), slices.Concat(props...)...)
	return append([]byte{flagCommand, byte(len(body))}, body...)
}

func long(flags byte, size uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{flags | flagLong}, size)
}

// serve accepts guarded connections and returns what each sends.
func serve(t *testing.T, kind Kind) (address string, got chan []byte) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := Listener(l, kind)
	t.Cleanup(func() { g.Close() })
	got = make(chan []byte, 100)
	go func() {
		for {
			c, err := g.Accept()
			if err != nil {
				return
			}
			go func() {
				b, _ := io.ReadAll(c)
				got <- b
			}()
		}
	}()
	return l.Addr().String(), got
}

func send(t *testing.T, address string, b ...[]byte) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c.Write(slices.Concat(b...))
	return c
}

func TestPasses(t *testing.T) {
	address, got := serve(t, Router)
	want := slices.Concat(greeting("NULL"), ready(property("Socket-Type", "DEALER"), property("Identity", "")), []byte{flagMore, 0}, []byte{0, 3}, []byte("abc"), long(0, 300), make([]byte, 300))
	c := send(t, address, want)
	c.(*net.TCPConn).CloseWrite()
	select {
	case b := <-got:
		if !slices.Equal(b, want) {
			t.Errorf("%d bytes came through, want %d", len(b), len(want))
		}
	case <-time.After(5 * time.Second):
		t.Fatal("a good connection does not come through")
	}
	b := make([]byte, greetingSize)
	if _, err := io.ReadFull(c, b); err != nil || !slices.Equal(b, greeting("NULL")) {
		t.Errorf("the greeting is %x, %v", b, err)
	}
}

// TestRefused sends what must not reach the library, or end the connection.
func TestRefused(t *testing.T) {
	hello := slices.Concat(greeting("NULL"), ready(property("Socket-Type", "DEALER")))
	many := slices.Repeat([]byte{flagMore, 0}, MaxMessage/frameCost+1)
	for name, b := range map[string][]byte{
		"frame of 2^62":               slices.Concat(hello, long(0, 1<<62)),
		"frame of 2^63":               slices.Concat(hello, long(0, 1<<63)),
		"frame above the bound":       slices.Concat(hello, long(0, MaxMessage+1)),
		"frames that add up":          slices.Concat(hello, long(flagMore, MaxMessage/2), make([]byte, MaxMessage/2), long(0, MaxMessage/2)),
		"frames without end":          slices.Concat(hello, many),
		"command of 2^62":             slices.Concat(greeting("NULL"), long(flagCommand, 1<<62)),
		"property cut off":            slices.Concat(greeting("NULL"), ready([]byte{200, 'a'})),
		"property longer than it":     slices.Concat(greeting("NULL"), ready([]byte("\x01a\xff\xff\xff\xff"))),
		"empty command":               slices.Concat(greeting("NULL"), []byte{flagCommand, 0}),
		"another command":             slices.Concat(greeting("NULL"), []byte{flagCommand, 6, 5}, []byte("ERROR")),
		"a message instead of READY":  slices.Concat(greeting("NULL"), []byte{0, 3}, []byte("abc")),
		"another mechanism":           greeting("CURVE"),
		"HTTP":                        []byte("GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: something rather long to fill a greeting\r\n\r\n"),
		"an old version of ZMTP":      slices.Concat(greeting("NULL")[:10], []byte{1}, make([]byte, 53)),
		"a byte that is no boolean":   slices.Concat(greeting("NULL")[:32], []byte{7}, make([]byte, 31)),
		"property of no name":         slices.Concat(greeting("NULL"), ready([]byte{0, 0, 0, 0, 0})),
		"a type that is none":         slices.Concat(greeting("NULL"), ready(property("Socket-Type", "NONSENSE"))),
		"no type of a socket":         slices.Concat(greeting("NULL"), ready(property("Identity", "a"))),
		"an empty type":               slices.Concat(greeting("NULL"), ready(property("Socket-Type", ""))),
		"two types":                   slices.Concat(greeting("NULL"), ready(property("Socket-Type", "DEALER"), property("Socket-Type", "X"))),
		"a type in small letters":     slices.Concat(greeting("NULL"), ready(property("Socket-Type", "dealer"))),
		"a type by another name":      slices.Concat(greeting("NULL"), ready(property("SOCKET-TYPE", "DEALER"))),
		"a type and another":          slices.Concat(greeting("NULL"), ready(property("Socket-Type", "DEALER"), property("socket-type", "X"))),
		"READY followed by a garbage": slices.Concat(greeting("NULL"), ready([]byte{3})),
	} {
		t.Run(name, func(t *testing.T) {
			address, _ := serve(t, Router)
			c := send(t, address, b)
			defer c.Close()
			c.SetReadDeadline(time.Now().Add(5 * time.Second))
			if _, err := io.Copy(io.Discard, c); err != nil && err.(net.Error).Timeout() {
				t.Error("the connection stays open")
			}
		})
	}
}

// TestSilentPeer checks that a peer which says nothing keeps nobody out.
func TestSilentPeer(t *testing.T) {
	address, got := serve(t, Router)
	for range 10 {
		defer send(t, address).Close()
	}
	c := send(t, address, greeting("NULL"), ready(property("Socket-Type", "DEALER")))
	c.(*net.TCPConn).CloseWrite()
	select {
	case <-got:
	case <-time.After(5 * time.Second):
		t.Error("a good peer waits behind silent ones")
	}
}

// TestPeers: who may talk to whom, which the library panics about where it does not
// know a type. A connection of another is closed.
func TestPeers(t *testing.T) {
	for kind, good := range map[Kind]string{Router: "REQ DEALER ROUTER", Publisher: "SUB XSUB", Replier: "REQ DEALER"} {
		for _, typ := range strings.Fields("PAIR PUB SUB REQ REP DEALER ROUTER PULL PUSH XPUB XSUB STREAM") {
			address, got := serve(t, kind)
			c := send(t, address, greeting("NULL"), ready(property("Socket-Type", typ)))
			c.(*net.TCPConn).CloseWrite()
			closed := make(chan error, 1)
			go func() {
				_, err := io.Copy(io.Discard, c)
				closed <- err
			}()
			passed := false
			select {
			case <-got:
				passed = true
			case <-closed:
			case <-time.After(5 * time.Second):
				t.Errorf("kind %d: the connection of a %s stays open", kind, typ)
			}
			if want := slices.Contains(strings.Fields(good), typ); passed != want {
				t.Errorf("kind %d: a %s passes: %t", kind, typ, passed)
			}
			c.Close()
		}
	}
}

// TestTopics: a socket that publishes has no use for anything but subscriptions, and
// nobody who reads it.
func TestTopics(t *testing.T) {
	hello := slices.Concat(greeting("NULL"), ready(property("Socket-Type", "SUB")))
	for name, c := range map[string]struct {
		b    []byte
		pass bool
	}{
		"subscriptions":     {slices.Concat([]byte{0, 1, 1}, []byte("\x00\x05\x01abcd"), []byte("\x00\x05\x00abcd"), long(0, 3), []byte("\x01ab")), true},
		"a message":         {[]byte("\x00\x03abc"), false},
		"after one":         {[]byte("\x00\x01\x01\x00\x03abc"), false},
		"an empty one":      {[]byte{0, 0}, false},
		"of several frames": {[]byte("\x01\x01\x01\x00\x01\x01"), false},
		"a command":         {[]byte("\x04\x0a\x09SUBSCRIBE"), false},
	} {
		address, got := serve(t, Publisher)
		conn := send(t, address, hello, c.b)
		conn.(*net.TCPConn).CloseWrite()
		select {
		case b := <-got:
			if whole := len(b) == len(hello)+len(c.b); whole != c.pass {
				t.Errorf("%s: %d bytes of %d come through", name, len(b), len(hello)+len(c.b))
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s: the connection stays open", name)
		}
		conn.Close()
	}
}

// TestStall: a peer that takes nothing is cut off, and one that takes slowly is not.
func TestStall(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := guard(l, Publisher, 300*time.Millisecond)
	defer g.Close()
	hello := slices.Concat(greeting("NULL"), ready(property("Socket-Type", "SUB")))
	serve := func() (peer, served net.Conn) {
		peer = send(t, l.Addr().String(), hello)
		served, err := g.Accept()
		if err != nil {
			t.Fatal(err)
		}
		return peer, served
	}
	big := make([]byte, 32<<20)
	peer, served := serve()
	defer peer.Close()
	start := time.Now()
	if n, err := served.Write(big); err != io.EOF || n == len(big) || time.Since(start) > 10*time.Second {
		t.Errorf("a peer that reads nothing took %d bytes in %v: %v", n, time.Since(start), err)
	}
	slow, served := serve()
	defer slow.Close()
	go func() {
		b := make([]byte, 1<<20)
		for {
			if n, err := slow.Read(b); n == 0 || err != nil {
				return
			}
			time.Sleep(15 * time.Millisecond)
		}
	}()
	if n, err := served.Write(big); err != nil || n != len(big) {
		t.Errorf("a slow peer took %d bytes: %v", n, err)
	}
}

// TestFrames compares with a reader of whole frames, over random cuts.
func TestFrames(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var b []byte
		for range r.IntN(6) {
			n := r.IntN(600)
			flags := byte(r.IntN(2))
			if n > 255 || r.IntN(2) == 0 {
				b = append(b, long(flags, uint64(n))...)
			} else {
				b = append(b, flags, byte(n))
			}
			b = append(b, make([]byte, n)...)
		}
		tooLarge := r.IntN(2) == 0
		if tooLarge {
			b = append(b, long(0, MaxMessage+uint64(r.IntN(1<<30)))...)
		}
		var f frames
		ok := true
		for len(b) > 0 && ok {
			k := 1 + r.IntN(len(b))
			ok = f.pass(b[:k])
			b = b[k:]
		}
		if ok == tooLarge {
			t.Fatalf("passes: %t, too large: %t", ok, tooLarge)
		}
	}
}

func FuzzReady(f *testing.F) {
	f.Add([]byte("\x05READY\x01a\x00\x00\x00\x01b"))
	f.Add([]byte("\x05READY\x0bSocket-Type\x00\x00\x00\x03REQ"))
	f.Fuzz(func(t *testing.T, b []byte) { checkReady(b, Router) })
}
