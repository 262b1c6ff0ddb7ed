package engine

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// blockPC returns where the edge from b to its successor i leads: to the
// successor, or to code that moves what its phis need and goes on there.
func (c *compiler) blockPC(to *ssa.BasicBlock) int { return c.block[to] }

// jump emits the moves for the edge from b to to, and the jump.
func (c *compiler) jump(b, to *ssa.BasicBlock) {
	c.edgeMoves(b, to)
	back := to.Index <= b.Index
	if to == c.next && !back {
		return
	}
	if !back {
		// A loop's condition is repeated at its end: one jump less.
		c.emitLate(token.NoPos, func() instr {
			pc := c.blockPC(to)
			return func(fp *Frame) { fp.pc = pc }
		})
		return
	}
	if br := c.loneBranch(to); br != nil {
		c.emitLate(token.NoPos, func() instr { return br(true) })
		return
	}
	c.emitLate(token.NoPos, func() instr {
		pc := c.blockPC(to)
		return func(fp *Frame) {
			if attention.Load() != 0 {
				fp.th.poll() // before pc moves: a stop is told with the line of the loop
			}
			fp.pc = pc
		}
	})
}

// edgeMoves gives the phis of to the values they have on the edge from b.
func (c *compiler) edgeMoves(b, to *ssa.BasicBlock) {
	i := -1
	for k, p := range to.Preds {
		if p == b {
			i = k
		}
	}
	type edge struct {
		dst, src uintptr
		mv       move
	}
	var moves []edge
	for _, in := range to.Instrs {
		phi, ok := in.(*ssa.Phi)
		if !ok {
			break
		}
		e := edge{c.dst(phi), c.src(phi.Edges[i]), c.p.moveOf(phi.Type())}
		if e.dst != e.src && e.mv.size > 0 {
			moves = append(moves, e)
		}
	}
	// A move may not overwrite what a later one reads.
	for len(moves) > 0 {
		progress := false
		for k := 0; k < len(moves); k++ {
			free := true
			for j, o := range moves {
				if j != k && o.src < moves[k].dst+moves[k].mv.size && moves[k].dst < o.src+o.mv.size {
					free = false
				}
			}
			if free {
				c.emit(token.NoPos, moves[k].mv.moveInstr(moves[k].dst, moves[k].src))
				moves = append(moves[:k], moves[k+1:]...)
				k--
				progress = true
			}
		}
		if !progress { // a cycle: one goes through a register of its own
			m := &moves[0]
			c.off = (c.off + 15) &^ 15
			t := slot{off: c.off, mv: m.mv}
			c.off += m.mv.size
			c.slots = append(c.slots, t)
			c.emit(token.NoPos, m.mv.moveInstr(t.off, m.src))
			m.src = t.off
		}
	}
}

// hasMoves reports whether the edge from b to to needs moves.
func (c *compiler) hasMoves(b, to *ssa.BasicBlock) bool {
	n := len(c.code)
	late := len(c.late)
	c.edgeMoves(b, to)
	has := len(c.code) > n
	c.code, c.lines, c.late = c.code[:n], c.lines[:n], c.late[:late]
	return has
}

// loneBranch returns a maker of the branch that b consists of, if b consists
// of a comparison and a branch on it only.
func (c *compiler) loneBranch(b *ssa.BasicBlock) func(poll bool) instr {
	var rest []ssa.Instruction
	for _, in := range b.Instrs {
		switch in.(type) {
		case *ssa.Phi, *ssa.DebugRef:
		default:
			rest = append(rest, in)
		}
	}
	if len(rest) != 2 {
		return nil
	}
	br, ok := rest[1].(*ssa.If)
	if !ok {
		return nil
	}
	cmp, ok := rest[0].(*ssa.BinOp)
	if !ok || br.Cond != cmp || !c.fused[cmp] {
		return nil
	}
	if c.hasMoves(b, b.Succs[0]) || c.hasMoves(b, b.Succs[1]) {
		return nil
	}
	x, y := c.src(cmp.X), c.src(cmp.Y)
	return func(poll bool) instr {
		return branch(cmp.Op, cmp.X.Type(), x, y, c.blockPC(b.Succs[0]), c.blockPC(b.Succs[1]), poll)
	}
}

// ifInstr emits a conditional branch.
func (c *compiler) ifInstr(in *ssa.If) {
	b := in.Block()
	yes, no := b.Succs[0], b.Succs[1]
	target := func(to *ssa.BasicBlock) (stub int, need bool) {
		return -1, c.hasMoves(b, to) || to.Index <= b.Index
	}
	var yesPC, noPC int = -1, -1
	at := len(c.code)
	c.code = append(c.code, nil)
	c.lines = append(c.lines, in.Pos())
	if _, need := target(no); need {
		noPC = len(c.code)
		c.jumpFar(b, no)
	} else if no != c.next {
		noPC = -2
	}
	if _, need := target(yes); need {
		yesPC = len(c.code)
		c.jumpFar(b, yes)
	}
	pcs := func() (int, int) {
		y, n := yesPC, noPC
		if y < 0 {
			y = c.blockPC(yes)
		}
		if n < 0 {
			n = c.blockPC(no)
		}
		return y, n
	}
	if cmp, ok := in.Cond.(*ssa.BinOp); ok && c.fused[cmp] {
		x, y := c.src(cmp.X), c.src(cmp.Y)
		c.late = append(c.late, lateInstr{at, func() instr {
			t, f := pcs()
			return branch(cmp.Op, cmp.X.Type(), x, y, t, f, false)
		}})
		return
	}
	cond := c.src(in.Cond)
	c.late = append(c.late, lateInstr{at, func() instr {
		t, f := pcs()
		return func(fp *Frame) {
			if *at2[bool](fp, cond) {
				fp.pc = t
			} else {
				fp.pc = f
			}
		}
	}})
}

func at2[T any](fp *Frame, o uintptr) *T { return at[T](fp, o) }

// jumpFar is jump without falling through.
func (c *compiler) jumpFar(b, to *ssa.BasicBlock) {
	next := c.next
	c.next = nil
	c.jump(b, to)
	c.next = next
}
