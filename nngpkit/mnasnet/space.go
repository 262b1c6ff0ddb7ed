package mnasnet

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// Space is Accel-NASBench's space behind the face that all spaces share,
// registered as "mnasnet". Its key is the text of the decisions. It is Indexed: of
// stages in order, each its expansion, kernel, layers and squeeze-and-excite, the
// last changes fastest. It is a Finder, Tabular in the tables' 28 columns, a Tallier,
// and a Measurer whose distance is the number of decisions that differ; its architectures are Neighborers and Costers. Width is the number of
// channels of the stem.
var Space space.Space = accel{}

func init() { space.Register(Space) }

// Architecture returns decisions as an architecture of Space. Decisions that Check
// refuses are a programmer's mistake: it panics.
func Architecture(d Decisions) space.Architecture {
	if err := d.Check(); err != nil {
		panic("mnasnet: " + err.Error())
	}
	return network{d}
}

// DecisionsOf returns the decisions of an architecture of Space, and an error for
// one of another space.
func DecisionsOf(a space.Architecture) (Decisions, error) {
	if x, ok := a.(network); ok {
		return x.Decisions, nil
	}
	if a == nil {
		return Decisions{}, fmt.Errorf("mnasnet: no architecture")
	}
	return Decisions{}, fmt.Errorf("mnasnet: %s is an architecture of %s", printable.Quote(a.String()), a.SpaceName())
}

type accel struct{}

func (accel) Name() string { return "mnasnet" }

func (accel) Info() space.Info {
	return space.Info{
		Title:     "MnasNet",
		About:     "seven stages of inverted residual blocks: expansion 1, 4 or 6, kernel 3 or 5, one to three or four blocks, squeeze-and-excite; of which Accel-NASBench trained 5,125 on ImageNet",
		Reference: "Ahmad et al. 2024, arXiv:2404.08005; Tan et al. 2019, arXiv:1807.11626",
		Noun:      "network",
		KeyColumn: "key",
		Form:      "a digit a stage for expansion, kernel, layers and squeeze-and-excite, such as e6146646 k3533355 l1321212 se0000000",
		Width:     StemWidth, MinWidth: 1, Input: ImageShape, Classes: 1000,
	}
}

func (accel) Parse(text string) (space.Architecture, error) {
	d, err := ParseDecisions(text)
	if err != nil {
		return nil, err
	}
	return network{d}, nil
}

func (accel) Size() *big.Int { return big.NewInt(Size) }

// purposeSample makes uses of one seed independent.
const purposeSample uint64 = 0x6d6e61736e6574

func (s accel) Sample(n int, seed uint64) ([]space.Architecture, error) {
	return space.SampleIndexed(s, n, seed, purposeSample)
}

// At implements space.Indexed.
func (accel) At(i int64) (space.Architecture, error) {
	if i < 0 || i >= Size {
		return nil, fmt.Errorf("mnasnet: network %d of %d", i, int64(Size))
	}
	return network{decisionsAt(i)}, nil
}

// ByKey implements space.Finder: a key is a text form.
func (s accel) ByKey(_ context.Context, key string) (space.Architecture, error) {
	a, err := s.Parse(key)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", err, space.ErrNotKey)
	}
	return a, nil
}

// decisionColumns are the sets of columns in which tables spell the decisions:
// those of the published results, and their short form.
var decisionColumns = func() [][]string {
	var long, short []string
	for _, k := range decisionKinds {
		for s := range Stages {
			long, short = append(long, fmt.Sprintf("block%d_%s", s, k.name)), append(short, fmt.Sprint(k.name, s))
		}
	}
	return [][]string{long, short}
}()

// Columns implements space.Tabular.
func (accel) Columns() [][]string { return decisionColumns }

// ParseColumns implements space.Tabular.
func (accel) ParseColumns(columns, values []string) (space.Architecture, error) {
	if len(columns) != len(decisionColumns[0]) || len(values) != len(columns) {
		return nil, fmt.Errorf("mnasnet: %d values of %d columns: a network is spelled in %d", len(values), len(columns), len(decisionColumns[0]))
	}
	var d Decisions
	for i, text := range values {
		k, s := decisionKinds[i/Stages], i%Stages
		v, err := parseDecision(strings.TrimSpace(text), k.name == "se")
		if err != nil {
			return nil, fmt.Errorf("mnasnet: column %s: %w", columns[i], err)
		}
		k.set(&d, s, v)
	}
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("mnasnet: %w", err)
	}
	return network{d}, nil
}

// Spell implements space.Tabular.
func (accel) Spell(a space.Architecture) []string {
	d, err := DecisionsOf(a)
	if err != nil {
		panic(err)
	}
	var out []string
	for _, k := range decisionKinds {
		for s := range Stages {
			out = append(out, strconv.Itoa(k.get(&d, s)))
		}
	}
	return out
}

func (accel) Counts() []space.Count { return countNames() }

// Distances implements space.Measurer.
func (accel) Distances(all []space.Architecture) ([][]int, error) {
	decisions := make([]Decisions, len(all))
	for i, a := range all {
		var err error
		if decisions[i], err = DecisionsOf(a); err != nil {
			return nil, err
		}
	}
	out := make([][]int, len(all))
	for i := range out {
		out[i] = make([]int, len(all))
		for j := range i {
			d := decisions[i].Distance(&decisions[j])
			out[i][j], out[j][i] = d, d
		}
	}
	return out, nil
}

// OwnTallies implements space.Tallier: by every count that is a sum over stages.
func (accel) OwnTallies() []space.Tally {
	var options [Stages][]stage
	for s := range Stages {
		for _, e := range decisionKinds[0].choices(s) {
			for _, k := range decisionKinds[1].choices(s) {
				for _, l := range decisionKinds[2].choices(s) {
					for _, se := range []bool{false, true} {
						options[s] = append(options[s], stage{expansion: e, kernel: k, layers: l, se: se})
					}
				}
			}
		}
	}
	return tallies("unique", options)
}

// tallies returns one for every count that is a sum over stages.
func tallies(name string, options [Stages][]stage) []space.Tally {
	var out []space.Tally
	for _, c := range freeCounts {
		if c.stage != nil {
			out = append(out, space.Tally{Name: name, By: c.Count, Numbers: tally(options, c.stage)})
		}
	}
	return out
}

// network is valid decisions as a space.Architecture.
type network struct{ Decisions }

// must returns the recipe of decisions that are valid.
func (a network) must() *recipe {
	r, err := a.recipe()
	if err != nil {
		panic(err)
	}
	return r
}

func (a network) SpaceName() string { return Space.Name() }

func (a network) Key() string { return a.String() }

func (a network) Canonical() space.Architecture { return a }

func (a network) MinWidth() int { return 1 }

func (a network) Network(width int, input arch.Shape) (*arch.Network, error) {
	k, err := skeletonOf(width, input)
	if err != nil {
		return nil, err
	}
	return a.Decisions.Network(k)
}

func (a network) Parameters() int { return a.must().published().Parameters }

func (a network) MACs() int64 { return a.must().published().MACs }

// MACsAt implements space.Coster.
func (a network) MACsAt(width int, input arch.Shape) (int64, error) {
	return a.must().macsAt(width, input)
}

func (a network) Counts() []float64 { return a.must().counts() }

// Neighbors implements space.Neighborer: see Decisions.Neighbors.
func (a network) Neighbors() []space.Architecture {
	all := a.Decisions.Neighbors()
	out := make([]space.Architecture, len(all))
	for i, d := range all {
		out[i] = network{d}
	}
	return out
}
