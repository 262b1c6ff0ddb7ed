package engine

import (
	"unsafe"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// The runtime's own operations on memory, by descriptors. Each is one that the
// runtime keeps reachable for packages outside the standard library.

//go:linkname typedmemmove reflect.typedmemmove
//go:noescape
func typedmemmove(t *rtype.Type, dst, src unsafe.Pointer)

//go:linkname typedmemclr reflect.typedmemclr
//go:noescape
func typedmemclr(t *rtype.Type, p unsafe.Pointer)

//go:linkname unsafe_New reflect.unsafe_New
func unsafe_New(t *rtype.Type) unsafe.Pointer

//go:linkname makeslice runtime.makeslice
func makeslice(t *rtype.Type, len, cap int) unsafe.Pointer

type sliceHeader struct {
	ptr      unsafe.Pointer
	len, cap int
}

//go:linkname growslice runtime.growslice
func growslice(old unsafe.Pointer, newLen, oldCap, num int, t *rtype.Type) sliceHeader

//go:linkname typedslicecopy reflect.typedslicecopy
//go:noescape
func typedslicecopy(t *rtype.Type, dst, src sliceHeader) int

//go:linkname mapaccess reflect.mapaccess
//go:noescape
func mapaccess(t *rtype.Type, m, key unsafe.Pointer) unsafe.Pointer

//go:linkname mapassign reflect.mapassign0
//go:noescape
func mapassign(t *rtype.Type, m, key, val unsafe.Pointer)

//go:linkname mapdelete reflect.mapdelete
//go:noescape
func mapdelete(t *rtype.Type, m, key unsafe.Pointer)

//go:linkname makemap reflect.makemap
func makemap(t *rtype.Type, n int) unsafe.Pointer

//go:linkname maplen reflect.maplen
//go:noescape
func maplen(m unsafe.Pointer) int

//go:linkname mapclear reflect.mapclear
//go:noescape
func mapclear(t *rtype.Type, m unsafe.Pointer)

//go:linkname makechan reflect.makechan
func makechan(t *rtype.Type, n int) unsafe.Pointer

//go:linkname chanlen reflect.chanlen
//go:noescape
func chanlen(c unsafe.Pointer) int

//go:linkname chancap reflect.chancap
//go:noescape
func chancap(c unsafe.Pointer) int

//go:linkname chanclose reflect.chanclose
//go:noescape
func chanclose(c unsafe.Pointer)

//go:linkname chanrecv reflect.chanrecv
//go:noescape
func chanrecv(c unsafe.Pointer, nb bool, val unsafe.Pointer) (selected, received bool)

//go:linkname chansend reflect.chansend0
//go:noescape
func chansend(c unsafe.Pointer, val unsafe.Pointer, nb bool) bool

// getg returns what identifies the calling goroutine while it lives.
func getg() uintptr

// eface is an interface value without methods, iface one with.
type eface struct {
	typ  *rtype.Type
	data unsafe.Pointer
}

type iface struct {
	tab  *rtype.ITab
	data unsafe.Pointer
}
