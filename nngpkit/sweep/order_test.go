package sweep

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestScoresKnowNoVertexOrder writes 200 cells down in three random vertex
// orders each: a score belongs to the cell, so all have the same bits.
func TestScoresKnowNoVertexOrder(t *testing.T) {
	set, rng := imageset.Drawn(20, 1), rand.New(rand.NewPCG(7, 0))
	cells, err := truth.SampleCells(200, 5)
	if err != nil {
		t.Fatal(err)
	}
	pass := tinyPass(1)
	pass.Train, pass.Val, pass.NormBatch = 10, 6, 6
	pass = pass.Resolved()
	pool, others := new(forward.Pool), 0
	for _, a := range cells.Architectures {
		var want []measured
		for range 3 {
			written := reordered(t, a, rng)
			if written != a.Canonical() {
				others++
			}
			rows, err := measure(t.Context(), written, set, pass, 1, pool, "")
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = rows
				continue
			}
			for i, r := range rows {
				for name, v := range r.Values {
					timed := name == forwardColumn || name == secondsColumn
					if !timed && v != want[i].Values[name] {
						t.Errorf("%s written as %v: %s is %v, in another order %v", a.Key(), written, name, v, want[i].Values[name])
					}
				}
			}
		}
	}
	if others < 150 {
		t.Errorf("only %d of 600 cells were written in an order of their own", others)
	}
}

// reordered writes a cell down with its inner vertices in a random order that
// keeps edges pointing forward.
func reordered(t *testing.T, a space.Architecture, rng *rand.Rand) space.Architecture {
	t.Helper()
	matrix, ops, _ := strings.Cut(a.String(), " ")
	rows, names := strings.Split(matrix, "/"), strings.Split(ops, ",")
	n := len(rows)
	order, placed := []int{0}, map[int]bool{0: true}
	for len(order) < n-1 {
		var next []int
		for v := 1; v < n-1; v++ {
			ready := !placed[v]
			for u := 1; u < n-1; u++ {
				ready = ready && (rows[u][v] == '0' || placed[u])
			}
			if ready {
				next = append(next, v)
			}
		}
		v := next[rng.IntN(len(next))]
		order, placed[v] = append(order, v), true
	}
	order = append(order, n-1)
	var m, o []string
	for _, u := range order {
		row := ""
		for _, v := range order {
			row += string(rows[u][v])
		}
		m, o = append(m, row), append(o, names[u])
	}
	out, err := truth.NewCell(strings.Join(m, "/") + " " + strings.Join(o, ","))
	if err != nil {
		t.Fatal(err)
	}
	if out.Key() != a.Key() {
		t.Fatalf("%v is not %v", out, a)
	}
	return out
}
