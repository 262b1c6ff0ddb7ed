package forward

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// Codes are the signs of a network's units on N images: whether each value of
// the nodes of Config.Codes is positive. For a node with ReLU that is whether the
// unit is on.
type Codes struct {
	N     int
	Nodes []int // in the order of Config.Codes
	Units []int // values of one image, of each node

	lanes int
	masks []uint16 // [group][unit of all nodes]: bit l is that of image group*lanes + l
	size  int      // units of all nodes
	rows  []uint64
}

// Equal adds to equal, an n x n matrix row by row, for every pair among the
// first n images, the number of units of node number i (of Nodes) on which their
// signs agree. n may be less than N. It panics where n is more, or the matrix has
// another size.
func (c *Codes) Equal(i, n int, equal []int64) {
	if n > c.N || len(equal) != n*n {
		panic(fmt.Sprintf("forward: codes of %d images for a matrix of %d x %d", c.N, n, n))
	}
	first := 0
	for _, u := range c.Units[:i] {
		first += u
	}
	units := c.Units[i]
	words := (units + 63) / 64
	if need := words * groups(n, c.lanes) * c.lanes; cap(c.rows) < need {
		c.rows = make([]uint64, need)
	}
	for g := range groups(n, c.lanes) {
		c.transpose(c.rows[g*c.lanes*words:], c.masks[g*c.size+first:][:units], words)
	}
	for a := range n {
		x := c.rows[a*words:][:words]
		for b := range a {
			different := 0
			for w, v := range c.rows[b*words:][:words] {
				different += bits.OnesCount64(v ^ x[w])
			}
			same := int64(units - different)
			equal[a*n+b] += same
			equal[b*n+a] += same
		}
		equal[a*n+a] += int64(units)
	}
}

// transpose writes the bits of each lane as a row of words; bits behind the last
// unit are zero.
func (c *Codes) transpose(rows []uint64, masks []uint16, words int) {
	for w := range words {
		var block [64]uint16
		copy(block[:], masks[64*w:])
		var out [16]uint64
		for q := range 4 {
			// Four words of four masks each are a matrix of 16 x 16 bits.
			var m [4]uint64
			for i := range m {
				b := block[16*q+4*i:]
				m[i] = uint64(b[0]) | uint64(b[1])<<16 | uint64(b[2])<<32 | uint64(b[3])<<48
			}
			transpose16(&m)
			for l := range 16 {
				out[l] |= m[l/4] >> (16 * (l % 4)) & 0xffff << (16 * q)
			}
		}
		for l := range c.lanes {
			rows[l*words+w] = out[l]
		}
	}
}

// transpose16 transposes a matrix of 16 x 16 bits, four rows a word, by swapping
// blocks of 8, 4, 2 and 1 (Warren, "Hacker's Delight", section 7-3).
func transpose16(m *[4]uint64) {
	// Rows 8 apart: word i and i+2.
	for i := range 2 {
		t := (m[i]>>8 ^ m[i+2]) & 0x00ff00ff00ff00ff
		m[i+2] ^= t
		m[i] ^= t << 8
	}
	// Rows 4 apart: word i and i+1.
	for i := 0; i < 4; i += 2 {
		t := (m[i]>>4 ^ m[i+1]) & 0x0f0f0f0f0f0f0f0f
		m[i+1] ^= t
		m[i] ^= t << 4
	}
	for i, x := range m {
		// Rows 2 apart are 32 bits apart, rows 1 apart 16.
		t := (x>>2 ^ x>>32) & 0x0000000033333333
		x ^= t<<32 ^ t<<2
		t = (x>>1 ^ x>>16) & 0x0000555500005555
		x ^= t<<16 ^ t<<1
		m[i] = x
	}
}

// record is a node whose signs a step completes.
type record struct {
	v     view
	first int // unit among all
}

// codes is what a plan knows of Config.Codes.
type codes struct {
	nodes, units []int
	size         int // units of all nodes
}

// checkCodes returns why the nodes of Config.Codes cannot be recorded, or nil.
func checkCodes(net *arch.Network, nodes []int) error {
	for k, i := range nodes {
		if i < 1 || i >= len(net.Nodes) {
			return fmt.Errorf("forward: codes of node %d: network %q has nodes 1 to %d", i, net.Name, len(net.Nodes)-1)
		}
		if slices.Contains(nodes[:k], i) {
			return fmt.Errorf("forward: codes of node %d are asked for twice", i)
		}
	}
	return nil
}

// recordNode has the step that was emitted last record the signs of node i of the
// network as it is run, if they are asked for.
func (c *compiler) recordNode(i int) {
	first := 0
	for _, j := range c.run.kept {
		units := c.net.Nodes[j].Out.Size()
		if j == i {
			c.record(record{c.where(i), first})
		}
		first += units
	}
}

func (c *compiler) record(r record) {
	at := len(c.steps) - 1
	if at < 0 { // the input, or a view of it
		c.early = append(c.early, r)
		return
	}
	s := &c.steps[at]
	s.records = append(s.records, r)
}

// setCodes fills in what the plan records.
func (c *compiler) setCodes() error {
	if len(c.early) > 0 {
		if len(c.steps) == 0 {
			return fmt.Errorf("forward: network %q computes nothing whose signs could be recorded", c.net.Name)
		}
		s := &c.steps[0]
		s.records = append(s.records, c.early...)
	}
	c.codes.nodes = c.cfg.Codes
	for _, i := range c.run.kept {
		u := c.net.Nodes[i].Out.Size()
		c.codes.units = append(c.codes.units, u)
		c.codes.size += u
	}
	return nil
}

// signs records the signs that a step completes, for one group.
func (w *worker) signs(s *step, at place) {
	p := w.plan
	for _, r := range s.records {
		w.code = simd.Codes{
			X: p.values(r.v, at), Y: w.masks[at.image*p.codes.size+r.first:],
			Ld: r.v.ld * p.k.Lanes, C: r.v.c, N: r.v.pixels(),
		}
		p.k.Codes(&w.code)
	}
}

// ReLUs returns the nodes of a network that end in a ReLU, in order: layers with
// one, and ReLUs that are nodes of their own.
func ReLUs(net *arch.Network) []int {
	var nodes []int
	for i := range net.Nodes {
		if i > 0 && net.Nodes[i].Act == arch.ReLU {
			nodes = append(nodes, i)
		}
	}
	return nodes
}
