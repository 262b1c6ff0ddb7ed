package mnasnet

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// WideSpace is the wider space behind the face that all spaces share, registered
// as "mnasnetwide". Its key is the text of the canonical form. It is Indexed, a
// Finder, Tabular, a Tallier, and a Proposer that draws decisions and not networks
// uniformly; its architectures are Neighborers and Costers. Width is the number of
// channels of the stem.
var WideSpace space.Space = wide{}

func init() { space.Register(WideSpace) }

// WideArchitecture returns decisions as an architecture of WideSpace. Decisions
// that Check refuses are a programmer's mistake: it panics.
func WideArchitecture(d WideDecisions) space.Architecture {
	if err := d.Check(); err != nil {
		panic("mnasnet: " + err.Error())
	}
	return wideNetwork{d}
}

// WideDecisionsOf returns the decisions of an architecture of WideSpace, and an
// error for one of another space.
func WideDecisionsOf(a space.Architecture) (WideDecisions, error) {
	if x, ok := a.(wideNetwork); ok {
		return x.WideDecisions, nil
	}
	if a == nil {
		return WideDecisions{}, fmt.Errorf("mnasnet: no architecture")
	}
	return WideDecisions{}, fmt.Errorf("mnasnet: %s is an architecture of %s", printable.Quote(a.String()), a.SpaceName())
}

type wide struct{}

func (wide) Name() string { return "mnasnetwide" }

func (wide) Info() space.Info {
	return space.Info{
		Title:     "MnasNet, wide",
		About:     "seven stages around MobileNetV2: kind of block, expansion, kernel, number of blocks, squeeze-and-excite, channels; 9.7e15 as written, 2.2e14 different networks",
		Reference: "google/vertex-ai-nas, nas_architecture/tunable_mnasnet_search_space.py; Tan et al. 2019, arXiv:1807.11626",
		Noun:      "network",
		KeyColumn: "key",
		Form:      "a word a stage: block and expansion, kernel, layers, filters, squeeze-and-excite, such as mb1k3l1f16 mb6k3l2f24 conv1k5l3f32 mb6k3l4f64se mb6k3l3f96 mb6k3l3f160 mb6k3l1f320",
		Width:     StemWidth, MinWidth: 1, Input: ImageShape, Classes: 1001,
	}
}

func (wide) Parse(text string) (space.Architecture, error) {
	d, err := ParseWide(text)
	if err != nil {
		return nil, err
	}
	return wideNetwork{d}, nil
}

func (wide) Size() *big.Int { return big.NewInt(WideDifferent) }

// Purposes make uses of one seed independent.
const (
	purposeWide    uint64 = 0x6d6e61737769
	purposePropose uint64 = 0x6d6e61737072
)

func (s wide) Sample(n int, seed uint64) ([]space.Architecture, error) {
	return space.SampleIndexed(s, n, seed, purposeWide)
}

// Propose implements space.Proposer.
func (wide) Propose(seed uint64) (next func() space.Architecture) {
	rng := rand.New(rand.NewPCG(seed, purposePropose))
	return func() space.Architecture { return wideNetwork{wideAt(rng.Int64N(WideSize), &wideWritten)} }
}

// ProposalAbout implements space.Proposer.
func (wide) ProposalAbout() string {
	return "every decision uniformly, so that plain convolutions, which six ways of writing share, are as frequent as inverted residuals"
}

// At implements space.Indexed.
func (wide) At(i int64) (space.Architecture, error) {
	if i < 0 || i >= WideDifferent {
		return nil, fmt.Errorf("mnasnet: network %d of %d", i, int64(WideDifferent))
	}
	return wideNetwork{wideAt(i, &wideDifferent)}, nil
}

// ByKey implements space.Finder: a key is a text form. That of decisions that are
// not canonical finds the canonical ones.
func (s wide) ByKey(_ context.Context, key string) (space.Architecture, error) {
	a, err := s.Parse(key)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", err, space.ErrNotKey)
	}
	return a.Canonical(), nil
}

// wideKinds are the columns of a stage: names, values, and how they are read.
var wideKinds = []struct {
	name  string
	get   func(w WideStage) string
	parse func(w *WideStage, text string) error
}{
	{"op", func(w WideStage) string { return map[bool]string{true: "conv", false: "mbconv"}[w.Conv] }, func(w *WideStage, text string) error {
		w.Conv = text == "conv"
		if text != "conv" && text != "mbconv" {
			return fmt.Errorf("%s is neither conv nor mbconv", printable.Quote(text))
		}
		return nil
	}},
	{"e", func(w WideStage) string { return strconv.Itoa(w.Expansion) }, func(w *WideStage, text string) error { return parseInt(&w.Expansion, text) }},
	{"k", func(w WideStage) string { return strconv.Itoa(w.Kernel) }, func(w *WideStage, text string) error { return parseInt(&w.Kernel, text) }},
	{"l", func(w WideStage) string { return strconv.Itoa(w.Layers) }, func(w *WideStage, text string) error { return parseInt(&w.Layers, text) }},
	{"se", func(w WideStage) string { return map[bool]string{true: "0.25", false: "0"}[w.SE] }, func(w *WideStage, text string) error {
		v, err := strconv.ParseFloat(text, 64)
		if w.SE = v == 0.25; err != nil || v != 0 && v != 0.25 {
			return fmt.Errorf("%s is neither 0 nor 0.25", printable.Quote(text))
		}
		return nil
	}},
	{"f", func(w WideStage) string { return strconv.Itoa(w.Filters) }, func(w *WideStage, text string) error { return parseInt(&w.Filters, text) }},
}

func parseInt(at *int, text string) (err error) {
	*at, err = parseDecision(text, false)
	return err
}

// wideColumns spell the decisions, kind by kind.
var wideColumns = func() []string {
	var out []string
	for _, k := range wideKinds {
		for s := range Stages {
			out = append(out, fmt.Sprintf("block%d_%s", s, k.name))
		}
	}
	return out
}()

// Columns implements space.Tabular.
func (wide) Columns() [][]string { return [][]string{wideColumns} }

// ParseColumns implements space.Tabular.
func (wide) ParseColumns(columns, values []string) (space.Architecture, error) {
	if len(columns) != len(wideColumns) || len(values) != len(columns) {
		return nil, fmt.Errorf("mnasnet: %d values of %d columns: a network is spelled in %d", len(values), len(columns), len(wideColumns))
	}
	var d WideDecisions
	for i, text := range values {
		if err := wideKinds[i/Stages].parse(&d[i%Stages], strings.TrimSpace(text)); err != nil {
			return nil, fmt.Errorf("mnasnet: column %s: %w", columns[i], err)
		}
	}
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("mnasnet: %w", err)
	}
	return wideNetwork{d}, nil
}

// Spell implements space.Tabular.
func (wide) Spell(a space.Architecture) []string {
	d, err := WideDecisionsOf(a)
	if err != nil {
		panic(err)
	}
	var out []string
	for _, k := range wideKinds {
		for s := range Stages {
			out = append(out, k.get(d[s]))
		}
	}
	return out
}

func (wide) Counts() []space.Count { return countNames() }

// OwnTallies implements space.Tallier: by every count that is a sum over stages,
// of the different networks ("unique") and of what can be written ("labeled").
func (wide) OwnTallies() []space.Tally {
	stages := func(all *[Stages][]WideStage) (out [Stages][]stage) {
		for s, options := range all {
			for _, w := range options {
				out[s] = append(out[s], w.canonical().stage())
			}
		}
		return out
	}
	return append(tallies("unique", stages(&wideDifferent)), tallies("labeled", stages(&wideWritten))...)
}

// wideNetwork is valid decisions as a space.Architecture.
type wideNetwork struct{ WideDecisions }

// must returns the recipe of decisions that are valid.
func (a wideNetwork) must() *recipe {
	r, err := a.recipe()
	if err != nil {
		panic(err)
	}
	return r
}

func (a wideNetwork) SpaceName() string { return WideSpace.Name() }

// Key returns the text of the canonical form.
func (a wideNetwork) Key() string { return a.WideDecisions.Canonical().String() }

func (a wideNetwork) Canonical() space.Architecture { return wideNetwork{a.WideDecisions.Canonical()} }

func (a wideNetwork) MinWidth() int { return 1 }

func (a wideNetwork) Network(width int, input arch.Shape) (*arch.Network, error) {
	k, err := skeletonOf(width, input)
	if err != nil {
		return nil, err
	}
	return a.WideDecisions.Network(k)
}

func (a wideNetwork) Parameters() int { return a.must().published().Parameters }

func (a wideNetwork) MACs() int64 { return a.must().published().MACs }

// MACsAt implements space.Coster.
func (a wideNetwork) MACsAt(width int, input arch.Shape) (int64, error) {
	return a.must().macsAt(width, input)
}

func (a wideNetwork) Counts() []float64 { return a.must().counts() }

// Neighbors implements space.Neighborer: see WideDecisions.Neighbors.
func (a wideNetwork) Neighbors() []space.Architecture {
	all := a.WideDecisions.Neighbors()
	out := make([]space.Architecture, len(all))
	for i, d := range all {
		out[i] = wideNetwork{d}
	}
	return out
}
