package mnasnet

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// builder writes a network down.
type builder struct {
	*arch.Builder
	r *recipe
	k Skeleton
}

// network builds the network of a recipe: every convolution but those of
// squeeze-and-excite has batch normalization, padding as in PyTorch, and no bias.
func (r *recipe) network(k Skeleton) (*arch.Network, error) {
	k, err := k.resolved(r)
	if err != nil {
		return nil, err
	}
	b := builder{arch.NewBuilder(r.name, k.Input), r, k}
	x := b.Mark(b.conv(0, "stem", 3, 2, k.scaled(StemWidth), k.Act), "stem")
	for s := range r.stages {
		st := &r.stages[s]
		for i := range st.layers {
			stride := 1
			if i == 0 {
				stride = strides[s]
			}
			x = b.block(x, st, stride, fmt.Sprintf("stage%d/block%d", s, i))
		}
		b.Mark(x, fmt.Sprintf("stage%d", s))
	}
	x = b.conv(x, "head", 1, 1, k.scaled(r.head), k.Act)
	b.GlobalAvgPool(x)
	return b.Network(k.Classes)
}

func (b builder) layer(name string, kernel, stride int, act arch.Activation) arch.Layer {
	return arch.Layer{
		Name: name, Kernel: kernel, Stride: stride, Padding: arch.Padded(kernel / 2),
		Norm: true, NormEpsilon: normEpsilon, NormMomentum: normMomentum, Act: act, Init: *b.k.Init,
	}
}

func (b builder) conv(x int, name string, kernel, stride, channels int, act arch.Activation) int {
	l := b.layer(name, kernel, stride, act)
	l.Channels = channels
	return b.Conv(x, l)
}

// block appends one block of a stage.
func (b builder) block(x int, st *stage, stride int, name string) int {
	in, out := b.Shape(x).C, b.k.scaled(st.channels)
	if st.conv {
		return b.conv(x, name, st.kernel, stride, out, b.k.Act)
	}
	y := x
	if st.expansion != 1 {
		y = b.conv(y, name+"/expand", 1, 1, in*st.expansion, b.k.Act)
	}
	y = b.Depthwise(y, b.layer(name+"/depthwise", st.kernel, stride, b.k.Act))
	if st.se {
		y = b.squeezeExcite(y, squeezed(in), name)
	}
	y = b.conv(y, name+"/project", 1, 1, out, arch.Identity)
	if stride == 1 && in == out {
		y = b.Sum(out, x, y)
	}
	return y
}

// squeezeExcite appends factors for the channels of x and the product.
func (b builder) squeezeExcite(x, channels int, name string) int {
	inside, gate := b.r.squeeze, b.r.gate
	if inside == arch.Identity {
		inside = b.k.Act
	}
	if b.k.Act == arch.Swish {
		gate = arch.Sigmoid
	}
	f := b.GlobalAvgPool(x)
	f = b.Conv(f, arch.Layer{Name: name + "/squeeze", Channels: channels, Bias: true, Act: inside, Init: *b.k.Init})
	f = b.Conv(f, arch.Layer{Name: name + "/excite", Channels: b.Shape(x).C, Bias: true, Act: gate, Init: *b.k.Init})
	return b.Scale(x, f)
}
