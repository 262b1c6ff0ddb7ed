package figure_test

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot/plotter"

	"github.com/nngplab/nngplab/nngpkit/figure"
)

// A figure is a value: a notebook shows it, Save writes it, Publish does both.
func ExampleScatter() {
	signal := []float64{0.31, 0.36, 0.28, 0.40}
	truth := []float64{0.91, 0.93, 0.90, 0.94}
	f, err := figure.Scatter(signal, truth, figure.ScatterConfig{
		Title: "NNGP score against trained accuracy", SignalLabel: "NNGP score", TruthLabel: "test accuracy",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Contains(f.SVG(), "NNGP score against trained accuracy"))
	// Output: true
}

// Bad data are an error that says what is wrong with which.
func ExampleCurves() {
	_, err := figure.Curves([]figure.Series{{Name: "a", X: []float64{1, 2}, Y: []float64{1}}}, figure.CurveConfig{})
	fmt.Println(err)
	// Output: figure: Curves: series "a" has 2 x and 1 y
}

// Whatever gonum/plot draws becomes a figure in the same style.
func ExampleOf() {
	line, err := plotter.NewLine(plotter.XYs{{X: 1, Y: 1}, {X: 2, Y: 4}, {X: 3, Y: 9}})
	if err != nil {
		fmt.Println(err)
		return
	}
	line.Color = figure.Color(1, 1)
	p := figure.NewPlot("side", "area")
	p.Add(line)
	fmt.Println(figure.Of(p, "Squares"))
	// Output: figure: Squares (6.4 x 4.2 in)
}
