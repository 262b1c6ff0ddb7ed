// Package onnx reads a network that was exported to ONNX into an arch.Network, so
// that it can be scored at random initialization. The weights are left behind,
// read past and not into memory: a file without them, or with them in another file,
// reads as well.
//
// The head is cut off: the features are what the last pooling gives that all of
// the network passes through, or the result of the node that Options.Features
// names.
//
// An operation, an attribute or a shape that has no equivalent here is an error
// that names the node. Activations are recognized by what they compute, in
// whichever way an exporter writes them; so are channel shuffles, additions of a
// bias, and shapes that are computed from shapes.
//
// Exporters fold batch normalization into the convolutions before it unless told
// not to. Such a file reads too, as a network without normalization: see
// Model.Normalizations. With PyTorch, the arguments training=TrainingMode.PRESERVE
// and do_constant_folding=False of torch.onnx.export keep it.
package onnx

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/nngpkit/arch"
)

// Options say how a file is read. The zero value takes everything from the file.
type Options struct {
	// Input is the shape of the images that the network shall read, in place of what
	// the file states; zeros leave a size as it is. Channels cannot be changed. A
	// file in which shapes are written out for one size is refused for others.
	Input arch.Shape
	// Open are the sizes of what the file leaves open.
	Open arch.Shape
	// Features names the node, or the value, whose result is the features; empty
	// means the last pooling.
	Features string
}

// Model is what a file holds.
type Model struct {
	Network  *arch.Network
	Producer string // the program that wrote the file, as it says
	Opset    int64  // version of the operations

	Features string   // the node whose result is the features, or the value where it has no name
	Head     []string // operations behind it that were cut off and have parameters, with their nodes

	// Normalizations counts the batch normalizations. Where there are convolutions
	// and none of these, an exporter may have folded them into the convolutions.
	Normalizations int
	// AnySize says that the file leaves rows or columns of the images open.
	AnySize bool
	// HeadParameters counts the parameters that were cut off and that
	// Network.Classes does not stand for, as those of a head of several layers.
	HeadParameters int

	Origins []Origin // of each node of Network
}

// Origin says what a node of a network was in the file: the node, and the names of
// its parameters, where it has some.
type Origin struct {
	Node                         string
	Weights, Bias                string
	Scale, Shift, Mean, Variance string
}

// ReadFile reads the file of that name. The network bears the name of the file
// without its ending.
func ReadFile(path string, o Options) (*Model, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(path), ".onnx")
	m, err := read(f, info.Size(), name, filepath.Dir(path), o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Read reads a file of so many bytes; name is the network's.
func Read(r io.ReaderAt, size int64, name string, o Options) (*Model, error) {
	m, err := read(r, size, name, "", o)
	if err != nil {
		return nil, fmt.Errorf("onnx: network %q: %w", name, err)
	}
	return m, nil
}

func read(r io.ReaderAt, size int64, name, folder string, o Options) (*Model, error) {
	f, err := parse(r, size)
	if err != nil {
		return nil, err
	}
	g, err := newGraph(f, folder)
	if err != nil {
		return nil, err
	}
	input, images, err := g.shape(o)
	if err != nil {
		return nil, err
	}
	fresh := func() *converter {
		c := newConverter(g, name, input, images)
		c.resized = o.Input.H > 0 || o.Input.W > 0
		return c
	}
	value, head, err := g.features(o.Features, func(n *node) (bool, error) {
		if n.op != "ReduceMean" && n.op != "ReduceMax" {
			return true, nil
		}
		if _, err := fresh().convert(n.in[0]); err != nil {
			return false, err
		}
		_, err := fresh().convert(n.out[0])
		return err == nil, nil
	})
	if err != nil {
		return nil, err
	}
	c := fresh()
	return c.model(value, head)
}

// model makes the network whose features a value is.
func (c *converter) model(features string, head []*node) (*Model, error) {
	v, err := c.convert(features)
	if err != nil {
		return nil, err
	}
	if v.term == nil {
		return nil, fmt.Errorf("the features %q are constant", features)
	}
	at, err := c.place(v.term)
	if err != nil {
		return nil, err
	}
	if at != c.b.Len()-1 {
		at = c.b.Skip(at)
		c.named(at, c.g.producer[features])
	}
	m := &Model{Producer: c.g.file.producer, Opset: c.g.opset, Features: features}
	if n := c.g.producer[features]; n != nil && n.name != "" {
		m.Features = n.name
	}
	m.AnySize = c.g.anySize()
	classes := c.head(m, features, head)
	if m.Network, err = c.b.Network(classes); err != nil {
		return nil, err
	}
	for len(c.origins) < len(m.Network.Nodes) {
		c.origins = append(c.origins, Origin{})
	}
	m.Origins = c.origins
	for i := range m.Network.Nodes {
		if nd := &m.Network.Nodes[i]; nd.Norm || nd.Kind == arch.BatchNorm {
			m.Normalizations++
		}
	}
	return m, nil
}

// head notes what was cut off, and returns the classes where that is one fully
// connected layer with a bias, or a convolution in its place.
func (c *converter) head(m *Model, features string, head []*node) (classes int) {
	layers, other := 0, false
	biased := false
	for _, n := range head {
		if !c.dependsOn(n) {
			continue
		}
		total := 0
		for i := max(1, ownInputs[n.op]); i < len(n.in); i++ {
			t := c.headParameter(n.in[i])
			if t == nil || n.op == "BatchNormalization" && i > 2 {
				continue
			}
			total += int(max(0, t.size()))
			if i == 2 {
				biased = true
			}
		}
		switch {
		case n.op == "Gemm" || n.op == "MatMul" || n.op == "Conv":
			layers++
			if t := c.headParameter(firstOf(n.in[min(1, len(n.in)):])); t != nil && len(t.dims) > 1 {
				classes = int(t.dims[0])
				if n.op == "MatMul" || n.op == "Gemm" && n.int("transB", 0) == 0 {
					classes = int(t.dims[1])
				}
			}
		case n.op == "Add" && total == classes && classes > 0:
			biased = true
		case !slices.Contains(passive, n.op):
			other = true
		}
		if total > 0 {
			m.HeadParameters += total
			m.Head = append(m.Head, n.label())
		}
	}
	size := 0
	if v := c.values[features]; v != nil && v.term != nil {
		size = v.term.shape.Size()
	}
	if layers != 1 || other || !biased || m.HeadParameters != size*classes+classes {
		return 0
	}
	m.HeadParameters = 0
	return classes
}

// dependsOn tells whether a node computes something from the image.
func (c *converter) dependsOn(n *node) bool { return len(n.out) > 0 && c.g.dependent[n.out[0]] }

// headParameter returns the constant of a node that was cut off, nil where it has
// none that is a parameter.
func (c *converter) headParameter(name string) *tensor {
	if name == "" || c.g.dependent[name] {
		return nil
	}
	v, err := c.convert(name)
	if err != nil || v.constant == nil || v.constant.kind != 0 && !v.constant.floating() || v.constant.size() < 2 {
		return nil
	}
	return v.constant
}
