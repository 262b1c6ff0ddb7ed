package imageset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/testdata"
)

// alone makes the search see only the given folders.
func alone(t *testing.T, dirs ...string) {
	t.Helper()
	t.Setenv(datasets.EnvData, strings.Join(dirs, string(os.PathListSeparator)))
	for _, v := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(v, t.TempDir())
	}
}

func put(t *testing.T, data []byte, elem ...string) {
	t.Helper()
	p := filepath.Join(elem...)
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLoadRealCIFAR10(t *testing.T) {
	root := filepath.Dir(filepath.Dir(testdata.Path(t, "cifar10", "data_batch_1_first4000.bin")))
	alone(t, root)
	s, real, err := LoadOrDrawn("cifar10")
	if err != nil || !real {
		t.Fatal(real, err)
	}
	if s.Len() < 4000 || s.Name != "cifar10" || s.Labels[0] != 6 || s.Classes[s.Labels[0]] != "frog" {
		t.Errorf("%v, first label %d: want a frog, as the first of CIFAR-10 is", s, s.Labels[0])
	}
}

func TestLoadSearchOrder(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	alone(t, a, b)
	cache, err := datasets.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	label := func() int {
		t.Helper()
		s, err := Load("cifar10")
		if err != nil {
			t.Fatal(err)
		}
		return s.Labels[0]
	}
	put(t, cifarRecords(1, 1), cache, "cifar10", "data_batch_1_first1.bin")
	if got := label(); got != 1 {
		t.Errorf("cache only: label %d", got)
	}
	put(t, cifarRecords(1, 2), b, "cifar-10-batches-bin", "data_batch_2_first1.bin")
	if got := label(); got != 2 {
		t.Errorf("second folder and cache: label %d", got)
	}
	// A folder that holds only the test images is passed over for training
	// images.
	put(t, cifarRecords(1, 3), a, "cifar10", "test_batch_first1.bin")
	if got := label(); got != 2 {
		t.Errorf("first folder has the test images only: label %d", got)
	}
	put(t, cifarRecords(1, 4), a, "cifar10", "data_batch_5_first1.bin")
	if got := label(); got != 4 {
		t.Errorf("first folder: label %d", got)
	}
	if s, err := Load("cifar10-test"); err != nil || s.Labels[0] != 3 {
		t.Errorf("test images: %v, %v", s, err)
	}
}

func TestLoadMissing(t *testing.T) {
	dir := t.TempDir()
	alone(t, dir)
	_, err := Load("cifar10-test")
	var missing *datasets.MissingError
	if !errors.As(err, &missing) {
		t.Fatalf("error %v, want a MissingError", err)
	}
	for _, w := range []string{"cifar10", "test images", dir, "nngplab data fetch cifar10", "NNGPLAB_DATA"} {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
	s, real, err := LoadOrDrawn("cifar10-test")
	if err != nil || real || s.Name != "drawn-test" || s.Len() != drawnTest {
		t.Errorf("stand-in: %v, real %v, %v", s, real, err)
	}
	put(t, cifarRecords(1, 4), dir, "cifar10", "data_batch_5_first1.bin")
	if _, err := Load("cifar10-test"); !errors.As(err, &missing) {
		t.Errorf("training images only: error %v, want a MissingError", err)
	}
}

func TestLoadDamagedIsNoReasonToDraw(t *testing.T) {
	dir := t.TempDir()
	alone(t, dir)
	put(t, cifarRecords(1, 4)[:100], dir, "cifar10", "data_batch_1_first1.bin")
	if s, _, err := LoadOrDrawn("cifar10"); err == nil || !strings.Contains(err.Error(), "data_batch_1_first1.bin") {
		t.Errorf("damaged file: %v, error %v", s, err)
	}
	if _, _, err := LoadOrDrawn("cifar11"); err == nil || !strings.Contains(err.Error(), "cifar100") {
		t.Errorf("unknown name: error %v does not list the known ones", err)
	}
}

func TestLoadOtherLayouts(t *testing.T) {
	dir := t.TempDir()
	alone(t, dir)
	put(t, cifarRecords(2, 3, 17), dir, "cifar-100-binary", "train_first1.bin")
	put(t, cifarRecords(2, 4, 18), dir, "cifar-100-binary", "test_first1.bin")
	put(t, gzipped(idxFile([]byte{1, 2, 3, 4}, 1, 2, 2)), dir, "fashion-mnist", "train-images-idx3-ubyte.gz")
	put(t, gzipped(idxFile([]byte{9}, 1)), dir, "fashion-mnist", "train-labels-idx1-ubyte.gz")
	put(t, idxFile([]byte{1, 2, 3, 4}, 1, 2, 2), dir, "MNIST", "raw", "t10k-images-idx3-ubyte")
	put(t, idxFile([]byte{7}, 1), dir, "MNIST", "raw", "t10k-labels-idx1-ubyte")
	for name, want := range map[string]struct {
		label int
		class string
	}{
		"cifar100": {17, "castle"}, "cifar100-test": {18, "caterpillar"},
		"cifar100-coarse": {3, "food_containers"}, "cifar100-coarse-test": {4, "fruit_and_vegetables"},
		"fashion-mnist": {9, "Ankle boot"}, "mnist-test": {7, "7"},
	} {
		s, err := Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.Labels[0] != want.label || s.Classes[want.label] != want.class || s.Name != name {
			t.Errorf("%s: label %d (%s), set %q", name, s.Labels[0], s.Classes[s.Labels[0]], s.Name)
		}
	}
	if err := os.Remove(filepath.Join(dir, "MNIST", "raw", "t10k-labels-idx1-ubyte")); err != nil {
		t.Fatal(err)
	}
	if _, err := Load("mnist-test"); err == nil || !strings.Contains(err.Error(), "t10k-labels") {
		t.Errorf("labels missing: error %v", err)
	}
}

func TestLoadFolders(t *testing.T) {
	dir := t.TempDir()
	alone(t, dir)
	put(t, tarFiles(t, tinyFiles(t)), dir, "tiny-imagenet-200", "val.tar")
	s, err := Load("tiny-imagenet-200-val")
	if err != nil || s.Len() != 3 || s.H != 64 || s.Name != "tiny-imagenet-200-val" {
		t.Errorf("Tiny-ImageNet: %v, %v", s, err)
	}
	var missing *datasets.MissingError
	if _, err := Load("tiny-imagenet-200"); !errors.As(err, &missing) || missing.Part != "training images" {
		t.Errorf("training images of val.tar: error %v", err)
	}
	for i, class := range []string{"n02", "n01"} {
		for _, f := range []string{"x.JPEG", "y.JPEG", "z.JPEG"} {
			put(t, picture(t, "jpeg", 30+i, 40, color.RGBA{uint8(100 * i), 50, 9, 255}), dir, "imagenet", "val", class, f)
		}
	}
	s, err = Load("imagenet-val")
	if err != nil || s.Len() != 4 || s.H != 224 || s.Classes[0] != "n01" || !near(s.Pix(0), color.RGBA{100, 50, 9, 255}, 3) {
		t.Errorf("ImageNet: %v, %v", s, err)
	}
	if _, err := Inspect(context.Background(), "imagenet", dir, nil); !errors.Is(err, ErrNotHere) {
		t.Errorf("no training images: error %v", err)
	}
	// Load keeps the first two images of a class, Inspect reads them all.
	last := 0
	sum, err := Inspect(context.Background(), "imagenet-val", filepath.Join(dir, "imagenet"), func(done, total int) { last = max(last, done*total) })
	if want := (Summary{Images: 6, H: 224, W: 224, C: 3, Classes: 2}); err != nil || sum != want || last != 36 {
		t.Errorf("inspected %+v, %v, progress to %d; want %+v", sum, err, last, want)
	}
	put(t, []byte("x"), dir, "imagenet", "val", "n02", "z.JPEG")
	if _, err := Load("imagenet-val"); err != nil {
		t.Errorf("an image that is not used is damaged: %v", err)
	}
	if _, err := Inspect(context.Background(), "imagenet-val", filepath.Join(dir, "imagenet"), nil); err == nil || !strings.Contains(err.Error(), "z.JPEG") {
		t.Errorf("a damaged image that Load leaves out: %v", err)
	}
	if got := NamesIn("tiny-imagenet-200"); len(got) != 2 || got[0] != "tiny-imagenet-200" {
		t.Errorf("names in tiny-imagenet-200: %q", got)
	}
}

// A batch that was cut between two records reads as a shorter one; its name
// says that it is none.
func TestLoadCutBetweenRecords(t *testing.T) {
	for _, c := range []struct {
		labels                   int // label bytes of a record
		name, folder, file, want string
	}{
		{1, "cifar10", "cifar10", "data_batch_1.bin", "record 2 (offset 6146): the file ends there, a whole one has 10000"},
		{1, "cifar10-test", "cifar10", "test_batch.bin", "test_batch_first2.bin"},
		{2, "cifar100", "cifar100", "train.bin", "record 2 (offset 6148): the file ends there, a whole one has 50000"},
		{2, "cifar100-coarse-test", "cifar100", "test.bin", "a whole one has 10000"},
	} {
		dir := t.TempDir()
		alone(t, dir)
		data := cifarRecords(c.labels, bytes.Repeat([]byte{1}, 2*c.labels)...)
		put(t, data, dir, c.folder, c.file)
		if _, err := Load(c.name); err == nil || !strings.Contains(err.Error(), c.file) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", c.name, err, c.want)
		}
		put(t, data, dir, c.folder, strings.Replace(c.file, ".bin", "_first2.bin", 1))
		if err := os.Remove(filepath.Join(dir, c.folder, c.file)); err != nil {
			t.Fatal(err)
		}
		if s, err := Load(c.name); err != nil || s.Len() != 2 {
			t.Errorf("%s: a part: %v, %v", c.name, s, err)
		}
	}
}

// What a fetched set's record knows is compared before anything is computed: a
// flipped pixel, which no structure shows, is an error and leaves no cache.
func TestLoadDamagedSinceFetched(t *testing.T) {
	dir := t.TempDir()
	alone(t, dir)
	sets := map[string]map[string][]byte{
		"cifar10":  {"data_batch_1_first2.bin": cifarRecords(1, 3, 4)},
		"cifar100": {"train_first1.bin": cifarRecords(2, 3, 17)},
		"mnist": {
			"train-images-idx3-ubyte":    idxFile([]byte{1, 2, 3, 4}, 1, 2, 2),
			"train-labels-idx1-ubyte.gz": gzipped(idxFile([]byte{7}, 1)),
		},
		"tiny-imagenet-200": tinyFiles(t),
	}
	for set, files := range sets {
		record := datasets.Record{Set: set}
		for name, data := range files {
			put(t, data, dir, set, name)
			sum := sha256.Sum256(data)
			record.Files = append(record.Files, datasets.File{Path: name, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])})
		}
		text, err := json.Marshal(&record)
		if err != nil {
			t.Fatal(err)
		}
		put(t, text, dir, set, ".nngplab.json")
	}
	for _, c := range []struct{ set, load, file string }{
		{"cifar10", "cifar10", "data_batch_1_first2.bin"},
		{"cifar100", "cifar100", "train_first1.bin"},
		{"mnist", "mnist", "train-images-idx3-ubyte"},
		{"mnist", "mnist", "train-labels-idx1-ubyte.gz"},
		{"tiny-imagenet-200", "tiny-imagenet-200-val", "val/images/val_1.JPEG"},
		{"tiny-imagenet-200", "tiny-imagenet-200-val", "val/val_annotations.txt"},
		{"tiny-imagenet-200", "tiny-imagenet-200", "wnids.txt"},
	} {
		name := filepath.Join(dir, c.set, filepath.FromSlash(c.file))
		good := sets[c.set][c.file]
		bad := bytes.Clone(good)
		bad[len(bad)-1] ^= 1
		put(t, bad, name)
		caches, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		images := filepath.Join(caches, "nngplab", "images")
		if err := os.RemoveAll(images); err != nil {
			t.Fatal(err)
		}
		_, err = Load(c.load)
		var wrong *datasets.WrongFileError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s damaged: error %v", c.file, err)
		}
		if left, _ := os.ReadDir(images); len(left) > 0 {
			t.Errorf("%s damaged: a cache was left", c.file)
		}
		put(t, good, name)
		if _, err := Load(c.load); err != nil {
			t.Errorf("%s mended: %v", c.file, err)
		}
	}
}

func ExampleLoadOrDrawn() {
	set, _, err := LoadOrDrawn("drawn")
	if err != nil {
		fmt.Println(err)
		return
	}
	split, err := NewSplit(set.Len(), 500, 200, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := set.Batch(split.Train[:100], Normalization{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Len(), "images of", len(set.Classes), "classes")
	fmt.Println(batch.N, batch.H, batch.W, batch.C, len(batch.Data))
	// Output:
	// 4000 images of 10 classes
	// 100 32 32 3 307200
}
