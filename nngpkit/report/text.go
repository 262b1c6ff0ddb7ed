package report

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/corr"
)

// Percentile returns an interval with its percentile bounds. Discovered
// performance takes these: it is the maximum of few values, for which the
// corrections of BCa intervals have no ground.
func Percentile(iv *corr.Interval) *corr.Interval {
	out := *iv
	out.Lower, out.Upper, out.Method = iv.PercentileLower, iv.PercentileUpper, "percentile"
	return &out
}

// Bracket formats an estimate with its interval.
func Bracket(iv *corr.Interval, digits int) string {
	return fmt.Sprintf("%s [%s, %s]", Minus(iv.Estimate, digits), Minus(iv.Lower, digits), Minus(iv.Upper, digits))
}

// Minus formats a number with the minus sign, as in figures.
func Minus(x float64, digits int) string {
	return strings.ReplaceAll(fmt.Sprintf("%.*f", digits, x), "-", "\u2212")
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// ResultName returns a text as a part of the name of a result.
func ResultName(s string) string {
	return strings.Trim(notInName.ReplaceAllString(strings.ToLower(s), "_"), "_")
}

// GFLOPs writes a number of operations with three digits and spaces between
// thousands.
func GFLOPs(x float64) string {
	if x == 0 {
		return "0"
	}
	if x < 100 {
		return fmt.Sprintf("%.3g", x)
	}
	scale := math.Pow(10, math.Floor(math.Log10(x))-2)
	digits := fmt.Sprintf("%.0f", math.Round(x/scale)*scale)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return digits
}

// Plural returns a count with its noun, which takes an s: "1 cell", "2 cells".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Roughly formats a duration in its largest unit.
func Roughly(d time.Duration) string { return progress.Roughly(d) }
