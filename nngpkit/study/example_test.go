package study_test

import (
	"context"
	"fmt"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Two signals of one's own table are compared with a truth: no network is run.
func ExampleCompare() {
	n := 60
	var hash []string
	var accuracy, good, poor []float64
	for i := range n {
		hash = append(hash, fmt.Sprintf("%032x", i))
		accuracy = append(accuracy, 0.90+0.001*float64(i))
		good = append(good, float64(i/3))
		poor = append(poor, float64(i*37%n))
	}
	df := dataframe.New(series.New(hash, series.String, "hash"), series.New(accuracy, series.Float, "accuracy"),
		series.New(good, series.Float, "good"), series.New(poor, series.Float, "poor"))
	c, err := study.Compare(context.Background(), df, "accuracy", []truth.Signal{
		{Column: "good"}, {Column: "poor"},
	}, study.CompareConfig{Resamples: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range c.Report.Signals {
		fmt.Printf("%s: tau-b %.2f\n", s.Signal, s.Kendall.Value)
	}
	// Output:
	// good: tau-b 0.98
	// poor: tau-b 0.06
}

// A share of few networks has a wide interval.
func ExampleWilson() {
	lo, hi := study.Wilson(0.4, 10)
	fmt.Printf("%.2f to %.2f\n", lo, hi)
	// Output: 0.17 to 0.69
}
