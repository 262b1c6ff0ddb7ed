package forward

import "github.com/nngplab/nngplab/nngpkit/arch"

// class is a set of output pixels whose windows meet the border of the image
// in the same way: the taps that fall inside, and the pixels.
type class struct {
	taps []int32 // two a tap: input offset in floats, and tap number times channels; where channels lie side by side, as simd.ChannelConv has them
	run  int     // values of a tap; of several side by side where the input has no gaps
	pix  []int32 // three a pixel: input, output and addend offset in floats
}

// window is the geometry of a sliding window, of its rows and its columns.
type window [2]arch.Axis

// classes lists the classes of a window's output pixels. ldx, ldy and lda are
// the floats from pixel to pixel of input, output and addend; channels
// scales the tap numbers. With joined, the taps of a row, which lie side by
// side in memory, become one.
func (w window) classes(ldx, ldy, lda, channels int, joined bool) []class {
	type key struct{ y0, y1, x0, x1 int }
	index := map[key]int{}
	var out []class
	for y := 0; y < w[0].Out; y++ {
		y0, y1 := w[0].Taps(y)
		for x := 0; x < w[1].Out; x++ {
			x0, x1 := w[1].Taps(x)
			k := key{y0, y1, x0, x1}
			if y0 == y1 || x0 == x1 { // all in the padding
				k = key{}
			}
			i, ok := index[k]
			if !ok {
				i = len(out)
				index[k] = i
				c := class{run: channels}
				if joined && k != (key{}) {
					c.run *= x1 - x0
					c.taps = w.taps(y0, y1, x0, x0+1, ldx, channels)
				} else {
					c.taps = w.taps(k.y0, k.y1, k.x0, k.x1, ldx, channels)
				}
				out = append(out, c)
			}
			oy, ox := y*w[0].Stride-w[0].Before, x*w[1].Stride-w[1].Before
			p := y*w[1].Out + x
			out[i].pix = append(out[i].pix, int32((oy*w[1].In+ox)*ldx), int32(p*ldy), int32(p*lda))
		}
	}
	return out
}

func (w window) taps(y0, y1, x0, x1, ldx, channels int) []int32 {
	var t []int32
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			at := y*w[0].Dilation*w[1].In + x*w[1].Dilation
			t = append(t, int32(at*ldx), int32((y*w[1].Kernel+x)*channels))
		}
	}
	return t
}

// wholeImage is the geometry of a dense layer: one output pixel whose window
// is the whole image.
func wholeImage(pixels, ldx, channels int) []class {
	c := class{pix: []int32{0, 0, 0}, run: channels}
	for p := 0; p < pixels; p++ {
		c.taps = append(c.taps, int32(p*ldx), int32(p*channels))
	}
	return []class{c}
}
