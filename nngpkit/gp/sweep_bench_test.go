package gp

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// benchKernel is a kernel of so many images, and labels that are as frequent as
// each other.
func benchKernel(n, classes int) (*mat.SymDense, []int) {
	rng := rand.New(rand.NewPCG(1, 1))
	f := mat.NewDense(n, 600, nil)
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i % classes
		for j := 0; j < 600; j++ {
			f.Set(i, j, math.Abs(rng.NormFloat64()))
		}
	}
	rng.Shuffle(n, func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
	k := mat.NewSymDense(n, nil)
	k.SymOuterK(1, f)
	return k, labels
}

// BenchmarkSweep measures the sweep over epsilon, all of it and parts.
func BenchmarkSweep(b *testing.B) {
	accuracy := Config{SkipWhole: true, SkipLeaveOneOut: true, SkipDensity: true}
	for _, s := range []struct {
		train, val int
		cfg        Config
		name       string
	}{
		{500, 250, Config{}, "all"},
		{500, 250, accuracy, "accuracy"},
		{2000, 500, accuracy, "accuracy"},
		{2000, 500, Config{SkipWhole: true}, "training"},
	} {
		b.Run(fmt.Sprintf("%d+%d/%s", s.train, s.val, s.name), func(b *testing.B) { benchSweep(b, s.train, s.val, 10, s.cfg) })
	}
}

// BenchmarkClasses shows how the sweep's cost grows with the number of classes.
func BenchmarkClasses(b *testing.B) {
	for _, s := range []struct{ train, val int }{{500, 250}, {1000, 500}} {
		for _, classes := range []int{10, 200, 1000} {
			b.Run(fmt.Sprintf("%d+%d/classes=%d/all", s.train, s.val, classes), func(b *testing.B) { benchSweep(b, s.train, s.val, classes, Config{}) })
			b.Run(fmt.Sprintf("%d+%d/classes=%d/accuracy", s.train, s.val, classes), func(b *testing.B) {
				benchSweep(b, s.train, s.val, classes, Config{SkipWhole: true, SkipLeaveOneOut: true, SkipDensity: true})
			})
		}
	}
}

func benchSweep(b *testing.B, train, val, classes int, cfg Config) {
	k, labels := benchKernel(train+val, classes)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Sweep(k, train, labels, classes, cfg); err != nil {
			b.Fatal(err)
		}
	}
}
