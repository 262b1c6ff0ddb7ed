package simd

import (
	"math"
	"runtime"
	"unsafe"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// assembly is a level whose loops are assembly kernels: the same generated
// code for each vector width.
type assembly struct {
	lanes                              int
	conv                               [][]func(*asm.Conv)        // by output channels and pixels of a tile
	channelConv                        [][]func(*asm.ChannelConv) // by vectors and pixels of a tile; nil but where channels lie side by side
	depthwise, maxPool, avgPool        func(*asm.Window)
	depthwiseRow                       map[int][3][]func(*asm.DepthwiseRow) // by columns of the window, their stride and pixels of a tile
	depthwisePair                      map[int][3][]func(*asm.DepthwisePair)
	maxPool3x4, maxPool3x1             func(*asm.MaxPool3) // four channels, and one
	add                                [4]func(*asm.Map)   // by tensors besides the first
	copy, mul                          func(*asm.Map)
	affine, affineAdd, sums, stats     func(*asm.Map)
	swish, sigmoid, tanh, geluTanh     func(*asm.Activate)
	clamp, clampMul, leakyReLU         func(*asm.Pieces)
	erf, gelu                          func(*asm.Erf)
	codes                              func(*asm.Codes)
	winoIn, winoInL, winoInR, winoInLR func(*asm.WinoIn) // with columns outside the image at the left, the right
	winoOut, winoOutAdd                func(*asm.WinoOut)
	lay                                func(*asm.Lay)
	draw                               []drawing // the fastest first; the last draws what they leave

	winogradTiles int     // see Kernels
	winogradGain  float64 // see Kernels
}

// kernels returns the level's implementation of all loops.
func (v *assembly) kernels(name string) *Kernels {
	k := &Kernels{
		Name:      name,
		Lanes:     v.lanes,
		Images:    v.lanes,
		Conv:      v.convolve,
		Depthwise: v.slide,
		MaxPool:   func(a *Window) { v.window(a, v.maxPool, portable.maxPool) },
		MaxPool3:  v.maxPool3,
		AvgPool:   func(a *Window) { v.window(a, v.avgPool, portable.avgPool) },
		Sum:       v.sum,
		Affine:    v.normalize,
		Stats:     v.statistics,
		Mul:       v.multiply,
		Mean:      v.mean,
		Activate:  v.activate,
		Winograd:  v.winograd,
		Codes:     v.signs,
		Lay:       v.sideBySide,
		Draw:      v.drawWeights,

		winogradTiles: v.winogradTiles, winogradGain: v.winogradGain,
	}
	if v.depthwisePair != nil {
		k.DepthwisePair = v.slidePair
	}
	if v.channelConv != nil {
		k.Images, k.widest = 1, len(v.channelConv)-1
		k.Conv, k.Depthwise, k.Codes, k.Lay, k.ChannelConv = nil, nil, nil, nil, v.channelConvolve
	}
	return k
}

// levels returns the level with images side by side, and that with channels side
// by side as its Channels, whose other kernels are the same.
func levels(name string, images, channels assembly) *Kernels {
	c := images
	c.conv, c.depthwise, c.depthwiseRow, c.depthwisePair, c.channelConv = nil, nil, nil, nil, channels.channelConv
	c.affine, c.affineAdd = channels.affine, channels.affineAdd
	c.winoOut, c.winoOutAdd = channels.winoOut, channels.winoOutAdd
	c.winogradGain = channels.winogradGain
	k := images.kernels(name)
	k.Channels = c.kernels(name)
	return k
}

// vector returns the bytes of one value of all lanes.
func (v *assembly) vector() int { return 4 * v.lanes }

// zeros stands in for absent shifts and for rows outside an image.
var zeros [1 << 16]float32

// address returns the address of the first value of a slice on the heap.
func address[T any](s []T) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(s))) }

func zeroAddress() uintptr { return uintptr(unsafe.Pointer(&zeros)) }

func floor(relu bool) float32 {
	if relu {
		return 0
	}
	return float32(math.Inf(-1))
}

func shiftOrZero(s []float32) uintptr {
	if s == nil {
		return zeroAddress()
	}
	return address(s)
}

func (v *assembly) convolve(a *Conv) {
	if len(a.Taps) == 0 { // as far in the padding
		portable{v.lanes}.conv(a)
		return
	}
	c := &a.call
	*c = asm.Conv{
		X: address(a.X), Y: address(a.Y), W: address(a.W), Shift: shiftOrZero(a.Shift),
		Taps: address(a.Taps), TapsEnd: address(a.Taps[len(a.Taps)-2:]),
		K4: a.Run / 4, K1: a.Run % 4, Floor: floor(a.ReLU && !a.Unfinished), Batch: 1,
	}
	if a.Begun {
		c.Begun = 1
	}
	c.Ahead = address(a.Ahead)
	c.AheadEnd = c.Ahead + uintptr(4*len(a.Ahead))
	if a.Add != nil && !a.Unfinished {
		c.Add = address(a.Add)
	}
	v.convRuns(c, a.Out, a.Window*a.In, a.Pix)
	runtime.KeepAlive(a)
}

// tilesOf cuts n pixels into tiles of most pixels at most, nearly equal ones: some
// of one pixel more than the others.
func tilesOf(n, most int) [2]struct{ pixels, tiles int } {
	tiles := (n + most - 1) / most
	small := n / tiles
	large := n - small*tiles
	return [2]struct{ pixels, tiles int }{{small + 1, large}, {small, tiles - large}}
}

// convRuns computes all output channels of a convolution whose window holds
// size values. c describes the first batch, and is used up.
func (v *assembly) convRuns(c *asm.Conv, out, size int, pix []int32) {
	first := *c
	for _, r := range v.blocks(out, size) {
		if r.N == 0 {
			continue
		}
		c.Blocks = r.N
		c.WStep, c.Second = 4*size*r.S, 4*size*asm.ConvTile
		kernels := v.conv[r.S]
		c.Pix = address(pix)
		for _, t := range tilesOf(len(pix)/3, len(kernels)-1) {
			if t.tiles == 0 {
				continue
			}
			c.Tiles, c.Batch = t.tiles, first.Batch
			c.X, c.Y, c.W, c.Add = first.X, first.Y, first.W, first.Add
			c.Shift = first.Shift + uintptr(4*r.First)
			c.Y += uintptr(r.First * v.vector())
			c.W += uintptr(4 * r.First * size)
			if c.Add != 0 {
				c.Add += uintptr(r.First * v.vector())
			}
			kernels[t.pixels](c)
			c.Pix += uintptr(12 * t.pixels * t.tiles)
		}
	}
}

// nearBytes is how much of the input a first-level cache keeps for the next channels,
// beside the weights and outputs that go through it: about half of it.
const nearBytes = 16 << 10

// blocks returns Runs, with two tiles of fours together where there are kernels for these
// and the windows of a tile's pixels are larger than nearBytes: fewer pixels and more
// channels at a time read less of them.
func (v *assembly) blocks(out, size int) [3]Run {
	r := Runs(out)
	double := 2 * asm.ConvTile
	if len(v.conv) <= double || r[0].S != asm.ConvTile || size*v.vector()*(len(v.conv[asm.ConvTile])-1) <= nearBytes {
		return [3]Run{r[0], r[1]}
	}
	return [3]Run{{S: double, N: r[0].N / 2}, {S: asm.ConvTile, N: r[0].N % 2, First: r[0].N / 2 * double}, r[1]}
}

// pixelBytes is how much of the input goes through all blocks of output channels
// before the next pixels do, so that a near cache holds it meanwhile.
const pixelBytes = 64 << 10

func (v *assembly) channelConvolve(a *ChannelConv) {
	if len(a.Taps) == 0 {
		k := Kernels{Lanes: v.lanes, widest: len(v.channelConv) - 1}
		portableChannels{portable{v.lanes}, k.widest}.conv(&k, a)
		return
	}
	c := &a.call
	first := asm.ChannelConv{
		X: address(a.X), Y: address(a.Y), W: address(a.W), Shift: shiftOrZero(a.Shift),
		Taps: address(a.Taps), TapsEnd: address(a.Taps[len(a.Taps)-3:]), Floor: floor(a.ReLU),
	}
	if a.Add != nil {
		first.Add = address(a.Add)
	}
	values := 0
	for t := 2; t < len(a.Taps); t += 3 {
		values += int(a.Taps[t])
	}
	most := 3 * max(24, pixelBytes/4/values/24*24) // whole tiles
	for pix := a.Pix; len(pix) > 0; {
		n := min(most, len(pix))
		*c = first
		v.channelRuns(c, a.Out, a.Rows, pix[:n])
		pix = pix[n:]
	}
	runtime.KeepAlive(a)
}

// channelRuns computes all vectors of output channels of a convolution whose
// weights have so many rows. c is used up.
func (v *assembly) channelRuns(c *asm.ChannelConv, out, rows int, pix []int32) {
	first := *c
	k := Kernels{widest: len(v.channelConv) - 1}
	for _, r := range k.ChannelRuns(out) {
		if r.N == 0 {
			continue
		}
		c.Blocks, c.WStep = r.N, rows*r.S*v.vector()
		kernels := v.channelConv[r.S]
		c.Pix = address(pix)
		for _, t := range tilesOf(len(pix)/3, len(kernels)-1) {
			if t.tiles == 0 {
				continue
			}
			skip := uintptr(r.First * v.vector())
			c.Tiles = t.tiles
			c.Y, c.W, c.Shift, c.Add = first.Y+skip, first.W+skip*uintptr(rows), first.Shift+skip, first.Add
			if c.Add != 0 {
				c.Add += skip
			}
			kernels[t.pixels](c)
			c.Pix += uintptr(12 * t.pixels * t.tiles)
		}
	}
}

func (v *assembly) window(a *Window, kernel func(*asm.Window), plain func(portable, *Window)) {
	if len(a.Taps) == 0 {
		plain(portable{v.lanes}, a)
		return
	}
	c := &a.call
	c.X, c.Y = address(a.X), address(a.Y)
	if a.W != nil {
		c.W = address(a.W)
	}
	c.Shift = shiftOrZero(a.Shift)
	c.Pix, c.N = address(a.Pix), len(a.Pix)/3
	c.Taps = address(a.Taps)
	c.TapsEnd = address(a.Taps[len(a.Taps)-2:])
	c.C4, c.C1 = a.C/4, a.C%4
	c.Factor = a.factor()
	c.Floor = floor(a.ReLU)
	kernel(c)
	runtime.KeepAlive(a)
}

// slide computes a depthwise convolution: of pixels side by side several together,
// where there are kernels for the window.
func (v *assembly) slide(a *Window) {
	kernel, column := a.columns(a.Taps)
	kernels, ok := v.depthwiseRow[kernel]
	if !ok {
		v.window(a, v.depthwise, portable.depthwise)
		return
	}
	c := &a.row
	*c = a.rowOf(a.Taps, column)
	slideTiles(a, c, c, kernels)
	runtime.KeepAlive(a)
}

// slidePair is slide for two rows of outputs.
func (v *assembly) slidePair(a *Window) bool {
	kernel, column := a.columns(a.Taps)
	kernels, ok := v.depthwisePair[kernel]
	if k, c := a.columns(a.Below); !ok || k != kernel || c != column {
		return false
	}
	both, lower, ok := a.pairRows(kernel)
	if !ok {
		return false
	}
	c := &a.pair
	*c = asm.DepthwisePair{DepthwiseRow: a.rowOf(a.rows, column), LowerY: 4 * a.BelowY}
	c.Both, c.Lower = c.Taps+uintptr(12*both), c.Taps+uintptr(12*lower)
	slideTiles(a, c, &c.DepthwiseRow, kernels)
	runtime.KeepAlive(a)
	return true
}

// rowOf returns what all tiles of a depthwise convolution have in common.
func (a *Window) rowOf(taps []int32, column int) asm.DepthwiseRow {
	return asm.DepthwiseRow{
		W: address(a.W), Shift: shiftOrZero(a.Shift), Taps: address(taps), TapsEnd: address(taps) + uintptr(4*len(taps)),
		Column: 4 * column, NextWeight: 4 * a.weights(), C: a.C, Floor: floor(a.ReLU),
	}
}

// slideTiles runs the kernels, which read c, on the tiles of all pixels; row is its part
// that says where a tile lies.
func slideTiles[C any](a *Window, c *C, row *asm.DepthwiseRow, kernels [3][]func(*C)) {
	for pix := a.Pix; len(pix) > 0; {
		n, stride := sideBySide(pix, row.Column/4)
		if n > 1 {
			row.LdY = 4 * int(pix[4]-pix[1])
		}
		for at, t := 0, 0; t < 2; t++ {
			cut := tilesOf(n, len(kernels[stride])-1)[t]
			if cut.tiles == 0 {
				continue
			}
			row.X, row.Y = address(a.X)+uintptr(4*int(pix[3*at])), address(a.Y)+uintptr(4*int(pix[3*at+1]))
			row.XTile, row.YTile, row.Tiles = row.Column*stride*cut.pixels, row.LdY*cut.pixels, cut.tiles
			kernels[stride][cut.pixels](c)
			at += cut.pixels * cut.tiles
		}
		pix = pix[3*n:]
	}
}

// pairRows lists the rows of the windows of two outputs, one below the other, of so many
// columns: each offset in X and in W for the upper and the lower one. Those from both on
// are of both, those from lower on of the lower one. It tells whether they have rows in
// common.
func (a *Window) pairRows(columns int) (both, lower int, ok bool) {
	upper, below, step := a.Taps, a.Below, 2*columns
	a.rows = a.rows[:0]
	for len(upper) > 0 && upper[0] != below[0] {
		a.rows = append(a.rows, upper[0], upper[1], 0)
		upper = upper[step:]
	}
	both = len(a.rows) / 3
	lower = both + len(upper)/step
	for len(upper) > 0 && len(below) > 0 && upper[0] == below[0] {
		a.rows = append(a.rows, upper[0], upper[1], below[1])
		upper, below = upper[step:], below[step:]
	}
	if both == lower || len(upper) > 0 {
		return 0, 0, false
	}
	for ; len(below) > 0; below = below[step:] {
		a.rows = append(a.rows, below[0], 0, below[1])
	}
	return both, lower, true
}

// columns returns the number of columns of a window and the floats from one to the
// next, where its taps are whole rows of columns at the same distance; else 0.
func (a *Window) columns(t []int32) (kernel, step int) {
	if len(t) < 4 {
		return 0, 0
	}
	dx := t[2] - t[0]
	n := 1
	for 2*n < len(t) && t[2*n]-t[2*n-2] == dx && int(t[2*n+1]-t[2*n-1]) == a.weights() {
		n++
	}
	if len(t)%(2*n) != 0 {
		return 0, 0
	}
	for i := 0; i < len(t); i += 2 {
		row := t[i/(2*n)*2*n:]
		if k := int32(i / 2 % n); t[i] != row[0]+k*dx || t[i+1] != row[1]+k*int32(a.weights()) {
			return 0, 0
		}
	}
	return n, int(dx)
}

// weights returns how many weights a tap has.
func (a *Window) weights() int {
	if a.LdW > 0 {
		return a.LdW
	}
	return a.C
}

// sideBySide returns how many of the first pixels lie at equal distances, one or two
// columns apart, and how many columns that is.
func sideBySide(pix []int32, column int) (n, stride int) {
	if len(pix) < 6 {
		return len(pix) / 3, 1
	}
	dx, dy := pix[3]-pix[0], pix[4]-pix[1]
	for stride = 1; int(dx) != stride*column; stride++ {
		if stride == 2 {
			return 1, 1
		}
	}
	n = 2
	for 3*n < len(pix) && pix[3*n]-pix[3*n-3] == dx && pix[3*n+1]-pix[3*n-2] == dy {
		n++
	}
	return n, stride
}

// maxPool3 goes through the image once for every four channels. A row
// outside the image is replaced by one that the window holds anyway.
func (v *assembly) maxPool3(a *Image) {
	for ch := 0; ch < a.C; {
		channels := 1
		if a.C-ch >= 4 {
			channels = 4
		}
		last := a.Height - 1
		v.maxPool3Rows(a, ch, channels, 0, 1, 0, min(1, last))
		if last > 1 {
			v.maxPool3Rows(a, ch, channels, 1, last-1, 1, 1)
		}
		if last > 0 {
			v.maxPool3Rows(a, ch, channels, last, 1, 1, 0)
		}
		ch += channels
	}
	runtime.KeepAlive(a)
}

// maxPool3Rows computes n rows from row y on, from the rows that lie above and
// below them by the given distances.
func (v *assembly) maxPool3Rows(a *Image, ch, channels, y, n, above, below int) {
	c := &a.call
	*c = asm.MaxPool3{
		LdX: 4 * a.LdX, LdY: 4 * a.LdY, RowX: 4 * a.LdX * a.Width, RowY: 4 * a.LdY * a.Width,
		Width: a.Width, Rows: n,
	}
	first := address(a.X) + uintptr(ch*v.vector())
	for i, r := range [3]int{y - above, y, y + below} {
		c.X[i] = first + uintptr(r*c.RowX)
	}
	c.Y = address(a.Y) + uintptr(ch*v.vector()+y*c.RowY)
	if channels == 4 {
		v.maxPool3x4(c)
	} else {
		v.maxPool3x1(c)
	}
}

// setMap fills in the size of an element-wise operation. lds are the floats
// from pixel to pixel of its tensors where none is broadcast: where all are
// contiguous, the pixels become channels of one long pixel.
func (v *assembly) setMap(c *asm.Map, n, channels int, lds ...int) {
	flat := len(lds) > 0
	for _, ld := range lds {
		flat = flat && ld == channels*v.lanes
	}
	if flat {
		channels, n = channels*n, 1
	}
	c.N, c.C4, c.C1 = n, channels/4, channels%4
}

// sum adds up to four tensors in a pass.
func (v *assembly) sum(a *Sum) {
	c := &a.call
	c.Y, c.LdY = address(a.Y), 4*a.LdY
	c.X, c.LdX = address(a.X[0]), 4*a.LdX[0]
	if len(a.X) == 1 {
		v.setMap(c, a.N, a.C, a.LdY, a.LdX[0])
		v.copy(c)
	}
	first := a.LdX[0]
	for i := 1; i < len(a.X); {
		n := min(len(a.X)-i, 3)
		// Where there are fewer than four, the last one's place is not read.
		g, h := i+min(1, n-1), i+n-1
		c.F, c.LdF = address(a.X[i]), 4*a.LdX[i]
		c.G, c.LdG = address(a.X[g]), 4*a.LdX[g]
		c.H, c.LdH = address(a.X[h]), 4*a.LdX[h]
		v.setMap(c, a.N, a.C, a.LdY, first, a.LdX[i], a.LdX[g], a.LdX[h])
		v.add[n](c)
		c.X, c.LdX, first = c.Y, c.LdY, a.LdY
		i += n
	}
	runtime.KeepAlive(a)
}

func (v *assembly) multiply(a *Mul) {
	c := &a.call
	c.Y, c.X, c.F = address(a.Y), address(a.X), address(a.F)
	c.LdY, c.LdX, c.LdF = 4*a.LdY, 4*a.LdX, 4*a.LdF
	v.setMap(c, a.N, a.C)
	v.mul(c)
	runtime.KeepAlive(a)
}

func (v *assembly) normalize(a *Affine) {
	c := &a.call
	c.Y, c.Scale, c.Shift = address(a.X), address(a.Scale), address(a.Shift)
	c.Floor = floor(a.ReLU)
	c.LdY = 4 * a.LdX
	c.X, c.LdX = c.Y, c.LdY
	if a.From != nil {
		c.X, c.LdX = address(a.From), 4*a.LdFrom
	}
	v.setMap(c, a.N, a.C)
	if a.Add == nil {
		v.affine(c)
	} else {
		c.F, c.LdF = address(a.Add), 4*a.LdAdd
		v.affineAdd(c)
	}
	runtime.KeepAlive(a)
}

func (v *assembly) activate(a *Activate) {
	switch a.F {
	case ReLU:
		v.piecewise(a, v.clamp, 1, 0, 0, float32(math.Inf(1)))
	case Clamp:
		v.piecewise(a, v.clamp, a.Slope, a.Shift, a.Lo, a.Hi)
	case ClampMul:
		v.piecewise(a, v.clampMul, a.Slope, a.Shift, a.Lo, a.Hi)
	case LeakyReLU:
		v.piecewise(a, v.leakyReLU, a.Slope, 0, 0, 0)
	case Swish:
		v.byExp(a, v.swish)
	case Sigmoid:
		v.byExp(a, v.sigmoid)
	case Tanh:
		v.byExp(a, v.tanh)
	case GELUTanh:
		v.byExp(a, v.geluTanh)
	case Erf:
		v.byErf(a, v.erf)
	case GELU:
		v.byErf(a, v.gelu)
	default:
		panic("simd: unknown activation")
	}
	runtime.KeepAlive(a)
}

// byExp computes an activation made of the exponential function.
func (v *assembly) byExp(a *Activate, f func(*asm.Activate)) {
	v.fetch(a)
	c := &a.call
	*c = asm.Activate{ExpConsts: asm.Exp, X: address(a.X), LdX: 4 * a.Ld, N: a.N, C4: a.C / 4, C1: a.C % 4}
	f(c)
}

// byErf computes an activation made of the error function.
func (v *assembly) byErf(a *Activate, f func(*asm.Erf)) {
	v.fetch(a)
	c := &a.erf
	*c = asm.Erf{ErfConsts: asm.ErfOf, X: address(a.X), LdX: 4 * a.Ld, N: a.N, C4: a.C / 4, C1: a.C % 4}
	f(c)
}

// fetch copies the values from where they come from.
func (v *assembly) fetch(a *Activate) {
	if a.From == nil {
		return
	}
	m := &a.copy
	*m = asm.Map{Y: address(a.X), LdY: 4 * a.Ld, X: address(a.From), LdX: 4 * a.LdFrom}
	v.setMap(m, a.N, a.C, a.Ld, a.LdFrom)
	v.copy(m)
}

// piecewise computes an activation of linear pieces.
func (v *assembly) piecewise(a *Activate, f func(*asm.Pieces), slope, shift, lo, hi float32) {
	c := &a.pieces
	*c = asm.Pieces{
		Y: address(a.X), LdY: 4 * a.Ld, N: a.N, C4: a.C / 4, C1: a.C % 4,
		Slope: slope, Shift: shift, Lo: lo, Hi: hi,
	}
	c.X, c.LdX = c.Y, c.LdY
	if a.From != nil {
		c.X, c.LdX = address(a.From), 4*a.LdFrom
	}
	f(c)
}

func (v *assembly) signs(a *Codes) {
	c := &a.call
	c.X, c.Y, c.LdX, c.N, c.C = address(a.X), address(a.Y), 4*a.Ld, a.N, a.C
	v.codes(c)
	runtime.KeepAlive(a)
}

func (v *assembly) sideBySide(a *Lay) {
	whole := a.N / v.lanes * v.lanes
	if whole > 0 {
		a.call = asm.Lay{X: address(a.X), Y: address(a.Y), LdX: 4 * a.LdX, Blocks: whole / v.lanes}
		v.lay(&a.call)
	}
	for i := whole; i < a.N; i++ {
		for l := range v.lanes {
			a.Y[i*v.lanes+l] = a.X[l*a.LdX+i]
		}
	}
}

func (v *assembly) drawWeights(a *Draw) {
	c := &a.call
	switch {
	case a.Normal == nil:
		c.DrawConsts, a.set = asm.DrawOf(a.P, a.Q), nil
	case a.set != a.Normal:
		c.Set(a.Normal)
		a.set = a.Normal
	}
	c.Out = address(a.W)
	counter := a.Counter
	for _, k := range v.draw {
		c.Blocks = (len(a.W)/4 - int(counter[0]-a.Counter[0])) / k.together * k.together
		if c.Blocks == 0 {
			continue
		}
		c.SetStream(counter, a.Key, a.Std, k.together)
		if a.Normal == nil {
			k.truncated(&c.Draw)
		} else {
			k.normal(c)
		}
		counter[0] += uint32(c.Blocks)
		c.Out += uintptr(16 * c.Blocks)
	}
	runtime.KeepAlive(a)
}

// drawing draws weights of a multiple of together blocks.
type drawing struct {
	together  int
	truncated func(*asm.Draw)
	normal    func(*asm.DrawNormal)
}

// meanBlock is how many pixels are summed at a time: blocks keep the error of
// sums over many pixels small.
const meanBlock = 64

func (v *assembly) mean(a *Mean) {
	y := a.Y[:a.C*v.lanes]
	clear(y)
	c := &a.call
	c.Y, c.LdX, c.Factor = address(y), 4*a.Ld, 1
	for p := 0; p < a.N; p += meanBlock {
		n := min(meanBlock, a.N-p)
		if p+n == a.N {
			c.Factor = 1 / float32(a.N)
		}
		c.X = address(a.X[p*a.Ld:])
		v.setMap(c, n, a.C)
		v.sums(c)
	}
	runtime.KeepAlive(a)
}

// statsPixels is how many pixels are summed in float32 at a time.
const statsPixels = 256

// statistics takes, for each lane and run of statsPixels pixels, the sums of
// deviations from the first pixel and of their squares in float32, and joins
// these in float64: neither a large mean nor many values spoil the variance.
func (v *assembly) statistics(a *Stats) {
	if v.channelConv != nil {
		v.channelStatistics(a)
		return
	}
	sums := a.sums[:]
	c := &a.call
	c.Y, c.LdX = address(sums), 4*a.Ld
	for first := 0; first < a.C; first += statsChannels {
		channels := min(statsChannels, a.C-first)
		clear(a.Mean[first : first+channels])
		clear(a.SumSq[first : first+channels])
		count := 0
		for p := 0; p < a.N; p += statsPixels {
			n := min(statsPixels, a.N-p)
			c.X = address(a.X[p*a.Ld+first*v.lanes:])
			v.setMap(c, n, channels)
			v.stats(c)
			for i := range channels {
				v.mergeLanes(sums[i*3*v.lanes:], n, a.Valid, count, &a.Mean[first+i], &a.SumSq[first+i])
			}
			count += n * a.Valid
		}
	}
	runtime.KeepAlive(a)
}

// channelStatistics is statistics where each lane is a channel.
func (v *assembly) channelStatistics(a *Stats) {
	sums := a.sums[:]
	c := &a.call
	c.Y, c.LdX = address(sums), 4*a.Ld
	clear(a.Mean[:a.C*v.lanes])
	clear(a.SumSq[:a.C*v.lanes])
	for first := 0; first < a.C; first += statsChannels {
		vectors := min(statsChannels, a.C-first)
		for p := 0; p < a.N; p += statsPixels {
			n := min(statsPixels, a.N-p)
			c.X = address(a.X[p*a.Ld+first*v.lanes:])
			v.setMap(c, n, vectors)
			v.stats(c)
			for i := range vectors {
				s, at := sums[i*3*v.lanes:], (first+i)*v.lanes
				for l := range v.lanes {
					mergeSums(float64(s[l]), float64(s[v.lanes+l]), float64(s[2*v.lanes+l]), n, p, &a.Mean[at+l], &a.SumSq[at+l])
				}
			}
		}
	}
	runtime.KeepAlive(a)
}

// mergeSums adds n values, given by pivot, sum and sum of squares of deviations
// from the pivot, to the statistics of count values.
func mergeSums(pivot, sum, squares float64, n, count int, mean, sumSq *float64) {
	k, total := float64(n), float64(count)
	d := pivot + sum/k - *mean
	*mean += d * (k / (total + k))
	*sumSq += squares - sum*sum/k + d*d*(total*k/(total+k))
}

// mergeLanes adds n values of each valid lane, given by pivot, sum and sum of
// squares of deviations from the pivot, to the statistics of count values.
func (v *assembly) mergeLanes(s []float32, n, valid, count int, mean, sumSq *float64) {
	k, total := float64(n), float64(count)
	m, q := *mean, *sumSq
	inv := 1 / k
	for l := range valid {
		sum := float64(s[v.lanes+l])
		d := float64(s[l]) + sum*inv - m
		both := total + k
		m += d * (k / both)
		q += float64(s[2*v.lanes+l]) - sum*sum*inv + d*d*(total*k/both)
		total = both
	}
	*mean, *sumSq = m, q
}
