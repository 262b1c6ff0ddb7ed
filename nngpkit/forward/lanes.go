package forward

import "github.com/nngplab/nngplab/nngpkit/imageset"

// groups returns the number of groups of lanes images that hold n.
func groups(n, lanes int) int { return (n + lanes - 1) / lanes }

// toLanes lays images side by side: dst[group][pixel][channel][lane]. Lanes
// without an image are zero.
func toLanes(dst []float32, b *imageset.Batch, lanes int) {
	size := b.H * b.W * b.C
	for g := range groups(b.N, lanes) {
		to := dst[g*size*lanes:][:size*lanes]
		n := min(lanes, b.N-g*lanes)
		if n < lanes {
			clear(to)
		}
		for first := 0; first < size; first += laneBlock {
			end := min(first+laneBlock, size)
			for l := range n {
				x := b.Data[(g*lanes+l)*size+first:][:end-first]
				y := to[first*lanes+l:]
				for i, v := range x {
					y[i*lanes] = v
				}
			}
		}
	}
}

// laneBlock is how many values of each image are laid at a time, so that the
// nearest cache holds where they go.
const laneBlock = 128

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
