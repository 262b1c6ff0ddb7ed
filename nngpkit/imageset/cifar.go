package imageset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// The binary layout of CIFAR (https://www.cs.toronto.edu/~kriz/cifar.html):
// records of one label byte (CIFAR-100: a coarse and a fine one) and 3072
// pixel bytes, 1024 of each channel, each row by row.
const (
	cifarSide   = 32
	cifarPlane  = cifarSide * cifarSide
	cifarPixels = 3 * cifarPlane
)

// CIFAR10Classes names the classes of CIFAR-10 in the order of their labels.
var CIFAR10Classes = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// CIFAR100Classes names the fine classes of CIFAR-100 in the order of their
// labels.
var CIFAR100Classes = strings.Fields(`apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy
bridge bus butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile
cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion
lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear
pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew
skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger
tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm`)

// CIFAR100CoarseClasses names the superclasses of CIFAR-100 in the order of
// their labels.
var CIFAR100CoarseClasses = strings.Fields(`aquatic_mammals fish flowers food_containers fruit_and_vegetables
household_electrical_devices household_furniture insects large_carnivores large_man-made_outdoor_things
large_natural_outdoor_scenes large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people reptiles
small_mammals trees vehicles_1 vehicles_2`)

// cifarFormat tells the two layouts apart.
type cifarFormat struct {
	name    string
	header  int // label bytes of a record
	classes [][]string
	use     int // the label byte to keep
}

var cifar10Format = cifarFormat{"cifar10", 1, [][]string{CIFAR10Classes}, 0}

func cifar100Format(coarse bool) cifarFormat {
	f := cifarFormat{"cifar100", 2, [][]string{CIFAR100CoarseClasses, CIFAR100Classes}, 1}
	if coarse {
		f.name, f.use = "cifar100-coarse", 0
	}
	return f
}

// ReadCIFAR10 reads CIFAR-10 images in the binary layout from r until its end.
// The name is the file's, for messages. It returns an error that names the
// file, the record and the byte offset if the last record is cut short, a
// label exceeds 9, or there is no record.
func ReadCIFAR10(r io.Reader, name string) (*Set, error) {
	s := newCIFAR(cifar10Format)
	if err := readCIFAR(s, r, name, cifar10Format, 0); err != nil {
		return nil, err
	}
	s.Source = name
	return s, nil
}

// ReadCIFAR100 reads CIFAR-100 images in the binary layout from r until its
// end; coarse chooses the 20 superclasses as labels instead of the 100
// classes. Errors are as those of ReadCIFAR10.
func ReadCIFAR100(r io.Reader, name string, coarse bool) (*Set, error) {
	f := cifar100Format(coarse)
	s := newCIFAR(f)
	if err := readCIFAR(s, r, name, f, 0); err != nil {
		return nil, err
	}
	s.Source = name
	return s, nil
}

// ReadCIFAR10Files reads the files one after the other into one set.
func ReadCIFAR10Files(paths ...string) (*Set, error) {
	return readCIFARFiles(cifar10Format, paths)
}

// ReadCIFAR100Files reads the files one after the other into one set; coarse
// is as in ReadCIFAR100.
func ReadCIFAR100Files(coarse bool, paths ...string) (*Set, error) {
	return readCIFARFiles(cifar100Format(coarse), paths)
}

func newCIFAR(f cifarFormat) *Set {
	return &Set{Name: f.name, H: cifarSide, W: cifarSide, C: 3, Classes: f.classes[f.use]}
}

func readCIFARFiles(f cifarFormat, paths []string) (*Set, error) {
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: no files to read", f.name)
	}
	s := newCIFAR(f)
	for _, p := range paths {
		if err := appendCIFARFile(s, p, f); err != nil {
			return nil, err
		}
	}
	s.Source = strings.Join(paths, ", ")
	return s, nil
}

// wholeStem matches the names of the published files, without ".bin".
var wholeStem = regexp.MustCompile(`^(data_batch_[1-5]|test_batch|train|test)$`)

// checkWhole returns an error if the file, named as a whole one, has another
// number of records than it was published with: cut between two records, it
// would read without one.
func (f cifarFormat) checkWhole(path string, records int64) error {
	stem := strings.TrimSuffix(filepath.Base(path), ".bin")
	if !wholeStem.MatchString(stem) {
		return nil // a part
	}
	info, err := plainfile.Stat(path)
	if err != nil {
		return err
	}
	record := int64(f.header + cifarPixels)
	if n := info.Size() / record; info.Size()%record == 0 && n != records {
		return fmt.Errorf("%s: record %d (offset %d): the file ends there, a whole one has %d records (name a part of it %s_first%d.bin)",
			path, n, n*record, records, stem, n)
	}
	return nil
}

func appendCIFARFile(s *Set, path string, f cifarFormat) error {
	file, err := plainfile.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	record := int64(f.header + cifarPixels)
	// The size tells at once what reading would tell at the end.
	if size := info.Size(); size%record != 0 {
		return fmt.Errorf("%s: record %d (offset %d): cut short after %d of %d bytes (a file of %d bytes is no multiple of %d)",
			path, size/record, size/record*record, size%record, record, size, record)
	}
	// No part of these sets has more records; the size of a sparse file is a mere
	// claim.
	records := info.Size() / record
	if records > maxCIFAR {
		return fmt.Errorf("%s: %d records: the whole set has %d", path, records, maxCIFAR)
	}
	return readCIFAR(s, file, path, f, int(records))
}

// maxCIFAR is the number of images of CIFAR-10, and of CIFAR-100.
const maxCIFAR = 60_000

// readCIFAR appends the records of r to s. The hint is the number of records
// that a regular file's size, which is no claim but a fact, makes room for.
func readCIFAR(s *Set, r io.Reader, name string, f cifarFormat, hint int) error {
	if hint > 0 {
		s.Pixels = append(make([]uint8, 0, len(s.Pixels)+hint*cifarPixels), s.Pixels...)
		s.Labels = append(make([]int, 0, len(s.Labels)+hint), s.Labels...)
	}
	br := bufio.NewReaderSize(r, 1<<18)
	rec := make([]byte, f.header+cifarPixels)
	for n := 0; ; n++ {
		offset := int64(n) * int64(len(rec))
		got, err := io.ReadFull(br, rec)
		switch {
		case err == io.EOF && n > 0:
			return nil
		case err == io.EOF:
			return fmt.Errorf("%s: the file is empty", name)
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("%s: record %d (offset %d): cut short after %d of %d bytes", name, n, offset, got, len(rec))
		case err != nil:
			return fmt.Errorf("%s: record %d (offset %d): %w", name, n, offset, err)
		}
		for b, classes := range f.classes {
			if int(rec[b]) >= len(classes) {
				return fmt.Errorf("%s: record %d (offset %d): label %d: must be 0 to %d (is this a %s file?)",
					name, n, offset+int64(b), rec[b], len(classes)-1, f.name)
			}
		}
		s.Labels = append(s.Labels, int(rec[f.use]))
		s.Pixels = appendHWC(s.Pixels, rec[f.header:])
	}
}

// appendHWC appends three planes of one image as pixels of three values.
func appendHWC(dst, chw []byte) []byte {
	r, g, b := chw[:cifarPlane], chw[cifarPlane:2*cifarPlane], chw[2*cifarPlane:cifarPixels]
	for p := range r {
		dst = append(dst, r[p], g[p], b[p])
	}
	return dst
}

// cifar10Files lists the files of a CIFAR-10 folder in reading order:
// data_batch_1.bin to data_batch_5.bin, or test_batch.bin. A batch of which
// only a part is there, named like data_batch_1_first4000.bin, is used as it
// is; beside the whole batch its parts are left out.
func cifar10Files(dir string, test bool) []string {
	if test {
		return wholeOrParts(dir, "test_batch")
	}
	var files []string
	for b := 1; b <= 5; b++ {
		files = append(files, wholeOrParts(dir, fmt.Sprintf("data_batch_%d", b))...)
	}
	return files
}

func wholeOrParts(dir, stem string) []string {
	whole := filepath.Join(dir, stem+".bin")
	if isFile(whole) {
		return []string{whole}
	}
	parts, err := filepath.Glob(filepath.Join(escapeGlob(dir), stem+"_*.bin"))
	if err != nil {
		return nil
	}
	return parts // sorted by Glob
}

// escapeGlob protects the characters of a folder's name that a pattern would
// give a meaning.
func escapeGlob(path string) string {
	if filepath.Separator == '\\' {
		return path // Windows has no escape in patterns, nor * or ? in names
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
