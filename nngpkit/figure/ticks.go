package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// minus is the sign that typographers use; a hyphen is too short beside
// digits.
const minus = "\u2212"

// linearTicks places about six ticks at round numbers and labels each with the
// same number of decimals.
type linearTicks struct {
	count   int  // wanted; 0 means 6
	percent bool // label x as 100x %
	integer bool // whole numbers only
}

// Ticks implements plot.Ticker.
func (t linearTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(hi > lo) || math.IsInf(hi-lo, 0) {
		return nil
	}
	n := t.count
	if n == 0 {
		n = 6
	}
	step := niceStep((hi - lo) / float64(n))
	if t.integer {
		step = math.Max(1, math.Round(step))
	}
	var out []plot.Tick
	first := math.Ceil(lo/step - 1e-9)
	for i := first; i*step <= hi+step*1e-9; i++ {
		// A tick beyond an end by rounding would be drawn and not given room.
		v := math.Max(lo, math.Min(hi, i*step))
		out = append(out, plot.Tick{Value: v, Label: t.label(v, step)})
	}
	return out
}

func (t linearTicks) label(v, step float64) string {
	if t.percent {
		return decimals(100*v, 100*step) + " %"
	}
	return decimals(v, step)
}

// thinned returns the ticks of a horizontal axis of the given length, fewer of
// them if their labels would touch.
func thinned(a plot.Axis, length vg.Length) plot.Ticker {
	lin, ok := a.Tick.Marker.(linearTicks)
	if !ok {
		return a.Tick.Marker
	}
	if lin.count == 0 {
		lin.count = 6
	}
	for ; lin.count > 1; lin.count-- {
		end := vg.Length(math.Inf(-1))
		fits := true
		for _, t := range lin.Ticks(a.Min, a.Max) {
			at, half := length*vg.Length(a.Norm(t.Value)), a.Tick.Label.Width(t.Label)/2
			fits = fits && at-half > end+5
			end = at + half
		}
		if fits {
			break
		}
	}
	return lin
}

// niceStep returns the largest of 1, 2, 2.5 and 5 times a power of ten that is
// not far above s.
func niceStep(s float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(s)))
	switch m := s / p; {
	case m <= 1.2:
		return p
	case m <= 2.2:
		return 2 * p
	case m <= 3:
		return 2.5 * p
	case m <= 6:
		return 5 * p
	}
	return 10 * p
}

// decimals formats v with as many digits as multiples of step need.
func decimals(v, step float64) string {
	if math.Abs(v) < step*1e-9 {
		v = 0
	}
	if math.Max(math.Abs(v), step) >= 1e6 || step < 1e-5 {
		return signed(strings.Replace(strconv.FormatFloat(v, 'g', 4, 64), "e+0", "e", 1))
	}
	d := 0
	for s := step; d < 8 && math.Abs(s-math.Round(s)) > 1e-6*s; d++ {
		s *= 10
	}
	return signed(strconv.FormatFloat(v, 'f', d, 64))
}

func signed(s string) string { return strings.Replace(s, "-", minus, 1) }

// logTicks places ticks at powers of ten, with short unlabeled ones at their
// multiples; on less than two decades it labels 1, 2 and 5 times them too.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(lo > 0) || !(hi > lo) || math.IsInf(hi, 0) {
		return nil
	}
	const slack = 1e-9
	decades := math.Log10(hi / lo)
	every := int(math.Max(1, math.Ceil(decades/8)))
	var out []plot.Tick
	first, last := int(math.Floor(math.Log10(lo))), int(math.Ceil(math.Log10(hi)))
	for e := first; e <= last; e++ {
		p := math.Pow(10, float64(e))
		for m := 1; m <= 9; m++ {
			v := float64(m) * p
			if v < lo*(1-slack) || v > hi*(1+slack) {
				continue
			}
			label := ""
			switch {
			case m == 1 && mod(e, every) == 0:
				label = powerLabel(1, e, decades > 3)
			case decades < 2 && (m == 2 || m == 5), decades < 0.7 && m != 1:
				label = powerLabel(m, e, false)
			case m != 1 && every > 1:
				continue
			}
			out = append(out, plot.Tick{Value: v, Label: label})
		}
	}
	return out
}

func mod(a, b int) int { return (a%b + b) % b }

// powerLabel names m times ten to the power e, small numbers in plain digits
// unless all labels of the axis are to be powers.
func powerLabel(m, e int, power bool) string {
	if e >= -2 && e <= 3 && !power {
		return strconv.FormatFloat(float64(m)*math.Pow(10, float64(e)), 'f', max(0, -e), 64)
	}
	exp := signed(strconv.Itoa(e))
	if m == 1 {
		return fmt.Sprintf("10^{%s}", exp)
	}
	return fmt.Sprintf("%d·10^{%s}", m, exp)
}

// doublingTicks labels the powers of two of a logarithmic axis: members,
// widths and batch sizes come in doublings.
type doublingTicks struct{}

// Ticks implements plot.Ticker.
func (doublingTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(lo > 0) || !(hi > lo) || math.IsInf(hi, 0) {
		return nil
	}
	var out []plot.Tick
	for e := math.Floor(math.Log2(lo)); e <= math.Ceil(math.Log2(hi)); e++ {
		if v := math.Exp2(e); v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
			out = append(out, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', -1, 64)})
		}
	}
	return out
}
