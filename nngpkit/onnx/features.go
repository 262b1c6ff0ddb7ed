package onnx

import (
	"fmt"
	"slices"
	"strings"
)

// poolings are the operations that the head of a network may begin behind.
var poolings = []string{"GlobalAveragePool", "GlobalMaxPool", "AveragePool", "MaxPool", "ReduceMean", "ReduceMax"}

// passive are operations of a head that have no parameters.
var passive = []string{
	"Flatten", "Reshape", "Squeeze", "Unsqueeze", "Dropout", "Identity", "Softmax", "LogSoftmax", "Sigmoid", "Cast",
	"Shape", "Gather", "Concat", "Constant", "Slice", "Transpose",
}

// features returns the name of the value that the features are, and the nodes of
// the head behind it.
func (g *graph) features(name string, pooling func(n *node) (bool, error)) (string, []*node, error) {
	all, err := g.order(g.outputs[0].name)
	if err != nil {
		return "", nil, err
	}
	if name != "" {
		value, err := g.named(name)
		if err != nil {
			return "", nil, err
		}
		body, err := g.order(value)
		if err != nil {
			return "", nil, err
		}
		before := map[*node]bool{}
		for _, n := range body {
			before[n] = true
		}
		return value, slices.DeleteFunc(all, func(n *node) bool { return before[n] }), nil
	}
	if !g.dependent[g.outputs[0].name] {
		return "", nil, fmt.Errorf("the output %q is not computed from the image %q", g.outputs[0].name, g.image.name)
	}
	cuts := g.cuts(all)
	for i := len(cuts) - 1; i >= 0; i-- {
		n := all[cuts[i]]
		if !slices.Contains(poolings, n.op) {
			continue
		}
		ok, err := pooling(n)
		if err != nil {
			return "", nil, err
		}
		if ok {
			return n.out[0], all[cuts[i]+1:], g.checkHead(n, all[cuts[i]+1:])
		}
	}
	return "", nil, fmt.Errorf("there is no pooling that all of the network passes through: say which node's result is the features (nodes: %s)", g.lastNames(all))
}

// cuts returns the places in a topological order of the nodes that everything
// from the image to the end passes through.
func (g *graph) cuts(all []*node) []int {
	last := map[string]int{}
	for i, n := range all {
		if n.op == "Shape" || n.op == "Size" {
			continue
		}
		for _, in := range n.in {
			if g.dependent[in] {
				last[in] = i
			}
		}
	}
	last[g.outputs[0].name] = len(all)
	var out []int
	furthest := last[g.image.name] // reader of what was made before
	for i, n := range all {
		if len(n.out) == 0 || !g.dependent[n.out[0]] {
			continue
		}
		others := 0 // of its results that are read
		for _, o := range n.out[1:] {
			if _, ok := last[o]; ok {
				others++
			}
		}
		if _, ok := last[n.out[0]]; ok && furthest <= i && others == 0 {
			out = append(out, i)
		}
		for _, o := range n.out {
			furthest = max(furthest, last[o])
		}
	}
	return out
}

// checkHead refuses a head that is none: convolutions of images behind a pooling
// over windows.
func (g *graph) checkHead(n *node, head []*node) error {
	if n.op != "AveragePool" && n.op != "MaxPool" {
		return nil
	}
	for _, h := range head {
		if h.op == "Conv" {
			return fmt.Errorf("the last pooling, %s, is followed by %s, so that it does not end the network: say which node's result is the features (nodes: %s)", n.label(), h.label(), g.lastNames(head))
		}
	}
	return nil
}

// lastNames lists the last nodes, for who has to choose one.
func (g *graph) lastNames(all []*node) string {
	var names []string
	for i := len(all) - 1; i >= 0 && len(names) < 8; i-- {
		n := all[i]
		switch {
		case len(n.out) == 0 || !g.dependent[n.out[0]]:
		case n.name != "":
			names = append(names, n.name)
		default:
			names = append(names, n.out[0])
		}
	}
	slices.Reverse(names)
	return strings.Join(names, ", ")
}

// named returns the value that a node of that name makes, or the value of that
// name.
func (g *graph) named(name string) (string, error) {
	var found []*node
	for _, n := range g.nodes {
		if n.name == name {
			found = append(found, n)
		}
	}
	switch {
	case len(found) > 1:
		return "", fmt.Errorf("%d nodes are called %q: give the name of a value that one of them makes, such as %q", len(found), name, firstOf(found[0].out))
	case len(found) == 1 && len(found[0].out) > 0:
		name = found[0].out[0]
	case g.producer[name] == nil:
		return "", fmt.Errorf("no node and no value is called %q; the last ones are %s", name, g.lastNames(g.nodes))
	}
	if !g.dependent[name] {
		return "", fmt.Errorf("%q is not computed from the image %q", name, g.image.name)
	}
	return name, nil
}

func firstOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}
