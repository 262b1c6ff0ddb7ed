package report

import (
	"math"
	"strings"
	"testing"
)

func TestConclude(t *testing.T) {
	for _, err := range []error{
		Record("t.tau", 0.6928, 0.6585, 0.7189, 601), Record("t.gap", -0.11, -0.2, -0.01, 57), Record("t.level", 0.01, -0.1, 0.1, 57),
		RecordValue("t.ratio", 12648.6), RecordValue("t.small", 0.5), RecordText("t.best", "the pair"), Record("t.none", math.NaN(), 0, 0, 3),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{
		"Tau is {t.tau}.":                               "Tau is 0.69 [0.66, 0.72].",
		"{t.tau|3}, n = {t.tau|n}":                      "0.693 [0.658, 0.719], n = 601",
		"{t.tau|1 alone} at 1/{t.ratio|about}":          "0.7 at 1/13,000",
		"{t.gap} is {t.gap?more:level:less}":            "−0.11 [−0.20, −0.01] is less",
		"{t.level?more:level:less}":                     "level",
		"{t.tau?more:level:less}":                       "more",
		"{t.small>t.tau?larger:smaller}":                "smaller",
		"It is {t.best|text}.":                          "It is the pair.",
		"A {t.tau|n}.\nB {t.unknown}.\nC.":              "A 601.",
		"A {t.unknown}.\nB.\nC {t.tau|n}.\nD.":          "C 601. D.",
		"A.\nB {t.unknown}.\nC {t.tau|n}.":              "C 601.",
		"A.\nB {t.tau|n}.\nC {t.unknown}.":              "A. B 601.",
		"Only words.":                                   "Only words.",
		"A {t.unknown}.\n\nB {t.none}.\n\nE {t.tau|n}.": "E 601.",
		"A {t.unknown?a:b:c} {t.unknown>t.tau?a:b}":     "",
	} {
		got, err := Conclude(text, nil)
		if err != nil || got.String() != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	got, err := Conclude("Tau is {t.unknown}.", []string{"The table x is not here."})
	if err != nil || len(got) != 2 || !strings.Contains(got.Markdown(), "The table x is not here.") {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"{}", "{t.tau|many}", "{t.unknown|many}", "{t.tau?a:b}", "{t.tau>t.gap}", "{t.tau>t.gap?a}", "{t tau}"} {
		if _, err := Conclude(bad, nil); err == nil {
			t.Errorf("%q is no placeholder", bad)
		}
	}
}
