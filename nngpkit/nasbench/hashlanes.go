package nasbench

import (
	"encoding/binary"
	"math/bits"

	"github.com/nngplab/nngplab/nngpkit/nasbench/internal/md5x8"
)

// lanes hashes eight cells of one matrix at once: their messages have equal
// lengths, since these depend on degrees alone.
type lanes struct {
	buf   md5x8.Buffer
	h     [2][md5x8.Lanes][MaxVertices][32]byte // of this round and the next
	order [md5x8.Lanes][MaxVertices]uint8
	sums  [md5x8.Lanes][16]byte
}

// hash is Spec.hash of eight cells that differ in operations only.
func (l *lanes) hash(cells *[md5x8.Lanes]Spec, out *[md5x8.Lanes][16]byte) {
	s := &cells[0]
	n := int(s.n)
	var preds [MaxVertices]uint8
	start := startHashes()
	for v := 0; v < n; v++ {
		preds[v] = s.preds(v)
		for k := range cells {
			l.h[0][k][v] = start[bits.OnesCount8(s.adj[v])][bits.OnesCount8(preds[v])][cells[k].ops[v]]
		}
	}
	for round := 0; round < n; round++ {
		cur, next := &l.h[round&1], &l.h[round&1^1]
		for k := range l.order {
			l.order[k] = sortedByHash(&cur[k], n)
		}
		for v := 0; v < n; v++ {
			size := 0
			for k := range l.buf {
				size = message(&l.buf[k], &cur[k], &l.order[k], n, v, preds[v], s.adj[v])
			}
			l.buf.Sum(size, &l.sums)
			for k := range l.sums {
				hexEncode(&next[k][v], &l.sums[k])
			}
		}
	}
	size := 0
	for k := range l.buf {
		size = list(&l.buf[k], &l.h[n&1][k], n)
	}
	l.buf.Sum(size, out)
}

// message writes the message of vertex v: in-neighbours, out-neighbours,
// itself.
func message(m *[md5x8.Size]byte, cur *[MaxVertices][32]byte, order *[MaxVertices]uint8, n, v int, in, out uint8) int {
	at := 0
	for _, set := range [2]uint8{in, out} {
		for _, w := range order[:n] {
			if set>>w&1 == 1 {
				*(*[32]byte)(m[at:]) = cur[w]
				at += 32
			}
		}
		m[at] = '|'
		at++
	}
	*(*[32]byte)(m[at:]) = cur[v]
	return at + 32
}

// list writes the last message: the sorted hashes as Python prints a list.
func list(m *[md5x8.Size]byte, cur *[MaxVertices][32]byte, n int) int {
	b := append(m[:0], '[')
	for i, w := range sortedByHash(cur, n) {
		if i >= n {
			break
		}
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, '\'')
		b = append(b, cur[w][:]...)
		b = append(b, '\'')
	}
	return len(append(b, ']'))
}

// hexEncode writes src in hexadecimal, eight digits at a time.
func hexEncode(dst *[32]byte, src *[16]byte) {
	for i := 0; i < 16; i += 4 {
		// Spread the eight half-bytes over a word, first half-byte lowest.
		x := uint64(binary.BigEndian.Uint32(src[i:]))
		x = (x<<32 | x>>16) & 0x0000ffff0000ffff
		x = (x<<16 | x>>8) & 0x00ff00ff00ff00ff
		x = (x<<8 | x>>4) & 0x0f0f0f0f0f0f0f0f
		// '0' + x, and 39 more for those above 9.
		above := (x + 0x0606060606060606) >> 4 & 0x0101010101010101
		binary.LittleEndian.PutUint64(dst[2*i:], x+0x3030303030303030+above*39)
	}
}
