package corr_test

import (
	"context"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/corr"
)

func ExampleKendall() {
	accuracy := []float64{0.91, 0.93, 0.88, 0.94, 0.90}
	signal := []float64{0.31, 0.35, 0.31, 0.36, 0.29}
	c, err := corr.Kendall(accuracy, signal)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c)
	// Output: Kendall tau-b 0.7379 (p = 0.077, n = 5)
}

func ExampleDiscoveredPerformance() {
	accuracy := []float64{0.91, 0.93, 0.88, 0.94}
	signal := []float64{3, 1, 2, 2} // the second place is tied between 0.88 and 0.94
	d, err := corr.DiscoveredPerformance(accuracy, signal, 2)
	fmt.Printf("%.3f %v\n", d, err)
	// Output: 0.925 <nil>
}

func ExamplePartialKendall() {
	accuracy := []float64{1, 2, 3, 4, 5, 6}
	signal := []float64{2, 1, 4, 3, 6, 5}
	parameters := []float64{1, 3, 2, 5, 4, 6}
	c, err := corr.PartialKendall(accuracy, signal, parameters)
	fmt.Printf("%.3f %v\n", c.Value, err)
	// Output: 0.555 <nil>
}

func ExampleBootstrapDifference() {
	var truth, good, bad []float64
	for i := 0; i < 100; i++ {
		truth = append(truth, float64(i))
		good = append(good, float64(i+17*i%23))
		bad = append(bad, float64(i*31%97))
	}
	iv, err := corr.BootstrapDifference(context.Background(), truth, good, bad, corr.Tau, corr.BootstrapConfig{Resamples: 500})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("better:", iv.Lower > 0)
	// Output: better: true
}

func ExampleRankMix() {
	a := []float64{0.1, 0.2, 0.3}
	b := []float64{5e6, 1e6, 9e6}
	m, err := corr.RankMix(a, b)
	fmt.Printf("%.2f %v\n", m, err)
	// Output: [0.50 0.50 1.00] <nil>
}
