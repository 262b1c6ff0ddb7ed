package corr

import (
	"math"
	"slices"
)

// Thresholds returns the protocol's thresholds of PQETP on test accuracy.
func Thresholds() []float64 { return []float64{.85, .87, .89, .91, .93} }

// Where thresholds come from; see Report.ThresholdsFrom.
const (
	fromProtocol  = "protocol"
	fromQuantiles = "quantiles"
)

// shares are the quantiles that stand in for the protocol's thresholds.
var shares = []float64{.1, .25, .5, .75, .9}

// FittingThresholds returns thresholds of PQETP that separate the rows of a truth, and
// where they come from: those of the protocol where they separate them in at least two
// ways, and else the 10, 25, 50, 75 and 90 % quantiles, which are values of the column;
// those that separate nothing, or the same rows as another, are left out. Of a constant
// column there are none.
func FittingThresholds(truth []float64) (thresholds []float64, from string) {
	sorted := slices.Clone(truth)
	slices.Sort(sorted)
	protocol := Thresholds()
	if ways(sorted, protocol) >= 2 || len(sorted) == 0 {
		return protocol, fromProtocol
	}
	out := []float64{}
	for _, share := range shares {
		v := sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)]
		if v < sorted[len(sorted)-1] && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out, fromQuantiles
}

// ways counts the different separations, into rows above and others, that thresholds
// make of a sorted column.
func ways(sorted, thresholds []float64) int {
	n, last := 0, -1
	for _, t := range thresholds {
		below, _ := slices.BinarySearch(sorted, math.Nextafter(t, math.Inf(1)))
		if below > 0 && below < len(sorted) && below != last {
			n++
		}
		last = below
	}
	return n
}
