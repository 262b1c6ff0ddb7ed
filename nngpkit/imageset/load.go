package imageset

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/nngplab/nngplab/datasets"
)

// Sizes of the sets that Load returns where the whole would not do: the drawn
// ones, and those whose whole would fill the memory.
const (
	drawnTrain       = 4000
	drawnTest        = 1000
	tinyPerClass     = 50 // 10,000 training images, 123 MB
	imagenetPerClass = 2  // 2,000 images of 224x224, 301 MB
)

// loader reads one named set from a folder that holds its data set.
type loader struct {
	dataset string // of package datasets
	part    string // for messages
	open    opener
}

// opener reads a set out of a folder that holds its data set. It returns
// ErrNotHere if the folder lacks these images.
type opener func(ctx context.Context, dir string, cfg DecodeConfig) (*Set, error)

// ErrNotHere says that a folder lacks the images that were asked for.
var ErrNotHere = errors.New("the folder holds no such images")

var loaders = map[string]loader{
	"cifar10":               {"cifar10", "training images", openCIFAR10(false)},
	"cifar10-test":          {"cifar10", "test images", openCIFAR10(true)},
	"cifar100":              {"cifar100", "training images", openCIFAR100("train", 50_000, false)},
	"cifar100-test":         {"cifar100", "test images", openCIFAR100("test", 10_000, false)},
	"cifar100-coarse":       {"cifar100", "training images", openCIFAR100("train", 50_000, true)},
	"cifar100-coarse-test":  {"cifar100", "test images", openCIFAR100("test", 10_000, true)},
	"mnist":                 {"mnist", "training images", openIDX("train", MNISTClasses)},
	"mnist-test":            {"mnist", "test images", openIDX("t10k", MNISTClasses)},
	"fashion-mnist":         {"fashion-mnist", "training images", openIDX("train", FashionMNISTClasses)},
	"fashion-mnist-test":    {"fashion-mnist", "test images", openIDX("t10k", FashionMNISTClasses)},
	"tiny-imagenet-200":     {"tiny-imagenet-200", "training images", openTiny("train")},
	"tiny-imagenet-200-val": {"tiny-imagenet-200", "validation images", openTiny("val")},
	"imagenet":              {"imagenet", "training images", openImageNet("train")},
	"imagenet-val":          {"imagenet", "validation images", openImageNet("val")},
}

// Names returns the names that Load knows, sorted.
func Names() []string {
	names := append([]string{"drawn", "drawn-test"}, noiseNames[:]...)
	for n := range loaders {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Load returns the set of the given name (Names lists them; a name without
// "-test" or "-val" means the training images). "drawn", "drawn-test" and the
// noise sets (see NoiseKind), which have no classes, are
// made by code and always at hand; the others are looked for in the folders of
// NNGPLAB_DATA and in the user's cache. Of Tiny-ImageNet-200's training images
// the first 50 of each class are read, of ImageNet's the first 2 (at 224x224);
// ReadTinyImageNet and ReadFolder read other numbers and sizes.
//
// Files of a set that datasets.Fetch placed are compared with the digests
// recorded then, so that nothing is computed on what was damaged since.
//
// It returns a *datasets.MissingError, which says where it looked and how to
// get the set, if the set is nowhere, and another error if the name is unknown
// or the files that were found are damaged.
func Load(name string) (*Set, error) { return LoadContext(context.Background(), name) }

// LoadContext is Load, ended early by the end of the context.
func LoadContext(ctx context.Context, name string) (*Set, error) {
	return load(ctx, name, DecodeConfig{})
}

// load is LoadContext; the configuration is for the sets of image files.
func load(ctx context.Context, name string, cfg DecodeConfig) (*Set, error) {
	switch name {
	case "drawn":
		return Drawn(drawnTrain, 0), nil
	case "drawn-test":
		s := Drawn(drawnTest, 1)
		s.Name = name
		return s, nil
	}
	if s, ok := loadNoise(name); ok {
		return s, nil
	}
	l, ok := loaders[name]
	if !ok {
		return nil, fmt.Errorf("no image set is called %q: the known ones are %s", name, strings.Join(Names(), ", "))
	}
	places, err := datasets.FindAll(l.dataset)
	if err != nil {
		var missing *datasets.MissingError
		if errors.As(err, &missing) {
			missing.Part = l.part
		}
		return nil, err
	}
	for _, p := range places {
		if s, err := loadFrom(ctx, name, p.Dir, cfg); !errors.Is(err, ErrNotHere) {
			return s, err
		}
	}
	m, err := datasets.Get(l.dataset)
	if err != nil {
		return nil, err
	}
	return nil, &datasets.MissingError{Manifest: m, Part: l.part, Looked: datasets.Roots()}
}

func loadFrom(ctx context.Context, name, dir string, cfg DecodeConfig) (*Set, error) {
	s, err := loaders[name].open(ctx, dir, cfg)
	if err != nil {
		return nil, err
	}
	s.Name = name
	return s, nil
}

// Summary says what Inspect has read.
type Summary struct {
	Images  int
	H, W, C int // of an image as Load returns it
	Classes int
}

// Inspect reads every image of the set of the given name out of the folder
// dir, laid out as package datasets describes: also those that Load leaves
// out, always from the files themselves, and keeping none of the decoded ones.
// The progress function, if not nil, is told how many images are decoded. It
// returns ErrNotHere if the folder lacks these images, and an error that names
// the file if one is damaged.
func Inspect(ctx context.Context, name, dir string, progress func(done, total int)) (Summary, error) {
	if _, ok := loaders[name]; !ok {
		return Summary{}, fmt.Errorf("no image set in files is called %q: the known ones are %s", name, strings.Join(Names(), ", "))
	}
	s, err := loadFrom(ctx, name, dir, DecodeConfig{NoCache: true, discard: true, Progress: progress})
	if err != nil {
		return Summary{}, err
	}
	return Summary{s.Len(), s.H, s.W, s.C, len(s.Classes)}, nil
}

// NamesIn returns those names that Load finds in the data set of the given
// name, such as "cifar10" and "cifar10-test" for "cifar10", sorted.
func NamesIn(dataset string) []string {
	var names []string
	for n, l := range loaders {
		if l.dataset == dataset {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	return names
}

// LoadOrDrawn returns the set of the given name, as Load does, and true; or,
// if it is nowhere on this machine, the drawn set (for a name that ends in
// "-test" or "-val", other drawn images) and false. Damaged files and unknown names give
// an error: nothing stands in for data that someone meant to use.
func LoadOrDrawn(name string) (*Set, bool, error) {
	s, err := Load(name)
	var missing *datasets.MissingError
	switch {
	case err == nil:
		return s, s.Name != "drawn" && s.Name != "drawn-test", nil // noise is what was asked for
	case !errors.As(err, &missing):
		return nil, false, err
	}
	drawn := "drawn"
	if strings.HasSuffix(name, "-test") || strings.HasSuffix(name, "-val") {
		drawn = "drawn-test"
	}
	s, err = Load(drawn)
	return s, false, err
}

func openCIFAR10(test bool) opener {
	return func(ctx context.Context, dir string, _ DecodeConfig) (*Set, error) {
		files := cifar10Files(dir, test)
		if len(files) == 0 {
			return nil, ErrNotHere
		}
		return openCIFAR(ctx, dir, files, cifar10Format, 10_000)
	}
}

func openCIFAR100(stem string, whole int64, coarse bool) opener {
	return func(ctx context.Context, dir string, _ DecodeConfig) (*Set, error) {
		files := wholeOrParts(dir, stem)
		if len(files) == 0 {
			return nil, ErrNotHere
		}
		return openCIFAR(ctx, dir, files, cifar100Format(coarse), whole)
	}
}

// openCIFAR reads the files of a CIFAR folder; those that by their name are no
// parts must have the published number of records.
func openCIFAR(ctx context.Context, dir string, files []string, f cifarFormat, whole int64) (*Set, error) {
	if err := checkRecorded(ctx, dir, files...); err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := f.checkWhole(file, whole); err != nil {
			return nil, err
		}
	}
	return readCIFARFiles(f, files)
}

// checkRecorded compares files in dir with what was recorded when they were
// fetched, if they were.
func checkRecorded(ctx context.Context, dir string, files ...string) error {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = filepath.Base(f)
	}
	return datasets.CheckRecorded(ctx, dir, names...)
}

func openIDX(stem string, classes []string) opener {
	return func(ctx context.Context, dir string, _ DecodeConfig) (*Set, error) {
		// Some unpackers write a dot before idx.
		find := func(name, kind string) string {
			for _, n := range []string{name + "-" + kind, name + "." + kind} {
				for _, ext := range []string{"", ".gz"} {
					if p := filepath.Join(dir, n+ext); isFile(p) {
						return p
					}
				}
			}
			return ""
		}
		images, labels := find(stem+"-images", "idx3-ubyte"), find(stem+"-labels", "idx1-ubyte")
		if images == "" {
			return nil, ErrNotHere
		}
		if labels == "" {
			return nil, fmt.Errorf("%s: there is no %s-labels-idx1-ubyte(.gz) beside it", images, stem)
		}
		if err := checkRecorded(ctx, dir, images, labels); err != nil {
			return nil, err
		}
		return readIDXSet(images, labels, classes, mnistSizes)
	}
}

// openTiny reads a split out of the folder itself or an archive in it.
func openTiny(split string) opener {
	mark := "val/val_annotations.txt"
	if split == "train" {
		mark = "train"
	}
	return func(ctx context.Context, dir string, cfg DecodeConfig) (*Set, error) {
		if split == "train" && !cfg.discard && cfg.PerClass == 0 {
			cfg.PerClass = tinyPerClass
		}
		source := ""
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(mark))); err == nil {
			source = dir
		}
		for _, f := range []string{split + ".tar", tinyFolder + ".tar", tinyFolder + ".zip"} {
			if p := filepath.Join(dir, f); source == "" && isFile(p) {
				source = p
			}
		}
		if source == "" {
			return nil, ErrNotHere
		}
		return ReadTinyImageNet(ctx, source, split, cfg)
	}
}

func openImageNet(split string) opener {
	return func(ctx context.Context, dir string, cfg DecodeConfig) (*Set, error) {
		if !cfg.discard && cfg.PerClass == 0 {
			cfg.PerClass = imagenetPerClass
		}
		dir = filepath.Join(dir, split)
		if !isFolder(dir) {
			return nil, ErrNotHere
		}
		return ReadFolder(ctx, dir, cfg)
	}
}
