package campaign

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
	"gonum.org/v1/gonum/stat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// BenchmarkCost says how well the predicted cost of cells agrees with the processor
// time that they take, and which passMACs would agree best: that of the line of
// least squares.
func BenchmarkCost(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p, it, noise := noiseOfSample(b, 60, 5)
	pool := new(forward.Pool)
	seconds, macs, cost := make([]float64, it.n), make([]float64, it.n), make([]float64, it.n)
	for b.Loop() {
		for i := range it.n {
			a, err := it.at(i)
			if err != nil {
				b.Fatal(err)
			}
			m, err := space.MACs(a, p.Measurements[0].width(), arch.Shape{})
			if err != nil {
				b.Fatal(err)
			}
			macs[i], cost[i], seconds[i] = float64(m), float64(p.cost(a)), math.Inf(1)
			for range 3 {
				start := cpuSeconds(b, unix.RUSAGE_THREAD)
				if _, err := noise(context.Background(), a, pool); err != nil && !errors.Is(err, nngpkit.ErrNoSignal) {
					b.Fatal(err)
				}
				seconds[i] = min(seconds[i], cpuSeconds(b, unix.RUSAGE_THREAD)-start)
			}
		}
	}
	intercept, slope := stat.LinearRegression(macs, seconds, nil, false)
	b.ReportMetric(intercept/slope, "passMACs")
	b.ReportMetric(stat.Correlation(cost, seconds, nil), "correlation")
	b.ReportMetric(1e3*stat.Mean(seconds, nil), "ms/cell")
}

// cpuSeconds returns the processor time of a thread or of the process.
func cpuSeconds(b *testing.B, who int) float64 {
	var u unix.Rusage
	if err := unix.Getrusage(who, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) * 1e-9
}

// BenchmarkOverhead measures the processor time that a run takes per item besides
// measuring: the whole of NAS-Bench-101, planned, run and merged, with a measurement that costs
// nothing.
func BenchmarkOverhead(b *testing.B) {
	faked(b, nil)
	for _, shards := range []int{1, 8} {
		b.Run(fmt.Sprintf("shards=%d", shards), func(b *testing.B) {
			start := cpuSeconds(b, unix.RUSAGE_SELF)
			for b.Loop() {
				p, err := NewPlan("nasbench101", Cells{Choice: All, N: 423624}, []Measurement{small}, []uint64{0}, nil)
				if err != nil {
					b.Fatal(err)
				}
				dir := b.TempDir()
				if err := p.Save(dir + "/plan.json"); err != nil {
					b.Fatal(err)
				}
				for i := range shards {
					if _, err := Run(context.Background(), p, RunConfig{Dir: dir, Shard: Shard{i + 1, shards}, Progress: func(Progress) {}}); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := Merge(context.Background(), p, dir, "", false); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(1e6*(cpuSeconds(b, unix.RUSAGE_SELF)-start)/float64(b.N)/423624, "cpu-µs/item")
		})
	}
}
