package forward

// class is a set of output pixels whose windows meet the border of the image
// in the same way: the taps that fall inside, and the pixels.
type class struct {
	taps []int32 // two a tap: input offset in floats, and tap number times channels; where channels lie side by side, as simd.ChannelConv has them
	run  int     // values of a tap; of several side by side where the input has no gaps
	pix  []int32 // three a pixel: input, output and addend offset in floats
}

// window is the geometry of a sliding window with 'same' padding.
type window struct {
	kernel, stride int
	in, out        [2]int // H, W
}

// before returns the padding above (axis 0) or to the left (axis 1): half of
// the total, rounded down, as TensorFlow does.
func (w window) before(axis int) int {
	return max((w.out[axis]-1)*w.stride+w.kernel-w.in[axis], 0) / 2
}

// span returns the window's origin along an axis and the taps [lo, hi) inside
// the image, for output position o.
func (w window) span(axis, o int) (origin, lo, hi int) {
	origin = o*w.stride - w.before(axis)
	return origin, max(0, -origin), min(w.kernel, w.in[axis]-origin)
}

// classes lists the classes of a window's output pixels. ldx, ldy and lda are
// the floats from pixel to pixel of input, output and addend; channels
// scales the tap numbers. With joined, the taps of a row, which lie side by
// side in memory, become one.
func (w window) classes(ldx, ldy, lda, channels int, joined bool) []class {
	type key struct{ y0, y1, x0, x1 int }
	index := map[key]int{}
	var out []class
	for y := 0; y < w.out[0]; y++ {
		oy, y0, y1 := w.span(0, y)
		for x := 0; x < w.out[1]; x++ {
			ox, x0, x1 := w.span(1, x)
			k := key{y0, y1, x0, x1}
			i, ok := index[k]
			if !ok {
				i = len(out)
				index[k] = i
				c := class{run: channels}
				if joined {
					c.run *= x1 - x0
					c.taps = w.taps(y0, y1, x0, x0+1, ldx, channels)
				} else {
					c.taps = w.taps(y0, y1, x0, x1, ldx, channels)
				}
				out = append(out, c)
			}
			p := y*w.out[1] + x
			out[i].pix = append(out[i].pix, int32((oy*w.in[1]+ox)*ldx), int32(p*ldy), int32(p*lda))
		}
	}
	return out
}

func (w window) taps(y0, y1, x0, x1, ldx, channels int) []int32 {
	var t []int32
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			t = append(t, int32((y*w.in[1]+x)*ldx), int32((y*w.kernel+x)*channels))
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
