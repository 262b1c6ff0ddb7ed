package campaign

import (
	"context"
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/space"
)

func (c *Cells) check(s space.Space) error {
	size := s.Size()
	switch {
	case c.N < 1 || c.N > space.MaxSample:
		return fmt.Errorf("%d architectures: want 1 to %d", c.N, space.MaxSample)
	case size.IsInt64() && int64(c.N) > size.Int64():
		return fmt.Errorf("%d architectures of %s, which has %v", c.N, s.Name(), size)
	}
	if c.Choice != List && (len(c.Texts) > 0 || c.Source != "") || c.Choice != Sample && c.Seed != 0 {
		return fmt.Errorf("the choice %q has fields of another", c.Choice)
	}
	switch c.Choice {
	case Sample:
	case All:
		if _, ok := s.(space.Indexed); !ok || !size.IsInt64() || int64(c.N) != size.Int64() {
			return fmt.Errorf("all %d architectures of %s, which has %v", c.N, s.Name(), size)
		}
	case List:
		if len(c.Texts) != c.N {
			return fmt.Errorf("a list of %d architectures is said to have %d", len(c.Texts), c.N)
		}
	default:
		return fmt.Errorf("a choice of architectures %s: want %s, %s or %s", printable.Quote(c.Choice), All, Sample, List)
	}
	return nil
}

// AllOf chooses every architecture of a space, which must be Indexed and of a
// size that a sweep can hold.
func AllOf(s space.Space) (Cells, error) {
	size := s.Size()
	if _, ok := s.(space.Indexed); !ok || !size.IsInt64() || size.Int64() > space.MaxSample {
		return Cells{}, fmt.Errorf("campaign: %s has %v architectures that cannot be numbered, or more than %d: take a sample", s.Name(), size, space.MaxSample)
	}
	return Cells{Choice: All, N: int(size.Int64())}, nil
}

// SampleOf chooses n architectures that are drawn uniformly.
func SampleOf(n int, seed uint64) Cells { return Cells{Choice: Sample, N: n, Seed: seed} }

// ListOf chooses the architectures of a list, all of one space, each once by
// its key, in the order in which they first come. Source says in words where it is
// from.
func ListOf(ctx context.Context, source string, all []space.Architecture) (Cells, error) {
	if len(all) == 0 {
		return Cells{}, errors.New("campaign: there is no architecture in the list")
	}
	s := space.Of(all[0])
	keys, err := space.Keys(ctx, s, all)
	if err != nil {
		return Cells{}, fmt.Errorf("campaign: %w", err)
	}
	c := Cells{Choice: List, Source: source}
	seen := map[string]bool{}
	for i, a := range all {
		if !seen[keys[i]] {
			seen[keys[i]] = true
			c.Texts = append(c.Texts, a.Canonical().String())
		}
	}
	c.N = len(c.Texts)
	return c, nil
}

// items are a plan's architectures by number. Those of a whole space are made
// when they are asked for.
type items struct {
	n  int
	at func(i int) (space.Architecture, error)
}

// items returns the architectures of the plan, in canonical form. A text of the
// list that is none, or comes twice, is an error.
func (p *Plan) items() (*items, error) {
	s, err := space.Find(p.Space)
	if err != nil {
		return nil, err
	}
	it := &items{n: p.Cells.N}
	switch p.Cells.Choice {
	case All:
		x, ok := s.(space.Indexed)
		if !ok {
			return nil, fmt.Errorf("%s cannot be enumerated", s.Name())
		}
		it.at = func(i int) (space.Architecture, error) { return x.At(int64(i)) }
	case Sample:
		all, err := s.Sample(p.Cells.N, p.Cells.Seed)
		if err != nil {
			return nil, err
		}
		it.at = func(i int) (space.Architecture, error) { return all[i], nil }
	default:
		all := make([]space.Architecture, len(p.Cells.Texts))
		first := map[space.Architecture]int{}
		for i, text := range p.Cells.Texts {
			a, err := s.Parse(text)
			if err != nil {
				return nil, fmt.Errorf("architecture %d of the list: %w", i, err)
			}
			if a.Canonical() != a {
				return nil, fmt.Errorf("architecture %d of the list, %s, is not in canonical form", i, printable.Quote(text))
			}
			if j, ok := first[a]; ok {
				return nil, fmt.Errorf("architectures %d and %d of the list are the same", j, i)
			}
			all[i], first[a] = a, i
		}
		it.at = func(i int) (space.Architecture, error) { return all[i], nil }
	}
	return it, nil
}

// Architectures returns all items of a plan, in order: see Cells.
func (p *Plan) Architectures() ([]space.Architecture, error) {
	it, err := p.items()
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	all := make([]space.Architecture, it.n)
	for i := range all {
		if all[i], err = it.at(i); err != nil {
			return nil, fmt.Errorf("campaign: %w", err)
		}
	}
	return all, nil
}

// Architecture returns item i of a plan: see Cells. It makes the list or sample for
// each call; Architectures does once for all.
func (p *Plan) Architecture(i int) (space.Architecture, error) {
	it, err := p.items()
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	if i < 0 || i >= it.n {
		return nil, fmt.Errorf("campaign: item %d of %d", i, it.n)
	}
	return it.at(i)
}
