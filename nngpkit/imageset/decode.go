package imageset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	stddraw "image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"runtime"
	"sync/atomic"

	"golang.org/x/image/draw"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/nngplab/nngplab/internal/machine"
)

// An image file may claim so many pixels, or so many for each byte that it has
// if that is more, but never more than the last: decoders reserve memory for what
// the header says, up to about twenty bytes per pixel, and bytes are cheap to add.
// Photographs have some ten pixels a byte, and a blank sheet of paper of the first
// size is read too.
const (
	maxPixels        = 1 << 24
	maxPixelsPerByte = 64
	mostPixels       = 1 << 26

	maxImageFile = 64 << 20 // bytes
)

// decoding bounds the pixels of all images that are decoded at a time, so that
// many large ones do not add up, whatever the number of workers.
var decoding = semaphore.NewWeighted(mostPixels + mostPixels/4)

// DecodeConfig says how image files become images of one size. The zero value
// is the usual evaluation on ImageNet: the shorter side is scaled to 256
// (bilinear, smoothed when shrinking, as Pillow and torchvision do), and the
// 224 x 224 pixels in the middle are kept.
type DecodeConfig struct {
	Size   int // side of the square that is kept; 0 means 224
	Resize int // the shorter side after scaling; 0 means Size * 256 / 224, rounded

	// PerClass, if positive, keeps only the first images of each class, in
	// the order of their names.
	PerClass int

	Workers int // images decoded at once; 0 means one a processor

	// NoCache leaves the cache of decoded images alone; CacheDir is the folder
	// that holds it, empty for nngplab/images in the user's cache folder. A
	// cache file is found by the names, sizes and dates of the image files and
	// by this configuration, and is checked by a digest before it is used.
	NoCache  bool
	CacheDir string

	// Progress, if not nil, is told how many images are done. It may be called
	// from several goroutines at once.
	Progress func(done, total int)

	discard bool // decode, but keep no pixels
}

// resolve fills in the defaults.
func (c DecodeConfig) resolve() (DecodeConfig, error) {
	if c.Size == 0 {
		c.Size = 224
	}
	if c.Resize == 0 {
		c.Resize = (c.Size*256 + 112) / 224
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Size < 0 || c.Size > 1<<14 || c.Resize < c.Size || c.Resize > 1<<15 || c.Workers < 0 || c.PerClass < 0 {
		return c, fmt.Errorf("decoding images: size %d, resize %d, per class %d, workers %d: sizes must be positive, resize at least the size", c.Size, c.Resize, c.PerClass, c.Workers)
	}
	if c.Progress == nil {
		c.Progress = func(int, int) {}
	}
	return c, nil
}

// imageFile is an image file that has not been read yet.
type imageFile struct {
	name  string // for messages; unique within its set
	key   string // by which images are put in order
	label int
	size  int64
	stamp string // changes when the file does, as far as one can tell without reading it
	read  func() ([]byte, error)
}

// keepPerClass keeps the first n files of each class.
func keepPerClass(files []imageFile, n int) []imageFile {
	if n <= 0 {
		return files
	}
	count := map[int]int{}
	kept := files[:0:0]
	for _, f := range files {
		if count[f.label]++; count[f.label] <= n {
			kept = append(kept, f)
		}
	}
	return kept
}

// decodeAll reads and decodes the files, in parallel, into dst.Pixels and
// dst.Labels. Of several damaged files it names the first.
func decodeAll(ctx context.Context, dst *Set, files []imageFile, cfg DecodeConfig) error {
	dst.H, dst.W, dst.C = cfg.Size, cfg.Size, 3
	size := cfg.Size * cfg.Size * 3
	if need := float64(len(files)) * float64(size); !cfg.discard {
		if there := machine.ReadMemory(); !there.Allows(need) {
			return fmt.Errorf("%d images of %d x %d pixels take %s of memory, and %v: read fewer of each class, or smaller ones",
				len(files), cfg.Size, cfg.Size, machine.Bytes(need), there)
		}
		dst.Pixels = make([]uint8, len(files)*size)
	}
	dst.Labels = make([]int, len(files))
	errs := make([]error, len(files))
	var next, done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for w := 0; w < min(cfg.Workers, len(files)); w++ {
		group.Go(func() error {
			var pixels []uint8
			if cfg.discard {
				pixels = make([]uint8, size)
			}
			for {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				dst.Labels[i] = files[i].label
				if !cfg.discard {
					pixels = dst.Pixels[i*size : (i+1)*size]
				}
				if errs[i] = decodeFile(pixels, files[i], cfg); errs[i] != nil {
					return errs[i]
				}
				cfg.Progress(int(done.Add(1)), len(files))
			}
		})
	}
	err := group.Wait()
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return err
}

func decodeFile(dst []uint8, f imageFile, cfg DecodeConfig) error {
	data, err := f.read()
	if err == nil {
		err = decodeImage(dst, data, cfg.Size, cfg.Resize)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return nil
}

// format is a kind of image file that is read.
type format struct {
	name, magic string
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
}

// formats are called by name, not by image.Decode, which knows all those that
// any package of the program has registered.
var formats = []format{
	{"jpeg", "\xff\xd8", jpeg.DecodeConfig, jpeg.Decode},
	{"png", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
}

func formatOf(data []byte) (format, error) {
	for _, f := range formats {
		if bytes.HasPrefix(data, []byte(f.magic)) {
			return f, nil
		}
	}
	return format{}, errors.New("no readable JPEG or PNG image")
}

// decodeImage decodes a JPEG or PNG file, scales its shorter side to resize,
// and writes the size x size pixels in its middle to dst as RGB.
func decodeImage(dst []uint8, data []byte, size, resize int) error {
	f, err := formatOf(data)
	if err != nil {
		return err
	}
	head, err := f.config(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("no readable %s image: %w", f.name, err)
	}
	if head.Width <= 0 || head.Height <= 0 {
		return fmt.Errorf("%s image of %d x %d pixels", f.name, head.Width, head.Height)
	}
	pixels := int64(head.Width) * int64(head.Height)
	if pixels > min(max(maxPixels, int64(len(data))*maxPixelsPerByte), mostPixels) {
		return fmt.Errorf("%s image claims %d x %d pixels in a file of %d bytes, more than are read", f.name, head.Width, head.Height, len(data))
	}
	if long := max(head.Width, head.Height) / min(head.Width, head.Height); long > 100 {
		return fmt.Errorf("%s image of %d x %d pixels: too narrow for a square", f.name, head.Width, head.Height)
	}
	if err := decoding.Acquire(context.Background(), pixels); err != nil {
		return err
	}
	defer decoding.Release(pixels)
	src, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s image: %w", f.name, err)
	}
	m := scaleShorter(opaque(src), resize)
	cropMiddle(dst, m, size)
	return nil
}

// opaque returns the image as RGB with full opacity, dropping an alpha channel
// rather than blending it with black.
func opaque(src image.Image) *image.RGBA {
	b := src.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	if o, ok := src.(interface{ Opaque() bool }); ok && o.Opaque() {
		stddraw.Draw(dst, dst.Bounds(), src, b.Min, stddraw.Src)
		return dst
	}
	for y := 0; y < b.Dy(); y++ {
		for x := 0; x < b.Dx(); x++ {
			c := color.NRGBAModel.Convert(src.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
			dst.SetRGBA(x, y, color.RGBA{c.R, c.G, c.B, 255})
		}
	}
	return dst
}

// scaleShorter scales the image so that its shorter side has n pixels; the
// longer one is rounded down, as torchvision does.
func scaleShorter(m *image.RGBA, n int) *image.RGBA {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	if min(w, h) == n {
		return m
	}
	nw, nh := n, n*h/w
	if h < w {
		nw, nh = n*w/h, n
	}
	dst := image.NewRGBA(image.Rect(0, 0, nw, nh))
	draw.BiLinear.Scale(dst, dst.Bounds(), m, m.Bounds(), draw.Src, nil)
	return dst
}

// cropMiddle copies the size x size pixels in the middle as RGB.
func cropMiddle(dst []uint8, m *image.RGBA, size int) {
	// Half a pixel goes to the even side, as Python's round does.
	x0 := int(math.RoundToEven(float64(m.Bounds().Dx()-size) / 2))
	y0 := int(math.RoundToEven(float64(m.Bounds().Dy()-size) / 2))
	for y := 0; y < size; y++ {
		row := m.Pix[m.PixOffset(x0, y0+y):]
		for x := 0; x < size; x++ {
			copy(dst[3*(y*size+x):], row[4*x:4*x+3])
		}
	}
}

// errNoImages says that a listing came out empty.
var errNoImages = errors.New("there are no JPEG or PNG images")
