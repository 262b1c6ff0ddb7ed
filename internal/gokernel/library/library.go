// Package library holds the compiled packages that cells can import: their
// values and types, which generated tables register, their export data, by
// which cells are checked, and the sources of those that declare generics.
package library

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
)

var (
	mu       sync.Mutex
	makers   = map[string]func() *engine.Package{}
	compiled = map[string]*engine.Package{}
)

// Register adds a package; make is called when it is first used.
func Register(path string, make func() *engine.Package) {
	mu.Lock()
	defer mu.Unlock()
	makers[path] = make
}

// Paths lists the registered packages.
func Paths() []string {
	mu.Lock()
	defer mu.Unlock()
	out := make([]string, 0, len(makers))
	for p := range makers {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

// Has reports whether the package at path is registered.
func Has(path string) bool {
	mu.Lock()
	defer mu.Unlock()
	return makers[path] != nil
}

// Library is the registered packages with what is known of their types.
type Library struct {
	exports map[string]*zip.File
	sources map[string][]*zip.File // by package
}

// Open reads the archives that Write has written.
func Open(exports, sources []byte) (*Library, error) {
	l := &Library{exports: map[string]*zip.File{}, sources: map[string][]*zip.File{}}
	zr, err := zip.NewReader(bytes.NewReader(exports), int64(len(exports)))
	if err != nil {
		return nil, fmt.Errorf("export data: %w", err)
	}
	for _, f := range zr.File {
		l.exports[f.Name] = f
	}
	if zr, err = zip.NewReader(bytes.NewReader(sources), int64(len(sources))); err != nil {
		return nil, fmt.Errorf("sources: %w", err)
	}
	for _, f := range zr.File {
		i := strings.LastIndexByte(f.Name, '/')
		l.sources[f.Name[:i]] = append(l.sources[f.Name[:i]], f)
	}
	return l, nil
}

// Compiled implements session.Library.
func (l *Library) Compiled(path string) *engine.Package {
	mu.Lock()
	defer mu.Unlock()
	if p := compiled[path]; p != nil {
		return p
	}
	make := makers[path]
	if make == nil {
		return nil
	}
	p := make()
	compiled[path] = p
	return p
}

// Export implements session.Library.
func (l *Library) Export(path string) []byte { return content(l.exports[path]) }

// Source implements session.Library.
func (l *Library) Source(path string) map[string][]byte {
	out := map[string][]byte{}
	for _, f := range l.sources[path] {
		out[f.Name] = content(f)
	}
	return out
}

func content(f *zip.File) []byte {
	if f == nil {
		return nil
	}
	r, err := f.Open()
	if err != nil {
		return nil
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return b
}

// WriteExports writes the export data of packages, stored as it is: that costs
// two megabytes and saves time at the start.
func WriteExports(w io.Writer, data map[string][]byte) error { return write(w, data, zip.Store) }

// WriteSources writes files, named by import path and file name.
func WriteSources(w io.Writer, files map[string][]byte) error { return write(w, files, zip.Deflate) }

func write(w io.Writer, data map[string][]byte, method uint16) error {
	zw := zip.NewWriter(w)
	names := make([]string, 0, len(data))
	for n := range data {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		f, err := zw.CreateHeader(&zip.FileHeader{Name: n, Method: method})
		if err != nil {
			return err
		}
		if _, err := f.Write(data[n]); err != nil {
			return err
		}
	}
	return zw.Close()
}
