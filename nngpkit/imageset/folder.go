package imageset

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// ReadFolder reads a folder of images in which every class has a subfolder,
// as ImageNet is commonly laid out: dir/CLASS/*.jpg. Classes are the names of
// the subfolders, sorted; the images of a class lie in its folder or in a
// folder "images" within it, and are taken in the order of their names. Files
// that are neither JPEG nor PNG by their extension are left out.
//
// The images are decoded in parallel and cached on disk (see DecodeConfig). It
// returns an error that names the file if one cannot be decoded, and an error
// if a class has no images.
func ReadFolder(ctx context.Context, dir string, cfg DecodeConfig) (*Set, error) {
	cfg, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Set{Name: filepath.Base(dir), Source: dir}
	var files []imageFile
	for _, e := range entries { // sorted by name
		if strings.HasPrefix(e.Name(), ".") || !isFolder(filepath.Join(dir, e.Name())) {
			continue
		}
		class, err := classFiles(filepath.Join(dir, e.Name()), len(s.Classes))
		if err != nil {
			return nil, err
		}
		s.Classes = append(s.Classes, e.Name())
		files = append(files, class...)
	}
	if len(s.Classes) == 0 {
		return nil, fmt.Errorf("%s: there is no subfolder for any class", dir)
	}
	return decodeCached(ctx, s, keepPerClass(files, cfg.PerClass), cfg)
}

func isFolder(path string) bool {
	info, err := os.Stat(path) // follows links, which e.IsDir does not
	return err == nil && info.IsDir()
}

// classFiles lists the images of one class.
func classFiles(dir string, label int) ([]imageFile, error) {
	for _, d := range []string{dir, filepath.Join(dir, "images")} {
		files, err := listImages(d, label)
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		if len(files) == 0 {
			continue
		}
		if sub := withImages(d); sub != "" {
			return nil, fmt.Errorf("%s: it has images, and so has its subfolder %s: a class is one folder", d, sub)
		}
		return files, nil
	}
	if sub := withImages(dir); sub != "" {
		return nil, fmt.Errorf("%s: %w, but its subfolder %s has: is it a folder of classes itself?", dir, errNoImages, sub)
	}
	return nil, fmt.Errorf("%s: %w", dir, errNoImages)
}

// withImages returns the name of a subfolder that has images, "" if there is none.
func withImages(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || !isFolder(filepath.Join(dir, e.Name())) {
			continue
		}
		within, err := os.ReadDir(filepath.Join(dir, e.Name()))
		if err == nil && slices.ContainsFunc(within, func(f os.DirEntry) bool { return isImageName(f.Name()) }) {
			return e.Name()
		}
	}
	return ""
}

// listImages lists the image files of a folder, sorted by name.
func listImages(dir string, label int) ([]imageFile, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []imageFile
	for _, e := range entries {
		if isForeignImage(e.Name()) && !e.IsDir() {
			return nil, fmt.Errorf("%s: %w: turn it into one of these, or remove it", filepath.Join(dir, e.Name()), errForeign)
		}
		if !isImageName(e.Name()) || e.IsDir() {
			continue
		}
		f, err := diskFile(filepath.Join(dir, e.Name()), label)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	sort.Slice(files, func(i, k int) bool { return files[i].key < files[k].key })
	return files, nil
}

// errForeign is the error of image files that are not read.
var errForeign = errors.New("of image files only JPEG and PNG are read")

// isForeignImage reports whether a file is an image of a kind that is not read.
func isForeignImage(name string) bool {
	foreign := []string{".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif", ".jp2", ".jxl", ".ppm", ".pgm", ".svg"}
	return !strings.HasPrefix(name, ".") && slices.Contains(foreign, strings.ToLower(filepath.Ext(name)))
}

func isImageName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg", ".png":
		return !strings.HasPrefix(name, ".") // "._x.jpg" holds a Mac's notes
	}
	return false
}

func diskFile(path string, label int) (imageFile, error) {
	info, err := plainfile.Stat(path)
	if err != nil {
		return imageFile{}, err
	}
	return imageFile{
		name: path, key: filepath.Base(path), label: label, size: info.Size(), stamp: info.ModTime().UTC().Format("20060102T150405.000000000"),
		read: func() ([]byte, error) { return plainfile.Read(path, maxImageFile) },
	}, nil
}
