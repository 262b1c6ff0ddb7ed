package imageset

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// maxIDX bounds the size of an IDX array: a gzip file of a few megabytes can
// hold gigabytes of zeros.
const maxIDX = 1<<31 - 1

// IDX is an array of bytes read from an IDX file, the format of MNIST
// (http://yann.lecun.com/exdb/mnist).
type IDX struct {
	Dims []int   // sizes, slowest-varying first
	Data []uint8 // product of Dims values
}

// ReadIDX reads one IDX array of unsigned bytes from r, plain or compressed by
// gzip. The name is the file's, for messages. It returns an error that names
// the file, the offset and the reason if the magic number is wrong, the
// elements are not unsigned bytes, the data are fewer or more than the
// dimensions say, or the compressed stream is damaged (its checksum is
// checked).
func ReadIDX(r io.Reader, name string) (*IDX, error) { return decodeIDX(r, idxSource{name: name}) }

func decodeIDX(r io.Reader, src idxSource) (*IDX, error) {
	name := src.name
	br := bufio.NewReaderSize(r, 1<<16)
	head, _ := br.Peek(2)
	if len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		zr, err := gzip.NewReader(br)
		if err != nil {
			return nil, fmt.Errorf("%s: offset 0: gzip: %w", name, err)
		}
		defer zr.Close()
		return readIDX(zr, src)
	}
	return readIDX(br, src)
}

// ReadIDXFile reads the IDX array of a file, plain or compressed by gzip.
func ReadIDXFile(path string) (*IDX, error) { return readIDXFile(path, nil) }

// readIDXFile reads the IDX array of a file whose sizes are at most most; nil
// means any.
func readIDXFile(path string, most []int) (*IDX, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return decodeIDX(f, idxSource{path, most, info.Size()})
}

// idxSource says what an array is read from.
type idxSource struct {
	name string
	most []int // the largest sizes that make sense; nil means any
	size int64 // of the file, perhaps compressed; 0 where that is unknown
}

// deflateRatio is a bound on what DEFLATE makes of a byte.
const deflateRatio = 1040

// room returns for how many of total bytes to make room at once: all, where the
// file is large enough for them, so that no buffer has to grow; else what is sure
// to be of use.
func (s idxSource) room(total int64) int64 {
	if total <= s.size*deflateRatio {
		return total
	}
	return min(total, 1<<14)
}

// checkSizes returns an error if the array is larger than it can be.
func (s idxSource) checkSizes(dims []int) error {
	if s.most == nil {
		return nil
	}
	if len(dims) != len(s.most) {
		return fmt.Errorf("%s: offset 3: %d dimensions: must be %d", s.name, len(dims), len(s.most))
	}
	for i, d := range dims {
		if d > s.most[i] {
			return fmt.Errorf("%s: offset %d: dimensions %v: at most %v belong to this set", s.name, 4+4*i, dims, s.most)
		}
	}
	return nil
}

func readIDX(r io.Reader, src idxSource) (*IDX, error) {
	name := src.name
	var magic [4]byte
	if n, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, fmt.Errorf("%s: offset %d: the magic number is cut short: %w", name, n, err)
	}
	if magic[0] != 0 || magic[1] != 0 {
		return nil, fmt.Errorf("%s: offset 0: magic number %x: an IDX file begins with two zero bytes", name, magic)
	}
	if magic[2] != 0x08 {
		return nil, fmt.Errorf("%s: offset 2: element type 0x%02x: only unsigned bytes (0x08) are read", name, magic[2])
	}
	rank := int(magic[3])
	if rank < 1 || rank > 4 {
		return nil, fmt.Errorf("%s: offset 3: %d dimensions: 1 to 4 are read", name, rank)
	}
	sizes := make([]byte, 4*rank)
	if n, err := io.ReadFull(r, sizes); err != nil {
		return nil, fmt.Errorf("%s: offset %d: the %d dimensions are cut short: %w", name, 4+n, rank, err)
	}
	a := &IDX{Dims: make([]int, rank)}
	total := int64(1)
	for d := range a.Dims {
		v := int64(binary.BigEndian.Uint32(sizes[4*d:]))
		a.Dims[d] = int(v)
		if v > maxIDX || (v > 0 && total > maxIDX/v) {
			return nil, fmt.Errorf("%s: offset %d: dimensions %v...: more than %d bytes", name, 4+4*d, a.Dims[:d+1], int64(maxIDX))
		}
		total *= v
	}
	if err := src.checkSizes(a.Dims); err != nil {
		return nil, err
	}
	start := int64(4 + 4*rank)
	// The buffer follows what the file can hold, not what its header claims.
	data, err := readAtMost(r, total, src.room(total))
	got := int64(len(data))
	if err != nil {
		return nil, fmt.Errorf("%s: offset %d: after %d of %d bytes: %w", name, start+got, got, total, err)
	}
	if got != total {
		return nil, fmt.Errorf("%s: offset %d: the data end after %d of the %d bytes of dimensions %v", name, start+got, got, total, a.Dims)
	}
	// Reading on to the end also makes gzip check its checksum.
	var extra [1]byte
	if n, err := io.ReadFull(r, extra[:]); n > 0 {
		return nil, fmt.Errorf("%s: offset %d: data go on beyond the %d bytes of dimensions %v", name, start+total, total, a.Dims)
	} else if err != io.EOF {
		return nil, fmt.Errorf("%s: offset %d: %w", name, start+total, err)
	}
	a.Data = data
	return a, nil
}

// readAtMost reads total bytes, or to the end, into a buffer that begins with
// room for so many and grows by a quarter.
func readAtMost(r io.Reader, total, room int64) ([]byte, error) {
	data := make([]byte, 0, room)
	for int64(len(data)) < total {
		if len(data) == cap(data) {
			more := make([]byte, len(data), min(total, int64(len(data))/4*5+1<<16))
			copy(more, data)
			data = more
		}
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return data, err
		}
	}
	return data, nil
}

// ReadIDXSet reads images (N x H x W, or N x H x W x C) and labels (N) from a
// pair of IDX files, plain or compressed. It returns an error if their numbers
// disagree or a label is no index of classes.
func ReadIDXSet(imagePath, labelPath string, classes []string) (*Set, error) {
	return readIDXSet(imagePath, labelPath, classes, nil)
}

// mnistSizes are the most that a set of MNIST's kind has of images, rows and
// columns: 60,000 training and 10,000 test images of 28 x 28, perhaps joined.
var mnistSizes = []int{70_000, 28, 28}

// readIDXSet is ReadIDXSet for images whose sizes are at most most; nil means any.
func readIDXSet(imagePath, labelPath string, classes []string, most []int) (*Set, error) {
	var mostLabels []int
	if most != nil {
		mostLabels = most[:1]
	}
	labels, err := readIDXFile(labelPath, mostLabels) // the smaller one first
	if err != nil {
		return nil, err
	}
	images, err := readIDXFile(imagePath, most)
	if err != nil {
		return nil, err
	}
	s, err := idxSet(images, imagePath, labels, labelPath, classes)
	if err != nil {
		return nil, err
	}
	s.Source = imagePath + ", " + labelPath
	return s, nil
}

func idxSet(images *IDX, imagePath string, labels *IDX, labelPath string, classes []string) (*Set, error) {
	d := images.Dims
	if len(d) != 3 && len(d) != 4 {
		return nil, fmt.Errorf("%s: dimensions %v: images have 3 (number, height, width) or 4 (and channels)", imagePath, d)
	}
	if len(labels.Dims) != 1 {
		return nil, fmt.Errorf("%s: dimensions %v: labels have 1", labelPath, labels.Dims)
	}
	if d[0] != labels.Dims[0] {
		return nil, fmt.Errorf("%s: %d labels, but %s has %d images", labelPath, labels.Dims[0], imagePath, d[0])
	}
	s := &Set{H: d[1], W: d[2], C: 1, Pixels: images.Data, Classes: classes, Labels: make([]int, d[0])}
	if len(d) == 4 {
		s.C = d[3]
	}
	if s.Len() == 0 || s.H == 0 || s.W == 0 || s.C == 0 {
		return nil, fmt.Errorf("%s: dimensions %v: no images", imagePath, d)
	}
	for i, l := range labels.Data {
		if int(l) >= len(classes) {
			return nil, fmt.Errorf("%s: record %d (offset %d): label %d: must be 0 to %d", labelPath, i, 8+i, l, len(classes)-1)
		}
		s.Labels[i] = int(l)
	}
	return s, nil
}

// MNISTClasses and FashionMNISTClasses name the classes in the order of their
// labels.
var (
	MNISTClasses        = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	FashionMNISTClasses = []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
)
