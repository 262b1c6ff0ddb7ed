package mnasnet

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/arch"
)

// Stages is the number of stages of a network.
const Stages = 7

// Size is the number of networks of Accel-NASBench's space: 36 ways to choose a
// stage, 48 of the stage that may have four blocks.
const Size = 104_485_552_128

// Decisions are the 28 choices that make a network of Accel-NASBench's space,
// one of each kind for a stage (A. Ahmad et al., "Accel-NASBench", DAC 2024,
// appendix B). No two that Check accepts are the same network.
type Decisions struct {
	Expansion [Stages]int  // of the channels within a block: 1, 4 or 6
	Kernel    [Stages]int  // side of the depthwise convolution: 3 or 5
	Layers    [Stages]int  // blocks of the stage: 1 to 3, in stage 5 (counted from 0) 1 to 4
	SE        [Stages]bool // squeeze-and-excite
}

// decisionKind is one of the four kinds of decisions.
type decisionKind struct {
	name    string
	get     func(d *Decisions, stage int) int
	set     func(d *Decisions, stage, v int)
	choices func(stage int) []int // that the space has, in the order of At
}

// decisionKinds are in the order of the tables' columns.
var decisionKinds = []decisionKind{
	{
		"e", func(d *Decisions, s int) int { return d.Expansion[s] }, func(d *Decisions, s, v int) { d.Expansion[s] = v },
		func(int) []int { return []int{1, 4, 6} },
	},
	{
		"k", func(d *Decisions, s int) int { return d.Kernel[s] }, func(d *Decisions, s, v int) { d.Kernel[s] = v },
		func(int) []int { return []int{3, 5} },
	},
	{
		"l", func(d *Decisions, s int) int { return d.Layers[s] }, func(d *Decisions, s, v int) { d.Layers[s] = v },
		func(s int) []int { return []int{1, 2, 3, 4}[:maxLayers(s)] },
	},
	{
		"se", func(d *Decisions, s int) int { return btoi(d.SE[s]) }, func(d *Decisions, s, v int) { d.SE[s] = v == 1 },
		func(int) []int { return []int{0, 1} },
	},
}

// Check returns an error that names the first decision which the space does
// not have.
func (d *Decisions) Check() error {
	for s := 0; s < Stages; s++ {
		if e := d.Expansion[s]; e != 1 && e != 4 && e != 6 {
			return fmt.Errorf("stage %d: expansion %d: must be 1, 4 or 6", s, e)
		}
		if k := d.Kernel[s]; k != 3 && k != 5 {
			return fmt.Errorf("stage %d: kernel %d: must be 3 or 5", s, k)
		}
		if l := d.Layers[s]; l < 1 || l > maxLayers(s) {
			return fmt.Errorf("stage %d: %d layers: must be 1 to %d", s, l, maxLayers(s))
		}
	}
	return nil
}

func maxLayers(stage int) int {
	if stage == 5 {
		return 4
	}
	return 3
}

// String returns the decisions in a line: expansions, kernels, layers and
// squeeze-and-excite, stage by stage, such as "e6146646 k3533355 l1321212
// se0000000".
func (d Decisions) String() string {
	var b strings.Builder
	for _, k := range decisionKinds {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(k.name)
		for s := range Stages {
			b.WriteString(strconv.Itoa(k.get(&d, s)))
		}
	}
	return b.String()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ParseDecisions reads what String writes, with any white space between the four
// words and around them. The error names the word and the stage.
func ParseDecisions(text string) (Decisions, error) {
	var d Decisions
	fail := func(err error) (Decisions, error) {
		return Decisions{}, fmt.Errorf("mnasnet: %s: %w", printable.Quote(text), err)
	}
	words := strings.Fields(text)
	if len(words) != len(decisionKinds) {
		return fail(fmt.Errorf("%d words: want four, such as e6146646 k3533355 l1321212 se0000000", len(words)))
	}
	for i, k := range decisionKinds {
		digits, ok := strings.CutPrefix(words[i], k.name)
		if !ok || len(digits) != Stages {
			return fail(fmt.Errorf("word %d: want %s and %d digits", i+1, k.name, Stages))
		}
		for s := range Stages {
			v := int(digits[s]) - '0'
			if v < 0 || v > 9 || k.name == "se" && v > 1 {
				return fail(fmt.Errorf("word %d, stage %d: %s", i+1, s, printable.Quote(digits[s:s+1])))
			}
			k.set(&d, s, v)
		}
	}
	if err := d.Check(); err != nil {
		return fail(err)
	}
	return d, nil
}

// decisionsAt returns the decisions of number i, 0 <= i < Size: of stages in
// order, each its expansion, kernel, layers and squeeze-and-excite, the last
// changes fastest.
func decisionsAt(i int64) Decisions {
	var d Decisions
	for s := Stages - 1; s >= 0; s-- {
		for k := len(decisionKinds) - 1; k >= 0; k-- {
			c := decisionKinds[k].choices(s)
			n := int64(len(c))
			decisionKinds[k].set(&d, s, c[i%n])
			i /= n
		}
	}
	return d
}

// Neighbors returns the networks in which one decision is another: 43.
func (d Decisions) Neighbors() []Decisions {
	var out []Decisions
	for s := range Stages {
		for _, k := range decisionKinds {
			for _, v := range k.choices(s) {
				if v != k.get(&d, s) {
					n := d
					k.set(&n, s, v)
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// Distance returns the number of decisions that differ, 0 to 28.
func (d *Decisions) Distance(other *Decisions) int {
	n := 0
	for s := range Stages {
		n += btoi(d.Expansion[s] != other.Expansion[s]) + btoi(d.Kernel[s] != other.Kernel[s]) +
			btoi(d.Layers[s] != other.Layers[s]) + btoi(d.SE[s] != other.SE[s])
	}
	return n
}

// recipe returns the network that the decisions make, and an error if Check does.
func (d Decisions) recipe() (*recipe, error) {
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("mnasnet: %w", err)
	}
	r := &recipe{
		name: d.String(), head: 1280, classes: 1000,
		gate: arch.HardSigmoid, init: arch.Init{Gain: 2, FanOut: true, Normal: true},
	}
	for s, channels := range [Stages]int{16, 24, 40, 80, 112, 192, 320} {
		r.stages[s] = stage{expansion: d.Expansion[s], kernel: d.Kernel[s], layers: d.Layers[s], se: d.SE[s], channels: channels}
	}
	return r, nil
}

// Network returns the network of the decisions: a 3x3 convolution of stride 2 to
// the width; the stages, to 16, 24, 40, 80, 112, 192 and 320 channels at width 32,
// of which the second, third, fourth and sixth halve the image; a 1x1 convolution
// to 1,280 channels, and the global average pool as features. A block is a 1x1
// convolution that expands the channels, unless the expansion is 1; a depthwise
// convolution; squeeze-and-excite, of a quarter of the channels that the block
// reads; and a 1x1 convolution to the stage's channels; its input is added where
// the shape is the same. Batch normalization (epsilon 1e-3, momentum 0.99) follows
// every convolution but those of squeeze-and-excite, which have biases, and the
// activation all but the last of a block. Gates are hard sigmoids.
//
// Weights are normal of variance 2 / fan-out, where the fan-out of a depthwise
// convolution is that of a channel, as in Google's MnasNet. (PyTorch's function
// of that name, which Accel-NASBench calls, takes all channels together there.
// Batch normalization by the batch's own statistics takes the difference out.)
//
// The end of the stem and of each stage is marked. It is an error if Check refuses
// the decisions or the skeleton makes no network.
func (d Decisions) Network(k Skeleton) (*arch.Network, error) {
	r, err := d.recipe()
	if err != nil {
		return nil, err
	}
	return r.network(k)
}

// Cost counts Network(k) without building it, and returns its errors.
func (d Decisions) Cost(k Skeleton) (Cost, error) {
	r, err := d.recipe()
	if err != nil {
		return Cost{}, err
	}
	return r.cost(k)
}
