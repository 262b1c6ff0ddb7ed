package imageset

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
)

// cifarFacts is what testdata/cifar_facts.py computed with NumPy.
type cifarFacts struct {
	Images      int
	Histogram   []int
	FirstLabels []int `json:"first_labels"`
	Mean, Std   []float64
	NHWC        string  `json:"nhwc_sha256"`
	Pixel       []uint8 `json:"row7_column5_of_image3"`
	Batch       string  `json:"batch_of_first100_sha256"`
}

func readFacts(t *testing.T, file string) cifarFacts {
	t.Helper()
	raw, err := os.ReadFile("testdata/cifar_facts.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	var f cifarFacts
	if err := json.Unmarshal(all[file], &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestCIFAR10AgreesWithNumPy(t *testing.T) {
	for _, file := range []string{"data_batch_1_first4000.bin", "test_batch_first1000.bin"} {
		t.Run(file, func(t *testing.T) {
			want := readFacts(t, file)
			s, err := ReadCIFAR10Files(testdata.Path(t, "cifar10", file))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Check(); err != nil {
				t.Fatal(err)
			}
			if s.Len() != want.Images || s.H != 32 || s.W != 32 || s.C != 3 {
				t.Errorf("got %v, want %d images of 32x32x3", s, want.Images)
			}
			if got := s.Counts(); !reflect.DeepEqual(got, want.Histogram) {
				t.Errorf("label histogram %v, want %v", got, want.Histogram)
			}
			if got := s.Labels[:20]; !reflect.DeepEqual(got, want.FirstLabels) {
				t.Errorf("first labels %v, want %v", got, want.FirstLabels)
			}
			if got := digest(s.Pixels); got != want.NHWC {
				t.Errorf("digest of the pixels in NHWC order %s, want %s", got, want.NHWC)
			}
			if got := s.Pix(3)[(7*32+5)*3:][:3]; !bytes.Equal(got, want.Pixel) {
				t.Errorf("image 3, row 7, column 5: %v, want %v", got, want.Pixel)
			}
			nz, err := s.Normalization(nil)
			if err != nil {
				t.Fatal(err)
			}
			for c := range want.Mean {
				// Both sides sum a few million integers below 2^16: float64 is
				// exact up to the last operations, whose cancellation in the
				// variance leaves about 1e-15 * 1e4 / std^2 relative.
				if math.Abs(nz.Mean[c]-want.Mean[c]) > 1e-10 || math.Abs(nz.Std[c]-want.Std[c]) > 1e-9 {
					t.Errorf("channel %d: mean %v std %v, want %v %v", c, nz.Mean[c], nz.Std[c], want.Mean[c], want.Std[c])
				}
			}
			idx := make([]int, 100)
			for i := range idx {
				idx[i] = i
			}
			b, err := s.Batch(idx, Normalization{})
			if err != nil {
				t.Fatal(err)
			}
			var buf bytes.Buffer
			binary.Write(&buf, binary.LittleEndian, b.Data)
			if got := digest(buf.Bytes()); got != want.Batch {
				t.Errorf("digest of the first 100 images normalized by the protocol: %s, want %s", got, want.Batch)
			}
		})
	}
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// cifarRecords builds records of header label bytes and recognizable pixels.
func cifarRecords(header int, labels ...byte) []byte {
	var out []byte
	for i := 0; i < len(labels); i += header {
		out = append(out, labels[i:i+header]...)
		for p := 0; p < cifarPixels; p++ {
			out = append(out, byte(p+p>>8+i))
		}
	}
	return out
}

func TestCIFAR100Labels(t *testing.T) {
	raw := cifarRecords(2, 3, 17, 19, 99)
	for _, c := range []struct {
		coarse bool
		labels []int
		n      int
	}{{false, []int{17, 99}, 100}, {true, []int{3, 19}, 20}} {
		s, err := ReadCIFAR100(bytes.NewReader(raw), "x.bin", c.coarse)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(s.Labels, c.labels) || len(s.Classes) != c.n {
			t.Errorf("coarse %v: labels %v of %d classes, want %v of %d", c.coarse, s.Labels, len(s.Classes), c.labels, c.n)
		}
		// Channel k of pixel p is byte k*1024+p of the record's pixels.
		if got, want := s.Pix(1)[3*5+2], raw[2*(2+cifarPixels)-cifarPixels+2*1024+5]; got != want {
			t.Errorf("pixel 5, blue: %d, want %d", got, want)
		}
	}
}

func TestCIFARRejects(t *testing.T) {
	good := cifarRecords(1, 0, 9, 4)
	bad := bytes.Clone(good)
	bad[3073] = 10
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct {
		name string
		data []byte
		want []string
	}{
		{"cut.bin", good[:3073*2+5], []string{"cut.bin", "record 2", "offset 6146", "5 of 3073"}},
		{"label.bin", bad, []string{"label.bin", "record 1", "offset 3073", "label 10"}},
		{"empty.bin", nil, []string{"empty.bin", "empty"}},
		{"short.bin", good[:10], []string{"short.bin", "record 0", "offset 0", "10 of 3073"}},
	} {
		for way, err := range map[string]error{
			"file":   second(ReadCIFAR10Files(write(c.name, c.data))),
			"stream": second(ReadCIFAR10(bytes.NewReader(c.data), c.name)),
		} {
			if err == nil {
				t.Errorf("%s as a %s: no error", c.name, way)
				continue
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%s as a %s: error %q does not name %q", c.name, way, err, w)
				}
			}
		}
	}
	if _, err := ReadCIFAR10Files(); err == nil {
		t.Error("no files: no error")
	}
	if _, err := ReadCIFAR10Files(dir); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder: error %v", err)
	}
	if _, err := ReadCIFAR10Files(filepath.Join(dir, "none.bin")); !os.IsNotExist(err) {
		t.Errorf("a missing file: error %v", err)
	}
	// A CIFAR-100 file read as CIFAR-10 must not pass for one.
	if _, err := ReadCIFAR10(bytes.NewReader(cifarRecords(2, 3, 17)), "c100.bin"); err == nil {
		t.Error("a CIFAR-100 file as CIFAR-10: no error")
	}
}

func second(_ any, err error) error { return err }

func TestCIFAR10FilesPrefersWholeBatches(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"data_batch_1.bin", "data_batch_1_first10.bin", "data_batch_3_a.bin", "data_batch_3_b.bin", "test_batch_first1.bin", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, n), cifarRecords(1, 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base := func(paths []string) (out []string) {
		for _, p := range paths {
			out = append(out, filepath.Base(p))
		}
		return out
	}
	if got, want := base(cifar10Files(dir, false)), []string{"data_batch_1.bin", "data_batch_3_a.bin", "data_batch_3_b.bin"}; !reflect.DeepEqual(got, want) {
		t.Errorf("training files %v, want %v", got, want)
	}
	if got, want := base(cifar10Files(dir, true)), []string{"test_batch_first1.bin"}; !reflect.DeepEqual(got, want) {
		t.Errorf("test files %v, want %v", got, want)
	}
}

func TestCIFARClassLists(t *testing.T) {
	if len(CIFAR10Classes) != 10 || len(CIFAR100Classes) != 100 || len(CIFAR100CoarseClasses) != 20 {
		t.Errorf("%d, %d, %d class names, want 10, 100, 20", len(CIFAR10Classes), len(CIFAR100Classes), len(CIFAR100CoarseClasses))
	}
}

// FuzzCIFAR checks that no input makes a reader panic or return a set that
// contradicts itself, and that what it accepts is exactly whole records.
func FuzzCIFAR(f *testing.F) {
	f.Add(cifarRecords(1, 0, 9), false)
	f.Add(cifarRecords(2, 3, 17), true)
	f.Add(cifarRecords(1, 10), false)
	f.Add([]byte{}, false)
	f.Add(cifarRecords(2, 20, 17)[:100], true)
	f.Fuzz(func(t *testing.T, data []byte, hundred bool) {
		s, err := ReadCIFAR10(bytes.NewReader(data), "fuzz.bin")
		record := 3073
		if hundred {
			s, err = ReadCIFAR100(bytes.NewReader(data), "fuzz.bin", false)
			record = 3074
		}
		if err != nil {
			if !strings.Contains(err.Error(), "fuzz.bin") {
				t.Errorf("error %q does not name the file", err)
			}
			return
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
		if s.Len()*record != len(data) {
			t.Errorf("%d images from %d bytes", s.Len(), len(data))
		}
	})
}
