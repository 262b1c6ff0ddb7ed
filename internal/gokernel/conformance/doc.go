// Package conformance measures how far the Go kernel is Go: it puts the test
// programs that every Go toolchain carries below GOROOT/test through an
// installed kernel and compares.
//
// A single-file "// run" program is one cell (the file with its package clause
// blanked, so that lines stay) and a second cell, main(). It passes if neither
// cell fails, the process ends with status 0, and standard output and standard
// error together are the program's .out file, or nothing where there is none,
// which is what Go's own runner asks of the compiled program. An
// "// errorcheck" program is one cell and has to be refused.
//
// No text of these programs is kept in this repository.
package conformance
