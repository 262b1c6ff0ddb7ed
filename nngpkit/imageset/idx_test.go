package imageset

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// idxFile builds an IDX file whose header claims dims.
func idxFile(data []byte, dims ...int) []byte {
	out := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		out = append(out, byte(d>>24), byte(d>>16), byte(d>>8), byte(d))
	}
	return append(out, data...)
}

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

func TestIDXPlainAndGzip(t *testing.T) {
	plain := idxFile([]byte{1, 2, 3, 4, 5, 6}, 1, 2, 3)
	for name, raw := range map[string][]byte{"plain": plain, "gzip": gzipped(plain)} {
		a, err := ReadIDX(bytes.NewReader(raw), name)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(a.Dims, []int{1, 2, 3}) || !bytes.Equal(a.Data, []byte{1, 2, 3, 4, 5, 6}) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestIDXRejects(t *testing.T) {
	good := idxFile([]byte{1, 2, 3, 4, 5, 6}, 2, 3)
	zipped := gzipped(good)
	flipped := bytes.Clone(zipped)
	flipped[len(flipped)-6] ^= 1 // the checksum
	edit := func(at int, v byte) []byte { b := bytes.Clone(good); b[at] = v; return b }
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":         {nil, "offset 0: the magic number is cut short"},
		"magic":         {edit(0, 1), "offset 0: magic number"},
		"type":          {edit(2, 0x0d), "offset 2: element type 0x0d"},
		"rank 0":        {edit(3, 0), "offset 3: 0 dimensions"},
		"rank 5":        {edit(3, 5), "offset 3: 5 dimensions"},
		"dims cut":      {good[:9], "offset 9: the 2 dimensions are cut short"},
		"data cut":      {good[:15], "offset 15: the data end after 3 of the 6 bytes"},
		"data extra":    {append(bytes.Clone(good), 7), "offset 18: data go on beyond the 6 bytes"},
		"claims a lot":  {idxFile(nil, 1<<15, 1<<15), "the data end after 0 of the 1073741824 bytes"},
		"claims more":   {idxFile(nil, 1<<16, 1<<16), "offset 8: dimensions"},
		"overflows":     {idxFile(nil, 1<<31-1, 1<<31-1, 1<<31-1), "offset 8: dimensions"},
		"gzip cut":      {zipped[:len(zipped)-9], "unexpected EOF"},
		"gzip checksum": {flipped, "checksum"},
		"gzip header":   {zipped[:5], "gzip"},
	} {
		a, err := ReadIDX(bytes.NewReader(c.data), "images.idx")
		if err == nil {
			t.Errorf("%s: no error, read %v", name, a.Dims)
		} else if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "images.idx") {
			t.Errorf("%s: error %q does not name images.idx and %q", name, err, c.want)
		}
	}
}

// TestIDXMemory: a header that claims 2 GiB must not reserve them.
func TestIDXMemory(t *testing.T) {
	raw := idxFile(make([]byte, 100), 1<<16, 1<<15-1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := ReadIDX(bytes.NewReader(raw), "x"); err == nil {
		t.Error("no error")
	}
	runtime.ReadMemStats(&after)
	if d := after.TotalAlloc - before.TotalAlloc; d > 1<<20 {
		t.Errorf("%d bytes were allocated for a file of %d", d, len(raw))
	}
}

func TestIDXSet(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	images := write("i", gzipped(idxFile([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2)))
	s, err := ReadIDXSet(images, write("l", idxFile([]byte{9, 0}, 2)), MNISTClasses)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	if s.H != 2 || s.W != 2 || s.C != 1 || !reflect.DeepEqual(s.Labels, []int{9, 0}) || !bytes.Equal(s.Pix(1), []byte{5, 6, 7, 8}) {
		t.Errorf("%+v", s)
	}
	for name, c := range map[string]struct {
		labels []byte
		want   string
	}{
		"count": {idxFile([]byte{9, 0, 1}, 3), "3 labels"},
		"label": {idxFile([]byte{9, 10}, 2), "record 1 (offset 9): label 10"},
		"rank":  {idxFile([]byte{9, 0}, 1, 2), "labels have 1"},
	} {
		if _, err := ReadIDXSet(images, write("bad", c.labels), MNISTClasses); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", name, err, c.want)
		}
	}
	if _, err := ReadIDXSet(write("none", idxFile(nil, 0, 2, 2)), write("nol", idxFile(nil, 0)), MNISTClasses); err == nil {
		t.Error("no images: no error")
	}
}

// FuzzIDX checks that no input makes the reader panic, and that what it
// accepts has as many bytes as its dimensions say.
func FuzzIDX(f *testing.F) {
	f.Add(idxFile([]byte{1, 2, 3, 4, 5, 6}, 2, 3))
	f.Add(gzipped(idxFile([]byte{1, 2, 3, 4, 5, 6}, 1, 2, 3)))
	f.Add(idxFile(nil, 1<<16, 1<<16))
	f.Add(idxFile(nil, 0))
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ReadIDX(bytes.NewReader(data), "fuzz.idx")
		if err != nil {
			if !strings.Contains(err.Error(), "fuzz.idx") {
				t.Errorf("error %q does not name the file", err)
			}
			return
		}
		n := 1
		for _, d := range a.Dims {
			n *= d
		}
		if n != len(a.Data) {
			t.Errorf("dimensions %v, %d bytes", a.Dims, len(a.Data))
		}
	})
}
