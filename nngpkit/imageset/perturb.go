package imageset

import "fmt"

// perturbIndex sets the streams of Perturbed apart from those of drawn images.
const perturbIndex = 1 << 62

// Perturbed returns the first n images of the batch with noise added to every
// value: independent, of mean 0 and the given standard deviation, in the units of
// the batch, nearly normal (sums of eight uniform numbers). The noise of image i
// depends on the seed and on i alone. It returns an error if n is not 1 to b.N or
// the standard deviation is not positive and finite.
func (b *Batch) Perturbed(n int, std float64, seed uint64) (*Batch, error) {
	if n < 1 || n > b.N {
		return nil, fmt.Errorf("noise on %d images of %d", n, b.N)
	}
	if !(std > 0) || !(std <= 1e6) {
		return nil, fmt.Errorf("noise of standard deviation %v: it must be positive, and at most 1e6", std)
	}
	const unit = 53509.53 // the standard deviation of a sum: sqrt(8 (2^32 - 1) / 12)
	size := b.H * b.W * b.C
	out := &Batch{N: n, H: b.H, W: b.W, C: b.C, Data: make([]float32, n*size)}
	for i := range n {
		r := newStream(seed, perturbIndex+uint64(i))
		x, y := b.Data[i*size:][:size], out.Data[i*size:][:size]
		for k := range y {
			y[k] = float32(float64(x[k]) + float64(float64(r.sum())*(std/unit)))
		}
	}
	return out, nil
}

// Joined returns the images of both batches, those of b first. It returns an
// error if their sizes differ.
func (b *Batch) Joined(c *Batch) (*Batch, error) {
	if b.H != c.H || b.W != c.W || b.C != c.C {
		return nil, fmt.Errorf("batches of %dx%dx%d and %dx%dx%d cannot be joined", b.H, b.W, b.C, c.H, c.W, c.C)
	}
	data := make([]float32, 0, len(b.Data)+len(c.Data))
	return &Batch{N: b.N + c.N, H: b.H, W: b.W, C: b.C, Data: append(append(data, b.Data...), c.Data...)}, nil
}

// Resized returns the images in another size: each pixel is the nearest one, and
// of another number of channels each is the channel of that number, counted round.
// It returns s itself where the size is the same, and an error where one is not
// positive.
func (s *Set) Resized(h, w, c int) (*Set, error) {
	if h < 1 || w < 1 || c < 1 {
		return nil, fmt.Errorf("image set %s: images of %dx%dx%d: every side must be positive", s.Name, h, w, c)
	}
	if h == s.H && w == s.W && c == s.C {
		return s, nil
	}
	t := *s
	t.H, t.W, t.C = h, w, c
	t.Pixels = make([]uint8, s.Len()*h*w*c)
	for i := range s.Len() {
		from, to := s.Pix(i), t.Pix(i)
		for y := range h {
			for x := range w {
				p := from[((y*s.H/h)*s.W+x*s.W/w)*s.C:]
				for k := range c {
					to[(y*w+x)*c+k] = p[k%s.C]
				}
			}
		}
	}
	return &t, nil
}
