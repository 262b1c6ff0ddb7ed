package engine

import (
	"sync/atomic"
	"unsafe"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// A Frame is the head of the block of memory that one call of a function
// has: registers follow it.
type Frame struct {
	pc      int
	depth   int
	fn      *Func
	th      *Thread
	caller  *Frame
	next    *Frame    // in a pool
	rec     *recovery // of a function that defers
	deferOf *recovery // the function that this one was deferred by
	tail    unsafe.Pointer
}

const (
	headSize  = unsafe.Sizeof(Frame{})
	headMask  = 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<7 | 1<<8 // words that hold pointers
	returning = 1 << 40                                        // pc of a frame that has returned
	maxDepth  = 400_000
)

// An instr is one instruction.
type instr func(fp *Frame)

// at returns the register at offset o.
func at[T any](fp *Frame, o uintptr) *T { return (*T)(unsafe.Add(unsafe.Pointer(fp), o)) }

func reg(fp *Frame, o uintptr) unsafe.Pointer { return unsafe.Add(unsafe.Pointer(fp), o) }

// attention is not zero while some thread is to stop: loops and calls then look
// whether it is theirs.
var attention atomic.Int32

// exec runs the code of a frame until it returns.
func exec(fp *Frame) {
	code := fp.fn.code
	for {
		pc := uint(fp.pc)
		if pc >= uint(len(code)) {
			return
		}
		fp.pc = int(pc) + 1
		code[pc](fp)
	}
}

// A Thread is the interpreter's part of a goroutine.
type Thread struct {
	prog    *Program
	cell    *Cell
	top     *Frame
	pools   []*Frame
	main    bool // it runs the cell's statements
	foreign bool // its goroutine was started by compiled code
	trace   []Call
	again   bool // the panic under way is one that was caught before
	unwound bool // the cell's interrupt has been raised here
}

// Main reports whether the thread runs the statements of a cell.
func (th *Thread) Main() bool { return th.main }

// enter returns a frame for a call of f.
func (th *Thread) enter(f *Func, caller *Frame) *Frame {
	if f.code == nil {
		f.ready()
	}
	var fr *Frame
	if f.id < len(th.pools) {
		if fr = th.pools[f.id]; fr != nil {
			th.pools[f.id] = fr.next
			fr.pc = 0
		}
	}
	if fr == nil {
		fr = (*Frame)(unsafe_New(f.frameType))
		if f.template != nil {
			typedmemmove(f.frameType, unsafe.Pointer(fr), f.template)
		}
		fr.fn, fr.th = f, th
	}
	fr.caller = caller
	if caller != nil {
		fr.depth = caller.depth + 1
		if fr.depth > maxDepth {
			panic(errStackOverflow)
		}
	} else {
		fr.depth = 0
	}
	if attention.Load() != 0 {
		th.poll()
	}
	th.top = fr
	return fr
}

// leave gives the frame back after a call that returned.
func (th *Thread) leave(fr *Frame) {
	th.top = fr.caller
	id := fr.fn.id
	if id >= len(th.pools) {
		grown := make([]*Frame, id+16+len(th.pools)/2)
		copy(grown, th.pools)
		th.pools = grown
	}
	fr.next = th.pools[id]
	th.pools[id] = fr
}

// run executes a frame that has its arguments.
func run(fr *Frame) {
	if fr.fn.defers {
		execDefer(fr)
	} else {
		exec(fr)
	}
}

// blockType returns a descriptor by which memory of size bytes is allocated
// whose pointers are where mask says, a bit for each word. The collector reads it
// for as long as such memory is reachable, and does not see that it is: what holds
// the memory has to hold the function, which holds the descriptor.
func blockType(size uintptr, mask []byte) *rtype.Type {
	mask = append(mask, make([]byte, 16-len(mask)%8)...) // the runtime reads it by words
	ptr := uintptr(0)
	for i := range size / 8 {
		if mask[i/8]&(1<<(i%8)) != 0 {
			ptr = (i + 1) * 8
		}
	}
	t := &rtype.Type{Size: size, PtrBytes: ptr, Align: 8, FieldAlign: 8, Kind: 25, Hash: 1}
	if ptr > 0 {
		t.GCData = &mask[0]
	}
	return t
}
