// Package differential compares the Go kernel with compiled Go on random
// programs: it generates programs from a seed, compiles many of them into one
// binary, puts the same ones through a kernel, and compares what they print.
//
// The programs keep to what the language defines. Where Go leaves something
// open (the order of a map, the capacity that append chooses, whether an index
// or a call in one expression comes first), a program does not depend on it:
// slices that are appended to have no second name, and a statement holds at
// most one operation that may panic.
package differential
