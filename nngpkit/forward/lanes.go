package forward

import (
	"sync"
	"sync/atomic"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// groups returns the number of groups of lanes images that hold n.
func groups(n, lanes int) int { return (n + lanes - 1) / lanes }

// toLanes lays images side by side: dst[group][pixel][channel][lane]. Lanes
// without an image are zero. Groups of images are shared among threads.
func toLanes(dst []float32, b *imageset.Batch, k *simd.Kernels, threads int) {
	size := b.H * b.W * b.C
	n := groups(b.N, k.Lanes)
	var next atomic.Int64
	lay := func() {
		a := &simd.Lay{LdX: size, N: size}
		for g := int(next.Add(1)) - 1; g < n; g = int(next.Add(1)) - 1 {
			to, from := dst[g*size*k.Lanes:][:size*k.Lanes], b.Data[g*size*k.Lanes:]
			if images := b.N - g*k.Lanes; images < k.Lanes || k.Lay == nil {
				groupToLanes(to, from, size, min(images, k.Lanes), k.Lanes)
				continue
			}
			a.X, a.Y = from, to
			k.Lay(a)
		}
	}
	var helpers sync.WaitGroup
	if n*size*k.Lanes >= layAlone {
		for range min(threads, n) - 1 {
			helpers.Go(lay)
		}
	}
	lay()
	helpers.Wait()
}

// layAlone is how many values one thread lays before others are worth calling.
const layAlone = 1 << 20

// groupToLanes lays the images of one group, fewer than lanes perhaps.
func groupToLanes(to, from []float32, size, images, lanes int) {
	if images < lanes {
		clear(to)
	}
	for first := 0; first < size; first += laneBlock {
		end := min(first+laneBlock, size)
		for l := range images {
			x := from[l*size+first:][:end-first]
			y := to[first*lanes+l:]
			for i, v := range x {
				y[i*lanes] = v
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
