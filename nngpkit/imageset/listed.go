package imageset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/csvfile"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
)

// The names of the columns of a list of images, in any case of their letters.
var (
	fileColumns  = []string{"file", "filename", "file_name", "path", "image", "image_path", "filepath"}
	labelColumns = []string{"label", "class", "target", "category", "y"}
)

// maxListed bounds the rows of a list of images.
const maxListed = 1 << 22

// head is where the columns of a list are; -1 where there is none.
type head struct {
	names       []string
	file, label int
}

// listHead reads the header line of a list.
func listHead(path string) (head, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return head{}, err
	}
	defer f.Close()
	return readHead(csvfile.NewGuessing(f))
}

func readHead(r *csvfile.Reader) (head, error) {
	names, err := r.Read()
	if err == io.EOF {
		return head{}, errors.New("no header line: the file is empty")
	}
	if err != nil {
		return head{}, err
	}
	h := head{names: slices.Clone(names), file: -1, label: -1}
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		if h.file < 0 && slices.Contains(fileColumns, name) {
			h.file = i
		}
		if h.label < 0 && slices.Contains(labelColumns, name) {
			h.label = i
		}
	}
	return h, nil
}

// ReadListed reads the images that a CSV file names: it has a header line with a
// column of files ("file", "filename", "path" or "image") and one of labels
// ("label", "class", "target", "category" or "y"), separated by commas, semicolons
// or tabs. Files are JPEG or PNG, and their paths start at the folder of the list.
// Classes are the different labels, sorted, as numbers where all are whole numbers.
//
// The error names the list, the line and the reason.
func ReadListed(ctx context.Context, path string, cfg DecodeConfig) (*Set, error) {
	cfg, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	f, err := plainfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	files, labels, err := readList(f, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s := &Set{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), Source: path, Classes: classNames(labels)}
	number := map[string]int{}
	for i, c := range s.Classes {
		number[c] = i
	}
	for i := range files {
		files[i].label = number[labels[i]]
	}
	return decodeCached(ctx, s, keepPerClass(files, cfg.PerClass), cfg)
}

// readList reads the rows of a list.
func readList(in io.Reader, dir string) (files []imageFile, labels []string, err error) {
	r := csvfile.NewGuessing(in)
	r.ReuseRecord = true
	h, err := readHead(r)
	if err != nil {
		return nil, nil, err
	}
	if h.file < 0 || h.label < 0 {
		missing, known := "file", fileColumns
		if h.file >= 0 {
			missing, known = "label", labelColumns
		}
		return nil, nil, fmt.Errorf("no column is called %q (or %s): there are %s", missing, strings.Join(known[1:], ", "), printable.Text(printable.Clip(strings.Join(h.names, ", "), 400)))
	}
	seen := map[string]int{}
	for {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		line, _ := r.FieldPos(0)
		name, label := strings.TrimSpace(rec[h.file]), strings.TrimSpace(rec[h.label])
		switch {
		case name == "" || label == "":
			return nil, nil, fmt.Errorf("line %d: the file or the label is missing", line)
		case !isImageName(filepath.Base(name)):
			return nil, nil, fmt.Errorf("line %d: %s does not end in .jpg, .jpeg or .png", line, printable.Quote(name))
		case seen[name] > 0:
			return nil, nil, fmt.Errorf("line %d: %s is named on line %d, too", line, printable.Quote(name), seen[name])
		case len(files) == maxListed:
			return nil, nil, fmt.Errorf("line %d: more than %d images", line, maxListed)
		}
		seen[name] = line
		path := filepath.FromSlash(name)
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		file, err := diskFile(path, 0)
		if err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", line, err)
		}
		files, labels = append(files, file), append(labels, strings.Clone(label))
	}
	if len(files) == 0 {
		return nil, nil, errors.New("no row names an image")
	}
	return files, labels, nil
}

// classNames returns the different labels in order.
func classNames(labels []string) []string {
	names := slices.Clone(labels)
	slices.Sort(names)
	names = slices.Compact(names)
	value := map[string]int{}
	for _, n := range names {
		v, err := strconv.Atoi(n)
		if err != nil {
			return names
		}
		value[n] = v
	}
	slices.SortStableFunc(names, func(a, b string) int { return value[a] - value[b] })
	return names
}
