package onnx

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// graph is what a file holds, with what reads and makes each value.
type graph struct {
	*file
	folder       string // of the file, for data outside of it; "" where there is none
	producer     map[string]*node
	read         map[string]int // how many inputs of nodes and outputs of the graph read a value
	consumer     map[string]*node
	image        valueInfo
	channelsLast bool                 // rows, columns, channels; turned by the nodes that read it
	parameters   map[string]valueInfo // inputs of the graph that are parameters of the network
	dependent    map[string]bool      // values that are computed from the image, shapes apart
}

// newGraph finds out who makes and reads each value, and which input is the image.
func newGraph(f *file, folder string) (*graph, error) {
	g := &graph{
		file: f, folder: folder, producer: map[string]*node{}, read: map[string]int{}, consumer: map[string]*node{},
		parameters: map[string]valueInfo{}, dependent: map[string]bool{},
	}
	for _, n := range f.nodes {
		for _, out := range n.out {
			if out == "" {
				continue
			}
			if other := g.producer[out]; other != nil {
				return nil, fmt.Errorf("the value %q is made by two nodes: %s and %s", out, other.label(), n.label())
			}
			if f.constants[out] != nil {
				return nil, fmt.Errorf("the value %q is an initializer, and %s makes it, too", out, n.label())
			}
			g.producer[out] = n
		}
		for _, in := range n.in {
			g.read[in]++
			g.consumer[in] = n
		}
	}
	for _, out := range f.outputs {
		g.read[out.name]++
	}
	if len(f.outputs) == 0 {
		return nil, errors.New("the graph has no output")
	}
	return g, g.findImage()
}

// ownInputs are the inputs of an operation, from the given one on, that are its
// parameters.
var ownInputs = map[string]int{"Conv": 1, "BatchNormalization": 1, "Gemm": 1, "MatMul": 1, "PRelu": 1, "LayerNormalization": 1}

// findImage finds the input that is the image: the one with four axes that is not
// used as a parameter. Exporters may write parameters as inputs, too.
func (g *graph) findImage() error {
	readers := map[string][]*node{}
	for _, n := range g.nodes {
		for _, in := range n.in {
			readers[in] = append(readers[in], n)
		}
	}
	var seen []string
	found := false
	for _, in := range g.inputs {
		if g.constants[in.name] != nil {
			continue
		}
		seen = append(seen, fmt.Sprintf("%q of %d axes", in.name, len(in.dims)))
		if len(in.dims) != 4 || len(readers[in.name]) == 0 || parameterOnly(in.name, readers, 8) {
			g.parameters[in.name] = in
			continue
		}
		if found {
			return fmt.Errorf("both inputs %q and %q could be the image: a graph with one image as its input is known", g.image.name, in.name)
		}
		g.image, found = in, true
	}
	if !found {
		if len(seen) == 0 {
			return errors.New("the graph has no input: an image of four axes (batch x channels x rows x columns) should be one")
		}
		return fmt.Errorf("no input is an image of four axes (batch x channels x rows x columns) that a node reads: the inputs are %s", strings.Join(seen, ", "))
	}
	turned := 0
	for _, n := range readers[g.image.name] {
		if order, err := n.ints("perm"); n.op == "Transpose" && err == nil && slices.Equal(order, []int64{0, 3, 1, 2}) {
			turned++
		}
	}
	g.channelsLast = turned > 0 && turned == len(readers[g.image.name])
	g.mark()
	return nil
}

// parameterOnly tells whether a value is used as a parameter and nothing else.
func parameterOnly(name string, readers map[string][]*node, depth int) bool {
	for _, n := range readers[name] {
		switch n.op {
		case "Identity", "Cast", "Transpose":
			if depth == 0 || len(n.out) == 0 || !parameterOnly(n.out[0], readers, depth-1) {
				return false
			}
			continue
		}
		first, ok := ownInputs[n.op]
		if !ok || slices.Index(n.in, name) < first {
			return false
		}
	}
	return len(readers[name]) > 0
}

// mark notes which values are computed from the image.
func (g *graph) mark() {
	readers := map[string][]*node{}
	for _, n := range g.nodes {
		for _, in := range n.in {
			readers[in] = append(readers[in], n)
		}
	}
	g.dependent[g.image.name] = true
	todo := []string{g.image.name}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, n := range readers[name] {
			if n.op == "Shape" || n.op == "Size" {
				continue
			}
			for _, out := range n.out {
				if out != "" && !g.dependent[out] {
					g.dependent[out] = true
					todo = append(todo, out)
				}
			}
		}
	}
}

// order returns the nodes that a value needs, each behind those that it needs.
func (g *graph) order(name string) ([]*node, error) {
	const open, done = 1, 2
	state := map[*node]int{}
	var out []*node
	type frame struct {
		n    *node
		next int
	}
	var stack []frame
	enter := func(name string) error {
		n := g.producer[name]
		if n == nil {
			return nil
		}
		switch state[n] {
		case open:
			return fmt.Errorf("%s reads what is computed from its own result: the graph has a cycle", n.label())
		case done:
			return nil
		}
		state[n] = open
		stack = append(stack, frame{n, 0})
		return nil
	}
	if err := enter(name); err != nil {
		return nil, err
	}
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		if f.next < len(f.n.in) {
			f.next++
			if err := enter(f.n.in[f.next-1]); err != nil {
				return nil, err
			}
			continue
		}
		state[f.n] = done
		out = append(out, f.n)
		stack = stack[:len(stack)-1]
	}
	return out, nil
}

// shape returns the shape of the image, and the batch that the file fixes.
func (g *graph) shape(o Options) (arch.Shape, int, error) {
	places := [4]int{0, 1, 2, 3}
	if g.channelsLast {
		places = [4]int{0, 3, 1, 2}
	}
	var size [4]int
	given := [4]int{1, o.Input.C, o.Input.H, o.Input.W}
	usual := [4]int{1, o.Open.C, o.Open.H, o.Open.W}
	for i, k := range places {
		d, word := g.image.dims[k], [4]string{"batch", "number of channels", "number of rows", "number of columns"}[i]
		switch {
		case i > 0 && given[i] > 0 && !(i == 1 && d > 0 && int(d) != given[i]):
			size[i] = given[i]
		case i == 1 && given[i] > 0:
			return arch.Shape{}, 0, fmt.Errorf("the input %q has %d channels, and %d are asked for", g.image.name, d, given[i])
		case d > 0 && d < 1<<24:
			size[i] = int(d)
		case d > 0:
			return arch.Shape{}, 0, fmt.Errorf("the input %q has a %s of %d", g.image.name, word, d)
		case usual[i] > 0:
			size[i] = usual[i]
		default:
			return arch.Shape{}, 0, fmt.Errorf("the input %q leaves its %s open: say what it shall be", g.image.name, word)
		}
	}
	return arch.Shape{H: size[2], W: size[3], C: size[1]}, size[0], nil
}

// anySize tells whether the file leaves rows or columns of the image open.
func (g *graph) anySize() bool {
	sides := g.image.dims[2:]
	if g.channelsLast {
		sides = g.image.dims[1:3]
	}
	return sides[0] <= 0 || sides[1] <= 0
}
