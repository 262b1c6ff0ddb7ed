package forward

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// BenchmarkSteps times every step of a network on its own, in sequence over
// the groups of images: where the time goes. The table is printed with -v.
func BenchmarkSteps(b *testing.B) {
	nets := append(benchCells(b, 16)[:4], benchCells(b, 128)[:4]...)
	for i, net := range nets {
		b.Run(fmt.Sprintf("stem=%d/cell=%d", net.Nodes[1].Out.C, i%4), func(b *testing.B) {
			p, err := Compile(net, Config{})
			if err != nil {
				b.Fatal(err)
			}
			r := p.runner()
			e := &ensemble{plan: p}
			r.e = e
			x := randomBatch(rand.New(rand.NewPCG(1, 2)), 16, net.InputShape())
			e.n, e.x = x.N, p.lay(x, 1, new(simd.Lay))
			for i := range p.layers {
				r.workers[0].initialize(&r.m, 0, i)
			}
			r.reset()
			best := make([]time.Duration, len(p.steps))
			at := place{s: p.eval, slab: make([]float32, p.eval.size), images: e.x}
			n := 30
			for k := range n * b.N {
				at.image = k % 2
				for i := range p.steps {
					t := time.Now()
					r.workers[0].steps(&p.steps[i], &r.m, at, 1, false)
					if d := time.Since(t); k == 0 || d < best[i] {
						best[i] = d
					}
				}
			}
			var total time.Duration
			sum := map[string]time.Duration{}
			text := ""
			for i := range p.steps {
				s := &p.steps[i]
				total += best[i]
				gf := 0.0
				if s.layer >= 0 {
					gf = 2 * float64(net.MACs(p.layers[s.layer].node)) * float64(p.k.Images) / best[i].Seconds() * 1e-9
				}
				vectors := float64(s.out.pixels() * s.out.c)
				kind := fmt.Sprint(s.op, " window ", len(s.classes))
				sum[kind] += best[i]
				text += fmt.Sprintf("\n%3d op %d %2dx%2d %3d(%3d)->%3d(%3d) add %5v  %7.1f us %6.2f ns/vector %6.1f GFLOP/s", i, s.op, s.out.h, s.out.w, s.in[0].c, s.in[0].ld, s.out.c, s.out.ld, s.hasAdd, best[i].Seconds()*1e6, best[i].Seconds()*1e9/vectors, gf)
			}
			if testing.Verbose() {
				b.Log(text, "\n", sum)
			}
			b.ReportMetric(flopsOf(net)*float64(p.k.Images)/total.Seconds()*1e-9, "GFLOP/s")
			b.ReportMetric(total.Seconds()*1e6, "us/group")
		})
	}
}
