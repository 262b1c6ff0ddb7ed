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
	open    func(dir string) (*Set, error)
}

// ErrNotHere says that a folder lacks the images that were asked for.
var ErrNotHere = errors.New("the folder holds no such images")

var loaders = map[string]loader{
	"cifar10":               {"cifar10", "training images", func(dir string) (*Set, error) { return loadCIFAR10(dir, false) }},
	"cifar10-test":          {"cifar10", "test images", func(dir string) (*Set, error) { return loadCIFAR10(dir, true) }},
	"cifar100":              {"cifar100", "training images", func(dir string) (*Set, error) { return loadCIFAR100(dir, "train", false) }},
	"cifar100-test":         {"cifar100", "test images", func(dir string) (*Set, error) { return loadCIFAR100(dir, "test", false) }},
	"cifar100-coarse":       {"cifar100", "training images", func(dir string) (*Set, error) { return loadCIFAR100(dir, "train", true) }},
	"cifar100-coarse-test":  {"cifar100", "test images", func(dir string) (*Set, error) { return loadCIFAR100(dir, "test", true) }},
	"mnist":                 {"mnist", "training images", func(dir string) (*Set, error) { return loadIDX(dir, "train", MNISTClasses) }},
	"mnist-test":            {"mnist", "test images", func(dir string) (*Set, error) { return loadIDX(dir, "t10k", MNISTClasses) }},
	"fashion-mnist":         {"fashion-mnist", "training images", func(dir string) (*Set, error) { return loadIDX(dir, "train", FashionMNISTClasses) }},
	"tiny-imagenet-200":     {"tiny-imagenet-200", "training images", func(dir string) (*Set, error) { return loadTiny(dir, "train") }},
	"tiny-imagenet-200-val": {"tiny-imagenet-200", "validation images", func(dir string) (*Set, error) { return loadTiny(dir, "val") }},
	"imagenet":              {"imagenet", "training images", func(dir string) (*Set, error) { return loadImageNet(dir, "train") }},
	"imagenet-val":          {"imagenet", "validation images", func(dir string) (*Set, error) { return loadImageNet(dir, "val") }},
	"fashion-mnist-test":    {"fashion-mnist", "test images", func(dir string) (*Set, error) { return loadIDX(dir, "t10k", FashionMNISTClasses) }},
}

// Names returns the names that Load knows, sorted.
func Names() []string {
	names := []string{"drawn", "drawn-test"}
	for n := range loaders {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Load returns the set of the given name (Names lists them; a name without
// "-test" or "-val" means the training images). "drawn" and "drawn-test" are
// made by code and always at hand; the others are looked for in the folders of
// NNGPLAB_DATA and in the user's cache. Of Tiny-ImageNet-200's training images
// the first 50 of each class are read, of ImageNet's the first 2 (at 224x224);
// ReadTinyImageNet and ReadFolder read other numbers and sizes.
//
// It returns a *datasets.MissingError, which says where it looked and how to
// get the set, if the set is nowhere, and another error if the name is unknown
// or the files that were found are damaged.
func Load(name string) (*Set, error) {
	switch name {
	case "drawn":
		return Drawn(drawnTrain, 0), nil
	case "drawn-test":
		s := Drawn(drawnTest, 1)
		s.Name = name
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
		if s, err := LoadFrom(name, p.Dir); !errors.Is(err, ErrNotHere) {
			return s, err
		}
	}
	m, err := datasets.Get(l.dataset)
	if err != nil {
		return nil, err
	}
	return nil, &datasets.MissingError{Manifest: m, Part: l.part, Looked: datasets.Roots()}
}

// LoadFrom returns the set of the given name out of the folder dir, laid out
// as package datasets describes. It returns ErrNotHere if the folder lacks
// these images, and an error that names the file if one is damaged.
func LoadFrom(name, dir string) (*Set, error) {
	l, ok := loaders[name]
	if !ok {
		return nil, fmt.Errorf("no image set in files is called %q: the known ones are %s", name, strings.Join(Names(), ", "))
	}
	s, err := l.open(dir)
	if err != nil {
		return nil, err
	}
	s.Name = name
	return s, nil
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
		return s, s.Name != "drawn" && s.Name != "drawn-test", nil
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

func loadCIFAR10(dir string, test bool) (*Set, error) {
	files := cifar10Files(dir, test)
	if len(files) == 0 {
		return nil, ErrNotHere
	}
	return ReadCIFAR10Files(files...)
}

func loadCIFAR100(dir, stem string, coarse bool) (*Set, error) {
	file := filepath.Join(dir, stem+".bin")
	if !isFile(file) {
		return nil, ErrNotHere
	}
	return ReadCIFAR100Files(coarse, file)
}

func loadIDX(dir, stem string, classes []string) (*Set, error) {
	find := func(name string) string {
		for _, ext := range []string{"", ".gz"} {
			if p := filepath.Join(dir, name+ext); isFile(p) {
				return p
			}
		}
		return ""
	}
	images, labels := find(stem+"-images-idx3-ubyte"), find(stem+"-labels-idx1-ubyte")
	if images == "" {
		return nil, ErrNotHere
	}
	if labels == "" {
		return nil, fmt.Errorf("%s: there is no %s-labels-idx1-ubyte(.gz) beside it", images, stem)
	}
	return ReadIDXSet(images, labels, classes)
}

// loadTiny reads a split out of the folder itself or an archive in it.
func loadTiny(dir, split string) (*Set, error) {
	cfg := DecodeConfig{}
	mark := "val/val_annotations.txt"
	if split == "train" {
		mark, cfg.PerClass = "train", tinyPerClass
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
	return ReadTinyImageNet(context.Background(), source, split, cfg)
}

func loadImageNet(dir, split string) (*Set, error) {
	dir = filepath.Join(dir, split)
	if !isFolder(dir) {
		return nil, ErrNotHere
	}
	return ReadFolder(context.Background(), dir, DecodeConfig{PerClass: imagenetPerClass})
}
