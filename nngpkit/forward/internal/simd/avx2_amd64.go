package simd

import (
	"math"
	"runtime"
	"unsafe"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
	"golang.org/x/sys/cpu"
)

func native() []*Kernels {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		return []*Kernels{AVX2}
	}
	return nil
}

const (
	avx2Lanes  = 8
	avx2Vector = 4 * avx2Lanes // bytes
)

// AVX2 is the implementation for processors with AVX2 and FMA.
var AVX2 = &Kernels{
	Name:      "avx2",
	Lanes:     avx2Lanes,
	Conv:      convAVX2,
	Depthwise: func(a *Window) { windowAVX2(a, asm.DepthwiseAVX2) },
	MaxPool:   func(a *Window) { windowAVX2(a, asm.MaxPoolAVX2) },
	MaxPool3:  maxPool3AVX2,
	AvgPool:   func(a *Window) { windowAVX2(a, asm.AvgPoolAVX2) },
	Sum:       sumAVX2,
	Affine:    affineAVX2,
	Stats:     statsAVX2,
	Mul:       mulAVX2,
	Mean:      meanAVX2,
	Activate:  activatePortable,
	Winograd:  winogradAVX2,
}

// convTilesAVX2 are the convolution kernels by output channels and pixels.
var convTilesAVX2 = [...][]func(*asm.Conv){
	1: {nil, asm.ConvAVX2R1S1, asm.ConvAVX2R2S1, asm.ConvAVX2R3S1, asm.ConvAVX2R4S1, asm.ConvAVX2R5S1, asm.ConvAVX2R6S1, asm.ConvAVX2R7S1, asm.ConvAVX2R8S1},
	2: {nil, asm.ConvAVX2R1S2, asm.ConvAVX2R2S2, asm.ConvAVX2R3S2, asm.ConvAVX2R4S2, asm.ConvAVX2R5S2, asm.ConvAVX2R6S2},
	3: {nil, asm.ConvAVX2R1S3, asm.ConvAVX2R2S3, asm.ConvAVX2R3S3, asm.ConvAVX2R4S3},
	4: {nil, asm.ConvAVX2R1S4, asm.ConvAVX2R2S4, asm.ConvAVX2R3S4},
	5: {nil, asm.ConvAVX2R1S5, asm.ConvAVX2R2S5},
}

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

func convAVX2(a *Conv) {
	c := &a.call
	*c = asm.Conv{
		X: address(a.X), Y: address(a.Y), W: address(a.W), Shift: shiftOrZero(a.Shift),
		Taps: address(a.Taps), TapsEnd: address(a.Taps[len(a.Taps)-2:]),
		K4: a.Run / 4, K1: a.Run % 4, Floor: floor(a.ReLU), Batch: 1,
	}
	if a.Add != nil {
		c.Add = address(a.Add)
	}
	convRuns(c, a.Out, a.Window*a.In, a.Pix)
	runtime.KeepAlive(a)
}

// convRuns computes all output channels of a convolution whose window holds
// size values. c describes the first batch, and is used up.
func convRuns(c *asm.Conv, out, size int, pix []int32) {
	first := *c
	for _, r := range Runs(out) {
		if r.N == 0 {
			continue
		}
		c.Blocks = r.N
		c.WStep = 4 * size * r.S
		kernels := convTilesAVX2[r.S]
		n := len(pix) / 3
		most := len(kernels) - 1
		tiles := (n + most - 1) / most // of nearly equal size
		small := n / tiles
		large := n - small*tiles
		c.Pix = address(pix)
		for _, t := range [2]struct{ pixels, tiles int }{{small + 1, large}, {small, tiles - large}} {
			if t.tiles == 0 {
				continue
			}
			c.Tiles, c.Batch = t.tiles, first.Batch
			c.X, c.Y, c.W, c.Add = first.X, first.Y, first.W, first.Add
			c.Shift = first.Shift + uintptr(4*r.First)
			c.Y += uintptr(r.First * avx2Vector)
			c.W += uintptr(4 * r.First * size)
			if c.Add != 0 {
				c.Add += uintptr(r.First * avx2Vector)
			}
			kernels[t.pixels](c)
			c.Pix += uintptr(12 * t.pixels * t.tiles)
		}
	}
}

func windowAVX2(a *Window, kernel func(*asm.Window)) {
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
	c.Factor = 1 / float32(len(a.Taps)/2)
	c.Floor = floor(a.ReLU)
	kernel(c)
	runtime.KeepAlive(a)
}

// maxPool3AVX2 goes through the image once for every four channels. A row
// outside the image is replaced by one that the window holds anyway.
func maxPool3AVX2(a *Image) {
	for ch := 0; ch < a.C; {
		channels := 1
		if a.C-ch >= 4 {
			channels = 4
		}
		last := a.Height - 1
		maxPool3Rows(a, ch, channels, 0, 1, 0, min(1, last))
		if last > 1 {
			maxPool3Rows(a, ch, channels, 1, last-1, 1, 1)
		}
		if last > 0 {
			maxPool3Rows(a, ch, channels, last, 1, 1, 0)
		}
		ch += channels
	}
	runtime.KeepAlive(a)
}

// maxPool3Rows computes n rows from row y on, from the rows that lie above and
// below them by the given distances.
func maxPool3Rows(a *Image, ch, channels, y, n, above, below int) {
	c := asm.MaxPool3{
		LdX: 4 * a.LdX, LdY: 4 * a.LdY, RowX: 4 * a.LdX * a.Width, RowY: 4 * a.LdY * a.Width,
		Width: a.Width, Rows: n,
	}
	first := address(a.X) + uintptr(ch*avx2Vector)
	for i, r := range [3]int{y - above, y, y + below} {
		c.X[i] = first + uintptr(r*c.RowX)
	}
	c.Y = address(a.Y) + uintptr(ch*avx2Vector+y*c.RowY)
	if channels == 4 {
		asm.MaxPool3AVX2C4(&c)
	} else {
		asm.MaxPool3AVX2C1(&c)
	}
}

// setMap fills in what all element-wise operations have. Strides are in
// floats. Where all tensors are contiguous the pixels become channels of one
// long pixel.
func setMap(c *asm.Map, n, channels, ldy, ldx, ldf int, flat bool) {
	if size := channels * avx2Lanes; flat && ldy == size && ldx == size && ldf == size {
		channels, n = channels*n, 1
	}
	c.N = n
	c.C4, c.C1 = channels/4, channels%4
	c.LdY, c.LdX, c.LdF = 4*ldy, 4*ldx, 4*ldf
}

func sumAVX2(a *Sum) {
	var c asm.Map
	c.Y, c.X = address(a.Y), address(a.X[0])
	if len(a.X) == 1 {
		setMap(&c, a.N, a.C, a.LdY, a.LdX[0], a.LdY, true)
		asm.CopyAVX2(&c)
		runtime.KeepAlive(a)
		return
	}
	for i := 1; i < len(a.X); i++ {
		c.F = address(a.X[i])
		if i == 1 {
			setMap(&c, a.N, a.C, a.LdY, a.LdX[0], a.LdX[1], true)
		} else {
			c.X = c.Y
			setMap(&c, a.N, a.C, a.LdY, a.LdY, a.LdX[i], true)
		}
		asm.AddAVX2(&c)
	}
	runtime.KeepAlive(a)
}

func mulAVX2(a *Mul) {
	var c asm.Map
	c.Y, c.X, c.F = address(a.Y), address(a.X), address(a.F)
	setMap(&c, a.N, a.C, a.LdY, a.LdX, 0, false)
	asm.MulAVX2(&c)
	runtime.KeepAlive(a)
}

func affineAVX2(a *Affine) {
	var c asm.Map
	c.Y, c.Scale, c.Shift = address(a.X), address(a.Scale), address(a.Shift)
	c.Floor = floor(a.ReLU)
	setMap(&c, a.N, a.C, a.LdX, 0, a.LdAdd, false)
	if a.Add == nil {
		asm.AffineAVX2(&c)
	} else {
		c.F = address(a.Add)
		asm.AffineAddAVX2(&c)
	}
	runtime.KeepAlive(a)
}

// meanBlock is how many pixels are summed at a time: blocks keep the error of
// sums over many pixels small.
const meanBlock = 64

func meanAVX2(a *Mean) {
	y := a.Y[:a.C*avx2Lanes]
	clear(y)
	var c asm.Map
	c.Y, c.Factor = address(y), 1
	for p := 0; p < a.N; p += meanBlock {
		n := min(meanBlock, a.N-p)
		if p+n == a.N {
			c.Factor = 1 / float32(a.N)
		}
		c.X = address(a.X[p*a.Ld:])
		setMap(&c, n, a.C, 0, a.Ld, 0, false)
		asm.MeanAVX2(&c)
	}
	runtime.KeepAlive(a)
}

// statsPixels is how many pixels are summed in float32 at a time.
const statsPixels = 256

// statsAVX2 takes, for each lane and run of statsPixels pixels, the sums of
// deviations from the first pixel and of their squares in float32, and joins
// these in float64: neither a large mean nor many values spoil the variance.
func statsAVX2(a *Stats) {
	sums := a.sums[:]
	var c asm.Map
	c.Y = address(sums)
	for first := 0; first < a.C; first += statsChannels {
		channels := min(statsChannels, a.C-first)
		clear(a.Mean[first : first+channels])
		clear(a.SumSq[first : first+channels])
		count := 0
		for p := 0; p < a.N; p += statsPixels {
			n := min(statsPixels, a.N-p)
			c.X = address(a.X[p*a.Ld+first*avx2Lanes:])
			setMap(&c, n, channels, 0, a.Ld, 0, false)
			asm.StatsAVX2(&c)
			for i := range channels {
				mergeLanes(sums[i*3*avx2Lanes:], n, a.Valid, count, &a.Mean[first+i], &a.SumSq[first+i])
			}
			count += n * a.Valid
		}
	}
	runtime.KeepAlive(a)
}

// mergeLanes adds n values of each valid lane, given by pivot, sum and sum of
// squares of deviations from the pivot, to the statistics of count values.
func mergeLanes(s []float32, n, valid, count int, mean, sumSq *float64) {
	k, total := float64(n), float64(count)
	m, q := *mean, *sumSq
	inv := 1 / k
	for l := range valid {
		sum := float64(s[avx2Lanes+l])
		d := float64(s[l]) + sum*inv - m
		both := total + k
		m += d * (k / both)
		q += float64(s[2*avx2Lanes+l]) - sum*sum*inv + d*d*(total*k/both)
		total = both
	}
	*mean, *sumSq = m, q
}
