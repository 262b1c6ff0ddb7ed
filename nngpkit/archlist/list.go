// Package archlist reads lists of architectures as people keep them: a CSV
// column of keys, of a space's text form or of the columns of its tables; a
// JSON array or JSON lines of the same; or plain text, one architecture a line.
//
// A row that is no architecture of the space does not end the reading: it is an
// Entry with its line and the reason, and the others stand.
package archlist

import (
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/space"
)

// Entry is one row of a list.
type Entry struct {
	Line int    // in the file, from 1: where the row begins
	Text string // what names the architecture, as written

	Architecture space.Architecture // as written; nil where Err is not
	Key          string
	Err          error // why the row is no architecture of the space
}

// List is what was read.
type List struct {
	Source  string // the file's name, for messages
	Space   space.Space
	Entries []Entry // in the order of the file
}

// Valid returns the entries that are architectures.
func (l *List) Valid() []Entry {
	var out []Entry
	for _, e := range l.Entries {
		if e.Err == nil {
			out = append(out, e)
		}
	}
	return out
}

// maxShown is how many bad rows an error spells out.
const maxShown = 10

// Err returns nil where every row is an architecture, and else an error that
// names the file and the first bad rows with their reasons, and counts the
// others.
func (l *List) Err() error {
	var bad []error
	for _, e := range l.Entries {
		if e.Err != nil {
			bad = append(bad, fmt.Errorf("%s: line %d: %w", l.Source, e.Line, e.Err))
		}
	}
	if len(bad) > maxShown {
		more := len(bad) - maxShown
		bad = append(bad[:maxShown:maxShown], fmt.Errorf("%s: and %d more bad rows", l.Source, more))
	}
	return errors.Join(bad...)
}

// Group is an architecture with the entries that name it.
type Group struct {
	Key          string
	Architecture space.Architecture // as the first of the entries has it
	Entries      []int              // places in List.Entries, ascending
}

// Groups returns the different architectures of the list, in the order in which
// they first come.
func (l *List) Groups() []Group {
	var out []Group
	at := map[string]int{}
	for i, e := range l.Entries {
		if e.Err != nil {
			continue
		}
		g, ok := at[e.Key]
		if !ok {
			g = len(out)
			at[e.Key] = g
			out = append(out, Group{Key: e.Key, Architecture: e.Architecture})
		}
		out[g].Entries = append(out[g].Entries, i)
	}
	return out
}

// Lines returns the lines of a group's entries.
func (l *List) Lines(g Group) []int {
	lines := make([]int, len(g.Entries))
	for k, i := range g.Entries {
		lines[k] = l.Entries[i].Line
	}
	return lines
}
