package forward

import "github.com/nngplab/nngplab/nngpkit/imageset"

// groups returns the number of groups of lanes images that hold n.
func groups(n, lanes int) int { return (n + lanes - 1) / lanes }

// toLanes lays images side by side: dst[group][pixel][channel][lane]. Lanes
// without an image are zero.
func toLanes(dst []float32, b *imageset.Batch, lanes int) {
	size := b.H * b.W * b.C
	for g := 0; g < groups(b.N, lanes); g++ {
		to := dst[g*size*lanes:][:size*lanes]
		for l := 0; l < lanes; l++ {
			n := g*lanes + l
			if n >= b.N {
				for i := l; i < len(to); i += lanes {
					to[i] = 0
				}
				continue
			}
			for i, v := range b.Data[n*size:][:size] {
				to[i*lanes+l] = v
			}
		}
	}
}

// fromLanes writes the values of one group, a view of pixels of ld channels,
// as rows of dst, one an image.
func fromLanes(dst []float32, src []float32, pixels, channels, ld, images, lanes int) {
	d := pixels * channels
	for p := 0; p < pixels; p++ {
		for c := 0; c < channels; c++ {
			v := src[(p*ld+c)*lanes:][:images]
			for l, x := range v {
				dst[l*d+p*channels+c] = x
			}
		}
	}
}

// toChannels lays the channels of images side by side: dst[image][pixel][lane],
// with zeros behind the last.
func toChannels(dst []float32, b *imageset.Batch, lanes int) {
	clear(dst)
	for p := range b.N * b.H * b.W {
		copy(dst[p*lanes:], b.Data[p*b.C:][:b.C])
	}
}

// fromChannels writes the values of one image, a view of pixels of ld vectors, as
// a row of dst; place says where each channel lies.
func fromChannels(dst, src []float32, pixels, ld int, place []int, lanes int) {
	n := 0
	for p := range pixels {
		for _, at := range place {
			dst[n] = src[p*ld*lanes+at]
			n++
		}
	}
}
