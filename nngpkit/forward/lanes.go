package forward

import (
	"sync"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// groups returns the number of groups of lanes images that hold n.
func groups(n, lanes int) int { return (n + lanes - 1) / lanes }

// toLanes lays images side by side: dst[group][pixel][channel][lane]. Lanes
// without an image are zero.
func toLanes(dst []float32, b *imageset.Batch, k *simd.Kernels, a *simd.Lay) {
	size := b.H * b.W * b.C
	for g := range groups(b.N, k.Lanes) {
		to, from := dst[g*size*k.Lanes:][:size*k.Lanes], b.Data[g*size*k.Lanes:]
		if images := b.N - g*k.Lanes; images < k.Lanes || k.Lay == nil {
			groupToLanes(to, from, size, min(images, k.Lanes), k.Lanes)
			continue
		}
		a.X, a.Y, a.LdX, a.N = from, to, size, size
		k.Lay(a)
	}
}

// toLanesBy is toLanes by several threads, each of which lays some of the groups.
func toLanesBy(threads int, dst []float32, b *imageset.Batch, k *simd.Kernels, a *simd.Lay) {
	n, group := groups(b.N, k.Lanes), k.Lanes*b.H*b.W*b.C
	if threads = min(threads, n); threads == 1 || n*group < layAlone {
		toLanes(dst, b, k, a)
		return
	}
	var wg sync.WaitGroup
	for t := range threads {
		first, end := t*n/threads, (t+1)*n/threads
		part := *b
		part.N = min(b.N, end*k.Lanes) - first*k.Lanes
		part.Data = b.Data[first*group:]
		wg.Go(func() { toLanes(dst[first*group:], &part, k, new(simd.Lay)) })
	}
	wg.Wait()
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
