package space

import (
	"context"
	"fmt"
	"math"
	"strings"
)

// Tally says how many architectures of a space have each value of a count.
type Tally struct {
	Name    string  // what is counted: "unique", the different architectures
	By      Count   // by which count
	Numbers []int64 // of value k at index k
}

// Total returns the sum of the numbers.
func (t Tally) Total() int64 {
	var n int64
	for _, k := range t.Numbers {
		n += k
	}
	return n
}

// maxTally is the largest value that a tally lists.
const maxTally = 1000

// maxTallied is the size of the largest space that Tallies enumerates: minutes.
const maxTallied = 1 << 28

// Tallies counts the architectures of a space by some of its own counts, whose
// values must be whole numbers from 0 to 1,000. It enumerates an Indexed space of
// at most 2^28 architectures; a larger one must know the tallies (see Tallier).
func Tallies(ctx context.Context, s Space, counts ...string) ([]Tally, error) {
	own := s.Counts()
	at, out := make([]int, len(counts)), make([]Tally, len(counts))
	for k, name := range counts {
		at[k] = -1
		var known []string
		for i, c := range own {
			known = append(known, c.Name)
			if c.Name == name {
				at[k], out[k] = i, Tally{Name: "unique", By: c}
			}
		}
		if at[k] < 0 {
			return nil, fmt.Errorf("space: %s has no count %q; it has %s", s.Name(), name, strings.Join(known, ", "))
		}
	}
	size := s.Size()
	if !size.IsInt64() || size.Int64() > maxTallied {
		return known(s, out)
	}
	err := Enumerate(ctx, s, 0, size.Int64(), func(_ int64, a Architecture) error {
		values := a.Counts()
		for k, i := range at {
			v := values[i]
			if v != math.Trunc(v) || v < 0 || v > maxTally {
				return fmt.Errorf("space: %s is %g for %v: only whole numbers from 0 to %d are tallied", own[i].Name, v, a, maxTally)
			}
			for int(v) >= len(out[k].Numbers) {
				out[k].Numbers = append(out[k].Numbers, 0)
			}
			out[k].Numbers[int(v)]++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// known returns the tallies that a space knows by itself in place of those asked
// for.
func known(s Space, asked []Tally) ([]Tally, error) {
	own := map[string]Tally{}
	if t, ok := s.(Tallier); ok {
		for _, y := range t.OwnTallies() {
			if y.Name == "unique" {
				own[y.By.Name] = y
			}
		}
	}
	out := make([]Tally, len(asked))
	for i, a := range asked {
		y, ok := own[a.By.Name]
		if !ok {
			return nil, unsupported(s, fmt.Sprintf("has %v architectures, too many to be enumerated, and does not know how many have each %s", s.Size(), a.By.Name))
		}
		out[i] = y
	}
	return out, nil
}
