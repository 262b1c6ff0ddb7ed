package report

import (
	"fmt"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/corr"
)

// NoTruth is what is shown where no trained accuracy is known.
const NoTruth = "No table of trained accuracies was found, so there is nothing to compare with. 'nngplab data fetch --small' gets the small ones; NNGPLAB_DATA names further folders to look in."

// Capitalized makes the first letter a capital, but for a letter that is a symbol:
// "c: agreement of codes", "e of one draw".
func Capitalized(s string) string {
	if s == "" || len(s) == 1 || s[0] != 'a' && (s[1] == ':' || s[1] == ' ') {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Sheets are tables that a notebook shows one below the other.
type Sheets []*corr.Table

// HTML returns the tables as an HTML fragment.
func (s Sheets) HTML() string { return s.join((*corr.Table).HTML) }

// Markdown returns the tables in GitHub's syntax.
func (s Sheets) Markdown() string { return s.join((*corr.Table).Markdown) }

// String returns the tables for a terminal.
func (s Sheets) String() string { return s.join((*corr.Table).String) }

func (s Sheets) join(f func(*corr.Table) string) string {
	var parts []string
	for _, t := range s {
		parts = append(parts, f(t))
	}
	return strings.Join(parts, "\n")
}

// Lines is text that a notebook shows line by line.
type Lines []string

// String joins the lines.
func (l Lines) String() string { return strings.Join(l, "\n") }

// Markdown returns the lines as a list.
func (l Lines) Markdown() string {
	var b strings.Builder
	for _, s := range l {
		fmt.Fprintf(&b, "- %s\n", s)
	}
	return b.String()
}
