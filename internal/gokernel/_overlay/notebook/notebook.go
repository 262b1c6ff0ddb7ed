package main

// This file and its neighbors notebook_*.go are added to gophernotes by
// nngplab kernel install. They replace its message loop by one that listens
// while a cell runs, so that the cell can be interrupted, and its way of
// showing values, errors, completions and documentation.

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"
	"unique"

	"github.com/go-zeromq/zmq4"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
	"github.com/nngplab/nngplab/internal/gokernel/library"
	"github.com/nngplab/nngplab/internal/gokernel/session"
	"github.com/nngplab/nngplab/internal/gokernel/syntax"
	"github.com/nngplab/nngplab/notebook/tables"
)

// notebook is the state of the running kernel.
type notebook struct {
	kernel  *Kernel
	session *session.Session
	sockets SocketGroup
	shell   *requestQueue
	out     *capture
	sources []unique.Handle[string] // of each cell In[n], at n; those of one text share it
	history []historyEntry
	monitor *monitor

	mu      sync.Mutex
	cell    *cell      // the running cell, nil between cells
	request msgReceipt // what output belongs to: the last execute_request
}

// theNotebook is what the package nb and the values shown act on.
var theNotebook *notebook

// runNotebook serves the front end described by connectionFile until it asks
// for shutdown, or until the process that started the kernel is gone.
func runNotebook(connectionFile string) {
	var conn ConnectionInfo
	data, err := os.ReadFile(connectionFile)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.Unmarshal(data, &conn); err != nil {
		log.Fatalf("connection file %s: %v", connectionFile, err)
	}
	if err := checkConnection(conn); err != nil {
		log.Fatalf("connection file %s: %v", connectionFile, err)
	}
	noteKinds(conn)
	sockets, err := prepareSockets(conn)
	if err != nil {
		log.Fatal(err)
	}
	go echo(sockets.HBSocket.Socket)

	n := newNotebook()
	n.sockets = sockets
	theNotebook = n
	if n.out, err = startCapture(n); err != nil {
		log.Fatal(err)
	}
	n.monitor = startMonitor(conn)
	go n.watchSignals()
	go n.exitWithParent()
	go n.receive(sockets.ShellSocket.Socket, n.shell.put)
	go n.receive(sockets.StdinSocket.Socket, func(msgReceipt) {})
	go n.receive(sockets.ControlSocket.Socket, n.control)
	for {
		n.serve(n.shell.get())
	}
}

// newNotebook returns a notebook with its session, not yet connected.
func newNotebook() *notebook {
	n := &notebook{shell: newRequestQueue(), kernel: &Kernel{}}
	lib, err := library.Open(tables.Exports, tables.Sources)
	if err == nil {
		n.session, err = session.New(lib)
	}
	if err == nil {
		err = n.declare()
	}
	if err != nil {
		log.Fatal(err)
	}
	n.override()
	n.session.Missing = missingPackage
	n.session.Prog.Report = func(f *engine.Failure) {
		where := ""
		if p := f.Pos("In["); p.IsValid() {
			where = " at " + p.String()
		}
		if e, ok := f.Value.(engine.Exit); ok {
			fmt.Fprintf(os.Stderr, "os.Exit(%d) was called in a goroutine%s: it ends; the kernel and its variables stay\n", e.Code, where)
			return
		}
		fmt.Fprintf(os.Stderr, "panic in a goroutine%s: %s\n", where, f.Text())
	}
	return n
}

// receive hands the valid messages of a socket to handle.
func (n *notebook) receive(sck zmq4.Socket, handle func(msgReceipt)) {
	for {
		wire, err := sck.Recv()
		if err != nil {
			log.Println("receiving:", err)
			time.Sleep(10 * time.Millisecond) // of one connection; the others go on
			continue
		}
		msg, ids, err := parseWire(wire.Frames, n.sockets.Key)
		if err != nil {
			log.Println("message dropped:", err)
			continue
		}
		handle(msgReceipt{msg, ids, n.sockets})
	}
}

// notUTF8 marks, in its metadata, a message whose content is not UTF-8.
const notUTF8 = "nngplab_not_utf8"

// parseWire is WireMsgToComposedMsg for input that may be malformed.
func parseWire(frames [][]byte, key []byte) (ComposedMsg, [][]byte, error) {
	for i, f := range frames {
		if string(f) == "<IDS|MSG>" {
			if len(frames) < i+6 {
				break
			}
			msg, ids, err := WireMsgToComposedMsg(frames, key)
			if err == nil && !utf8.Valid(frames[i+5]) {
				msg.Metadata = map[string]any{notUTF8: true}
			}
			return msg, ids, err
		}
	}
	return ComposedMsg{}, nil, fmt.Errorf("%d frames are no Jupyter message", len(frames))
}

// control answers the control channel, which is never blocked by a cell.
func (n *notebook) control(r msgReceipt) {
	r.Sockets.ShellSocket = r.Sockets.ControlSocket // replies go back where the request came from
	switch r.Msg.Header.MsgType {
	case "interrupt_request":
		n.busy(r, func() {
			n.interrupt()
			reply(r, "interrupt_reply", map[string]any{"status": "ok"})
		})
	case "shutdown_request":
		n.shutdown(r)
	case "kernel_info_request":
		n.busy(r, func() { reply(r, "kernel_info_reply", kernelInfoReply()) })
	}
}

// serve answers one request of the shell channel.
func (n *notebook) serve(r msgReceipt) {
	switch r.Msg.Header.MsgType {
	case "shutdown_request":
		n.shutdown(r)
		return
	case "execute_request":
		n.mu.Lock()
		n.request = r
		n.mu.Unlock()
	}
	n.busy(r, func() {
		content, _ := r.Msg.Content.(map[string]any)
		switch r.Msg.Header.MsgType {
		case "kernel_info_request":
			reply(r, "kernel_info_reply", kernelInfoReply())
		case "execute_request":
			n.execute(r, content)
		case "is_complete_request":
			status, indent := syntax.Check(text(content, "code"))
			reply(r, "is_complete_reply", isCompleteReply{string(status), indent})
		case "complete_request":
			reply(r, "complete_reply", n.complete(text(content, "code"), number(content, "cursor_pos")))
		case "inspect_request":
			reply(r, "inspect_reply", n.inspect(text(content, "code"), number(content, "cursor_pos")))
		case "history_request":
			reply(r, "history_reply", map[string]any{"status": "ok", "history": n.searchHistory(content)})
		case "comm_info_request":
			reply(r, "comm_info_reply", map[string]any{"status": "ok", "comms": map[string]any{}})
		}
	})
}

// busy reports the kernel busy, runs f, and reports it idle.
func (n *notebook) busy(r msgReceipt, f func()) {
	publish(r.PublishKernelStatus(kernelBusy))
	defer func() { publish(r.PublishKernelStatus(kernelIdle)) }()
	f()
}

func (n *notebook) shutdown(r msgReceipt) {
	content, _ := r.Msg.Content.(map[string]any)
	restart, _ := content["restart"].(bool)
	reply(r, "shutdown_reply", map[string]any{"status": "ok", "restart": restart})
	time.Sleep(50 * time.Millisecond) // the reply leaves by another goroutine
	n.exit()
}

func reply(r msgReceipt, kind string, content any) { publish(r.Reply(kind, content)) }

func publish(err error) {
	if err != nil {
		log.Println("sending:", err)
	}
}

func text(content map[string]any, key string) string {
	s, _ := content[key].(string)
	return s
}

func number(content map[string]any, key string) int {
	f, _ := content[key].(float64)
	return int(f)
}

// flag reads a boolean with its default.
func flagOf(content map[string]any, key string, def bool) bool {
	if b, ok := content[key].(bool); ok {
		return b
	}
	return def
}

func kernelInfoReply() map[string]any {
	return map[string]any{
		"status":                 "ok",
		"protocol_version":       ProtocolVersion,
		"implementation":         "nngplab",
		"implementation_version": Version,
		"banner":                 "Go (nngplab): gophernotes with nngpkit, gonum, gonum/plot and gota",
		"language_info": map[string]any{
			"name":            "go",
			"version":         runtime.Version(),
			"mimetype":        "text/x-go",
			"file_extension":  ".go",
			"pygments_lexer":  "go",
			"codemirror_mode": "go",
		},
		"help_links": []helpLink{
			{Text: "Go", URL: "https://go.dev/doc/"},
			{Text: "gonum", URL: "https://pkg.go.dev/gonum.org/v1/gonum"},
			{Text: "gonum/plot", URL: "https://pkg.go.dev/gonum.org/v1/plot"},
			{Text: "gota", URL: "https://pkg.go.dev/github.com/go-gota/gota"},
		},
	}
}

// watchSignals makes SIGINT interrupt the running cell, and SIGTERM end the
// kernel.
func (n *notebook) watchSignals() {
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	for s := range ch {
		if s != os.Interrupt {
			n.exit()
		}
		n.interrupt()
	}
}

// exitWithParent ends a kernel whose Jupyter server has died without asking
// for shutdown. Jupyter sets JPY_PARENT_PID for the kernels that it starts.
func (n *notebook) exitWithParent() {
	if os.Getenv("JPY_PARENT_PID") == "" {
		return
	}
	parent := os.Getppid()
	for range time.Tick(2 * time.Second) {
		if os.Getppid() != parent {
			n.exit()
		}
	}
}

// requestQueue holds shell requests in order of arrival, without a bound.
type requestQueue struct {
	mu    sync.Mutex
	ready *sync.Cond
	list  []msgReceipt
}

func newRequestQueue() *requestQueue {
	q := &requestQueue{}
	q.ready = sync.NewCond(&q.mu)
	return q
}

func (q *requestQueue) put(r msgReceipt) {
	q.mu.Lock()
	q.list = append(q.list, r)
	q.mu.Unlock()
	q.ready.Signal()
}

func (q *requestQueue) get() msgReceipt {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.list) == 0 {
		q.ready.Wait()
	}
	r := q.list[0]
	q.list = q.list[1:]
	return r
}

// take removes and returns the execute requests that wait.
func (q *requestQueue) takeExecutes() []msgReceipt {
	q.mu.Lock()
	defer q.mu.Unlock()
	var taken, rest []msgReceipt
	for _, r := range q.list {
		if r.Msg.Header.MsgType == "execute_request" {
			taken = append(taken, r)
		} else {
			rest = append(rest, r)
		}
	}
	q.list = rest
	return taken
}
