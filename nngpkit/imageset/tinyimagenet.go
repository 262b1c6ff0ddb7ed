package imageset

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
)

// Tiny-ImageNet-200 has wnids.txt (one class identifier a line), words.txt
// (identifier, tab, names), train/WNID/images/*.JPEG and val/images/*.JPEG
// with val/val_annotations.txt (file, tab, identifier, tab, a box).
const (
	tinyFolder = "tiny-imagenet-200"
	tinySide   = 64
)

// ReadTinyImageNet reads a split, "train" or "val", of Tiny-ImageNet-200 from
// its folder or straight from a tar or zip file of it (or of that split
// alone). Classes are in the order of their identifiers, and are named by
// identifier and first English name. A zero Size in the configuration means
// the images' own 64 x 64.
//
// It returns an error that names the file, and the line or the archive's
// offset, if the annotations are damaged, name an image that is not there or
// leave one out, or an image cannot be decoded.
func ReadTinyImageNet(ctx context.Context, name, split string, cfg DecodeConfig) (*Set, error) {
	tree, err := openTree(name)
	if err != nil {
		return nil, err
	}
	defer tree.close()
	return readTiny(ctx, tree, split, cfg)
}

func readTiny(ctx context.Context, t *tree, split string, cfg DecodeConfig) (*Set, error) {
	if cfg.Size == 0 {
		cfg.Size = tinySide
		if cfg.Resize == 0 {
			cfg.Resize = tinySide
		}
	}
	cfg, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	ids, names, err := tinyClasses(t)
	if err != nil {
		return nil, err
	}
	s := &Set{Name: tinyFolder + "-" + split, Source: t.name, Classes: names}
	label := make(map[string]int, len(ids))
	for i, id := range ids {
		label[id] = i
	}
	var files []imageFile
	switch split {
	case "train":
		files, err = tinyTrain(t, label)
	case "val":
		files, err = tinyVal(t, label)
	default:
		err = fmt.Errorf("Tiny-ImageNet-200 has no labeled split %q: train or val", split)
	}
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: %w of the split %q", t.name, errNoImages, split)
	}
	return decodeCached(ctx, s, keepPerClass(files, cfg.PerClass), cfg)
}

// tinyClasses returns the class identifiers, sorted, and their names.
func tinyClasses(t *tree) (ids, names []string, err error) {
	err = t.lines("wnids.txt", func(n int, line string) error {
		id := strings.TrimSpace(line)
		if len(id) < 2 || id[0] != 'n' || strings.Trim(id[1:], "0123456789") != "" {
			return fmt.Errorf("%s is no class identifier (n and digits)", printable.Quote(id))
		}
		ids = append(ids, id)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	sort.Strings(ids)
	for i := 1; i < len(ids); i++ {
		if ids[i] == ids[i-1] {
			return nil, nil, fmt.Errorf("%s: the class %s is there twice", t.path("wnids.txt"), ids[i])
		}
	}
	words := map[string]string{}
	if t.has("words.txt") {
		err = t.lines("words.txt", func(n int, line string) error {
			id, text, ok := strings.Cut(line, "\t")
			if !ok {
				return fmt.Errorf("%s is no identifier, tab and names", printable.Quote(line))
			}
			first, _, _ := strings.Cut(text, ",")
			words[id] = strings.TrimSpace(first)
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	for _, id := range ids {
		names = append(names, strings.TrimSpace(id+" "+words[id]))
	}
	return ids, names, nil
}

// tinyTrain lists train/WNID/images/*, by class and then by name.
func tinyTrain(t *tree, label map[string]int) ([]imageFile, error) {
	var files []imageFile
	for _, rel := range t.names {
		parts := strings.Split(rel, "/")
		if len(parts) != 4 || parts[0] != "train" || parts[2] != "images" || !isImageName(parts[3]) {
			continue
		}
		l, ok := label[parts[1]]
		if !ok {
			return nil, fmt.Errorf("%s: the class %q is not in wnids.txt", t.path(rel), parts[1])
		}
		f, err := t.file(rel, l)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	sortNaturally(files)
	sort.SliceStable(files, func(i, k int) bool { return files[i].label < files[k].label })
	return files, nil
}

// tinyVal lists val/images/* with the labels of val/val_annotations.txt,
// in the order of their numbers.
func tinyVal(t *tree, label map[string]int) ([]imageFile, error) {
	const annotations = "val/val_annotations.txt"
	var files []imageFile
	seen := map[string]bool{}
	err := t.lines(annotations, func(n int, line string) error {
		fields := strings.Split(line, "\t")
		if len(fields) < 2 {
			return fmt.Errorf("%s is no file name, tab and class", printable.Quote(line))
		}
		name, id := fields[0], fields[1]
		rel := "val/images/" + name
		l, ok := label[id]
		switch {
		case !ok:
			return fmt.Errorf("the class %s is not in wnids.txt", printable.Quote(id))
		case seen[name]:
			return fmt.Errorf("the image %s is there twice", printable.Quote(name))
		case !isImageName(name) || !t.has(rel):
			return fmt.Errorf("the image %s is not in val/images", printable.Quote(name))
		}
		seen[name] = true
		f, err := t.file(rel, l)
		files = append(files, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, rel := range t.names {
		if dir, name := path.Split(rel); dir == "val/images/" && isImageName(name) && !seen[name] {
			return nil, fmt.Errorf("%s: has no label in %s", t.path(rel), annotations)
		}
	}
	sortNaturally(files)
	return files, nil
}

// sortNaturally sorts by name, shorter ones first, so that val_2 comes before
// val_10.
func sortNaturally(files []imageFile) {
	sort.Slice(files, func(i, k int) bool {
		a, b := files[i].key, files[k].key
		if len(a) != len(b) {
			return len(a) < len(b)
		}
		return a < b
	})
}

// tree is a folder, a tar file or a zip file: names and how to read them. A
// leading folder tiny-imagenet-200 is dropped from the names.
type tree struct {
	name    string // of the folder or the archive
	archive bool
	names   []string // sorted
	entries map[string]treeEntry
	close   func() error
}

type treeEntry struct {
	size  int64
	where string // for messages: the offset in an archive
	stamp string
	read  func() ([]byte, error)
}

// maxText bounds the text files of a set.
const maxText = 64 << 20

// maxEntry bounds what is read of a file of that name.
func maxEntry(name string) int64 {
	if isImageName(path.Base(name)) {
		return maxImageFile
	}
	return maxText
}

// wanted tells whether a file of a tree can be of use: images and the texts.
func (t *tree) wanted(name string) bool {
	return isImageName(path.Base(name)) || path.Ext(name) == ".txt"
}

func (t *tree) add(rel string, e treeEntry) error {
	rel = path.Clean(rel)
	rel = strings.TrimPrefix(rel, tinyFolder+"/")
	if _, twice := t.entries[rel]; twice {
		return fmt.Errorf("%s: %s is there twice", t.name, printable.Quote(rel))
	}
	t.entries[rel] = e
	t.names = append(t.names, rel)
	return nil
}

func (t *tree) has(rel string) bool { _, ok := t.entries[rel]; return ok }

// path returns how messages name a file of the tree.
func (t *tree) path(rel string) string {
	if !t.archive {
		return filepath.Join(t.name, filepath.FromSlash(rel))
	}
	if e, ok := t.entries[rel]; ok && e.where != "" {
		return fmt.Sprintf("%s(%s, %s)", t.name, rel, e.where)
	}
	return fmt.Sprintf("%s(%s)", t.name, rel)
}

// file returns an image file of the tree.
func (t *tree) file(rel string, label int) (imageFile, error) {
	e, ok := t.entries[rel]
	if !ok {
		return imageFile{}, fmt.Errorf("%s: there is no %s", t.name, printable.Quote(rel))
	}
	return imageFile{name: t.path(rel), key: rel, label: label, size: e.size, stamp: e.stamp, read: e.read}, nil
}

// lines calls each with every line that is not empty, counted from 1. Errors
// name the file and the line.
func (t *tree) lines(rel string, each func(n int, line string) error) error {
	e, ok := t.entries[rel]
	if !ok {
		return fmt.Errorf("%s: there is no %s", t.name, rel)
	}
	if e.size > maxText {
		return fmt.Errorf("%s: %d bytes are too many", t.path(rel), e.size)
	}
	data, err := e.read()
	if err != nil {
		return fmt.Errorf("%s: %w", t.path(rel), err)
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<20)
	n := 0
	for sc.Scan() {
		n++
		line := strings.TrimRight(sc.Text(), "\r")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := each(n, line); err != nil {
			return fmt.Errorf("%s: line %d: %w", t.path(rel), n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("%s: line %d: %w", t.path(rel), n+1, err)
	}
	return nil
}

// openTree opens a folder, a tar file or a zip file.
func openTree(name string) (*tree, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return folderTree(name)
	}
	f, err := plainfile.Open(name)
	if err != nil {
		return nil, err
	}
	t, err := archiveTree(f, info.Size(), name, fmt.Sprint(info.Size(), " ", info.ModTime().UnixNano()))
	if err != nil {
		f.Close()
		return nil, err
	}
	t.close = f.Close
	return t, nil
}

func newTree(name string) *tree {
	return &tree{name: name, entries: map[string]treeEntry{}, close: func() error { return nil }}
}

func folderTree(dir string) (*tree, error) {
	t := newTree(dir)
	rec, err := datasets.ReadRecord(dir)
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if !t.wanted(rel) {
			return nil
		}
		info, err := plainfile.Stat(p)
		if err != nil {
			return err
		}
		return t.add(rel, treeEntry{
			size: info.Size(), stamp: fmt.Sprint(info.ModTime().UnixNano()),
			read: func() ([]byte, error) {
				data, err := plainfile.Read(p, maxEntry(rel))
				if err == nil && rec != nil { // fetched: damage since would show
					err = rec.CheckData(dir, rel, data)
				}
				return data, err
			},
		})
	})
	sort.Strings(t.names)
	return t, err
}

// archiveTree lists a tar or zip file of the given size.
func archiveTree(r io.ReaderAt, size int64, name, stamp string) (*tree, error) {
	t := newTree(name)
	t.archive = true
	var magic [4]byte
	n, _ := r.ReadAt(magic[:], 0)
	var err error
	switch {
	case n >= 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		err = fmt.Errorf("%s: is compressed by gzip, which allows no reading here and there: decompress it first", name)
	case n == 4 && string(magic[:]) == "PK\x03\x04":
		err = t.zip(r, size, stamp)
	default:
		err = t.tar(r, size, stamp)
	}
	sort.Strings(t.names)
	return t, err
}

func (t *tree) tar(r io.ReaderAt, size int64, stamp string) error {
	section := io.NewSectionReader(r, 0, size)
	tr := tar.NewReader(section)
	for n := 0; ; n++ {
		h, err := tr.Next()
		// The reader takes whole blocks: the data of the entry begin where it
		// stands now.
		at, serr := section.Seek(0, io.SeekCurrent)
		if err == io.EOF && n > 0 {
			return nil
		}
		if err == io.EOF {
			return fmt.Errorf("%s: the archive holds nothing", t.name)
		}
		if err != nil || serr != nil {
			return fmt.Errorf("%s: entry %d (offset %d): %w", t.name, n, at, firstError(err, serr))
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if !t.wanted(h.Name) {
			continue
		}
		if h.Size < 0 || h.Size > size-at {
			return fmt.Errorf("%s: entry %d (offset %d), %s: cut short: it claims %d bytes, %d follow", t.name, n, at, printable.Quote(h.Name), h.Size, size-at)
		}
		if h.Size > maxEntry(h.Name) {
			return fmt.Errorf("%s: entry %d (offset %d), %s: %d bytes, at most %d are read", t.name, n, at, printable.Quote(h.Name), h.Size, maxEntry(h.Name))
		}
		err = t.add(h.Name, treeEntry{
			size: h.Size, where: fmt.Sprintf("offset %d", at), stamp: stamp,
			read: func() ([]byte, error) {
				data := make([]byte, h.Size) // no more than the file has
				_, err := io.ReadFull(io.NewSectionReader(r, at, h.Size), data)
				return data, err
			},
		})
		if err != nil {
			return err
		}
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) zip(r io.ReaderAt, size int64, stamp string) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	for n, f := range z.File {
		if !f.Mode().IsRegular() {
			continue
		}
		if !t.wanted(f.Name) {
			continue
		}
		if most := uint64(maxEntry(f.Name)); f.UncompressedSize64 > most {
			return fmt.Errorf("%s: entry %d, %s: claims %d bytes, at most %d are read", t.name, n, printable.Quote(f.Name), f.UncompressedSize64, most)
		}
		err := t.add(f.Name, treeEntry{
			size: int64(f.UncompressedSize64), where: fmt.Sprintf("entry %d", n), stamp: stamp,
			read: func() ([]byte, error) {
				rc, err := f.Open()
				if err != nil {
					return nil, err
				}
				defer rc.Close()
				return io.ReadAll(io.LimitReader(rc, int64(f.UncompressedSize64)+1))
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
