package imageset

import (
	"fmt"
	"math"
)

// WithContrastOf returns the images with the mean and the standard deviation, of
// each channel over the pixels, of the images of another set: image i takes those
// of image i of the other. Where a channel has one value only, it keeps its
// deviation of zero. Values are rounded to bytes and cut to 0..255, which takes a
// little contrast from images whose values would lie outside. It returns an error
// if the other set has fewer images, or another number of channels.
func (s *Set) WithContrastOf(other *Set) (*Set, error) {
	if other.Len() < s.Len() || other.C != s.C {
		return nil, fmt.Errorf("image set %s: %d images of %d channels cannot take the contrast of %d of %d",
			s.Name, s.Len(), s.C, other.Len(), other.C)
	}
	return s.mapped(func(i, c int) (gain, shift float64) {
		mean, std := moments(s.Pix(i), c, s.C)
		toMean, toStd := moments(other.Pix(i), c, s.C)
		if std > 0 {
			gain = toStd / std
		}
		return gain, toMean - gain*mean
	}), nil
}

// Spread returns the images with contrasts that differ: the deviations of image i
// of n from its mean, channel by channel, are multiplied by a factor that falls
// evenly from 1, of the first image, to 1 - by, of the last. It returns an error if
// by is not 0 to 1.
func (s *Set) Spread(by float64) (*Set, error) {
	if !(by >= 0 && by <= 1) {
		return nil, fmt.Errorf("image set %s: contrasts spread by %v: want 0 to 1", s.Name, by)
	}
	return s.mapped(func(i, c int) (gain, shift float64) {
		mean, _ := moments(s.Pix(i), c, s.C)
		gain = 1
		if n := s.Len(); n > 1 {
			gain -= by * float64(i) / float64(n-1)
		}
		return gain, mean - gain*mean
	}), nil
}

// mapped returns the images with each channel of each image mapped by
// gain*x + shift.
func (s *Set) mapped(of func(image, channel int) (gain, shift float64)) *Set {
	t := *s
	t.Pixels = make([]uint8, len(s.Pixels))
	for i := range s.Len() {
		from, to := s.Pix(i), t.Pix(i)
		for c := range s.C {
			gain, shift := of(i, c)
			for k := c; k < len(from); k += s.C {
				// The conversion keeps a processor from fusing the two operations.
				to[k] = uint8(min(max(math.Round(float64(gain*float64(from[k]))+shift), 0), 255))
			}
		}
	}
	return &t
}

// moments returns the mean and the standard deviation of one of the channels.
func moments(pix []uint8, channel, channels int) (mean, std float64) {
	n, sum, squares := 0, 0, 0 // whole numbers: exact
	for k := channel; k < len(pix); k += channels {
		v := int(pix[k])
		n, sum, squares = n+1, sum+v, squares+v*v
	}
	mean = float64(sum) / float64(n)
	return mean, math.Sqrt(float64(n*squares-sum*sum)) / float64(n)
}
