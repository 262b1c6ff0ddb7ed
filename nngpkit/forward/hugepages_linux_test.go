package forward

import (
	"testing"
	"unsafe"
)

// TestAllocate: large memory is zero, begins with a huge page and holds whole ones.
func TestAllocate(t *testing.T) {
	for _, n := range []int{1, 1000, hugePage/8 - 1, hugePage / 8, hugePage / 4, hugePage/4 + 1, 3*hugePage + 5} {
		s := allocate(n)
		if len(s) != n {
			t.Fatalf("%d values, want %d", len(s), n)
		}
		for i, v := range s[:cap(s)] {
			if v != 0 {
				t.Fatalf("value %d of %d is %v", i, n, v)
			}
		}
		if n < hugePage/8 {
			continue
		}
		if at := uintptr(unsafe.Pointer(unsafe.SliceData(s))); at%hugePage != 0 || 4*cap(s)%hugePage != 0 {
			t.Errorf("%d values begin at %#x and have room for %d", n, at, cap(s))
		}
	}
}
