package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A Cell is one execution of code: what its threads have in common.
type Cell struct {
	Ctx    context.Context
	cancel context.CancelFunc
	state  atomic.Int32 // 0 running, 1 interrupted, 2 abandoned, 3 ended after an interrupt
	native atomic.Bool  // its statements are inside compiled code

	mu     sync.Mutex
	failed *Failure // of a thread that compiled code started
	alarm  chan struct{}

	overdue chan struct{} // closed when deferred functions have had their time
}

// grace is how long deferred functions of a cell that is stopped may run. Then
// they are stopped, too.
const grace = time.Second

// NewCell returns a cell whose context ends with parent, or when it is stopped.
func NewCell(parent context.Context) *Cell {
	ctx, cancel := context.WithCancel(parent)
	return &Cell{Ctx: ctx, cancel: cancel, alarm: make(chan struct{}), overdue: make(chan struct{})}
}

// Interrupt stops the thread that runs the cell's statements, and cancels its
// context.
func (c *Cell) Interrupt() {
	if c.state.CompareAndSwap(0, 1) {
		attention.Add(1)
		time.AfterFunc(grace, func() { close(c.overdue) })
	}
	c.cancel()
}

// Abandon stops all threads of the cell.
func (c *Cell) Abandon() {
	if c.state.Swap(2) == 0 {
		attention.Add(1)
	}
	c.cancel()
}

// Interrupted reports whether the cell was interrupted or abandoned.
func (c *Cell) Interrupted() bool { return c.state.Load() != 0 }

// Abandoned reports whether the cell was left behind.
func (c *Cell) Abandoned() bool { return c.state.Load() == 2 }

// end is called when the statements of the cell have ended.
func (c *Cell) end() {
	if c.state.CompareAndSwap(1, 3) {
		attention.Add(-1)
	}
	c.cancel()
}

// Failed is closed when a function of the cell has panicked on a goroutine that
// compiled code started.
func (c *Cell) Failed() <-chan struct{} { return c.alarm }

// Failure returns that panic.
func (c *Cell) Failure() *Failure {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

func (c *Cell) fail(f *Failure) {
	c.mu.Lock()
	first := c.failed == nil
	if first {
		c.failed = f
	}
	c.mu.Unlock()
	if first {
		close(c.alarm)
	}
}

// poll stops the thread if it is to stop.
func (th *Thread) poll() {
	if th.cell == nil {
		return
	}
	switch th.cell.state.Load() {
	case 1:
		if !th.main {
			return
		}
		select {
		case <-th.halt():
			th.stop()
		default:
		}
	case 2:
		panic(stopped{th.cell})
	}
}

// halt is closed when the thread that runs the cell's statements is to stop: with
// the cell's context, and again where deferred functions take too long.
func (th *Thread) halt() <-chan struct{} {
	if th.unwound {
		return th.cell.overdue
	}
	return th.cell.Ctx.Done()
}

// stop ends the thread, whose cell is to stop.
func (th *Thread) stop() {
	th.unwound = true
	panic(stopped{th.cell})
}

// afterCall is poll after a call of compiled code.
func (th *Thread) afterCall() {
	if attention.Load() != 0 {
		th.poll()
	}
}
