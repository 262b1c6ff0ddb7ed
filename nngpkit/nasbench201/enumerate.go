package nasbench201

import "sync"

// All returns the 15,625 cells as they can be written down, in lexical order of
// their operations: the first edge changes most slowly. The slice is the
// caller's.
func All() []Cell {
	all := make([]Cell, 0, Size)
	var c Cell
	for {
		all = append(all, c)
		k := Edges - 1
		for ; k >= 0 && c[k] == ops-1; k-- {
			c[k] = 0
		}
		if k < 0 {
			return all
		}
		c[k]++
	}
}

// different is All up to isomorphism, shared and read-only.
var different = sync.OnceValue(func() []Cell {
	out := make([]Cell, 0, Different)
	for _, c := range All() {
		if c.Canonical() == c {
			out = append(out, c)
		}
	}
	return out
})

// Enumerate returns every different cell once, as its Canonical form, in the
// order of All. The slice is the caller's.
func Enumerate() []Cell { return append([]Cell(nil), different()...) }
