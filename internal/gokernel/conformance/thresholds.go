package conformance

import "fmt"

// Thresholds are what a kernel has to reach. Shares are in percent.
type Thresholds struct {
	OrdinaryPass float64 // of the ordinary run programs
	GenericPass  float64 // of the generic run programs
	Silent       int     // at most so many ordinary and generic programs are silently wrong
	Refused      float64 // of the ordinary errorcheck programs
}

// Required is what the kernel has to reach on all programs, and PartRequired
// what it has to reach on the part that continuous integration runs. Raise them
// when the kernel gets better.
var (
	Required     = Thresholds{OrdinaryPass: 97, GenericPass: 95, Silent: 0, Refused: 95}
	PartRequired = Thresholds{OrdinaryPass: 97, GenericPass: 95, Silent: 0, Refused: 94}
)

// DifferencesAllowed is the share of random programs, in percent, that may come
// out of the kernel other than out of the compiler.
const DifferencesAllowed = 0.0

// PartPercent is the share of the programs that continuous integration runs.
const PartPercent = 25

// Check returns in what the results fall short of t.
func (t Thresholds) Check(results []Result) []string {
	run, check := Count(results, false), Count(results, true)
	var short []string
	atLeast := func(what string, got, want float64, all int) {
		if all > 0 && got < want {
			short = append(short, fmt.Sprintf("%s: %.1f %%, required are %.1f %%", what, got, want))
		}
	}
	atLeast("ordinary run programs that pass", run.Share(Ordinary, Pass), t.OrdinaryPass, run.All(Ordinary))
	atLeast("generic run programs that pass", run.Share(Generic, Pass), t.GenericPass, run.All(Generic))
	atLeast("ordinary errorcheck programs that are refused", check.Share(Ordinary, RefusedHere, RefusedElse), t.Refused, check.All(Ordinary))
	if n := Silent(run); n > t.Silent {
		short = append(short, fmt.Sprintf("%d programs are silently wrong, allowed are %d", n, t.Silent))
	}
	return short
}

// Silent counts the ordinary and generic programs that the kernel got wrong
// without a word.
func Silent(run Counts) int {
	n := 0
	for _, class := range []Class{Ordinary, Generic} {
		n += run[class][WrongOutput] + run[class][WrongValue]
	}
	return n
}
