package imageset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// OwnConfig says how Open reads images.
type OwnConfig struct {
	// Size is the side that images shall have, in pixels. 0 means their own for sets
	// that Load knows and for arrays, and FileSize for image files.
	Size int
	// FileSize is the side of images from files where Size is 0; 0 means 224.
	FileSize int
	// PerClass, if positive, keeps the first images of each class; All keeps all. 0
	// means all, too, but for the sets that Load reads a part of (see Part).
	PerClass int
	// Layout is the order of the axes of an array of images, "nchw" or "nhwc"; empty
	// means that of the axis that has 1 or 3 positions.
	Layout string
	// Progress is told how many image files are done; it may be nil.
	Progress func(done, total int)
}

// All is the PerClass of all images.
const All = math.MaxInt32

// Part says what Load reads of a set that it does not read whole, empty where it
// reads all of it.
func Part(name string) string {
	switch name {
	case "tiny-imagenet-200":
		return fmt.Sprintf("the first %d images of each class", tinyPerClass)
	case "imagenet", "imagenet-val":
		return fmt.Sprintf("the first %d images of each class", imagenetPerClass)
	}
	return ""
}

// Open returns the images that a text names: a set that Load knows, or files of
// one's own:
//
//   - a folder with a subfolder for each class (see ReadFolder), or with one CSV
//     file that has a column of files and one of labels;
//   - such a CSV file (see ReadListed);
//   - a file of NumPy arrays x and y, .npz (see ReadArrays).
//
// Image files are scaled so that the shorter side has Size pixels, and the middle is
// kept. Sets that Load knows and arrays are brought to another size without
// smoothing.
func Open(ctx context.Context, what string, cfg OwnConfig) (*Set, error) {
	if cfg.Size < 0 || cfg.PerClass < 0 || cfg.Size > 1<<14 {
		return nil, fmt.Errorf("images: size %d, per class %d: want at least 0", cfg.Size, cfg.PerClass)
	}
	if slices.Contains(Names(), what) {
		return cfg.known(ctx, what)
	}
	info, err := os.Stat(what)
	switch ending := strings.ToLower(filepath.Ext(what)); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no image set is called %q, and there is no such folder or file: known sets are %s; your own are the path of a folder with a subfolder for each class, of a CSV file of files and labels, or of an .npz file with x and y", what, strings.Join(Names(), ", "))
	case err != nil:
		return nil, err
	case info.IsDir():
		return cfg.folder(ctx, what)
	case ending == ".npz":
		s, err := ReadArrays(what, cfg.Layout)
		if err != nil {
			return nil, err
		}
		return cfg.fit(s)
	case ending == ".csv", ending == ".tsv", ending == ".txt":
		return ReadListed(ctx, what, cfg.decode())
	}
	return nil, fmt.Errorf("%s: neither a folder nor a file that ends in .csv or .npz", what)
}

// decode returns the configuration for image files.
func (c OwnConfig) decode() DecodeConfig {
	size := c.Size
	if size == 0 {
		size = c.FileSize
	}
	if size == 0 {
		size = 224
	}
	d := DecodeConfig{Size: size, Resize: size, Progress: c.Progress}
	if c.PerClass != All {
		d.PerClass = c.PerClass
	}
	return d
}

// known returns a set that Load knows.
func (c OwnConfig) known(ctx context.Context, name string) (*Set, error) {
	d := DecodeConfig{Size: c.Size, PerClass: c.PerClass, Progress: c.Progress}
	s, err := load(ctx, name, d)
	if err != nil {
		return nil, err
	}
	if Part(name) != "" || name == "tiny-imagenet-200-val" { // which were decoded as they shall be
		return s, nil
	}
	return c.fit(s)
}

// fit keeps the first images of each class and brings them to the size.
func (c OwnConfig) fit(s *Set) (*Set, error) {
	if c.PerClass > 0 && c.PerClass != All && s.Labeled() {
		count := make([]int, len(s.Classes))
		var idx []int
		for i, l := range s.Labels {
			if count[l]++; count[l] <= c.PerClass {
				idx = append(idx, i)
			}
		}
		var err error
		if s, err = s.Subset(idx); err != nil {
			return nil, err
		}
	}
	if c.Size > 0 {
		return s.Resized(c.Size, c.Size, s.C)
	}
	return s, nil
}

// folder reads a folder of one's own.
func (c OwnConfig) folder(ctx context.Context, dir string) (*Set, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var lists []string
	classes, images := 0, 0
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case strings.EqualFold(filepath.Ext(e.Name()), ".csv"):
			if head, err := listHead(path); err == nil && head.file >= 0 && head.label >= 0 {
				lists = append(lists, path)
			}
		case isFolder(path):
			classes++
		case isImageName(e.Name()):
			images++
		}
	}
	switch {
	case len(lists) == 1:
		return ReadListed(ctx, lists[0], c.decode())
	case len(lists) > 1:
		return nil, fmt.Errorf("%s: several CSV files name files and labels, %s and %s: give the path of one", dir, filepath.Base(lists[0]), filepath.Base(lists[1]))
	case classes == 0 && images > 0:
		return nil, fmt.Errorf("%s: %d images lie in the folder itself, and nothing says their classes: put those of each class into a subfolder, or name them in a CSV file with the columns file and label", dir, images)
	case classes > 0 && images > 0:
		return nil, fmt.Errorf("%s: images lie beside the subfolders, which are the classes, and belong to none (%d of them): move them away", dir, images)
	}
	return ReadFolder(ctx, dir, c.decode())
}
