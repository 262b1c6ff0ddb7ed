package engine

import (
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// Channel operations of the thread that runs a cell's statements end when the
// cell is interrupted. Others block as Go's.

func (c *compiler) receive(in *ssa.UnOp) {
	x := c.src(in.X)
	ct := in.X.Type().Underlying().(*types.Chan)
	mv := c.p.moveOf(ct.Elem())
	rt := c.p.Types.TypeOf(in.X.Type())
	var dst uintptr
	okSlot := uintptr(0)
	if in.CommaOk {
		dst, okSlot = c.tuple[in][0].off, c.tuple[in][1].off
	} else {
		dst = c.dst(in)
	}
	commaOk := in.CommaOk
	c.emit(in.Pos(), func(fp *Frame) {
		ch := *at[unsafe.Pointer](fp, x)
		var received bool
		if ch == nil {
			block(fp)
		} else {
			var selected bool
			selected, received = chanrecv(ch, true, reg(fp, dst))
			if !selected {
				if fp.th.main {
					received = fp.th.wait(reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.NewAt(rt, unsafe.Pointer(&ch)).Elem()}, reg(fp, dst), mv)
				} else {
					_, received = chanrecv(ch, false, reg(fp, dst))
					fp.th.afterCall()
				}
			}
		}
		if !received {
			mv.clear(reg(fp, dst))
		}
		if commaOk {
			*at[bool](fp, okSlot) = received
		}
	})
}

// wait does one channel operation, or stops with the cell.
func (th *Thread) wait(op reflect.SelectCase, dst unsafe.Pointer, mv move) (received bool) {
	cases := []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(th.halt())}, op}
	i, v, ok := reflect.Select(cases)
	if i == 0 {
		th.stop()
	}
	if op.Dir == reflect.SelectRecv && dst != nil {
		store := reflect.New(v.Type())
		store.Elem().Set(v)
		mv.copyTo(dst, store.UnsafePointer())
	}
	return ok
}

// block blocks for ever, or until the cell stops.
func block(fp *Frame) {
	if fp.th.main {
		<-fp.th.halt()
		fp.th.stop()
	}
	select {}
}

func (c *compiler) send(in *ssa.Send) {
	x, v := c.src(in.Chan), c.src(in.X)
	rt := c.p.Types.TypeOf(in.Chan.Type())
	et := rt.Elem()
	c.emit(in.Pos(), func(fp *Frame) {
		ch := *at[unsafe.Pointer](fp, x)
		if ch == nil {
			block(fp)
		}
		if chansend(ch, reg(fp, v), true) {
			return
		}
		if fp.th.main {
			fp.th.wait(reflect.SelectCase{Dir: reflect.SelectSend, Chan: reflect.NewAt(rt, unsafe.Pointer(&ch)).Elem(), Send: reflect.NewAt(et, reg(fp, v)).Elem()}, nil, move{})
			return
		}
		chansend(ch, reg(fp, v), false)
		fp.th.afterCall()
	})
}

func (c *compiler) selectInstr(in *ssa.Select) {
	s := c.tuple[in]
	type state struct {
		ch, send uintptr
		ct       reflect.Type
		dir      reflect.SelectDir
		recv     int // index in s
	}
	states := make([]state, len(in.States))
	k := 2
	for i, st := range in.States {
		states[i] = state{ch: c.src(st.Chan), ct: c.p.Types.TypeOf(st.Chan.Type())}
		if st.Dir == types.SendOnly {
			states[i].dir, states[i].send = reflect.SelectSend, c.src(st.Send)
		} else {
			states[i].dir, states[i].recv = reflect.SelectRecv, k
			k++
		}
	}
	blocking := in.Blocking
	index, okSlot := s[0].off, s[1].off
	c.emit(in.Pos(), func(fp *Frame) {
		if len(states) == 0 && blocking {
			block(fp)
		}
		cases := make([]reflect.SelectCase, len(states), len(states)+1)
		for i, st := range states {
			cases[i] = reflect.SelectCase{Dir: st.dir, Chan: reflect.NewAt(st.ct, reg(fp, st.ch)).Elem()}
			if st.dir == reflect.SelectSend {
				cases[i].Send = reflect.NewAt(st.ct.Elem(), reg(fp, st.send)).Elem()
			}
		}
		extra := -1
		switch {
		case !blocking:
			extra = len(cases)
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectDefault})
		case fp.th.main:
			extra = len(cases)
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(fp.th.halt())})
		}
		i, v, ok := reflect.Select(cases)
		if i == extra {
			if blocking {
				fp.th.stop()
			}
			i = -1
		}
		*at[int](fp, index) = i
		*at[bool](fp, okSlot) = ok
		for j, st := range states {
			if st.dir != reflect.SelectRecv {
				continue
			}
			r := s[st.recv]
			if j == i {
				reflect.NewAt(st.ct.Elem(), reg(fp, r.off)).Elem().Set(v)
			} else {
				r.mv.clear(reg(fp, r.off))
			}
		}
		fp.th.afterCall()
	})
}
