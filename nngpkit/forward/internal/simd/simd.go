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
// Wide networks, whose tensors of a group of images no near cache holds, take
// Lanes channels side by side instead, one image a group:
//
//	x[((y*W+x)*ld + c/Lanes)*Lanes + c%Lanes]
//
// Then a pixel holds ld vectors of channels, a weight is one of a vector's that a
// scalar multiplies, and what is done alike to all channels is the same loop as
// before, for as many "channels" as there are vectors.
//
// # Levels
//
// A Kernels value is one implementation of all loops. Portable is plain Go and
// the oracle of the others.
package simd

import (
	"sort"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// Kernels is one implementation of the inner loops. Argument structs may be
// reused by the caller; no function keeps them.
type Kernels struct {
	Name  string
	Lanes int // values of a vector

	// Images is the number of images of a group: Lanes, or 1 where the lanes of a
	// vector are channels.
	Images int
	// Channels is the same level with channels side by side; nil where it is
	// that already, or has none.
	Channels *Kernels

	// Conv computes a dense convolution over a list of pixels, and ChannelConv
	// does where channels lie side by side; the other is nil.
	Conv        func(a *Conv)
	ChannelConv func(a *ChannelConv)
	// Depthwise computes a depthwise convolution over a list of pixels. Nil where
	// channels lie side by side.
	Depthwise func(a *Window)
	// DepthwisePair computes two rows of outputs of a depthwise convolution together, or
	// returns false where that is no faster. Nil where it never is.
	DepthwisePair func(a *Window) bool
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

	// Codes takes the signs of values. Nil where channels lie side by side.
	Codes func(a *Codes)

	// Lay lays images side by side. Nil where channels lie side by side, and where Go
	// does.
	Lay func(a *Lay)

	// Draw draws weights; nil where Go does.
	Draw func(a *Draw)

	// Winograd computes a 3 x 3 convolution of stride 1 over images of 4m x 4n
	// pixels by F(4x4, 3x3). Nil where the level has none.
	Winograd func(a *Winograd)

	widest        int     // vectors of channels that ChannelConv takes at a time, at most
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
	for first := 0; first < in; first += RowsToPack {
		PackRows(dst, w[first*out:], first, min(RowsToPack, in-first), in, out)
	}
}

// RowsToPack is how many rows of weights are best packed at a time: few enough for a near
// cache to hold them until the tiles beside have had their part, and a run of cache lines
// of each tile.
const RowsToPack = 64

// PackRows is Pack for n of the in rows of weights, which are those from first on; w
// begins with them.
func PackRows(dst, w []float32, first, n, in, out int) {
	const together = 4 // tiles: a cache line of those of four
	for _, r := range Runs(out) {
		for t := 0; t < r.N; t += together {
			o := r.First + t*r.S
			packTiles(dst[o*in+first*r.S:], w[o:], r.S, min(together, r.N-t), n, in*r.S, out)
		}
	}
}

// packTiles packs the rows of n tiles, which lie step apart in dst; rows lie out apart.
func packTiles(dst, w []float32, s, n, rows, step, out int) {
	for i := range rows {
		from := w[i*out:][:n*s]
		to := dst[i*s:]
		if s == 4 {
			for t := range n {
				*(*[4]float32)(to[t*step:]) = [4]float32(from[4*t:])
			}
			continue
		}
		for t := range n {
			copy(to[t*step:][:s], from[t*s:])
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
// and stores it at Y[Pix[3p+1] + o*Lanes]. The taps may come part by part, with the same
// bits: all parts but the first have Begun set, and all but the last Unfinished.
type Conv struct {
	X, Y, Add []float32
	W         []float32 // from Pack, all taps of the whole window
	Shift     []float32 // one an output channel; nil means zero
	Pix       []int32   // three a pixel: offsets in X, Y and Add
	Taps      []int32   // two a tap: offset in X, and tap number times In; there may be none
	Run       int       // values of a tap: In, or more where taps lie side by side
	In, Out   int       // channels
	Window    int       // taps of the whole window
	ReLU      bool

	Begun, Unfinished bool // sums go on from Y; sums are left there

	Ahead []float32 // what the next call will read that no near cache holds

	call asm.Conv // of the assembly kernels; here because a table of functions moves its arguments to the heap
}

// ChannelConv describes a convolution over the pixels of one class where
// channels lie side by side.
//
// For each pixel p and vector o of output channels it computes
//
//	y = Shift[o] + sum over taps t, i < Taps[3t+2]: X[Pix[3p] + Taps[3t] + i] * w(Taps[3t+1] + i, o)
//
// and goes on as Conv does, vector by vector.
type ChannelConv struct {
	X, Y, Add []float32
	W         []float32 // from PackChannels, all rows
	Shift     []float32 // vectors; nil means zero
	Pix       []int32   // three a pixel: offsets in X, Y and Add
	Taps      []int32   // three a tap: offset in X, row of W, number of values
	Rows      int       // of W: values of the whole window
	Out       int       // vectors of channels
	ReLU      bool

	call asm.ChannelConv
}

// ChannelRuns splits vectors of output channels into runs of blocks that
// ChannelConv computes together. The second run may have no blocks.
func (k *Kernels) ChannelRuns(vectors int) (runs [2]Run) {
	most := k.widest
	switch left := vectors % most; {
	case vectors < most:
		runs[0] = Run{S: vectors, N: 1}
	case left == 0:
		runs[0] = Run{S: most, N: vectors / most}
	case vectors < (most-left)*(most-1): // too few for blocks of one less
		runs[0] = Run{S: most, N: vectors / most}
		runs[1] = Run{S: left, N: 1, First: vectors - left}
	default:
		less := most - left
		runs[0] = Run{S: most, N: (vectors - less*(most-1)) / most}
		runs[1] = Run{S: most - 1, N: less, First: vectors - less*(most-1)}
	}
	return runs
}

// PackChannels writes the weights of a convolution in the order in which
// ChannelConv reads them. w is [row][out]; place says where each output lies
// among the lanes of vectors. The result is, for each block of S vectors,
// [row][S][lane], with zeros where no output lies.
func (k *Kernels) PackChannels(dst, w []float32, rows, vectors int, place []int) {
	clear(dst[:rows*vectors*k.Lanes])
	out := len(place)
	for _, r := range k.ChannelRuns(vectors) {
		for b := range r.N {
			first := (r.First + b*r.S) * k.Lanes
			n := r.S * k.Lanes
			lo, hi := within(place, first, first+n)
			for i := range rows {
				d := dst[(first*rows + i*n):][:n]
				for j, v := range w[i*out+lo : i*out+hi] {
					d[place[lo+j]-first] = v
				}
			}
		}
	}
}

// within returns the range of ascending places that lie in [first, end).
func within(place []int, first, end int) (lo, hi int) {
	return sort.SearchInts(place, first), sort.SearchInts(place, end)
}

// RescaleChannels multiplies weights from PackChannels by a scale for each
// lane.
func (k *Kernels) RescaleChannels(w []float32, rows, vectors int, scale []float32) {
	for _, r := range k.ChannelRuns(vectors) {
		n := r.S * k.Lanes
		for b := range r.N {
			first := (r.First + b*r.S) * k.Lanes
			f := scale[first:][:n]
			for i := range rows {
				d := w[first*rows+i*n:][:n]
				for j, s := range f {
					d[j] *= s
				}
			}
		}
	}
}

// Window describes a channel by channel reduction over windows: a depthwise
// convolution or pooling, over the pixels of one class.
type Window struct {
	X, Y  []float32
	W     []float32 // depthwise: [tap of the whole window][C]
	Shift []float32 // depthwise: one a channel, or nil
	Pix   []int32   // three a pixel: offsets in X and Y, and one unused
	Taps  []int32   // two a tap: offset in X, and tap number times C; where there is none, a depthwise convolution or mean is of zeros
	C     int
	LdW   int  // depthwise: channels of the weights where these are a part, 0 for C
	Count int  // mean: what the sum is divided by; 0 means the number of taps
	ReLU  bool // depthwise

	// DepthwisePair: the taps of the outputs below, and how many values behind the others
	// these lie. Outputs may lie where the first row of their windows does, not right of it.
	Below  []int32
	BelowY int

	call asm.Window
	row  asm.DepthwiseRow
	pair asm.DepthwisePair
	rows []int32 // of pair
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
// where that is not nil, over N pixels of C vectors. Scale and shift are one a
// vector, or, where channels lie side by side, one a lane. Where From is not
// nil, the values come from there instead of X.
type Affine struct {
	X      []float32
	LdX    int
	From   []float32
	LdFrom int
	Add    []float32
	LdAdd  int
	Scale  []float32
	Shift  []float32
	C, N   int
	ReLU   bool

	call asm.Map
}

// Stats describes the statistics of N pixels of C channels in the first Valid
// lanes: Mean and SumSq (of deviations from that mean), one a channel. Where
// channels lie side by side, each lane of the C vectors is one.
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

// Mul describes y = x * f, where f holds one vector a channel, or as many
// pixels as x where LdF is not 0.
type Mul struct {
	Y, X, F       []float32
	LdY, LdX, LdF int
	C, N          int

	call asm.Map
}

// Mean describes the mean over N pixels: Y holds one vector a channel.
type Mean struct {
	Y, X []float32
	Ld   int
	C, N int

	call asm.Map
}

// Codes describes the signs of N pixels of C vectors: Y holds 16 bits a vector,
// bit l of which is set where value l is positive.
type Codes struct {
	X    []float32
	Y    []uint16
	Ld   int
	C, N int

	call asm.Codes
}

// Lay describes N values of Lanes images: Y[i*Lanes+l] = X[l*LdX+i].
type Lay struct {
	X, Y []float32
	LdX  int
	N    int

	call asm.Lay
}

// Draw describes weights from consecutive blocks of Philox4x32-10, four a block:
// W[4b+j] = Std * t(word j of block b), with
//
//	t = x P(x^2) / Q(x^2), x = (2 word + 1)/2^32 - 1
//
// computed in float64 without fused multiply-add, so that the bits are those of
// the same operations in Go. Where Normal is not nil, t is the function that it
// describes. The length of W must be a multiple of 16, not 0.
type Draw struct {
	W       []float32
	Counter [4]uint32 // of the first block; the last word is 0
	Key     [2]uint32
	Std     float64
	P, Q    [8]float64 // lowest power first
	Normal  *Normal

	call asm.DrawNormal
	set  *Normal // what call has the constants of
}

// Normal describes t(x) = sqrt(2) erfinv(x): up to |x| = Limit
//
//	sqrt(2) x P(r) / Q(r), r = Start + Scale x^2
//
// and beyond, with the sign of x,
//
//	sqrt(2) TailP(r) / TailQ(r), r = sqrt(ln 2 - log(1-|x|)) + TailStart
//
// where log is computed as package forward does.
type Normal = asm.Normal

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
