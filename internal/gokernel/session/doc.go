// Package session is the Go of a notebook: it takes cells one after the other,
// checks each against what earlier ones declared, and runs it.
//
// A cell holds Go as in a function body, plus imports, functions and methods.
// It becomes a package of its own, whose outer scope is what earlier cells
// left. go/types checks all of it before anything runs, so an invalid cell is
// refused as a whole, in the compiler's words, and leaves everything as it was.
// Then it is translated to SSA form and run by package engine.
package session
