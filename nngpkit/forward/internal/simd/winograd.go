package simd

import "math"

// Winograd describes a 3 x 3 convolution of stride 1 over a whole group of
// images, by Winograd's F(4x4, 3x3).
//
// An output tile of 4 x 4 pixels is A' ((G w G') * (B' x B)) A of the 6 x 6
// pixels x around it, where * is the product of channels at each of 36
// positions: a quarter of the multiplications of the direct way. The
// interpolation points are 0, +-a, +-b and infinity with a = sqrt(1/2) and
// b = sqrt(2), which make half the rounding error of the usual +-1, +-2: about
// 6e-7 of the outputs' root mean square for 64 channels, against 2e-7 of the
// direct way. The rows belong to the points 0, a, -a, b, -b, infinity:
//
//	     1  0 -5/2  0   1  0           1    0    0          1   2   2  1/2  1/2  0
//	     0 -b  -2   a   1  0        -1/3  -a/3 -1/6    A' = 0   b  -b   a   -a   0
//	B' = 0  b  -2  -a   1  0    G = -1/3   a/3 -1/6         0   1   1   1    1   0
//	     0 -a -1/2  b   1  0         1/3   b/3  2/3         0   a  -a   b   -b   1
//	     0  a -1/2 -b   1  0         1/3  -b/3  2/3
//	     0  1   0  -5/2 0  1           0    0    1
//
// The rows of G of +-a have been scaled by 1/2 and those of +-b by 2, exactly,
// and the columns of A' inversely, which saves multiplications.
type Winograd struct {
	X, Y, Add                []float32
	LdX, LdY, LdAdd          int       // floats from pixel to pixel
	GroupX, GroupY, GroupAdd int       // floats from group to group
	W                        []float32 // from PackWinograd
	Scale, Shift             []float32 // as those of Affine; nil means one and zero
	In, Out                  int       // vectors of channels: channels, or Lanes of them side by side
	Rows                     int       // where these lie side by side: input channels in use
	Taps                     []int32   // and three numbers for each run of them: first one, row of W, number
	Height, Width            int       // multiples of 4
	Groups                   int
	ReLU                     bool
	Tiles                    int       // tiles computed together
	Scratch                  []float32 // of WinogradScratch values

	call winogradCalls
}

// WinogradPositions is the number of products that a tile needs for each pair
// of channels.
const WinogradPositions = 36

// winogradG transforms a column of three weights to six positions, the rows of
// G described at Winograd.
var winogradG = func() (g [6][3]float64) {
	points := []float64{0, math.Sqrt2 / 2, -math.Sqrt2 / 2, math.Sqrt2, -math.Sqrt2}
	scale := []float64{1, 0.5, 0.5, 2, 2}
	for i, x := range points {
		f := 1.0
		for j, y := range points {
			if j != i {
				f *= x - y
			}
		}
		g[i] = [3]float64{scale[i] / f, scale[i] * x / f, scale[i] * x * x / f}
	}
	g[5] = [3]float64{0, 0, 1}
	return
}()

// PackWinograd transforms the weights w, [tap][in][out] of a 3 x 3 window, to
// 36 positions, each in the order of Pack. dst has 36*in*out values.
func PackWinograd(dst, w []float32, in, out int) {
	size := in * out
	g := newFilterTransform()
	n := 0
	var block [WinogradPositions][packBlock]float32
	for _, r := range Runs(out) {
		for t := 0; t < r.N; t++ {
			first := r.First + t*r.S
			for i := 0; i < in; {
				m := 0
				for ; i < in && m+r.S <= packBlock; i++ {
					for s := range r.S {
						packPositions(&block, m, w[i*out+first+s:], size, g)
						m++
					}
				}
				for p := range block {
					copy(dst[p*size+n:], block[p][:m])
				}
				n += m
			}
		}
	}
}

// PackWinogradChannels is PackWinograd for channels side by side, to 36 positions
// of in rows by so many vectors, each in the order of PackChannels.
func (k *Kernels) PackWinogradChannels(dst, w []float32, in, vectors int, place []int) {
	out, size := len(place), in*vectors*k.Lanes
	clear(dst[:WinogradPositions*size])
	g := newFilterTransform()
	var block [WinogradPositions][packBlock]float32
	for _, r := range k.ChannelRuns(vectors) {
		for b := range r.N {
			first := (r.First + b*r.S) * k.Lanes
			n := r.S * k.Lanes
			lo, hi := within(place, first, first+n)
			for i := range in {
				for o := lo; o < hi; o++ {
					packPositions(&block, o-lo, w[i*out+o:], in*out, g)
				}
				at := first*in + i*n
				for p := range block {
					d := dst[p*size+at:][:n]
					for o := lo; o < hi; o++ {
						d[place[o]-first] = block[p][o-lo]
					}
				}
			}
		}
	}
}

// packBlock is how many filters are transformed before they are stored: the
// positions of one compete for few cache sets.
const packBlock = 64

// packPositions transforms one filter, whose values are size apart, to place m
// of each position.
func packPositions(dst *[WinogradPositions][packBlock]float32, m int, w []float32, size int, g *filterTransform) {
	m &= packBlock - 1 // which it is: no more checks
	var half [6][3]float32
	for x := range 3 {
		half[0][x], half[1][x], half[2][x], half[3][x], half[4][x], half[5][x] = g.apply(w[x*size], w[(3+x)*size], w[(6+x)*size])
	}
	for i := range half {
		d := dst[6*i:][:6]
		d[0][m], d[1][m], d[2][m], d[3][m], d[4][m], d[5][m] = g.apply(half[i][0], half[i][1], half[i][2])
	}
}

// filterTransform holds what the rows 1 to 4 of G consist of: each pair has the
// same first and last value, and opposite middle ones.
type filterTransform struct{ first, middle, last [2]float32 }

func newFilterTransform() *filterTransform {
	t := new(filterTransform)
	for i := range t.first {
		row := winogradG[1+2*i]
		t.first[i], t.middle[i], t.last[i] = float32(row[0]), float32(row[1]), float32(row[2])
	}
	return t
}

// apply returns G (a, b, c).
func (t *filterTransform) apply(a, b, c float32) (_, _, _, _, _, _ float32) {
	e0, o0 := t.first[0]*a+t.last[0]*c, t.middle[0]*b
	e1, o1 := t.first[1]*a+t.last[1]*c, t.middle[1]*b
	return a, e0 + o0, e0 - o0, e1 + o1, e1 - o1, c
}

// winogradChannels bounds the channels of a layer: absent scales are read from
// a table of as many ones.
const winogradChannels = 1024

// PrefersWinograd tells whether Winograd is faster than Conv for a layer of
// many pixels. The transforms cost time for each channel in and out, which the
// saved multiplications, for each pair of channels, must repay.
func (k *Kernels) PrefersWinograd(in, out int) bool {
	return k.Winograd != nil && max(in, out) <= winogradChannels && float64(in*out) >= k.winogradGain*float64(in+out)
}

// WinogradTiles returns how many tiles to compute together: few, so that their
// transforms stay in a near cache, and twice as many where no cache holds the
// weights, which are read once for all of them.
func (k *Kernels) WinogradTiles(in, out int) int {
	const cache = 8 << 20
	if k.Images < k.Lanes {
		return k.channelTiles(in, out)
	}
	if 4*WinogradPositions*in*out > cache {
		return 2 * k.winogradTiles
	}
	return k.winogradTiles
}

// channelTiles is WinogradTiles where channels lie side by side, and a tile is
// of one image. Either the second-level cache holds the tiles, or there are many
// of them, so that the weights are read less often: what moves fewer bytes.
func (k *Kernels) channelTiles(in, out int) int {
	const most = 128
	weights := 4 * WinogradPositions * in * out
	tile := 4 * (WinogradPositions + 1) * max(in, out)
	few := min(most, SecondCache()*3/4/tile/4*4)
	if few > 0 && weights/few < weights/most+4*tile { // written and read, twice
		return few
	}
	return most
}

// winogradStride returns the floats from position to position of tiles times
// channels vectors: an odd number of cache lines, so that the positions of a
// tile do not compete for the same cache sets.
func winogradStride(tiles, channels, lanes int) int {
	lines := (tiles*channels*lanes + 15) / 16
	return 16 * (lines | 1)
}

// winogradApart tells whether the products of all positions have places of their
// own: where a near cache holds both. Otherwise they take the places of the
// inputs, position by position, which takes a call for each.
func winogradApart(tiles, in, out, lanes int) bool {
	const cache = 384 << 10
	return 4*2*WinogradPositions*winogradStride(tiles, max(in, out), lanes) <= cache
}

// WinogradScratch returns the number of scratch values that Winograd needs:
// those of all positions, twice; or once, and one place more, where the products
// of a position go where the inputs of the one before were.
func WinogradScratch(tiles, in, out, lanes int) int {
	places := WinogradPositions + 1
	if winogradApart(tiles, in, out, lanes) {
		places = 2 * WinogradPositions
	}
	return places*winogradStride(tiles, max(in, out), lanes) + 16
}
