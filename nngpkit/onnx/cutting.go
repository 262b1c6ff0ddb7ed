package onnx

import (
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// slice converts a cut of channels, and of rows and columns one of every so many.
func (c *converter) slice(n *node, in []*value) ([]*value, error) {
	v := in[0]
	if v.term == nil {
		return nil, errors.New("a constant that is cut at places that depend on the image")
	}
	lists := make([]*tensor, len(in)-1)
	for i, x := range in[1:] {
		if x == nil {
			continue
		}
		if lists[i] = x.constant; lists[i] == nil {
			return nil, errors.New("places that depend on the image")
		}
	}
	sizes := v.layout.sizes()
	cuts, err := n.cuts(lists, sizes)
	if err != nil {
		return nil, err
	}
	steps := [3]int{1, 1, 1} // of channels, rows, columns
	for k, cut := range cuts {
		if cut.whole(sizes[k]) {
			continue
		}
		axis, err := v.layout.axisOf(k, v.term.shape)
		if err != nil {
			return nil, err
		}
		switch {
		case cut.count < 1:
			return nil, fmt.Errorf("nothing is left of axis %d", k)
		case axis == channels && cut.step == 1:
			if v, err = c.cutChannels(v, n, int(cut.first), int(cut.count)); err != nil {
				return nil, err
			}
		case (axis == rows || axis == columns) && cut.first == 0 && cut.step > 0 && cut.step <= sizes[k] && cut.count == (sizes[k]-1)/cut.step+1:
			steps[axis] = int(cut.step)
		default:
			return nil, fmt.Errorf("it takes %d of the %d positions of axis %d from %d on, by steps of %d: only runs of channels, and rows and columns by steps, are known", cut.count, sizes[k], k, cut.first, cut.step)
		}
	}
	if steps[rows] > 1 || steps[columns] > 1 {
		return c.subsampled(v, n, steps)
	}
	return []*value{v}, nil
}

// cutChannels takes a run of channels.
func (c *converter) cutChannels(v *value, n *node, first, count int) (*value, error) {
	i, err := c.place(v.term)
	if err != nil {
		return nil, err
	}
	from := v.term.shape
	i = c.b.Slice(i, first, count)
	c.named(i, n)
	l, err := v.layout.with(from, c.b.Shape(i))
	return &value{term: leafTerm(i, c.b.Shape(i)), layout: l}, err
}

// subsampled takes rows and columns by steps: a maximum over windows of one pixel.
func (c *converter) subsampled(v *value, n *node, steps [3]int) ([]*value, error) {
	i, err := c.place(v.term)
	if err != nil {
		return nil, err
	}
	from := v.term.shape
	i = c.b.MaxPoolOf(i, arch.Pooling{Kernel: 1, Stride: steps[rows], StrideW: steps[columns], Padding: arch.Padded(0)})
	c.named(i, n)
	if err := c.b.Err(); err != nil {
		return nil, err
	}
	l, err := v.layout.with(from, c.b.Shape(i))
	return []*value{{term: leafTerm(i, c.b.Shape(i)), layout: l}}, err
}

// split converts a split of channels.
func (c *converter) split(n *node, in []*value) ([]*value, error) {
	if err := n.only("axis", "split", "num_outputs"); err != nil {
		return nil, err
	}
	v := in[0]
	axis := n.int("axis", 0)
	if axis < 0 {
		axis += int64(len(v.layout))
	}
	if axis < 0 || axis >= int64(len(v.layout)) {
		return nil, fmt.Errorf("axis %d of %d", axis, len(v.layout))
	}
	got, err := v.layout.axisOf(int(axis), v.term.shape)
	if err != nil || got != channels {
		if groups, serr := v.layout[axis : axis+1].shuffle(v.term.shape); serr == nil && groups > 0 {
			if _, err := c.ordered(v, groups); err != nil {
				return nil, err
			}
		} else {
			return nil, fmt.Errorf("it splits axis %d, which is not that of the channels", axis)
		}
	}
	parts, err := n.ints("split")
	if len(in) > 1 && in[1] != nil {
		if in[1].constant == nil {
			return nil, errors.New("sizes that depend on the image")
		}
		parts, err = in[1].constant.integers()
	}
	if err != nil {
		return nil, err
	}
	if parts == nil {
		parts = evenly(int64(v.term.shape.C), n.int("num_outputs", int64(len(n.out))))
	}
	total := int64(0)
	for _, p := range parts {
		if p < 1 || p > int64(v.term.shape.C) {
			return nil, fmt.Errorf("parts of %v channels", parts)
		}
		total += p
	}
	if total != int64(v.term.shape.C) || len(parts) < len(n.out) {
		return nil, fmt.Errorf("%d outputs of %v channels, of %d", len(n.out), parts, v.term.shape.C)
	}
	out := make([]*value, len(n.out))
	first := 0
	for i := range n.out {
		if n.out[i] != "" && c.g.read[n.out[i]] > 0 {
			if out[i], err = c.cutChannels(v, n, first, int(parts[i])); err != nil {
				return nil, err
			}
		}
		first += int(parts[i])
	}
	return out, nil
}

// evenly divides n channels among so many parts; the last is smaller where that
// does not come out even, as the format has it.
func evenly(n, parts int64) []int64 {
	if parts < 1 || parts > n {
		return nil
	}
	size := (n + parts - 1) / parts
	var out []int64
	for rest := n; rest > 0; rest -= size {
		out = append(out, min(size, rest))
	}
	return out
}

// pad converts zeros around an image, and zero channels behind and before.
func (c *converter) pad(n *node, in []*value) ([]*value, error) {
	v := in[0]
	if mode := n.text("mode", "constant"); mode != "constant" {
		return nil, fmt.Errorf("padding by %q: only zeros are known", mode)
	}
	amounts, err := c.padAmounts(n, in, len(v.layout))
	if err != nil {
		return nil, err
	}
	filler := n.float("value", 0)
	if len(in) > 2 && in[2] != nil {
		if in[2].constant == nil {
			return nil, errors.New("a filler that depends on the image")
		}
		if filler, err = in[2].constant.scalar(); err != nil {
			return nil, err
		}
	}
	var by [4][2]int
	any := false
	for k := range v.layout {
		before, after := amounts[k], amounts[k+len(v.layout)]
		if before == 0 && after == 0 {
			continue
		}
		any = true
		axis, err := v.layout.axisOf(k, v.term.shape)
		if err != nil {
			return nil, err
		}
		if axis < 0 || axis == batch {
			return nil, fmt.Errorf("padding along axis %d", k)
		}
		if before < 0 || after < 0 || before > 1<<24 || after > 1<<24 {
			return nil, fmt.Errorf("padding by %d and %d", before, after)
		}
		by[axis] = [2]int{int(before), int(after)}
	}
	if !any {
		return []*value{v}, nil
	}
	if filler != 0 {
		return nil, fmt.Errorf("padding with %g: only zeros are known", filler)
	}
	return c.padded(v, n, by)
}

// padAmounts returns the amounts before each axis, then behind each.
func (c *converter) padAmounts(n *node, in []*value, axes int) ([]int64, error) {
	list, err := n.ints("pads")
	if list == nil && err == nil {
		list, err = n.ints("paddings")
	}
	if err == nil && len(in) > 1 && in[1] != nil {
		if in[1].constant == nil {
			return nil, errors.New("padding that depends on the image")
		}
		list, err = in[1].constant.integers()
	}
	if err != nil {
		return nil, err
	}
	if len(in) > 3 && in[3] != nil {
		if in[3].constant == nil {
			return nil, errors.New("axes that depend on the image")
		}
		of, err := in[3].constant.integers()
		if err != nil {
			return nil, err
		}
		all := make([]int64, 2*axes)
		for i, a := range of {
			if a < 0 {
				a += int64(axes)
			}
			if a < 0 || a >= int64(axes) || len(list) != 2*len(of) {
				return nil, fmt.Errorf("padding by %v along axes %v of %d", list, of, axes)
			}
			all[a], all[int(a)+axes] = list[i], list[i+len(of)]
		}
		return all, nil
	}
	if len(list) != 2*axes {
		return nil, fmt.Errorf("padding by %v of a value of %d axes", list, axes)
	}
	return list, nil
}

func (c *converter) padded(v *value, n *node, by [4][2]int) ([]*value, error) {
	from := v.term.shape
	i, err := c.place(v.term)
	if err != nil {
		return nil, err
	}
	if by[rows] != [2]int{} || by[columns] != [2]int{} {
		i = c.b.Pad(i, by[rows][0], by[columns][0], by[rows][1], by[columns][1])
		c.named(i, n)
	}
	if k := by[channels]; k != [2]int{} {
		parts := []int{i}
		if k[0] > 0 {
			parts = []int{c.b.Zero(i, k[0], 1), i}
		}
		if k[1] > 0 {
			parts = append(parts, c.b.Zero(i, k[1], 1))
		}
		i = c.b.Concat(parts...)
		c.named(i, n)
	}
	s := c.b.Shape(i)
	if err := c.b.Err(); err != nil {
		return nil, err
	}
	l, err := v.layout.with(from, s)
	return []*value{{term: leafTerm(i, s), layout: l}}, err
}
