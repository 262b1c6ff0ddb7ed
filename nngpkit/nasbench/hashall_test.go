package nasbench

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
	"testing"
)

// Hashing many cells at once must give each cell's own hash, whatever their
// number and order.
func TestHashAllAgrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	all := wholeSpace()
	for _, n := range []int{0, 1, 7, 8, 9, 300, 9000} {
		specs := make([]Spec, n)
		for i := range specs {
			specs[i] = all[rng.IntN(len(all))]
			if n == 300 { // few matrices, and no cell between
				specs[i] = all[rng.IntN(60)]
				if i%50 == 0 {
					specs[i] = Spec{}
				}
			}
		}
		sums, err := hashAll(context.Background(), specs, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range specs {
			var want [16]byte
			if s.n > 0 {
				want = s.hash()
			}
			if sums[i] != want {
				t.Fatalf("%d cells: %v has %x, want %x", n, s, sums[i], want)
			}
		}
	}
}

func TestHexEncode(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for k := 0; k < 5000; k++ {
		var src [16]byte
		for i := range src {
			src[i] = byte(rng.Uint32())
		}
		var got [32]byte
		if hexEncode(&got, &src); string(got[:]) != hex.EncodeToString(src[:]) {
			t.Fatalf("%s, want %x", got, src)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	s := wholeSpace()[Size-1]
	for b.Loop() {
		s.hash()
	}
}
