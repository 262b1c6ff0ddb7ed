package imageset

import (
	"errors"
	"fmt"
	"path/filepath"
	"sort"
	"strings"

	"github.com/nngplab/nngplab/datasets"
)

// Sizes of the drawn sets that Load returns.
const (
	drawnTrain = 4000
	drawnTest  = 1000
)

// loader reads one named set from a folder that holds its data set.
type loader struct {
	dataset string // of package datasets
	part    string // for messages
	// open returns errNotHere if the folder lacks this part of the data set.
	open func(dir string) (*Set, error)
}

// errNotHere says that a folder lacks a part of its data set.
var errNotHere = errors.New("not in this folder")

var loaders = map[string]loader{
	"cifar10":              {"cifar10", "training images", func(dir string) (*Set, error) { return loadCIFAR10(dir, false) }},
	"cifar10-test":         {"cifar10", "test images", func(dir string) (*Set, error) { return loadCIFAR10(dir, true) }},
	"cifar100":             {"cifar100", "training images", func(dir string) (*Set, error) { return loadCIFAR100(dir, "train", false) }},
	"cifar100-test":        {"cifar100", "test images", func(dir string) (*Set, error) { return loadCIFAR100(dir, "test", false) }},
	"cifar100-coarse":      {"cifar100", "training images", func(dir string) (*Set, error) { return loadCIFAR100(dir, "train", true) }},
	"cifar100-coarse-test": {"cifar100", "test images", func(dir string) (*Set, error) { return loadCIFAR100(dir, "test", true) }},
	"mnist":                {"mnist", "training images", func(dir string) (*Set, error) { return loadIDX(dir, "train", MNISTClasses) }},
	"mnist-test":           {"mnist", "test images", func(dir string) (*Set, error) { return loadIDX(dir, "t10k", MNISTClasses) }},
	"fashion-mnist":        {"fashion-mnist", "training images", func(dir string) (*Set, error) { return loadIDX(dir, "train", FashionMNISTClasses) }},
	"fashion-mnist-test":   {"fashion-mnist", "test images", func(dir string) (*Set, error) { return loadIDX(dir, "t10k", FashionMNISTClasses) }},
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
// "-test" means the training images). "drawn" and "drawn-test" are made by
// code and always at hand; the others are looked for in the folders of
// NNGPLAB_DATA and in the user's cache.
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
		s, err := l.open(p.Dir)
		if errors.Is(err, errNotHere) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s.Name = name
		return s, nil
	}
	m, err := datasets.Get(l.dataset)
	if err != nil {
		return nil, err
	}
	return nil, &datasets.MissingError{Manifest: m, Part: l.part, Looked: datasets.Roots()}
}

// LoadOrDrawn returns the set of the given name, as Load does, and true; or,
// if it is nowhere on this machine, the drawn set (for a name that ends in
// "-test", other drawn images) and false. Damaged files and unknown names give
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
	if strings.HasSuffix(name, "-test") {
		drawn = "drawn-test"
	}
	s, err = Load(drawn)
	return s, false, err
}

func loadCIFAR10(dir string, test bool) (*Set, error) {
	files := cifar10Files(dir, test)
	if len(files) == 0 {
		return nil, errNotHere
	}
	return ReadCIFAR10Files(files...)
}

func loadCIFAR100(dir, stem string, coarse bool) (*Set, error) {
	file := filepath.Join(dir, stem+".bin")
	if !isFile(file) {
		return nil, errNotHere
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
		return nil, errNotHere
	}
	if labels == "" {
		return nil, fmt.Errorf("%s: there is no %s-labels-idx1-ubyte(.gz) beside it", images, stem)
	}
	return ReadIDXSet(images, labels, classes)
}
