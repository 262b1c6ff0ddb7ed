package forward

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a large page of the processors that have kernels here.
const hugePage = 2 << 20

// allocate returns n values, on huge pages where they are many. Winograd's
// transforms write to 36 places at a time, weights and activations fill tens of
// megabytes, which is more than the processor keeps the addresses of in pages of
// 4 KiB. Linux gives huge pages to those who ask; where it does not, nothing is
// lost.
func allocate(n int) []float32 {
	const values = hugePage / 4
	if n < values/2 {
		return make([]float32, n)
	}
	whole := (n + values - 1) / values * values
	s := make([]float32, whole+values) // the rest stays untouched, and takes no memory
	first := (hugePage - int(uintptr(unsafe.Pointer(unsafe.SliceData(s)))%hugePage)) % hugePage / 4
	s = s[first:][:whole]
	_ = unix.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 4*whole), unix.MADV_HUGEPAGE)
	return s[:n:whole]
}
