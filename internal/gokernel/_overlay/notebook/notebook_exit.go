package main

import (
	"fmt"
	"log"
	"os"
	"reflect"

	"github.com/cosmos72/gomacro/gls"
	"github.com/cosmos72/gomacro/imports"
)

// ExitError is the panic by which a call of os.Exit in a cell ends the cell,
// and not the kernel with all its variables.
type ExitError int

// Error names the call.
func (e ExitError) Error() string {
	return fmt.Sprintf("os.Exit(%d) was called; the kernel and its variables stay", int(e))
}

func init() {
	bind := func(pkg, name string, f any) {
		if p, ok := imports.Packages[pkg]; ok {
			p.Binds[name] = reflect.ValueOf(f)
		}
	}
	bind("os", "Exit", exitCell)
	bind("log", "Fatal", func(v ...any) { log.Print(v...); exitCell(1) })
	bind("log", "Fatalf", func(format string, v ...any) { log.Printf(format, v...); exitCell(1) })
	bind("log", "Fatalln", func(v ...any) { log.Println(v...); exitCell(1) })
}

// exitCell is os.Exit for cells. In a goroutine that a cell started it ends the
// process, as in Go, after the reason has been told.
func exitCell(code int) {
	n := theNotebook
	if n == nil || batchShown != nil {
		os.Exit(code)
	}
	n.mu.Lock()
	own := n.cell != nil && n.cell.goid == gls.GoID()
	n.mu.Unlock()
	if own {
		panic(ExitError(code))
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
