package conformance

import (
	"fmt"
	"slices"
)

// Thresholds are what a kernel has to reach. Shares are in percent.
type Thresholds struct {
	OrdinaryPass float64 // of the ordinary run programs
	GenericPass  float64 // of the generic run programs
	Silent       int     // at most so many ordinary and generic programs are silently wrong
	Refused      float64 // of the ordinary errorcheck programs
}

// Required is what the kernel has to reach on all programs of any toolchain, and
// PartRequired what it has to reach on the part that continuous integration runs.
var (
	Required     = Thresholds{OrdinaryPass: 99, GenericPass: 98, Silent: 0, Refused: 98}
	PartRequired = Thresholds{OrdinaryPass: 99, GenericPass: 97, Silent: 0, Refused: 98}
)

// KnownRelease is the release of Go whose ordinary and generic programs are known
// one by one: with it, every one that is not among Known has to come out right.
const KnownRelease = "go1.26"

// Known says why programs of that release do not come out right. Take off what
// does.
var Known = map[string]string{
	"fixedbugs/bug257":     "3 MB, and a cell may have one",
	"typeparam/chans":      "waits for finalizers",
	"fixedbugs/issue53137": "Offsetof of a field of an embedded field of a type parameter's",

	"directive":            "directives of the compiler are comments here",
	"directive2":           "directives of the compiler are comments here",
	"fixedbugs/issue18459": "directives of the compiler are comments here",
	"fixedbugs/issue18882": "directives of the compiler are comments here",
	"fixedbugs/issue13539": "imports may go unused",
	"fixedbugs/issue6428":  "imports may go unused",
	"fixedbugs/issue4776":  "a cell has no package clause",
}

// Slow are those that take seconds, and on a busy machine more than the limit.
var Slow = []string{"abi/fibish", "abi/fibish_closure", "abi/uglyfib", "divmod"}

// Unexpected lists the ordinary and generic programs that do not come out right
// and are not known to.
func Unexpected(results []Result) []string {
	var out []string
	for _, r := range results {
		if r.Program.Class == Internals || r.Kind == Pass || r.Kind == RefusedHere || r.Kind == RefusedElse || Known[r.Program.Name] != "" {
			continue
		}
		if r.Kind == Timeout && slices.Contains(Slow, r.Program.Name) {
			continue
		}
		out = append(out, fmt.Sprintf("%s: %s: %s", r.Program.Name, r.Kind, r.Detail))
	}
	return out
}

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
