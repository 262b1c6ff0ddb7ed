package simd

import (
	"testing"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// BenchmarkPeak measures what the processor can do at most with each level's
// vectors: the yardstick of the other benchmarks.
func BenchmarkPeak(b *testing.B) {
	kernels := map[string]func(*asm.Peak){"avx2": asm.PeakAVX2, "avx512": asm.PeakAVX512}
	for _, k := range Available()[1:] {
		b.Run(k.Name, func(b *testing.B) {
			const rounds = 1 << 16
			for b.Loop() {
				kernels[k.Name](&asm.Peak{N: rounds})
			}
			flops := 2 * float64(k.Lanes*asm.PeakOps*rounds)
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GFLOP/s")
		})
	}
}
