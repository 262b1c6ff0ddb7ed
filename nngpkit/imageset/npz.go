package imageset

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/machine"
	"github.com/nngplab/nngplab/internal/plainfile"
)

// The names of the arrays in an .npz file: those of numpy.savez(x=..., y=...), and
// what others call them.
var (
	pixelArrays = []string{"x", "X", "images", "x_train", "X_train", "train_images", "data"}
	labelArrays = []string{"y", "Y", "labels", "y_train", "Y_train", "train_labels", "targets"}
)

// ReadArrays reads images and labels from a NumPy .npz file, compressed or not: x
// of the shape images x rows x columns x channels ("nhwc"), images x channels x rows
// x columns ("nchw") or, gray, images x rows x columns; y with a label for each.
// layout says which; empty takes the axis that has 1 or 3 positions for the
// channels, and is an error where both may be.
//
// Pixels are of 0 to 255 where x holds whole numbers. Of floating-point numbers all
// must be of 0 to 1, or of 0 to 255; they are rounded to the 256 values that a Set
// holds. Anything else, such as pixels that were normalized, is refused. Labels are
// whole numbers or texts, or rows of zeros with a single one (one-hot); classes are the
// different ones, sorted. Arrays that are not read are named in Set.Source.
func ReadArrays(path, layout string) (*Set, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s, err := readArrays(f, info.Size(), layout)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	s.Source = path + ", " + s.Source
	return s, nil
}

func readArrays(r io.ReaderAt, size int64, layout string) (*Set, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("no .npz file: %w", err)
	}
	x, err := find(z, pixelArrays)
	if err != nil {
		return nil, err
	}
	y, err := find(z, labelArrays)
	if err != nil {
		return nil, err
	}
	s := new(Set)
	if err := member(y, s.readLabels); err != nil {
		return nil, err
	}
	if err := member(x, func(a *array, r io.Reader) error { return s.readPixels(a, r, layout) }); err != nil {
		return nil, err
	}
	s.Source = strings.TrimSuffix(x.Name, ".npy") + strings.TrimPrefix(s.Source, "x")
	var others []string
	for _, f := range z.File {
		if f != x && f != y {
			others = append(others, strings.TrimSuffix(f.Name, ".npy"))
		}
	}
	if len(others) > 0 {
		s.Source += ", without the arrays " + clip(strings.Join(others, ", "))
	}
	return s, s.Check()
}

// find returns the array of the first of the names that the file has.
func find(z *zip.Reader, names []string) (*zip.File, error) {
	var seen []string
	for _, name := range names {
		for _, f := range z.File {
			if f.Name == name+".npy" {
				return f, nil
			}
		}
	}
	for _, f := range z.File {
		seen = append(seen, strings.TrimSuffix(f.Name, ".npy"))
	}
	return nil, fmt.Errorf("there is no array %q (or %s): there are %s", names[0], strings.Join(names[1:], ", "), clip(strings.Join(seen, ", ")))
}

// member reads an array of the file.
func member(f *zip.File, read func(a *array, r io.Reader) error) error {
	name := strings.TrimSuffix(f.Name, ".npy")
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("array %s: %w", name, err)
	}
	defer r.Close()
	a, err := readHeader(r)
	if err == nil && a.fortran && len(a.shape) > 1 {
		err = errors.New("its axes are in Fortran's order: save numpy.ascontiguousarray of it")
	}
	if err == nil {
		err = read(a, r)
	}
	if err != nil {
		return fmt.Errorf("array %s: %w", name, err)
	}
	return nil
}

// readLabels sets the labels and the classes.
func (s *Set) readLabels(a *array, r io.Reader) error {
	if len(a.shape) == 2 && a.shape[1] == 1 { // as Keras has CIFAR's
		a.shape = a.shape[:1]
	}
	if len(a.shape) != 1 && len(a.shape) != 2 {
		return fmt.Errorf("a shape of %v: want one label for each image", a.shape)
	}
	if a.shape[0] > maxListed {
		return fmt.Errorf("%d labels, more than %d", a.shape[0], maxListed)
	}
	number := a.number()
	if len(a.shape) == 2 && (number == nil || a.shape[1] < 2) {
		return fmt.Errorf("a shape of %v: want one label for each image", a.shape)
	}
	if number == nil && a.kind != 'U' && a.kind != 'S' {
		return fmt.Errorf("labels of the type %s: want whole numbers or texts", a.name())
	}
	var labels []string
	err := a.rows(r, func(_ int, b []byte) error {
		if number == nil {
			labels = append(labels, a.text(b))
			return nil
		}
		v := number(b)
		if len(a.shape) == 2 {
			k, ok := oneHot(b, a.width, number)
			if !ok {
				return errors.New("neither one label, nor a row of zeros with a single one")
			}
			v = float64(k)
		}
		if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
			return fmt.Errorf("a label of %v: want whole numbers", v)
		}
		labels = append(labels, strconv.FormatInt(int64(v), 10))
		return nil
	})
	if err != nil {
		return err
	}
	s.Classes = classNames(labels)
	at := map[string]int{}
	for i, c := range s.Classes {
		at[c] = i
	}
	for _, l := range labels {
		s.Labels = append(s.Labels, at[l])
	}
	return nil
}

// oneHot returns where a row of zeros has its only one.
func oneHot(row []byte, width int, number func([]byte) float64) (int, bool) {
	at := -1
	for k := range len(row) / width {
		switch v := number(row[k*width:]); {
		case v == 0:
		case v == 1 && at < 0:
			at = k
		default:
			return 0, false
		}
	}
	return at, at >= 0
}

// text returns a text element without the zeros that fill it up.
func (a *array) text(b []byte) string {
	if a.kind == 'S' {
		return strings.TrimRight(string(b), "\x00")
	}
	var out []rune
	for i := 0; i+4 <= len(b); i += 4 {
		if c := a.order.Uint32(b[i:]); c != 0 {
			out = append(out, rune(c))
		}
	}
	return string(out)
}

// readPixels sets the pixels.
func (s *Set) readPixels(a *array, r io.Reader, layout string) error {
	first, err := s.arrange(a, layout)
	if err != nil {
		return err
	}
	number := a.number()
	if number == nil || a.kind == 'i' && a.width == 1 || a.kind == 'b' {
		return fmt.Errorf("pixels of the type %s: want uint8 or float32", a.name())
	}
	if n := len(s.Labels); a.shape[0] != n {
		return fmt.Errorf("%d images, and %d labels", a.shape[0], n)
	}
	size := s.H * s.W * s.C
	floating := a.kind == 'f'
	need := float64(a.shape[0]) * float64(size)
	if floating {
		need *= 5 // until the range is known
	}
	if there := machine.ReadMemory(); !there.Allows(need) {
		return fmt.Errorf("%d images of %dx%dx%d take %s of memory, and %v", a.shape[0], s.H, s.W, s.C, machine.Bytes(need), there)
	}
	var values []float32 // of floating-point numbers, until their range is known
	largest := 0.0
	err = a.rows(r, func(_ int, b []byte) error {
		for k := range size {
			at := k
			if first { // of row, column, channel, in the array's order
				at = k%s.C*s.H*s.W + k/s.C
			}
			v := number(b[at*a.width:])
			if !(v >= 0 && v <= 255) {
				return fmt.Errorf("a pixel of %v: want 0 to 255, or 0 to 1; pixels that were normalized are not taken, since the normalization is part of the protocol", v)
			}
			if floating {
				largest = max(largest, v)
				values = append(values, float32(v))
			} else {
				s.Pixels = append(s.Pixels, uint8(v))
			}
		}
		return nil
	})
	if err != nil || !floating {
		return err
	}
	scale := 1.0
	if largest <= 1 {
		scale = 255
		s.Source += ", of 0 to 1"
	}
	s.Pixels = make([]uint8, len(values))
	for i, v := range values {
		s.Pixels[i] = uint8(math.RoundToEven(float64(v) * scale))
	}
	return nil
}

// arrange finds the axes, and tells whether the channels come first.
func (s *Set) arrange(a *array, layout string) (first bool, err error) {
	n := a.shape
	if len(n) == 3 && layout == "" { // gray
		s.H, s.W, s.C = n[1], n[2], 1
		s.Source = fmt.Sprintf("x of %v, gray", n)
		return false, s.sides()
	}
	if len(n) != 4 {
		return false, fmt.Errorf("a shape of %v: want images x rows x columns x channels, or images x channels x rows x columns", n)
	}
	few := func(c int) bool { return c == 1 || c == 3 }
	switch strings.ToLower(layout) {
	case "nchw":
		first = true
	case "nhwc":
	case "":
		switch {
		case few(n[1]) && few(n[3]):
			return false, fmt.Errorf("a shape of %v: say by the layout, nchw or nhwc, which axis has the channels", n)
		case few(n[1]):
			first = true
		case !few(n[3]):
			return false, fmt.Errorf("a shape of %v: neither the second nor the last axis has 1 or 3 channels; say by the layout, nchw or nhwc, which has them", n)
		}
	default:
		return false, fmt.Errorf("the layout %q: want nchw or nhwc", layout)
	}
	s.H, s.W, s.C, s.Source = n[1], n[2], n[3], fmt.Sprintf("x of %v, nhwc", n)
	if first {
		s.C, s.H, s.W, s.Source = n[1], n[2], n[3], fmt.Sprintf("x of %v, nchw", n)
	}
	return first, s.sides()
}

func (s *Set) sides() error {
	if s.H < 1 || s.W < 1 || s.C < 1 || s.H > 1<<14 || s.W > 1<<14 || s.C > 1<<10 {
		return fmt.Errorf("images of %dx%dx%d", s.H, s.W, s.C)
	}
	return nil
}
