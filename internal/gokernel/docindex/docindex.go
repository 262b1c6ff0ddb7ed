// Package docindex keeps the signatures and doc comments of many packages in
// one small archive, from which the kernel reads a package when it is asked
// about it.
package docindex

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Entry documents one object.
type Entry struct {
	Sig string `json:"s,omitempty"` // declaration, as written in the source
	Doc string `json:"d,omitempty"` // doc comment
	Ref string `json:"r,omitempty"` // "import/path:Name" that holds the rest
}

// Package maps names to entries: "" is the package itself, Name an object,
// Type.Member a method or a field.
type Package map[string]Entry

// Writer writes an archive.
type Writer struct{ zw *zip.Writer }

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{zip.NewWriter(w)} }

// Add writes the entries of the package at path.
func (w *Writer) Add(path string, p Package) error {
	f, err := w.zw.Create(path)
	if err != nil {
		return err
	}
	return json.NewEncoder(f).Encode(p) // keys sorted: the same archive for the same sources
}

// Close ends the archive.
func (w *Writer) Close() error { return w.zw.Close() }

// Index reads an archive. Its methods may be called concurrently.
type Index struct {
	mu    sync.Mutex
	files map[string]*zip.File
	cache map[string]Package
}

// Open reads the directory of an archive.
func Open(data []byte) (*Index, error) {
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("documentation archive: %w", err)
	}
	ix := &Index{files: map[string]*zip.File{}, cache: map[string]Package{}}
	for _, f := range zr.File {
		ix.files[f.Name] = f
	}
	return ix, nil
}

// ErrNotFound says that the archive does not know the object.
var ErrNotFound = errors.New("not documented")

// Lookup returns the entry of name in the package at path, references
// followed. The error is ErrNotFound where there is none.
func (ix *Index) Lookup(path, name string) (Entry, error) {
	for hops := 0; hops < 8; hops++ {
		p, err := ix.load(path)
		if err != nil {
			return Entry{}, err
		}
		e, ok := p[name]
		if !ok {
			return Entry{}, ErrNotFound
		}
		if e.Ref == "" || e.Doc != "" {
			return e, nil
		}
		next, rest, ok := strings.Cut(e.Ref, ":")
		if !ok {
			return e, nil
		}
		if _, known := ix.files[next]; !known {
			if e.Sig != "" {
				return e, nil
			}
			return Entry{}, ErrNotFound
		}
		path, name = next, rest
	}
	return Entry{}, ErrNotFound
}

func (ix *Index) load(path string) (Package, error) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if p, ok := ix.cache[path]; ok {
		return p, nil
	}
	f, ok := ix.files[path]
	if !ok {
		return nil, ErrNotFound
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var p Package
	if err := json.NewDecoder(r).Decode(&p); err != nil {
		return nil, fmt.Errorf("documentation of %s: %w", path, err)
	}
	ix.cache[path] = p
	return p, nil
}
