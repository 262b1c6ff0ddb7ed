package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Some errors end a Go process without a chance to catch them: concurrent map
// writes, the unlock of an unlocked mutex, no memory, os.Exit in compiled code.
// The notebook would show nothing. So the kernel starts a second process of its
// own binary, the monitor, which learns of each cell, and through which all goes
// that the process writes to file descriptor 2: the runtime's last words, too. When the kernel is gone without a farewell, the monitor takes the place
// of its publishing socket for a moment, says into the cell what has happened,
// and ends.

var monitorMode = flag.Bool("monitor", false, "internal: watch the kernel that started this process")

// monitorNote is what the kernel tells the monitor, a JSON object a line.
type monitorNote struct {
	Connection *ConnectionInfo `json:",omitempty"` // sent once
	Request    *MsgHeader      `json:",omitempty"` // of the running cell
	Cell       string          `json:",omitempty"` // its name, "" between cells
	Bye        bool            `json:",omitempty"` // it ends as it was asked to
}

// monitor is the kernel's end of the pipe to the monitor; nil where there is
// none.
type monitor struct {
	mu sync.Mutex
	w  io.Writer
}

// startMonitor starts the monitor. A kernel works without one.
func startMonitor(conn ConnectionInfo) *monitor {
	if runtime.GOOS == "windows" { // which cannot hand down files
		return nil
	}
	m, err := newMonitor(conn)
	if err != nil {
		log.Println("starting the monitor:", err)
		return nil
	}
	return m
}

func newMonitor(conn ConnectionInfo) (*monitor, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	notesR, notesW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	errorsR, errorsW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-monitor")
	cmd.Stderr = os.NewFile(2, "stderr") // not os.Stderr, which is the notebook's
	cmd.ExtraFiles = []*os.File{notesR, errorsR}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go cmd.Wait()
	notesR.Close()
	errorsR.Close()
	signal.Ignore(syscall.SIGPIPE) // nothing depends on the monitor being alive
	if err := replaceStderr(errorsW); err != nil {
		return nil, err
	}
	errorsW.Close()
	m := &monitor{w: notesW}
	m.tell(monitorNote{Connection: &conn})
	return m, nil
}

func (m *monitor) tell(note monitorNote) {
	if m == nil {
		return
	}
	b, err := json.Marshal(note)
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.w.Write(append(b, '\n'))
}

// exit ends the kernel as it was asked to.
func (n *notebook) exit() {
	n.monitor.tell(monitorNote{Bye: true})
	os.Exit(0)
}

// runMonitor answers the flag -monitor.
func runMonitor() {
	if !*monitorMode {
		return
	}
	signal.Ignore(os.Interrupt) // meant for the kernel, in the same group of processes
	notes, stderr := os.NewFile(3, "notes"), os.NewFile(4, "stderr")
	text := make(chan string, 1)
	go func() {
		var end tail
		io.Copy(io.MultiWriter(&end, passOn{os.Stderr}), stderr)
		text <- string(end.b)
	}()
	last := readNotes(notes)
	if last.Bye || last.Connection == nil || last.Request == nil {
		os.Exit(0)
	}
	var reason string
	select {
	case t := <-text:
		reason = lastWords(t)
	case <-time.After(2 * time.Second): // a process that it left behind holds standard error open
		reason = lastWords("")
	}
	if err := publishDeath(last, reason); err != nil {
		log.Println("telling of the kernel's end:", err)
	}
	os.Exit(0)
}

// readNotes reads until the kernel is gone and returns what held then.
func readNotes(r io.Reader) monitorNote {
	var last monitorNote
	d := json.NewDecoder(bufio.NewReader(r))
	for {
		var note monitorNote
		if err := d.Decode(&note); err != nil {
			return last
		}
		if note.Connection != nil {
			last.Connection = note.Connection
			continue
		}
		if note.Request == nil {
			note.Request = last.Request // a death between cells is told below the last one
		}
		note.Connection = last.Connection
		last = note
	}
}

// tail keeps the end of what is written.
type tail struct{ b []byte }

const tailBytes = 1 << 20

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > 2*tailBytes {
		t.b = append([]byte(nil), t.b[len(t.b)-tailBytes:]...)
	}
	return len(p), nil
}

// passOn writes to where nobody may be reading any more.
type passOn struct{ w io.Writer }

func (p passOn) Write(b []byte) (int, error) {
	p.w.Write(b)
	return len(b), nil
}

var fatalLine = regexp.MustCompile(`(?m)^(fatal error: .*|panic: .*|runtime: out of memory.*|SIG[A-Z]+: .*|unexpected fault address.*|runtime: goroutine stack exceeds.*)$`)

// lastWords is the reason in what the Go runtime writes at the end.
func lastWords(crash string) string {
	var out []string
	for _, line := range fatalLine.FindAllString(crash, -1) {
		out = append(out, strings.TrimPrefix(line, "runtime: "))
	}
	out = out[max(0, len(out)-4):]
	if len(out) == 0 {
		return "the process ended without a word: os.Exit was called in compiled code, or the system killed it, perhaps for lack of memory"
	}
	return strings.Join(out, "; ")
}

// publishDeath publishes an error message in the kernel's place.
func publishDeath(last monitorNote, reason string) error {
	noteKinds(*last.Connection)
	pub := zmq4.NewPub(context.Background())
	defer pub.Close()
	if err := pub.Listen(fmt.Sprintf(listenAddress(*last.Connection), last.Connection.IOPubPort)); err != nil {
		return err
	}
	for begin := time.Now(); len(topicsOf(pub)) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > 2*time.Second {
			return nil // no front end came back: there is nobody to tell
		}
	}
	time.Sleep(250 * time.Millisecond) // for the other front ends
	name, message := "KernelDied", reason
	where := "the kernel ended between two cells"
	if last.Cell != "" {
		where = "the kernel ended while " + last.Cell + " ran"
	}
	r := msgReceipt{
		Msg:     ComposedMsg{Header: *last.Request},
		Sockets: SocketGroup{IOPubSocket: Socket{Socket: pub, Lock: &sync.Mutex{}}, Key: []byte(last.Connection.Key)},
	}
	trace := []string{red + name + reset + ": " + message, where + ". No Go program can catch this. The kernel starts anew, without its variables."}
	err := r.Publish("error", map[string]any{"ename": name, "evalue": message, "traceback": trace})
	time.Sleep(200 * time.Millisecond) // the message leaves by another goroutine
	return err
}

func topicsOf(s zmq4.Socket) []string {
	if t, ok := s.(interface{ Topics() []string }); ok {
		return t.Topics()
	}
	return nil
}

// noteOfCell tells the monitor of the running cell.
func (n *notebook) noteOfCell() monitorNote {
	n.mu.Lock()
	defer n.mu.Unlock()
	note := monitorNote{}
	if n.request.Msg.Header.MsgType != "" {
		header := n.request.Msg.Header
		note.Request = &header
	}
	if n.cell != nil {
		note.Cell = n.cell.name
	}
	return note
}
