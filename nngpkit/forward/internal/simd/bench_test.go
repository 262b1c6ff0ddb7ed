package simd

import (
	"fmt"
	"testing"
)

// padded returns the channels of a pixel in memory, of so many in use, such
// that the pixels do not compete for few cache sets.
func padded(channels int) int {
	if channels%16 == 0 {
		return channels + 2
	}
	return channels
}

// benchConv returns tables for a dense convolution of the given side over a
// square image, interior pixels and border alike as one class of interior
// geometry: the kernel's own speed.
func benchConv(k *Kernels, side, kernel, in, out int) *Conv {
	l := k.Lanes
	ld := side + kernel - 1
	px, py := padded(in)*l, padded(out)*l
	a := &Conv{
		X: make([]float32, ld*ld*px), Y: make([]float32, side*side*py), W: make([]float32, kernel*kernel*in*out),
		Run: in, In: in, Out: out, Window: kernel * kernel, ReLU: true, Shift: make([]float32, out),
	}
	for y := range side {
		for x := range side {
			a.Pix = append(a.Pix, int32((y*ld+x)*px), int32((y*side+x)*py), 0)
		}
	}
	for y := range kernel {
		for x := range kernel {
			a.Taps = append(a.Taps, int32((y*ld+x)*px), int32((y*kernel+x)*in))
		}
	}
	return a
}

func BenchmarkConv(b *testing.B) {
	for _, k := range Available() {
		for _, c := range []struct{ side, kernel, in, out int }{
			{32, 3, 4, 4}, {32, 3, 4, 8}, {32, 3, 5, 5}, {32, 3, 6, 6}, {32, 3, 8, 8}, {8, 3, 64, 64}, {16, 3, 32, 32}, {32, 3, 16, 16}, {32, 3, 3, 16}, {16, 3, 128, 128}, {32, 3, 128, 128},
			{16, 1, 16, 16}, {32, 1, 16, 16}, {32, 1, 8, 8}, {32, 1, 16, 5}, {16, 1, 32, 32}, {16, 1, 32, 11}, {8, 1, 64, 64}, {32, 1, 128, 128}, {8, 1, 512, 512},
		} {
			b.Run(fmt.Sprintf("%s/%dx%d_%dx%d_%d-%d", k.Name, c.kernel, c.kernel, c.side, c.side, c.in, c.out), func(b *testing.B) {
				a := benchConv(k, c.side, c.kernel, c.in, c.out)
				for b.Loop() {
					k.Conv(a)
				}
				macs := float64(c.side * c.side * c.kernel * c.kernel * c.in * c.out * k.Lanes)
				b.ReportMetric(2*macs*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GFLOP/s")
			})
		}
	}
}

func BenchmarkWinograd(b *testing.B) {
	for _, k := range Available()[1:] {
		if k.Winograd == nil {
			continue
		}
		for _, c := range []struct{ side, in, out int }{
			{32, 3, 8}, {32, 3, 16}, {32, 4, 4}, {32, 4, 8}, {32, 5, 5}, {32, 6, 6}, {32, 8, 8}, {16, 11, 11}, {32, 16, 16}, {16, 16, 16}, {16, 32, 32},
			{8, 43, 43}, {8, 64, 64}, {32, 64, 64}, {32, 128, 128}, {16, 128, 128}, {16, 256, 256}, {8, 512, 512},
		} {
			b.Run(fmt.Sprintf("%s/%dx%d_%d-%d", k.Name, c.side, c.side, c.in, c.out), func(b *testing.B) {
				l, tiles := k.Lanes, k.WinogradTiles(c.in, c.out)
				groups := max(1, 16*tiles/(c.side*c.side)) // full tiles
				ldx, ldy := padded(c.in)*l, padded(c.out)*l
				pixels := c.side * c.side
				a := &Winograd{
					X: make([]float32, groups*pixels*ldx), Y: make([]float32, groups*pixels*ldy), W: make([]float32, WinogradPositions*c.in*c.out),
					LdX: ldx, LdY: ldy, GroupX: pixels * ldx, GroupY: pixels * ldy, In: c.in, Out: c.out, Height: c.side, Width: c.side, Groups: groups, ReLU: true,
					Tiles: tiles, Scratch: make([]float32, WinogradScratch(tiles, c.in, c.out, l)),
				}
				for b.Loop() {
					k.Winograd(a)
				}
				macs := float64(groups * pixels * 9 * c.in * c.out * l)
				b.ReportMetric(2*macs*float64(b.N)/b.Elapsed().Seconds()*1e-9, "nominal-GFLOP/s")
			})
		}
	}
}

// BenchmarkMaps times the kernels without weights, in nanoseconds for a vector
// of all lanes, over images that a second-level cache holds.
func BenchmarkMaps(b *testing.B) {
	for _, k := range Available() {
		const side, c = 16, 16
		l := k.Lanes
		ld := padded(c) * l
		x, y := make([]float32, side*side*ld), make([]float32, side*side*ld)
		scale := make([]float32, c)
		window := benchConv(k, side-4, 5, c, c)
		run := func(name string, vectors int, f func()) {
			b.Run(k.Name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*vectors), "ns/vector")
			})
		}
		n := side * side
		depthwise := &Window{X: window.X, Y: window.Y, W: make([]float32, 25*c), Pix: window.Pix, Taps: window.Taps, C: c}
		run("depthwise5", (side-4)*(side-4)*c, func() { k.Depthwise(depthwise) })
		if k.MaxPool3 != nil {
			run("maxpool3", n*c, func() { k.MaxPool3(&Image{X: x, Y: y, LdX: ld, LdY: ld, C: c, Height: side, Width: side}) })
		}
		for inputs := 1; inputs <= 4; inputs++ {
			xs, lds := make([][]float32, inputs), make([]int, inputs)
			for i := range xs {
				xs[i], lds[i] = x, ld
			}
			run(fmt.Sprintf("sum%d", inputs), n*c, func() { k.Sum(&Sum{Y: y, LdY: ld, X: xs, LdX: lds, C: c, N: n}) })
		}
		run("affine", n*c, func() { k.Affine(&Affine{X: x, LdX: ld, Scale: scale, Shift: scale, C: c, N: n, ReLU: true}) })
		stats := &Stats{X: x, Ld: ld, C: c, N: n, Valid: l, Mean: make([]float64, c), SumSq: make([]float64, c)}
		run("stats", n*c, func() { k.Stats(stats) })
		run("swish", n*c, func() { k.Activate(&Activate{X: x, Ld: ld, C: c, N: n, F: Swish}) })
	}
}

func BenchmarkPackWinograd(b *testing.B) {
	for _, c := range []int{16, 128, 512} {
		b.Run(fmt.Sprint(c), func(b *testing.B) {
			w, dst := make([]float32, 9*c*c), make([]float32, WinogradPositions*c*c)
			for b.Loop() {
				PackWinograd(dst, w, c, c)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c*c), "ns/filter")
		})
	}
}

// benchChannelConv is benchConv for channels side by side.
func benchChannelConv(k *Kernels, side, kernel, in, out int) *ChannelConv {
	l := k.Lanes
	ld := side + kernel - 1
	vin, vout := (in+l-1)/l, (out+l-1)/l
	rows := kernel * kernel * in
	a := &ChannelConv{
		X: make([]float32, ld*ld*vin*l), Y: make([]float32, side*side*vout*l), W: make([]float32, rows*vout*l),
		Rows: rows, Out: vout, ReLU: true, Shift: make([]float32, vout*l),
	}
	for y := range side {
		for x := range side {
			a.Pix = append(a.Pix, int32((y*ld+x)*vin*l), int32((y*side+x)*vout*l), 0)
		}
	}
	for y := range kernel {
		for x := range kernel {
			a.Taps = append(a.Taps, int32((y*ld+x)*vin*l), int32((y*kernel+x)*in), int32(in))
		}
	}
	return a
}

func BenchmarkChannelConv(b *testing.B) {
	for _, k := range channelLevels() {
		for _, c := range []struct{ side, kernel, in, out int }{
			{32, 3, 3, 128}, {32, 3, 4, 4}, {32, 3, 8, 8}, {32, 3, 16, 16}, {32, 3, 32, 32}, {32, 3, 128, 128}, {32, 1, 64, 64}, {32, 1, 128, 43}, {32, 1, 128, 128}, {16, 1, 256, 256}, {8, 1, 512, 512},
		} {
			b.Run(fmt.Sprintf("%s/%dx%d_%dx%d_%d-%d", k.Name, c.kernel, c.kernel, c.side, c.side, c.in, c.out), func(b *testing.B) {
				a := benchChannelConv(k, c.side, c.kernel, c.in, c.out)
				for b.Loop() {
					k.ChannelConv(a)
				}
				macs := float64(c.side * c.side * c.kernel * c.kernel * c.in * c.out)
				b.ReportMetric(2*macs*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GFLOP/s")
			})
		}
	}
}

func BenchmarkChannelWinograd(b *testing.B) {
	for _, k := range channelLevels() {
		for _, c := range []struct{ side, in, out int }{{32, 3, 128}, {32, 4, 4}, {32, 8, 8}, {32, 16, 16}, {32, 32, 32}, {32, 64, 64}, {32, 128, 128}, {16, 128, 128}, {16, 256, 256}, {8, 256, 256}, {8, 512, 512}} {
			b.Run(fmt.Sprintf("%s/%dx%d_%d-%d", k.Name, c.side, c.side, c.in, c.out), func(b *testing.B) {
				l, tiles := k.Lanes, k.WinogradTiles(c.in, c.out)
				vin, vout := (c.in+l-1)/l, (c.out+l-1)/l
				groups := max(1, 16*tiles/(c.side*c.side)) // full tiles
				pixels := c.side * c.side
				a := &Winograd{
					X: make([]float32, groups*pixels*vin*l), Y: make([]float32, groups*pixels*vout*l), W: make([]float32, WinogradPositions*c.in*vout*l),
					LdX: vin * l, LdY: vout * l, GroupX: pixels * vin * l, GroupY: pixels * vout * l, In: vin, Out: vout, Rows: c.in, Taps: []int32{0, 0, int32(c.in)},
					Height: c.side, Width: c.side, Groups: groups, ReLU: true, Tiles: tiles, Scratch: make([]float32, WinogradScratch(tiles, vin, vout, l)),
				}
				for b.Loop() {
					k.Winograd(a)
				}
				macs := float64(groups * pixels * 9 * c.in * c.out)
				b.ReportMetric(2*macs*float64(b.N)/b.Elapsed().Seconds()*1e-9, "nominal-GFLOP/s")
			})
		}
	}
}
