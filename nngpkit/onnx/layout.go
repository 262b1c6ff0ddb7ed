package onnx

import (
	"errors"
	"fmt"
	"slices"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// The axes of an image, and the batch where a file fixes it at more than one.
const (
	channels = iota
	rows
	columns
	batch
)

// atom is a run along an axis of an image: size positions that are stride apart.
type atom struct{ axis, size, stride int }

// layout says how the axes of a value of the graph are made of those of an image:
// each is a list of atoms, the last running fastest. Reshape and Transpose change
// the layout alone, so that flattening and channel shuffles need no operation of
// their own until something reads the result. Atoms of size 1 are left out.
type layout [][]atom

// layoutOf returns the layout batch, channels, rows, columns.
func layoutOf(s arch.Shape, images int) layout {
	l := make(layout, 4)
	for i, a := range []atom{{batch, images, 1}, {channels, s.C, 1}, {rows, s.H, 1}, {columns, s.W, 1}} {
		l[i] = single(a)
	}
	return l
}

func single(a atom) []atom {
	if a.size == 1 {
		return nil
	}
	return []atom{a}
}

// sizes returns the sizes of the axes.
func (l layout) sizes() []int64 {
	out := make([]int64, len(l))
	for i, atoms := range l {
		out[i] = 1
		for _, a := range atoms {
			out[i] *= int64(a.size)
		}
	}
	return out
}

func (l layout) equal(m layout) bool {
	return slices.EqualFunc(l, m, func(a, b []atom) bool { return slices.Equal(a, b) })
}

// join makes one atom of neighbors that run on.
func join(atoms []atom) []atom {
	var out []atom
	for _, a := range atoms {
		if n := len(out) - 1; n >= 0 && out[n].axis == a.axis && out[n].stride == a.size*a.stride {
			out[n] = atom{a.axis, out[n].size * a.size, a.stride}
			continue
		}
		out = append(out, a)
	}
	return out
}

// reshaped distributes the atoms over axes of the given sizes.
func (l layout) reshaped(sizes []int64) (layout, error) {
	var atoms []atom
	for _, a := range l {
		atoms = append(atoms, a...)
	}
	out := make(layout, len(sizes))
	for i, size := range sizes {
		for size > 1 {
			if len(atoms) == 0 {
				return nil, fmt.Errorf("a shape of %v for %v", sizes, l.sizes())
			}
			a := atoms[0]
			switch {
			case size%int64(a.size) == 0:
				out[i] = append(out[i], a)
				size /= int64(a.size)
				atoms = atoms[1:]
			case int64(a.size)%size == 0:
				rest := a.size / int(size)
				out[i] = append(out[i], atom{a.axis, int(size), a.stride * rest})
				atoms = append([]atom{{a.axis, rest, a.stride}}, atoms[1:]...)
				size = 1
			default:
				return nil, fmt.Errorf("a shape of %v for %v, which does not divide so", sizes, l.sizes())
			}
		}
		out[i] = join(out[i])
	}
	if len(atoms) > 0 {
		return nil, fmt.Errorf("a shape of %v for %v", sizes, l.sizes())
	}
	return out, nil
}

// transposed returns the axes in the given order.
func (l layout) transposed(order []int64) (layout, error) {
	out, seen := make(layout, len(l)), make([]bool, len(l))
	if len(order) != len(l) {
		return nil, fmt.Errorf("an order of %d axes for %d", len(order), len(l))
	}
	for i, k := range order {
		if k < 0 || k >= int64(len(l)) || seen[k] {
			return nil, fmt.Errorf("an order of axes %v", order)
		}
		seen[k] = true
		out[i] = l[k]
	}
	return out, nil
}

// axisOf returns which axis of an image an axis of the value is, wholly and in
// order; -1 where it is of size 1, an error where it is something else.
func (l layout) axisOf(i int, s arch.Shape) (int, error) {
	if len(l[i]) == 0 {
		return -1, nil
	}
	if len(l[i]) == 1 {
		a := l[i][0]
		if a.axis == batch || a.stride == 1 && a.size == sizeOf(s, a.axis) {
			return a.axis, nil
		}
	}
	return 0, errors.New("an axis that is a part of the channels, or several axes in one")
}

func sizeOf(s arch.Shape, axis int) int { return [3]int{s.C, s.H, s.W}[axis] }

// image tells what it takes to have the value as batch, channels, rows, columns:
// nothing, or a shuffle of channels in so many groups. The error says that it is
// no image.
func (l layout) image(s arch.Shape) (groups int, err error) {
	if len(l) != 4 {
		return 0, fmt.Errorf("a value of %d axes, not batch x channels x rows x columns", len(l))
	}
	for i, axis := range []int{batch, channels, rows, columns} {
		if axis == channels {
			continue
		}
		if got, err := l.axisOf(i, s); err != nil || got >= 0 && got != axis || got < 0 && axis != batch && sizeOf(s, axis) != 1 {
			return 0, fmt.Errorf("a value whose axes are not batch x channels x rows x columns, but in another order: %v", l)
		}
	}
	return l[1:2].shuffle(s)
}

// shuffle returns the groups of the channel shuffle that the only axis of l is
// made by, 0 where the channels are in order.
func (l layout) shuffle(s arch.Shape) (groups int, err error) {
	a := l[0]
	switch {
	case len(a) == 0 && s.C == 1, len(a) == 1 && a[0] == atom{channels, s.C, 1}:
		return 0, nil
	case len(a) == 2 && a[0].axis == channels && a[1].axis == channels && a[0].size*a[1].size == s.C && a[0].stride == 1 && a[1].stride == a[0].size:
		return a[1].size, nil
	}
	return 0, fmt.Errorf("an order of channels that is no channel shuffle: %v", l)
}

// plain returns the layout with its channels in order, as it is after the shuffle.
func (l layout) plain(s arch.Shape) layout {
	out := slices.Clone(l)
	for i, a := range l {
		if len(a) == 2 && a[0].axis == channels {
			out[i] = []atom{{channels, s.C, 1}}
		}
	}
	return out
}

// with returns the layout of a result in the same order of axes, of a network
// value that now has the shape to.
func (l layout) with(from, to arch.Shape) (layout, error) {
	out := make(layout, len(l))
	seen := [3]bool{}
	for i := range l {
		axis, err := l.axisOf(i, from)
		switch {
		case err != nil:
			return nil, err
		case axis == batch:
			out[i] = l[i]
		case axis >= 0:
			seen[axis] = true
			out[i] = single(atom{axis, sizeOf(to, axis), 1})
		}
	}
	for axis, was := range seen {
		if !was && sizeOf(to, axis) != 1 {
			// An axis of size 1 that grew: it stands in its usual place.
			if len(l) != 4 || len(out[axis+1]) != 0 {
				return nil, errors.New("an axis of size 1 that grows, in an order that does not say which it is")
			}
			out[axis+1] = single(atom{axis, sizeOf(to, axis), 1})
		}
	}
	return out, nil
}

// String shows the axes: c, h, w and n with their sizes.
func (l layout) String() string {
	text := ""
	for i, atoms := range l {
		if i > 0 {
			text += " x "
		}
		if len(atoms) == 0 {
			text += "1"
		}
		for _, a := range atoms {
			text += fmt.Sprintf("%c%d", "chwn"[a.axis], a.size)
		}
	}
	return text
}
