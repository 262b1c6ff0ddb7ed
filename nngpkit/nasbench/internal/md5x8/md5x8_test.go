package md5x8

import (
	"crypto/md5"
	"math/rand/v2"
	"testing"
)

func TestSum(t *testing.T) {
	if !Available() {
		t.Skip("the processor has no AVX2")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 0; n <= MaxMessage; n++ {
		var b Buffer
		for i := range b {
			for j := range b[i] {
				b[i][j] = byte(rng.Uint32())
			}
		}
		var want, got [Lanes][16]byte
		for i := range b {
			want[i] = md5.Sum(b[i][:n])
		}
		b.Sum(n, &got)
		if got != want {
			t.Fatalf("length %d: %x, want %x", n, got, want)
		}
	}
}

func BenchmarkSum(b *testing.B) {
	if !Available() {
		b.Skip("the processor has no AVX2")
	}
	var buf Buffer
	var out [Lanes][16]byte
	b.SetBytes(Lanes * 130)
	for b.Loop() {
		buf.Sum(130, &out)
	}
}
