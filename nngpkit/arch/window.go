package arch

import "fmt"

// Padding says how far the windows of a node reach beyond the image. Where
// they do, they meet zeros in a convolution; pooling skips these positions,
// except for AvgPool with CountPad, which takes them for zeros.
//
// The zero value is 'same' padding: the output has ceil(H / stride) rows, and
// of the rows of padding that this takes the first half, rounded down, lies
// above (TensorFlow's rule). Explicit padding gives each side its own amount,
// and the output has as many rows as windows fit in, as in PyTorch.
type Padding struct {
	Explicit                 bool
	Top, Left, Bottom, Right int
}

// Padded returns explicit padding of n rows and columns on each side. Padded(0)
// is what others call 'valid'.
func Padded(n int) Padding { return PaddedSides(n, n, n, n) }

// PaddedSides returns explicit padding with an amount for each side.
func PaddedSides(top, left, bottom, right int) Padding {
	return Padding{Explicit: true, Top: top, Left: left, Bottom: bottom, Right: right}
}

func (p Padding) String() string {
	if !p.Explicit {
		return "same"
	}
	return fmt.Sprintf("%d,%d,%d,%d", p.Top, p.Left, p.Bottom, p.Right)
}

// Axis is the geometry of a sliding window along the rows or the columns of
// an image: output o sees the inputs o*Stride - Before + k*Dilation, for
// k < Kernel, that lie in [0, In).
type Axis struct {
	In, Out                  int
	Kernel, Stride, Dilation int
	Before                   int // padding above, or to the left
}

// Taps returns the range [lo, hi) of k for which output o sees an input; it is
// empty, 0 and 0, where there is none.
func (a Axis) Taps(o int) (lo, hi int) {
	origin := o*a.Stride - a.Before
	if origin < 0 {
		lo = ceilDiv(-origin, a.Dilation)
	}
	if origin < a.In {
		hi = min(a.Kernel, ceilDiv(a.In-origin, a.Dilation))
	}
	if hi <= lo {
		return 0, 0
	}
	return lo, hi
}

// Window returns the geometry of a node with a window, of its rows and of its
// columns, for an input of the given shape.
func (n *Node) Window(in Shape) (rows, columns Axis) {
	rows = Axis{In: in.H, Out: n.Out.H, Kernel: n.Kernel, Stride: n.Stride, Dilation: max(1, n.Dilation)}
	columns = Axis{
		In: in.W, Out: n.Out.W, Kernel: or(n.KernelW, n.Kernel), Stride: or(n.StrideW, n.Stride),
		Dilation: max(1, or(n.DilationW, n.Dilation)),
	}
	rows.Before, columns.Before = n.Padding.Top, n.Padding.Left
	if !n.Padding.Explicit {
		rows.Before, columns.Before = rows.same(), columns.same()
	}
	return rows, columns
}

// Square tells whether a window is of side k with step 1, without dilation,
// and gives an output of its input's size with as much padding above as below.
func Square(rows, columns Axis, k int) bool {
	for _, a := range [2]Axis{rows, columns} {
		if a.Kernel != k || a.Stride != 1 || a.Dilation != 1 || a.In != a.Out || a.Before != (k-1)/2 {
			return false
		}
	}
	return true
}

// or returns a, or b where a is zero.
func or(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// Reach returns the inputs from the first to the last of a window.
func (a Axis) Reach() int { return (a.Kernel-1)*a.Dilation + 1 }

// same returns the padding before the image by TensorFlow's rule.
func (a Axis) same() int { return max((a.Out-1)*a.Stride+a.Reach()-a.In, 0) / 2 }

// outputs returns the number of outputs, with the given padding behind the
// image where it is explicit.
func (a Axis) outputs(p Padding, after int) (int, error) {
	if !p.Explicit {
		return ceilDiv(a.In, a.Stride), nil
	}
	room := a.In + a.Before + after - a.Reach()
	if room < 0 {
		return 0, fmt.Errorf("a window of %d does not fit into %d and padding %v", a.Reach(), a.In, p)
	}
	return room/a.Stride + 1, nil
}

// empty tells whether some output sees no input at all.
func (a Axis) empty() bool {
	for o := range a.Out {
		if lo, hi := a.Taps(o); lo == hi {
			return true
		}
	}
	return false
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
