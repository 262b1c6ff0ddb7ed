package nasbench

import (
	"math/bits"
	"runtime"
	"slices"
	"sync"

	"github.com/nngplab/nngplab/nngpkit/space"
)

// Distances implements space.Measurer: see Distances.
func (nasbench101) Distances(all []space.Architecture) ([][]int, error) {
	specs := make([]Spec, len(all))
	for i, a := range all {
		s, err := SpecOf(a)
		if err != nil {
			return nil, err
		}
		specs[i] = s
	}
	return Distances(specs), nil
}

// Distances returns the edit distance between each two cells: the least number of
// changes that make one of the other, over all ways to match their inner vertices. A
// change is an edge more or less, another operation, or a vertex more or less (whose
// edges count, too). It does not depend on how cells are written down. Cells on the
// way need not be of the space.
func Distances(specs []Spec) [][]int {
	forms := make([][]form, len(specs))
	out := make([][]int, len(specs))
	for i, s := range specs {
		forms[i] = s.forms()
		out[i] = make([]int, len(specs))
	}
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				for j := range i {
					d := nearest(forms[i][0], forms[j])
					out[i][j], out[j][i] = d, d // no other pair writes these
				}
			}
		}()
	}
	for i := range specs {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
}

// form is a cell written on seven vertices in one order, the input first and the
// output last; vertices that it lacks have no edges.
type form struct {
	edges uint64 // bit 7 i + j: edge from i to j
	ops   uint32 // three bits a vertex: one for each operation
}

// forms returns the different forms of a cell.
func (s Spec) forms() []form {
	var out []form
	inner := int(s.n) - 2
	place := make([]int, s.n)
	if s.n == 0 {
		return []form{{}}
	}
	place[0], place[s.n-1] = 0, MaxVertices-1
	var fill func(v int, used uint8)
	fill = func(v int, used uint8) {
		if v > inner {
			out = append(out, s.form(place))
			return
		}
		for p := 1; p < MaxVertices-1; p++ {
			if used>>p&1 == 0 {
				place[v] = p
				fill(v+1, used|1<<p)
			}
		}
	}
	fill(1, 0)
	slices.SortFunc(out, func(a, b form) int {
		switch {
		case a.edges != b.edges && a.edges < b.edges, a.edges == b.edges && a.ops < b.ops:
			return -1
		case a == b:
			return 0
		}
		return 1
	})
	return slices.Compact(out)
}

func (s Spec) form(place []int) form {
	var f form
	for i := range place {
		for j := range place {
			if s.edge(i, j) {
				f.edges |= 1 << (MaxVertices*place[i] + place[j])
			}
		}
		if s.ops[i].inner() {
			f.ops |= 1 << (3*place[i] + int(s.ops[i]))
		}
	}
	return f
}

// nearest returns the least distance of a form to those of another cell.
func nearest(a form, of []form) int {
	least := 64
	for _, b := range of {
		least = min(least, bits.OnesCount64(a.edges^b.edges)+opsApart(a.ops^b.ops))
	}
	return least
}

// opsApart counts the vertices whose three bits are not all equal.
func opsApart(x uint32) int {
	const low = 0o1111111
	return bits.OnesCount32((x | x>>1 | x>>2) & low)
}
