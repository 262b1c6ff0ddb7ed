package onnx

import (
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// file is what is read of an ONNX file: the graph, without its weights.
type file struct {
	format    int64 // version of the file's format
	producer  string
	opset     int64 // of the standard operations
	nodes     []*node
	constants map[string]*tensor // initializers, by name
	inputs    []valueInfo
	outputs   []valueInfo
	known     map[string]valueInfo // shapes that the file states of its own values
	hasGraph  bool
}

// node is an operation of the graph.
type node struct {
	name, op, domain string
	in, out          []string
	attributes       map[string]*attribute
	index            int
}

// label names the node in messages.
func (n *node) label() string {
	switch {
	case n.name != "":
		return fmt.Sprintf("node %q (%s)", n.name, n.op)
	case len(n.out) > 0:
		return fmt.Sprintf("node %d (%s), which makes %q", n.index, n.op, n.out[0])
	}
	return fmt.Sprintf("node %d (%s)", n.index, n.op)
}

// attribute is a parameter of a node.
type attribute struct {
	f      float64
	i      int64
	s      string
	floats []float64
	ints   []int64
	tensor *tensor
	other  bool // holds a graph, or what is not read
	long   bool // has more elements than are kept
}

// valueInfo is what a file says of a value: its shape, -1 where a size is open.
type valueInfo struct {
	name  string
	typed bool // the file says that it is a tensor with so many axes
	dims  []int64
	names []string // of open sizes
}

// parser reads messages.
type parser struct{ out *file }

// parse reads the file of so many bytes.
func parse(r io.ReaderAt, size int64) (*file, error) {
	src := &source{r: r}
	out := &file{constants: map[string]*tensor{}, known: map[string]valueInfo{}}
	p := &parser{out}
	if size == 0 {
		return nil, errors.New("an empty file")
	}
	if err := (message{src, 0, size}).fields(p.model); err != nil {
		return nil, err
	}
	switch {
	case !out.hasGraph:
		return nil, errors.New("no ONNX file: it holds no graph")
	case len(out.nodes) == 0:
		return nil, errors.New("the graph has no nodes")
	case out.opset == 0 && out.format >= 3:
		return nil, errors.New("the file does not say which version of the operations it uses: damaged, or a part of it is missing")
	case out.opset == 0:
		out.opset = 1 // as the format has it before version 3
	}
	return out, nil
}

func (p *parser) model(f field) error {
	switch f.number {
	case 1:
		return f.integer(&p.out.format)
	case 2:
		return f.text(&p.out.producer)
	case 7:
		if p.out.hasGraph {
			return fmt.Errorf("byte %d: a second graph", f.at)
		}
		p.out.hasGraph = true
		return f.sub(p.graph)
	case 8:
		return p.opset(f)
	}
	return nil
}

func (p *parser) opset(f field) error {
	var domain string
	var version int64
	err := f.sub(func(f field) error {
		switch f.number {
		case 1:
			return f.text(&domain)
		case 2:
			return f.integer(&version)
		}
		return nil
	})
	if err == nil && standard(domain) {
		if version < 1 || version > 1<<20 {
			return fmt.Errorf("version %d of the operations", version)
		}
		p.out.opset = version
	}
	return err
}

// standard tells whether a domain is that of ONNX's own operations.
func standard(domain string) bool { return domain == "" || domain == "ai.onnx" }

// count counts the memory of something small.
func (p *parser) count(f field) error {
	if f.kind != protowire.BytesType {
		return nil
	}
	return f.body.src.keep(128)
}

func (p *parser) graph(f field) error {
	if err := p.count(f); err != nil {
		return err
	}
	g := p.out
	switch f.number {
	case 1:
		n := &node{index: len(g.nodes), attributes: map[string]*attribute{}}
		if err := f.sub(func(f field) error { return p.node(n, f) }); err != nil {
			return err
		}
		g.nodes = append(g.nodes, n)
	case 5:
		t, err := p.tensor(f)
		if err != nil {
			return err
		}
		if g.constants[t.name] != nil {
			return fmt.Errorf("two initializers are called %q", t.name)
		}
		g.constants[t.name] = t
	case 11, 12, 13:
		v, err := p.valueInfo(f)
		if err != nil {
			return err
		}
		switch f.number {
		case 11:
			g.inputs = append(g.inputs, v)
		case 12:
			g.outputs = append(g.outputs, v)
		}
		g.known[v.name] = v
	}
	return nil
}

func (p *parser) node(n *node, f field) error {
	if err := p.count(f); err != nil {
		return err
	}
	name := func(to *[]string) error {
		var s string
		err := f.text(&s)
		*to = append(*to, s)
		return err
	}
	switch f.number {
	case 1:
		return name(&n.in)
	case 2:
		return name(&n.out)
	case 3:
		return f.text(&n.name)
	case 4:
		return f.text(&n.op)
	case 7:
		return f.text(&n.domain)
	case 5:
		var key string
		a := new(attribute)
		if err := f.sub(func(f field) error { return p.attribute(a, &key, f) }); err != nil {
			return err
		}
		if n.attributes[key] != nil {
			return fmt.Errorf("%s has two attributes %q", n.label(), key)
		}
		n.attributes[key] = a
	}
	return nil
}

func (p *parser) attribute(a *attribute, key *string, f field) error {
	switch f.number {
	case 1:
		return f.text(key)
	case 2:
		if err := f.want(protowire.Fixed32Type); err != nil {
			return err
		}
		a.f = float64(math.Float32frombits(uint32(f.value)))
	case 3:
		return f.integer(&a.i)
	case 4:
		if f.kind == protowire.BytesType && f.body.end-f.body.at > maxText {
			a.long = true
			return nil
		}
		return f.text(&a.s)
	case 5:
		var err error
		a.tensor, err = p.tensor(f)
		return err
	case 7:
		n, err := f.floats(&a.floats, maxElement)
		a.long = a.long || n > maxElement || len(a.floats) == maxElement
		return err
	case 8:
		n, err := f.integers(&a.ints, maxElement)
		a.long = a.long || n > maxElement || len(a.ints) == maxElement
		return err
	case 6, 9, 10, 11, 14, 15, 21, 22, 23:
		a.other = true
	}
	return nil
}

func (p *parser) valueInfo(f field) (valueInfo, error) {
	var v valueInfo
	dim := func(f field) error {
		if err := p.count(f); err != nil {
			return err
		}
		size, name := int64(-1), ""
		err := f.sub(func(f field) error {
			switch f.number {
			case 1:
				return f.integer(&size)
			case 2:
				return f.text(&name)
			}
			return nil
		})
		v.dims, v.names = append(v.dims, size), append(v.names, name)
		return err
	}
	shape := func(f field) error {
		if f.number != 1 {
			return nil
		}
		return dim(f)
	}
	tensorType := func(f field) error {
		if f.number != 2 {
			return nil
		}
		v.typed = true
		return f.sub(shape)
	}
	err := f.sub(func(f field) error {
		switch f.number {
		case 1:
			return f.text(&v.name)
		case 2:
			return f.sub(func(f field) error {
				if f.number != 1 {
					return nil
				}
				return f.sub(tensorType)
			})
		}
		return nil
	})
	return v, err
}
