package imageset

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/nngplab/nngplab/internal/testdata"
)

// TestDecodeAgreesWithPillow compares scaling and cropping with Pillow's.
// Pillow rounds to 8 bits after each of two passes and we round once, so a
// value may differ by 1; a wrong filter or a crop beside the middle differs by
// tens.
func TestDecodeAgreesWithPillow(t *testing.T) {
	for _, name := range []string{"wide", "tall", "small", "grey", "alpha", "palette"} {
		data, err := os.ReadFile("testdata/" + name + ".png")
		if err != nil {
			t.Fatal(err)
		}
		const size = 48
		got := make([]uint8, size*size*3)
		if err := decodeImage(got, data, size, 55); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f, err := os.Open("testdata/" + name + ".expected.png")
		if err != nil {
			t.Fatal(err)
		}
		want, err := png.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		worst, sum := 0.0, 0.0
		for p := 0; p < size*size; p++ {
			r, g, b, _ := want.At(p%size, p/size).RGBA()
			for c, v := range []uint32{r >> 8, g >> 8, b >> 8} {
				d := float64(got[3*p+c]) - float64(v)
				worst, sum = math.Max(worst, math.Abs(d)), sum+d
			}
		}
		if mean := sum / (size * size * 3); worst > 1 || math.Abs(mean) > 0.5 {
			t.Errorf("%s: values differ by up to %v, by %.3f on average", name, worst, mean)
		}
	}
}

type tinyFacts struct {
	Labels     []int
	FirstClass string      `json:"first_class"`
	Means      [][]float64 `json:"channel_means_of_first_40"`
}

// TestTinyImageNetTar reads the real validation split straight from its tar
// file and compares labels and colors with what Pillow says. The decoders
// differ in how they enlarge the color planes of a JPEG file and in rounding,
// which the mean of 4,096 pixels brings below 1. Ten images of each class are
// decoded, all of them if NNGPLAB_LONG is set; every label is read anyway.
func TestTinyImageNetTar(t *testing.T) {
	name := testdata.Path(t, "tiny-imagenet-200", "val.tar")
	raw, err := os.ReadFile("testdata/tiny_facts.json")
	if err != nil {
		t.Fatal(err)
	}
	var want tinyFacts
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	cfg := DecodeConfig{CacheDir: t.TempDir(), PerClass: 10}
	labels := want.Labels
	if os.Getenv("NNGPLAB_LONG") != "" {
		cfg.PerClass = 0 // all 10,000
	} else {
		labels = firstOfEach(labels, cfg.PerClass)
	}
	s, err := ReadTinyImageNet(context.Background(), name, "val", cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if s.H != 64 || s.W != 64 || len(s.Classes) != 200 {
		t.Fatalf("%v, want images of 64x64 in 200 classes", s)
	}
	if !reflect.DeepEqual(s.Labels, labels) {
		t.Error("the labels differ from those of the annotations")
	}
	if !strings.HasPrefix(s.Classes[0], want.FirstClass+" ") {
		t.Errorf("the first class is %q, want %q and its name", s.Classes[0], want.FirstClass)
	}
	for i, means := range want.Means {
		nz, err := s.Normalization([]int{i})
		if err != nil {
			t.Fatal(err)
		}
		for c, m := range means {
			if math.Abs(nz.Mean[c]-m) > 1 {
				t.Errorf("image %d, channel %d: mean %.3f, Pillow says %.3f", i, c, nz.Mean[c], m)
			}
		}
	}
	start := time.Now()
	again, err := ReadTinyImageNet(context.Background(), name, "val", cfg)
	if err != nil || !bytes.Equal(again.Pixels, s.Pixels) || !reflect.DeepEqual(again.Labels, s.Labels) {
		t.Errorf("from the cache: other images, error %v", err)
	}
	t.Logf("from the cache in %v", time.Since(start))
	cfg.PerClass = 2
	few, err := ReadTinyImageNet(context.Background(), name, "val", cfg)
	if err != nil || few.Len() != 400 {
		t.Fatalf("two of each class: %v, %v", few, err)
	}
	for c, n := range few.Counts() {
		if n != 2 {
			t.Errorf("class %d has %d images", c, n)
		}
	}
	if _, err := ReadTinyImageNet(context.Background(), name, "train", cfg); !errors.Is(err, errNoImages) {
		t.Errorf("training images out of val.tar: error %v", err)
	}
	if _, err := ReadTinyImageNet(context.Background(), name, "test", cfg); err == nil {
		t.Error("split test: no error")
	}
}

// firstOfEach keeps the first n of each label.
func firstOfEach(labels []int, n int) (kept []int) {
	count := map[int]int{}
	for _, l := range labels {
		if count[l]++; count[l] <= n {
			kept = append(kept, l)
		}
	}
	return kept
}

// picture encodes a small image of one color.
func picture(t testing.TB, format string, w, h int, c color.RGBA) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for p := 0; p < w*h; p++ {
		m.SetRGBA(p%w, p/w, c)
	}
	var b bytes.Buffer
	var err error
	if format == "png" {
		err = png.Encode(&b, m)
	} else {
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 100})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func near(got []uint8, c color.RGBA, by float64) bool {
	return math.Abs(float64(got[0])-float64(c.R)) <= by && math.Abs(float64(got[1])-float64(c.G)) <= by && math.Abs(float64(got[2])-float64(c.B)) <= by
}

func TestReadFolder(t *testing.T) {
	dir := t.TempDir()
	red, blue := color.RGBA{200, 10, 20, 255}, color.RGBA{5, 30, 220, 255}
	put(t, picture(t, "jpeg", 40, 30, red), dir, "b", "2.JPEG")
	put(t, picture(t, "png", 30, 50, blue), dir, "b", "1.png")
	put(t, picture(t, "png", 24, 24, blue), dir, "a", "images", "x.jpg") // PNG within, whatever its name
	put(t, []byte("notes"), dir, "a", "images", "readme.txt")
	put(t, []byte("Mac"), dir, "a", "images", "._x.jpg")
	put(t, []byte("list"), dir, "index.txt")
	cfg := DecodeConfig{Size: 24, Resize: 28, CacheDir: t.TempDir()}
	var calls int
	cfg.Workers = 1
	cfg.Progress = func(done, total int) {
		if calls++; total != 3 || done < 1 || done > 3 {
			t.Errorf("progress %d of %d", done, total)
		}
	}
	s, err := ReadFolder(context.Background(), dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s.Classes, []string{"a", "b"}) || !reflect.DeepEqual(s.Labels, []int{0, 1, 1}) || s.H != 24 || calls != 3 {
		t.Errorf("%v, classes %v, labels %v, %d calls", s, s.Classes, s.Labels, calls)
	}
	for i, c := range []color.RGBA{blue, blue, red} {
		// JPEG rounds colors by up to about 2.
		if got := s.Pix(i)[3*300:][:3]; !near(got, c, 3) {
			t.Errorf("image %d: %v, want %v", i, got, c)
		}
	}
	// A changed file must not come out of the cache.
	put(t, picture(t, "png", 30, 50, red), dir, "b", "1.png")
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "b", "1.png"), later, later); err != nil {
		t.Fatal(err)
	}
	if s, err = ReadFolder(context.Background(), dir, cfg); err != nil || !near(s.Pix(1), red, 3) {
		t.Errorf("after a change: %v, %v", s.Pix(1)[:3], err)
	}
}

func TestReadFolderRejects(t *testing.T) {
	good := picture(t, "jpeg", 40, 30, color.RGBA{9, 9, 9, 255})
	huge := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", []byte{0, 1, 0, 0, 0, 1, 0, 0, 8, 2, 0, 0, 0})...)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"cut":    {good[:len(good)-20], "jpeg image"},
		"text":   {[]byte("hello"), "no readable"},
		"empty":  {nil, "no readable"},
		"huge":   {huge, "claims 65536 x 65536 pixels"},
		"narrow": {picture(t, "png", 2, 500, color.RGBA{}), "too narrow"},
	} {
		dir, cache := t.TempDir(), t.TempDir()
		put(t, good, dir, "a", "1.jpg")
		put(t, c.data, dir, "b", "bad.jpg")
		_, err := ReadFolder(context.Background(), dir, DecodeConfig{Size: 8, CacheDir: cache})
		if err == nil || !strings.Contains(err.Error(), "bad.jpg") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not name bad.jpg and %q", name, err, c.want)
		}
		if left, _ := os.ReadDir(cache); len(left) > 0 {
			t.Errorf("%s: a cache was left: %v", name, left)
		}
	}
	dir := t.TempDir()
	if _, err := ReadFolder(context.Background(), dir, DecodeConfig{}); err == nil || !strings.Contains(err.Error(), "subfolder") {
		t.Errorf("no classes: error %v", err)
	}
	put(t, []byte("x"), dir, "a", "notes.txt")
	if _, err := ReadFolder(context.Background(), dir, DecodeConfig{}); !errors.Is(err, errNoImages) {
		t.Errorf("an empty class: error %v", err)
	}
	for _, cfg := range []DecodeConfig{{Size: -1}, {Size: 10, Resize: 9}, {Size: 1 << 20}, {Workers: -1}, {PerClass: -1}} {
		if _, err := ReadFolder(context.Background(), dir, cfg); err == nil {
			t.Errorf("%+v: no error", cfg)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	put(t, good, dir, "a", "1.jpg")
	if _, err := ReadFolder(ctx, dir, DecodeConfig{NoCache: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: error %v", err)
	}
}

// TestClaimedPixels: what an image's header claims costs no more memory than a
// fixed amount, or than so many bytes for each that the file has.
func TestClaimedPixels(t *testing.T) {
	header := func(side uint32, depth, kind byte) []byte {
		h := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, side), side)
		return append(h, depth, kind, 0, 0, 0)
	}
	png := func(side uint32) []byte { // 16-bit color with opacity, eight bytes per pixel
		b := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", header(side, 16, 6))...)
		return append(b, pngChunk("IDAT", []byte{0x78, 0x9c, 0x03, 0, 0, 0, 0, 1})...)
	}
	jpeg := picture(t, "jpeg", 16, 16, color.RGBA{9, 9, 9, 255})
	sof := bytes.Index(jpeg, []byte{0xff, 0xc0})
	claim := func(side uint16) []byte {
		b := bytes.Clone(jpeg[:len(jpeg)-4]) // cut, too
		binary.BigEndian.PutUint16(b[sof+5:], side)
		binary.BigEndian.PutUint16(b[sof+7:], side)
		return b
	}
	padded := append(claim(20_000), make([]byte, 4<<20)...) // 95 pixels a byte
	for name, data := range map[string][]byte{
		"png 4096": png(4096), "png 5000": png(5000), "png 65535": png(65535),
		"jpeg 4096": claim(4096), "jpeg 5000": claim(5000), "jpeg 65535": claim(65535), "jpeg 20000": padded,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := decodeImage(make([]uint8, 4*4*3), data, 4, 5)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > maxPixels*20 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, used, len(data))
		}
	}
}

func pngChunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	body := append([]byte(kind), data...)
	return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
}

func TestDefaultsOfDecodeConfig(t *testing.T) {
	for size, resize := range map[int]int{0: 256, 224: 256, 64: 73, 32: 37, 299: 342} {
		c, err := DecodeConfig{Size: size}.resolve()
		if err != nil || c.Resize != resize {
			t.Errorf("size %d: resize %d, want %d (%v)", size, c.Resize, resize, err)
		}
	}
}

// TestCacheDamage: whatever byte of a cache file is wrong, it is not used.
func TestCacheDamage(t *testing.T) {
	s := tinySet()
	name := filepath.Join(t.TempDir(), "in", "c.images")
	if err := writeCache(name, s); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var back Set
	if err := readCache(name, &back, s.Len(), s.H*s.W*s.C); err != nil || !bytes.Equal(back.Pixels, s.Pixels) || !reflect.DeepEqual(back.Labels, s.Labels) {
		t.Fatalf("%+v, %v", back, err)
	}
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 4
		if parseCache(bad, &Set{}) == nil {
			t.Errorf("byte %d flipped: no error", i)
		}
		if parseCache(data[:i], &Set{}) == nil {
			t.Errorf("cut to %d bytes: no error", i)
		}
	}
	if err := os.WriteFile(name, data[:len(data)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if readCache(name, &back, s.Len(), s.H*s.W*s.C) == nil || isFile(name) {
		t.Error("a damaged cache was used or is still there")
	}
	// What somebody else put there is neither used, removed nor overwritten.
	if err := os.WriteFile(name, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if readCache(name, &back, s.Len(), s.H*s.W*s.C) == nil || writeCache(name, s) == nil {
		t.Error("a file that is no cache was used or overwritten")
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "mine" {
		t.Errorf("a file that is no cache is now %q, %v", b, err)
	}
}

// tinyFiles is a Tiny-ImageNet of two classes.
func tinyFiles(t testing.TB) map[string][]byte {
	red, blue := color.RGBA{200, 10, 20, 255}, color.RGBA{5, 30, 220, 255}
	return map[string][]byte{
		"wnids.txt":                   []byte("n02\nn01\n"),
		"words.txt":                   []byte("n01\tgoldfish, Carassius\nn02\ttench\nn03\tother\n"),
		"val/val_annotations.txt":     []byte("val_1.JPEG\tn01\t0\t0\t9\t9\nval_0.JPEG\tn02\t0\t0\t9\t9\nval_10.JPEG\tn02\t0\t0\t9\t9\n"),
		"val/images/val_0.JPEG":       picture(t, "jpeg", 8, 8, red),
		"val/images/val_1.JPEG":       picture(t, "jpeg", 8, 8, blue),
		"val/images/val_10.JPEG":      picture(t, "png", 8, 8, red),
		"train/n01/images/n01_0.JPEG": picture(t, "jpeg", 8, 8, blue),
		"train/n02/images/n02_0.JPEG": picture(t, "jpeg", 8, 8, red),
		"train/n02/n02_boxes.txt":     []byte("n02_0.JPEG\t0\t0\t9\t9\n"),
		"test/images/test_0.JPEG":     picture(t, "jpeg", 8, 8, red),
	}
}

func sortedNames(files map[string][]byte) []string {
	var names []string
	for n := range files {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

func tarFiles(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	w.WriteHeader(&tar.Header{Name: "tiny-imagenet-200/", Typeflag: tar.TypeDir, Mode: 0o755})
	for _, n := range sortedNames(files) {
		if err := w.WriteHeader(&tar.Header{Name: "tiny-imagenet-200/" + n, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(files[n]))}); err != nil {
			t.Fatal(err)
		}
		w.Write(files[n])
	}
	w.Close()
	return b.Bytes()
}

func zipFiles(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range sortedNames(files) {
		f, err := w.Create("tiny-imagenet-200/" + n)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(files[n])
	}
	w.Close()
	return b.Bytes()
}

func TestTinyImageNetLayouts(t *testing.T) {
	files := tinyFiles(t)
	dir := t.TempDir()
	for n, data := range files {
		put(t, data, dir, "folder", n)
	}
	put(t, tarFiles(t, files), dir, "t.tar")
	put(t, zipFiles(t, files), dir, "t.zip")
	cfg := DecodeConfig{Size: 8, Resize: 8, NoCache: true}
	for _, name := range []string{"folder", "t.tar", "t.zip"} {
		for split, labels := range map[string][]int{"val": {1, 0, 1}, "train": {0, 1}} {
			s, err := ReadTinyImageNet(context.Background(), filepath.Join(dir, name), split, cfg)
			if err != nil {
				t.Errorf("%s, %s: %v", name, split, err)
				continue
			}
			if !reflect.DeepEqual(s.Labels, labels) || !reflect.DeepEqual(s.Classes, []string{"n01 goldfish", "n02 tench"}) {
				t.Errorf("%s, %s: labels %v of %q", name, split, s.Labels, s.Classes)
			}
			for i, l := range s.Labels {
				if got := s.Pix(i); (got[0] > got[2]) != (l == 1) {
					t.Errorf("%s, %s: image %d of class %d is %v", name, split, i, l, got[:3])
				}
			}
		}
	}
	put(t, gzipped(tarFiles(t, files)), dir, "t.tar.gz")
	if _, err := ReadTinyImageNet(context.Background(), filepath.Join(dir, "t.tar.gz"), "val", cfg); err == nil || !strings.Contains(err.Error(), "gzip") {
		t.Errorf("compressed: error %v", err)
	}
}

func TestTinyImageNetRejects(t *testing.T) {
	cfg := DecodeConfig{Size: 8, Resize: 8, NoCache: true}
	for name, c := range map[string]struct {
		file, text string
		want       []string
	}{
		"no ids":        {"wnids.txt", "", []string{"wnids.txt", "there is no"}},
		"bad id":        {"wnids.txt", "n01\nx\n", []string{"wnids.txt", "line 2", `"x"`}},
		"double id":     {"wnids.txt", "n01\nn02\nn01\n", []string{"wnids.txt", "twice"}},
		"bad words":     {"words.txt", "n01\tx\nn02 y\n", []string{"words.txt", "line 2"}},
		"no tab":        {"val/val_annotations.txt", "val_0.JPEG n01\n", []string{"val_annotations.txt", "line 1"}},
		"unknown class": {"val/val_annotations.txt", "val_0.JPEG\tn02\nval_1.JPEG\tn07\n", []string{"val_annotations.txt", "line 2", "n07"}},
		"double image":  {"val/val_annotations.txt", "val_0.JPEG\tn02\nval_0.JPEG\tn02\n", []string{"line 2", "twice"}},
		"absent image":  {"val/val_annotations.txt", "val_7.JPEG\tn02\n", []string{"line 1", "val_7.JPEG"}},
		"outside":       {"val/val_annotations.txt", "../../wnids.txt\tn02\n", []string{"line 1"}},
		"no label":      {"val/val_annotations.txt", "val_0.JPEG\tn02\nval_1.JPEG\tn01\n", []string{"val_10.JPEG", "no label"}},
		"damaged image": {"val/images/val_1.JPEG", "xx", []string{"val_1.JPEG", "offset"}},
	} {
		files := tinyFiles(t)
		if files[c.file] = []byte(c.text); c.text == "" {
			delete(files, c.file)
		}
		path := filepath.Join(t.TempDir(), "t.tar")
		put(t, tarFiles(t, files), path)
		_, err := ReadTinyImageNet(context.Background(), path, "val", cfg)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, w := range append(c.want, "t.tar") {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %q does not name %q", name, err, w)
			}
		}
	}
	whole := tarFiles(t, tinyFiles(t))
	path := filepath.Join(t.TempDir(), "t.tar")
	for _, cut := range []int{0, 300, 512 + 300, 2*512 + 100, len(whole) / 2} {
		put(t, whole[:cut], path)
		if _, err := ReadTinyImageNet(context.Background(), path, "val", cfg); err == nil || !strings.Contains(err.Error(), "t.tar") {
			t.Errorf("cut to %d bytes: error %v", cut, err)
		}
	}
	// A header that claims a gigabyte.
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	w.WriteHeader(&tar.Header{Name: "wnids.txt", Typeflag: tar.TypeReg, Size: 1 << 30})
	w.Write([]byte("n01\n"))
	put(t, b.Bytes(), path)
	if _, err := ReadTinyImageNet(context.Background(), path, "val", cfg); err == nil || !strings.Contains(err.Error(), "claims 1073741824 bytes") || !strings.Contains(err.Error(), "offset 512") {
		t.Errorf("a false size: error %v", err)
	}
}

// TestZipClaims: the sizes in a zip file's directory are claims, of which none
// costs memory that the entry's data do not fill.
func TestZipClaims(t *testing.T) {
	for name, c := range map[string]struct {
		claim uint64
		want  string
	}{
		"within what deflate can do": {1 << 20, "wnids.txt"},
		"beyond":                     {1 << 40, "claims 1099511627776 bytes"},
	} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		raw, err := w.CreateRaw(&zip.FileHeader{Name: "wnids.txt", Method: zip.Store, CompressedSize64: 4, UncompressedSize64: c.claim, CRC32: crc32.ChecksumIEEE([]byte("n01\n"))})
		if err != nil {
			t.Fatal(err)
		}
		raw.Write([]byte("n01\n"))
		pad, err := w.CreateHeader(&zip.FileHeader{Name: "pad", Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		pad.Write(make([]byte, 1<<10))
		w.Close()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		tree, err := archiveTree(bytes.NewReader(b.Bytes()), int64(b.Len()), "fuzz.zip", "")
		if err == nil {
			_, err = readTiny(context.Background(), tree, "val", DecodeConfig{Size: 4, Resize: 4, NoCache: true})
		}
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "fuzz.zip") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<19 {
			t.Errorf("%s: %d bytes allocated", name, used)
		}
	}
}

// FuzzTinyImageNetTar checks that no archive makes the reader panic, and that
// what it accepts is a sound set.
func FuzzTinyImageNetTar(f *testing.F) {
	f.Add(tarFiles(f, tinyFiles(f)), true)
	f.Add(zipFiles(f, tinyFiles(f)), false)
	f.Add([]byte("PK\x03\x04"), true)
	f.Add(make([]byte, 1024), true)
	f.Fuzz(func(t *testing.T, data []byte, val bool) {
		tree, err := archiveTree(bytes.NewReader(data), int64(len(data)), "fuzz.tar", "")
		if err == nil {
			split := "train"
			if val {
				split = "val"
			}
			var s *Set
			s, err = readTiny(context.Background(), tree, split, DecodeConfig{Size: 4, Resize: 4, NoCache: true, Workers: 1})
			if err == nil {
				if err := s.Check(); err != nil {
					t.Error(err)
				}
			}
		}
		if err != nil && !strings.Contains(err.Error(), "fuzz.tar") {
			t.Errorf("error %q does not name the archive", err)
		}
	})
}

// FuzzImage checks that no image file makes the decoder panic.
func FuzzImage(f *testing.F) {
	f.Add(picture(f, "png", 9, 7, color.RGBA{1, 2, 3, 255}))
	f.Add(picture(f, "jpeg", 9, 7, color.RGBA{1, 2, 3, 255}))
	f.Fuzz(func(t *testing.T, data []byte) {
		dst := make([]uint8, 4*4*3)
		if err := decodeImage(dst, data, 4, 5); err != nil && fmt.Sprint(err) == "" {
			t.Error("an error without words")
		}
	})
}

// FuzzCache checks that nothing but a sound set comes out of a cache file,
// even if the digest at its end is right: it is put there for the fuzzer,
// which would never find one.
func FuzzCache(f *testing.F) {
	name := filepath.Join(f.TempDir(), "c")
	if err := writeCache(name, tinySet()); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:len(data)-sha256.Size], true)
	f.Add(data, false)
	f.Add([]byte(cacheMagic), true)
	f.Fuzz(func(t *testing.T, data []byte, signed bool) {
		if signed {
			sum := sha256.Sum256(data)
			data = append(bytes.Clone(data), sum[:]...)
		}
		var s Set
		if parseCache(data, &s) == nil && s.Check() != nil {
			t.Error("a set that contradicts itself")
		}
	})
}

// FuzzTinyImageNetText does the same for the text files, past the archive.
func FuzzTinyImageNetText(f *testing.F) {
	files := tinyFiles(f)
	f.Add(files["wnids.txt"], files["words.txt"], files["val/val_annotations.txt"], true)
	f.Add(files["wnids.txt"], []byte("n01\r\n"), []byte("val_0.JPEG\tn02\r\n\n"), false)
	f.Fuzz(func(t *testing.T, ids, words, annotations []byte, val bool) {
		tree := newTree("fuzz")
		texts := map[string][]byte{"wnids.txt": ids, "words.txt": words, "val/val_annotations.txt": annotations}
		for name, data := range files {
			if text, ok := texts[name]; ok {
				data = text
			}
			if err := tree.add(name, treeEntry{size: int64(len(data)), read: func() ([]byte, error) { return data, nil }}); err != nil {
				t.Fatal(err)
			}
		}
		sort.Strings(tree.names)
		split := "train"
		if val {
			split = "val"
		}
		s, err := readTiny(context.Background(), tree, split, DecodeConfig{Size: 8, Resize: 8, NoCache: true, Workers: 1})
		if err != nil {
			if !strings.Contains(err.Error(), "fuzz") {
				t.Errorf("error %q does not name the place", err)
			}
			return
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
	})
}
