// Package unpack writes the files of an archive into an empty folder and
// trusts nothing that the archive says: no name leaves the folder, nothing but
// plain files and folders is made, and the sizes that count are those that
// come out.
package unpack

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// Limits bound what an archive may unpack to.
type Limits struct {
	Bytes int64 // of all files together
	Files int   // files and folders; 0 means a million
	Strip int   // leading folders to drop from each name

	// Keep, if not empty, are patterns (as in path.Match) of the files to write, by
	// their names without the leading folders; everything else is passed over.
	Keep []string
}

// passes tells whether an entry is to be passed over, whatever it is.
func (l *Limits) passes(name string) bool {
	if len(l.Keep) == 0 {
		return false
	}
	parts := strings.Split(path.Clean(name), "/")
	if strings.HasSuffix(name, "/") || len(parts) <= l.Strip {
		return true
	}
	rel := path.Join(parts[l.Strip:]...)
	return !slices.ContainsFunc(l.Keep, func(p string) bool {
		ok, _ := path.Match(p, rel)
		return ok
	})
}

// File is a file that was written.
type File struct {
	Path   string // slash-separated, within the folder
	Bytes  int64
	SHA256 string
}

// Archive unpacks the file src, of the kind "tar", "tar.gz" or "zip", into the
// folder dst, which must exist, and returns the files it wrote. The progress
// function, if not nil, is told the bytes written so far. An error names the
// archive, the entry and the reason; dst then holds what was written before.
func Archive(ctx context.Context, src, kind, dst string, l Limits, progress func(done int64)) ([]File, error) {
	if l.Files == 0 {
		l.Files = 1_000_000
	}
	if progress == nil {
		progress = func(int64) {}
	}
	w := &writer{ctx: ctx, dst: dst, limits: l, progress: progress}
	var err error
	switch kind {
	case "tar", "tar.gz":
		err = w.tarFile(src, kind == "tar.gz")
	case "zip":
		err = w.zipFile(src)
	default:
		err = fmt.Errorf("archives of kind %q are unknown", kind)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src, err)
	}
	if len(w.files) == 0 {
		return nil, fmt.Errorf("%s: the archive holds no files", src)
	}
	return w.files, nil
}

type writer struct {
	ctx      context.Context
	dst      string
	limits   Limits
	progress func(int64)

	entries int
	done    int64
	files   []File
}

func (w *writer) tarFile(src string, zipped bool) error {
	f, err := plainfile.Open(src)
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = bufio.NewReaderSize(f, 1<<18)
	if zipped {
		zr, err := gzip.NewReader(r)
		if err != nil {
			return fmt.Errorf("gzip: %w", err)
		}
		defer zr.Close()
		r = zr
	}
	return w.tar(r)
}

func (w *writer) tar(r io.Reader) error {
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("entry %d: %w", w.entries, err)
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if w.limits.passes(h.Name) {
			if err := w.passOver(); err != nil {
				return err
			}
			continue
		}
		switch h.Typeflag {
		case tar.TypeReg:
			err = w.file(h.Name, tr)
		case tar.TypeDir:
			err = w.folder(h.Name)
		default:
			err = fmt.Errorf("is of type %q: only files and folders are unpacked", h.Typeflag)
		}
		if err != nil {
			return fmt.Errorf("entry %d (%q): %w", w.entries, h.Name, err)
		}
	}
	// What follows the archive is padding; reading it checks gzip's checksum.
	n, err := io.Copy(io.Discard, io.LimitReader(r, 1<<20))
	if err != nil {
		return fmt.Errorf("after the last entry: %w", err)
	}
	if n == 1<<20 {
		return errors.New("after the last entry: more than a megabyte follows")
	}
	return nil
}

func (w *writer) zipFile(src string) error {
	z, err := zip.OpenReader(src)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, f := range z.File {
		if w.limits.passes(f.Name) {
			if err := w.passOver(); err != nil {
				return err
			}
			continue
		}
		if err := w.zipEntry(f); err != nil {
			return fmt.Errorf("entry %d (%q): %w", w.entries, f.Name, err)
		}
	}
	return nil
}

func (w *writer) zipEntry(f *zip.File) error {
	switch mode := f.Mode(); {
	case mode.IsDir():
		return w.folder(f.Name)
	case !mode.IsRegular():
		return fmt.Errorf("is of mode %v: only files and folders are unpacked", mode)
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	return w.file(f.Name, r)
}

// passOver counts an entry of which nothing is written.
func (w *writer) passOver() error {
	if w.entries++; w.entries > w.limits.Files {
		return fmt.Errorf("the archive has more than %d entries", w.limits.Files)
	}
	return w.ctx.Err()
}

// place returns where an entry goes, "" if it is stripped away.
func (w *writer) place(name string) (string, error) {
	if w.entries++; w.entries > w.limits.Files {
		return "", fmt.Errorf("the archive has more than %d entries", w.limits.Files)
	}
	if err := w.ctx.Err(); err != nil {
		return "", err
	}
	clean := path.Clean(strings.TrimSuffix(name, "/"))
	if name == "" || path.IsAbs(name) || clean == ".." || strings.HasPrefix(clean, "../") || strings.ContainsAny(name, "\\:") {
		return "", errors.New("the name leads out of the folder")
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", errors.New("the name holds control characters, or is no UTF-8")
	}
	parts := strings.Split(clean, "/")
	if clean == "." || len(parts) <= w.limits.Strip {
		return "", nil
	}
	rel := path.Join(parts[w.limits.Strip:]...)
	if !filepath.IsLocal(filepath.FromSlash(rel)) { // also names that Windows reserves
		return "", errors.New("the name leads out of the folder")
	}
	return rel, nil
}

func (w *writer) folder(name string) error {
	rel, err := w.place(name)
	if err != nil || rel == "" {
		return err
	}
	return os.MkdirAll(filepath.Join(w.dst, filepath.FromSlash(rel)), 0o755)
}

func (w *writer) file(name string, r io.Reader) error {
	rel, err := w.place(name)
	if err != nil {
		return err
	}
	if rel == "" {
		return fmt.Errorf("is a file, but %d leading folders are to be dropped", w.limits.Strip)
	}
	target := filepath.Join(w.dst, filepath.FromSlash(rel))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	// O_EXCL: a second entry of the same name must not overwrite the first.
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := w.copy(out, sum, r)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("after %d bytes: %w", n, err)
	}
	w.files = append(w.files, File{rel, n, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

func (w *writer) copy(out io.Writer, sum hash.Hash, r io.Reader) (n int64, err error) {
	buf := make([]byte, 1<<15)
	for {
		k, rerr := r.Read(buf)
		if k > 0 {
			if w.done += int64(k); w.done > w.limits.Bytes {
				return n, fmt.Errorf("the archive unpacks to more than %d bytes", w.limits.Bytes)
			}
			if _, err := out.Write(buf[:k]); err != nil {
				return n, err
			}
			sum.Write(buf[:k])
			n += int64(k)
			w.progress(w.done)
		}
		if rerr == io.EOF {
			return n, nil
		}
		if rerr != nil {
			return n, rerr
		}
		if err := w.ctx.Err(); err != nil {
			return n, err
		}
	}
}
