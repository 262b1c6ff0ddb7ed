package mnasnet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/arch"
)

// Numbers of the wider space. As written down it has WideSize members: 216 choices
// of each of five stages, 144 of the first and the last. WideDifferent remain when a
// stage of plain convolutions, which has neither expansion nor squeeze-and-excite,
// counts once: 126 and 84 choices.
const (
	WideSize      = 9_749_755_840_167_936
	WideDifferent = 224_084_231_917_056
)

// WideStage is what is decided about a stage of the wider space.
type WideStage struct {
	Conv      bool // plain convolutions (with normalization and activation), not inverted residual blocks
	Expansion int  // 1, 3 or 6
	Kernel    int  // 3 or 5
	Layers    int  // blocks: MobileNetV2's number, one less or one more, at least one
	SE        bool // squeeze-and-excite of a quarter of the block's input channels
	Filters   int  // output channels: MobileNetV2's, times 3/4, 1 or 5/4
}

// WideDecisions make a network of the wider space.
type WideDecisions [Stages]WideStage

// The reference, MobileNetV2, around which the wider space lies.
var (
	mobileLayers  = [Stages]int{1, 2, 3, 4, 3, 3, 1}
	mobileFilters = [Stages]int{16, 24, 32, 64, 96, 160, 320}
)

// wideLayers and wideFilters are the choices of a stage.
func wideLayers(s int) []int {
	r := mobileLayers[s]
	if r == 1 {
		return []int{1, 2}
	}
	return []int{r - 1, r, r + 1}
}

func wideFilters(s int) []int {
	o := mobileFilters[s]
	return []int{o * 3 / 4, o, o * 5 / 4}
}

// wideOptions returns the ways to choose a stage as they are written down, in the
// order of numbers: plain convolutions first.
func wideOptions(s int) []WideStage {
	var out []WideStage
	for _, conv := range []bool{true, false} {
		for _, e := range []int{1, 3, 6} {
			for _, k := range []int{3, 5} {
				for _, l := range wideLayers(s) {
					for _, se := range []bool{false, true} {
						for _, f := range wideFilters(s) {
							out = append(out, WideStage{conv, e, k, l, se, f})
						}
					}
				}
			}
		}
	}
	return out
}

// canonical returns the stage without decisions that change nothing.
func (w WideStage) canonical() WideStage {
	if w.Conv {
		w.Expansion, w.SE = 1, false
	}
	return w
}

// wideWritten and wideDifferent are the ways to choose each stage, as written and up to what changes
// nothing.
var wideWritten, wideDifferent = func() (all, different [Stages][]WideStage) {
	for s := range Stages {
		all[s] = wideOptions(s)
		for _, w := range all[s] {
			if w.canonical() == w {
				different[s] = append(different[s], w)
			}
		}
	}
	return all, different
}()

// Check returns an error that names the first decision which the space does not
// have.
func (d *WideDecisions) Check() error {
	for s, w := range d {
		switch {
		case !slices.Contains([]int{1, 3, 6}, w.Expansion):
			return fmt.Errorf("stage %d: expansion %d: must be 1, 3 or 6", s, w.Expansion)
		case w.Kernel != 3 && w.Kernel != 5:
			return fmt.Errorf("stage %d: kernel %d: must be 3 or 5", s, w.Kernel)
		case !slices.Contains(wideLayers(s), w.Layers):
			return fmt.Errorf("stage %d: %d layers: must be one of %v", s, w.Layers, wideLayers(s))
		case !slices.Contains(wideFilters(s), w.Filters):
			return fmt.Errorf("stage %d: %d filters: must be one of %v", s, w.Filters, wideFilters(s))
		}
	}
	return nil
}

// Canonical returns the decisions that stand for all that make the same network:
// a stage of plain convolutions with expansion 1 and without squeeze-and-excite.
func (d WideDecisions) Canonical() WideDecisions {
	for s := range d {
		d[s] = d[s].canonical()
	}
	return d
}

// String returns the stage in a word, such as mb6k3l2f24se or conv1k3l2f24: kind
// of block and expansion, kernel, layers, filters, squeeze-and-excite.
func (w WideStage) String() string {
	kind, se := "mb", ""
	if w.Conv {
		kind = "conv"
	}
	if w.SE {
		se = "se"
	}
	return fmt.Sprintf("%s%dk%dl%df%d%s", kind, w.Expansion, w.Kernel, w.Layers, w.Filters, se)
}

// String returns the decisions in a line, a word a stage (see WideStage.String).
func (d WideDecisions) String() string {
	words := make([]string, Stages)
	for s, w := range d {
		words[s] = w.String()
	}
	return strings.Join(words, " ")
}

// ParseWide reads what WideDecisions.String writes, with any white space between
// the words and around them. The error names the stage.
func ParseWide(text string) (WideDecisions, error) {
	var d WideDecisions
	fail := func(err error) (WideDecisions, error) {
		return WideDecisions{}, fmt.Errorf("mnasnet: %s: %w", printable.Quote(text), err)
	}
	words := strings.Fields(text)
	if len(words) != Stages {
		return fail(fmt.Errorf("%d words: want %d, one a stage, such as mb6k3l2f24se", len(words), Stages))
	}
	for s, word := range words {
		w, err := parseWideStage(word)
		if err != nil {
			return fail(fmt.Errorf("stage %d: %w", s, err))
		}
		d[s] = w
	}
	if err := d.Check(); err != nil {
		return fail(err)
	}
	return d, nil
}

// parseWideStage reads a word.
func parseWideStage(word string) (WideStage, error) {
	var w WideStage
	rest, ok := strings.CutPrefix(word, "conv")
	w.Conv = ok
	if !ok {
		rest, ok = strings.CutPrefix(word, "mb")
	}
	rest, w.SE = strings.CutSuffix(rest, "se")
	at := [4]*int{&w.Expansion, &w.Kernel, &w.Layers, &w.Filters}
	fields := strings.FieldsFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	ok = ok && len(fields) == len(at)
	for i := 0; ok && i < len(at); i++ {
		var err error
		*at[i], err = strconv.Atoi(fields[i])
		ok = err == nil
	}
	if !ok || w.String() != word {
		return WideStage{}, fmt.Errorf("%s: want a word such as mb6k3l2f24se or conv1k3l2f24", printable.Quote(word))
	}
	return w, nil
}

// wideAt returns the decisions of number i, of options of each stage, the last
// changes fastest.
func wideAt(i int64, options *[Stages][]WideStage) WideDecisions {
	var d WideDecisions
	for s := Stages - 1; s >= 0; s-- {
		n := int64(len(options[s]))
		d[s] = options[s][i%n]
		i /= n
	}
	return d
}

// Neighbors returns the different networks, in canonical form and a fixed order,
// that are one decision away from one of the ways in which d can be written.
func (d WideDecisions) Neighbors() []WideDecisions {
	own := d.Canonical()
	var out []WideDecisions
	for s := range Stages {
		for _, w := range wideDifferent[s] {
			if own[s].near(w) {
				n := own
				n[s] = w
				out = append(out, n)
			}
		}
	}
	return out
}

// near reports whether two canonical stages differ in one decision of some way to
// write them.
func (w WideStage) near(v WideStage) bool {
	n := btoi(w.Conv != v.Conv) + btoi(w.Kernel != v.Kernel) + btoi(w.Layers != v.Layers) + btoi(w.Filters != v.Filters)
	if !w.Conv && !v.Conv {
		n += btoi(w.Expansion != v.Expansion) + btoi(w.SE != v.SE)
	}
	return n == 1
}

// recipe returns the network that the decisions make, and an error if Check does.
func (d WideDecisions) recipe() (*recipe, error) {
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("mnasnet: %w", err)
	}
	d = d.Canonical()
	r := &recipe{name: d.String(), head: 256, classes: 1001, squeeze: arch.Swish, gate: arch.Sigmoid}
	for s, w := range d {
		r.stages[s] = w.stage()
	}
	return r, nil
}

func (w WideStage) stage() stage {
	return stage{conv: w.Conv, expansion: w.Expansion, kernel: w.Kernel, layers: w.Layers, se: w.SE, channels: w.Filters}
}

// Network returns the network of the decisions, as Google's configuration for a
// search on ImageNet builds it (google/vertex-ai-nas at 62127b2,
// tf1/configs/mnasnet_search_tpu.yaml): like Decisions.Network but for the head,
// of 256 channels, the 1,001 classes, plain convolutions without residuals where
// they are chosen, swish and sigmoid inside of squeeze-and-excite, and the weights,
// truncated normal of variance 1 / fan-in. (That of the depthwise convolutions is
// Keras' default there, smaller and uniform; batch normalization by the batch's own
// statistics takes the difference out.)
//
// It is an error if Check refuses the decisions or the skeleton makes no network.
func (d WideDecisions) Network(k Skeleton) (*arch.Network, error) {
	r, err := d.recipe()
	if err != nil {
		return nil, err
	}
	return r.network(k)
}

// Cost counts Network(k) without building it, and returns its errors.
func (d WideDecisions) Cost(k Skeleton) (Cost, error) {
	r, err := d.recipe()
	if err != nil {
		return Cost{}, err
	}
	return r.cost(k)
}
