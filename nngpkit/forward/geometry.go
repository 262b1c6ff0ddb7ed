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
	rows, columns := w.spans(0), w.spans(1)
	var out []class
	// Of the class of a kind of row and a kind of column, or -1; behind them, of
	// pixels whose windows lie in the padding.
	number := make([]int, 0, 16)
	for range rows.kinds*columns.kinds + 1 {
		number = append(number, -1)
	}
	for y, r := range rows.of {
		for x, c := range columns.of {
			empty := r.lo == r.hi || c.lo == c.hi
			k := &number[r.kind*columns.kinds+c.kind]
			if empty {
				k = &number[len(number)-1]
			}
			if *k < 0 {
				*k = len(out)
				cl := class{run: channels, pix: make([]int32, 0, 3*rows.count[r.kind]*columns.count[c.kind])}
				switch {
				case empty:
				case joined:
					cl.run *= c.hi - c.lo
					cl.taps = w.taps(r.lo, r.hi, c.lo, c.lo+1, ldx, channels)
				default:
					cl.taps = w.taps(r.lo, r.hi, c.lo, c.hi, ldx, channels)
				}
				out = append(out, cl)
			}
			p := y*w[1].Out + x
			pix := &out[*k].pix
			*pix = append(*pix, int32((r.origin*w[1].In+c.origin)*ldx), int32(p*ldy), int32(p*lda))
		}
	}
	return out
}

// spans are the windows along an axis: for each output position its origin, the
// taps [lo, hi) inside the image, and which of the kinds of such taps it has.
type spans struct {
	of    []position
	kinds int
	count []int // of each kind
}

type position struct{ origin, lo, hi, kind int }

func (w window) spans(axis int) spans {
	a := w[axis]
	s := spans{of: make([]position, a.Out)}
	for o := range s.of {
		p := &s.of[o]
		p.origin = o*a.Stride - a.Before
		p.lo, p.hi = a.Taps(o)
		p.kind = s.kinds
		for _, q := range s.of[:o] {
			if q.lo == p.lo && q.hi == p.hi {
				p.kind = q.kind
				break
			}
		}
		if p.kind == s.kinds {
			s.kinds++
			s.count = append(s.count, 0)
		}
		s.count[p.kind]++
	}
	return s
}

func (w window) taps(y0, y1, x0, x1, ldx, channels int) []int32 {
	t := make([]int32, 0, 2*(y1-y0)*(x1-x0))
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
