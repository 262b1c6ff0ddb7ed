// Package imageset holds labeled images and reads them: CIFAR-10 and
// CIFAR-100 (binary version), IDX files (MNIST, Fashion-MNIST), folders of
// JPEG and PNG images, Tiny-ImageNet-200, and sets that are drawn by code and
// so are always at hand: pictures in ten classes, and noise without classes.
//
// A Set keeps its pixels as bytes, image after image, row after row, with the
// channels of a pixel side by side (NHWC). A Split picks training and
// validation images from it, and Set.Batch turns picked images into the
// normalized float32 values that a network reads.
//
// Every reader checks what it reads: a damaged file gives an error that names
// the file, the record and the reason, and no reader reserves memory for more
// than the file has been seen to hold.
package imageset

import (
	"fmt"
	"image"
	"image/color"
)

// Set is a set of labeled images of one size.
type Set struct {
	Name   string // such as "cifar10"
	Source string // where the images came from, for reports

	H, W, C int // height, width, channels of every image

	// Pixels holds Len()*H*W*C values of 0 to 255 in NHWC order.
	Pixels []uint8

	// Labels holds a class index, 0 to len(Classes)-1, for each image; zeros
	// where there are no classes.
	Labels []int

	Classes []string // a name for each class; none for images without labels
}

// Labeled reports whether labels tell images apart: whether there are at least
// two classes. Of other sets only what needs no labels can be computed.
func (s *Set) Labeled() bool { return len(s.Classes) >= 2 }

// Len returns the number of images.
func (s *Set) Len() int { return len(s.Labels) }

// Pix returns the H*W*C values of image i in HWC order. The slice shares
// memory with the set. It panics if there is no image i.
func (s *Set) Pix(i int) []uint8 {
	size := s.H * s.W * s.C
	return s.Pixels[i*size : (i+1)*size : (i+1)*size]
}

// Check reports the first way in which the set contradicts itself: sizes that
// do not agree or a label that no class has. It returns nil for a sound set.
func (s *Set) Check() error {
	if s.H <= 0 || s.W <= 0 || s.C <= 0 {
		return fmt.Errorf("image set %s: image size %dx%dx%d: every side must be positive", s.Name, s.H, s.W, s.C)
	}
	// By division, since a product of sizes from a file might overflow.
	rest := len(s.Pixels)
	for _, n := range []int{s.Len(), s.H, s.W, s.C} {
		if n == 0 && rest == 0 {
			return nil // an empty set
		}
		if n == 0 || rest%n != 0 {
			rest = 0
			break
		}
		rest /= n
	}
	if rest != 1 {
		return fmt.Errorf("image set %s: %d pixel values for %d images of %dx%dx%d",
			s.Name, len(s.Pixels), s.Len(), s.H, s.W, s.C)
	}
	for i, l := range s.Labels {
		if l < 0 || l >= max(1, len(s.Classes)) {
			return fmt.Errorf("image set %s: image %d: label %d: there are %d classes", s.Name, i, l, len(s.Classes))
		}
	}
	return nil
}

// Subset returns a new set that holds copies of the images idx, in that order.
// It returns an error if an index is outside 0 to Len()-1.
func (s *Set) Subset(idx []int) (*Set, error) {
	size := s.H * s.W * s.C
	t := &Set{
		Name: s.Name, Source: s.Source, H: s.H, W: s.W, C: s.C, Classes: s.Classes,
		Pixels: make([]uint8, 0, len(idx)*size), Labels: make([]int, 0, len(idx)),
	}
	for k, i := range idx {
		if i < 0 || i >= s.Len() {
			return nil, fmt.Errorf("image set %s: index %d (position %d of the list): the set has %d images", s.Name, i, k, s.Len())
		}
		t.Pixels = append(t.Pixels, s.Pix(i)...)
		t.Labels = append(t.Labels, s.Labels[i])
	}
	return t, nil
}

// LabelsOf returns the labels of the images idx. It panics if an index is
// outside 0 to Len()-1.
func (s *Set) LabelsOf(idx []int) []int {
	out := make([]int, len(idx))
	for k, i := range idx {
		out[k] = s.Labels[i]
	}
	return out
}

// Counts returns the number of images of each class.
func (s *Set) Counts() []int {
	n := make([]int, len(s.Classes))
	if len(n) == 0 {
		return n
	}
	for _, l := range s.Labels {
		n[l]++
	}
	return n
}

// Image returns image i as an image.Image: gray for one channel, color for
// three. Further channels are left out. It panics if there is no image i.
func (s *Set) Image(i int) image.Image {
	pix := s.Pix(i)
	if s.C < 3 {
		g := image.NewGray(image.Rect(0, 0, s.W, s.H))
		for p := 0; p < s.H*s.W; p++ {
			g.Pix[p] = pix[p*s.C]
		}
		return g
	}
	m := image.NewRGBA(image.Rect(0, 0, s.W, s.H))
	for p := 0; p < s.H*s.W; p++ {
		copy(m.Pix[4*p:4*p+3], pix[p*s.C:p*s.C+3])
		m.Pix[4*p+3] = 255
	}
	return m
}

// Sheet returns the images idx side by side, columns to a row, each enlarged
// zoom times (1 is life size) and set apart by two pixels: a contact sheet to
// look at. It returns an error for an index outside the set, or if columns or
// zoom is not positive.
func (s *Set) Sheet(idx []int, columns, zoom int) (image.Image, error) {
	const gap = 2
	if columns <= 0 || zoom <= 0 {
		return nil, fmt.Errorf("contact sheet of %d columns, zoom %d: both must be positive", columns, zoom)
	}
	rows := (len(idx) + columns - 1) / columns
	w, h := s.W*zoom, s.H*zoom
	sheet := image.NewRGBA(image.Rect(0, 0, columns*(w+gap)+gap, rows*(h+gap)+gap))
	for p := 3; p < len(sheet.Pix); p += 4 {
		sheet.Pix[p] = 255
	}
	for k, i := range idx {
		if i < 0 || i >= s.Len() {
			return nil, fmt.Errorf("image set %s: index %d: the set has %d images", s.Name, i, s.Len())
		}
		m := s.Image(i)
		x0, y0 := gap+k%columns*(w+gap), gap+k/columns*(h+gap)
		for y := 0; y < h; y++ {
			for x := 0; x < w; x++ {
				sheet.Set(x0+x, y0+y, color.RGBAModel.Convert(m.At(x/zoom, y/zoom)))
			}
		}
	}
	return sheet, nil
}

// String describes the set in a line.
func (s *Set) String() string {
	classes := fmt.Sprintf("%d classes", len(s.Classes))
	if !s.Labeled() {
		classes = "without labels"
	}
	return fmt.Sprintf("%s: %d images of %dx%dx%d, %s, from %s", s.Name, s.Len(), s.H, s.W, s.C, classes, s.Source)
}
