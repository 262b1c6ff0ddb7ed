package simd

import (
	"runtime"
	"unsafe"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// winogradCalls holds the arguments of the assembly kernels.
type winogradCalls struct {
	conv asm.Conv
	wide asm.ChannelConv
	in   asm.WinoIn
	out  asm.WinoOut
	pix  []int32
	tap  [2]int32
}

var ones = func() (v [winogradChannels]float32) {
	for i := range v {
		v[i] = 1
	}
	return
}()

func (v *assembly) winograd(a *Winograd) {
	lanes := v.lanes
	c := &a.call
	count := a.Height / 4 * (a.Width / 4) * a.Groups
	blocks := (count + a.Tiles - 1) / a.Tiles
	tiles := (count + blocks - 1) / blocks // at most a.Tiles, and nearly equal in all blocks
	stride := winogradStride(tiles, max(a.In, a.Out), lanes)
	if len(a.Scratch) < WinogradScratch(a.Tiles, a.In, a.Out, lanes) {
		panic("simd: too little scratch memory for Winograd's algorithm")
	}
	out := alignLine(a.Scratch)
	in := out[stride:]
	apart := winogradApart(a.Tiles, a.In, a.Out, lanes)
	if apart {
		in = out[WinogradPositions*stride:]
	}
	if len(c.pix) < 3*tiles {
		c.pix = make([]int32, 3*tiles)
	}
	for t := range tiles {
		c.pix[3*t], c.pix[3*t+1] = int32(t*a.In*lanes), int32(t*a.Out*lanes)
	}
	c.in.WinoConsts, c.out.WinoConsts = asm.Winograd, asm.Winograd
	c.in.Pixel, c.in.Stride = 4*a.LdX, 4*stride
	c.out.Pixel, c.out.Stride = 4*a.LdY, 4*stride
	c.out.Scale, c.out.Shift = uintptr(unsafe.Pointer(&ones)), zeroAddress()
	if a.Scale != nil {
		c.out.Scale, c.out.Shift = address(a.Scale), address(a.Shift)
	}
	c.out.Floor = floor(a.ReLU)
	for first := 0; first < count; first += tiles {
		n := min(tiles, count-first)
		for t := range n {
			c.in.V = address(in[t*a.In*lanes:])
			v.tileIn(a, first+t)
		}
		v.products(a, in, out, stride, c.pix[:3*n], apart)
		for t := range n {
			c.out.M = address(out[t*a.Out*lanes:])
			v.tileOut(a, first+t)
		}
	}
	runtime.KeepAlive(a)
}

// products multiplies, at all positions, the channels of the tiles in pix. Unless
// they lie apart, the products of a position take the place of the inputs of the
// one before, which have been used up.
func (v *assembly) products(a *Winograd, in, out []float32, stride int, pix []int32, apart bool) {
	c := &a.call
	if v.channelConv != nil {
		one := asm.ChannelConv{
			X: address(in), Y: address(out), W: address(a.W), Shift: zeroAddress(),
			Taps: address(a.Taps), TapsEnd: address(a.Taps[len(a.Taps)-3:]), Floor: floor(false),
		}
		for range WinogradPositions {
			c.wide = one
			v.channelRuns(&c.wide, a.Out, a.Rows, pix)
			one.X += uintptr(4 * stride)
			one.Y += uintptr(4 * stride)
			one.W += uintptr(a.Rows * a.Out * v.vector())
		}
		return
	}
	one := asm.Conv{
		X: address(in), Y: address(out), W: address(a.W), Shift: zeroAddress(),
		Taps: address(c.tap[:]), TapsEnd: address(c.tap[:]), K4: a.In / 4, K1: a.In % 4, Floor: floor(false),
		Batch: WinogradPositions, XBatch: 4 * stride, YBatch: 4 * stride, WBatch: 4 * a.In * a.Out,
	}
	if runs := Runs(a.Out); apart || runs[1].N == 0 && len(pix)/3 < len(v.conv[runs[0].S]) { // or one call of one kernel
		c.conv = one
		v.convRuns(&c.conv, a.Out, a.In, pix)
		return
	}
	one.Batch = 1
	for range WinogradPositions {
		c.conv = one
		v.convRuns(&c.conv, a.Out, a.In, pix)
		one.X += uintptr(one.XBatch)
		one.Y += uintptr(one.YBatch)
		one.W += uintptr(one.WBatch)
	}
}

// origin returns the group of tile t and the pixel where it begins.
func (a *Winograd) origin(t int) (group, y, x int) {
	across := a.Width / 4
	each := a.Height / 4 * across
	group, t = t/each, t%each
	return group, t / across * 4, t % across * 4
}

// tileIn transforms the input of one tile.
func (v *assembly) tileIn(a *Winograd, t int) {
	c := &a.call.in
	g, y, x := a.origin(t)
	base := address(a.X) + uintptr(4*g*a.GroupX)
	for i := range c.Rows {
		if row := y + i - 1; row < 0 || row >= a.Height {
			c.Rows[i] = zeroAddress()
		} else {
			c.Rows[i] = base + uintptr(4*((row*a.Width+x-1)*a.LdX))
		}
	}
	c.C = a.In
	switch left, right := x == 0, x+4 == a.Width; {
	case left && right:
		v.winoInLR(c)
	case left:
		v.winoInL(c)
	case right:
		v.winoInR(c)
	default:
		v.winoIn(c)
	}
}

// tileOut transforms one tile to pixels.
func (v *assembly) tileOut(a *Winograd, t int) {
	c := &a.call.out
	g, y, x := a.origin(t)
	for i := range c.Rows {
		p := (y+i)*a.Width + x
		c.Rows[i] = address(a.Y) + uintptr(4*(g*a.GroupY+p*a.LdY))
		if a.Add != nil {
			for j := range 4 {
				c.Add[4*j+i] = address(a.Add) + uintptr(4*(g*a.GroupAdd+(p+j)*a.LdAdd))
			}
		}
	}
	c.C = a.Out
	if a.Add != nil {
		v.winoOutAdd(c)
		return
	}
	v.winoOut(c)
}

// alignLine returns s from its first cache line on.
func alignLine(s []float32) []float32 {
	return s[(64-address(s)%64)%64/4:]
}
