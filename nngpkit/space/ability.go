package space

import (
	"context"
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// Indexed is a Space that numbers its architectures from 0 to Size-1: every
// different architecture once, in canonical form, in an order that is part of
// the space and does not change. A range of numbers is a shard.
type Indexed interface {
	Space
	// At returns architecture i, and an error where 0 <= i < Size does not hold.
	At(i int64) (Architecture, error)
}

// Finder is a Space that finds an architecture by its key.
type Finder interface {
	Space
	// ByKey returns the canonical form of the architecture of that key. The
	// error wraps ErrNotKey where the text does not look like a key, and
	// ErrUnknownKey where it does and no architecture has it. The first call
	// may take seconds.
	ByKey(ctx context.Context, key string) (Architecture, error)
}

// Tabular is a Space whose tables spell an architecture in several columns, or
// in one whose text differs from String's.
type Tabular interface {
	Space
	// Columns returns the sets of columns that spell an architecture, first the
	// one in which tables are written.
	Columns() [][]string
	// ParseColumns reads an architecture from the values of one of the sets.
	ParseColumns(columns, values []string) (Architecture, error)
	// Spell returns an architecture's values of the first set.
	Spell(a Architecture) []string
}

// Keyer is a Space that computes many keys faster than one by one.
type Keyer interface {
	Space
	// Keys returns the key of each architecture, all of them of this space.
	Keys(ctx context.Context, all []Architecture) ([]string, error)
}

// Proposer is a Space with a published way of drawing that is not uniform.
type Proposer interface {
	Space
	// Propose returns a function that draws without end: the same sequence for
	// the same seed, in no canonical form, perhaps the same one twice. The
	// function is for one goroutine.
	Propose(seed uint64) (next func() Architecture)
	// ProposalAbout says in one line how it draws.
	ProposalAbout() string
}

// Neighborer is an Architecture that knows which others are one change away.
type Neighborer interface {
	Architecture
	// Neighbors returns the architectures that one change leads to: each key
	// once, the receiver's never, in canonical form and a fixed order. They
	// depend on the receiver's key alone.
	Neighbors() []Architecture
}

// Measurer is a Space that knows how many changes lead from one architecture to
// another.
type Measurer interface {
	Space
	// Distances returns the distance between each two architectures, all of them
	// of this space: 0 for those of one key, the same in both directions.
	Distances(all []Architecture) ([][]int, error)
}

// Coster is an Architecture that counts the operations of its canonical
// network at any width without building it.
type Coster interface {
	Architecture
	// MACsAt is what function MACs returns.
	MACsAt(width int, input arch.Shape) (int64, error)
}

// Shallower is an Architecture whose network stacks many copies of one cell, and
// that signals of random networks measure better in a network of few.
type Shallower interface {
	Architecture
	// Shallow returns the network of as few copies of the cell as there are stages.
	Shallow(width int, input arch.Shape) (*arch.Network, error)
}

// Shallow returns the network in which signals of random networks are measured:
// that of a Shallower, and of any other architecture its Network.
func Shallow(a Architecture, width int, input arch.Shape) (*arch.Network, error) {
	if s, ok := a.(Shallower); ok {
		return s.Shallow(width, input)
	}
	return a.Network(width, input)
}

// Tallier is a Space that counts its architectures by more than Tallies can.
type Tallier interface {
	Space
	// OwnTallies returns the tallies that say how large the space is.
	OwnTallies() []Tally
}

// Describer is an Architecture with more to say than counts.
type Describer interface {
	Architecture
	// Describe returns what else describes the network at that width.
	Describe(width int) []Detail
}

// Detail is one thing that describes an architecture.
type Detail struct {
	Name  string // as a Count's
	Label string
	Value any // text, numbers or slices of these
}

// Errors of looking up a key.
var (
	ErrUnknownKey = errors.New("no architecture of the space has this key")
	ErrNotKey     = errors.New("not a key of the space")
)

func unsupported(s Space, what string) error {
	return fmt.Errorf("space: %s %s: %w", s.Name(), what, errors.ErrUnsupported)
}

// Enumerate visits the architectures lo to hi-1 of an Indexed space in order
// and stops at the first error, which it returns. A canceled context ends it
// with the context's error.
func Enumerate(ctx context.Context, s Space, lo, hi int64, visit func(i int64, a Architecture) error) error {
	x, ok := s.(Indexed)
	if !ok {
		return unsupported(s, "cannot be enumerated")
	}
	if size := s.Size(); lo < 0 || hi < lo || size.IsInt64() && hi > size.Int64() {
		return fmt.Errorf("space: architectures %d to %d of %s, which has %v", lo, hi, s.Name(), size)
	}
	for i := lo; i < hi; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		a, err := x.At(i)
		if err != nil {
			return err
		}
		if err := visit(i, a); err != nil {
			return err
		}
	}
	return nil
}

// ByKey returns the architecture of that key: see Finder.
func ByKey(ctx context.Context, s Space, key string) (Architecture, error) {
	if f, ok := s.(Finder); ok {
		return f.ByKey(ctx, key)
	}
	return nil, unsupported(s, "cannot find an architecture by its key")
}

// Keys returns the key of each of some architectures of the space.
func Keys(ctx context.Context, s Space, all []Architecture) ([]string, error) {
	for i, a := range all {
		if a == nil || a.SpaceName() != s.Name() {
			return nil, fmt.Errorf("space: architecture %d is none of %s", i, s.Name())
		}
	}
	if k, ok := s.(Keyer); ok {
		return k.Keys(ctx, all)
	}
	keys := make([]string, len(all))
	for i, a := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		keys[i] = a.Key()
	}
	return keys, nil
}

// TextColumn is the column of an architecture's text in tables of spaces that
// are not Tabular.
const TextColumn = "architecture"

// SpellColumns returns the columns in which tables of the space spell an
// architecture.
func SpellColumns(s Space) []string {
	if t, ok := s.(Tabular); ok {
		return append([]string(nil), t.Columns()[0]...)
	}
	return []string{TextColumn}
}

// Spell returns an architecture's values of SpellColumns.
func Spell(a Architecture) []string {
	if t, ok := Of(a).(Tabular); ok {
		return t.Spell(a)
	}
	return []string{a.String()}
}

// Propose returns the space's published way of drawing: see Proposer.
func Propose(s Space, seed uint64) (next func() Architecture, err error) {
	if p, ok := s.(Proposer); ok {
		return p.Propose(seed), nil
	}
	return nil, unsupported(s, "has no published way of drawing other than the uniform one")
}

// Neighbors returns the architectures one change away: see Neighborer.
func Neighbors(a Architecture) ([]Architecture, error) {
	if n, ok := a.(Neighborer); ok {
		return n.Neighbors(), nil
	}
	return nil, unsupported(Of(a), "does not say which architectures are neighbors")
}

// Distances returns the distance between each two architectures: see Measurer.
func Distances(s Space, all []Architecture) ([][]int, error) {
	m, ok := s.(Measurer)
	if !ok {
		return nil, unsupported(s, "does not say how far architectures are apart")
	}
	for i, a := range all {
		if a == nil || a.SpaceName() != s.Name() {
			return nil, fmt.Errorf("space: architecture %d is none of %s", i, s.Name())
		}
	}
	return m.Distances(all)
}

// MACs returns the multiply-accumulate operations of one image through the
// architecture's canonical network at that width and shape, the final dense
// layer included: half of Network(width, input).FLOPs(), and its errors.
func MACs(a Architecture, width int, input arch.Shape) (int64, error) {
	if c, ok := a.(Coster); ok {
		return c.MACsAt(width, input)
	}
	net, err := a.Network(width, input)
	if err != nil {
		return 0, err
	}
	return net.FLOPs() / 2, nil
}
