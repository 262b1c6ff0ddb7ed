package main

import (
	"fmt"
	"log"
	"os"
	"unsafe"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
)

// guardExits makes os.Exit in a cell, and what calls it, end the cell, and not
// the kernel with all its variables.
func (n *notebook) guardExits() {
	hook := func(name string, f func(args []unsafe.Pointer) int) {
		n.session.Prog.Hooks[name] = func(th *engine.Thread, args []unsafe.Pointer, _ unsafe.Pointer) {
			n.exitCell(th, f(args))
		}
	}
	hook("os.Exit", func(args []unsafe.Pointer) int { return *(*int)(args[0]) })
	hook("log.Fatal", func(args []unsafe.Pointer) int { log.Print(*(*[]any)(args[0])...); return 1 })
	hook("log.Fatalf", func(args []unsafe.Pointer) int { log.Printf(*(*string)(args[0]), *(*[]any)(args[1])...); return 1 })
	hook("log.Fatalln", func(args []unsafe.Pointer) int { log.Println(*(*[]any)(args[0])...); return 1 })
}

// exitCell is os.Exit for cells. In a goroutine that a cell started it ends the
// process, as in Go, after the reason has been told.
func (n *notebook) exitCell(th *engine.Thread, code int) {
	if batchShown != nil {
		os.Exit(code)
	}
	if th.Main() {
		panic(engine.Exit{Code: code})
	}
	n.out.flush()
	note := n.noteOfCell()
	note.Reason = fmt.Sprintf("os.Exit(%d) was called in a goroutine", code)
	n.monitor.tell(note)
	os.Exit(code)
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
