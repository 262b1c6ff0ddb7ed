package imageset

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// NoiseKind says how the values of a noise image depend on each other.
type NoiseKind int

// The kinds of noise images.
const (
	WhiteNoise   NoiseKind = iota // all values independent
	BlurredNoise                  // each channel smoothed by a 5 x 5 binomial window, wrapped around at the borders
	GrayNoise                     // all channels of a pixel alike
)

var noiseNames = [...]string{"noise", "noise-blurred", "noise-gray"}

// String returns the name of the set, as Load knows it.
func (k NoiseKind) String() string {
	if k >= 0 && int(k) < len(noiseNames) {
		return noiseNames[k]
	}
	return fmt.Sprintf("noise(%d)", int(k))
}

// noiseImages is how many images Load draws.
const noiseImages = 1000

// noiseShift is how far a sum of eight 16-bit numbers is shifted, so that sums
// of squares over an image fit into 64 bits.
const noiseShift = 6

// NoiseConfig says which noise images are drawn. The zero value is 1,000 images
// of white noise, 32x32x3, of seed 0.
type NoiseConfig struct {
	Kind    NoiseKind
	Images  int // 0 means 1,000
	H, W, C int // of an image; 0 means 32, 32 and 3
	Seed    uint64
}

func (c NoiseConfig) resolved() NoiseConfig {
	for _, d := range []struct {
		field *int
		value int
	}{{&c.Images, noiseImages}, {&c.H, drawnSide}, {&c.W, drawnSide}, {&c.C, 3}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	return c
}

// Noise returns images of noise, without classes: what measures a network and
// no data set. Values are nearly normal (sums of eight uniform ones), and every
// image has the same contrast: over its pixels the values have, before they are
// rounded to bytes and cut to 0..255, exactly the mean and standard deviation of
// CIFAR10Normalization where there are three channels (127.5 and 63 otherwise),
// so that the usual normalization leaves mean 0 and variance 1 but for about 4 %
// that the cut takes.
//
// Image i depends on the seed and on i alone, so more images extend fewer. All
// arithmetic is done in integers: the bytes are the same on every machine. It
// returns an error for an unknown kind and for numbers that are not positive,
// or images of more than 2^20 values.
func Noise(cfg NoiseConfig) (*Set, error) {
	cfg = cfg.resolved()
	if cfg.Kind < WhiteNoise || cfg.Kind > GrayNoise {
		return nil, fmt.Errorf("noise images: there is no kind %d, only 0 to %d", int(cfg.Kind), int(GrayNoise))
	}
	if cfg.Images < 1 || cfg.H < 1 || cfg.W < 1 || cfg.C < 1 {
		return nil, fmt.Errorf("noise images: %d of %dx%dx%d: every number must be positive", cfg.Images, cfg.H, cfg.W, cfg.C)
	}
	const most = 1 << 20
	if cfg.H > most/cfg.W || cfg.C > most/(cfg.H*cfg.W) {
		return nil, fmt.Errorf("noise images: %dx%dx%d are more than %d values an image", cfg.H, cfg.W, cfg.C, most)
	}
	if size := cfg.H * cfg.W * cfg.C; cfg.Images > math.MaxInt/size {
		return nil, fmt.Errorf("noise images: %d of %dx%dx%d are more than any memory holds", cfg.Images, cfg.H, cfg.W, cfg.C)
	}
	s := &Set{
		Name: cfg.Kind.String(), Source: fmt.Sprintf("noise drawn by code (seed %d)", cfg.Seed),
		H: cfg.H, W: cfg.W, C: cfg.C,
		Pixels: make([]uint8, cfg.Images*cfg.H*cfg.W*cfg.C), Labels: make([]int, cfg.Images),
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (cfg.Images+63)/64) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			d := newNoiseDrawer(cfg)
			for i := int(next.Add(1)) - 1; i < cfg.Images; i = int(next.Add(1)) - 1 {
				d.draw(s.Pix(i), newStream(cfg.Seed, uint64(i)))
			}
		}()
	}
	wg.Wait()
	return s, nil
}

// loadNoise returns the noise set of that name, or false.
func loadNoise(name string) (*Set, bool) {
	for k, n := range noiseNames {
		if name == n {
			s, err := Noise(NoiseConfig{Kind: NoiseKind(k)})
			if err != nil {
				panic(err) // the defaults are valid
			}
			return s, true
		}
	}
	return nil, false
}

// IsNoise reports whether Load draws the set of that name as noise.
func IsNoise(name string) bool { return slices.Contains(noiseNames[:], name) }

// noiseDrawer draws images of one configuration, one after another.
type noiseDrawer struct {
	NoiseConfig
	x, row    []int64
	mean, std []int64 // of each channel, in tenths
}

func newNoiseDrawer(cfg NoiseConfig) *noiseDrawer {
	d := &noiseDrawer{NoiseConfig: cfg, x: make([]int64, cfg.H*cfg.W*cfg.C), row: make([]int64, max(cfg.H, cfg.W))}
	for c := range cfg.C {
		mean, std := 127.5, 63.0
		if cfg.C == 3 {
			mean, std = CIFAR10Normalization.Mean[c], CIFAR10Normalization.Std[c]
		}
		d.mean = append(d.mean, int64(math.Round(10*mean)))
		d.std = append(d.std, int64(math.Round(10*std)))
	}
	return d
}

// draw fills the pixels of one image from its stream.
func (d *noiseDrawer) draw(pix []uint8, r *stream) {
	step := 1
	if d.Kind == GrayNoise {
		step = d.C
	}
	for i := 0; i < len(d.x); i += step {
		v := r.bell()
		for c := range step {
			d.x[i+c] = v
		}
	}
	if d.Kind == BlurredNoise {
		d.blur()
	}
	d.finish(pix)
}

// bell returns a number of mean 0 and standard deviation about 836.
func (r *stream) bell() int64 { return r.sum() >> noiseShift }

// sum returns a number of mean 0 and standard deviation 53,510: the sum of eight
// uniform ones of 16 bits.
func (r *stream) sum() int64 {
	const mean = 4 * (1<<16 - 1)
	sum := int64(-mean)
	for range 2 {
		for v := r.next(); v != 0; v >>= 16 {
			sum += int64(v & (1<<16 - 1))
		}
	}
	return sum
}

// blur smooths rows, then columns, by the window 1 4 6 4 1.
func (d *noiseDrawer) blur() {
	for c := range d.C {
		for y := range d.H {
			d.smooth(y*d.W*d.C+c, d.C, d.W)
		}
		for x := range d.W {
			d.smooth(x*d.C+c, d.W*d.C, d.H)
		}
	}
	for i := range d.x {
		d.x[i] >>= 6 // nearly what the window's 256 makes of the standard deviation
	}
}

// smooth smooths n values, step apart, that begin at first.
func (d *noiseDrawer) smooth(first, step, n int) {
	row := d.row[:n]
	for i := range row {
		row[i] = d.x[first+i*step]
	}
	at := func(i int) int64 { return row[((i%n)+n)%n] }
	for i := range row {
		d.x[first+i*step] = at(i-2) + 4*at(i-1) + 6*row[i] + 4*at(i+1) + at(i+2)
	}
}

// finish gives the values their contrast and rounds them to bytes.
func (d *noiseDrawer) finish(pix []uint8) {
	n := int64(len(d.x))
	sum, squares := int64(0), int64(0)
	for _, v := range d.x {
		sum += v
		squares += v * v
	}
	deviation := max(1, root(n*squares-sum*sum)) // n standard deviations; 1 for an image of one value
	for i, v := range d.x {
		c := i % d.C
		tenths := d.mean[c] + floorDiv(2*d.std[c]*(n*v-sum)+deviation, 2*deviation)
		pix[i] = uint8(min(max(floorDiv(tenths+5, 10), 0), 255))
	}
}

// root returns the integer part of the square root of a number of at least 0.
func root(v int64) int64 {
	r := int64(math.Sqrt(float64(v)))
	for r > 0 && r > v/r {
		r--
	}
	for r+1 <= v/(r+1) {
		r++
	}
	return r
}

// floorDiv returns a/b, rounded down; b must be positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
