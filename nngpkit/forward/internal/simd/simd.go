// Package simd holds the inner loops of the forward pass.
//
// # Layout
//
// Activations of Lanes images lie side by side: a tensor of H x W x C for one
// group of images is
//
//	x[((y*W+x)*ld + c)*Lanes + image]
//
// where ld >= C is the number of channels that the buffer holds for one pixel
// (a tensor may be a run of channels of a wider one, which is how
// concatenations come for free). Every loop then works on whole vectors
// whatever the number of channels, a weight is a scalar that multiplies a
// vector, and the images of a group never mix.
//
// Offsets and strides are counted in float32 values, and pixels are addressed
// through tables of offsets, so that padding costs nothing: output pixels
// whose windows meet the border in the same way form a class with its own,
// shorter list of taps.
//
// # Levels
//
// A Kernels value is one implementation of all loops. Portable is plain Go and
// the oracle of the others.
package simd

import "github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"

// Kernels is one implementation of the inner loops. Argument structs may be
// reused by the caller; no function keeps them.
type Kernels struct {
	Name  string
	Lanes int // images side by side

	// Conv computes a dense convolution over a list of pixels.
	Conv func(a *Conv)
	// Depthwise computes a depthwise convolution over a list of pixels.
	Depthwise func(a *Window)
	// MaxPool and AvgPool reduce the taps of each pixel in a list.
	MaxPool func(a *Window)
	AvgPool func(a *Window)
	// MaxPool3 takes the maximum over 3 x 3 windows of stride 1. Nil where
	// MaxPool serves as well.
	MaxPool3 func(a *Image)
	// Sum adds tensors, or copies one.
	Sum func(a *Sum)
	// Affine applies scale, shift, rectification and addition in place.
	Affine func(a *Affine)
	// Stats computes mean and sum of squared deviations for each channel.
	Stats func(a *Stats)
	// Mul multiplies each pixel by one factor a channel.
	Mul func(a *Mul)
	// Mean averages over pixels.
	Mean func(a *Mean)
	// Activate applies a function in place.
	Activate func(a *Activate)

	// Winograd computes a 3 x 3 convolution of stride 1 over images of 4m x 4n
	// pixels by F(4x4, 3x3). Nil where the level has none.
	Winograd func(a *Winograd)

	winogradTiles int     // tiles to compute together: full tiles of pixels of Conv
	winogradGain  float64 // in*out/(in+out) from which on Winograd is faster, by BenchmarkWinograd and BenchmarkConv
}

// Run is a block of output channels that the convolution kernels compute S at
// a time.
type Run struct {
	S     int // channels a tile
	N     int // tiles
	First int // first channel
}

// Runs splits output channels into runs of tiles: fours, with threes where
// they leave nothing over. The second run may have no tiles.
func Runs(channels int) (runs [2]Run) {
	if channels <= 3 || channels == 5 {
		runs[0] = Run{S: channels, N: 1}
		return runs
	}
	threes := (4 - channels%4) % 4
	fours := (channels - 3*threes) / 4
	runs[0] = Run{S: 4, N: fours}
	runs[1] = Run{S: 3, N: threes, First: 4 * fours}
	return runs
}

// Pack writes the weights of a convolution in the order in which Conv reads
// them. w is [tap][in][out]; the result has the same length and is, for each
// run and each of its tiles of S outputs, [tap][in][S]. in counts taps times
// input channels.
func Pack(dst, w []float32, in, out int) {
	n := 0
	for _, r := range Runs(out) {
		for t := 0; t < r.N; t++ {
			first := r.First + t*r.S
			for i := 0; i < in; i++ {
				copy(dst[n:][:r.S], w[i*out+first:])
				n += r.S
			}
		}
	}
}

// Conv describes a convolution over the pixels of one class.
//
// For each pixel p and output channel o it computes
//
//	y = Shift[o] + sum over taps t, i < Run: X[Pix[3p] + Taps[2t] + i*Lanes] * w(Taps[2t+1] + i, o)
//	y = max(y, 0) where ReLU is set
//	y = y + Add[Pix[3p+2] + o*Lanes] where Add is not nil
//
// and stores it at Y[Pix[3p+1] + o*Lanes].
type Conv struct {
	X, Y, Add []float32
	W         []float32 // from Pack, all taps of the whole window
	Shift     []float32 // one an output channel; nil means zero
	Pix       []int32   // three a pixel: offsets in X, Y and Add
	Taps      []int32   // two a tap: offset in X, and tap number times In
	Run       int       // values of a tap: In, or more where taps lie side by side
	In, Out   int       // channels
	Window    int       // taps of the whole window
	ReLU      bool

	call asm.Conv // of the assembly kernels; here because a table of functions moves its arguments to the heap
}

// Window describes a channel by channel reduction over windows: a depthwise
// convolution or pooling, over the pixels of one class.
type Window struct {
	X, Y  []float32
	W     []float32 // depthwise: [tap of the whole window][C]
	Shift []float32 // depthwise: one a channel, or nil
	Pix   []int32   // three a pixel: offsets in X and Y, and one unused
	Taps  []int32   // two a tap: offset in X, and tap number times C
	C     int
	ReLU  bool // depthwise

	call asm.Window
}

// Image describes an operation from image to image of the same size.
type Image struct {
	X, Y             []float32
	LdX, LdY         int // floats from pixel to pixel
	C, Height, Width int

	call asm.MaxPool3
}

// Sum describes y = sum of the inputs, over N pixels of C channels.
type Sum struct {
	Y   []float32
	LdY int // floats from pixel to pixel
	X   [][]float32
	LdX []int
	C   int
	N   int

	call asm.Map
}

// Affine describes x = x*scale + shift, rectified where ReLU is set, plus Add
// where that is not nil, over N pixels of C channels.
type Affine struct {
	X     []float32
	LdX   int
	Add   []float32
	LdAdd int
	Scale []float32
	Shift []float32
	C, N  int
	ReLU  bool

	call asm.Map
}

// Stats describes the statistics of N pixels of C channels in the first Valid
// lanes: Mean and SumSq (of deviations from that mean), one a channel.
type Stats struct {
	X           []float32
	Ld          int
	C, N, Valid int
	Mean, SumSq []float64

	call asm.Map
	sums [statsChannels * 3 * 16]float32
}

// statsChannels is how many channels the assembly kernels take at a time.
const statsChannels = 32

// Mul describes y = x * f, where f holds one vector a channel.
type Mul struct {
	Y, X, F  []float32
	LdY, LdX int
	C, N     int

	call asm.Map
}

// Mean describes the mean over N pixels: Y holds one vector a channel.
type Mean struct {
	Y, X []float32
	Ld   int
	C, N int

	call asm.Map
}

// Func names an activation.
type Func uint8

// The activations that are no part of another kernel.
const (
	ReLU Func = iota
	Swish
	Sigmoid
	Erf
)

// Activate describes x = f(x) over N pixels of C channels. The portable level
// rounds what float64 gives. The assembly kernels of Swish and Sigmoid are
// within 4e-7 of that, relatively; where Sigmoid is below 1e-37, the error may
// be as large.
type Activate struct {
	X    []float32
	Ld   int
	C, N int
	F    Func

	call asm.Activate
}

// Rescale multiplies packed weights by scale[out].
func Rescale(w []float32, in, out int, scale []float32) {
	for _, r := range Runs(out) {
		for t := 0; t < r.N; t++ {
			f := scale[r.First+t*r.S:][:r.S]
			for i := 0; i < in; i++ {
				for j, s := range f {
					w[j] *= s
				}
				w = w[r.S:]
			}
		}
	}
}
