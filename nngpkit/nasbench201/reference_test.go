package nasbench201

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

// Networks run as the published ones: features of testdata/reference.py, which
// builds them from the cells' texts as PyTorch would. The bound is float32
// rounding, grown by some thirty layers.
func TestReference(t *testing.T) {
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Cell         string
			Member, Salt int
			Features     map[string][][]float64
		}
	}
	if err := json.Unmarshal(data, &file); err != nil || len(file.Cases) < 5 {
		t.Fatalf("%d cases, %v", len(file.Cases), err)
	}
	shape := arch.Shape{H: 16, W: 12, C: 3}
	for _, c := range file.Cases {
		net, err := mustParse(t, c.Cell).Network(Skeleton{Width: 6, Cells: 2, Input: shape})
		if err != nil {
			t.Fatal(err)
		}
		x, b := fixture.HashedImages(5, shape, c.Salt), fixture.HashedImages(8, shape, c.Salt+500)
		for norm := forward.EMA; norm <= forward.None; norm++ {
			plan, err := forward.Compile(net, forward.Config{Norm: norm, Seed: 0x0123456789ABCDEF})
			if err != nil {
				t.Fatal(err)
			}
			got, err := plan.Features(t.Context(), c.Member, x, b)
			if err != nil {
				t.Fatal(err)
			}
			want := c.Features[norm.String()]
			if got.N != len(want) || got.D != len(want[0]) {
				t.Fatalf("%s, %v: %d x %d features, want %d x %d", c.Cell, norm, got.N, got.D, len(want), len(want[0]))
			}
			var diff, sum float64
			for i, row := range want {
				for j, v := range row {
					e := float64(got.Data[i*got.D+j]) - v
					diff, sum = diff+e*e, sum+v*v
				}
			}
			if e := math.Sqrt(diff / sum); !(e <= 1e-5) {
				t.Errorf("%s, %v: relative error %.2g", c.Cell, norm, e)
			}
		}
	}
}
