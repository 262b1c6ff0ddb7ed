package frame

import (
	"fmt"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/internal/printable"
)

// Matching says which rows of two frames have a partner in the other one: what Join
// keeps, and what it leaves out.
type Matching struct {
	Key       string
	Both      int      // rows that Join keeps
	LeftOnly  []string // keys of the left frame that the right one lacks, in its order
	RightOnly []string
}

// Match looks which rows Join would find a partner for. Its errors are those of Join.
func Match(left, right dataframe.DataFrame, key string) (*Matching, error) {
	l, r, err := matches(left, right, key)
	if err != nil {
		return nil, err
	}
	return &Matching{Key: key, Both: len(l), LeftOnly: others(left, key, l), RightOnly: others(right, key, r)}, nil
}

// others returns the keys of the rows that are not among the given ones.
func others(df dataframe.DataFrame, key string, rows []int) []string {
	has := make(map[int]bool, len(rows))
	for _, r := range rows {
		has[r] = true
	}
	var out []string
	for i, k := range df.Col(key).Records() {
		if !has[i] {
			out = append(out, k)
		}
	}
	return out
}

// maxKeysShown is how many keys without a partner String names.
const maxKeysShown = 3

// String says it in a sentence or three.
func (m *Matching) String() string {
	s := fmt.Sprintf("%s agree in %s.", countOf(m.Both, "row"), printable.Text(m.Key))
	for _, side := range []struct {
		name string
		keys []string
	}{{"left", m.LeftOnly}, {"right", m.RightOnly}} {
		if n := len(side.keys); n == 0 {
			s += fmt.Sprintf(" All of the %s frame do.", side.name)
		} else {
			s += fmt.Sprintf(" %s of the %s frame found no partner: %s.", countOf(n, "row"), side.name, listed(side.keys, maxKeysShown))
		}
	}
	return s
}
