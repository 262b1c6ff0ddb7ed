package nasbench

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/nngplab/nngplab/nngpkit/nasbench/internal/md5x8"
)

// HashAll returns the hash of every spec, in order, computed on all
// processors. progress, where not nil, is called now and then with the number
// done, from one goroutine at a time. A canceled context ends it with the
// context's error.
func HashAll(ctx context.Context, specs []Spec, progress func(done, total int64)) ([]string, error) {
	sums, err := hashAll(ctx, specs, progress)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(sums))
	for i := range sums {
		out[i] = hex.EncodeToString(sums[i][:])
	}
	return out, nil
}

func hashAll(ctx context.Context, specs []Spec, progress func(done, total int64)) ([][16]byte, error) {
	const block = 4096
	out := make([][16]byte, len(specs))
	order := byMatrix(specs)
	var next atomic.Int64
	var report sync.Mutex
	var done int64 // under report
	var workers errgroup.Group
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() error {
			var l lanes
			for ctx.Err() == nil {
				lo := int(next.Add(block)) - block
				if lo >= len(specs) {
					return nil
				}
				hi := min(lo+block, len(specs))
				l.hashBlock(specs, order[lo:hi], out)
				report.Lock()
				done += int64(hi - lo)
				if progress != nil {
					progress(done, int64(len(specs)))
				}
				report.Unlock()
			}
			return ctx.Err()
		})
	}
	return out, workers.Wait()
}

// byMatrix returns the specs' indices in order of their matrices, each below
// the matrix as a number.
func byMatrix(specs []Spec) []uint64 {
	order := make([]uint64, len(specs))
	for i := range specs {
		order[i] = (uint64(specs[i].n)<<21|uint64(specs[i].edgeBits()))<<indexBits | uint64(i)
	}
	slices.Sort(order)
	return order
}

const indexBits = 40

// hashBlock hashes the specs of the given indices, eight of one matrix at a
// time where the processor can.
func (l *lanes) hashBlock(specs []Spec, order []uint64, out [][16]byte) {
	index := func(o uint64) int { return int(o & (1<<indexBits - 1)) }
	for len(order) > 0 {
		k := 1
		for k < min(len(order), md5x8.Lanes) && order[k]>>indexBits == order[0]>>indexBits {
			k++
		}
		first := index(order[0])
		switch {
		case specs[first].n == 0: // no cell, no hash
		case k == 1 || !md5x8.Available():
			for _, o := range order[:k] {
				out[index(o)] = specs[index(o)].hash()
			}
		default:
			var cells [md5x8.Lanes]Spec
			var sums [md5x8.Lanes][16]byte
			for j := range cells {
				cells[j] = specs[index(order[min(j, k-1)])]
			}
			l.hash(&cells, &sums)
			for j, o := range order[:k] {
				out[index(o)] = sums[j]
			}
		}
		order = order[k:]
	}
}

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

// message writes the message of vertex v: in-neighbors, out-neighbors,
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
