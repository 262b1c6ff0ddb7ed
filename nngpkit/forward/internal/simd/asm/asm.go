// Package asm holds the assembly kernels and their argument structs. The
// generator reads the offsets of their fields from here.
//
// Steps and strides are in bytes. Kernels use some fields as variables: a
// struct is filled anew for each call. Addresses are plain numbers, because
// they step past the end of what they walk through, where the garbage
// collector must not see a pointer: callers hold what they address in slices,
// on the heap, until the call returns.
package asm

//go:generate go run ../gen -out kernels_amd64.s -stubs stubs_amd64.go -pkg asm

import "math"

// Conv describes Tiles tiles of R pixels times Blocks blocks of S output
// channels of a convolution; R and S are fixed by the kernel.
type Conv struct {
	X, Y, Add, W, Shift uintptr
	Pix                 uintptr // three int32 a pixel: offsets in X, Y, Add in floats
	Tiles               int
	Taps, TapsEnd       uintptr // two int32 a tap: offset in X in floats, offset in W in values of S floats; TapsEnd is the last one
	K4, K1              int     // values of a tap: fours, and the rest
	Blocks              int
	WStep               int     // from block to block
	Second              int     // of blocks of two tiles of channels: from the weights of the first to those of the second
	Floor               float32 // 0 rectifies, -Inf does not
	Begun               int     // not 0: sums go on from what Y holds, not from Shift
	Ahead, AheadEnd     uintptr // what to fetch into the second-level cache meanwhile; equal where nothing

	// The whole is repeated Batch times, at these distances.
	Batch                  int
	XBatch, YBatch, WBatch int

	// Variables.
	tiles                 int
	pix, w, shift, y, add uintptr
	blocks                int
}

// ConvTile is the most output channels whose weights lie side by side in Conv's
// weights for levels that have kernels of two tiles.
const ConvTile = 4

// ChannelConv describes Tiles tiles of R pixels times Blocks blocks of S
// vectors of output channels of a convolution; R and S are fixed by the kernel.
type ChannelConv struct {
	X, Y, Add, W, Shift uintptr
	Pix                 uintptr // three int32 a pixel: offsets in X, Y, Add in floats
	Tiles               int
	Taps, TapsEnd       uintptr // three int32 a tap: offset in X in floats, offset in W in values of S vectors, number of values; TapsEnd is the last one
	Blocks              int
	WStep               int     // from block to block
	Floor               float32 // 0 rectifies, -Inf does not

	// Variables.
	tiles                 int
	pix, w, shift, y, add uintptr
	blocks                int
}

// Window describes N pixels of C channels of a reduction over Taps.
type Window struct {
	X, Y, W, Shift uintptr
	Pix            uintptr // three int32 a pixel: offsets in X and Y in floats, and one unused
	N              int
	Taps, TapsEnd  uintptr // two int32 a tap: offset in X in floats, offset in W in floats; TapsEnd is the last one
	C4, C1         int     // channels: fours, and the rest
	Factor, Floor  float32
}

// MaxPool3 describes Rows rows of Width pixels of a 3 x 3 maximum of stride 1;
// the number of channels is fixed by the kernel.
type MaxPool3 struct {
	X           [3]uintptr // rows above, at and below the first one
	Y           uintptr
	LdX, LdY    int // from pixel to pixel
	RowX, RowY  int // from row to row
	Width, Rows int
}

// DepthwiseKernels are the columns of windows for which there is a DepthwiseRow.
var DepthwiseKernels = []int{3, 5, 7}

// DepthwisePixels is the most pixels of a tile: fewer where registers are few.
const DepthwisePixels = 8

// DepthwiseRow describes a depthwise convolution of tiles of pixels side by side.
type DepthwiseRow struct {
	X, Y, W, Shift uintptr
	Taps, TapsEnd  uintptr // as in Window, whole rows of the window; TapsEnd behind the last
	Column         int     // from column to column
	NextWeight     int     // from the weight of a column to the next one's
	LdY            int     // from pixel to pixel
	XTile, YTile   int     // from tile to tile
	C, Tiles       int
	Floor          float32
}

// DepthwisePairKernels are the columns of windows for which there is a DepthwisePair,
// with AVX-512: AVX2 has too few registers.
var DepthwisePairKernels = []int{3, 5}

// DepthwisePair describes a depthwise convolution of two rows of outputs, of tiles of
// pixels side by side. Both sums of a tile stay in registers while the rows of the
// input go by.
type DepthwisePair struct {
	DepthwiseRow
	// Instead of taps, from Taps to TapsEnd, rows of the window, three int32 each: offset
	// in X in floats, and offsets in W in floats for the upper and the lower output. Those
	// before Both are of the upper output, those from Lower on of the lower one alone.
	Both, Lower uintptr
	LowerY      int // from the upper output to the lower one
}

// Map describes N pixels of channels of an element-wise operation on Y and X,
// and on F, G and H where it has more operands.
type Map struct {
	Y, X, F, G, H           uintptr
	Scale, Shift            uintptr
	LdY, LdX, LdF, LdG, LdH int // from pixel to pixel
	N                       int
	C4, C1                  int // channels: fours, and the rest
	Factor, Floor           float32
}

// Codes describes N pixels of C vectors, and 16 bits for each of these: bit l is
// set where value l is positive.
type Codes struct {
	X, Y uintptr
	LdX  int // from pixel to pixel
	N, C int
}

// Lay describes Blocks blocks of values to be laid side by side: as many as there are
// lanes, of as many images.
type Lay struct {
	X, Y   uintptr
	LdX    int // from image to image
	Blocks int
}

// Draw describes Blocks blocks of Philox4x32-10, a multiple of those that go
// together, as weights. Fields of four equal values are vectors of AVX2.
type Draw struct {
	DrawConsts
	Out      uintptr
	Blocks   int
	First    [8]uint64    // word 0 of the counters of the first blocks
	Together [4]uint64    // blocks that go together: 4 with AVX2, 8 with AVX-512
	Counter  [2][4]uint64 // words 1 and 2; word 3 is 0
	Key      [2][4]uint64
	Keys     [10][2]uint64 // of all rounds: of AVX-512
	Std      [4]float64
}

// SetStream sets a place in a stream, and the standard deviation.
func (d *Draw) SetStream(counter [4]uint32, key [2]uint32, std float64, together int) {
	for i := range d.First {
		d.First[i] = uint64(counter[0] + uint32(i))
	}
	for k := range 2 {
		d.Counter[k], d.Key[k] = fours(uint64(counter[1+k])), fours(uint64(key[k]))
	}
	for round := range d.Keys {
		d.Keys[round] = [2]uint64{uint64(key[0]), uint64(key[1])}
		key[0] += uint32(d.Step[0][0])
		key[1] += uint32(d.Step[1][0])
	}
	d.Std, d.Together = fours(std), fours(uint64(together))
}

// DrawConsts are the constants of Draw.
type DrawConsts struct {
	Mul, Step  [2][4]uint64  // Philox's multipliers, and what is added to the keys
	Low, Magic [4]uint64     // mask of a word, and 2^52 as a float64
	Offset     [4]float64    // 2^52 + 2^31
	Half, Unit [4]float64    // 1/2 and 2^-31
	P, Q       [8][4]float64 // polynomials, lowest power first
}

func fours[T any](x T) [4]T { return [4]T{x, x, x, x} }

// DrawNormal describes normal weights.
type DrawNormal struct {
	Draw
	// In the middle the argument of P and Q is Start + Scale x^2, beyond Limit that of
	// TailP and TailQ is sqrt(Ln2 - log(1-|x|)) + TailStart; their quotient is multiplied by Root.
	Start, Scale, Limit, Root [4]float64
	TailStart                 [4]float64
	TailP, TailQ              [8][4]float64

	One, Two, Ln2 [4]float64
	Positive      [4]uint64 // all bits but the sign
	Sign          [4]uint64

	// Of the logarithm: what leaves 1024 + the exponent above Mantissa, where mantissas begin,
	// and 2^52 + 1024.
	Below, Mantissa, LeastMantissa [4]uint64
	Exponents                      [4]float64
	Log                            [7][4]float64
	Ln2High, Ln2Low                [4]float64

	// Variables: of AVX2, and of AVX-512, which takes a part at a time. Vectors that are
	// stored one after another, each over what is left of the one before, end in the last eight.
	middle, tail [4][4]float64
	words        [4 * DrawPart]float64
	tails, done  [4*DrawPart + 8]float64
	masks        [DrawPart / 2]uint8
}

// DrawPart is how many blocks DrawNormalAVX512 takes at a time.
const DrawPart = 64

// Set sets all that does not depend on a stream. Polynomials have their lowest power
// first.
func (d *DrawNormal) Set(n *Normal) {
	d.DrawConsts = DrawOf(n.P, n.Q)
	for i := range n.TailP {
		d.TailP[i], d.TailQ[i] = fours(n.TailP[i]), fours(n.TailQ[i])
	}
	d.Start, d.Scale, d.Limit, d.TailStart, d.Root = fours(n.Start), fours(n.Scale), fours(n.Limit), fours(n.TailStart), fours(math.Sqrt2)
	d.One, d.Two, d.Ln2 = fours(1.0), fours(2.0), fours(math.Ln2)
	d.Sign, d.Positive = fours[uint64](1<<63), fours[uint64](1<<63-1)
	least := math.Float64bits(math.Sqrt2 / 2)
	d.Below, d.Mantissa, d.LeastMantissa = fours(least-1024<<52), fours[uint64](1<<52-1), fours(least)
	d.Exponents = fours(1<<52 + 1024.0)
	for i, v := range n.Log {
		d.Log[i] = fours(v)
	}
	d.Ln2High, d.Ln2Low = fours(n.Ln2High), fours(n.Ln2Low)
}

// Normal holds the numbers of package forward's normal.
type Normal struct {
	P, Q                [8]float64
	Start, Scale, Limit float64
	TailP, TailQ        [8]float64
	TailStart           float64
	Log                 [7]float64
	Ln2High, Ln2Low     float64
}

// DrawOf returns the constants for the given polynomials, lowest power first.
func DrawOf(p, q [8]float64) (c DrawConsts) {
	c.Mul = [2][4]uint64{fours[uint64](0xD2511F53), fours[uint64](0xCD9E8D57)}
	c.Step = [2][4]uint64{fours[uint64](0x9E3779B9), fours[uint64](0xBB67AE85)}
	c.Low, c.Magic = fours[uint64](1<<32-1), fours(math.Float64bits(1<<52))
	c.Offset, c.Half, c.Unit = fours(1<<52+0x1p31), fours(0.5), fours(0x1p-31)
	for i := range p {
		c.P[i], c.Q[i] = fours(p[i]), fours(q[i])
	}
	return c
}

// WinoIn describes the input transform of one tile of C channels.
type WinoIn struct {
	WinoConsts
	Rows   [6]uintptr // first pixel of each row of the tile
	Pixel  int        // from pixel to pixel
	V      uintptr
	Stride int // from position to position in V
	C      int

	v uintptr
}

// WinoOut describes the output transform of one tile of C channels.
type WinoOut struct {
	WinoConsts
	M            uintptr
	Stride       int         // from position to position in M
	Rows         [4]uintptr  // first pixel of each row of the tile
	Pixel        int         // from pixel to pixel
	Add          [16]uintptr // pixels of the addend, column by column
	C            int
	Scale, Shift uintptr
	Floor        float32

	m uintptr
}

// WinoConsts are the constants of the transforms.
type WinoConsts struct {
	A, B                  [16]float32 // sqrt(1/2) and sqrt(2)
	Two, Half, FiveHalves float32
}

// Winograd holds the constants' values.
var Winograd = func() (c WinoConsts) {
	for i := range c.A {
		c.A[i], c.B[i] = math.Sqrt2/2, math.Sqrt2
	}
	c.Two, c.Half, c.FiveHalves = 2, 0.5, 2.5
	return
}()

// Peak describes N rounds of PeakOps fused multiply-adds in registers.
type Peak struct{ N int }

// PeakOps is the number of independent operations in a round.
const PeakOps = 12

// Activate describes N pixels of channels of an activation in place.
type Activate struct {
	ExpConsts
	X      uintptr
	LdX    int // from pixel to pixel
	N      int
	C4, C1 int // channels: fours, and the rest
}

// Pieces describes N pixels of channels of an activation of linear pieces.
type Pieces struct {
	Y, X                 uintptr
	LdY, LdX             int // from pixel to pixel
	N                    int
	C4, C1               int // channels: fours, and the rest
	Slope, Shift, Lo, Hi float32
}

// ExpConsts are the constants of exp(-x) for Least <= x <= Most:
// with n the integer nearest to -x*log2(e), and r = -x - n*log(2),
//
//	exp(-x) = 2^n (1 + r (1 + r P(r))), |r| <= log(2)/2.
type ExpConsts struct {
	Least, Most float32    // within which 2^n is a normal number
	Log2E       float32    // -log2(e)
	Round       float32    // 1.5 * 2^23: adding it leaves the integer part in the low bits
	Ln2         [2]float32 // log(2) in two parts
	P           [6]float32 // highest power first
	One         float32

	MinusTwo float32
	Cubic    [2]float32 // of the argument of the GELU by tanh: x (Cubic[0] x^2 + Cubic[1])
}

// Exp holds the constants' values. P interpolates (exp(r) - 1 - r)/r^2 at the
// six Chebyshev nodes, with a relative error of exp(r) below 1e-9: what is
// left is rounding.
var Exp = ExpConsts{
	Least: -88, Most: 86,
	Log2E: -math.Log2E,
	Round: 3 << 22,
	Ln2:   [2]float32{0x1.62e43p-1, -0x1.05c61p-29},
	P:     [6]float32{0x1.a12528p-13, 0x1.6d4362p-10, 0x1.1110ep-7, 0x1.5554e8p-5, 0x1.555556p-3, 0.5},
	One:   1,

	MinusTwo: -2,
	Cubic:    [2]float32{2 * 0.7978845608028654 * 0.044715, 2 * 0.7978845608028654},
}

// Erf describes N pixels of channels of the error function, or of an activation
// made of it, in place.
type Erf struct {
	ErfConsts
	X      uintptr
	LdX    int // from pixel to pixel
	N      int
	C4, C1 int // channels: fours, and the rest
}

// ErfConsts are the constants of erf(x) = x P(x^2)/Q(x^2) for Least <= x <= Most,
// outside of which float32 has no value between the results and 1.
type ErfConsts struct {
	P, Q           [6]float32 // highest power first
	Least, Most    float32
	RootHalf, Half float32
}

// ErfOf holds the constants' values. The quotient is the one whose largest
// relative error is least, 1.8e-8, by Lawson's iteration; what is left is
// rounding, 3.1e-7 at most.
var ErfOf = ErfConsts{
	P:     [6]float32{0x1.156016p-19, 0x1.2ae606p-12, 0x1.e9eac4p-9, 0x1.af7138p-5, 0x1.8468dp-3, 0x1.20dd74p+0},
	Q:     [6]float32{0x1.410a18p-15, 0x1.2f5d34p-10, 0x1.e8ac44p-7, 0x1.d22de4p-4, 0x1.00b89ap-1, 1},
	Least: -3.9, Most: 3.9,
	RootHalf: math.Sqrt2 / 2, Half: 0.5,
}
