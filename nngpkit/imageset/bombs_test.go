package imageset

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
)

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// zeros writes n bytes.
func zeros(t *testing.T, w io.Writer, n int64) {
	t.Helper()
	buf := make([]byte, 1<<20)
	for ; n > 0; n -= int64(len(buf)) {
		if _, err := w.Write(buf[:min(n, int64(len(buf)))]); err != nil {
			t.Fatal(err)
		}
	}
}

// bombIDX is a compressed IDX array of zeros.
func bombIDX(t *testing.T, data int64, dims ...uint32) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte{0, 0, 8, byte(len(dims))})
	for _, d := range dims {
		z.Write(binary.BigEndian.AppendUint32(nil, d))
	}
	zeros(t, z, data)
	z.Close()
	return b.Bytes()
}

// TestIDXBomb: a small file that claims, and holds, sizes that the set cannot
// have is refused before its data are read.
func TestIDXBomb(t *testing.T) {
	for name, c := range map[string]struct {
		images, labels []byte
	}{
		"many images":  {bombIDX(t, 64<<20, 64<<20, 1, 1), bombIDX(t, 10, 10)},
		"large images": {bombIDX(t, 64<<20, 1, 8192, 8192), bombIDX(t, 1, 1)},
		"claim alone":  {bombIDX(t, 0, 1<<31-1, 1, 1), bombIDX(t, 10, 10)},
		"channels":     {bombIDX(t, 64<<20, 64, 1024, 32, 32), bombIDX(t, 64, 64)},
		"many labels":  {bombIDX(t, 28*28, 1, 28, 28), bombIDX(t, 64<<20, 64<<20)},
	} {
		dir := t.TempDir()
		for file, data := range map[string][]byte{"train-images-idx3-ubyte.gz": c.images, "train-labels-idx1-ubyte.gz": c.labels} {
			if err := os.WriteFile(filepath.Join(dir, file), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		n := allocated(func() {
			if _, err := loadFrom(context.Background(), "mnist", dir, DecodeConfig{}); err == nil {
				t.Errorf("%s: no error", name)
			}
		})
		if n > 4<<20 {
			t.Errorf("%s: %d MB were allocated", name, n>>20)
		}
	}
}

// TestIDXBuffer: no more is allocated than an array takes, compressed or not.
func TestIDXBuffer(t *testing.T) {
	const size = 10 << 20
	packed := bombIDX(t, size, size)
	var plain bytes.Buffer
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(&plain, z)
	for name, data := range map[string][]byte{"compressed": packed, "plain": plain.Bytes()} {
		path := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		n := allocated(func() {
			if a, err := ReadIDXFile(path); err != nil || len(a.Data) != size {
				t.Errorf("%s: %v", name, err)
			}
		})
		if n > size+1<<20 {
			t.Errorf("%s: %d bytes were allocated for %d", name, n, size)
		}
	}
}

// chunk is a part of a PNG file.
func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// bombPNG is a black image, padded to a size.
func bombPNG(t *testing.T, w, h uint32, padding int) []byte {
	t.Helper()
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	if int64(w)*int64(h) < 1<<28 { // more is not read anyway
		zeros(t, z, int64(h)*(1+3*int64(w)))
	}
	z.Close()
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	b := []byte("\x89PNG\r\n\x1a\n")
	b = append(b, chunk("IHDR", append(head, 8, 2, 0, 0, 0))...)
	b = append(b, chunk("teSt", make([]byte, padding))...)
	b = append(b, chunk("IDAT", data.Bytes())...)
	return append(b, chunk("IEND", nil)...)
}

// TestPNGBomb: an image of more pixels than any photograph is refused, however
// much padding its file has.
func TestPNGBomb(t *testing.T) {
	for _, c := range []struct {
		w, h    uint32
		padding int
	}{{25000, 25000, 10 << 20}, {12600, 12600, 5 << 19}, {9000, 9000, 3 << 20}, {8193, 8193, 60 << 20}, {5000, 5000, 0}, {1 << 30, 1 << 30, 1 << 20}} {
		dst := make([]uint8, 32*32*3)
		file := bombPNG(t, c.w, c.h, c.padding)
		n := allocated(func() {
			if err := decodeImage(dst, file, 32, 32); err == nil {
				t.Errorf("%d x %d, %d bytes: no error", c.w, c.h, len(file))
			}
		})
		if n > 4<<20 {
			t.Errorf("%d x %d: %d MB were allocated", c.w, c.h, n>>20)
		}
	}
	if err := decodeImage(make([]uint8, 32*32*3), bombPNG(t, 3000, 3000, 0), 32, 32); err != nil {
		t.Errorf("a large image: %v", err)
	}
}

// TestZipBomb: an entry that claims more than an image file may have is refused,
// and one that holds more than it claims is not read on.
func TestZipBomb(t *testing.T) {
	for _, name := range []string{"train/n01/images/a.JPEG", "wnids.txt"} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		if name != "wnids.txt" {
			f, _ := z.Create("wnids.txt")
			f.Write([]byte("n01\n"))
		}
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		zeros(t, f, 65<<20)
		z.Close()
		path := filepath.Join(t.TempDir(), "t.zip")
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		n := allocated(func() {
			if _, err := ReadTinyImageNet(context.Background(), path, "train", DecodeConfig{NoCache: true}); err == nil || !strings.Contains(err.Error(), "at most") {
				t.Errorf("%s: %v", name, err)
			}
		})
		if n > 4<<20 {
			t.Errorf("%s: %d MB were allocated", name, n>>20)
		}
	}
}

// TestOtherFormats: an image of another format is refused, whatever its name
// and whichever decoders the program has.
func TestOtherFormats(t *testing.T) {
	m := image.NewPaletted(image.Rect(0, 0, 40, 40), color.Palette{color.Black, color.White})
	image.RegisterFormat("any", "???", png.Decode, png.DecodeConfig) // as some package may
	encode := map[string]func(io.Writer) error{
		"GIF":  func(w io.Writer) error { return gif.Encode(w, m, nil) },
		"TIFF": func(w io.Writer) error { return tiff.Encode(w, m, nil) },
		"BMP":  func(w io.Writer) error { _, err := io.WriteString(w, "BM\x46\x00\x00\x00"); return err },
		"WebP": func(w io.Writer) error { _, err := io.WriteString(w, "RIFF\x24\x00\x00\x00WEBPVP8 "); return err },
	}
	for kind, enc := range encode {
		var b bytes.Buffer
		if err := enc(&b); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a.png", "a.jpg", "a.JPEG"} {
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Join(dir, "class"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "class", name), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := ReadFolder(context.Background(), dir, DecodeConfig{Size: 8, Resize: 8, NoCache: true})
			if err == nil || !strings.Contains(err.Error(), "no readable JPEG or PNG image") {
				t.Errorf("%s as %s: %v", kind, name, err)
			}
		}
	}
}

// TestSparse: the size of a sparse file is a mere claim.
func TestSparse(t *testing.T) {
	dir := t.TempDir()
	for _, rel := range []string{"cifar/data_batch_1_a.bin", "folder/class/a.jpg", "idx/train-images-idx3-ubyte", "idx/train-labels-idx1-ubyte"} {
		path := filepath.Join(dir, rel)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Truncate(3073 << 28); err != nil {
			t.Skip(err)
		}
		f.Close()
	}
	ctx := context.Background()
	for name, read := range map[string]func() error{
		"cifar": func() error {
			_, err := loadFrom(ctx, "cifar10", filepath.Join(dir, "cifar"), DecodeConfig{})
			return err
		},
		"folder": func() error {
			_, err := ReadFolder(ctx, filepath.Join(dir, "folder"), DecodeConfig{NoCache: true})
			return err
		},
		"idx": func() error { _, err := loadFrom(ctx, "mnist", filepath.Join(dir, "idx"), DecodeConfig{}); return err },
	} {
		n := allocated(func() {
			if read() == nil {
				t.Errorf("%s: no error", name)
			}
		})
		if n > 4<<20 {
			t.Errorf("%s: %d MB were allocated", name, n>>20)
		}
	}
}

// TestDotName: the files of MNIST as some unpackers write their names.
func TestDotName(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{"train-images.idx3-ubyte": idxBytes(2, 4, 4), "train-labels.idx1-ubyte": idxBytes(2)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := loadFrom(context.Background(), "mnist", dir, DecodeConfig{}); err != nil || s.Len() != 2 {
		t.Errorf("%v, %v", s, err)
	}
}

// idxBytes is an array of zeros.
func idxBytes(dims ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	n := 1
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
		n *= int(d)
	}
	return append(b, make([]byte, n)...)
}
