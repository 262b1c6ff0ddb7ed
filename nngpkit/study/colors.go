package study

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

// colorOf returns the color of a signal's column or a recipe's name, 0 where it has
// none of its own.
func colorOf(name string) int { return ownColors[name] }
