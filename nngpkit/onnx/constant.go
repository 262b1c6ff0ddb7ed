package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// errNoData says that a number is needed that the file does not hold.
var errNoData = errors.New("its values were left out of the file")

// integers returns the elements of a constant as whole numbers.
func (t *tensor) integers() ([]int64, error) {
	if t.values == nil {
		return nil, fmt.Errorf("tensor %q: %w", t.name, errNoData)
	}
	out := make([]int64, len(t.values))
	for i, v := range t.values {
		switch {
		case v >= math.MaxInt64:
			out[i] = math.MaxInt64
		case v <= math.MinInt64:
			out[i] = math.MinInt64
		case v != math.Trunc(v):
			return nil, fmt.Errorf("tensor %q: %g where a whole number should be", t.name, v)
		default:
			out[i] = int64(v)
		}
	}
	return out, nil
}

// scalar returns the only element of a constant.
func (t *tensor) scalar() (float64, error) {
	switch {
	case t.size() != 1:
		return 0, fmt.Errorf("tensor %q has %d elements, not one", t.name, t.size())
	case t.values == nil:
		return 0, fmt.Errorf("tensor %q: %w", t.name, errNoData)
	}
	return t.values[0], nil
}

// whole is a constant of whole numbers along one axis.
func whole(values []int64) *tensor {
	t := &tensor{kind: typeInt64, dims: []int64{int64(len(values))}, values: make([]float64, len(values))}
	for i, v := range values {
		t.values[i] = float64(v)
	}
	return t
}

// like returns the constant with another shape.
func (t *tensor) like(dims []int64) *tensor {
	out := *t
	out.dims = dims
	return &out
}

// foldable are the operations that are computed where all inputs are constants:
// those that exporters make shapes with.
var foldable = map[string]func(n *node, in []*tensor) (*tensor, error){
	"Identity": func(n *node, in []*tensor) (*tensor, error) { return in[0], nil },
	"Dropout":  func(n *node, in []*tensor) (*tensor, error) { return in[0], nil },
	"Cast":     foldCast,
	"Shape":    func(n *node, in []*tensor) (*tensor, error) { return whole(in[0].dims), nil },
	"Gather":   foldGather,
	"Concat":   foldConcat,
	"Slice":    foldSlice,
	"Transpose": func(n *node, in []*tensor) (*tensor, error) {
		return foldTranspose(n, in[0])
	},
	"ConstantOfShape": foldConstantOfShape,
	"Add":             foldBinary(func(a, b float64) float64 { return a + b }),
	"Sub":             foldBinary(func(a, b float64) float64 { return a - b }),
	"Mul":             foldBinary(func(a, b float64) float64 { return a * b }),
	"Div":             nil, // set below: whole numbers divide to whole ones
}

func init() {
	foldable["Div"] = func(n *node, in []*tensor) (*tensor, error) {
		if in[0].floating() {
			return foldBinary(func(a, b float64) float64 { return a / b })(n, in)
		}
		return foldBinary(func(a, b float64) float64 {
			if b == 0 {
				return math.NaN()
			}
			return math.Trunc(a / b)
		})(n, in)
	}
}

func foldCast(n *node, in []*tensor) (*tensor, error) {
	to := in[0].like(in[0].dims)
	to.kind = n.int("to", typeFloat)
	if in[0].values == nil || in[0].floating() == to.floating() {
		return to, nil
	}
	to.values = slices.Clone(in[0].values)
	if !to.floating() {
		for i, v := range to.values {
			to.values[i] = math.Trunc(v)
		}
	}
	return to, nil
}

// foldBinary is an operation of two constants of one shape, or one of which is a
// single number.
func foldBinary(f func(a, b float64) float64) func(n *node, in []*tensor) (*tensor, error) {
	return func(n *node, in []*tensor) (*tensor, error) {
		if len(in) != 2 {
			return nil, fmt.Errorf("%d inputs, not 2", len(in))
		}
		a, b := in[0], in[1]
		size := max(a.size(), b.size())
		if a.size() != size && a.size() != 1 || b.size() != size && b.size() != 1 || size < 0 {
			return nil, errors.New("constants of shapes that do not fit")
		}
		out := a.like(a.dims)
		if b.size() > a.size() || len(b.dims) > len(a.dims) {
			out.dims = b.dims
		}
		out.values = nil
		if a.values == nil || b.values == nil || size > maxElement {
			return out, nil
		}
		out.values = make([]float64, size)
		for i := range out.values {
			out.values[i] = f(a.values[i%len(a.values)], b.values[i%len(b.values)])
		}
		return out, nil
	}
}

func foldGather(n *node, in []*tensor) (*tensor, error) {
	if len(in) != 2 || len(in[0].dims) != 1 || n.int("axis", 0) != 0 && n.int("axis", 0) != -1 {
		return nil, errors.New("a constant of several axes")
	}
	idx, err := in[1].integers()
	if err != nil {
		return nil, err
	}
	if in[0].values == nil {
		return nil, fmt.Errorf("tensor %q: %w", in[0].name, errNoData)
	}
	out := &tensor{kind: in[0].kind, dims: in[1].dims, values: make([]float64, len(idx))}
	for i, k := range idx {
		if k < 0 {
			k += int64(len(in[0].values))
		}
		if k < 0 || k >= int64(len(in[0].values)) {
			return nil, fmt.Errorf("index %d of %d elements", k, len(in[0].values))
		}
		out.values[i] = in[0].values[k]
	}
	return out, nil
}

func foldConcat(n *node, in []*tensor) (*tensor, error) {
	out := &tensor{kind: in[0].kind, values: []float64{}}
	for _, t := range in {
		if len(t.dims) != 1 {
			return nil, errors.New("constants of several axes")
		}
		if t.values == nil {
			return nil, fmt.Errorf("tensor %q: %w", t.name, errNoData)
		}
		out.values = append(out.values, t.values...)
		if len(out.values) > maxElement {
			return nil, errors.New("a constant that is too long")
		}
	}
	out.dims = []int64{int64(len(out.values))}
	return out, nil
}

func foldSlice(n *node, in []*tensor) (*tensor, error) {
	t := in[0]
	if t.values == nil {
		return nil, fmt.Errorf("tensor %q: %w", t.name, errNoData)
	}
	cuts, err := n.cuts(in[1:], t.dims)
	if err != nil {
		return nil, err
	}
	at := -1
	for i, c := range cuts {
		if c.whole(t.dims[i]) {
			continue
		}
		if at >= 0 {
			return nil, errors.New("a constant that is cut along two axes")
		}
		at = i
	}
	if at < 0 {
		return t, nil
	}
	inner, outer := int64(1), int64(1)
	for i, d := range t.dims {
		if i < at {
			outer *= d
		} else if i > at {
			inner *= d
		}
	}
	c := cuts[at]
	out := t.like(slices.Clone(t.dims))
	out.values, out.dims[at] = []float64{}, c.count
	for o := range outer {
		for k := range c.count {
			from := (o*t.dims[at] + c.first + k*c.step) * inner
			out.values = append(out.values, t.values[from:from+inner]...)
		}
	}
	return out, nil
}

func foldTranspose(n *node, t *tensor) (*tensor, error) {
	order, err := n.order(len(t.dims))
	if err != nil {
		return nil, err
	}
	out := t.like(make([]int64, len(t.dims)))
	for i, k := range order {
		out.dims[i] = t.dims[k]
	}
	out.values = nil
	if len(t.values) == 0 {
		return out, nil
	}
	strides := make([]int64, len(t.dims))
	s := int64(1)
	for i := len(t.dims) - 1; i >= 0; i-- {
		strides[i] = s
		s *= t.dims[i]
	}
	out.values = make([]float64, len(t.values))
	at := make([]int64, len(order))
	for i := range out.values {
		from := int64(0)
		for k, axis := range order {
			from += at[k] * strides[axis]
		}
		out.values[i] = t.values[from]
		for k := len(at) - 1; k >= 0; k-- {
			if at[k]++; at[k] < out.dims[k] {
				break
			}
			at[k] = 0
		}
	}
	return out, nil
}

func foldConstantOfShape(n *node, in []*tensor) (*tensor, error) {
	dims, err := in[0].integers()
	if err != nil {
		return nil, err
	}
	out := &tensor{kind: typeFloat, dims: dims}
	value := 0.0
	if a := n.attributes["value"]; a != nil && a.tensor != nil {
		out.kind = a.tensor.kind
		if value, err = a.tensor.scalar(); err != nil {
			return nil, err
		}
	}
	if size := out.size(); size >= 0 && size <= maxElement {
		out.values = make([]float64, size)
		for i := range out.values {
			out.values[i] = value
		}
	}
	return out, nil
}

// cut is what Slice takes of an axis.
type cut struct{ first, step, count int64 }

// whole tells whether the cut leaves an axis of so many positions as it is.
func (c cut) whole(size int64) bool { return c == cut{0, 1, size} }

// cuts returns what a Slice takes of each axis of the given sizes. in are its
// inputs behind the first: starts, ends, axes, steps.
func (n *node) cuts(in []*tensor, sizes []int64) ([]cut, error) {
	lists := make([][]int64, 4)
	for i, name := range []string{"starts", "ends", "axes", "steps"} {
		var err error
		switch {
		case i < len(in) && in[i] != nil:
			lists[i], err = in[i].integers()
		case n.attributes[name] != nil:
			lists[i], err = n.ints(name)
		}
		if err != nil {
			return nil, err
		}
	}
	starts, ends, axes, steps := lists[0], lists[1], lists[2], lists[3]
	if axes == nil {
		for i := range starts {
			axes = append(axes, int64(i))
		}
	}
	if steps == nil {
		steps = slices.Repeat([]int64{1}, len(starts))
	}
	if len(ends) != len(starts) || len(axes) != len(starts) || len(steps) != len(starts) || len(starts) == 0 {
		return nil, fmt.Errorf("starts %v, ends %v, axes %v, steps %v", starts, ends, axes, steps)
	}
	out := make([]cut, len(sizes))
	for i, s := range sizes {
		out[i] = cut{0, 1, s}
	}
	for i, axis := range axes {
		if axis < 0 {
			axis += int64(len(sizes))
		}
		if axis < 0 || axis >= int64(len(sizes)) || steps[i] == 0 || steps[i] == math.MinInt64 {
			return nil, fmt.Errorf("axis %d with step %d of a value of %d axes", axes[i], steps[i], len(sizes))
		}
		out[axis] = cutOf(starts[i], ends[i], steps[i], sizes[axis])
	}
	return out, nil
}

// cutOf follows the rules of Slice: negative places count from the end, and those
// beyond the ends are brought back.
func cutOf(start, end, step, size int64) cut {
	if start < 0 {
		start = max(start, math.MinInt64/2) + size
	}
	if end < 0 {
		end = max(end, math.MinInt64/2) + size
	}
	if step > 0 {
		start, end = min(max(start, 0), size), min(max(end, 0), size)
		if end <= start {
			return cut{start, step, 0}
		}
		return cut{start, step, (end-start-1)/step + 1}
	}
	start, end = min(max(start, 0), size-1), min(max(end, -1), size-1)
	if end >= start {
		return cut{start, step, 0}
	}
	return cut{start, step, (start-end-1)/-step + 1}
}
