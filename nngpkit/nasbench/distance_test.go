package nasbench

import (
	"testing"

	"github.com/nngplab/nngplab/nngpkit/space"
)

// TestDistances checks what is known of the distance of small cells by hand, and
// what holds of any distance on a sample of the space.
func TestDistances(t *testing.T) {
	parse := func(matrix, ops string) Spec {
		s, err := Parse(matrix, ops)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	plain := parse("010/001/000", "input,conv3x3,output")
	for _, c := range []struct {
		name string
		to   Spec
		want int
	}{
		{"itself", plain, 0},
		{"another operation", parse("010/001/000", "input,conv1x1,output"), 1},
		{"a skip more", parse("011/001/000", "input,conv3x3,output"), 1},
		{"a vertex in the chain: it, two edges more, one less", parse("0100/0010/0001/0000", "input,conv3x3,conv3x3,output"), 4},
		{"a vertex beside: it and two edges", parse("0110/0001/0001/0000", "input,conv3x3,maxpool3x3,output"), 3},
		{"nothing but a skip: vertex, two edges, one edge", parse("01/00", "input,output"), 4},
	} {
		if d := Distances([]Spec{plain, c.to}); d[0][1] != c.want || d[1][0] != c.want || d[0][0] != 0 {
			t.Errorf("%s: %v, want %d", c.name, d, c.want)
		}
	}
	cells, err := Sample(40, 5)
	if err != nil {
		t.Fatal(err)
	}
	var written []space.Architecture
	for _, s := range cells {
		written = append(written, architecture{s}, architecture{s.Canonical()})
	}
	all, err := space.Distances(Space, written)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		for j := range all {
			if same := written[i].Key() == written[j].Key(); all[i][j] != all[j][i] || (all[i][j] == 0) != same {
				t.Fatalf("%v and %v: %d and %d, of one key %v", written[i], written[j], all[i][j], all[j][i], same)
			}
			for k := range all {
				if all[i][k] > all[i][j]+all[j][k] {
					t.Fatalf("%d to %d is %d, by way of %d it is %d", i, k, all[i][k], j, all[i][j]+all[j][k])
				}
			}
		}
	}
	// One change of an operation, or of an edge that prunes nothing, is one away.
	ones := 0
	for _, s := range cells[:10] {
		near := append([]Spec{s}, s.Neighbors()...)
		for i, d := range Distances(near)[0][1:] {
			if near[i+1].n == s.n && d > 2 {
				t.Errorf("a neighbor of %v with as many vertices is %d away: %v", s, d, near[i+1])
			}
			if d == 1 {
				ones++
			}
		}
	}
	if ones < 50 {
		t.Errorf("%d neighbors of ten cells are one change away", ones)
	}
	if _, err := space.Distances(Space, []space.Architecture{nil}); err == nil {
		t.Error("the distance to nothing")
	}
}
