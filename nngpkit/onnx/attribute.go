package onnx

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
)

// int returns an attribute that is a whole number, or what it is where the node
// does not have it.
func (n *node) int(name string, usual int64) int64 {
	if a := n.attributes[name]; a != nil {
		return a.i
	}
	return usual
}

// float returns an attribute that is a number.
func (n *node) float(name string, usual float64) float64 {
	if a := n.attributes[name]; a != nil {
		return a.f
	}
	return usual
}

// text returns an attribute that is a text.
func (n *node) text(name, usual string) string {
	if a := n.attributes[name]; a != nil {
		return a.s
	}
	return usual
}

// ints returns an attribute that is a list of whole numbers, nil where the node
// does not have it.
func (n *node) ints(name string) ([]int64, error) {
	a := n.attributes[name]
	switch {
	case a == nil:
		return nil, nil
	case a.long:
		return nil, fmt.Errorf("the attribute %q has %d numbers or more", name, maxElement)
	}
	return a.ints, nil
}

// sizes returns an attribute of count numbers of at least least, or the usual ones.
func (n *node) sizes(name string, count int, least, usual int64) ([]int, error) {
	list, err := n.ints(name)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		list = slices.Repeat([]int64{usual}, count)
	}
	if len(list) != count {
		return nil, fmt.Errorf("the attribute %q has %d numbers, not %d", name, len(list), count)
	}
	out := make([]int, count)
	for i, v := range list {
		if v < least || v > math.MaxInt32/4 {
			return nil, fmt.Errorf("the attribute %q is %v", name, list)
		}
		out[i] = int(v)
	}
	return out, nil
}

// order returns the order of axes of a Transpose of so many.
func (n *node) order(axes int) ([]int64, error) {
	order, err := n.ints("perm")
	if err != nil {
		return nil, err
	}
	if order == nil {
		for i := axes - 1; i >= 0; i-- {
			order = append(order, int64(i))
		}
	}
	seen := make([]bool, axes)
	for _, k := range order {
		if k < 0 || k >= int64(axes) || seen[k] || len(order) != axes {
			return nil, fmt.Errorf("the attribute \"perm\" is %v for %d axes", order, axes)
		}
		seen[k] = true
	}
	return order, nil
}

// only returns an error where the node has attributes other than these: what is
// not known cannot be followed.
func (n *node) only(names ...string) error {
	var other []string
	for name := range n.attributes {
		if !slices.Contains(names, name) {
			other = append(other, name)
		}
	}
	if len(other) == 0 {
		return nil
	}
	sort.Strings(other)
	return fmt.Errorf("the attribute %s is not known", strings.Join(other, ", "))
}
