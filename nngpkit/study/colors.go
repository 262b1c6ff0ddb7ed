package study

import (
	"strings"

	"github.com/nngplab/nngplab/nngpkit/figure"
)

// ownColors gives signals that many figures draw their color, a number in the
// palette of package figure: one signal has one color in all notebooks.
var ownColors = map[string]int{
	"recommended": 1,                      // blue
	"accuracy":    2, "accuracy_ema32": 2, // vermilion: the paper's score
	"whole_loo_squared_error": 3, "whole_loo_squared_error_ema32": 3, // green: leave-one-out
	"noise_sensitivity": 4,                        // purple: j
	"pair":              5, "pair_parameters": 11, // orange: the pair of the kernel of maxima
	"general": 9, "zen": 12,
	"noise_entropy": 6, // sky blue: e
	"epochs4":       8, "epochs12": 8, "epochs36": 8,
	"whole_lml": 10,
}

// tableColors gives tables of trained networks their color where colors are tables.
var tableColors = map[string]int{"uniform": 1, "official": 2, "retrained": 3}

// curveColors gives curves over the cost the color of their signal, by how their names
// begin.
var curveColors = []struct {
	prefix string
	color  int
}{
	{"2e + j", 1}, {"accuracy", 2}, {"the paper's score", 2}, {"leave-one-out", 3}, {"pair", 5}, {"with parameters", 11}, {"shortened training", 8},
}

// colorCurves gives the first curve of every signal the signal's color; of the
// others each gets one that no other has.
func colorCurves(series []figure.Series) {
	taken := map[int]bool{}
	for i := range series {
		for _, c := range curveColors {
			if strings.HasPrefix(series[i].Name, c.prefix) && !taken[c.color] && !series[i].Baseline {
				series[i].Color, taken[c.color] = c.color, true
				break
			}
		}
	}
}

// colorOf returns the color of a signal's column or a recipe's name, 0 where it has
// none of its own.
func colorOf(name string) int { return ownColors[name] }
