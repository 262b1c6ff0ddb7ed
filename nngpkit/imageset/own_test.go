package imageset

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestArrays reads what NumPy wrote (testdata/make_arrays.py).
func TestArrays(t *testing.T) {
	for _, c := range []struct {
		file, layout string
		channels     int
		classes      []string
		source       string
	}{
		{"uint8_nhwc", "", 3, []string{"4", "7", "9"}, "nhwc"},
		{"uint8_nhwc", "NHWC", 3, []string{"4", "7", "9"}, "nhwc"},
		{"uint8_nchw", "", 3, []string{"4", "7", "9"}, "nchw"},
		{"unit_nchw", "", 3, []string{"4", "7", "9"}, "of 0 to 1"},
		{"float_big", "", 3, []string{"4", "7", "9"}, "nhwc"},
		{"double", "", 3, []string{"4", "7", "9"}, "nhwc"},
		{"gray", "", 1, []string{"cat", "cow", "dog"}, "gray"},
		{"version2", "", 3, []string{"4", "7", "9"}, "nhwc"},
		{"version3", "", 3, []string{"4", "7", "9"}, "nhwc"},
	} {
		s, err := ReadArrays(filepath.Join("testdata", "arrays", c.file+".npz"), c.layout)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.H != 5 || s.W != 6 || s.C != c.channels || s.Len() != 4 || !slices.Equal(s.Classes, c.classes) || !strings.Contains(s.Source, c.source) || s.Name != c.file {
			t.Errorf("%s: %v", c.file, s)
		}
		if want := []int{0, 2, 0, 1}; c.file != "gray" && !slices.Equal(s.Labels, want) {
			t.Errorf("%s: labels %v", c.file, s.Labels)
		}
		for i := range 4 {
			for p, v := range s.Pix(i) {
				y, x, ch := p/s.C/6, p/s.C%6, p%s.C
				if want := uint8((31*i + 7*y + 3*x + 50*ch) % 256); v != want {
					t.Fatalf("%s: image %d, row %d, column %d, channel %d: %d, want %d", c.file, i, y, x, ch, v, want)
				}
			}
		}
	}
}

// TestBadArrays: what cannot be read is an error that names the file and the array.
func TestBadArrays(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	packed := func(x, y string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, text := range map[string]string{"x.npy": x, "y.npy": y} {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	npy := func(descr, shape, data string) string {
		head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", descr, shape)
		return "\x93NUMPY\x01\x00" + string([]byte{byte(len(head)), 0}) + head + data
	}
	own := func(name string) string { return filepath.Join("testdata", "arrays", name+".npz") }
	y := npy("|u1", "2,", "\x00\x01")
	// Labels as rows with a single one: the second and the first class of three.
	x := npy("|u1", "2, 1, 1, 3", "abcdef")
	hot, err := ReadArrays(write("hot.npz", packed(x, npy("|u1", "2, 3", "\x00\x01\x00\x01\x00\x00"))), "nhwc")
	if err != nil || !slices.Equal(hot.Classes, []string{"0", "1"}) || !slices.Equal(hot.Labels, []int{1, 0}) {
		t.Errorf("one-hot labels: %+v, %v", hot, err)
	}
	for _, c := range []struct{ path, layout, want string }{
		{own("ambiguous"), "", "say by the layout"},
		{own("uint8_nhwc"), "chw", "want nchw or nhwc"},
		{own("normalized"), "", "array x: entry 0: a pixel of -1"},
		{own("fortran"), "", "ascontiguousarray"},
		{own("objects"), "", "array y: it holds Python objects"},
		{own("lengths"), "", "4 images, and 3 labels"},
		{own("no_y"), "", `no array "y"`},
		{write("text.npz", []byte("x,y\n1,2\n")), "", "no .npz file"},
		{write("short.npz", packed(npy("|u1", "2, 2, 2, 3", "abc"), y)), "", "array x: entry 0 of 2: the data end here"},
		{write("long.npz", packed(npy("|u1", "2, 2, 1, 3", "abcdefghijklmn"), y)), "", "more data"},
		{write("huge.npz", packed(npy("|u1", "2, 99999, 99999, 3", "abc"), y)), "", "array x"},
		{write("overflow.npz", packed(npy("|u1", "9223372036854775807, 9223372036854775807", "abc"), y)), "", "array x: a shape of"},
		{write("magic.npz", packed("NUMPY", y)), "", "no NumPy array"},
		{write("version.npz", packed("\x93NUMPY\x09\x00", y)), "", "version 9.0"},
		{write("complex.npz", packed(npy("<c8", "2, 2, 1, 3", strings.Repeat("a", 96)), y)), "", "type c8"},
		{write("twohot.npz", packed(x, npy("|u1", "2, 3", "\x00\x01\x00\x01\x00\x01"))), "", "array y: entry 1: neither one label"},
		{write("nohot.npz", packed(x, npy("|u1", "2, 3", "\x00\x01\x00\x00\x00\x00"))), "", "array y: entry 1: neither one label"},
		{write("cube.npz", packed(x, npy("|u1", "2, 1, 1", "\x00\x01"))), "", "array y: a shape of"},
		{write("fractions.npz", packed(npy("|u1", "2, 1, 1, 3", "abcdef"), npy("<f4", "2,", "\x00\x00\x00\x3f\x00\x00\x00\x3f"))), "", "array y: entry 0: a label of 0.5"},
	} {
		_, err := ReadArrays(c.path, c.layout)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), filepath.Base(c.path)) {
			t.Errorf("%s: %v, want %q", c.path, err, c.want)
		}
	}
}

// paint writes a PNG image of one color.
func paint(t *testing.T, path string, v uint8) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	m := image.NewGray(image.Rect(0, 0, 20, 12))
	for i := range m.Pix {
		m.Pix[i] = v
	}
	m.SetGray(0, 0, color.Gray{v})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestOpen reads images of one's own in every form, and says what is wrong.
func TestOpen(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	for k, class := range []string{"cat", "dog"} {
		for i := range 5 {
			paint(t, filepath.Join(dir, "classes", class, fmt.Sprintf("%d.png", i)), uint8(100*k+i))
		}
	}
	s, err := Open(t.Context(), filepath.Join(dir, "classes"), OwnConfig{FileSize: 8})
	if err != nil || s.Len() != 10 || s.H != 8 || s.W != 8 || !slices.Equal(s.Classes, []string{"cat", "dog"}) {
		t.Fatal(s, err)
	}
	s, err = Open(t.Context(), filepath.Join(dir, "classes"), OwnConfig{Size: 16, PerClass: 3, FileSize: 8})
	if err != nil || s.Len() != 6 || s.H != 16 {
		t.Fatal(s, err)
	}
	list := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, text := range []string{
		"file,label\nclasses/cat/0.png,2\nclasses/dog/1.png,10\nclasses/dog/2.png,2\n",
		"\ufeffid;Label;Filename\r\n1;2;classes/cat/0.png\r\n2;10;classes/dog/1.png\r\n3;2;classes/dog/2.png\r\n",
		"path\tclass\nclasses/cat/0.png\t2\n" + filepath.Join(dir, "classes/dog/1.png") + "\t10\nclasses/dog/2.png\t2\n",
	} {
		s, err := Open(t.Context(), list("list.csv", text), OwnConfig{Size: 4})
		if err != nil || s.Len() != 3 || !slices.Equal(s.Classes, []string{"2", "10"}) || !slices.Equal(s.Labels, []int{0, 1, 0}) || s.Pix(1)[0] != 101 || s.Name != "list" {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	}
	// A folder with a list in it.
	paint(t, filepath.Join(dir, "listed", "images", "a.png"), 1)
	paint(t, filepath.Join(dir, "listed", "images", "b.png"), 2)
	list("listed/labels.csv", "image,target\nimages/a.png,x\nimages/b.png,y\n")
	list("listed/notes.csv", "who,when\nme,now\n")
	if s, err := Open(t.Context(), filepath.Join(dir, "listed"), OwnConfig{Size: 4}); err != nil || s.Len() != 2 || !slices.Equal(s.Classes, []string{"x", "y"}) {
		t.Error(s, err)
	}
	paint(t, filepath.Join(dir, "flat", "a.png"), 1)
	for _, c := range []struct{ what, want string }{
		{filepath.Join(dir, "nowhere"), "no such folder or file"},
		{filepath.Join(dir, "flat"), "nothing says their classes"},
		{filepath.Join(dir, "flat", "a.png"), "neither a folder nor"},
		{list("none.csv", "name,kind\na.png,x\n"), `no column is called "file"`},
		{list("nolabel.csv", "file,kind\na.png,x\n"), `no column is called "label"`},
		{list("empty.csv", ""), "no header line"},
		{list("head.csv", "file,label\n"), "no row names an image"},
		{list("gone.csv", "file,label\nclasses/cat/0.png,a\ngone.png,b\n"), "line 3: "},
		{list("gap.csv", "file,label\nclasses/cat/0.png,\n"), "line 2: the file or the label is missing"},
		{list("twice.csv", "file,label\nclasses/cat/0.png,a\nclasses/cat/0.png,b\n"), "line 3: \"classes/cat/0.png\" is named on line 2"},
		{list("gif.csv", "file,label\nx.gif,a\n"), "line 2: \"x.gif\" does not end in"},
	} {
		if _, err := Open(t.Context(), c.what, OwnConfig{Size: 4}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
		}
	}
	paint(t, filepath.Join(dir, "stray", "cat", "a.png"), 1)
	paint(t, filepath.Join(dir, "stray", "b.png"), 1)
	paint(t, filepath.Join(dir, "deep", "train", "cat", "a.png"), 1)
	paint(t, filepath.Join(dir, "both", "cat", "a.png"), 1)
	paint(t, filepath.Join(dir, "both", "cat", "more", "b.png"), 1)
	paint(t, filepath.Join(dir, "webp", "cat", "a.png"), 1)
	list("webp/cat/b.WebP", "RIFF")
	for folder, want := range map[string]string{
		"stray": "images lie beside the subfolders",
		"deep":  "its subfolder cat has: is it a folder of classes itself?",
		"both":  "cat: it has images, and so has its subfolder more",
		"webp":  "b.WebP: of image files only JPEG and PNG are read",
	} {
		if _, err := Open(t.Context(), filepath.Join(dir, folder), OwnConfig{Size: 4}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", folder, err, want)
		}
	}
	list("listed/more.csv", "image,target\nimages/a.png,x\n")
	if _, err := Open(t.Context(), filepath.Join(dir, "listed"), OwnConfig{Size: 4}); err == nil || !strings.Contains(err.Error(), "several CSV files") {
		t.Error(err)
	}
	s, err = Open(t.Context(), "drawn-test", OwnConfig{PerClass: 7, Size: 16})
	if err != nil || s.Len() != 70 || s.H != 16 {
		t.Error(s, err)
	}
	s, err = Open(t.Context(), filepath.Join("testdata", "arrays", "uint8_nchw.npz"), OwnConfig{PerClass: 1, Size: 3})
	if err != nil || s.Len() != 3 || s.H != 3 || s.W != 3 {
		t.Error(s, err)
	}
}

// FuzzArrays: no file makes it panic.
func FuzzArrays(f *testing.F) {
	paths, _ := filepath.Glob(filepath.Join("testdata", "arrays", "*.npz"))
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := readArrays(bytes.NewReader(b), int64(len(b)), ""); err == nil {
			if err := s.Check(); err != nil {
				t.Error(err)
			}
		}
		if a, err := readHeader(bytes.NewReader(b)); err == nil && a.width < 1 {
			t.Error(a)
		}
	})
}
