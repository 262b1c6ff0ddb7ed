package imageset

import (
	"fmt"
	"math"
)

// Normalization says how the values 0 to 255 of each channel become the
// network's input: (value - Mean) / Std.
//
// The zero value stands for CIFAR10Normalization, the protocol of the paper's
// public notebook, on images of three channels.
type Normalization struct {
	Mean, Std []float64 // one for each channel, in units of 0..255
}

// CIFAR10Normalization is the normalization of the paper's public notebook:
// the channel means and standard deviations of CIFAR-10's training images.
var CIFAR10Normalization = Normalization{
	Mean: []float64{125.3, 123.0, 113.9},
	Std:  []float64{63.0, 62.1, 66.7},
}

// ImageNetNormalization is the usual normalization of ImageNet: means 0.485,
// 0.456, 0.406 and standard deviations 0.229, 0.224, 0.225 of values 0 to 1.
var ImageNetNormalization = Normalization{
	Mean: []float64{123.675, 116.28, 103.53},
	Std:  []float64{58.395, 57.12, 57.375},
}

// resolve returns the normalization for c channels, or why there is none.
func (nz Normalization) resolve(c int) (Normalization, error) {
	if nz.Mean == nil && nz.Std == nil {
		if c != 3 {
			return nz, fmt.Errorf("normalization: the default one is for 3 channels, the images have %d: use Set.Normalization", c)
		}
		return CIFAR10Normalization, nil
	}
	if len(nz.Mean) != c || len(nz.Std) != c {
		return nz, fmt.Errorf("normalization: %d means and %d standard deviations for images of %d channels", len(nz.Mean), len(nz.Std), c)
	}
	for i := range nz.Std {
		if !(nz.Std[i] > 0) || math.IsInf(nz.Std[i], 0) || math.IsNaN(nz.Mean[i]) || math.IsInf(nz.Mean[i], 0) {
			return nz, fmt.Errorf("normalization: channel %d: mean %v, standard deviation %v: both must be finite, the latter positive", i, nz.Mean[i], nz.Std[i])
		}
	}
	return nz, nil
}

// Normalization returns the mean and the (biased) standard deviation of each
// channel over all pixels of the images idx; nil idx means all images. The
// sums are exact integers. A channel without variation gets a standard
// deviation of 1. It returns an error for an index outside the set or an empty
// list.
func (s *Set) Normalization(idx []int) (Normalization, error) {
	if idx == nil {
		idx = make([]int, s.Len())
		for i := range idx {
			idx[i] = i
		}
	}
	if len(idx) == 0 {
		return Normalization{}, fmt.Errorf("image set %s: the statistics of no images are undefined", s.Name)
	}
	sum, sq := make([]uint64, s.C), make([]uint64, s.C)
	for _, i := range idx {
		if i < 0 || i >= s.Len() {
			return Normalization{}, fmt.Errorf("image set %s: index %d: the set has %d images", s.Name, i, s.Len())
		}
		pix := s.Pix(i)
		for c := 0; c < s.C; c++ {
			for p := c; p < len(pix); p += s.C {
				v := uint64(pix[p])
				sum[c] += v
				sq[c] += v * v
			}
		}
	}
	nz := Normalization{Mean: make([]float64, s.C), Std: make([]float64, s.C)}
	n := float64(len(idx)) * float64(s.H*s.W)
	for c := range sum {
		mean := float64(sum[c]) / n
		nz.Mean[c] = mean
		nz.Std[c] = math.Sqrt(float64(sq[c])/n - float64(mean*mean))
		if !(nz.Std[c] > 0) {
			nz.Std[c] = 1
		}
	}
	return nz, nil
}

// Batch is a number of images as a network reads them.
type Batch struct {
	N, H, W, C int
	Data       []float32 // N*H*W*C normalized values in NHWC order
}

// Batch returns the images idx, in that order, normalized by nz (the zero
// value means CIFAR10Normalization). Each value is computed in float64 and
// rounded once. It returns an error for an index outside the set or a
// normalization that does not fit.
func (s *Set) Batch(idx []int, nz Normalization) (*Batch, error) {
	nz, err := nz.resolve(s.C)
	if err != nil {
		return nil, fmt.Errorf("image set %s: %w", s.Name, err)
	}
	for k, i := range idx {
		if i < 0 || i >= s.Len() {
			return nil, fmt.Errorf("image set %s: index %d (position %d of the list): the set has %d images", s.Name, i, k, s.Len())
		}
	}
	// A channel has 256 values only: a table gives each its result.
	table := make([][256]float32, s.C)
	for c := range table {
		for v := range table[c] {
			table[c][v] = float32((float64(v) - nz.Mean[c]) / nz.Std[c])
		}
	}
	size := s.H * s.W * s.C
	b := &Batch{N: len(idx), H: s.H, W: s.W, C: s.C, Data: make([]float32, len(idx)*size)}
	for k, i := range idx {
		src, dst := s.Pix(i), b.Data[k*size:(k+1)*size]
		for c := 0; c < s.C; c++ {
			t := &table[c]
			for p := c; p < size; p += s.C {
				dst[p] = t[src[p]]
			}
		}
	}
	return b, nil
}
