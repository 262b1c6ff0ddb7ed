package engine

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// maxPhis bounds the work of finding registers that can be shared.
const maxPhis = 2000

// coalesce gives a phi and the values that flow into it one register where they
// are never alive at once: then no moves are needed on the edges.
func (c *compiler) coalesce() {
	l := c.candidates()
	if l == nil {
		return
	}
	l.flow()
	for _, b := range c.fn.Blocks {
		for _, in := range b.Instrs {
			phi, ok := in.(*ssa.Phi)
			if !ok {
				break
			}
			for _, e := range phi.Edges {
				if k, ok := l.index[e]; ok {
					l.join(l.index[phi], k)
				}
			}
		}
	}
	for root, members := range l.members {
		if len(members) < 2 || l.root(root) != root {
			continue
		}
		s := c.newSlot(l.values[root].Type())
		for _, m := range members {
			c.regs[l.values[m]] = s.off
		}
	}
}

// liveness knows where the values that may share a register are alive.
type liveness struct {
	c       *compiler
	values  []ssa.Value
	index   map[ssa.Value]int
	blockOf []*ssa.BasicBlock
	at      []int                     // where a value is defined in its block; -1 for phis
	lastUse []map[*ssa.BasicBlock]int // by value
	liveOut []bits                    // by block
	members map[int][]int             // by root
	parent  []int
}

type bits []uint64

func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }
func (b bits) set(i int)      { b[i/64] |= 1 << (i % 64) }

// candidates collects the phis and the values that flow into them.
func (c *compiler) candidates() *liveness {
	l := &liveness{c: c, index: map[ssa.Value]int{}, members: map[int][]int{}}
	add := func(v ssa.Value) {
		if _, ok := l.index[v]; ok {
			return
		}
		in, ok := v.(ssa.Instruction)
		if !ok || c.fused[v] {
			return
		}
		switch v := v.(type) {
		case *ssa.Alloc:
			return
		case *ssa.Call:
			if _, ok := v.Type().(*types.Tuple); ok {
				return
			}
		}
		if _, fixed := c.regs[v]; fixed {
			return
		}
		if mv := c.p.moveOf(v.Type()); mv.class == cZero || mv.class == cMem {
			return
		}
		k := len(l.values)
		l.index[v] = k
		l.values = append(l.values, v)
		l.blockOf = append(l.blockOf, in.Block())
		l.at = append(l.at, -1)
		l.lastUse = append(l.lastUse, map[*ssa.BasicBlock]int{})
		l.parent = append(l.parent, k)
		l.members[k] = []int{k}
	}
	phis := 0
	for _, b := range c.fn.Blocks {
		for _, in := range b.Instrs {
			phi, ok := in.(*ssa.Phi)
			if !ok {
				break
			}
			phis++
			add(phi)
			for _, e := range phi.Edges {
				add(e)
			}
		}
	}
	if phis == 0 || phis > maxPhis {
		return nil
	}
	return l
}

// operands calls f for the values that in reads when it runs.
func (c *compiler) operands(in ssa.Instruction, f func(ssa.Value)) {
	var buf [10]*ssa.Value
	for _, p := range in.Operands(buf[:0]) {
		v := *p
		if v == nil {
			continue
		}
		if c.fused[v] {
			c.operands(v.(ssa.Instruction), f)
			continue
		}
		f(v)
	}
}

// flow computes which values are alive at the ends of blocks.
func (l *liveness) flow() {
	blocks := l.c.fn.Blocks
	words := (len(l.values) + 63) / 64
	in := make([]bits, len(blocks))
	gen := make([]bits, len(blocks)) // read before they are defined
	def := make([]bits, len(blocks))
	l.liveOut = make([]bits, len(blocks))
	for _, b := range blocks {
		i := b.Index
		in[i], gen[i], def[i], l.liveOut[i] = make(bits, words), make(bits, words), make(bits, words), make(bits, words)
		for pos, ins := range b.Instrs {
			v, isValue := ins.(ssa.Value)
			if _, isPhi := ins.(*ssa.Phi); !isPhi && !(isValue && l.c.fused[v]) {
				l.c.operands(ins, func(o ssa.Value) {
					if k, ok := l.index[o]; ok {
						l.lastUse[k][b] = pos
						if !def[i].has(k) {
							gen[i].set(k)
						}
					}
				})
			}
			if isValue {
				if k, ok := l.index[v]; ok {
					def[i].set(k)
					if _, isPhi := v.(*ssa.Phi); !isPhi {
						l.at[k] = pos
					}
				}
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for n := len(blocks) - 1; n >= 0; n-- {
			b := blocks[n]
			out := l.liveOut[b.Index]
			for _, s := range b.Succs {
				for w := range out {
					out[w] |= in[s.Index][w]
				}
				for e, p := range s.Preds {
					if p != b {
						continue
					}
					for _, ins := range s.Instrs {
						phi, ok := ins.(*ssa.Phi)
						if !ok {
							break
						}
						if k, ok := l.index[phi.Edges[e]]; ok {
							out.set(k)
						}
					}
				}
			}
			for w := range out {
				v := gen[b.Index][w] | out[w]&^def[b.Index][w]
				if v != in[b.Index][w] {
					in[b.Index][w] = v
					changed = true
				}
			}
		}
	}
}

// aliveAfter reports whether a is alive just after b is defined.
func (l *liveness) aliveAfter(a, b int) bool {
	block, at := l.blockOf[b], l.at[b]
	if l.blockOf[a] == block && l.at[a] > at {
		return false
	}
	if l.liveOut[block.Index].has(a) {
		return true
	}
	last, used := l.lastUse[a][block]
	return used && last > at
}

func (l *liveness) interfere(a, b int) bool {
	if l.blockOf[a] == l.blockOf[b] && l.at[a] < 0 && l.at[b] < 0 {
		return true // two phis of one block
	}
	return l.aliveAfter(a, b) || l.aliveAfter(b, a)
}

func (l *liveness) root(k int) int {
	for l.parent[k] != k {
		k = l.parent[k]
	}
	return k
}

// join merges the classes of two values if none of their members interfere.
func (l *liveness) join(a, b int) {
	a, b = l.root(a), l.root(b)
	if a == b {
		return
	}
	x, y := l.c.p.moveOf(l.values[a].Type()), l.c.p.moveOf(l.values[b].Type())
	if x.class != y.class || len(l.members[a])*len(l.members[b]) > 10000 {
		return
	}
	for _, m := range l.members[a] {
		for _, n := range l.members[b] {
			if l.interfere(m, n) {
				return
			}
		}
	}
	l.parent[b] = a
	l.members[a] = append(l.members[a], l.members[b]...)
	delete(l.members, b)
}
