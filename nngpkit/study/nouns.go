package study

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// nounOf returns what an architecture of a table is called: cell, or network; cell
// where the table has none.
func nounOf(t *truth.Cells) string {
	if t == nil || len(t.Architectures) == 0 {
		return "cell"
	}
	s, err := space.Find(t.Architectures[0].SpaceName())
	if err != nil {
		return "cell"
	}
	return s.Info().Noun
}

// named returns the table's name and what it holds, such as "official cells".
func named(t *truth.Cells) string { return t.Name + " " + nounOf(t) + "s" }

// headed is named at the beginning of a heading, such as "Official cells (n = 268)"; n
// of 0 is left out.
func headed(t *truth.Cells, n int) string {
	text := report.Capitalized(named(t))
	if n > 0 {
		text += fmt.Sprintf(" (n = %d)", n)
	}
	return text
}

// nounOfAll returns what architectures of tables are called, "network" where they
// differ.
func nounOfAll(tables []*truth.Cells) string {
	noun := ""
	for _, t := range tables {
		switch n := nounOf(t); {
		case noun == "":
			noun = n
		case noun != n:
			return "network"
		}
	}
	if noun == "" {
		return "cell"
	}
	return noun
}
