package nasbench

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"sort"
	"strings"
	"sync"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/nasbench/internal/md5x8"
)

// Hash returns NAS-Bench-101's hash of the graph as it is (the published
// tables hash pruned graphs: see Spec.Hash). Isomorphic graphs have equal
// hashes; different graphs of up to 7 vertices have different ones, larger
// ones may collide. An invalid graph is an error.
//
// It is graph_util.hash_module of google-research/nasbench: every vertex
// starts from the MD5 of its out-degree, in-degree and label, then V times
// takes the MD5 of its sorted in-neighbors, its sorted out-neighbors and
// itself; the graph's hash is the MD5 of the sorted list. All text is what
// Python would print.
func (g Graph) Hash() (string, error) {
	if err := g.Validate(); err != nil {
		return "", err
	}
	n := len(g.Matrix)
	sum := func(s string) string {
		h := md5.Sum([]byte(s))
		return hex.EncodeToString(h[:])
	}
	hashes := make([]string, n)
	for v, p := range g.profiles() {
		hashes[v] = sum(fmt.Sprintf("(%d, %d, %d)", p.out, p.in, p.label))
	}
	for round := 0; round < n; round++ {
		next := make([]string, n)
		for v := range next {
			var in, out []string
			for w := range hashes {
				if g.Matrix[w][v] == 1 {
					in = append(in, hashes[w])
				}
				if g.Matrix[v][w] == 1 {
					out = append(out, hashes[w])
				}
			}
			sort.Strings(in)
			sort.Strings(out)
			next[v] = sum(strings.Join(in, "") + "|" + strings.Join(out, "") + "|" + hashes[v])
		}
		hashes = next
	}
	sort.Strings(hashes)
	return sum("['" + strings.Join(hashes, "', '") + "']"), nil
}

// Hash returns the cell's hash, 32 hexadecimal digits, by which the published
// tables name it. Isomorphic cells have equal hashes, and no two others of
// this space do.
func (s Spec) Hash() string {
	if s.n == 0 {
		return ""
	}
	h := s.hash()
	return hex.EncodeToString(h[:])
}

// startHashes caches the hashes of the first step: degrees and label are few.
var startHashes = sync.OnceValue(func() *[MaxVertices][MaxVertices][allOps][32]byte {
	var t [MaxVertices][MaxVertices][allOps][32]byte
	for out := range t {
		for in := range t[out] {
			for o := range t[out][in] {
				h := md5.Sum(fmt.Appendf(nil, "(%d, %d, %d)", out, in, Op(o).label()))
				hex.Encode(t[out][in][o][:], h[:])
			}
		}
	}
	return &t
})

// hash is Graph.Hash without allocation: the whole space is hashed this way.
func (s *Spec) hash() [16]byte {
	n := int(s.n)
	var cur, next [MaxVertices][32]byte
	var preds [MaxVertices]uint8
	start := startHashes()
	for v := 0; v < n; v++ {
		preds[v] = s.preds(v)
		cur[v] = start[bits.OnesCount8(s.adj[v])][bits.OnesCount8(preds[v])][s.ops[v]]
	}
	var msg [md5x8.Size]byte
	for round := 0; round < n; round++ {
		// Sort all vertices once: every neighbor list is a part of that order.
		order := sortedByHash(&cur, n)
		for v := 0; v < n; v++ {
			h := md5.Sum(msg[:message(&msg, &cur, &order, n, v, preds[v], s.adj[v])])
			hexEncode(&next[v], &h)
		}
		cur = next
	}
	return md5.Sum(msg[:list(&msg, &cur, n)])
}

// sortedByHash returns the first n vertices by ascending hash.
func sortedByHash(h *[MaxVertices][32]byte, n int) (order [MaxVertices]uint8) {
	for v := 1; v < n; v++ {
		i := v
		for ; i > 0 && lessHash(&h[v], &h[order[i-1]]); i-- {
			order[i] = order[i-1]
		}
		order[i] = uint8(v)
	}
	return order
}

func lessHash(a, b *[32]byte) bool {
	for i := 0; i < 32; i += 8 {
		x, y := binary.BigEndian.Uint64(a[i:]), binary.BigEndian.Uint64(b[i:])
		if x != y {
			return x < y
		}
	}
	return false
}

// parseHash reads 32 hexadecimal digits.
func parseHash(text string) ([16]byte, error) {
	var h [16]byte
	if len(text) != 32 {
		return h, fmt.Errorf("nasbench: hash %s has %d characters, want 32 hexadecimal digits", printable.Quote(text), len(text))
	}
	if _, err := hex.Decode(h[:], []byte(text)); err != nil {
		return h, fmt.Errorf("nasbench: hash %s: want 32 hexadecimal digits", printable.Quote(text))
	}
	return h, nil
}
