// Package engine runs Go that no compiler has seen: functions in the SSA form
// of golang.org/x/tools/go/ssa, turned into closures.
//
// A function's registers lie in a frame, a block of Go memory with the layout
// that Go gives to their types. So values of interpreted code are Go values:
// they are passed to compiled functions as they are, pointers into them are Go
// pointers, and the collector knows them. An instruction is a closure that
// reads and writes the frame at fixed offsets. Types declared in cells exist at
// run time (package rtype), so interface values, type switches, maps, printing
// and reflection are the runtime's own.
//
// A panic is a Go panic. Calls of compiled functions go through package
// reflect, with shorter ways for common signatures. Func values can be called
// from compiled code, on any goroutine.
package engine
