package nasbench

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// ImageShape is the input of the published networks, 32 x 32 x 3.
var ImageShape = arch.Shape{H: imageSide, W: imageSide, C: imageChannels}

// Network returns the cell's network: a 3x3 convolution to stem channels,
// three stacks of three modules with a 2x2 max pooling of stride 2 before the
// second and third, where the channels double, and the global average pool as
// features (4*stem values). Classes is 10, so that Parameters counts the
// published networks' head, and the end of each module is marked. The published
// stem is StemWidth; the zero Shape means ImageShape.
//
// It is an error if the stem is too narrow for the cell: see MinStem.
func (s Spec) Network(stem int, input arch.Shape) (*arch.Network, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if m := s.MinStem(); stem < m {
		return nil, s.tooNarrow(stem)
	}
	if input == (arch.Shape{}) {
		input = ImageShape
	}
	b := arch.NewBuilder(s.Hash(), input)
	x := b.Conv(0, convLayer("stem", 3, stem))
	stack, channels := 0, stem
	for ; stack < Stacks; stack++ {
		if stack > 0 {
			x = b.MaxPool(x, 2, 2)
			channels *= 2
		}
		for m := 0; m < StackModules; m++ {
			name := fmt.Sprintf("stack%d/module%d", stack, m)
			x = b.Mark(s.addModule(b, x, channels, name), name)
		}
	}
	b.GlobalAvgPool(x)
	return b.Network(Classes)
}

func convLayer(name string, kernel, channels int) arch.Layer {
	return arch.Layer{Name: name, Kernel: kernel, Channels: channels, Norm: true, Act: arch.ReLU}
}

// addModule appends one module reading node x and returns its output node.
func (s *Spec) addModule(b *arch.Builder, x, out int, name string) int {
	last := int(s.n) - 1
	c := s.channels(b.Shape(x).C, out)
	project := func(v int) int {
		return b.Conv(x, convLayer(fmt.Sprintf("%s/vertex%d/projection", name, v), 1, c[v]))
	}
	var node [MaxVertices]int
	var concat []int
	for v := 1; v < last; v++ {
		var in []int
		for u := 1; u < v; u++ {
			if s.edge(u, v) {
				in = append(in, node[u])
			}
		}
		if s.edge(0, v) {
			in = append(in, project(v))
		}
		node[v] = s.addVertex(b, v, sum(b, c[v], in), c[v], name)
		if s.edge(v, last) {
			concat = append(concat, node[v])
		}
	}
	if len(concat) == 0 {
		return project(last)
	}
	y := concat[0]
	if len(concat) > 1 {
		y = b.Concat(concat...)
	}
	if s.edge(0, last) {
		y = b.Sum(out, y, project(last))
	}
	return y
}

// sum appends the sum of the nodes, each cut to the given channels, or
// nothing where the only node has just these.
func sum(b *arch.Builder, channels int, in []int) int {
	if len(in) == 1 && b.Shape(in[0]).C == channels {
		return in[0]
	}
	return b.Sum(channels, in...)
}

func (s *Spec) addVertex(b *arch.Builder, v, in, channels int, name string) int {
	name = fmt.Sprintf("%s/vertex%d", name, v)
	switch s.ops[v] {
	case Conv3x3:
		return b.Conv(in, convLayer(name, 3, channels))
	case Conv1x1:
		return b.Conv(in, convLayer(name, 1, channels))
	case MaxPool3x3:
		return b.MaxPool(in, 3, 1)
	}
	panic(fmt.Sprintf("nasbench: no layer for %v", s.ops[v])) // Validate lets no other pass
}
