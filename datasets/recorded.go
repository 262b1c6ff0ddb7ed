package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// CheckRecorded compares files in the folder of a set, named by their
// slash-separated paths within it, with the digests that Fetch recorded when it
// placed them, so that nothing is computed on a file that was damaged since.
// Files that Fetch did not place pass: nothing is known of them. It returns an
// error that wraps a *WrongFileError and names the first file that differs.
func CheckRecorded(ctx context.Context, dir string, paths ...string) error {
	rec, err := ReadRecord(dir)
	if rec == nil || err != nil {
		return err
	}
	errs := make([]error, len(paths))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, p := range paths {
		group.Go(func() error {
			errs[i] = rec.checkFile(ctx, dir, p)
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs, in the order of the paths
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

func (r *Record) checkFile(ctx context.Context, dir, path string) error {
	want, ok := r.file(path)
	if !ok {
		return nil
	}
	name := filepath.Join(dir, filepath.FromSlash(path))
	if info, err := plainfile.Stat(name); err == nil && ctx.Err() == nil && want.Bytes > 0 && info.Size() != want.Bytes {
		return r.compare(name, want, digests{bytes: info.Size()})
	}
	got, err := digestFile(ctx, name, false, nil)
	if err != nil {
		return err
	}
	return r.compare(name, want, got)
}

// CheckData is CheckRecorded for one file of a set in dir whose bytes have
// been read already.
func (r *Record) CheckData(dir, path string, data []byte) error {
	want, ok := r.file(path)
	if !ok {
		return nil
	}
	sum := sha256.Sum256(data)
	return r.compare(filepath.Join(dir, filepath.FromSlash(path)), want, digests{bytes: int64(len(data)), sha256: hex.EncodeToString(sum[:])})
}

// file returns what is recorded of a file, if anything is.
func (r *Record) file(path string) (File, bool) {
	r.once.Do(func() {
		r.byPath = make(map[string]File, len(r.Files))
		for _, f := range r.Files {
			r.byPath[f.Path] = f
		}
	})
	f, ok := r.byPath[path]
	return f, ok && f.SHA256 != ""
}

func (r *Record) compare(name string, want File, got digests) error {
	s := Source{Bytes: want.Bytes, SHA256: want.SHA256}
	if err := s.matches(name, got); err != nil {
		return fmt.Errorf("%w: it was damaged after it was fetched; `nngplab data fetch %s --force` gets it anew", err, r.Set)
	}
	return nil
}
