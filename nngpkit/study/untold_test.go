package study

import (
	"math"
	"strings"
	"testing"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestUntold: without any truth signals are drawn beside the number of parameters,
// those that are not known of all cells, too; and nothing is said of accuracy.
func TestUntold(t *testing.T) {
	cells, err := truth.SampleCells(60, 1)
	if err != nil {
		t.Fatal(err)
	}
	gaps := make([]float64, 60)
	for i := range gaps {
		gaps[i] = float64(i)
	}
	gaps[0] = math.NaN()
	cells.Frame = cells.Frame.Mutate(series.New(gaps, series.Float, "gaps"))
	signal := truth.Signal{Column: "gaps", Label: "with gaps", Lower: true}
	lacking := truth.Signal{Column: "nowhere", Label: "lacking"}
	all, err := CompareAll(t.Context(), []*truth.Cells{cells}, []truth.Signal{signal, lacking, truth.Parameters, truth.Conv3x3}, CompareConfig{Partial: true})
	if err != nil {
		t.Fatal(err)
	}
	fig, err := all.TauFigure()
	if err != nil {
		t.Fatal(err)
	}
	if svg := fig.SVG(); !strings.Contains(svg, "no trained accuracies here") || !strings.Contains(svg, "with gaps") {
		t.Error("the figure does not say what it is of")
	}
	for _, name := range []string{"gaps", "conv3x3"} {
		fig, err := all.ScatterFigure(name, 0.8)
		if err != nil {
			t.Fatal(err)
		}
		if svg := fig.SVG(); !strings.Contains(svg, "number of parameters") || strings.Contains(svg, "against trained accuracy") {
			t.Errorf("%s: the figure does not say what it is of", name)
		}
	}
	if fig, err := all.ScatterFigure("nowhere", 0); err != nil || !strings.Contains(fig.SVG(), "No table of trained accuracies") {
		t.Errorf("%v", err)
	}
}
