package space

import (
	"math/big"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// Space is a search space: a set of architectures, each a recipe for a
// network. A Space is immutable and safe for concurrent use.
type Space interface {
	// Name returns the name by which Find knows the space, such as
	// "nasbench101": lower-case letters and digits.
	Name() string

	// Info describes the space.
	Info() Info

	// Parse reads an architecture from the text form that Info.Form describes,
	// with or without white space around it. The error says what is wrong and
	// where in the text. For every architecture a, Parse(a.String()) equals a.
	Parse(text string) (Architecture, error)

	// Size returns the number of different architectures, those of one key
	// counted once. The number is the caller's to change.
	Size() *big.Int

	// Sample draws n different architectures uniformly, each in its canonical
	// form: the same ones for the same seed, and the first n of any larger
	// sample with that seed. It is an error to ask for fewer than none, for
	// more than Size, or for more than MaxSample.
	Sample(n int, seed uint64) ([]Architecture, error)

	// Counts names the space's own free counts, what Architecture.Counts
	// returns, in that order. The number of parameters and of
	// multiply-accumulate operations are not among them: every space has them.
	Counts() []Count
}

// Architecture is one network of a space, as it was written down: an immutable
// value. Two that are written the same are equal by ==, and so serve as keys of
// maps; two that are the same network have the same Key.
type Architecture interface {
	// SpaceName returns the name of the space that the architecture is of; Of
	// returns the space itself.
	SpaceName() string

	// String returns the text that Space.Parse reads, on one line.
	String() string

	// Key returns what the space's tables call the architecture. Architectures
	// that are the same network up to the way they are written have equal keys,
	// and no others do.
	Key() string

	// Canonical returns the one form that all architectures of this key share.
	Canonical() Architecture

	// MinWidth returns the smallest width at which the network can be built.
	MinWidth() int

	// Network builds the network of the canonical form. Width is the number of
	// channels of the stem, in which all others are measured; Info.Width is
	// that of the published networks. The zero shape means Info.Input. A width
	// below MinWidth and a shape that is not positive are errors.
	Network(width int, input arch.Shape) (*arch.Network, error)

	// Parameters returns the number of trainable parameters of the published
	// network (Info.Width, Info.Classes), of the form at hand: of the canonical
	// form it equals Network(Info.Width, Info.Input).Parameters().
	Parameters() int

	// MACs returns the multiply-accumulate operations of one image of
	// Info.Input through the published network, linear maps only, the final
	// dense layer included: half of arch.Network.FLOPs.
	MACs() int64

	// Counts returns the space's own free counts in the order of Space.Counts.
	Counts() []float64
}

// Info describes a space.
type Info struct {
	Title     string // how the literature writes the name: NAS-Bench-101
	About     string // what its architectures are, in one line
	Reference string // the publication
	Noun      string // what an architecture is called: cell, network
	KeyColumn string // the name of the column of keys in tables: hash
	Form      string // the text form, described and shown in one line

	Width    int        // of the published networks: channels of the stem
	MinWidth int        // at which every architecture of the space can be built
	Input    arch.Shape // of the published networks
	Classes  int        // of the published networks
}

// Count is a number that an architecture has without being trained or run.
type Count struct {
	Name  string // for columns: lower-case letters, digits and underscores
	Label string // for axes and tables, in words
}

// The counts that every space has.
var (
	ParameterCount = Count{Name: "parameters", Label: "trainable parameters"}
	MACCount       = Count{Name: "macs", Label: "multiply-accumulates per image"}
)

// AllCounts returns every free count of a space: parameters, multiply-
// accumulates, then the space's own.
func AllCounts(s Space) []Count {
	return append([]Count{ParameterCount, MACCount}, s.Counts()...)
}

// CountsOf returns an architecture's values in the order of AllCounts.
func CountsOf(a Architecture) []float64 {
	return append([]float64{float64(a.Parameters()), float64(a.MACs())}, a.Counts()...)
}
