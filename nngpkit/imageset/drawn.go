package imageset

import (
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// DrawnClasses names the classes of the drawn set: seven outlines and three
// textures.
var DrawnClasses = []string{"disc", "ring", "square", "triangle", "cross", "star", "crescent", "stripes", "checks", "dots"}

const (
	drawnSide    = 32
	drawnTexture = 7 // first of the classes told by their texture
)

// Drawn returns n images of 32x32x3 in ten classes, made by code: the set that
// is used where no real one is found. Outlines (plainly filled) and textures
// (within any outline) vary in position, size, rotation, aspect and color,
// over a cluttered background, partly covered, with noise. Colors and
// positions say nothing of the class.
//
// Image i depends on the seed and on i alone, so a larger n extends a smaller
// one; every ten images in sequence hold each class once. All arithmetic is
// done in integers, so the bytes are the same on every machine. It panics if n
// is negative.
func Drawn(n int, seed uint64) *Set {
	s := &Set{
		Name: "drawn", Source: fmt.Sprintf("drawn by code (seed %d)", seed),
		H: drawnSide, W: drawnSide, C: 3,
		Pixels: make([]uint8, n*drawnSide*drawnSide*3), Labels: make([]int, n), Classes: DrawnClasses,
	}
	const block = 64
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for lo := 0; lo < n; lo += block {
		group.Go(func() error {
			for i := lo; i < min(lo+block, n); i++ {
				s.Labels[i] = drawnLabel(seed, i)
				drawImage(s.Pix(i), s.Labels[i], newStream(seed, 2*uint64(i)+1))
			}
			return nil
		})
	}
	_ = group.Wait() // drawing does not fail
	return s
}

// drawnLabel deals the classes: block i/10 has its own order of the ten.
func drawnLabel(seed uint64, i int) int {
	r := newStream(seed, 2*uint64(i/10))
	var order [10]int
	for k := range order {
		order[k] = k
	}
	for k := 9; k > 0; k-- {
		j := r.below(int64(k) + 1)
		order[k], order[j] = order[j], order[k]
	}
	return order[i%10]
}

// stream is a SplitMix64 generator (Steele, Lea, Flood, 2014), one for each
// image.
type stream struct{ state uint64 }

func newStream(seed, index uint64) *stream {
	// The seed is mixed before the index is added, so that neighboring seeds
	// share no stream.
	return &stream{mix64(mix64(seed) + index*0x9e3779b97f4a7c15)}
}

func mix64(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (r *stream) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	return mix64(r.state)
}

// below returns a number of 0..n-1. The bias, n/2^32, does not matter here.
func (r *stream) below(n int64) int64 { return int64(r.next()>>32) * n >> 32 }

// between returns a number of lo..hi.
func (r *stream) between(lo, hi int64) int64 { return lo + r.below(hi-lo+1) }

// rgb is a point of the RGB cube, 0..255 a channel.
type rgb [3]int64

// color draws a color of the given brightness and a little hue.
func (r *stream) color(light, hue int64) rgb {
	return rgb{light + r.between(-hue, hue), light + r.between(-hue, hue), light + r.between(-hue, hue)}
}

// mix returns a + (b-a)*t/256.
func mix(a, b rgb, t int64) rgb {
	for c := range a {
		a[c] += (b[c] - a[c]) * t >> 8
	}
	return a
}
