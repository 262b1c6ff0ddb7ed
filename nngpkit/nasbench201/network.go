package nasbench201

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// The published networks.
const (
	StemWidth  = 16 // channels of the stem
	StageCells = 5  // cells in each of the three stages
	Stages     = 3
	Classes    = 10 // of CIFAR-10
)

// ImageShape is the input of the published networks for CIFAR-10. Those for
// ImageNet16-120 read 16x16x3.
var ImageShape = arch.Shape{H: 32, W: 32, C: 3}

// Skeleton says what a cell is stacked into. The zero value is the published
// network for CIFAR-10.
type Skeleton struct {
	Width   int        // channels of the stem; 0 means 16
	Cells   int        // cells in each stage; 0 means 5
	Classes int        // outputs of the trained network; 0 means 10
	Input   arch.Shape // of the images; the zero shape means 32x32x3
}

func (k Skeleton) withDefaults() Skeleton {
	if k.Width == 0 {
		k.Width = StemWidth
	}
	if k.Cells == 0 {
		k.Cells = StageCells
	}
	if k.Classes == 0 {
		k.Classes = Classes
	}
	if k.Input == (arch.Shape{}) {
		k.Input = ImageShape
	}
	return k
}

func (k Skeleton) check() error {
	const most = 1 << 12
	in := k.Input
	switch {
	case k.Width < 1 || k.Width > most:
		return fmt.Errorf("nasbench201: a width of %d: want 1 to %d", k.Width, most)
	case k.Cells < 1 || k.Cells > most:
		return fmt.Errorf("nasbench201: %d cells in a stage: want 1 to %d", k.Cells, most)
	case k.Classes < 1 || k.Classes > 1<<24:
		return fmt.Errorf("nasbench201: %d classes", k.Classes)
	case in.H < 1 || in.W < 1 || in.C < 1:
		return fmt.Errorf("nasbench201: images of %v", in)
	case in.H%4 != 0 || in.W%4 != 0:
		return fmt.Errorf("nasbench201: images of %v: the network halves them twice, so both sides must be multiples of 4", in)
	}
	return nil
}

// Network returns the cell's network: a 3x3 convolution to the width and batch
// normalization; three stages of cells, before the second and third a residual
// block that halves the image and doubles the channels; batch normalization,
// ReLU, and the global average pool as features (4*width values). Every
// operation of a cell is there, also where it does not lead to the output, as
// in the published networks, whose parameters count it; the end of each cell is
// marked. Batch normalization has epsilon 1e-5 and, as PyTorch's default, momentum 0.9 of the old value.
//
// An image whose sides are no multiples of 4 is an error: there the published
// network has no sum of its residual blocks.
func (c Cell) Network(k Skeleton) (*arch.Network, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	k = k.withDefaults()
	if err := k.check(); err != nil {
		return nil, err
	}
	n := net{c, arch.NewBuilder(c.String(), k.Input)}
	x := n.conv(0, "stem", 3, 1, k.Width, arch.Identity)
	width := k.Width
	for stage := 0; stage < Stages; stage++ {
		if stage > 0 {
			width *= 2
			x = n.residual(x, width, fmt.Sprintf("reduction%d", stage))
		}
		for m := 0; m < k.Cells; m++ {
			name := fmt.Sprintf("stage%d/cell%d", stage, m)
			x = n.b.Mark(n.cell(x, width, name), name)
		}
	}
	x = n.b.BatchNorm(x, arch.Layer{Name: "last", NormMomentum: momentum})
	n.b.GlobalAvgPool(n.b.Activate(x, arch.ReLU))
	return n.b.Network(k.Classes)
}

const momentum = 0.9

// net writes a cell's network down.
type net struct {
	c Cell
	b *arch.Builder
}

// conv appends a convolution with padding as in PyTorch and normalization.
func (n net) conv(x int, name string, kernel, stride, channels int, act arch.Activation) int {
	return n.b.Conv(x, arch.Layer{
		Name: name, Kernel: kernel, Stride: stride, Channels: channels, Padding: arch.Padded(kernel / 2),
		Norm: true, NormMomentum: momentum, Act: act,
	})
}

// residual appends the block between stages: two convolutions beside a mean of
// 2x2 pixels with a 1x1 convolution.
func (n net) residual(x, channels int, name string) int {
	y := n.conv(n.b.Activate(x, arch.ReLU), name+"/conv_a", 3, 2, channels, arch.ReLU)
	y = n.conv(y, name+"/conv_b", 3, 1, channels, arch.Identity)
	s := n.b.AvgPoolOf(x, arch.Pooling{Name: name + "/pool", Kernel: 2, Stride: 2, Padding: arch.Padded(0)})
	s = n.b.Conv(s, arch.Layer{Name: name + "/downsample", Kernel: 1, Channels: channels})
	return n.b.Sum(channels, s, y)
}

// cell appends one cell reading x and returns its output node.
func (n net) cell(x, channels int, name string) int {
	node := [Nodes]int{x}
	var relu [Nodes]int // of each node, 0 where no convolution has asked for it
	for j := 1; j < Nodes; j++ {
		var in []int
		for i := 0; i < j; i++ {
			label := fmt.Sprintf("%s/edge%d-%d", name, i, j)
			switch o := n.c[edge(i, j)]; o {
			case None:
			case Skip:
				in = append(in, node[i])
			case Conv1x1, Conv3x3:
				if relu[i] == 0 {
					relu[i] = n.b.Activate(node[i], arch.ReLU)
				}
				in = append(in, n.conv(relu[i], label, map[Op]int{Conv1x1: 1, Conv3x3: 3}[o], 1, channels, arch.Identity))
			case AvgPool3x3:
				in = append(in, n.b.AvgPoolOf(node[i], arch.Pooling{Name: label, Kernel: 3, Padding: arch.Padded(1)}))
			default:
				panic("nasbench201: no layer for " + o.String()) // Validate lets no other pass
			}
		}
		node[j] = n.sum(x, channels, in)
	}
	return node[Nodes-1]
}

// sum appends the sum of the nodes: zeros like x where there are none.
func (n net) sum(x, channels int, in []int) int {
	switch len(in) {
	case 0:
		return n.b.Zero(x, channels, 1)
	case 1:
		return in[0]
	}
	return n.b.Sum(channels, in...)
}
