// Package space is the face of a search space: what a caller can ask of any
// space of architectures without knowing which one it is.
//
// A Space reads and draws architectures; an Architecture is one of them, a
// value that knows its text, its key, its network and its free counts. What
// only some spaces can do is an optional interface (Indexed, Finder, Tabular,
// Keyer, Proposer, Tallier, Neighborer, Coster, Describer), and a function of
// this package asks for it: Enumerate, ByKey, Spell, Keys, Propose, Neighbors
// and others. Where a space cannot, the
// function's error says so and wraps errors.ErrUnsupported.
//
// Spaces register themselves as database/sql's drivers do:
//
//	import (
//		"github.com/nngplab/nngplab/nngpkit/space"
//		_ "github.com/nngplab/nngplab/nngpkit/spaces" // all of this module's
//	)
//
//	s, err := space.Find("nasbench101")
//	cells, err := s.Sample(10, 1)
//	net, err := cells[0].Network(16, arch.Shape{})
//
// # One architecture, several texts
//
// A cell can be written down in several orders of its vertices. All of them
// have one Key and one Canonical form. Network builds the canonical form, so
// that a score belongs to the architecture and not to the way it was written.
// Parameters, MACs and Counts are those of the form at hand, because published
// tables count the form that they store.
//
// A new space is one package: it implements Space and Architecture, calls
// Register in its init function, is imported by package spaces, and passes
// spacetest.Run.
package space
